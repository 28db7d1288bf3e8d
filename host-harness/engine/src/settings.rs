//! What a provider's configuration says of every call, and what a single call adds.

use std::fmt;

use lambda_invocation_core::call::connection::{Connection, RetryMode, RetryPolicy};
use lambda_invocation_core::call::request::LogType;
use lambda_invocation_host::credentials::{NativeChain, Role, Start};

/// The provider's configuration. Absent fields come from the environment, then from the
/// shared configuration files.
#[derive(Default, Clone)]
pub struct Settings {
    /// The region of calls that name none.
    pub region: Option<String>,
    /// A profile of the shared configuration files.
    pub profile: Option<String>,
    /// Credentials that the configuration holds itself, instead of those that are found.
    pub start: Option<Start>,
    /// Roles that are assumed with them, one after the other.
    pub roles: Vec<Role>,
    /// The region whose endpoint of STS gives roles, instead of the call's.
    pub sts_region: Option<String>,
    /// Variables that go before those of the environment where credentials and proxies are
    /// looked for.
    pub variables: Vec<(String, String)>,
    /// Certificates that are trusted as roots beside the usual ones, in PEM.
    pub ca_bundle: Option<Vec<u8>>,
    /// Lambda's address, instead of the region's public endpoint.
    pub endpoint_url: Option<String>,
    /// What is repeated, where a call does not say so.
    pub retry_mode: Option<RetryMode>,
    /// How often a call is tried, where it does not say so.
    pub max_attempts: Option<u32>,
    /// Use the FIPS 140 endpoint.
    pub use_fips: Option<bool>,
    /// Use the dual-stack endpoint.
    pub use_dualstack: Option<bool>,
}

impl fmt::Debug for Settings {
    /// Leaves out the endpoint's address, too, which may hold user info.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("region", &self.region)
            .field("profile", &self.profile)
            .field("start", &self.start)
            .field("roles", &self.roles.len())
            .field("sts_region", &self.sts_region)
            .field("ca_bundle", &self.ca_bundle.is_some())
            .field("custom_endpoint", &self.endpoint_url.is_some())
            .field("retry_mode", &self.retry_mode)
            .field("max_attempts", &self.max_attempts)
            .field("use_fips", &self.use_fips)
            .field("use_dualstack", &self.use_dualstack)
            .finish_non_exhaustive()
    }
}

/// What a resource says of its own calls.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct CallOptions {
    /// The region, instead of the provider's.
    pub region: Option<String>,
    /// Most milliseconds that a call may take, its repetitions included.
    pub timeout_ms: Option<u32>,
    /// What is repeated.
    pub retry_mode: Option<RetryMode>,
    /// How often a call is tried: 1 to 10.
    pub max_attempts: Option<u32>,
    /// Of a managed invocation: whether a function's failure shows its log. It does unless
    /// this is `None`.
    pub log_type: Option<LogType>,
}

impl Settings {
    /// Where credentials come from.
    pub(crate) fn chain(&self) -> NativeChain {
        // An empty name names none.
        let mut chain = NativeChain::new().profile(self.profile.as_deref().unwrap_or_default());
        for (name, value) in &self.variables {
            chain = chain.variable(name, value);
        }
        if let Some(start) = &self.start {
            chain = chain.start(start.clone());
        }
        if let Some(region) = &self.sts_region {
            chain = chain.sts_region(region);
        }
        if let Some(pem) = &self.ca_bundle {
            chain = chain.root_certificates(pem);
        }
        self.roles
            .iter()
            .fold(chain, |chain, role| chain.assume_role(role.clone()))
    }

    /// How a call reaches Lambda, credentials aside.
    pub(crate) fn connection(&self, call: &CallOptions) -> Connection {
        let mode = call.retry_mode.or(self.retry_mode);
        let max_attempts = call.max_attempts.or(self.max_attempts);
        let defaults = RetryPolicy::default();
        Connection {
            region: call.region.clone().or_else(|| self.region.clone()),
            endpoint_url: self.endpoint_url.clone(),
            use_fips: self.use_fips,
            use_dualstack: self.use_dualstack,
            deadline_ms: call.timeout_ms,
            // Nothing said leaves it to the environment.
            retry: (mode.is_some() || max_attempts.is_some()).then(|| RetryPolicy {
                mode: mode.unwrap_or(defaults.mode),
                max_attempts: max_attempts.unwrap_or(defaults.max_attempts),
            }),
            ..Connection::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_invocation_core::call::connection::Credentials;

    #[test]
    fn a_call_goes_before_the_provider_and_the_provider_before_the_environment() {
        let provider = Settings {
            region: Some("eu-west-1".to_owned()),
            retry_mode: Some(RetryMode::Never),
            max_attempts: Some(5),
            ..Settings::default()
        };
        let call = CallOptions {
            region: Some("us-east-1".to_owned()),
            retry_mode: Some(RetryMode::Idempotent),
            max_attempts: Some(2),
            timeout_ms: Some(1000),
            log_type: None,
        };
        for (settings, call, region, retry) in [
            (Settings::default(), CallOptions::default(), None, None),
            (
                provider.clone(),
                CallOptions::default(),
                Some("eu-west-1"),
                Some((RetryMode::Never, 5)),
            ),
            (
                provider,
                call.clone(),
                Some("us-east-1"),
                Some((RetryMode::Idempotent, 2)),
            ),
            (
                Settings::default(),
                CallOptions {
                    retry_mode: None,
                    ..call
                },
                Some("us-east-1"),
                Some((RetryMode::Safe, 2)),
            ),
        ] {
            let connection = settings.connection(&call);
            assert_eq!(connection.region.as_deref(), region);
            let policy = connection.retry.map(|p| (p.mode, p.max_attempts));
            assert_eq!(policy, retry);
            assert_eq!(connection.deadline_ms, call.timeout_ms);
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let settings = Settings {
            endpoint_url: Some("https://user:CANARY@lambda".to_owned()),
            start: Some(Start::Keys(Credentials {
                access_key_id: "CANARY".to_owned(),
                secret_access_key: "CANARY".to_owned(),
                session_token: Some("CANARY".to_owned()),
            })),
            roles: vec![Role {
                external_id: Some("CANARY".to_owned()),
                ..Role::default()
            }],
            ..Settings::default()
        };
        let shown = format!("{settings:?} {:?}", settings.chain());
        assert!(!shown.contains("CANARY"), "{shown}");
    }
}
