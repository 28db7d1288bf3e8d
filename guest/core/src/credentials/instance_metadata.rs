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

use zeroize::Zeroizing;

use super::{Fetched, Method, Question, bad_status, is_header_value, read_json, refused};
use crate::endpoint::{self, Endpoint, Scheme};
use crate::error::Error;
use crate::percent;
use crate::response::RawResponse;
use crate::settings::Environment;

const SOURCE: &str = "instance metadata";
const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const ENDPOINT_MODE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

/// Whether the environment asks for them.
///
/// # Errors
///
/// [`Error::InvalidArgument`] when the variable is neither `true` nor `false`.
pub fn is_asked_for(environment: &Environment) -> Result<bool, Error> {
    let disabled = environment.flag_if_set("AWS_EC2_METADATA_DISABLED")?;
    Ok(disabled == Some(false))
}

/// A round of questions. It has no `Debug`: it holds the token.
pub struct Session {
    endpoint: Endpoint,
    token: Zeroizing<String>,
}

impl Session {
    /// The first question: for a token.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] naming the variable, for an endpoint that is not
    /// sound or a mode that does not exist.
    pub fn question(environment: &Environment) -> Result<Question, Error> {
        let mut question = Question::get(SOURCE, endpoint(environment)?, String::new());
        question.method = Method::Put;
        question.head.path_and_query = question.endpoint.path("/latest/api/token");
        // Six hours, the longest there is, as the SDKs ask.
        let seconds = "21600".to_owned();
        question
            .head
            .headers
            .push(("x-aws-ec2-metadata-token-ttl-seconds", seconds));
        Ok(question)
    }

    /// Reads the token.
    ///
    /// # Errors
    ///
    /// [`Error::NoCredentials`] with what is wrong with the answer.
    pub fn new(question: &Question, raw: RawResponse) -> Result<Self, Error> {
        Ok(Self {
            endpoint: question.endpoint.clone(),
            token: line(raw, "the answer is not a token")?.into(),
        })
    }

    /// The second question: for the role's name.
    pub fn role_question(&self) -> Question {
        self.get(ROLES)
    }

    /// The third question, from the answer to the second.
    ///
    /// # Errors
    ///
    /// [`Error::NoCredentials`] with what is wrong with the answer.
    pub fn credentials_question(&self, raw: RawResponse) -> Result<Question, Error> {
        if raw.status == 404 {
            return Err(refused(SOURCE, &["the instance has no role"]));
        }
        let role = line(raw, "the answer is not the name of a role")?;
        let mut path = ROLES.to_owned();
        percent::encode_into(&mut path, &role, b"");
        Ok(self.get(&path))
    }

    /// Reads the answer to the third.
    ///
    /// # Errors
    ///
    /// [`Error::NoCredentials`] with what is wrong with it.
    pub fn read(&self, raw: RawResponse, now: Duration) -> Result<Fetched, Error> {
        read_json(SOURCE, raw, &[&self.token], now)
    }

    fn get(&self, path: &str) -> Question {
        let path = self.endpoint.path(path);
        let mut question = Question::get(SOURCE, self.endpoint.clone(), path);
        question
            .head
            .headers
            .push(("x-aws-ec2-metadata-token", self.token.to_string()));
        question
    }
}

fn endpoint(environment: &Environment) -> Result<Endpoint, Error> {
    if let Some(url) = environment.get(ENDPOINT) {
        return endpoint::custom(url, true).map_err(|error| match error {
            Error::InvalidArgument(e) => Error::invalid(ENDPOINT, e.reason),
            other => other,
        });
    }
    let authority = match environment.get(ENDPOINT_MODE) {
        None => "169.254.169.254",
        Some(mode) if mode.eq_ignore_ascii_case("IPv4") => "169.254.169.254",
        Some(mode) if mode.eq_ignore_ascii_case("IPv6") => "[fd00:ec2::254]",
        Some(_) => return Err(Error::invalid(ENDPOINT_MODE, "must be IPv4 or IPv6")),
    };
    Ok(Endpoint {
        scheme: Scheme::Http,
        authority: authority.to_owned(),
        base_path: String::new(),
    })
}

/// The first line of an answer in plain text; tokens and names of roles are one word.
fn line(raw: RawResponse, fault: &str) -> Result<String, Error> {
    if raw.status != 200 {
        return Err(bad_status(SOURCE, &raw, &[]));
    }
    let text = std::str::from_utf8(&raw.body).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default().trim();
    if !is_header_value(line) || line.contains([' ', '<']) {
        return Err(refused(SOURCE, &[fault]));
    }
    Ok(line.to_owned())
}
