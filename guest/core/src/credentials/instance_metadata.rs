//! Credentials of an EC2 instance: the instance metadata service, version 2.
//!
//! A component asks it only on request: it runs in hosts of others, where the machine's
//! role is not for all. The request is the variable that the SDKs read as well,
//! `AWS_EC2_METADATA_DISABLED`, set to `false`. `lambda-host` asks it as its last resort,
//! as the AWS SDKs do; there need not be one then, so it is asked once and briefly.
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
use super::{Fetched, Question, is_header_value, refused};
use crate::call::endpoint;
use crate::call::response::RawResponse;
use crate::call::settings::Environment;
use crate::call::sign;
use crate::error::{ArgumentError, Error};
use http::Method;

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

/// Why it is not asked, or of no use: for [`super::none_found`].
pub const ON_REQUEST: &str = "instance metadata is asked only with AWS_EC2_METADATA_DISABLED=false";
/// See [`ON_REQUEST`].
pub const DISABLED: &str = "instance metadata is not asked, as AWS_EC2_METADATA_DISABLED is true";
/// See [`ON_REQUEST`].
pub const NO_ANSWER: &str = "instance metadata does not answer";

/// How long the last resort may take to answer: as in botocore.
const LAST_RESORT_TIMEOUT: Duration = Duration::from_secs(1);

/// Whether the environment forbids them (`true`) or asks for them (`false`).
///
/// # Errors
///
/// [`ArgumentError`] when the variable is neither `true` nor `false`.
pub(super) fn disabled(environment: &Environment) -> Result<Option<bool>, ArgumentError> {
    environment.flag_if_set("AWS_EC2_METADATA_DISABLED")
}

/// The first question: for a token. `asked` says whether somebody asked for instance
/// metadata; otherwise it is a last resort.
///
/// # Errors
///
/// [`Error::InvalidArgument`] naming the variable, for an endpoint that is not sound.
pub fn question(environment: &Environment, asked: bool) -> Result<Question, Error> {
    let mode = environment.get(ENDPOINT_MODE).unwrap_or_default();
    let usual = if mode.eq_ignore_ascii_case("IPv6") {
        "http://[fd00:ec2::254]"
    } else {
        "http://169.254.169.254"
    };
    let url = environment.get(ENDPOINT).unwrap_or(usual);
    let endpoint = endpoint::custom(ENDPOINT, url, true)?;
    let mut question = Question::local(SOURCE, Method::PUT, endpoint);
    if !asked {
        question.timeout = LAST_RESORT_TIMEOUT;
        question.tries = 1;
    }
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
    question.method = Method::GET;
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

/// An answer in plain text: tokens and names of roles are one word. HTML is refused.
fn word(raw: RawResponse) -> Result<String, Error> {
    let mut body = body(SOURCE, raw)?;
    let end = body.iter().position(u8::is_ascii_whitespace);
    body.truncate(end.unwrap_or(body.len()));
    match String::from_utf8(body) {
        Ok(word) if is_header_value(&word) && !word.starts_with('<') => Ok(word),
        _ => Err(refused(SOURCE, "the answer is not one word")),
    }
}
