//! A token that becomes a role.

use lambda_invocation_tests::ministack::MiniStack;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::wasmtime::{HOME, Wasmtime};
use serde_json::json;

use crate::{answer, echo, fails, refused, respond, succeeds};

/// A token as an identity provider signs it; MiniStack looks at the issuer only.
pub fn web_identity_token() -> String {
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
    fails(run, &["AWS_ROLE_ARN is not: set both"]);
    let run = or_skip!(refused())
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "/missing")
        .env("AWS_ROLE_ARN", "arn:aws:iam::1:role/r");
    fails(run, &["token file \"/missing\": "]);
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
