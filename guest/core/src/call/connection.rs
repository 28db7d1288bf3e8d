//! How to reach Lambda, and as whom: the `connection` record of the WIT package.

use std::fmt;

use zeroize::Zeroize;

pub use crate::call::signer::{DerivedCredentials, SigningKey};

/// AWS credentials to sign with. Wiped on drop; `Debug` shows nothing secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The public part, for example `AKIAIOSFODNN7EXAMPLE`.
    pub access_key_id: String,
    /// The secret part.
    pub secret_access_key: String,
    /// Present for temporary credentials, sent as `X-Amz-Security-Token`.
    pub session_token: Option<String>,
}

impl Credentials {
    /// What must not appear in a text, where a server quotes what it was sent.
    pub fn secrets(&self) -> [&str; 3] {
        let token = self.session_token.as_deref().unwrap_or_default();
        [&self.access_key_id, &self.secret_access_key, token]
    }
}

impl Drop for Credentials {
    fn drop(&mut self) {
        self.access_key_id.zeroize();
        self.secret_access_key.zeroize();
        self.session_token.zeroize();
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("temporary", &self.session_token.is_some())
            .finish_non_exhaustive()
    }
}

/// What may be repeated after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RetryMode {
    /// Nothing is repeated.
    Never,
    /// Only what certainly did not run the function is repeated.
    #[default]
    Safe,
    /// The caller vouches that running the function twice does no harm.
    Idempotent,
}

wit_enum!(RetryMode: Never, Safe, Idempotent);

/// How often a call is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// What may be repeated.
    pub mode: RetryMode,
    /// Attempts in total, the first one included: 1 to 10.
    pub max_attempts: u32,
}

impl Default for RetryPolicy {
    /// `safe` with 3 attempts, the number of the AWS SDKs' standard mode.
    fn default() -> Self {
        Self {
            mode: RetryMode::Safe,
            max_attempts: 3,
        }
    }
}

/// How to reach Lambda. An absent field comes from the environment, then from its
/// default; [`crate::call::settings::Settings`] is what results.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Connection {
    /// Region to sign for and to derive the endpoint from.
    pub region: Option<String>,
    /// Base URL instead of the region's public endpoint.
    pub endpoint_url: Option<String>,
    /// Credentials to sign with.
    pub credentials: Option<Credentials>,
    /// Keys to sign with, in place of credentials.
    pub derived_credentials: Option<DerivedCredentials>,
    /// Use the FIPS 140 endpoint.
    pub use_fips: Option<bool>,
    /// Use the dual-stack (IPv4 and IPv6) endpoint.
    pub use_dualstack: Option<bool>,
    /// Milliseconds to wait for a connection.
    pub connect_timeout_ms: Option<u32>,
    /// Milliseconds to wait for the response to begin, and for each further piece.
    pub response_timeout_ms: Option<u32>,
    /// Milliseconds the whole call may take, retries and their waits included.
    pub deadline_ms: Option<u32>,
    /// What to repeat.
    pub retry: Option<RetryPolicy>,
    /// Accept an `http://` endpoint that is not a loopback address.
    pub allow_http: Option<bool>,
    /// A name for the calling application, sent in `User-Agent`.
    pub app_id: Option<String>,
}

impl fmt::Debug for Connection {
    /// Leaves out the endpoint URL too: before it is checked it may hold user info.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("region", &self.region)
            .field("custom_endpoint", &self.endpoint_url.is_some())
            .field("credentials", &self.credentials)
            .field("derived_credentials", &self.derived_credentials)
            .field("use_fips", &self.use_fips)
            .field("use_dualstack", &self.use_dualstack)
            .field("connect_timeout_ms", &self.connect_timeout_ms)
            .field("response_timeout_ms", &self.response_timeout_ms)
            .field("deadline_ms", &self.deadline_ms)
            .field("retry", &self.retry)
            .field("allow_http", &self.allow_http)
            .field("app_id", &self.app_id)
            .finish()
    }
}
