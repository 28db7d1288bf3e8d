//! Every source of credentials in turn: the command component under the wasmtime CLI,
//! with MiniStack for Lambda and STS, and servers of our own for containers and
//! instances, which hand out what MiniStack accepts.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::Keys;
use lambda_invocation_tests::ministack::{MiniStack, REGION, Roles};
use lambda_invocation_tests::server::{Connection, Request, Server};
use lambda_invocation_tests::wasmtime::{HOME, Wasmtime};
use serde_json::json;
use time::OffsetDateTime;

/// The value of `Some`; with `None` the test is skipped, which has been said.
macro_rules! or_skip {
    ($option:expr) => {
        match $option {
            Some(value) => value,
            None => return,
        }
    };
}

/// All that a component can say of its failure: `wasi:cli/exit` of WASI 0.2 knows no
/// numbers.
const FAILED: i32 = 1;

/// An invocation of MiniStack's `echo`, without credentials. The variable points STS
/// there as well.
fn echo(ministack: &MiniStack) -> Option<Wasmtime> {
    let run = Wasmtime::new(["invoke", "echo", "--payload", "{}"])?;
    Some(
        run.args(["--region", REGION])
            .env("AWS_ENDPOINT_URL", &ministack.url),
    )
}

/// An invocation that must end before anything is sent to Lambda.
fn refused() -> Option<Wasmtime> {
    let run = Wasmtime::new(["invoke", "echo", "--region", "us-east-1"])?;
    Some(run.args(["--endpoint-url", "http://127.0.0.1:1"]))
}

#[track_caller]
fn succeeds(run: Wasmtime) {
    let run = run.run();
    assert_eq!(run.json()["event"], json!({}));
    assert_eq!(run.stderr, "");
}

/// Checks the one line that a call without credentials ends with.
#[track_caller]
fn fails(run: Wasmtime, texts: &[&str]) {
    let run = run.run();
    let line = run.refusal(FAILED);
    for text in texts {
        assert!(line.contains(text), "{text:?} is not in {line:?}");
    }
    assert!(!canary::is_in(line), "{line}");
}

/// An answer with a body, in one piece.
fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A server that answers each request with what `respond` makes of it.
fn respond(respond: impl Fn(&Request) -> String + Send + Sync + 'static) -> Server {
    Server::start(move |mut connection: Connection| -> io::Result<()> {
        let request = connection.read_request()?;
        let response = respond(&request);
        connection.send(response)?;
        connection.finish()
    })
}

/// What a container or an instance is given, to expire in an hour or so.
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

// The environment.

#[test]
fn credentials_in_the_environment_win_over_everything_that_is_configured_beside() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let run = or_skip!(echo(ministack))
        .keys(&ministack.made.session)
        .env("AWS_PROFILE", "missing")
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "/missing")
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1");
    succeeds(run);
}

#[test]
fn without_any_source_the_error_names_all_of_them() {
    let run = or_skip!(refused());
    fails(
        run,
        &[
            "AWS_ACCESS_KEY_ID",
            "/home/guest/.aws/config: ",
            "/home/guest/.aws/credentials: ",
            "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set",
            "AWS_EC2_METADATA_DISABLED=false",
        ],
    );
}

// Containers.

#[test]
fn a_container_is_asked_with_the_token_of_the_environment() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let body = document(&ministack.made.session);
    let container = respond(move |request| {
        let asked = request
            .head
            .starts_with("GET /v1/credentials?of=task HTTP/1.1\r\n");
        match (asked, request.header("authorization")) {
            (true, Some("Basic let-me-in")) => answer("200 OK", &body),
            _ => answer("403 Forbidden", ""),
        }
    });
    let uri = format!("{}/v1/credentials?of=task", container.url());
    let run = or_skip!(echo(ministack))
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri)
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic let-me-in");
    succeeds(run);
    assert_eq!(container.connections(), 1);
}

#[test]
fn a_token_file_wins_over_the_token_of_the_environment() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let body = document(&ministack.made.session);
    let container = respond(move |request| match request.header("authorization") {
        Some("from-the-file") => answer("200 OK", &body),
        _ => answer("403 Forbidden", ""),
    });
    let run = or_skip!(echo(ministack))
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "from-the-environment")
        .env(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            &format!("{HOME}/token"),
        )
        .file("token", "from-the-file");
    succeeds(run);
}

#[test]
fn a_container_that_is_not_ready_is_asked_three_times() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let body = document(&ministack.made.session);
    let asked = AtomicUsize::new(0);
    let container = respond(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => answer("500 Internal Server Error", ""),
        1 => answer("429 Too Many Requests", ""),
        _ => answer("200 OK", &body),
    });
    let run = or_skip!(echo(ministack));
    succeeds(run.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url()));
    assert_eq!(container.connections(), 3);
}

#[test]
fn what_a_container_answers_wrongly_is_one_line_without_secrets() {
    let secret = canary::keys().secret_access_key;
    let full = document(&canary::keys());
    let table = [
        (answer("404 Not Found", &full), "HTTP 404"),
        (answer("302 Found", &full), "HTTP 302"),
        (answer("503 Service Unavailable", &secret), "HTTP 503"),
        (answer("200 OK", "<html>cAnArY</html>"), "lacks AccessKeyId"),
        (
            answer("200 OK", &full.replace("SecretAccessKey", "x")),
            "lacks",
        ),
        (
            answer("200 OK", &full.replace("2999", "1999")),
            "have expired",
        ),
        (
            answer("200 OK", &full.replace("2999-", "cAnArY")),
            "not a time",
        ),
        (
            answer("200 OK", &full.replace("AKIA", "\\n")),
            "no header can carry",
        ),
        (
            answer("200 OK", &full.replace("Success", "cAnArY")),
            "Code is not Success",
        ),
        (answer("200 OK", &" ".repeat(65_537)), "65,536"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_owned(),
            "",
        ),
        ("cAnArY\r\n\r\n".to_owned(), ""),
    ];
    for (sent, text) in table {
        let run = or_skip!(refused());
        let container = respond(move |_| sent.clone());
        let run = run
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
            .env(
                "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                canary::keys().session_token.as_deref().unwrap(),
            );
        fails(run, &["no credentials: container credentials: ", text]);
    }
}

#[test]
fn a_container_that_stalls_does_not_stall_the_call() {
    let stalls: [fn(Connection) -> io::Result<()>; 2] = [
        |mut connection| connection.wait_for_the_client(),
        |mut connection| {
            connection.read_request()?;
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 65536\r\n\r\n")?;
            connection.send_for_ever(b" ", Duration::from_millis(200))
        },
    ];
    for stall in stalls {
        let run = or_skip!(refused());
        let container = Server::start(stall);
        let run = run.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url());
        let run = run.run();
        assert!(
            run.refusal(FAILED).contains("no answer in time"),
            "{run:#?}"
        );
        // Three times two seconds, and the pauses between.
        assert!(run.took < Duration::from_secs(12), "{run:#?}");
        assert_eq!(container.connections(), 3);
    }
}

#[test]
fn the_deadline_of_the_call_holds_for_its_credentials() {
    let run = or_skip!(refused()).args(["--timeout", "700ms"]);
    let container = Server::start(|mut connection| connection.wait_for_the_client());
    let run = run.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url());
    let run = run.run();
    let line = run.refusal(FAILED);
    assert!(line.contains("700 ms in total"), "{line}");
    assert!(line.contains("nothing was sent"), "{line}");
    assert!(run.took < Duration::from_secs(2), "{run:#?}");
}

#[test]
fn a_container_is_not_asked_where_it_must_not_be() {
    let table = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/x"),
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://169.254.169.254/",
        ),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://a.localhost/"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "ftp://127.0.0.1/"),
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@127.0.0.1/"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "cAnArY\r\nx: y"),
    ];
    for (name, value) in table {
        let mut run = or_skip!(refused()).env(name, value);
        if name == "AWS_CONTAINER_AUTHORIZATION_TOKEN" {
            run = run.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/");
        }
        fails(run, &[name]);
    }
}

#[test]
fn a_missing_token_file_is_named_by_its_variable() {
    let run = or_skip!(refused())
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/")
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/missing");
    fails(run, &["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "]);
}

// Instances.

/// A metadata service whose three answers are those given.
fn metadata(token: String, role: String, credentials: String) -> Server {
    respond(move |request| {
        let line = request.head.lines().next().unwrap_or_default();
        let ttl = request.header("x-aws-ec2-metadata-token-ttl-seconds");
        let carried = request.header("x-aws-ec2-metadata-token");
        match (line, ttl, carried) {
            ("PUT /latest/api/token HTTP/1.1", Some("21600"), None) => token.clone(),
            (
                "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1",
                None,
                Some("the-token=="),
            ) => role.clone(),
            (
                "GET /latest/meta-data/iam/security-credentials/a+role@x HTTP/1.1",
                None,
                Some("the-token=="),
            ) => credentials.clone(),
            _ => answer("401 Unauthorized", ""),
        }
    })
}

#[test]
fn an_instance_is_asked_on_request_and_only_then() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let service = metadata(
        answer("200 OK", "the-token=="),
        answer("200 OK", "a+role@x\n"),
        answer("200 OK", &document(&ministack.made.session)),
    );
    for unasked in [None, Some("true")] {
        let mut run = or_skip!(refused()).env("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url());
        if let Some(value) = unasked {
            run = run.env("AWS_EC2_METADATA_DISABLED", value);
        }
        fails(run, &["AWS_EC2_METADATA_DISABLED=false"]);
    }
    assert_eq!(service.connections(), 0);
    let run = or_skip!(echo(ministack))
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url())
        .env("AWS_EC2_METADATA_DISABLED", "false");
    succeeds(run);
    assert_eq!(service.connections(), 3);
}

#[test]
fn what_an_instance_answers_wrongly_is_one_line_without_secrets() {
    let token = || answer("200 OK", "the-token==");
    let role = || answer("200 OK", "a+role@x");
    let full = || answer("200 OK", &document(&canary::keys()));
    let html = || answer("200 OK", "<html><body>cAnArY");
    let table = [
        (
            answer("403 Forbidden", "cAnArY"),
            role(),
            full(),
            "HTTP 403",
        ),
        (html(), role(), full(), "not one word"),
        (answer("200 OK", ""), role(), full(), "not one word"),
        (token(), answer("404 Not Found", ""), full(), "has no role"),
        (token(), html(), full(), "not one word"),
        (token(), role(), html(), "lacks AccessKeyId"),
        (token(), role(), answer("404 Not Found", ""), "HTTP 404"),
        (
            token(),
            role(),
            answer("200 OK", r#"{"Code":"AssumeRoleUnauthorizedAccess"}"#),
            "Code is not Success",
        ),
    ];
    for (token, role, credentials, text) in table {
        let run = or_skip!(refused());
        let service = metadata(token, role, credentials);
        let run = run
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url())
            .env("AWS_EC2_METADATA_DISABLED", "false");
        fails(run, &["instance metadata: ", text]);
    }
}

// Web identity.

/// A token as an identity provider signs it; MiniStack looks at the issuer only.
fn web_identity_token() -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    let part = |json: serde_json::Value| BASE64.encode(json.to_string());
    [
        part(json!({"alg": "RS256", "typ": "JWT"})),
        part(json!({"iss": "accounts.google.com", "sub": "cAnArY", "aud": "x"})),
        BASE64.encode("cAnArY"),
    ]
    .join(".")
}

fn with_web_identity(run: Wasmtime, role: &str) -> Wasmtime {
    run.env("AWS_WEB_IDENTITY_TOKEN_FILE", &format!("{HOME}/token"))
        .env("AWS_ROLE_ARN", role)
        .env("AWS_ROLE_SESSION_NAME", "a=test,@x")
        .file("token", web_identity_token() + "\n")
}

#[test]
fn a_web_identity_becomes_a_role() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    succeeds(with_web_identity(or_skip!(echo(ministack)), &roles.invoker));
}

#[test]
fn a_refused_web_identity_says_what_sts_said() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    fails(
        with_web_identity(or_skip!(echo(ministack)), &roles.closed),
        &[
            "AssumeRoleWithWebIdentity: HTTP 403, AccessDenied: ",
            "Not authorized",
        ],
    );
}

#[test]
fn half_a_web_identity_is_named() {
    let run = or_skip!(refused()).env("AWS_WEB_IDENTITY_TOKEN_FILE", "/missing");
    fails(run, &["AWS_ROLE_ARN is not set"]);
    let run = or_skip!(refused())
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "/missing")
        .env("AWS_ROLE_ARN", "arn:aws:iam::1:role/r");
    fails(run, &["token file: "]);
}

#[test]
fn what_sts_answers_wrongly_is_one_line_without_secrets() {
    let token = web_identity_token();
    let full = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>\
        <Credentials><AccessKeyId>AKIA</AccessKeyId><SecretAccessKey>cAnArY</SecretAccessKey>\
        <SessionToken>cAnArY</SessionToken><Expiration>1999-01-01T00:00:00Z</Expiration>\
        </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
    let quoting = format!(
        "<ErrorResponse><Error><Code>InvalidIdentityToken</Code>\
         <Message>bad: {token}</Message></Error></ErrorResponse>"
    );
    let table = [
        (answer("200 OK", "<html>cAnArY"), "not XML"),
        (answer("200 OK", "<a><b/></a>"), "lacks Credentials"),
        (
            answer("200 OK", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"),
            "not XML",
        ),
        (answer("200 OK", full), "have expired"),
        (
            answer("200 OK", &full.replace("SecretAccessKey", "x")),
            "lacks",
        ),
        (answer("404 Not Found", "<html>cAnArY"), "HTTP 404"),
        (
            answer("400 Bad Request", &quoting),
            "InvalidIdentityToken: bad: [redacted]",
        ),
        (answer("200 OK", &" ".repeat(65_537)), "65,536"),
    ];
    for (sent, text) in table {
        let run = with_web_identity(or_skip!(refused()), "arn:aws:iam::1:role/r");
        let sts = respond(move |_| sent.clone());
        fails(
            run.env("AWS_ENDPOINT_URL_STS", sts.url()),
            &["AssumeRoleWithWebIdentity: ", text],
        );
    }
}

// Profiles.

#[test]
fn a_profile_holds_keys_and_a_region() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let keys = &ministack.made.session;
    let credentials = format!(
        "# keys\n[default]\naws_access_key_id=AKIAWRONG\naws_secret_access_key=wrong\n\
         [work]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token.as_deref().unwrap(),
    );
    let config = format!("[profile work]\nregion = {REGION}\ns3 =\n  max_queue_size = 1\n");
    let run = || {
        let run = Wasmtime::new(["invoke", "echo", "--payload", "{}"])?;
        Some(
            run.args(["--endpoint-url", &ministack.url])
                .file(".aws/credentials", &credentials)
                .file(".aws/config", &config),
        )
    };
    succeeds(or_skip!(run()).env("AWS_PROFILE", "work"));
    // A profile that is named for the call wins even over the environment.
    let run = or_skip!(run())
        .args(["--profile", "work"])
        .env("AWS_ACCESS_KEY_ID", "AKIAOTHER")
        .env("AWS_SECRET_ACCESS_KEY", "other");
    succeeds(run);
}

#[test]
fn the_files_may_be_elsewhere() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let keys = &ministack.made.session;
    let config = format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token.as_deref().unwrap(),
    );
    let run = or_skip!(echo(ministack))
        .env("AWS_CONFIG_FILE", "~/elsewhere")
        .file("elsewhere", config);
    succeeds(run);
}

/// A profile whose role is assumed with the keys of another.
fn chain(roles: &Roles, role: &str) -> String {
    format!(
        "[profile keys]\naws_access_key_id = {}\naws_secret_access_key = {}\n\
         [profile role]\nrole_arn = {role}\nsource_profile = keys\nexternal_id = agreed\n\
         role_session_name = test\nduration_seconds = 900\n",
        roles.assumer.access_key_id, roles.assumer.secret_access_key,
    )
}

#[test]
fn a_profile_assumes_a_role_with_the_keys_of_another() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    let config = chain(roles, &roles.invoker);
    let run = or_skip!(echo(ministack)).args(["--profile", "role"]);
    succeeds(run.file(".aws/config", &config));
    // The keys alone may not invoke, or this would prove nothing.
    let run = or_skip!(echo(ministack)).args(["--profile", "keys"]);
    let run = run.file(".aws/config", &config).run();
    assert_eq!(run.code, FAILED, "{run:#?}");
}

#[test]
fn a_profile_assumes_a_role_with_the_environments_keys_or_for_a_token() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    let environment = format!(
        "[profile role]\nrole_arn = {}\ncredential_source = Environment\nexternal_id = agreed\n",
        roles.invoker
    );
    let run = or_skip!(echo(ministack))
        .args(["--profile", "role"])
        .keys(&roles.assumer)
        .file(".aws/config", environment);
    succeeds(run);
    let token = format!(
        "[profile role]\nrole_arn = {}\nweb_identity_token_file = {HOME}/token\n",
        roles.invoker
    );
    let run = or_skip!(echo(ministack))
        .args(["--profile", "role"])
        .file(".aws/config", token)
        .file("token", web_identity_token());
    succeeds(run);
}

#[test]
fn a_role_that_is_closed_says_what_sts_said() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    let run = or_skip!(echo(ministack))
        .args(["--profile", "role"])
        .file(".aws/config", chain(roles, &roles.closed));
    fails(
        run,
        &[
            "AssumeRole: HTTP 403, AccessDenied: ",
            "is not authorized to perform: sts:AssumeRole",
        ],
    );
}

#[test]
fn what_a_component_cannot_do_is_refused_with_advice() {
    let table = [
        (
            "sso_session = my-sso\nsso_account_id = 1",
            "use lambda-host",
        ),
        ("login_session = arn", "use lambda-host"),
        ("credential_process = cAnArY --secret", "use lambda-host"),
        (
            "role_arn = arn\nsource_profile = p\nmfa_serial = arn",
            "MFA",
        ),
        ("role_arn = arn", "without source_profile"),
        ("role_arn = arn\nsource_profile = missing", "\"missing\""),
        ("aws_access_key_id = cAnArY", "no aws_secret_access_key"),
        ("region = x", "holds no credentials"),
        ("no setting cAnArY", "line 2"),
    ];
    for (settings, text) in table {
        let run = or_skip!(refused())
            .args(["--profile", "p"])
            .file(".aws/config", format!("[profile p]\n{settings}\n"));
        fails(run, &[text]);
    }
    let run = or_skip!(refused()).args(["--profile", "p"]);
    fails(
        run,
        &["profile \"p\": does not exist (/home/guest/.aws/config: "],
    );
}

// Credentials that expire on the way.

/// A Lambda that calls the first `expired` requests' credentials expired.
fn lambda(expired: usize) -> Server {
    let asked = AtomicUsize::new(0);
    respond(move |_| {
        if asked.fetch_add(1, Ordering::SeqCst) < expired {
            let body = r#"{"message":"The security token included in the request is expired"}"#;
            answer(
                "403 Forbidden\r\nx-amzn-errortype: ExpiredTokenException",
                body,
            )
        } else {
            answer("200 OK", r#"{"event":{}}"#)
        }
    })
}

#[test]
fn credentials_that_expired_are_fetched_anew_once() {
    for (expired, retry, code, asked) in [
        (1, "safe", 0, 2),
        (9, "safe", FAILED, 2),
        (1, "never", FAILED, 1),
    ] {
        let ids = Arc::new(Mutex::new(Vec::new()));
        let lambda = lambda(expired);
        let container = {
            let ids = Arc::clone(&ids);
            respond(move |_| {
                let mut ids = ids.lock().unwrap();
                let mut keys = canary::keys();
                keys.access_key_id = format!("AKIA{}", ids.len());
                ids.push(());
                answer("200 OK", &document(&keys))
            })
        };
        let run = or_skip!(Wasmtime::new(["invoke", "echo", "--retry", retry]))
            .args(["--region", "us-east-1", "--endpoint-url", lambda.url()])
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
            .run();
        assert_eq!(run.code, code, "{run:#?}");
        assert_eq!(lambda.connections(), asked, "{run:#?}");
        assert_eq!(container.connections(), asked, "{run:#?}");
        assert!(!canary::is_in(&run.stderr), "{run:#?}");
        if code != 0 {
            assert!(run.stderr.contains("ExpiredTokenException"), "{run:#?}");
        }
    }
}

#[test]
fn a_call_whose_credentials_cannot_be_fetched_anew_ends_with_what_lambda_said() {
    let asked = AtomicUsize::new(0);
    let lambda = respond(move |_| {
        let (status, kind) = match asked.fetch_add(1, Ordering::SeqCst) {
            // This attempt may have run, so nothing may say that the call was not made.
            0 => ("500 Internal Server Error", "ServiceException"),
            _ => ("403 Forbidden", "ExpiredTokenException"),
        };
        answer(
            &format!("{status}\r\nx-amzn-errortype: {kind}"),
            r#"{"message":"no"}"#,
        )
    });
    let fetched = AtomicUsize::new(0);
    let container = respond(move |_| match fetched.fetch_add(1, Ordering::SeqCst) {
        0 => answer("200 OK", &document(&canary::keys())),
        _ => answer("403 Forbidden", r#"{"message":"gone"}"#),
    });
    let run = or_skip!(Wasmtime::new(["invoke", "echo", "--retry", "idempotent"]))
        .args(["--region", "us-east-1", "--endpoint-url", lambda.url()])
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
        .run();
    assert_eq!(run.code, FAILED, "{run:#?}");
    assert!(run.stderr.contains("ExpiredTokenException"), "{run:#?}");
    assert_eq!(lambda.connections(), 2, "{run:#?}");
}

#[test]
fn fetched_credentials_serve_later_calls_until_shortly_before_they_expire() {
    let config = json!({"invocation": {
        "a": {"function_name": "echo", "input": "{}"},
        "b": {"function_name": "echo", "input": "{}"},
    }});
    // Those that expire within five minutes are fetched for every call.
    let soon = OffsetDateTime::now_utc() + Duration::from_secs(200);
    for (expiration, asked) in [("2999-01-01T00:00:00Z".to_owned(), 1), (rfc3339(soon), 2)] {
        let lambda = lambda(0);
        let body = document(&canary::keys()).replace("2999-01-01T00:00:00Z", &expiration);
        let container = respond(move |_| answer("200 OK", &body));
        let files = ["--config", "config.json", "--state", "state.json"];
        let run = or_skip!(Wasmtime::new(["lifecycle", "apply"]))
            .args(files.map(|word| match word.strip_suffix(".json") {
                Some(_) => format!("{HOME}/{word}"),
                None => word.to_owned(),
            }))
            .args(["--region", "us-east-1", "--endpoint-url", lambda.url()])
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
            .file("config.json", config.to_string())
            .run();
        assert_eq!(run.code, 0, "{run:#?}");
        assert_eq!(lambda.connections(), 2, "{run:#?}");
        assert_eq!(container.connections(), asked, "{run:#?}");
    }
}

/// A time as AWS writes it.
fn rfc3339(time: OffsetDateTime) -> String {
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second) = time.to_hms();
    let month = u8::from(month);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[test]
fn credentials_of_the_environment_that_expired_are_an_error_at_once() {
    let lambda = lambda(1);
    let run = or_skip!(Wasmtime::new(["invoke", "echo", "--region", "us-east-1"]))
        .args(["--endpoint-url", lambda.url()])
        .keys(&canary::keys())
        .run();
    assert!(
        run.refusal(FAILED).contains("ExpiredTokenException"),
        "{run:#?}"
    );
    assert_eq!(lambda.connections(), 1);
}

#[test]
fn nothing_is_fetched_for_a_call_that_is_refused() {
    let container = respond(|_| answer("200 OK", &document(&canary::keys())));
    let run = or_skip!(Wasmtime::new(["invoke", "no such name!"]))
        .args(["--region", "us-east-1"])
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url());
    fails(run, &["function-name"]);
    assert_eq!(container.connections(), 0);
}
