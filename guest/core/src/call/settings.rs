//! The connection, the environment and the defaults, merged and checked.

use std::time::Duration;

use zeroize::Zeroize;

use crate::call::connection::{Connection, Credentials, RetryMode, RetryPolicy};
use crate::call::endpoint::{self, Endpoint, Variant};
use crate::error::{ArgumentError, Error};

/// Default of `connect-timeout-ms`: that of the AWS SDK for Rust.
pub const CONNECT_TIMEOUT_MS: u32 = 3_100;
/// Default of `response-timeout-ms`: the 15 minutes a function may run, and ten
/// seconds for what surrounds it.
pub const RESPONSE_TIMEOUT_MS: u32 = 910_000;
/// Most attempts a retry policy may ask for.
pub const MAX_ATTEMPTS: u32 = 10;

/// Environment variables. Wiped on drop, as there are credentials among them.
#[derive(Default)]
pub struct Environment(Vec<(String, String)>);

impl Environment {
    /// Takes the variables as a host lists them. Of two with one name the first
    /// counts.
    pub fn new(variables: Vec<(String, String)>) -> Self {
        Self(variables)
    }

    /// The variable's value; an empty one counts as not set, as in the AWS SDKs.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(n, _)| n == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// The variables, in the host's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Sets a variable, in the place of one of that name.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(n, _)| n != name);
        self.0.push((name.to_owned(), value.to_owned()));
    }

    fn flag(&self, name: &'static str) -> Result<bool, ArgumentError> {
        Ok(self.flag_if_set(name)?.unwrap_or(false))
    }

    pub(crate) fn flag_if_set(&self, name: &'static str) -> Result<Option<bool>, ArgumentError> {
        match self.get(name) {
            None => Ok(None),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(ArgumentError::new(name, "must be true or false")),
        }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}

/// All a call needs to know beside who signs it, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The region to sign for.
    pub region: String,
    /// Where to send.
    pub endpoint: Endpoint,
    /// Whether that endpoint is a special one; for others that the call needs.
    pub variant: Variant,
    /// Whether endpoints may be plain HTTP.
    pub allow_http: bool,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long to wait for the response to begin, and for each further piece.
    pub response_timeout: Duration,
    /// How long the whole call may take.
    pub deadline: Option<Duration>,
    /// What to repeat.
    pub retry: RetryPolicy,
    /// For `User-Agent`.
    pub app_id: Option<String>,
}

impl Settings {
    /// Merges and checks; credentials are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::NoRegion`], or [`Error::InvalidArgument`] naming the field of the
    /// connection or the environment variable at fault.
    // Inlined into its one caller, each `?` takes its error apart and puts it together again.
    #[inline(never)]
    pub fn resolve(connection: Connection, environment: &Environment) -> Result<Self, Error> {
        let region = region(&connection, environment)?.to_owned();
        let (endpoint, variant) = endpoint_and_variant(&connection, environment)?;
        let retry = retry_policy(connection.retry, environment)?;
        let connect = limit("connect-timeout-ms", connection.connect_timeout_ms)?;
        let response = limit("response-timeout-ms", connection.response_timeout_ms)?;
        let deadline = limit("deadline-ms", connection.deadline_ms)?;
        let app_id = connection
            .app_id
            .or_else(|| environment.get("AWS_SDK_UA_APP_ID").map(str::to_owned));
        if app_id.as_ref().is_some_and(|id| id.chars().count() > 50) {
            return Err(Error::invalid("app-id", "longer than 50 characters"));
        }
        Ok(Self {
            region,
            endpoint,
            variant,
            allow_http: connection.allow_http.unwrap_or(false),
            connect_timeout: connect
                .unwrap_or(Duration::from_millis(u64::from(CONNECT_TIMEOUT_MS))),
            response_timeout: response
                .unwrap_or(Duration::from_millis(u64::from(RESPONSE_TIMEOUT_MS))),
            deadline,
            retry,
            app_id,
        })
    }
}

fn region<'a>(connection: &'a Connection, environment: &'a Environment) -> Result<&'a str, Error> {
    connection
        .region
        .as_deref()
        .or_else(|| region_in(environment))
        .ok_or(Error::NoRegion)
}

/// The region that the environment names.
pub fn region_in(environment: &Environment) -> Option<&str> {
    environment
        .get("AWS_REGION")
        .or_else(|| environment.get("AWS_DEFAULT_REGION"))
}

/// The endpoint alone, for hosts that open their network to it and nothing else.
///
/// # Errors
///
/// As [`Settings::resolve`].
pub fn endpoint(connection: &Connection, environment: &Environment) -> Result<Endpoint, Error> {
    Ok(endpoint_and_variant(connection, environment)?.0)
}

/// The endpoint URL that the environment names for a service, `variable` being that
/// service's own.
pub(crate) fn configured_endpoint<'a>(
    environment: &'a Environment,
    variable: &str,
) -> Result<Option<&'a str>, ArgumentError> {
    let ignored = environment.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?;
    Ok(environment
        .get(variable)
        .or_else(|| environment.get("AWS_ENDPOINT_URL"))
        .filter(|_| !ignored))
}

#[inline(never)]
fn endpoint_and_variant(
    connection: &Connection,
    environment: &Environment,
) -> Result<(Endpoint, Variant), Error> {
    let configured = configured_endpoint(environment, "AWS_ENDPOINT_URL_LAMBDA")?;
    let variant = variant(connection, environment)?;
    let endpoint = endpoint::resolve(
        region(connection, environment)?,
        connection.endpoint_url.as_deref().or(configured),
        variant,
        connection.allow_http.unwrap_or(false),
    )?;
    Ok((endpoint, variant))
}

/// Whether endpoints are special ones.
///
/// # Errors
///
/// [`ArgumentError`] for a variable that is neither `true` nor `false`.
pub fn variant(
    connection: &Connection,
    environment: &Environment,
) -> Result<Variant, ArgumentError> {
    Ok(Variant {
        fips: match connection.use_fips {
            Some(fips) => fips,
            None => environment.flag("AWS_USE_FIPS_ENDPOINT")?,
        },
        dualstack: match connection.use_dualstack {
            Some(dualstack) => dualstack,
            None => environment.flag("AWS_USE_DUALSTACK_ENDPOINT")?,
        },
    })
}

fn retry_policy(
    asked: Option<RetryPolicy>,
    environment: &Environment,
) -> Result<RetryPolicy, ArgumentError> {
    if let Some(policy) = asked {
        if !(1..=MAX_ATTEMPTS).contains(&policy.max_attempts) {
            return Err(ArgumentError::new("max-attempts", "must be 1 to 10"));
        }
        return Ok(policy);
    }
    retry_policy_in(environment)
}

/// The retry policy that the environment asks for, or the default.
///
/// # Errors
///
/// [`ArgumentError`] for an `AWS_MAX_ATTEMPTS` that is no number of attempts.
pub fn retry_policy_in(environment: &Environment) -> Result<RetryPolicy, ArgumentError> {
    let mut policy = RetryPolicy::default();
    if let Some(value) = environment.get("AWS_MAX_ATTEMPTS") {
        match value.parse::<u32>() {
            // SDKs accept more; beyond ten, waiting replaces trying.
            Ok(attempts) if attempts >= 1 => policy.max_attempts = attempts.min(MAX_ATTEMPTS),
            _ => {
                return Err(ArgumentError::new(
                    "AWS_MAX_ATTEMPTS",
                    "must be a whole number of at least 1",
                ));
            }
        }
    }
    if environment.get("AWS_RETRY_MODE").is_some_and(|mode| {
        ["never", "off", "none"]
            .iter()
            .any(|m| mode.eq_ignore_ascii_case(m))
    }) {
        policy.mode = RetryMode::Never;
    }
    Ok(policy)
}

fn limit(argument: &'static str, ms: Option<u32>) -> Result<Option<Duration>, ArgumentError> {
    match ms {
        Some(0) => Err(ArgumentError::new(argument, "must be at least 1")),
        Some(ms) => Ok(Some(Duration::from_millis(u64::from(ms)))),
        None => Ok(None),
    }
}

/// The credentials in the environment, where it holds any.
///
/// # Errors
///
/// [`Error::NoCredentials`] when it holds half of them.
pub fn credentials_in(environment: &Environment) -> Result<Option<Credentials>, Error> {
    let half = |text: &str| Err(Error::NoCredentials(text.to_owned()));
    match (
        environment.get("AWS_ACCESS_KEY_ID"),
        environment.get("AWS_SECRET_ACCESS_KEY"),
    ) {
        (Some(id), Some(secret)) => Ok(Some(Credentials {
            access_key_id: id.to_owned(),
            secret_access_key: secret.to_owned(),
            session_token: environment.get("AWS_SESSION_TOKEN").map(str::to_owned),
        })),
        (Some(_), None) => {
            half("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: set both")
        }
        (None, Some(_)) => {
            half("AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not: set both")
        }
        (None, None) => Ok(None),
    }
}
