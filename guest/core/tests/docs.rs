//! The tables below `docs/` are those of the code: this test fails when they are not,
//! and writes them anew when `UPDATE_DOCS` is set.

use std::fmt::Write as _;
use std::path::Path;

use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::call::endpoint::{PARTITIONS, Variant, resolve};
use lambda_invocation_core::call::retry::{self, Ran, Repeat};
use lambda_invocation_core::error::{
    Error, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};

const RETRIES_HEAD: &str = "\
# What is repeated, and what is not

Lambda's Invoke is not idempotent: a request that is repeated runs the function again. So the question is not
whether an error is temporary, but whether the function may have run. This table is the one in
[`guest/core/src/call/retry.rs`](../guest/core/src/call/retry.rs), written by a test.

- **safe**, the default, repeats only rows that say *no*: the function certainly did not run.
- **idempotent** repeats more, by the caller's word that running twice does no harm.
- **never** repeats nothing.

Attempts are limited to 3 in total unless you choose otherwise (`--max-attempts`, `AWS_MAX_ATTEMPTS`), and all waits
to the deadline. A wait is `random(0..1) * min(base * 2^i, 20 s)` with a base of 50 ms, or 1 s for throttling, and no
shorter than `x-amz-retry-after` or `Retry-After` asks for; a server that asks for more than 20 s ends the call
instead, with the time it asked for in the error.

`AWS_RETRY_MODE` of `never`, `off` or `none` turns repeating off; the SDKs' `legacy`, `standard` and `adaptive` mean
`safe` here, because all three of them repeat calls that may have run. A `retry` in WIT replaces both variables; of
the options `--retry` and `--max-attempts`, each replaces its own.

Two refusals are repeated once beside the table, unless the mode is `never` or no attempt is left, because nothing ran:
a signature that is refused while the server's `Date` is more than four minutes from the component's clock (the next
attempt is signed for the server's time), and expired credentials that the component has fetched itself (it fetches
new ones).

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
    for status in [400, 403, 408, 429, 499, 500, 502, 503, 504, 505] {
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
            maybe_ran: sent,
        })
    };
    let timeout = |phase, sent| {
        Error::Timeout(TimeoutError {
            phase,
            after_ms: 1,
            maybe_ran: sent,
        })
    };
    for (text, error) in [
        (
            "no connection: name lookup, refused, unreachable",
            transport(TransportPhase::Connect, false),
        ),
        (
            "no connection in time, or so the host says: some do for any silence",
            timeout(TimeoutPhase::Connect, true),
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
        let ran = if error.maybe_ran() {
            Ran::Maybe
        } else {
            Ran::No
        };
        row(&mut out, "", text, (ran, retry::repeat(&error)));
    }
    out
}

const ENDPOINTS_HEAD: &str = "\
# Endpoints

Where a call goes when it names no endpoint of its own. These tables are made from the code in
[`guest/core/src/call/endpoint.rs`](../guest/core/src/call/endpoint.rs) by a test; another test compares every region that
botocore knows, in every variant, with what botocore resolves.

A region belongs to the first partition whose prefix it has; a region that has none of them belongs to `aws`, so new
regions work before anyone here has heard of them. `R` stands for the region.

";

const ENDPOINTS_TAIL: &str = "
## Choosing one

| what | where from, the first that is set |
| --- | --- |
| region | the call (`--region`), `AWS_REGION`, `AWS_DEFAULT_REGION`, `region` of the profile; with `--profile`, `lambda-host` takes the profile's before the environment's |
| FIPS | the call (`--use-fips`), `AWS_USE_FIPS_ENDPOINT` |
| dual-stack | the call (`--use-dualstack`), `AWS_USE_DUALSTACK_ENDPOINT` |
| endpoint URL | the call (`--endpoint-url`), `AWS_ENDPOINT_URL_LAMBDA`, `AWS_ENDPOINT_URL`, `endpoint_url` below `lambda` in the section that the profile's `services` names, `endpoint_url` of the profile |

`AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, or else the profile's `ignore_configured_endpoint_urls`, makes all of the last
row count for nothing but the call's own. For roles, STS is found in the same way by `AWS_ENDPOINT_URL_STS` and `sts`.
Profiles count where files can be read: in `lambda-host` and in the command component, not in the plugin.

An endpoint URL is `https`, or `http` for a loopback address, or `http` for any with `--allow-http`. It may have a base
path. It must not have user info, a query, a fragment or an IPv6 zone, and cannot be combined with FIPS or dual-stack:
name such an endpoint in the URL instead. An ARN whose region or partition is not the call's is refused before anything
is sent.
";

fn endpoints() -> String {
    let mut out = format!(
        "{ENDPOINTS_HEAD}| partition | regions | endpoint | FIPS | dual-stack | both |\n\
         | --- | --- | --- | --- | --- | --- |\n"
    );
    for partition in PARTITIONS {
        let prefixes: Vec<String> = partition
            .region_prefixes
            .iter()
            .map(|prefix| match *prefix {
                "" => "all others".to_owned(),
                prefix => format!("`{prefix}*`"),
            })
            .collect();
        write!(out, "| `{}` | {} |", partition.id, prefixes.join(", ")).unwrap();
        // The number is a part of the form.
        let region = format!("{}x-1", partition.region_prefixes[0]);
        let region = if region == "x-1" { "x-x-1" } else { &region };
        for (fips, dualstack) in [(false, false), (true, false), (false, true), (true, true)] {
            let endpoint = resolve(region, None, Variant { fips, dualstack }, false).unwrap();
            let shown = endpoint.authority.replace(region, "R");
            write!(out, " `{shown}` |").unwrap();
        }
        out.push('\n');
    }
    out + ENDPOINTS_TAIL
}

#[test]
fn endpoints_md_is_the_table_in_the_code() {
    compare("endpoints.md", &endpoints());
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
            maybe_ran: false,
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
