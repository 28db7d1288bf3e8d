//! One call as a state machine: what each attempt sends, and what follows from
//! what came back.

#![cfg(test)]

mod attempts;
mod clock_skew;
mod head;
mod payload;
mod properties;
mod refused;

#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, RetryMode, RetryPolicy};
use lambda_invocation_core::call::invocation::{Head, Invocation, Step};
use lambda_invocation_core::call::response::{RawResponse, Response};
use lambda_invocation_core::error::{Error, TransportError, TransportPhase};

use crate::support::{NOW, connection, raw};

type Outcome = Result<RawResponse, Error>;

fn header<'a>(head: &'a Head, name: &str) -> &'a str {
    let mut values = head.headers.iter().filter(|(n, _)| *n == name);
    let (_, value) = values.next().unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(values.next(), None, "{name} twice");
    value
}

fn signed_headers(head: &Head) -> Vec<&str> {
    let (_, rest) = header(head, "authorization")
        .split_once("SignedHeaders=")
        .unwrap();
    rest.split_once(',').unwrap().0.split(';').collect()
}

fn with_policy(mode: RetryMode, max_attempts: u32) -> Connection {
    Connection {
        retry: Some(RetryPolicy { mode, max_attempts }),
        ..connection()
    }
}

/// Answers each attempt with the next outcome until the call is over.
fn drive(mut call: Invocation, outcomes: &[Outcome]) -> (Vec<Head>, Result<Response, Error>) {
    let mut heads = Vec::new();
    let mut elapsed = Duration::ZERO;
    for outcome in outcomes {
        heads.push(call.attempt(NOW + elapsed).unwrap());
        match call.next(outcome.clone(), NOW + elapsed, elapsed) {
            Step::Done(result) => return (heads, result),
            Step::Repeat(wait) => elapsed += wait,
        }
    }
    panic!("not over after {} attempts", heads.len());
}

fn refused() -> Outcome {
    Err(Error::Transport(TransportError {
        phase: TransportPhase::Connect,
        detail: "connection refused".to_owned(),
        maybe_ran: false,
        attempts: 0,
    }))
}

fn broken() -> Outcome {
    Err(Error::Transport(TransportError {
        phase: TransportPhase::Response,
        detail: "the connection was closed".to_owned(),
        maybe_ran: true,
        attempts: 0,
    }))
}

fn answer(status: u16, code: &str) -> Outcome {
    Ok(raw(status, &[("x-amzn-errortype", code)], "{}"))
}

fn good() -> Outcome {
    Ok(raw(200, &[], "{}"))
}
