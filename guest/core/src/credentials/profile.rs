//! The profile that counts, and what it says about credentials, regions and endpoints.
//!
//! | settings | credentials |
//! | --- | --- |
//! | `role_arn`, `source_profile` | the role, assumed as the other profile |
//! | `role_arn`, `credential_source` | the role, assumed as `Environment`, `EcsContainer` or `Ec2InstanceMetadata` |
//! | `role_arn`, `web_identity_token_file` | the role, for the token |
//! | `sso_account_id`, `sso_role_name` | [`super::sso`] |
//! | `aws_access_key_id`, `aws_secret_access_key` of the credentials file | these |
//! | `login_session` | refused: no program here takes part in `aws login` |
//! | `credential_process` | [`super::process`] |
//! | `aws_access_key_id`, `aws_secret_access_key` of the configuration file | these |
//!
//! The first row that applies counts, as in botocore; for a `source_profile` keys come
//! before roles. A profile may name itself, to assume its role with its own keys.

use super::chain::{Files, Source};
use super::process::Process;
use super::read::ReadFile;
use super::shared_config::{File, Found, Place, SharedConfig};
use super::sts::Role;
use super::web_identity::WebIdentity;
use super::{container, instance_metadata, of_profile, sso};
use crate::call::connection::Credentials;
use crate::call::settings::{self, Environment};
use crate::error::Error;

/// Longest chain of profiles. Real ones have two or three.
const MAX_CHAIN: usize = 16;

/// The services that are called, as `[services NAME]` names them, and the variable for
/// the endpoint of each.
const ENDPOINT_URLS: &[(&str, &str)] = &[
    ("lambda", "AWS_ENDPOINT_URL_LAMBDA"),
    ("sts", "AWS_ENDPOINT_URL_STS"),
];

/// Who named a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The user, for this call: `--profile`. Nothing else is to be used.
    Call,
    /// The environment, by this variable.
    Variable(&'static str),
    /// Nobody: it is `default`.
    Nobody,
}

/// The profile that counts, and the files it is in.
#[derive(Debug)]
pub struct Profile {
    shared: SharedConfig,
    name: String,
    by: By,
}

impl Profile {
    /// Finds the profile that counts: the one `asked` for the call, that of `AWS_PROFILE`,
    /// that of `AWS_DEFAULT_PROFILE`, or `default`.
    ///
    /// # Errors
    ///
    /// [`Error::NoCredentials`] naming the profile: a file cannot be read, or the profile was
    /// named and is in none of them. Without it neither credentials nor endpoints are known.
    pub fn read(
        asked: Option<&str>,
        environment: &Environment,
        read: &mut ReadFile<'_>,
    ) -> Result<Self, Error> {
        let variable = |variable| Some((environment.get(variable)?, By::Variable(variable)));
        let (name, by) = asked
            .filter(|name| !name.is_empty())
            .map(|name| (name, By::Call))
            .or_else(|| variable("AWS_PROFILE"))
            .or_else(|| variable("AWS_DEFAULT_PROFILE"))
            .unwrap_or(("default", By::Nobody));
        let refused = |reason: String| {
            Error::NoCredentials(match by {
                By::Variable(variable) => [variable, ": ", &reason].concat(),
                By::Call | By::Nobody => reason,
            })
        };
        let shared = SharedConfig::read(environment, read)
            .map_err(|reason| refused(format!("profile {name:?}: {reason}")))?;
        if by != By::Nobody && shared.place(name).is_none() {
            let searched = shared.searched();
            return Err(refused(format!(
                "profile {name:?} does not exist ({searched}): aws configure list-profiles lists those there are"
            )));
        }
        Ok(Self {
            shared,
            name: name.to_owned(),
            by,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who named it.
    pub fn by(&self) -> By {
        self.by
    }

    fn of<'a>(
        &'a self,
        name: &'a str,
        environment: &Environment,
        seen: &mut Vec<&'a str>,
    ) -> Result<Option<Source>, Error> {
        let setting = |setting| self.shared.get(name, setting);
        let file = |file| self.keys(file, name);
        let web_identity = setting("web_identity_token_file");
        if let Some(arn) = setting("role_arn").filter(|_| web_identity.is_none()) {
            // Of a source, its own keys come first.
            let has_keys = !seen.is_empty()
                && (setting("aws_access_key_id").is_some()
                    || setting("aws_secret_access_key").is_some());
            if !has_keys {
                return self.role(name, arn, environment, seen).map(Some);
            }
        }
        if let Some(token_file) = web_identity {
            return self.web_identity(name, token_file).map(Some);
        }
        let sso = sso::configured(&self.shared, name);
        if let Some(sso) = sso.map_err(|reason| self.fault(name, None, &reason))? {
            return Ok(Some(Source::Sso(sso)));
        }
        if let Some(keys) = file(File::Credentials)? {
            return Ok(Some(Source::Profile(keys)));
        }
        if let Some(found) = setting("login_session") {
            return Err(self.fault(
                name,
                Some(found.at),
                &[
                    "signs in with aws login (login_session), which works in the AWS CLI only: ",
                    &advice(name),
                ]
                .concat(),
            ));
        }
        if let Some(found) = setting("credential_process") {
            return Ok(Some(Source::Process(Process {
                profile: name.to_owned(),
                command: found.value.to_owned(),
            })));
        }
        Ok(file(File::Config)?.map(Source::Profile))
    }

    fn web_identity(&self, name: &str, token_file: Found<'_>) -> Result<Source, Error> {
        let Some(arn) = self.shared.get(name, "role_arn") else {
            let reason = "has a web_identity_token_file, but no role_arn";
            return Err(self.fault(name, Some(token_file.at), reason));
        };
        Ok(Source::WebIdentity {
            profile: Some(name.to_owned()),
            identity: WebIdentity {
                role: self.role_settings(name, arn)?,
                token_file: token_file.value.to_owned(),
            },
            region: self.region_of(name),
        })
    }

    fn role<'a>(
        &'a self,
        name: &'a str,
        arn: Found<'_>,
        environment: &Environment,
        seen: &mut Vec<&'a str>,
    ) -> Result<Source, Error> {
        let setting = |setting| self.shared.get(name, setting);
        let role = self.role_settings(name, arn)?;
        if let Some(mfa) = setting("mfa_serial") {
            return Err(self.fault(
                name,
                Some(mfa.at),
                &["asks for a code of an MFA device (mfa_serial), which the AWS CLI can ask you for: ", &advice(name)].concat(),
            ));
        }
        let with = match (setting("source_profile"), setting("credential_source")) {
            (Some(source), Some(_)) => {
                let reason = "has both a source_profile and a credential_source: keep one of them";
                return Err(self.fault(name, Some(source.at), reason));
            }
            (Some(source), None) => self.source_profile(name, source, environment, seen)?,
            (None, Some(source)) => self.credential_source(name, source, environment)?,
            (None, None) => {
                let reason = "has a role_arn, but no source_profile, credential_source or web_identity_token_file";
                return Err(self.fault(name, Some(arn.at), reason));
            }
        };
        Ok(Source::Role {
            profile: name.to_owned(),
            role,
            region: self.region_of(name),
            with: Box::new(with),
        })
    }

    fn role_settings(&self, name: &str, arn: Found<'_>) -> Result<Role, Error> {
        let setting = |setting| self.shared.get(name, setting);
        let text = |setting: Option<Found<'_>>| setting.map(|found| found.value.to_owned());
        let duration = setting("duration_seconds");
        if let Some(duration) = duration
            && duration.value.parse::<u32>().is_err()
        {
            let reason = "has a duration_seconds that is not a whole number";
            return Err(self.fault(name, Some(duration.at), reason));
        }
        Ok(Role {
            arn: arn.value.to_owned(),
            session_name: text(setting("role_session_name")),
            external_id: text(setting("external_id")),
            duration_seconds: text(duration),
            more: Vec::new(),
        })
    }

    fn source_profile<'a>(
        &'a self,
        name: &'a str,
        source: Found<'a>,
        environment: &Environment,
        seen: &mut Vec<&'a str>,
    ) -> Result<Source, Error> {
        let fault = |reason: &str| self.fault(name, Some(source.at), reason);
        if self.shared.place(source.value).is_none() {
            let reason = format!(
                "has a source_profile {:?}, which does not exist",
                source.value
            );
            return Err(fault(&reason));
        }
        seen.push(name);
        let found = if source.value == name {
            let keys = self.keys(File::Credentials, name)?;
            match keys {
                Some(keys) => Some(keys),
                None => self.keys(File::Config, name)?,
            }
            .map(Source::Profile)
        } else if seen.contains(&source.value) || seen.len() >= MAX_CHAIN {
            return Err(fault("is in a chain of source_profile that does not end"));
        } else {
            self.of(source.value, environment, seen)?
        };
        found.ok_or_else(|| {
            fault(&format!(
                "has a source_profile {:?}, which holds no credentials",
                source.value
            ))
        })
    }

    fn credential_source(
        &self,
        name: &str,
        source: Found<'_>,
        environment: &Environment,
    ) -> Result<Source, Error> {
        let fault = |reason: &str| Err(self.fault(name, Some(source.at), reason));
        match source.value {
            "Environment" => match settings::credentials_in(environment) {
                Ok(Some(credentials)) => Ok(Source::Environment(credentials)),
                Ok(None) => fault(
                    "has the credential_source Environment, but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set",
                ),
                Err(error) => Err(of_profile(name, error)),
            },
            "EcsContainer" if container::is_configured(environment) => Ok(Source::Container),
            "EcsContainer" => fault(
                "has the credential_source EcsContainer, but AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set",
            ),
            "Ec2InstanceMetadata" => match instance_metadata::disabled(environment)? {
                Some(true) => fault(
                    "has the credential_source Ec2InstanceMetadata, but AWS_EC2_METADATA_DISABLED is true",
                ),
                _ => Ok(Source::InstanceMetadata { asked: true }),
            },
            _ => fault(
                "has a credential_source that is none of Environment, EcsContainer and Ec2InstanceMetadata",
            ),
        }
    }

    /// The keys in one of the files. Those of two files are not mixed: a token would go with
    /// a key that it is not for.
    fn keys(&self, file: File, name: &str) -> Result<Option<Credentials>, Error> {
        let setting = |setting| self.shared.get_in(file, name, setting);
        let (id, secret) = match (
            setting("aws_access_key_id"),
            setting("aws_secret_access_key"),
        ) {
            (None, None) => return Ok(None),
            (Some(id), Some(secret)) => (id, secret),
            (Some(id), None) => {
                let reason = "has an aws_access_key_id, but no aws_secret_access_key";
                return Err(self.fault(name, Some(id.at), reason));
            }
            (None, Some(secret)) => {
                let reason = "has an aws_secret_access_key, but no aws_access_key_id";
                return Err(self.fault(name, Some(secret.at), reason));
            }
        };
        let credentials = Credentials {
            access_key_id: id.value.to_owned(),
            secret_access_key: secret.value.to_owned(),
            session_token: setting("aws_session_token").map(|token| token.value.to_owned()),
        };
        match credentials.unfit_part() {
            None => Ok(Some(credentials)),
            Some(part) => {
                let reason = [
                    "has keys whose ",
                    part,
                    " holds spaces, line breaks or characters outside ASCII",
                ];
                Err(self.fault(name, Some(id.at), &reason.concat()))
            }
        }
    }

    fn region_of(&self, name: &str) -> Option<String> {
        let region = self.shared.get(name, "region");
        region.map(|found| found.value.to_owned())
    }

    /// The error for what a profile says, at a place, or at its beginning.
    fn fault(&self, name: &str, at: Option<Place>, reason: &str) -> Error {
        Error::NoCredentials(self.said(name, at, &format!("profile {name:?} {reason}")))
    }

    fn said(&self, name: &str, at: Option<Place>, text: &str) -> String {
        match at.or_else(|| self.shared.place(name)) {
            Some(at) => format!("{text} ({})", self.shared.shown(at)),
            None => text.to_owned(),
        }
    }
}

impl Files for Profile {
    fn is_for_the_call(&self) -> bool {
        self.by == By::Call
    }

    fn source(&self, environment: &Environment) -> Result<Option<Source>, Error> {
        match self.of(&self.name, environment, &mut Vec::new())? {
            None if self.by != By::Nobody => {
                Err(self.fault(&self.name, None, "holds no credentials"))
            }
            source => Ok(source),
        }
    }

    fn searched(&self) -> String {
        format!(
            "profile {:?} holds none ({})",
            self.name,
            self.shared.searched()
        )
    }

    fn region(&self) -> Option<&str> {
        let region = self.shared.get(&self.name, "region");
        region.map(|found| found.value)
    }

    /// Adds what the profile says of endpoints, as the variables that mean the same. Every
    /// variable that is there takes precedence over the profile:
    ///
    /// 1. `AWS_ENDPOINT_URL_LAMBDA`, `AWS_ENDPOINT_URL_STS`
    /// 2. `AWS_ENDPOINT_URL`
    /// 3. `endpoint_url` below the service, in the section that `services` names
    /// 4. `endpoint_url` of the profile
    ///
    /// With `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, or else the profile's
    /// `ignore_configured_endpoint_urls`, all four are passed over.
    ///
    /// An error names the profile: its `services` section does not exist, or its
    /// `ignore_configured_endpoint_urls` is neither `true` nor `false`.
    fn add_endpoints(&self, environment: &mut Environment) -> Result<(), Error> {
        const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
        let setting = |setting| self.shared.get(&self.name, setting);
        let fault = |at, reason: &str| {
            let text = format!("{:?}: {reason}", self.name);
            Err(Error::invalid(
                "profile",
                self.said(&self.name, Some(at), &text),
            ))
        };
        if environment.get(IGNORE).is_none()
            && let Some(found) = setting("ignore_configured_endpoint_urls")
        {
            if found.value.eq_ignore_ascii_case("true") {
                environment.set(IGNORE, "true");
            } else if !found.value.eq_ignore_ascii_case("false") {
                let reason = "ignore_configured_endpoint_urls must be true or false";
                return fault(found.at, reason);
            }
        }
        if environment.get("AWS_ENDPOINT_URL").is_some() {
            return Ok(());
        }
        let services = setting("services");
        if let Some(services) = services
            && !self.shared.has_services(services.value)
        {
            return fault(
                services.at,
                "the section that its services names does not exist",
            );
        }
        for (service, variable) in ENDPOINT_URLS {
            let own = services.and_then(|services| {
                self.shared
                    .of_service(services.value, service, "endpoint_url")
            });
            let url = own.or_else(|| setting("endpoint_url"));
            if let (None, Some(url)) = (environment.get(variable), url) {
                environment.set(variable, url.value);
            }
        }
        Ok(())
    }
}

/// How to get credentials that only the AWS CLI can.
fn advice(profile: &str) -> String {
    format!("eval \"$(aws configure export-credentials --profile {profile:?} --format env)\"")
}
