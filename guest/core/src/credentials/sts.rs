//! Roles: two operations of the AWS Security Token Service, in its query protocol.
//!
//! Rules: the STS API reference, version 2011-06-15.

use std::time::Duration;

use percent_encoding::utf8_percent_encode;
use roxmltree::{Document, Node};
use zeroize::Zeroize as _;

use super::answer::Parts;
use super::{Fetched, Question, TRIES, refused};
use crate::call::connection::Credentials;
use crate::call::endpoint::{self, Endpoint, Partition, Variant};
use crate::call::invocation::Head;
use crate::call::quote::clean;
use crate::call::response::RawResponse;
use crate::call::retry;
use crate::call::settings::{Environment, configured_endpoint};
use crate::call::sign::{self, Scope, Signable, SigningTime};
use crate::error::{ArgumentError, Error};
use http::Method;

/// How long STS may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The least pause before STS is asked once more.
const PAUSE: Duration = Duration::from_millis(500);
/// The service in the credential scope.
const SERVICE: &str = "sts";
const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// What to do about the errors of STS that a user can do something about.
const HINTS: &[(&str, &str)] = &[
    (
        "AccessDenied",
        "check the role's trust policy, whether it asks for an MFA device (mfa_serial in the profile), and that the caller may sts:AssumeRole",
    ),
    ("ExpiredToken", "obtain a new token, or sign in again"),
    (
        "ExpiredTokenException",
        "obtain a new token, or sign in again",
    ),
    (
        "InvalidIdentityToken",
        "check the role's identity provider, and that the token is new",
    ),
    (
        "IDPRejectedClaim",
        "obtain a new token from the identity provider",
    ),
    (
        "InvalidClientTokenId",
        "check the access key that the role is assumed with",
    ),
    (
        "SignatureDoesNotMatch",
        "check the secret access key that the role is assumed with, and the clock",
    ),
];

/// A role to assume, with the parameters of the request as STS names them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Role {
    /// `RoleArn`.
    pub arn: String,
    /// `RoleSessionName`, by default `lambda-invocation-` and the time.
    pub session_name: Option<String>,
    /// `ExternalId`.
    pub external_id: Option<String>,
    /// `DurationSeconds`.
    pub duration_seconds: Option<String>,
    /// Further parameters by their names, such as `Policy` and `Tags.member.1.Key`.
    pub more: Vec<(String, String)>,
}

/// Where STS is, for the region of the call or of the profile.
///
/// # Errors
///
/// [`ArgumentError`], as for Lambda's endpoint; `AWS_ENDPOINT_URL_STS` stands
/// for both variables that can name one.
pub fn endpoint(
    environment: &Environment,
    region: &str,
    mut variant: Variant,
    allow_http: bool,
) -> Result<Endpoint, ArgumentError> {
    const URL: &str = "AWS_ENDPOINT_URL_STS";
    // There the plain name is the FIPS endpoint.
    if Partition::of(region).id == "aws-us-gov" && !variant.dualstack {
        variant.fips = false;
    }
    let url = configured_endpoint(environment, URL)?;
    endpoint::of_service(
        "sts",
        region,
        url.map(|url| (URL, url)),
        variant,
        allow_http,
    )
}

/// `AssumeRole`, signed for `now` with the credentials that may assume it.
pub fn assume_role(
    role: &Role,
    endpoint: Endpoint,
    region: &str,
    credentials: &Credentials,
    now: Duration,
) -> Question {
    let mut question = question("AssumeRole", role, None, endpoint, now);
    let time = SigningTime::new(now);
    let mut headers = vec![
        ("content-type", CONTENT_TYPE),
        ("host", question.endpoint.authority.as_str()),
        ("x-amz-date", time.amz_date()),
    ];
    if let Some(token) = &credentials.session_token {
        headers.push(("x-amz-security-token", token));
    }
    let signed = sign::sign(
        &Signable {
            method: "POST",
            path: &question.head.path_and_query,
            query: &[],
            headers: &headers,
            payload_hash: &sign::sha256_hex(&question.body),
        },
        &Scope {
            access_key_id: &credentials.access_key_id,
            key: &sign::key(&credentials.secret_access_key, region, SERVICE, &time),
            region,
            service: SERVICE,
            time: &time,
        },
    );
    let headers = &mut question.head.headers;
    headers.push(("x-amz-date", time.amz_date().to_owned()));
    if let Some(token) = &credentials.session_token {
        headers.push(("x-amz-security-token", token.clone()));
    }
    headers.push(("authorization", signed.authorization));
    question
}

/// `AssumeRoleWithWebIdentity`: the token stands for a signature.
pub fn assume_role_with_web_identity(
    role: &Role,
    token: &str,
    endpoint: Endpoint,
    now: Duration,
) -> Question {
    question(
        "AssumeRoleWithWebIdentity",
        role,
        Some(token),
        endpoint,
        now,
    )
}

fn question(
    action: &'static str,
    role: &Role,
    token: Option<&str>,
    endpoint: Endpoint,
    now: Duration,
) -> Question {
    let session_name = match &role.session_name {
        Some(name) => name.clone(),
        None => format!("lambda-invocation-{}", now.as_secs()),
    };
    let parameters = [
        ("Action", Some(action)),
        ("Version", Some("2011-06-15")),
        ("RoleArn", Some(&role.arn)),
        ("RoleSessionName", Some(&session_name)),
        ("ExternalId", role.external_id.as_deref()),
        ("DurationSeconds", role.duration_seconds.as_deref()),
        ("WebIdentityToken", token),
    ];
    let more = role.more.iter();
    let more = more.map(|(name, value)| (name.as_str(), Some(value.as_str())));
    // In one piece, so that growing leaves no copies of the token behind.
    let mut body = String::with_capacity(
        2_048_usize.saturating_add(token.map_or(0, |token| token.len().saturating_mul(3))),
    );
    for (name, value) in parameters.into_iter().chain(more) {
        let Some(value) = value else { continue };
        if !body.is_empty() {
            body.push('&');
        }
        body.push_str(name);
        body.push('=');
        body.extend(utf8_percent_encode(value, sign::COMPONENT));
    }
    Question {
        source: action,
        method: Method::POST,
        head: Head {
            path_and_query: endpoint.path("/"),
            headers: vec![("content-type", CONTENT_TYPE.to_owned())],
        },
        endpoint,
        body: body.into_bytes(),
        timeout: TIMEOUT,
        tries: TRIES,
        pause: PAUSE,
        is_temporary,
    }
}

/// Errors of STS that pass, though their status is 400: it is asked too often, or it
/// could not reach the identity provider (which its model calls retryable). Asking for
/// credentials twice does no harm.
fn is_temporary(raw: &RawResponse) -> bool {
    let code = std::str::from_utf8(&raw.body)
        .ok()
        .and_then(|body| body.split_once("<Code>"))
        .and_then(|(_, rest)| rest.split_once("</Code>"))
        .map_or("", |(code, _)| code.trim());
    raw.status == 400
        && (code == "IDPCommunicationError" || retry::THROTTLING_CODES.contains(&code))
}

/// Reads the answer to `question`; `secrets` were sent with it or signed it, and are in no text.
///
/// # Errors
///
/// [`Error::NoCredentials`] with STS's own words, or with what is wrong with the answer.
pub fn read(
    question: &Question,
    mut raw: RawResponse,
    secrets: &[&str],
    now: Duration,
) -> Result<Fetched, Error> {
    let fetched = read_answer(question.source, &raw, secrets, now);
    raw.body.zeroize();
    fetched
}

fn read_answer(
    action: &'static str,
    raw: &RawResponse,
    secrets: &[&str],
    now: Duration,
) -> Result<Fetched, Error> {
    let document = std::str::from_utf8(&raw.body)
        .ok()
        .and_then(|body| Document::parse(body).ok());
    if raw.status != 200 {
        return Err(failure(action, raw.status, document.as_ref(), secrets));
    }
    let Some(document) = document else {
        return Err(refused(action, "the answer is not XML"));
    };
    let credentials = child(document.root_element(), &[action, "Result"].concat())
        .and_then(|result| child(result, "Credentials"));
    let Some(credentials) = credentials else {
        return Err(refused(action, "the answer lacks Credentials"));
    };
    let part = |name| text(credentials, name);
    Parts {
        access_key_id: part("AccessKeyId"),
        secret_access_key: part("SecretAccessKey"),
        session_token: part("SessionToken"),
        expiration: part("Expiration"),
    }
    .check(action, now)
}

fn failure(action: &str, status: u16, document: Option<&Document<'_>>, secrets: &[&str]) -> Error {
    let error = document.and_then(|document| child(document.root_element(), "Error"));
    let said = |name, most| {
        let text = error
            .and_then(|error| text(error, name))
            .unwrap_or_default();
        clean(text, secrets, most)
    };
    let (code, message) = (said("Code", 128), said("Message", 512));
    let mut text = format!("HTTP {status}");
    for (separator, said) in [(", ", code), (": ", message)] {
        if !said.is_empty() {
            text.push_str(separator);
            text.push_str(&said);
        }
    }
    let hint = error
        .and_then(|error| self::text(error, "Code"))
        .and_then(|code| HINTS.iter().find(|(known, _)| *known == code));
    if let Some((_, hint)) = hint {
        text.push_str("; ");
        text.push_str(hint);
    }
    refused(action, &text)
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children()
        .find(|child| child.tag_name().name() == name)
}

fn text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text().map(str::trim)
}
