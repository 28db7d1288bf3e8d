//! The tables below `docs/` are those of the code: this test fails when they are not,
//! and writes them anew when `UPDATE_DOCS` is set.

use std::fmt::Write as _;
use std::path::Path;

use lambda_invocation_core::connection::RetryMode;
use lambda_invocation_core::error::{
    Error, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};
use lambda_invocation_core::retry::{self, Ran, Repeat};

const RETRIES_HEAD: &str = "\
# What is repeated, and what is not

Lambda's Invoke is not idempotent: a request that is repeated runs the function again. So the question is not
whether an error is temporary, but whether the function may have run. This table is the one in
[`guest/core/src/retry.rs`](../guest/core/src/retry.rs), written by a test.

- **safe**, the default, repeats only rows that say *no*: the function certainly did not run.
- **idempotent** repeats more, by the caller's word that running twice does no harm.
- **never** repeats nothing.

Attempts are limited to 3 in total unless you choose otherwise (`--max-attempts`, `AWS_MAX_ATTEMPTS`), and all waits
to the deadline. A wait is `random(0..1) * min(base * 2^i, 20 s)` with a base of 50 ms, or 1 s for throttling, and no
shorter than `x-amz-retry-after` or `Retry-After` asks for; a server that asks for more than 20 s ends the call
instead, with the time it asked for in the error.

`AWS_RETRY_MODE` of `never`, `off` or `none` turns repeating off; the SDKs' `legacy`, `standard` and `adaptive` mean
`safe` here, because all three of them repeat calls that may have run.

";

fn row(out: &mut String, status: &str, error: &str, (ran, repeat): (Ran, Repeat)) {
    let ran = match ran {
        Ran::No => "no",
        Ran::Maybe => "maybe",
    };
    let (safe, idempotent) = match repeat {
        Repeat::Never => ("", ""),
        Repeat::Safe => ("yes", "yes"),
        Repeat::Throttled => ("yes, slowly", "yes, slowly"),
        Repeat::Idempotent => ("", "yes"),
    };
    writeln!(
        out,
        "| {status} | {error} | {ran} | {safe} | {idempotent} |"
    )
    .unwrap();
}

fn retries() -> String {
    const TABLE: &str =
        "| status | error | did it run? | safe | idempotent |\n| --- | --- | --- | --- | --- |\n";
    let mut out = format!("{RETRIES_HEAD}## Errors of the Invoke API\n\n{TABLE}");
    for rule in retry::ERRORS {
        let code = format!("`{}`", rule.code);
        row(
            &mut out,
            &rule.status.to_string(),
            &code,
            (rule.ran, rule.repeat),
        );
    }
    write!(out, "\n## Errors the API does not name\n\n{TABLE}").unwrap();
    for status in [400, 403, 429, 500, 502, 503, 504, 505] {
        row(
            &mut out,
            &status.to_string(),
            "any other code",
            retry::of_status(status),
        );
    }
    let codes: Vec<String> = retry::THROTTLING_CODES
        .iter()
        .map(|c| format!("`{c}`"))
        .collect();
    row(
        &mut out,
        "any",
        &codes.join(", "),
        (Ran::No, Repeat::Throttled),
    );
    write!(out, "\n## Transport and time\n\n{TABLE}").unwrap();
    let transport = |phase, sent| {
        Error::Transport(TransportError {
            phase,
            detail: String::new(),
            sent,
        })
    };
    let timeout = |phase, sent| {
        Error::Timeout(TimeoutError {
            phase,
            after_ms: 1,
            sent,
        })
    };
    for (text, error) in [
        (
            "no connection: name lookup, refused, unreachable",
            transport(TransportPhase::Connect, false),
        ),
        (
            "no connection in time",
            timeout(TimeoutPhase::Connect, false),
        ),
        (
            "TLS handshake or certificate",
            transport(TransportPhase::Tls, false),
        ),
        (
            "the host has no connection to spare",
            transport(TransportPhase::Host, false),
        ),
        (
            "broken while the request was sent",
            transport(TransportPhase::Request, true),
        ),
        (
            "broken before the response was complete",
            transport(TransportPhase::Response, true),
        ),
        (
            "an error within the host's HTTP stack",
            transport(TransportPhase::Host, true),
        ),
        ("no response in time", timeout(TimeoutPhase::Response, true)),
        (
            "the deadline of the call",
            timeout(TimeoutPhase::Deadline, true),
        ),
        ("a response over 6 MB", Error::ResponseTooLarge { limit: 1 }),
    ] {
        row(&mut out, "", text, retry::classify(&error));
    }
    out
}

#[test]
fn retries_md_is_the_table_in_the_code() {
    compare("retries.md", &retries());
}

#[test]
fn never_repeats_nothing_that_the_table_lists() {
    for rule in retry::ERRORS {
        let error = Error::Service(lambda_invocation_core::error::ServiceError {
            code: rule.code.to_owned(),
            status: rule.status,
            message: String::new(),
            hint: None,
            request_id: None,
        });
        assert_eq!(
            retry::backoff(&error, RetryMode::Never, 1, None, 0),
            None,
            "{}",
            rule.code
        );
    }
}

fn compare(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/{name} is not what the code says; run UPDATE_DOCS=1 cargo test -p lambda-invocation-core --test docs"
    );
}
