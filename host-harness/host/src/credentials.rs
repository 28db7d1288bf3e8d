//! Credentials from where AWS tools keep them: the native chain of `aws-config`.
//!
//! The result is short-lived credentials to pass into a call, so that a component never
//! sees the user's files, their SSO session or the metadata service.
//!
//! Order: with a profile named, that profile alone, as `--profile` means in the AWS
//! CLI. Without one: environment variables; the profile that `AWS_PROFILE` names, or
//! `default` (static keys, roles, SSO, processes); web identity; container credentials;
//! the instance metadata service, unless `AWS_EC2_METADATA_DISABLED` is true.

use std::error::Error as StdError;
use std::ffi::OsString;
use std::fmt;
use std::io::Read as _;
use std::time::SystemTime;

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::profile::region::Builder as ProfileRegionBuilder;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::credential_feature::AwsCredentialFeature as Feature;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use lambda_invocation_core::call::connection::Credentials;
use lambda_invocation_core::call::settings::{Environment, credentials_in};
use lambda_invocation_core::credentials::chain::{self, Files as _};
use lambda_invocation_core::credentials::profile::Profile;
use lambda_invocation_core::credentials::shared_config::{MAX_FILE, Unread};
use lambda_invocation_core::error::Error;
use zeroize::Zeroizing;

/// Credentials, and where they come from.
///
/// `Debug` shows the source and the end of the key id only.
#[derive(Clone)]
pub struct Resolved {
    /// To pass to a call.
    pub credentials: Credentials,
    /// Who gave them.
    pub source: Source,
    /// When they expire, if they do.
    pub expires: Option<SystemTime>,
    /// The region that goes with them: the one asked for, else that of the environment
    /// or the profile.
    pub region: Option<String>,
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
            .field("expires", &self.expires)
            .field("region", &self.region)
            .finish()
    }
}

/// Who gave credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Environment,
    /// Keys written in a profile.
    Profile,
    /// IAM Identity Center, by a profile.
    Sso,
    /// The `credential_process` of a profile.
    Process,
    /// A role that was assumed, by a profile.
    AssumedRole,
    /// A web identity token, as in Kubernetes.
    WebIdentity,
    /// The container's credentials endpoint.
    Container,
    /// The instance metadata service.
    InstanceMetadata,
    /// Another provider of the chain.
    Other,
}

impl Source {
    /// The provider that counts, of all those a chain went through: a profile is named
    /// beside whatever it refers to.
    fn of(features: &[Feature]) -> Self {
        use Feature as F;
        let mut source = Self::Other;
        for feature in features {
            source = match feature {
                F::CredentialsStsAssumeRole => return Self::AssumedRole,
                F::CredentialsEnvVarsStsWebIdToken
                | F::CredentialsStsAssumeRoleWebId
                | F::CredentialsProfileStsWebIdToken => Self::WebIdentity,
                F::CredentialsSso | F::CredentialsProfileSso => Self::Sso,
                F::CredentialsProcess | F::CredentialsProfileProcess => Self::Process,
                F::CredentialsHttp => Self::Container,
                F::CredentialsImds => Self::InstanceMetadata,
                F::CredentialsEnvVars => Self::Environment,
                F::CredentialsProfile if source == Self::Other => Self::Profile,
                _ => source,
            };
        }
        source
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "environment variables",
            Self::Profile => "profile",
            Self::Sso => "IAM Identity Center (SSO)",
            Self::Process => "credential process",
            Self::AssumedRole => "assumed role",
            Self::WebIdentity => "web identity",
            Self::Container => "container credentials",
            Self::InstanceMetadata => "instance metadata",
            Self::Other => "AWS credential chain",
        })
    }
}

/// Why there are no credentials. The text tells what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoCredentials {
    reason: String,
}

impl fmt::Display for NoCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl StdError for NoCredentials {}

/// Finds credentials, in the order of the [module](self).
///
/// `profile` is a profile of the shared config files; `region` is where roles are
/// assumed and what [`Resolved::region`] then repeats.
///
/// # Errors
///
/// [`NoCredentials`] when no provider has any, or the one that is configured fails.
pub async fn resolve(
    profile: Option<&str>,
    region: Option<&str>,
) -> Result<Resolved, NoCredentials> {
    let region = match region {
        Some(region) => Some(Region::new(region.to_owned())),
        None => find_region(profile).await,
    };
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let config = ProviderConfig::default()
        .with_region(region.clone())
        .with_http_client(http);
    let found = match profile {
        Some(profile) => {
            ProfileFileCredentialsProvider::builder()
                .configure(&config)
                .profile_name(profile)
                .build()
                .provide_credentials()
                .await
        }
        None => {
            let mut chain = DefaultCredentialsChain::builder().configure(config);
            // Else the chain asks the metadata service for one.
            chain.set_region(region.clone());
            chain.build().await.provide_credentials().await
        }
    };
    let found = found.map_err(|error| match half_of_the_keys() {
        Some(reason) if profile.is_none() => NoCredentials { reason },
        _ => explain(&error, profile, pointer()),
    })?;
    let source = found
        .get_property::<Vec<Feature>>()
        .map_or(Source::Other, |features| Source::of(features));
    let source = match source {
        Source::Profile if assumes_a_role(profile) => Source::AssumedRole,
        source => source,
    };
    Ok(Resolved {
        credentials: Credentials {
            access_key_id: found.access_key_id().to_owned(),
            secret_access_key: found.secret_access_key().to_owned(),
            session_token: found.session_token().map(str::to_owned),
        },
        source,
        expires: found.expiry(),
        region: region.map(|region| region.to_string()),
    })
}

/// The region of the environment or of a profile, without asking for credentials: that of
/// the profile that is named first.
pub async fn region(profile: Option<&str>) -> Option<String> {
    Some(find_region(profile).await?.to_string())
}

/// The variables that say the same of endpoints as the profile does, beside those of the
/// environment, which take precedence: the rules are those of the component, in
/// [`Profile`].
///
/// `profile` is the one named for the call; without it that of the environment counts. A
/// file that cannot be read says nothing.
///
/// # Errors
///
/// The profile, or the line of a file, whose form is at fault.
pub fn endpoint_variables(profile: Option<&str>) -> Result<Vec<(String, String)>, Error> {
    let mut environment = environment();
    Profile::read(profile, &environment, &mut read)?.add_endpoints(&mut environment)?;
    Ok(environment
        .iter()
        .filter(|(name, _)| ENDPOINT_VARIABLES.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

/// A file, as the component reads it. What cannot be seen counts as missing.
fn read(path: &str) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let metadata = std::fs::metadata(path).map_err(|error| Unread::Missing(error.to_string()))?;
    if !metadata.is_file() {
        return Err(Unread::Failed("it is not a file".to_owned()));
    }
    let failed = |error: std::io::Error| Unread::Failed(error.to_string());
    let mut bytes = Zeroizing::new(Vec::new());
    let file = std::fs::File::open(path).map_err(failed)?;
    let read = file
        .take(MAX_FILE.saturating_add(1))
        .read_to_end(&mut bytes);
    match u64::try_from(read.map_err(failed)?) {
        Ok(length) if length <= MAX_FILE => Ok(bytes),
        _ => Err(Unread::Failed(format!("it has more than {MAX_FILE} bytes"))),
    }
}

/// Whether the profile assumes a role, which the SDK does not tell from keys in it.
fn assumes_a_role(profile: Option<&str>) -> bool {
    let environment = environment();
    Profile::read(profile, &environment, &mut read)
        .and_then(|profile| profile.source(&environment))
        .is_ok_and(|source| matches!(source, Some(chain::Source::Role { .. })))
}

/// Where Lambda is, as far as the environment says.
const ENDPOINT_VARIABLES: &[&str] = &[
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_LAMBDA",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
];

/// The environment, without what is not text.
fn environment() -> Environment {
    let text = |text: OsString| text.into_string().ok();
    Environment::new(
        std::env::vars_os()
            .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
            .collect(),
    )
}

/// The region of the environment, then the profile's; a named profile's first. The
/// metadata service is not asked: off EC2 that takes seconds to fail.
async fn find_region(profile: Option<&str>) -> Option<Region> {
    let environment = EnvironmentVariableRegionProvider::new();
    match profile {
        Some(name) => {
            let profile = ProfileRegionBuilder::default().profile_name(name).build();
            match profile.region().await {
                Some(region) => Some(region),
                None => environment.region().await,
            }
        }
        None => match environment.region().await {
            Some(region) => Some(region),
            None => ProfileRegionBuilder::default().build().region().await,
        },
    }
}

/// Words for the cases a user can do something about. `set` names the variables that
/// configure a source, where some do.
///
/// What a provider itself says is left out: it may quote the output of a process or a
/// token. The form of a profile is the exception, as there only names are quoted.
fn explain(
    error: &CredentialsError,
    profile: Option<&str>,
    set: Option<&'static str>,
) -> NoCredentials {
    const ADVICE: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile (--profile, AWS_PROFILE), or sign in with aws sso login";
    let form = error
        .source()
        .map(ToString::to_string)
        .and_then(|text| Some(text.strip_prefix(PROFILE_FORM)?.to_owned()));
    let reason = match (error, profile, form) {
        (_, Some(profile), Some(form)) => format!("profile {profile:?}: {form}"),
        (_, None, Some(form)) => format!("the shared config files: {form}"),
        (CredentialsError::CredentialsNotLoaded(_), Some(profile), None) => format!(
            "profile {profile:?} does not exist or holds no credentials: check aws configure list-profiles"
        ),
        (_, Some(profile), None) => format!(
            "profile {profile:?} gives none: {}",
            cause(error).unwrap_or(
                "sign in again (aws sso login), or check what it refers to with aws sts get-caller-identity"
            )
        ),
        (_, None, None) => match (set, cause(error), error) {
            (Some(set), cause, _) => format!(
                "{set} is set, but gives none: {}",
                cause.unwrap_or("check what it refers to, and that it can be reached")
            ),
            // Off EC2 the last provider of the chain always fails; that alone says nothing.
            (None, _, CredentialsError::CredentialsNotLoaded(_)) | (None, None, _) => format!(
                "none in the environment, in a profile, of a container or of an instance: {ADVICE}"
            ),
            (None, Some(cause), _) => format!("a source that is configured gives none: {cause}"),
        },
    };
    NoCredentials { reason }
}

/// Causes by the words for them in what a provider says: codes of STS, and of the SDK.
/// Only the words here are repeated, so that nothing else gets out.
const CAUSES: &[(&str, &str)] = &[
    (
        "AccessDenied",
        "STS refuses the role (AccessDenied): check its trust policy, and sts:AssumeRole for the caller",
    ),
    (
        "ExpiredToken",
        "what it presents to STS has expired (ExpiredToken): obtain a new token, or sign in again",
    ),
    (
        "InvalidIdentityToken",
        "STS does not accept the token (InvalidIdentityToken): check the identity provider, and that the token is new",
    ),
    (
        "IDPRejectedClaim",
        "the identity provider rejects the token (IDPRejectedClaim): obtain a new one",
    ),
    (
        "InvalidClientTokenId",
        "STS does not know the access key (InvalidClientTokenId): check the source_profile",
    ),
    (
        "SignatureDoesNotMatch",
        "STS refuses the signature (SignatureDoesNotMatch): check the secret access key of the source_profile, and the clock",
    ),
    (
        "dispatch failure",
        "its endpoint cannot be reached: check the address, and the way to it",
    ),
    (
        "timeout",
        "its endpoint does not answer in time: check the address, and the way to it",
    ),
];

fn cause(error: &CredentialsError) -> Option<&'static str> {
    let mut next = Some(error as &dyn StdError);
    while let Some(error) = next {
        let text = error.to_string();
        let known = CAUSES.iter().find(|(words, _)| text.contains(words));
        if let Some((_, cause)) = known {
            return Some(cause);
        }
        next = error.source();
    }
    None
}

/// The variables that point the chain at a source beyond the profiles, in its order.
const POINTERS: &[(&str, &str)] = &[
    (
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE (with AWS_ROLE_ARN)",
    ),
    (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    ),
    (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI (with AWS_CONTAINER_AUTHORIZATION_TOKEN)",
    ),
];

/// What is missing where the environment holds one of the two keys: the chain passes
/// that over.
fn half_of_the_keys() -> Option<String> {
    match credentials_in(&environment()) {
        Err(Error::NoCredentials(reason)) => Some(reason),
        _ => None,
    }
}

fn pointer() -> Option<&'static str> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    POINTERS
        .iter()
        .find(|(name, _)| is_set(name))
        .map(|(_, shown)| *shown)
}

/// What `aws-config` puts in front of a fault in a profile's form.
const PROFILE_FORM: &str = "ProfileFile provider could not be built: ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_is_the_most_specific_provider() {
        use Feature as F;
        for (features, source) in [
            (vec![], Source::Other),
            (vec![F::CredentialsEnvVars], Source::Environment),
            (vec![F::CredentialsProfile], Source::Profile),
            (vec![F::CredentialsSso, F::CredentialsProfile], Source::Sso),
            (
                vec![F::CredentialsProcess, F::CredentialsProfile],
                Source::Process,
            ),
            (
                vec![
                    F::CredentialsSso,
                    F::CredentialsStsAssumeRole,
                    F::CredentialsProfile,
                ],
                Source::AssumedRole,
            ),
            (vec![F::CredentialsHttp], Source::Container),
            (vec![F::CredentialsImds], Source::InstanceMetadata),
        ] {
            assert_eq!(Source::of(&features), source, "{features:?}");
        }
    }

    #[test]
    fn an_explanation_names_the_profile_and_quotes_nothing_but_its_form() {
        let form = format!("{PROFILE_FORM}profile `a` was not defined: used by `b`");
        let cases = [
            (
                CredentialsError::provider_error("CANARY"),
                Some("p"),
                None,
                "profile \"p\" gives none: sign in",
            ),
            (
                CredentialsError::provider_error("CANARY: ExpiredTokenException"),
                Some("p"),
                None,
                "profile \"p\" gives none: what it presents to STS has expired",
            ),
            (
                CredentialsError::provider_error("CANARY"),
                None,
                None,
                "none in the environment",
            ),
            (
                CredentialsError::provider_error("CANARY"),
                None,
                Some("AWS_VARIABLE"),
                "AWS_VARIABLE is set, but gives none: check what",
            ),
            (
                CredentialsError::provider_error("CANARY: unhandled error (AccessDenied)"),
                None,
                Some("AWS_VARIABLE"),
                "AWS_VARIABLE is set, but gives none: STS refuses the role",
            ),
            (
                CredentialsError::provider_error("dispatch failure: CANARY"),
                None,
                None,
                "a source that is configured gives none: its endpoint",
            ),
            (
                CredentialsError::invalid_configuration("CANARY"),
                Some("p"),
                None,
                "profile \"p\" gives none",
            ),
            (
                CredentialsError::not_loaded("CANARY"),
                Some("p"),
                None,
                "profile \"p\" does not exist",
            ),
            (
                CredentialsError::invalid_configuration(form.clone()),
                Some("p"),
                None,
                "profile \"p\": profile `a` was not defined: used by `b`",
            ),
            (
                CredentialsError::invalid_configuration(form),
                None,
                Some("AWS_VARIABLE"),
                "the shared config files: profile `a` was not defined",
            ),
        ];
        for (error, profile, set, start) in cases {
            let reason = explain(&error, profile, set).to_string();
            assert!(reason.starts_with(start), "{reason}");
            assert!(!reason.contains("CANARY"), "{reason}");
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
                source: Source::Profile,
                expires: None,
                region: None,
            };
            assert_eq!(resolved.key_id_suffix(), suffix);
            let debug = format!("{resolved:?}");
            assert!(!debug.contains("CANARY"), "{debug}");
            assert!(!debug.contains("AKIAIOSF"), "{debug}");
        }
    }
}
