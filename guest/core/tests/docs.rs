//! The tables in `docs/` that say what core decides are those of the code.

#![cfg(test)]

use std::fmt::Write as _;

use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::call::endpoint::{PARTITIONS, Variant, resolve};
use lambda_invocation_core::call::retry::{self, Ran, Repeat};
use lambda_invocation_core::error::{
    Error, ResponseLimit, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};
use lambda_invocation_core::lifecycle::{
    Config, LifecycleEvent, LifecycleScope, PlanAction, PlanOptions, ReplaceOrder, STATE_VERSION,
    State, plan,
};
use lambda_invocation_docs::Page;

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

const TABLE: &str =
    "| status | error | did it run? | safe | idempotent |\n| --- | --- | --- | --- | --- |\n";

fn errors_of_the_api() -> String {
    let mut out = TABLE.to_owned();
    for rule in retry::ERRORS {
        let code = format!("`{}`", rule.code);
        row(
            &mut out,
            &rule.status.to_string(),
            &code,
            (rule.ran, rule.repeat),
        );
    }
    out
}

fn other_errors() -> String {
    let mut out = TABLE.to_owned();
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
    out
}

fn transport_and_time() -> String {
    let mut out = TABLE.to_owned();
    let transport = |phase, sent| {
        Error::Transport(TransportError {
            phase,
            detail: String::new(),
            maybe_ran: sent,
            attempts: 0,
        })
    };
    let timeout = |phase, sent| {
        Error::Timeout(TimeoutError {
            phase,
            after_ms: 1,
            maybe_ran: sent,
            attempts: 0,
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
        (
            "a response over 6 MB",
            Error::ResponseTooLarge(ResponseLimit { limit: 1 }),
        ),
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

fn partitions() -> String {
    let mut out = String::from(
        "| partition | regions | endpoint | FIPS | dual-stack | both |\n\
         | --- | --- | --- | --- | --- | --- |\n",
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
    out
}

/// An attribute as a configuration file spells it, and a change to it.
type Change = (&'static str, fn(&mut Config));

const CHANGES: &[Change] = &[
    ("function_name", |config| {
        config.function_name = "g".to_owned()
    }),
    ("qualifier", |config| {
        config.qualifier = Some("2".to_owned())
    }),
    ("region", |config| {
        config.region = Some("eu-west-1".to_owned())
    }),
    ("triggers", |config| {
        config.triggers = vec![("key".to_owned(), "value".to_owned())];
    }),
    ("input", |config| config.input = r#"{"a":2}"#.to_owned()),
    // The value is that of the column.
    ("lifecycle_scope", |_| ()),
    ("terraform_key", |config| {
        config.terraform_key = Some("key".to_owned())
    }),
    ("tenant_id", |config| {
        config.tenant_id = Some("tenant".to_owned())
    }),
    ("client_context", |config| {
        config.client_context = Some("e30=".to_owned())
    }),
    ("create_before_destroy", |config| {
        config.replace_order = Some(ReplaceOrder::CreateFirst);
    }),
];

/// What an apply does about a change, in words.
fn effect(prior: &State, desired: &Config) -> &'static str {
    use LifecycleEvent::{Create, Delete, Update};

    let plan = plan(Some(prior), Some(desired), &PlanOptions::default()).unwrap();
    let events: Vec<LifecycleEvent> = plan.requests.iter().map(|r| r.event).collect();
    match (plan.action, events.as_slice()) {
        (PlanAction::NoOp, []) => "nothing",
        (PlanAction::Update, []) => "is stored, nothing is sent",
        (PlanAction::Update, [Update]) => "invokes with `update`",
        (PlanAction::Replace, [Create]) => "replaces: invokes",
        (PlanAction::Replace, [Delete, Create]) => "replaces: invokes with `delete`, then `create`",
        other => panic!("no words for {other:?}"),
    }
}

fn changes() -> String {
    use LifecycleScope::{CreateOnly, Crud};

    let mut out = "| change of | under `CREATE_ONLY` | under `CRUD` | after an import |\n\
                   | --- | --- | --- | --- |\n"
        .to_owned();
    for (attribute, change) in CHANGES {
        write!(out, "| `{attribute}` |").unwrap();
        for (scope, other, imported) in [
            (CreateOnly, Crud, false),
            (Crud, CreateOnly, false),
            (CreateOnly, Crud, true),
        ] {
            let mut desired = Config {
                function_name: "f".to_owned(),
                input: r#"{"a":1}"#.to_owned(),
                lifecycle_scope: Some(scope),
                ..Config::default()
            };
            let before = match *attribute {
                "lifecycle_scope" => Config {
                    lifecycle_scope: Some(other),
                    ..desired.clone()
                },
                _ => desired.clone(),
            };
            let prior = State {
                version: STATE_VERSION,
                id: "f,$LATEST,hash".to_owned(),
                config: before.normalised(),
                result: "null".to_owned(),
                imported,
                deposed: None,
            };
            change(&mut desired);
            write!(out, " {} |", effect(&prior, &desired)).unwrap();
        }
        out.push('\n');
    }
    out
}

const COMMAND: &str = "cargo test -p lambda-invocation-core --test docs";

#[test]
fn endpoints_md_is_the_table_in_the_code() {
    Page::read("docs/endpoints.md").hold(&[("partitions", partitions())], COMMAND);
}

#[test]
fn lifecycle_md_says_what_a_change_does() {
    Page::read("docs/lifecycle.md").hold(&[("changes", changes())], COMMAND);
}

#[test]
fn retries_md_is_the_table_in_the_code() {
    let parts = [
        ("errors of the API", errors_of_the_api()),
        ("other errors", other_errors()),
        ("transport and time", transport_and_time()),
    ];
    Page::read("docs/retries.md").hold(&parts, COMMAND);
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
            attempts: 0,
        });
        assert_eq!(
            retry::backoff(&error, RetryMode::Never, 1, None, 0),
            None,
            "{}",
            rule.code
        );
    }
}
