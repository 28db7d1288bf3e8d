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
use std::fmt;
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
use lambda_invocation_core::connection::Credentials;

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
    let found = found.map_err(|error| explain(&error, profile))?;
    let source = found
        .get_property::<Vec<Feature>>()
        .map_or(Source::Other, |features| Source::of(features));
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

/// Words for the cases a user can do something about.
///
/// What a provider itself says is left out: it may quote the output of a process or a
/// token. The form of a profile is the exception, as there only names are quoted.
fn explain(error: &CredentialsError, profile: Option<&str>) -> NoCredentials {
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
            "profile {profile:?} gives no credentials: sign in again (aws sso login), or check what it refers to with aws sts get-caller-identity"
        ),
        // Off EC2 the last provider of the chain always fails; that alone says nothing.
        (_, None, None) => format!("none found: {ADVICE}"),
    };
    NoCredentials { reason }
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
                "profile \"p\" gives",
            ),
            (
                CredentialsError::provider_error("CANARY"),
                None,
                "none found: set AWS",
            ),
            (
                CredentialsError::invalid_configuration("CANARY"),
                Some("p"),
                "profile \"p\" gives",
            ),
            (
                CredentialsError::not_loaded("CANARY"),
                Some("p"),
                "profile \"p\" does not exist",
            ),
            (
                CredentialsError::invalid_configuration(form.clone()),
                Some("p"),
                "profile \"p\": profile `a` was not defined: used by `b`",
            ),
            (
                CredentialsError::invalid_configuration(form),
                None,
                "the shared config files: profile `a` was not defined",
            ),
        ];
        for (error, profile, start) in cases {
            let reason = explain(&error, profile).to_string();
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
