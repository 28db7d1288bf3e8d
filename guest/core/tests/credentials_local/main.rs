//! Credentials of containers and instances: what is asked, and what answers mean.

#![cfg(test)]

mod asking;
mod call;
mod containers;
mod instances;

#[path = "../support/mod.rs"]
mod support;

use lambda_invocation_core::credentials::Question;
use lambda_invocation_core::error::Error;

use crate::support::CANARY;

const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

/// URL of a question.
fn url(question: &Question) -> String {
    question.endpoint.origin() + &question.head.path_and_query
}

/// The text of `NoCredentials`.
fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::NoCredentials(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn document(changes: &[(&str, Option<&str>)]) -> String {
    let mut members = serde_json::json!({
        "AccessKeyId": "ASIAEXAMPLE",
        "SecretAccessKey": CANARY,
        "Token": format!("{CANARY}=="),
        "Expiration": "2026-08-30T13:36:00Z",
        "RoleArn": "arn:aws:iam::123456789012:role/task",
    });
    for (name, value) in changes {
        match value {
            Some(value) => members[*name] = (*value).into(),
            None => drop(members.as_object_mut().unwrap().remove(*name)),
        }
    }
    members.to_string()
}
