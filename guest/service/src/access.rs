//! Who may call.

use std::hint::black_box;

use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::sign::sha256_hex;
use lambda_invocation_core::error::Error;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::headers::Headers;
use crate::settings::{self, ALLOW_UNAUTHENTICATED, PREVIOUS_TOKEN, TOKEN};

/// Fewest characters of a token: 16 random ones of base64 are 96 bits.
const MIN_TOKEN: usize = 16;

/// Who may call.
pub enum Callers {
    /// Nobody: nothing is configured.
    Nobody,
    /// Whoever can connect.
    Anybody,
    /// Who knows a token. Hashes of those.
    Bearers(Vec<Zeroizing<String>>),
}

impl Callers {
    /// Reads the variables.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for the variable at fault.
    pub fn configured(environment: &Environment) -> Result<Self, Error> {
        let mut tokens = Vec::new();
        for name in [TOKEN, PREVIOUS_TOKEN] {
            let Some(token) = environment.get(name) else {
                continue;
            };
            if token.len() < MIN_TOKEN || !token.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(Error::invalid(
                    name,
                    "must have at least 16 characters, all of them visible ASCII",
                ));
            }
            tokens.push(hash(token.as_bytes()));
        }
        let anybody = settings::flag(environment, ALLOW_UNAUTHENTICATED)?;
        match (anybody, tokens.is_empty()) {
            (false, true) => Ok(Self::Nobody),
            (false, false) => Ok(Self::Bearers(tokens)),
            (true, true) => Ok(Self::Anybody),
            (true, false) => Err(Error::invalid(
                ALLOW_UNAUTHENTICATED,
                "must not be true where there is a token",
            )),
        }
    }

    /// Checks the caller by the headers of the request.
    ///
    /// The token is that of `Authorization: Bearer`, or, as AWS SDKs send an
    /// `Authorization` of their own, the session token they have been given. Their
    /// signature is not looked at: it would prove no more than the token does.
    ///
    /// # Errors
    ///
    /// 401 without the right token; 403 where there is none to be right.
    pub fn check(&self, headers: &Headers) -> Result<(), Failure> {
        let tokens = match self {
            Self::Nobody => {
                return Err(Failure {
                    log: Some(format!(
                        "closed: set {TOKEN}, or {ALLOW_UNAUTHENTICATED}=true to serve whoever can connect"
                    )),
                    ..Failure::new(
                        403,
                        "AccessDeniedException",
                        "this service is set up to serve nobody",
                    )
                });
            }
            Self::Anybody => return check_no_page(headers),
            Self::Bearers(tokens) => tokens,
        };
        let mut given = bearer_tokens(headers)
            .chain(headers.all("x-amz-security-token"))
            .peekable();
        if given.peek().is_none() {
            return Err(Failure::new(
                401,
                "MissingAuthenticationTokenException",
                "the service's token is missing: send it as Authorization: Bearer, or give it to the AWS SDK as AWS_SESSION_TOKEN",
            ));
        }
        let mut known = false;
        for given in given {
            let given = hash(given);
            for token in tokens {
                known |= are_equal(token, &given);
            }
        }
        match known {
            true => Ok(()),
            false => Err(Failure::new(
                401,
                "UnrecognizedClientException",
                "the token is not the service's",
            )),
        }
    }
}

/// A page in a browser on the same machine can connect, whatever site it is from.
/// Browsers say where a page that sends a POST is from; programs do not.
fn check_no_page(headers: &Headers) -> Result<(), Failure> {
    match headers.all("origin").next() {
        None => Ok(()),
        Some(_) => Err(Failure::new(
            403,
            "AccessDeniedException",
            "without a token, this service does not serve web pages",
        )),
    }
}

/// RFC 6750 section 2.1; the scheme's case does not count (RFC 9110 section 11.1).
fn bearer_tokens(headers: &Headers) -> impl Iterator<Item = &[u8]> {
    headers.all("authorization").filter_map(|value| {
        let (scheme, token) = value.split_at_checked(7)?;
        scheme
            .eq_ignore_ascii_case(b"bearer ")
            .then(|| token.trim_ascii())
    })
}

/// Tokens are compared by their hashes, so that neither their length nor how much of
/// one was guessed shows in the time it takes.
fn hash(token: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(sha256_hex(token))
}

/// Compares two texts of one length in a time that does not depend on them.
fn are_equal(a: &str, b: &str) -> bool {
    let differences = a
        .bytes()
        .zip(b.bytes())
        .fold(0, |all, (a, b)| black_box(all | (a ^ b)));
    a.len() == b.len() && differences == 0
}
