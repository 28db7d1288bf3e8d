//! What a profile says about credentials.
//!
//! | settings | credentials |
//! | --- | --- |
//! | `role_arn`, `web_identity_token_file` | the role, for the token |
//! | `role_arn`, `source_profile` | the role, assumed as the other profile |
//! | `role_arn`, `credential_source` | the role, assumed as `Environment`, `EcsContainer` or `Ec2InstanceMetadata` |
//! | `sso_*`, `login_session` | refused: the login is a browser's |
//! | `aws_access_key_id`, `aws_secret_access_key` | these |
//! | `credential_process` | refused: a component starts no process |
//!
//! The first row that applies counts, as in botocore.

use super::refused;
use super::shared_config::SharedConfig;
use super::sts::Role;
use super::web_identity::WebIdentity;
use crate::call::connection::Credentials;
use crate::call::settings::Environment;
use crate::error::Error;

/// Longest chain of profiles. Real ones have two or three.
const MAX_CHAIN: usize = 16;

/// Where a profile's credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The profile itself.
    Keys(Credentials),
    /// A role that is assumed with other credentials.
    Role {
        /// The role.
        role: Role,
        /// Region of the STS endpoint; by default that of the call.
        region: Option<String>,
        /// The other credentials.
        with: Box<Source>,
    },
    /// A role for a token.
    WebIdentity {
        /// The role and the token's file.
        identity: WebIdentity,
        /// Region of the STS endpoint; by default that of the call.
        region: Option<String>,
    },
    /// The environment.
    Environment,
    /// [`super::container`].
    Container,
    /// [`super::instance_metadata`], which is asked for hereby.
    InstanceMetadata,
}

/// Which profile counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    /// Its name.
    pub name: &'a str,
    /// Who named it.
    pub by: By,
}

/// Who named a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The user, for this call: `--profile`. Nothing else is to be used.
    Call,
    /// The environment.
    Environment,
    /// Nobody: it is `default`.
    Nobody,
}

impl<'a> Name<'a> {
    /// `asked` is the profile named for the call.
    pub fn new(asked: Option<&'a str>, environment: &'a Environment) -> Self {
        let from_environment = || {
            environment
                .get("AWS_PROFILE")
                .or_else(|| environment.get("AWS_DEFAULT_PROFILE"))
        };
        let (name, by) = match (asked, from_environment()) {
            (Some(name), _) => (name, By::Call),
            (None, Some(name)) => (name, By::Environment),
            (None, None) => ("default", By::Nobody),
        };
        Self { name, by }
    }
}

/// Where the profile's credentials come from; `None` where it holds none and others may
/// be looked for.
///
/// # Errors
///
/// [`Error::NoCredentials`] with the profile at fault: one that was named and does not
/// exist, half of a key, a role without a way to it, a chain that ends where it began,
/// and what a component cannot do.
pub fn source(shared: &SharedConfig, name: Name<'_>) -> Result<Option<Source>, Error> {
    if !shared.has(name.name) {
        return match name.by {
            By::Nobody => Ok(None),
            By::Call | By::Environment => Err(fault(name.name, "does not exist")),
        };
    }
    match of_profile(shared, name.name, &mut Vec::new())? {
        None if name.by == By::Call => Err(fault(name.name, "holds no credentials")),
        source => Ok(source),
    }
}

fn of_profile<'a>(
    shared: &'a SharedConfig,
    name: &'a str,
    seen: &mut Vec<&'a str>,
) -> Result<Option<Source>, Error> {
    let setting = |setting| shared.get(name, setting);
    if let Some(arn) = setting("role_arn") {
        return role(shared, name, arn, seen).map(Some);
    }
    if [
        "sso_session",
        "sso_start_url",
        "sso_account_id",
        "login_session",
    ]
    .iter()
    .any(|sso| setting(sso).is_some())
    {
        return Err(fault(
            name,
            "signs in with a browser (sso_* or login_session), which a component cannot: use lambda-host, or pass credentials in the environment (aws configure export-credentials --format env)",
        ));
    }
    if let Some(keys) = keys(shared, name)? {
        return Ok(Some(Source::Keys(keys)));
    }
    if setting("credential_process").is_some() {
        return Err(fault(
            name,
            "has a credential_process, which a component cannot start: use lambda-host, or pass credentials in the environment",
        ));
    }
    Ok(None)
}

fn role<'a>(
    shared: &'a SharedConfig,
    name: &'a str,
    arn: &str,
    seen: &mut Vec<&'a str>,
) -> Result<Source, Error> {
    let setting = |setting| shared.get(name, setting).map(str::to_owned);
    let role = Role {
        arn: arn.to_owned(),
        session_name: setting("role_session_name"),
        external_id: setting("external_id"),
        duration_seconds: setting("duration_seconds"),
    };
    let region = setting("region");
    if let Some(token_file) = setting("web_identity_token_file") {
        let identity = WebIdentity { role, token_file };
        return Ok(Source::WebIdentity { identity, region });
    }
    if setting("mfa_serial").is_some() {
        return Err(fault(
            name,
            "asks for a code of an MFA device, which a component cannot: use lambda-host or the AWS CLI, and pass credentials in the environment",
        ));
    }
    let with = match (
        shared.get(name, "source_profile"),
        shared.get(name, "credential_source"),
    ) {
        (Some(_), Some(_)) => {
            return Err(fault(
                name,
                "has both a source_profile and a credential_source: keep one of them",
            ));
        }
        (Some(source), None) => source_profile(shared, name, source, seen)?,
        (None, Some("Environment")) => Source::Environment,
        (None, Some("EcsContainer")) => Source::Container,
        (None, Some("Ec2InstanceMetadata")) => Source::InstanceMetadata,
        (None, Some(_)) => {
            return Err(fault(
                name,
                "has a credential_source that is none of Environment, EcsContainer and Ec2InstanceMetadata",
            ));
        }
        (None, None) => {
            return Err(fault(
                name,
                "has a role_arn without source_profile, credential_source or web_identity_token_file",
            ));
        }
    };
    Ok(Source::Role {
        role,
        region,
        with: Box::new(with),
    })
}

/// A profile may name itself, to assume its role with its own keys.
fn source_profile<'a>(
    shared: &'a SharedConfig,
    name: &'a str,
    source: &'a str,
    seen: &mut Vec<&'a str>,
) -> Result<Source, Error> {
    seen.push(name);
    let found = if source == name {
        keys(shared, name)?.map(Source::Keys)
    } else if seen.contains(&source) || seen.len() >= MAX_CHAIN {
        return Err(fault(
            name,
            "is in a chain of source_profile that does not end",
        ));
    } else {
        of_profile(shared, source, seen)?
    };
    found.ok_or_else(|| {
        fault(
            source,
            "is the source_profile of another, and holds no credentials or does not exist",
        )
    })
}

fn keys(shared: &SharedConfig, name: &str) -> Result<Option<Credentials>, Error> {
    let setting = |setting| shared.get(name, setting).map(str::to_owned);
    let credentials = match (
        setting("aws_access_key_id"),
        setting("aws_secret_access_key"),
    ) {
        (None, None) => return Ok(None),
        (Some(access_key_id), Some(secret_access_key)) => Credentials {
            access_key_id,
            secret_access_key,
            session_token: setting("aws_session_token"),
        },
        (Some(_), None) => {
            return Err(fault(
                name,
                "has an aws_access_key_id, but no aws_secret_access_key",
            ));
        }
        (None, Some(_)) => {
            return Err(fault(
                name,
                "has an aws_secret_access_key, but no aws_access_key_id",
            ));
        }
    };
    match credentials.unfit_part() {
        None => Ok(Some(credentials)),
        Some(part) => Err(fault(
            name,
            &[part, " holds spaces or characters outside ASCII"].concat(),
        )),
    }
}

fn fault(profile: &str, reason: &str) -> Error {
    refused(&format!("profile {profile:?}"), reason)
}
