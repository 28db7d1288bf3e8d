//! The tables in `docs/service.md` are those of the code.

use std::fmt::Write as _;

use lambda_invocation_docs::Page;

use crate::failure::Failure;
use crate::settings::{
    ALLOW_UNAUTHENTICATED, ALLOWED_FUNCTIONS, BODY_TIMEOUT_MS, DEFAULT_BODY_TIMEOUT_MS,
    PREVIOUS_TOKEN, TIMEOUT_MS, TOKEN,
};

fn variables() -> String {
    let body_timeout = DEFAULT_BODY_TIMEOUT_MS.to_string();
    let rows: [(&str, &str, &str); 6] = [
        (
            TOKEN,
            "none: nobody is served",
            "what callers must know: at least 16 visible ASCII characters, for example of `openssl rand -base64 24`",
        ),
        (
            PREVIOUS_TOKEN,
            "none",
            "a second token that is accepted, while callers change from it to the first",
        ),
        (
            ALLOW_UNAUTHENTICATED,
            "`false`",
            "`true` serves whoever can connect, but no web page (requests with an `Origin` header); not together with a token",
        ),
        (
            ALLOWED_FUNCTIONS,
            "none: no function",
            "`*`, or names and ARNs with commas between, written as callers write them; one with `:QUALIFIER` allows that version or alias only, one without allows all",
        ),
        (
            TIMEOUT_MS,
            "none",
            "milliseconds that an invocation may take, retries included; without it, Lambda has 910 s to answer each attempt",
        ),
        (
            BODY_TIMEOUT_MS,
            &format!("`{body_timeout}`"),
            "milliseconds that a caller may take to send a payload, and again to take the answer",
        ),
    ];
    let mut out = "| variable | default | meaning |\n| --- | --- | --- |\n".to_owned();
    for (name, default, meaning) in rows {
        writeln!(out, "| `{name}` | {default} | {meaning} |").unwrap();
    }
    out
}

fn statuses() -> String {
    let mut out = "| what went wrong | status | type | may it have run? | said in the log |\n| --- | --- | --- | --- | --- |\n".to_owned();
    let yes = |is| if is { "yes" } else { "" };
    for (what, error, ..) in super::failures::failures() {
        let Failure {
            status,
            code,
            may_have_run,
            log,
            ..
        } = Failure::from(error);
        let code = match what {
            "any other error of Lambda" => "Lambda's".to_owned(),
            _ => format!("`{code}`"),
        };
        let status = match what {
            "any other error of Lambda" => "Lambda's".to_owned(),
            _ => status.to_string(),
        };
        writeln!(
            out,
            "| {what} | {status} | {code} | {} | {} |",
            match what {
                "any other error of Lambda" => "see [retries.md](retries.md)",
                _ => yes(may_have_run),
            },
            yes(log.is_some())
        )
        .unwrap();
    }
    out
}

#[test]
fn service_md_is_what_the_code_says() {
    let parts = [("variables", variables()), ("errors", statuses())];
    Page::read("docs/service.md").hold(&parts, "cargo test -p lambda-invocation-service");
}

#[test]
fn every_variable_of_the_service_is_on_the_page() {
    let table = variables();
    let mut read = 0;
    for text in include_str!("../settings.rs").split('"').skip(1).step_by(2) {
        if text.starts_with("LAMBDA_INVOCATION_") {
            assert!(table.contains(&format!("| `{text}` |")), "{text}");
            read += 1;
        }
    }
    assert_eq!(read, table.lines().count() - 2);
}
