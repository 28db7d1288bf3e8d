//! The sources of credentials that need files, for components that have a filesystem.
//!
//! [`use_files`] switches them on. A component that does not call it has none of their
//! code: nothing else here leads to it.

use std::fs::File;
use std::io::Read as _;
use std::sync::OnceLock;

use lambda_invocation_core::call::endpoint::Endpoint;
use lambda_invocation_core::call::settings::{self, Environment};
use lambda_invocation_core::credentials::profile::{self, Name, Source};
use lambda_invocation_core::credentials::shared_config::{self, SharedConfig};
use lambda_invocation_core::credentials::sts::{self, Role};
use lambda_invocation_core::credentials::web_identity::{self, WebIdentity};
use lambda_invocation_core::credentials::{Fetched, MAX_TOKEN};
use lambda_invocation_core::error::Error;
use zeroize::Zeroizing;

use crate::call::now;
use crate::credentials::{Caller, ask, of_container, of_instance};

/// What a component with a filesystem can do.
struct Files {
    /// The profile named for all calls.
    profile: Option<String>,
    look: fn(Caller<'_>) -> Result<Looked, Error>,
    read: fn(&str, u64) -> Result<Zeroizing<String>, String>,
    region: fn(&Environment) -> Option<String>,
    add_endpoints: fn(&mut Environment) -> Result<(), Error>,
}

static FILES: OnceLock<Files> = OnceLock::new();

/// What came of looking.
pub(crate) enum Looked {
    /// Credentials.
    Found(Fetched),
    /// None are configured, and why.
    Nothing(String),
}

/// Lets credentials come from files: the shared configuration files, web identity
/// tokens, and the token files of containers. To be called once, before the first call.
///
/// `profile` is the one that the user names (`--profile`). Then it is the only source:
/// as in the AWS CLI, not even credentials in the environment are used.
///
/// Paths are those of the AWS tools, and the host must grant them: `~/.aws` below
/// `HOME`, or what the variables name.
pub fn use_files(profile: Option<String>) {
    // A second call changes nothing.
    let _ = FILES.set(Files {
        profile,
        look: look_in_files,
        read: read_file,
        region: region_of_profile,
        add_endpoints: add_endpoints_of_profile,
    });
}

/// The profile that the user names.
pub(crate) fn profile() -> Option<&'static str> {
    FILES.get()?.profile.as_deref()
}

/// The region of the profile, where the profile counts and has one.
pub(crate) fn region(environment: &Environment) -> Option<String> {
    (FILES.get()?.region)(environment)
}

/// Adds to the environment the endpoints that the profile names.
///
/// # Errors
///
/// A file or a profile whose form is at fault: to go on would be to call another endpoint
/// than the one that is meant.
pub(crate) fn add_endpoints(environment: &mut Environment) -> Result<(), Error> {
    match FILES.get() {
        Some(files) => (files.add_endpoints)(environment),
        None => Ok(()),
    }
}

/// Looks where files are needed; `None` where there are none.
///
/// # Errors
///
/// As `credentials::find`.
pub(crate) fn look(caller: Caller<'_>) -> Result<Option<Looked>, Error> {
    FILES.get().map(|files| (files.look)(caller)).transpose()
}

/// The text of a file with no more than `most` bytes.
///
/// # Errors
///
/// Why it cannot be read, for people.
pub(crate) fn read(path: &str, most: u64) -> Result<Zeroizing<String>, String> {
    match FILES.get() {
        Some(files) => (files.read)(path, most),
        None => Err("this component reads no files; use lambda-host".to_owned()),
    }
}

fn look_in_files(caller: Caller<'_>) -> Result<Looked, Error> {
    let (shared, searched) = shared_config(caller.environment)?;
    let name = Name::new(profile(), caller.environment);
    let source = profile::source(&shared, name).map_err(|error| match error {
        // Mostly the host has not granted the files.
        Error::NoCredentials(text) if !shared.has(name.name) => {
            Error::NoCredentials(format!("{text} ({searched})"))
        }
        other => other,
    })?;
    if let Some(source) = source {
        return of_source(&source, caller).map(Looked::Found);
    }
    if let Some(identity) = web_identity::configured(caller.environment)? {
        return of_web_identity(&identity, None, caller).map(Looked::Found);
    }
    Ok(Looked::Nothing(format!(
        "profile {:?} holds none ({searched}); no web identity is configured (AWS_WEB_IDENTITY_TOKEN_FILE is not set)",
        name.name
    )))
}

fn of_source(source: &Source, caller: Caller<'_>) -> Result<Fetched, Error> {
    match source {
        Source::Keys(keys) => Ok(Fetched::without_end(keys.clone())),
        Source::Role { role, region, with } => {
            let with = of_source(with, caller)?;
            of_role(role, region.as_deref(), &with, caller)
        }
        Source::WebIdentity { identity, region } => {
            of_web_identity(identity, region.as_deref(), caller)
        }
        Source::Environment => match settings::credentials_in(caller.environment)? {
            Some(credentials) => Ok(Fetched::without_end(credentials)),
            None => Err(Error::NoCredentials(
                "the profile's credential_source is Environment, but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set".to_owned(),
            )),
        },
        Source::Container => of_container(caller),
        Source::InstanceMetadata => of_instance(caller),
    }
}

fn of_role(
    role: &Role,
    region: Option<&str>,
    with: &Fetched,
    caller: Caller<'_>,
) -> Result<Fetched, Error> {
    let region = region.unwrap_or(&caller.settings.region);
    let endpoint = sts_endpoint(region, caller)?;
    let question = sts::assume_role(role, endpoint, region, &with.credentials, now());
    let answer = ask(&question, caller.deadline)?;
    let token = with.credentials.session_token.as_deref();
    sts::read(&question, answer, token.unwrap_or_default(), now())
}

fn of_web_identity(
    identity: &WebIdentity,
    region: Option<&str>,
    caller: Caller<'_>,
) -> Result<Fetched, Error> {
    let token = read_file(&identity.token_file, MAX_TOKEN)
        .map_err(|reason| web_identity::unreadable_token(&reason))?;
    let token = token.trim();
    let region = region.unwrap_or(&caller.settings.region);
    let endpoint = sts_endpoint(region, caller)?;
    let question = sts::assume_role_with_web_identity(&identity.role, token, endpoint, now());
    let answer = ask(&question, caller.deadline)?;
    sts::read(&question, answer, token, now())
}

fn sts_endpoint(region: &str, caller: Caller<'_>) -> Result<Endpoint, Error> {
    let settings = caller.settings;
    sts::endpoint(
        caller.environment,
        region,
        settings.variant,
        settings.allow_http,
    )
}

fn region_of_profile(environment: &Environment) -> Option<String> {
    let (shared, _) = shared_config(environment).ok()?;
    let name = Name::new(profile(), environment);
    shared.get(name.name, "region").map(str::to_owned)
}

fn add_endpoints_of_profile(environment: &mut Environment) -> Result<(), Error> {
    let (shared, _) = shared_config(environment)?;
    let name = Name::new(profile(), environment).name.to_owned();
    shared.add_endpoints(&name, environment)
}

/// Both files, and what there is to say about them.
fn shared_config(environment: &Environment) -> Result<(SharedConfig, String), Error> {
    let mut shared = SharedConfig::default();
    let mut searched = String::new();
    // The second takes precedence.
    for file in [
        shared_config::File::Config,
        shared_config::File::Credentials,
    ] {
        if !searched.is_empty() {
            searched.push_str(", ");
        }
        let Some(path) = file.path(environment) else {
            searched.push_str("HOME is not set");
            continue;
        };
        searched.push_str(&path);
        match read_file(&path, shared_config::MAX_FILE) {
            Ok(text) => shared.add(file, &text).map_err(|fault| {
                Error::NoCredentials(format!(
                    "{path}, line {}: neither a section, a setting nor a comment",
                    fault.line
                ))
            })?,
            Err(reason) => {
                searched.push_str(": ");
                searched.push_str(&reason);
            }
        }
    }
    Ok((shared, searched))
}

fn read_file(path: &str, most: u64) -> Result<Zeroizing<String>, String> {
    let mut text = Zeroizing::new(String::new());
    let file = File::open(path).map_err(|error| error.to_string())?;
    match file.take(most.saturating_add(1)).read_to_string(&mut text) {
        Ok(length) if u64::try_from(length).is_ok_and(|length| length <= most) => Ok(text),
        Ok(_) => Err(format!("it has more than {most} bytes")),
        Err(error) => Err(error.to_string()),
    }
}
