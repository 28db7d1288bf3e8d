//! The order of the sources of credentials, for every program here.
//!
//! | | source | configured by |
//! | --- | --- | --- |
//! | 1 | a profile named for the call | `--profile`; then it is the only source |
//! | 2 | the environment | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` |
//! | 3 | the profile of the environment, or `default` | `AWS_PROFILE`, `AWS_DEFAULT_PROFILE` |
//! | 4 | web identity | `AWS_WEB_IDENTITY_TOKEN_FILE` |
//! | 5 | container | `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, `AWS_CONTAINER_CREDENTIALS_FULL_URI` |
//! | 6 | instance metadata | `AWS_EC2_METADATA_DISABLED=false`, or a program that asks it as its last resort |
//!
//! It is the order of the AWS SDK for Rust. **The first source that is configured decides**:
//! where it fails, that is the error, because the next one would be somebody else. A profile
//! is configured by being named; `default`, which nobody named, by holding credentials.

use super::process::Process;
use super::sso::{self, Sso};
use super::sts::Role;
use super::web_identity::{self, WebIdentity};
use super::{container, instance_metadata, none_found, refused};
use crate::call::connection::Credentials;
use crate::call::settings::{self, Environment};
use crate::error::Error;

/// Where credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Environment(Credentials),
    /// Keys written in a profile.
    Profile(Credentials),
    /// A role that is assumed with other credentials.
    Role {
        /// The profile that says so.
        profile: String,
        /// The role.
        role: Role,
        /// Region of the STS endpoint; by default that of the call.
        region: Option<String>,
        /// The other credentials.
        with: Box<Source>,
    },
    /// A role for a token.
    WebIdentity {
        /// The profile that says so; otherwise it was the environment.
        profile: Option<String>,
        /// The role and the token's file.
        identity: WebIdentity,
        /// Region of the STS endpoint; by default that of the call.
        region: Option<String>,
    },
    /// IAM Identity Center.
    Sso(Sso),
    /// A program that prints them.
    Process(Process),
    /// [`container`].
    Container,
    /// [`instance_metadata`].
    InstanceMetadata {
        /// Whether somebody asked for it. Otherwise it is the last resort, and there need
        /// not be one.
        asked: bool,
    },
}

impl Source {
    /// Its name, for people.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Environment(_) => "environment variables",
            Self::Profile(_) => "profile",
            Self::Role { .. } => "assumed role",
            Self::WebIdentity { .. } => "web identity",
            Self::Sso(_) => sso::SOURCE,
            Self::Process(_) => "credential process",
            Self::Container => "container credentials",
            Self::InstanceMetadata { .. } => "instance metadata",
        }
    }
}

/// What the shared configuration files say, where a program reads them:
/// [`super::profile::Profile`].
///
/// It is a trait so that a component without files carries none of their code.
pub trait Files {
    /// Whether the profile is the one named for the call.
    fn is_for_the_call(&self) -> bool;

    /// Where the profile's credentials come from; `None` where it is `default`, which nobody
    /// named, and holds none.
    ///
    /// # Errors
    ///
    /// [`Error::NoCredentials`] naming the profile, the file, the line and the cause.
    fn source(&self, environment: &Environment) -> Result<Option<Source>, Error>;

    /// Where credentials were looked for, in words.
    fn searched(&self) -> String;

    /// The profile's region.
    fn region(&self) -> Option<&str>;

    /// Adds the profile's endpoints to the environment.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for `profile`.
    fn add_endpoints(&self, environment: &mut Environment) -> Result<(), Error>;
}

/// Whether instance metadata is asked where nothing is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastResort {
    /// Yes, as in the AWS SDKs, unless `AWS_EC2_METADATA_DISABLED` is `true`.
    InstanceMetadata,
    /// No. A component runs in hosts of others, where the machine's role is not for all.
    Nothing,
}

/// The source that counts. `files` is what the program reads of files, if it does.
///
/// # Errors
///
/// [`Error::NoCredentials`] where none is configured, or the one that is cannot give any;
/// [`Error::InvalidArgument`] naming a variable that is neither `true` nor `false`.
pub fn source(
    environment: &Environment,
    files: Option<&dyn Files>,
    last: LastResort,
) -> Result<Source, Error> {
    let for_the_call = files.is_some_and(Files::is_for_the_call);
    if !for_the_call && let Some(credentials) = settings::credentials_in(environment)? {
        return Ok(Source::Environment(credentials));
    }
    match files {
        Some(files) => {
            if let Some(source) = files.source(environment)? {
                return Ok(source);
            }
        }
        None => without_files(environment)?,
    }
    if let Some(identity) = web_identity::configured(environment)? {
        return Ok(Source::WebIdentity {
            profile: None,
            identity,
            region: None,
        });
    }
    if container::is_configured(environment) {
        return Ok(Source::Container);
    }
    match (instance_metadata::disabled(environment)?, last) {
        (Some(false), _) => Ok(Source::InstanceMetadata { asked: true }),
        (None, LastResort::InstanceMetadata) => Ok(Source::InstanceMetadata { asked: false }),
        (Some(true), LastResort::InstanceMetadata) => {
            Err(none_found(files, instance_metadata::DISABLED))
        }
        (_, LastResort::Nothing) => Err(none_found(files, instance_metadata::ON_REQUEST)),
    }
}

/// A program that reads no files must not pass over who is named there.
fn without_files(environment: &Environment) -> Result<(), Error> {
    for variable in [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    ] {
        if environment.get(variable).is_some() {
            return Err(refused(
                variable,
                "is set, but this component reads no files: pass credentials, or use lambda-host",
            ));
        }
    }
    Ok(())
}
