//! Credentials of an EC2 instance: the instance metadata service, version 2.
//!
//! Where the AWS SDKs ask it as their last resort, this asks only on request. A plugin
//! host runs code of others, and the role of the machine is not for all of them; and
//! where there is no such service, asking it costs seconds. The request is the
//! variable that the SDKs read as well, `AWS_EC2_METADATA_DISABLED`: set to `false` it
//! asks, while unset or `true` it does not.
//!
//! Version 1, which needs no token, is never used: it gives the role's credentials to
//! anyone who gets a URL fetched.
//!
//! ```text
//! PUT /latest/api/token                                    -> a token
//! GET /latest/meta-data/iam/security-credentials/          -> the role's name
//! GET /latest/meta-data/iam/security-credentials/ROLE      -> JSON
//! ```
//!
//! Each round has a token of its own, so that none is ever too old.

use std::time::Duration;

use percent_encoding::{AsciiSet, utf8_percent_encode};

use super::answer::{body, read_json};
use super::{Fetched, Method, Question, is_header_value, refused};
use crate::call::endpoint;
use crate::call::response::RawResponse;
use crate::call::settings::Environment;
use crate::call::sign;
use crate::error::Error;

const SOURCE: &str = "instance metadata";
const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const ENDPOINT_MODE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
/// What is percent-encoded in the name of a role. The service decodes nothing, so what a
/// name may hold stays.
const ROLE: &AsciiSet = &sign::COMPONENT
    .remove(b'+')
    .remove(b'=')
    .remove(b',')
    .remove(b'@');

/// Whether the environment asks for them.
///
/// # Errors
///
/// [`Error::InvalidArgument`] when the variable is neither `true` nor `false`.
pub fn is_asked_for(environment: &Environment) -> Result<bool, Error> {
    let disabled = environment.flag_if_set("AWS_EC2_METADATA_DISABLED")?;
    Ok(disabled == Some(false))
}

/// The first question: for a token.
///
/// # Errors
///
/// [`Error::InvalidArgument`] naming the variable, for an endpoint that is not sound.
pub fn question(environment: &Environment) -> Result<Question, Error> {
    let mode = environment.get(ENDPOINT_MODE).unwrap_or_default();
    let usual = if mode.eq_ignore_ascii_case("IPv6") {
        "http://[fd00:ec2::254]"
    } else {
        "http://169.254.169.254"
    };
    let url = environment.get(ENDPOINT).unwrap_or(usual);
    let endpoint = endpoint::custom(ENDPOINT, url, true)?;
    let mut question = Question::local(SOURCE, Method::Put, endpoint);
    question.head.path_and_query = question.endpoint.path("/latest/api/token");
    // Six hours, the longest there is, as the SDKs ask.
    let lifetime = ("x-aws-ec2-metadata-token-ttl-seconds", "21600".to_owned());
    question.head.headers.push(lifetime);
    Ok(question)
}

/// Makes the second question, for the role's name, of the first and its answer.
///
/// # Errors
///
/// [`Error::NoCredentials`] with what is wrong with the answer.
pub fn ask_for_role(question: &mut Question, raw: RawResponse) -> Result<(), Error> {
    let token = word(raw)?;
    question.method = Method::Get;
    question.head.path_and_query = question.endpoint.path(ROLES);
    question.head.headers = vec![("x-aws-ec2-metadata-token", token)];
    Ok(())
}

/// Makes the third, for its credentials, of the second and its answer.
///
/// # Errors
///
/// [`Error::NoCredentials`] with what is wrong with the answer.
pub fn ask_for_credentials(question: &mut Question, raw: RawResponse) -> Result<(), Error> {
    if raw.status == 404 {
        return Err(refused(SOURCE, "the instance has no role"));
    }
    let path = &mut question.head.path_and_query;
    path.extend(utf8_percent_encode(&word(raw)?, ROLE));
    Ok(())
}

/// Reads the answer to the third.
///
/// # Errors
///
/// [`Error::NoCredentials`] with what is wrong with it.
pub fn read(raw: RawResponse, now: Duration) -> Result<Fetched, Error> {
    read_json(SOURCE, raw, now)
}

/// An answer in plain text: tokens and names of roles are one word. HTML is none.
fn word(raw: RawResponse) -> Result<String, Error> {
    let mut body = body(SOURCE, raw)?;
    let end = body.iter().position(u8::is_ascii_whitespace);
    body.truncate(end.unwrap_or(body.len()));
    match String::from_utf8(body) {
        Ok(word) if is_header_value(&word) && !word.starts_with('<') => Ok(word),
        _ => Err(refused(SOURCE, "the answer is not one word")),
    }
}
