//! Credentials of a container: ECS tasks, EKS Pod Identity, and whatever speaks their
//! protocol.
//!
//! Rules: "Container credential provider" in the AWS SDKs and Tools Reference Guide,
//! with the addresses that botocore accepts for plain HTTP.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::{Fetched, Question, is_header_value, read_json, refused};
use crate::endpoint::{self, Endpoint, Scheme};
use crate::error::Error;
use crate::response::RawResponse;
use crate::settings::Environment;

const SOURCE: &str = "container credentials";
const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
/// The file that holds the token. It is read before every request, as EKS replaces it.
pub const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
/// Where ECS answers, for the relative form.
const ECS: &str = "169.254.170.2";

/// Where containers may be asked over plain HTTP, beside loopback addresses and the
/// name `localhost`: ECS, and EKS over either version of IP.
const PLAIN_HTTP: &[IpAddr] = &[
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
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
    let (endpoint, path) = match environment.get(RELATIVE_URI) {
        Some(uri) => relative(uri)?,
        None => full(environment.get(FULL_URI).unwrap_or_default())?,
    };
    let mut question = Question::get(SOURCE, endpoint, path);
    let (variable, token) = match token {
        Some(token) => (TOKEN_FILE, Some(token)),
        None => (TOKEN, environment.get(TOKEN)),
    };
    if let Some(token) = token {
        if !is_header_value(token) {
            return Err(Error::invalid(
                variable,
                "must not be empty, nor hold line breaks or characters outside ASCII",
            ));
        }
        question
            .head
            .headers
            .push(("authorization", token.to_owned()));
    }
    Ok(question)
}

/// Reads the answer to `question`.
///
/// # Errors
///
/// [`Error::NoCredentials`] with what is wrong with it.
pub fn read(question: &Question, raw: RawResponse, now: Duration) -> Result<Fetched, Error> {
    let token = question.head.headers.first();
    let token = token.map_or("", |(_, value)| value.as_str());
    read_json(SOURCE, raw, &[token], now)
}

/// The error for when the token file cannot be read.
pub fn unreadable_token(reason: &str) -> Error {
    refused(SOURCE, &["cannot read ", TOKEN_FILE, ": ", reason])
}

fn relative(uri: &str) -> Result<(Endpoint, String), Error> {
    if !uri.starts_with('/') || !is_path(uri) {
        return Err(Error::invalid(
            RELATIVE_URI,
            "must be a path that begins with '/'",
        ));
    }
    let endpoint = Endpoint {
        scheme: Scheme::Http,
        authority: ECS.to_owned(),
        base_path: String::new(),
    };
    Ok((endpoint, uri.to_owned()))
}

fn full(uri: &str) -> Result<(Endpoint, String), Error> {
    let scheme_end = uri.find("://").map_or(0, |at| at.saturating_add(3));
    let path_at = uri
        .get(scheme_end..)
        .and_then(|rest| rest.find(['/', '?', '#']))
        .map_or(uri.len(), |at| at.saturating_add(scheme_end));
    let (origin, path) = uri.split_at_checked(path_at).unwrap_or((uri, ""));
    let endpoint = endpoint::custom(origin, true).map_err(|error| match error {
        Error::InvalidArgument(e) => Error::invalid(FULL_URI, e.reason),
        other => other,
    })?;
    if endpoint.scheme == Scheme::Http && !may_be_plain(&endpoint.authority) {
        return Err(Error::invalid(
            FULL_URI,
            "must be https:// unless it names a loopback address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]",
        ));
    }
    if !is_path(path) {
        return Err(Error::invalid(
            FULL_URI,
            "must not hold spaces or a fragment",
        ));
    }
    let mut path = path.to_owned();
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    Ok((endpoint, path))
}

fn is_path(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() && b != b'#')
}

/// Names but `localhost` are refused: where they lead is not known here.
fn may_be_plain(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    };
    if host == "localhost" {
        return true;
    }
    let literal = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    literal
        .unwrap_or(host)
        .parse::<IpAddr>()
        .is_ok_and(|ip| ip.is_loopback() || PLAIN_HTTP.contains(&ip))
}
