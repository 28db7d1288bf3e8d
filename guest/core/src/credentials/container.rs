//! Credentials of a container: ECS tasks, EKS Pod Identity, and whatever speaks their
//! protocol.
//!
//! Rules: "Container credential provider" in the AWS SDKs and Tools Reference Guide,
//! with the addresses that botocore accepts for plain HTTP.

use std::time::Duration;

use super::answer::read_json;
use super::{Fetched, Question, is_header_value, refused};
use crate::call::endpoint;
use crate::call::response::RawResponse;
use crate::call::settings::Environment;
use crate::error::Error;
use http::Method;

const SOURCE: &str = "container credentials (AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI)";
const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
/// The file that holds the token. It is read before every request, as EKS replaces it.
pub const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// Where containers may be asked over plain HTTP beside loopback addresses and the
/// name `localhost`: ECS, where the relative form leads, and EKS over either version
/// of IP.
const PLAIN_HTTP: &[&str] = &[
    "http://169.254.170.2",
    "http://169.254.170.23",
    "http://[fd00:ec2::23]",
];

/// Whether the environment offers them.
pub fn is_configured(environment: &Environment) -> bool {
    environment.get(RELATIVE_URI).is_some() || environment.get(FULL_URI).is_some()
}

/// What to ask. `token` is the content of [`TOKEN_FILE`], where that is set.
///
/// # Errors
///
/// [`Error::InvalidArgument`] naming the variable: a relative URI that is no path, a
/// full URI that is not sound or plain HTTP to anywhere but the few permitted
/// addresses, and a token that no header can carry.
pub fn question(environment: &Environment, token: Option<&str>) -> Result<Question, Error> {
    let (variable, origin, path) = match environment.get(RELATIVE_URI) {
        Some(path) => (RELATIVE_URI, "http://169.254.170.2", path),
        None => {
            let (origin, path) = split(environment.get(FULL_URI).unwrap_or_default());
            (FULL_URI, origin, path)
        }
    };
    let endpoint = endpoint::custom(variable, origin, PLAIN_HTTP.contains(&origin))?;
    // Which address such a name has is not certain.
    if endpoint.authority.contains(".localhost") || !is_path(path) {
        return Err(Error::invalid(
            variable,
            "must be a path for the one and a URL for the other, without a fragment, of a host by its address, or localhost",
        ));
    }
    let mut question = Question::local(SOURCE, Method::GET, endpoint);
    question.head.path_and_query = path.to_owned();
    let (variable, token) = match token {
        Some(_) => (TOKEN_FILE, token),
        None => (TOKEN, environment.get(TOKEN)),
    };
    // Editors end a file with a line break.
    if let Some(token) = token.map(|token| token.trim_end_matches(['\r', '\n'])) {
        if !is_header_value(token) {
            return Err(Error::invalid(
                variable,
                "must not be empty, nor hold line breaks or characters outside ASCII",
            ));
        }
        let header = ("authorization", token.to_owned());
        question.head.headers.push(header);
    }
    Ok(question)
}

/// Reads the answer.
///
/// # Errors
///
/// [`Error::NoCredentials`] with what is wrong with it.
pub fn read(raw: RawResponse, now: Duration) -> Result<Fetched, Error> {
    read_json(SOURCE, raw, now)
}

/// The error for when the token file cannot be read.
pub fn unreadable_token(reason: &str) -> Error {
    refused(TOKEN_FILE, reason)
}

/// A URL up to its path, and the path.
fn split(url: &str) -> (&str, &str) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme
        .find(['/', '?', '#'])
        .and_then(|at| after_scheme.get(at..))
        .unwrap_or_default();
    let origin = url.strip_suffix(path).unwrap_or(url);
    (origin, if path.is_empty() { "/" } else { path })
}

fn is_path(text: &str) -> bool {
    text.starts_with('/') && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#')
}
