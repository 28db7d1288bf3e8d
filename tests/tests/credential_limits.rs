//! Sources of credentials that never answer, or never end: `lambda-host` ends all the same,
//! by its deadline or at a size.

#![cfg(test)]

use std::time::Duration;

use lambda_invocation_tests::lambda_host::LambdaHost;
use lambda_invocation_tests::server::{Connection, Server};

/// A call that must end before anything is sent to Lambda.
fn call() -> LambdaHost {
    LambdaHost::new(["invoke", "echo", "--region", "us-east-1"])
        .args(["--endpoint-url", "http://127.0.0.1:1"])
        .env("PATH", "/usr/bin:/bin")
}

fn process(command: &str) -> LambdaHost {
    let config = format!("[profile p]\ncredential_process = {command}\n");
    call().args(["--profile", "p"]).file(".aws/config", config)
}

/// A profile of IAM Identity Center whose token is there.
fn signed_in(portal: &Server) -> LambdaHost {
    let cached = serde_json::json!({
        "accessToken": "sso-access-token",
        "expiresAt": "2999-01-01T00:00:00Z",
        "region": "us-east-1",
        "startUrl": "https://example.awsapps.com/start",
    });
    let config = "[profile p]\nsso_session = work\nsso_account_id = 123456789012\n\
                  sso_role_name = Developer\n[sso-session work]\nsso_region = us-east-1\n\
                  sso_start_url = https://example.awsapps.com/start\n";
    call()
        .args(["--profile", "p"])
        .env("AWS_ENDPOINT_URL_SSO", portal.url())
        .file(
            // SHA-1 of the session's name.
            ".aws/sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json",
            cached.to_string(),
        )
        .file(".aws/config", config)
}

fn web_identity(sts: &Server) -> LambdaHost {
    call()
        .file("token", "to.k.en")
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "token")
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")
        .env("AWS_ENDPOINT_URL_STS", sts.url())
}

fn container(server: &Server) -> LambdaHost {
    call().env("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url())
}

fn instance(server: &Server) -> LambdaHost {
    call()
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url())
}

/// A call whose source of credentials is this server.
type Served = fn(&Server) -> LambdaHost;

const SERVED: [(&str, Served); 4] = [
    ("SSO", signed_in),
    ("AssumeRoleWithWebIdentity", web_identity),
    ("container credentials", container),
    ("instance metadata", instance),
];

#[test]
fn a_source_that_never_answers_ends_with_the_deadline() {
    // The first run compiles the component, which has no deadline.
    LambdaHost::new(["inspect"]).run();
    let silent = Server::start(|mut connection: Connection| connection.wait_for_the_client());
    let waiting = SERVED.map(|(_, call)| call(&silent));
    for call in waiting.into_iter().chain([process("sleep 60")]) {
        let run = call.args(["--timeout", "700ms"]).run();
        let line = run.refusal(4);
        assert!(line.contains("700 ms in total"), "{line}");
        assert!(line.contains("nothing was sent"), "{line}");
        assert!(run.took < Duration::from_secs(5), "{run:#?}");
    }
}

#[test]
fn an_answer_without_an_end_is_cut() {
    let endless = Server::start(|mut connection: Connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
        connection.send_for_ever(&[b' '; 65_536], Duration::ZERO)
    });
    for (source, call) in SERVED {
        let run = call(&endless).run();
        let line = run.refusal(2);
        assert!(line.contains(source), "{line}");
        assert!(line.contains("more than 65,536 bytes"), "{line}");
        assert!(run.took < Duration::from_secs(30), "{run:#?}");
    }
    let run = process("yes").run();
    let line = run.refusal(2);
    assert!(
        line.contains("profile \"p\": credential_process: it prints more than"),
        "{line}"
    );
}

#[test]
fn a_process_that_prints_nothing_useful_is_said_to() {
    for (command, says) in [
        ("true", "not a JSON object"),
        ("echo cAnArY", "not a JSON object"),
        ("echo '{\"Version\": 2}'", "Version of its output is not 1"),
        (
            "echo '{\"Version\": 1, \"AccessKeyId\": \"cAnArY\"}'",
            "lacks",
        ),
        ("exit 3", "exit status: 3"),
        ("kill -9 $$", "signal: 9"),
        ("/nowhere/at-all", "exit status: 127"),
    ] {
        let run = process(command).run();
        assert_eq!(run.code, 2, "{run:#?}");
        let line = run.stderr.lines().last().unwrap_or_default();
        assert!(
            line.contains("profile \"p\": credential_process: "),
            "{line}"
        );
        assert!(line.contains(says) && !line.contains("cAnArY"), "{line}");
    }
}

/// It is where the process asks for what it needs, and says why it fails.
#[test]
fn what_a_process_says_on_standard_error_is_seen() {
    let run = process("echo 'sign in first' >&2; exit 1").run();
    assert!(run.stderr.starts_with("sign in first\n"), "{run:#?}");
}
