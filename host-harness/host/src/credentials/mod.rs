//! Credentials from where AWS tools keep them, for hosts that run on a user's machine.
//!
//! [`NativeChain`] finds short-lived credentials to pass into a call, so that a component
//! never sees the user's files, their SSO session or the metadata service.
//!
//! The order, and what the files mean, are those of the component itself:
//! [`lambda_invocation_core::credentials`]. With a profile named, that profile alone. Without
//! one: environment variables; the profile that `AWS_PROFILE` or `AWS_DEFAULT_PROFILE` names,
//! or `default` (keys, roles, SSO, processes); web identity; container credentials; the
//! instance metadata service, unless `AWS_EC2_METADATA_DISABLED` is true. The first of them
//! that is configured decides: where it fails, that is the error.

mod ask;
mod fetch;
mod machine;
mod process;
mod sso;
mod start;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::settings::{Environment, region_in};
use lambda_invocation_core::credentials::Fetched;
use lambda_invocation_core::credentials::chain::{self, Files as _, LastResort};
use lambda_invocation_core::credentials::profile::Profile;
use lambda_invocation_core::error::Error;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::sync::Mutex;

pub use lambda_invocation_core::credentials::sts::Role;
pub use lambda_invocation_core::credentials::web_identity::WebIdentity;

pub use self::start::Start;

use self::fetch::Fetcher;
use crate::http::Client;
use crate::provider::{CredentialProvider, ProvidingCredentials};
use crate::proxy::Proxy;

/// Credentials, and where they come from.
///
/// `Debug` shows the source and the end of the key id only.
#[derive(Clone)]
pub struct Resolved {
    /// To pass to a call.
    pub credentials: Credentials,
    /// Who gave them, for people: `profile`, `assumed role`, `container credentials`.
    pub source: &'static str,
}

impl Resolved {
    /// The last four characters of the key id, enough to tell one's keys apart.
    pub fn key_id_suffix(&self) -> &str {
        /// The shortest that AWS issues. Of anything else nothing is shown.
        const SHORTEST_ID: usize = 16;
        let id = &self.credentials.access_key_id;
        match id.len().checked_sub(4) {
            Some(at) if id.len() >= SHORTEST_ID => id.get(at..).unwrap_or_default(),
            _ => "",
        }
    }
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolved")
            .field("source", &self.source)
            .field("key_id_suffix", &self.key_id_suffix())
            .finish_non_exhaustive()
    }
}

/// The credential chain of this machine, in the order of the [module](self).
///
/// It reads the environment and the files anew whenever it is asked, and keeps credentials
/// that expire until five minutes before they do. Cloning is cheap, and shares what is kept.
#[derive(Clone)]
pub struct NativeChain {
    profile: Option<String>,
    /// They go before the environment's.
    variables: Vec<(String, String)>,
    start: Option<Start>,
    /// To be assumed one after the other.
    roles: Vec<Role>,
    sts_region: Option<String>,
    roots: Vec<CertificateDer<'static>>,
    proxy: Proxy,
    client: Client,
    /// The client without a proxy.
    direct: Client,
    kept: Arc<Mutex<Option<(Fetched, &'static str)>>>,
}

impl Default for NativeChain {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for NativeChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeChain")
            .field("profile", &self.profile)
            .field("start", &self.start)
            .field("roles", &self.roles.len())
            .finish_non_exhaustive()
    }
}

impl NativeChain {
    /// The chain, with no profile named.
    pub fn new() -> Self {
        let direct = Client::for_credentials(Vec::new(), Proxy::default());
        Self {
            profile: None,
            variables: Vec::new(),
            start: None,
            roles: Vec::new(),
            sts_region: None,
            roots: Vec::new(),
            proxy: Proxy::default(),
            client: direct.clone(),
            direct,
            kept: Arc::default(),
        }
    }

    /// Names a profile of the shared config files, which then is the only source. An empty
    /// name names none.
    #[must_use]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self.kept = Arc::default();
        self
    }

    /// Sets a variable, which goes before that of the environment: for programs whose
    /// configuration has a name of its own for it, such as the place of a file.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self.kept = Arc::default();
        self
    }

    /// Begins with these credentials, and looks for no others.
    #[must_use]
    pub fn start(mut self, start: Start) -> Self {
        self.start = Some(start);
        self.kept = Arc::default();
        self
    }

    /// Assumes a role with the credentials that were found; a further one with those of the
    /// role before it.
    #[must_use]
    pub fn assume_role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self.kept = Arc::default();
        self
    }

    /// The region whose endpoint of STS gives roles. By default it is that of the call.
    #[must_use]
    pub fn sts_region(mut self, region: impl Into<String>) -> Self {
        self.sts_region = Some(region.into());
        self.kept = Arc::default();
        self
    }

    /// Trusts the certificates in this PEM text as roots, too. What is no certificate is
    /// passed over; [`HostBuilder::root_certificates`](crate::HostBuilder::root_certificates)
    /// refuses it.
    #[must_use]
    pub fn root_certificates(mut self, pem: &[u8]) -> Self {
        self.roots = CertificateDer::pem_slice_iter(pem).flatten().collect();
        self.with_clients()
    }

    /// Asks STS and IAM Identity Center through a proxy. Containers and instances are asked
    /// without one.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self.with_clients()
    }

    fn with_clients(mut self) -> Self {
        self.direct = Client::for_credentials(self.roots.clone(), Proxy::default());
        self.client = Client::for_credentials(self.roots.clone(), self.proxy.clone());
        self.kept = Arc::default();
        self
    }

    /// The proxies that the environment names, as [`proxy()`] reads it, after the
    /// [variables](Self::variable) that were set here.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn proxy_named(&self) -> Result<Proxy, Error> {
        proxy_of(&machine::environment(&self.variables))
    }

    /// The region of the environment, or else of the profile.
    ///
    /// # Errors
    ///
    /// [`Error::NoCredentials`] naming the profile: a file cannot be read, or the profile was
    /// named and does not exist.
    pub fn region(&self) -> Result<Option<String>, Error> {
        let (environment, profile) = self.read()?;
        let region = region_in(&environment).or_else(|| profile.region());
        Ok(region.map(str::to_owned))
    }

    /// The variables that a component may see: how to reach Lambda, and nothing secret. Those
    /// for endpoints say what the profile says, where the environment says nothing.
    ///
    /// # Errors
    ///
    /// As [`region`](Self::region), and [`Error::InvalidArgument`] for `profile` where what it
    /// says of endpoints is at fault.
    pub fn variables(&self) -> Result<Vec<(String, String)>, Error> {
        let (environment, _) = self.read()?;
        Ok(among(&environment, &[VARIABLES, ENDPOINT_VARIABLES]))
    }

    /// Finds credentials for a call with this connection: roles are assumed in its region,
    /// and at the special endpoints that it asks for.
    ///
    /// # Errors
    ///
    /// [`Error::NoCredentials`] when no source is configured, or the one that is fails;
    /// [`Error::NoRegion`] when a role has to be assumed and no region is known;
    /// [`Error::InvalidArgument`] naming the variable at fault.
    pub async fn resolve(&self, connection: &Connection) -> Result<Resolved, Error> {
        // Who else asks waits for the same answer.
        let mut kept = self.kept.lock().await;
        if let Some((fetched, source)) = &*kept
            && fetched.is_fresh(now())
        {
            return Ok(Resolved {
                credentials: fetched.credentials.clone(),
                source,
            });
        }
        *kept = None;
        let (environment, profile) = self.read()?;
        let fetcher = Fetcher {
            client: &self.client,
            direct: &self.direct,
            environment: &environment,
            profile: &profile,
            connection,
        };
        let sts_region = self.sts_region.as_deref();
        let (mut fetched, mut source) = match &self.start {
            Some(start) => (fetcher.start(start, sts_region).await?, start.name()),
            None => {
                let files = Some(&profile as &dyn chain::Files);
                let source = chain::source(&environment, files, LastResort::InstanceMetadata)?;
                (fetcher.fetch(&source).await?, source.name())
            }
        };
        for role in &self.roles {
            fetched = fetcher.role(role, sts_region, &fetched).await?;
            source = "assumed role";
        }
        let resolved = Resolved {
            credentials: fetched.credentials.clone(),
            source,
        };
        *kept = fetched.is_fresh(now()).then_some((fetched, source));
        Ok(resolved)
    }

    /// The environment, with the profile's endpoints added, and the profile.
    fn read(&self) -> Result<(Environment, Profile), Error> {
        let mut environment = machine::environment(&self.variables);
        let asked = self.profile.as_deref();
        let profile = Profile::read(asked, &environment, &mut machine::read)?;
        profile.add_endpoints(&mut environment)?;
        Ok((environment, profile))
    }
}

impl CredentialProvider for NativeChain {
    fn credentials<'a>(&'a self, connection: &'a Connection) -> ProvidingCredentials<'a> {
        Box::pin(async move { Ok(self.resolve(connection).await?.credentials) })
    }

    fn forget(&self) {
        // Who holds it is fetching others.
        if let Ok(mut kept) = self.kept.try_lock() {
            *kept = None;
        }
    }
}

/// How to reach Lambda, beside where it is.
const VARIABLES: &[&str] = &[
    "AWS_DEFAULT_REGION",
    "AWS_MAX_ATTEMPTS",
    "AWS_REGION",
    "AWS_RETRY_MODE",
    "AWS_SDK_UA_APP_ID",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
];

/// Where Lambda is.
const ENDPOINT_VARIABLES: &[&str] = &[
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_LAMBDA",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
];

/// The variables that a component may see which calls an endpoint that the host names: as
/// [`NativeChain::variables`], without those for endpoints.
pub fn variables() -> Vec<(String, String)> {
    among(&machine::environment(&[]), &[VARIABLES])
}

/// The certificates in a file, in PEM: at least one, and 4 MiB at most. For
/// [`HostBuilder::root_certificates`](crate::HostBuilder::root_certificates).
///
/// # Errors
///
/// What is wrong with the file, to follow its name.
pub fn certificates(path: &str) -> Result<Vec<u8>, String> {
    machine::certificates(path)
}

/// The certificates in the file that `AWS_CA_BUNDLE` names, as [`certificates`], if it names
/// one.
///
/// # Errors
///
/// [`Error::InvalidArgument`] naming the variable: `AWS_CA_BUNDLE`, or `SSL_CERT_FILE` where
/// that leads to something without an end.
pub fn ca_bundle() -> Result<Option<Vec<u8>>, Error> {
    const SYSTEM: &str = "SSL_CERT_FILE";
    const OWN: &str = "AWS_CA_BUNDLE";
    let environment = machine::environment(&[]);
    // It takes the place of the system's certificates, which are read with the first call.
    if let Some(path) = environment.get(SYSTEM)
        && Path::new(path).exists()
        && !machine::is_bounded(path)
    {
        let reason = format!("names {path:?}, which is not a file of at most 4 MiB");
        return Err(Error::invalid(SYSTEM, reason));
    }
    let Some(path) = environment.get(OWN) else {
        return Ok(None);
    };
    let found = machine::certificates(path).map(Some);
    found.map_err(|fault| Error::invalid(OWN, format!("names {path:?}, {fault}")))
}

/// The proxies that the environment names, as the AWS tools read it: `HTTPS_PROXY`,
/// `HTTP_PROXY` and `NO_PROXY`, each also in lower case, which goes first. `HTTP_PROXY` in
/// upper case does not count in a CGI script, where it is a header that a client may have
/// sent; `ALL_PROXY` never does.
///
/// # Errors
///
/// [`Error::InvalidArgument`] naming the variable, without its value.
pub fn proxy() -> Result<Proxy, Error> {
    proxy_of(&machine::environment(&[]))
}

fn proxy_of(environment: &Environment) -> Result<Proxy, Error> {
    let is_cgi = environment.get("REQUEST_METHOD").is_some();
    let first = |names: [&'static str; 2]| {
        let named = names
            .into_iter()
            .filter(|name| *name != "HTTP_PROXY" || !is_cgi);
        named
            .filter_map(|name| Some((name, environment.get(name)?)))
            .next()
    };
    let mut proxy = Proxy::default();
    if let Some((name, url)) = first(["https_proxy", "HTTPS_PROXY"]) {
        let with = proxy.https(url);
        proxy = with.map_err(|error| Error::invalid(name, error.to_string()))?;
    }
    if let Some((name, url)) = first(["http_proxy", "HTTP_PROXY"]) {
        let with = proxy.http(url);
        proxy = with.map_err(|error| Error::invalid(name, error.to_string()))?;
    }
    Ok(match first(["no_proxy", "NO_PROXY"]) {
        Some((_, list)) => proxy.except(list),
        None => proxy,
    })
}

/// The variables of these names. An empty one is an unset one.
fn among(environment: &Environment, names: &[&[&str]]) -> Vec<(String, String)> {
    let names = names.concat();
    let named = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), environment.get(name)?.to_owned())));
    named.collect()
}

/// The time since the epoch.
fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read_from_the_environment_as_the_aws_tools_do() {
        const SET: &str = "http://set.example:1";
        const OTHER: &str = "http://other.example:2";
        for (variables, shown) in [
            (&[][..], "none"),
            (&[("HTTPS_PROXY", SET)], "http://set.example:1 for https"),
            (&[("https_proxy", SET)], "http://set.example:1 for https"),
            (
                &[("HTTPS_PROXY", OTHER), ("https_proxy", SET)],
                "http://set.example:1 for https",
            ),
            (
                &[("HTTPS_PROXY", SET), ("https_proxy", "")],
                "http://set.example:1 for https",
            ),
            (&[("HTTPS_PROXY", "")], "none"),
            (&[("HTTP_PROXY", SET)], "http://set.example:1 for http"),
            (
                &[("HTTP_PROXY", OTHER), ("http_proxy", SET)],
                "http://set.example:1 for http",
            ),
            (&[("HTTP_PROXY", SET), ("REQUEST_METHOD", "GET")], "none"),
            (
                &[("http_proxy", SET), ("REQUEST_METHOD", "GET")],
                "http://set.example:1 for http",
            ),
            (&[("ALL_PROXY", SET), ("all_proxy", SET)], "none"),
            (
                &[("HTTPS_PROXY", SET), ("NO_PROXY", "a"), ("no_proxy", "b,c")],
                "http://set.example:1 for https, except b,c",
            ),
        ] {
            let all = variables.iter();
            let all = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let proxy = proxy_of(&Environment::new(all.collect())).unwrap();
            assert_eq!(proxy.to_string(), shown, "{variables:?}");
        }
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_refused_without_its_value() {
        for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] {
            for value in ["socks5://me:CANARY@p:1", "http://me:CAN/ARY@p:1"] {
                let variable = vec![(name.to_owned(), value.to_owned())];
                let error = proxy_of(&Environment::new(variable)).unwrap_err();
                let text = error.to_string();
                assert!(text.starts_with(&format!("invalid {name}: ")), "{text}");
                assert!(!text.contains("CAN"), "{text}");
            }
        }
    }

    #[test]
    fn debug_shows_four_characters_of_the_key_id_and_nothing_else() {
        for (id, suffix) in [
            ("AKIAIOSFODNN7EXAMPLE", "MPLE"),
            ("ABCD", ""),
            ("AKIAIOSFODNN7EXA\u{e9}ABC", ""),
            ("", ""),
        ] {
            let resolved = Resolved {
                credentials: Credentials {
                    access_key_id: id.to_owned(),
                    secret_access_key: "SECRET-CANARY".to_owned(),
                    session_token: Some("TOKEN-CANARY".to_owned()),
                },
                source: "profile",
            };
            assert_eq!(resolved.key_id_suffix(), suffix);
            let debug = format!("{resolved:?}");
            assert!(!debug.contains("CANARY"), "{debug}");
            assert!(!debug.contains("AKIAIOSF"), "{debug}");
        }
    }
}
