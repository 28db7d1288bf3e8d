//! The environment variables, which are the whole configuration: the one channel that
//! every host of WASI has.

use std::time::Duration;

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::error::Error;

use crate::access::Callers;
use crate::allowed::AllowedFunctions;

/// The token of callers.
pub const TOKEN: &str = "LAMBDA_INVOCATION_TOKEN";
/// The token that callers are about to leave.
pub const PREVIOUS_TOKEN: &str = "LAMBDA_INVOCATION_TOKEN_PREVIOUS";
/// Whether to serve without a token.
pub const ALLOW_UNAUTHENTICATED: &str = "LAMBDA_INVOCATION_ALLOW_UNAUTHENTICATED";
/// The functions that callers may invoke.
pub const ALLOWED_FUNCTIONS: &str = "LAMBDA_INVOCATION_ALLOWED_FUNCTIONS";
/// How long an invocation may take.
pub const TIMEOUT_MS: &str = "LAMBDA_INVOCATION_TIMEOUT_MS";
/// How long a caller may take to send a payload, and how long to take its answer.
pub const BODY_TIMEOUT_MS: &str = "LAMBDA_INVOCATION_BODY_TIMEOUT_MS";

/// Default of [`BODY_TIMEOUT_MS`]: 6 MB at 210 KB a second.
pub const DEFAULT_BODY_TIMEOUT_MS: u32 = 30_000;

/// What the variables of the service say.
pub struct Settings<'a> {
    pub callers: Callers,
    pub allowed: AllowedFunctions<'a>,
    /// How long a caller may take to send a payload, and how long to take its answer.
    pub body_timeout: Duration,
    /// How long an invocation may take, retries included.
    pub timeout_ms: Option<u32>,
}

impl<'a> Settings<'a> {
    /// Reads the variables.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for the variable at fault.
    pub fn read(environment: &'a Environment) -> Result<Self, Error> {
        let body_timeout_ms =
            milliseconds(environment, BODY_TIMEOUT_MS)?.unwrap_or(DEFAULT_BODY_TIMEOUT_MS);
        Ok(Self {
            callers: Callers::configured(environment)?,
            allowed: AllowedFunctions::parse(environment.get(ALLOWED_FUNCTIONS).unwrap_or(""))?,
            body_timeout: Duration::from_millis(u64::from(body_timeout_ms)),
            timeout_ms: milliseconds(environment, TIMEOUT_MS)?,
        })
    }

    /// The connection to make: all but the deadline comes from the environment.
    pub fn connection(&self) -> Connection {
        Connection {
            deadline_ms: self.timeout_ms,
            ..Connection::default()
        }
    }
}

/// `true` or `false`; not set is `false`.
pub fn flag(environment: &Environment, name: &'static str) -> Result<bool, Error> {
    match environment.get(name) {
        None => Ok(false),
        Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
        Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(Error::invalid(name, "must be true or false")),
    }
}

fn milliseconds(environment: &Environment, name: &'static str) -> Result<Option<u32>, Error> {
    let Some(value) = environment.get(name) else {
        return Ok(None);
    };
    match value.parse() {
        Ok(ms @ 1..) => Ok(Some(ms)),
        _ => Err(Error::invalid(
            name,
            "must be a whole number of milliseconds, at least 1",
        )),
    }
}
