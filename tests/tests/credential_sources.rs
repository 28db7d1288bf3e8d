//! `lambda-host invoke` against MiniStack with credentials from each source in turn. Each
//! may invoke, which MiniStack checks; `-v` names the source and the end of the key id,
//! and nothing more of any of them is printed.
//!
//! STS is MiniStack's. The container endpoint, the metadata service and the SSO portal are
//! servers of our own that hand out what MiniStack accepts. Only the relative URI of
//! containers is missing, because it is for one address that no test can have
//! (169.254.170.2); what the component makes of it is in core's tests.

#![cfg(test)]

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use lambda_invocation_tests::lambda_host::{Keys, LambdaHost};
use lambda_invocation_tests::ministack::{MiniStack, REGION};
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::{Connection, Request, Server};
use lambda_invocation_tests::wasmtime::{HOME, Wasmtime};
use serde_json::json;

/// An invocation of MiniStack's `echo` without credentials. The variable points STS there
/// as well.
fn echo(ministack: &MiniStack) -> LambdaHost {
    LambdaHost::new(["invoke", "echo", "--payload", "{}", "-v"])
        .args(["--region", REGION])
        .env("AWS_ENDPOINT_URL", &ministack.url)
}

/// Runs it, and checks that the source is named and nothing else is told. `secrets` are
/// what the source gave.
#[track_caller]
fn succeeds(run: LambdaHost, source: &str, keys: Option<&Keys>, secrets: &[&str]) {
    let run = run.run();
    assert_eq!(run.json()["event"], json!({}), "{run:#?}");
    let suffix = run
        .stderr
        .strip_prefix(&format!("credentials: {source}, key id …"))
        .and_then(|rest| rest.strip_suffix('\n'))
        .unwrap_or_else(|| panic!("{source:?} is not named: {run:#?}"));
    assert_eq!(suffix.chars().count(), 4, "{run:#?}");
    if let Some(keys) = keys {
        assert!(keys.access_key_id.ends_with(suffix), "{run:#?}");
    }
    let all = keys.into_iter().flat_map(|keys| {
        [&keys.access_key_id, &keys.secret_access_key]
            .into_iter()
            .chain(&keys.session_token)
            .map(String::as_str)
    });
    for secret in all.chain(secrets.iter().copied()) {
        assert!(!run.stderr.contains(secret), "{run:#?}");
        assert!(!run.stdout.contains(secret), "{run:#?}");
    }
}

/// The settings of a profile that hold keys.
fn settings(keys: &Keys) -> String {
    let mut settings = format!(
        "aws_access_key_id = {}\naws_secret_access_key = {}\n",
        keys.access_key_id, keys.secret_access_key
    );
    if let Some(token) = &keys.session_token {
        settings += &format!("aws_session_token = {token}\n");
    }
    settings
}

/// The metadata service says with its token how long that lasts; nobody else minds.
const TOKEN_TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds: 21600";

/// A server that answers each request with what `respond` makes of it.
fn respond(respond: impl Fn(&Request) -> (u16, String) + Send + Sync + 'static) -> Server {
    Server::start(move |mut connection: Connection| -> io::Result<()> {
        let request = connection.read_request()?;
        let (status, body) = respond(&request);
        connection.send(format!(
            "HTTP/1.1 {status} Some Reason\r\n{TOKEN_TTL}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))?;
        connection.finish()
    })
}

/// What a container or an instance is given.
fn document(keys: &Keys) -> String {
    json!({
        "Code": "Success",
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "Token": keys.session_token,
        "Expiration": "2999-01-01T00:00:00Z",
    })
    .to_string()
}

/// A container endpoint that asks for a token.
fn container(keys: &Keys, token: &'static str) -> Server {
    let body = document(keys);
    respond(move |request| match request.header("authorization") {
        Some(sent) if sent == token => (200, body.clone()),
        _ => (403, String::new()),
    })
}

/// A token as an identity provider signs it; MiniStack looks at the issuer only.
fn web_identity_token() -> String {
    let part = |json: serde_json::Value| BASE64.encode(json.to_string());
    [
        part(json!({"alg": "RS256", "typ": "JWT"})),
        part(json!({"iss": "accounts.google.com", "sub": "me", "aud": "x"})),
        BASE64.encode("signature"),
    ]
    .join(".")
}

// Every source.

#[test]
fn the_environment() {
    let ministack = or_skip!(MiniStack::shared());
    for keys in [&ministack.made.caller, &ministack.made.session] {
        let run = echo(ministack).keys(keys);
        succeeds(run, "environment variables", Some(keys), &[]);
    }
}

#[test]
fn keys_in_a_profile() {
    let ministack = or_skip!(MiniStack::shared());
    let keys = &ministack.made.session;
    let run = || {
        let credentials = format!("[work]\n{}", settings(keys));
        echo(ministack).file(".aws/credentials", credentials)
    };
    let by_option = run().args(["--profile", "work"]);
    succeeds(by_option, "profile", Some(keys), &[]);
    let by_variable = run().env("AWS_PROFILE", "work");
    succeeds(by_variable, "profile", Some(keys), &[]);
    let default = echo(ministack).file(".aws/config", format!("[default]\n{}", settings(keys)));
    succeeds(default, "profile", Some(keys), &[]);
}

#[test]
fn a_role_assumed_with_the_keys_of_another_profile() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    let config = format!(
        "[profile keys]\n{}[profile role]\nrole_arn = {}\nsource_profile = keys\n\
         external_id = agreed\n",
        settings(&roles.assumer),
        roles.invoker
    );
    let run = echo(ministack)
        .args(["--profile", "role"])
        .file(".aws/config", &config);
    let secrets = [
        roles.assumer.access_key_id.as_str(),
        roles.assumer.secret_access_key.as_str(),
    ];
    succeeds(run, "assumed role", None, &secrets);
    // The keys alone may not invoke, or this would prove nothing.
    let run = echo(ministack)
        .args(["--profile", "keys"])
        .file(".aws/config", &config)
        .run();
    assert_eq!(run.code, 3, "{run:#?}");
    assert!(run.stderr.contains("AccessDeniedException"), "{run:#?}");
}

#[test]
fn a_web_identity_of_the_environment() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    let token = web_identity_token();
    let run = echo(ministack)
        .file("token", &token)
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "token")
        .env("AWS_ROLE_ARN", &roles.invoker);
    succeeds(run, "web identity", None, &[&token]);
}

#[test]
fn a_web_identity_of_a_profile() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    let token = web_identity_token();
    let config = format!(
        "[profile role]\nrole_arn = {}\nweb_identity_token_file = token\n",
        roles.invoker
    );
    let run = echo(ministack)
        .args(["--profile", "role"])
        .file("token", &token)
        .file(".aws/config", config);
    succeeds(run, "web identity", None, &[&token]);
}

#[test]
fn a_container_with_its_token_in_the_environment_or_in_a_file() {
    let ministack = or_skip!(MiniStack::shared());
    let keys = &ministack.made.session;
    let container = container(keys, "Basic let-me-in");
    let run = || echo(ministack).env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url());
    let in_environment = run().env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic let-me-in");
    let secrets = ["let-me-in"];
    succeeds(
        in_environment,
        "container credentials",
        Some(keys),
        &secrets,
    );
    let in_file = run()
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "token")
        .file("token", "Basic let-me-in");
    succeeds(in_file, "container credentials", Some(keys), &secrets);
}

#[test]
fn the_metadata_service_of_an_instance() {
    let ministack = or_skip!(MiniStack::shared());
    let keys = &ministack.made.session;
    let body = document(keys);
    let service = respond(move |request| {
        let line = request.head.lines().next().unwrap_or_default();
        let carried = request.header("x-aws-ec2-metadata-token");
        match (line.trim_end_matches(" HTTP/1.1"), carried) {
            ("PUT /latest/api/token", None) => (200, "metadata-token".to_owned()),
            ("GET /latest/meta-data/iam/security-credentials/", Some("metadata-token")) => {
                (200, "role".to_owned())
            }
            ("GET /latest/meta-data/iam/security-credentials/role", Some("metadata-token")) => {
                (200, body.clone())
            }
            _ => (401, String::new()),
        }
    });
    let run = echo(ministack)
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url());
    succeeds(run, "instance metadata", Some(keys), &["metadata-token"]);
}

/// MiniStack plays both services as well. It does not know the keys that it gives there,
/// so its answer to the invocation is that they are unknown: they were fetched, and used.
#[test]
fn ministacks_own_metadata_service_and_container_endpoint() {
    let ministack = or_skip!(MiniStack::shared());
    let container = format!("{}/v2/credentials/a-task", ministack.url);
    for (name, value) in [
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &ministack.url),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &container),
    ] {
        let arguments = ["invoke", "echo", "--payload", "{}", "--region", REGION];
        let host = LambdaHost::new(arguments)
            .env("AWS_ENDPOINT_URL", &ministack.url)
            .env("AWS_EC2_METADATA_DISABLED", "false")
            .env(name, value)
            .run();
        let line = host.refusal(3);
        assert!(line.contains("UnrecognizedClientException"), "{line}");

        let component = or_skip!(Wasmtime::new(arguments))
            .env("AWS_ENDPOINT_URL", &ministack.url)
            .env("AWS_EC2_METADATA_DISABLED", "false")
            .env(name, value)
            .run();
        let line = component.refusal(1);
        assert!(line.contains("UnrecognizedClientException"), "{line}");
    }
}

#[test]
fn the_process_of_a_profile() {
    let ministack = or_skip!(MiniStack::shared());
    let keys = &ministack.made.session;
    let output = json!({
        "Version": 1,
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "SessionToken": keys.session_token,
        "Expiration": "2999-01-01T00:00:00Z",
    });
    let run = echo(ministack)
        .args(["--profile", "process"])
        .env("PATH", "/usr/bin:/bin")
        .file("output.json", output.to_string())
        .file(
            ".aws/config",
            "[profile process]\ncredential_process = cat output.json\n",
        );
    succeeds(run, "credential process", Some(keys), &[]);
}

/// After `aws sso login`: the token is in the cache, and the portal gives keys for it.
#[test]
fn single_sign_on() {
    /// SHA-1 of `work`, the name of the session.
    const CACHED: &str = ".aws/sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json";
    const TOKEN: &str = "sso-access-token";
    let ministack = or_skip!(MiniStack::shared());
    let keys = &ministack.made.session;
    let body = json!({"roleCredentials": {
        "accessKeyId": keys.access_key_id,
        "secretAccessKey": keys.secret_access_key,
        "sessionToken": keys.session_token,
        "expiration": 32_472_144_000_000_i64,
    }})
    .to_string();
    let portal = respond(move |request| {
        let line = request.head.lines().next().unwrap_or_default();
        let asked = line.starts_with("GET /federation/credentials?")
            && line.contains("role_name=Developer")
            && line.contains("account_id=123456789012");
        match request.header("x-amz-sso_bearer_token") {
            Some(TOKEN) if asked => (200, body.clone()),
            _ => (401, String::new()),
        }
    });
    let cached = json!({
        "accessToken": TOKEN,
        "expiresAt": "2999-01-01T00:00:00Z",
        "region": REGION,
        "startUrl": "https://example.awsapps.com/start",
    });
    let config = format!(
        "[profile dev]\nsso_session = work\nsso_account_id = 123456789012\n\
         sso_role_name = Developer\n\
         [sso-session work]\nsso_region = {REGION}\n\
         sso_start_url = https://example.awsapps.com/start\n"
    );
    let run = echo(ministack)
        .args(["--profile", "dev"])
        .env("AWS_ENDPOINT_URL_SSO", portal.url())
        .file(CACHED, cached.to_string())
        .file(".aws/config", config);
    succeeds(run, "IAM Identity Center (SSO)", Some(keys), &[TOKEN]);
}

// Endpoints that profiles name.

/// A profile that names the endpoints of MiniStack for both services, one of them as for
/// all services.
fn with_endpoints(ministack: &MiniStack, keys: &Keys, role: &str) -> String {
    format!(
        "[profile keys]\n{}\
         [profile role]\nregion = {REGION}\nrole_arn = {role}\nsource_profile = keys\n\
         external_id = agreed\nservices = here\nendpoint_url = {url}\n\
         [services here]\nlambda =\n  endpoint_url = {url}\ns3 =\n  endpoint_url = http://127.0.0.1:1\n",
        settings(keys),
        url = ministack.url,
    )
}

#[test]
fn the_endpoints_of_a_profile_count_in_both_programs() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    let config = with_endpoints(ministack, &roles.assumer, &roles.invoker);
    let arguments = ["invoke", "echo", "--payload", "{}", "--profile", "role"];
    let run = LambdaHost::new(arguments)
        .args(["-v"])
        .file(".aws/config", &config);
    succeeds(run, "assumed role", None, &[]);
    let run = or_skip!(Wasmtime::new(arguments)).file(".aws/config", &config);
    let run = run.run();
    assert_eq!(run.json()["event"], json!({}), "{run:#?}");
}

#[test]
fn the_order_of_endpoints_is_the_same_in_both_programs() {
    const PROFILE: &str = "[profile p]\nendpoint_url = https://profile.example\n";
    const SERVICES: &str =
        "services = s\n[services s]\nlambda =\n  endpoint_url = https://services.example\n";
    const IGNORE: &str = "ignore_configured_endpoint_urls = true\n";
    const REGIONAL: &str = "https://lambda.us-east-1.amazonaws.com";
    let own = ("AWS_ENDPOINT_URL_LAMBDA", "https://own.example");
    let global = ("AWS_ENDPOINT_URL", "https://global.example");
    let heed = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false");
    for (settings, variables, origin) in [
        (&[PROFILE][..], &[][..], "https://profile.example"),
        (&[PROFILE, SERVICES], &[], "https://services.example"),
        (&[PROFILE, SERVICES], &[global], "https://global.example"),
        (&[PROFILE, SERVICES], &[global, own], "https://own.example"),
        (&[PROFILE, IGNORE, SERVICES], &[own], REGIONAL),
        (&[PROFILE, IGNORE], &[heed], "https://profile.example"),
    ] {
        let config = settings.concat();
        let arguments = ["prepare", "echo", "--region", "us-east-1"];
        let keys = Keys {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: None,
        };
        let mut host = LambdaHost::new(arguments)
            .env("AWS_PROFILE", "p")
            .file(".aws/config", &config)
            .keys(&keys);
        let component = Wasmtime::new(arguments).map(|run| {
            variables.iter().fold(
                run.env("AWS_PROFILE", "p")
                    .file(".aws/config", &config)
                    .keys(&keys),
                |run, (name, value)| run.env(name, value),
            )
        });
        for (name, value) in variables {
            host = host.env(name, value);
        }
        let expected = format!("{origin}/2015-03-31/functions/echo/invocations");
        assert_eq!(host.run().json()["url"], expected, "{config}{variables:?}");
        let component = or_skip!(component).run();
        assert_eq!(component.json()["url"], expected, "{config}{variables:?}");
    }
}

#[test]
fn a_profile_whose_endpoints_are_at_fault_is_refused() {
    let run = LambdaHost::new(["prepare", "echo", "--region", "us-east-1"])
        .env("AWS_PROFILE", "p")
        .file(".aws/config", "[profile p]\nservices = nowhere\n")
        .run();
    let line = run.refusal(2);
    assert!(line.contains("invalid profile: \"p\": "), "{line}");
}

// STS that asks for patience.

const PATIENCE: [&str; 2] = ["Throttling", "IDPCommunicationError"];

/// An STS that answers the first `refusals` requests with an error, and then with keys;
/// and a Lambda that answers everyone.
fn impatient(code: &'static str, refusals: usize) -> (Server, Server) {
    let asked = AtomicUsize::new(0);
    let sts = respond(move |_| {
        if asked.fetch_add(1, Ordering::SeqCst) < refusals {
            let body = format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>\
                 <Type>Sender</Type><Code>{code}</Code><Message>later</Message>\
                 </Error><RequestId>id</RequestId></ErrorResponse>"
            );
            (400, body)
        } else {
            let body = "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                <AssumeRoleWithWebIdentityResult><Credentials>\
                <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                <SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>\
                </Credentials></AssumeRoleWithWebIdentityResult>\
                </AssumeRoleWithWebIdentityResponse>";
            (200, body.to_owned())
        }
    });
    let lambda = respond(|_| (200, "null".to_owned()));
    (sts, lambda)
}

fn waiting_for(sts: &Server, lambda: &Server) -> Result<Wasmtime, String> {
    let run = Wasmtime::new(["invoke", "echo", "--region", "us-east-1"])?;
    let token = format!("{HOME}/token");
    Ok(run
        .args(["--endpoint-url", lambda.url()])
        .env("AWS_ENDPOINT_URL_STS", sts.url())
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", &token)
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")
        .file("token", web_identity_token()))
}

#[test]
fn sts_that_asks_for_patience_is_asked_again_with_growing_pauses() {
    for code in PATIENCE {
        let (sts, lambda) = impatient(code, 2);
        let run = or_skip!(waiting_for(&sts, &lambda)).run();
        assert_eq!(run.output(), "null", "{run:#?}");
        assert_eq!(sts.connections(), 3, "{code}");
        assert_eq!(lambda.connections(), 1, "{code}");
        // Half a second, then a second.
        assert!(run.took.as_millis() >= 1_500, "{run:#?}");
    }
}

#[test]
fn sts_that_never_recovers_ends_the_call_after_three_times() {
    for code in PATIENCE {
        let (sts, lambda) = impatient(code, usize::MAX);
        let run = or_skip!(waiting_for(&sts, &lambda)).run();
        let line = run.refusal(1);
        assert!(line.contains(code), "{line}");
        assert_eq!(sts.connections(), 3, "{code}");
        assert_eq!(lambda.connections(), 0, "{code}");
    }
}

#[test]
fn the_pauses_for_sts_end_at_the_deadline_of_the_call() {
    let (sts, lambda) = impatient("Throttling", usize::MAX);
    let run = or_skip!(waiting_for(&sts, &lambda)).args(["--timeout", "300ms"]);
    let line = run.run();
    let line = line.refusal(1);
    assert!(line.contains("300 ms in total"), "{line}");
    assert!(line.contains("nothing was sent"), "{line}");
    assert_eq!(sts.connections(), 1);
}
