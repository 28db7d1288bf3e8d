//! The sources of credentials that need files, for components that have a filesystem.
//!
//! [`use_files`] switches them on. A component that does not call it has none of their
//! code: nothing else here leads to it.

use std::fs::{self, File};
use std::io;
use std::sync::OnceLock;

use lambda_invocation_core::call::endpoint::Endpoint;
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::credentials::chain::{self, Source};
use lambda_invocation_core::credentials::profile::Profile;
use lambda_invocation_core::credentials::read;
use lambda_invocation_core::credentials::shared_config::MAX_FILE;
use lambda_invocation_core::credentials::sts::{self, Role};
use lambda_invocation_core::credentials::web_identity::WebIdentity;
use lambda_invocation_core::credentials::{self, Fetched};
use lambda_invocation_core::error::{ArgumentError, Error};
use zeroize::Zeroizing;

use crate::call::now;
use crate::credentials::{Caller, ask, of_container, of_instance};

/// What a component with a filesystem can do.
struct Files {
    /// The profile named for all calls.
    profile: Option<String>,
    open: fn(&Environment) -> Result<Box<dyn chain::Files>, Error>,
    fetch: fn(&Source, Caller<'_>) -> Result<Fetched, Error>,
    read_token: fn(&str) -> Result<Zeroizing<String>, String>,
}

static FILES: OnceLock<Files> = OnceLock::new();

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
        open,
        fetch,
        read_token: text_of,
    });
}

/// The profile that the user names.
pub(crate) fn profile() -> Option<&'static str> {
    FILES.get()?.profile.as_deref()
}

/// What the files say, where the component reads them.
///
/// # Errors
///
/// `NoCredentials`: a file cannot be read, or the profile that is named does not exist. To
/// go on would be to call another endpoint than the one that is meant, or as somebody else.
pub(crate) fn look(environment: &Environment) -> Result<Option<Box<dyn chain::Files>>, Error> {
    FILES
        .get()
        .map(|files| (files.open)(environment))
        .transpose()
}

/// Credentials from a source that needs files, or another's answer.
///
/// # Errors
///
/// As `credentials::find`.
pub(crate) fn of_files(source: &Source, caller: Caller<'_>) -> Result<Fetched, Error> {
    match FILES.get() {
        Some(files) => (files.fetch)(source, caller),
        None => Err(Error::NoCredentials(NO_FILES.to_owned())),
    }
}

/// The text of a file with no more than [`MAX_TOKEN`] bytes.
///
/// # Errors
///
/// Why it cannot be read, for people.
pub(crate) fn read_token(path: &str) -> Result<Zeroizing<String>, String> {
    match FILES.get() {
        Some(files) => (files.read_token)(path),
        None => Err(NO_FILES.to_owned()),
    }
}

const NO_FILES: &str = "this component reads no files; use lambda-host";

fn open(environment: &Environment) -> Result<Box<dyn chain::Files>, Error> {
    let mut read = |path: &str| read::read(is_file(path), || File::open(path), MAX_FILE);
    Ok(Box::new(Profile::read(profile(), environment, &mut read)?))
}

fn fetch(source: &Source, caller: Caller<'_>) -> Result<Fetched, Error> {
    match source {
        Source::Environment(keys) | Source::Profile(keys) => Ok(Fetched::without_end(keys.clone())),
        Source::Role {
            profile,
            role,
            region,
            with,
        } => {
            let with = fetch(with, caller)?;
            of_role(role, region.as_deref(), &with, caller)
                .map_err(|error| credentials::of_profile(profile, error))
        }
        Source::WebIdentity {
            profile,
            identity,
            region,
        } => of_web_identity(identity, region.as_deref(), caller)
            .map_err(|error| credentials::of_web_identity(profile.as_deref(), error)),
        Source::Sso(sso) => Err(credentials::needs_a_host(&sso.profile, SSO)),
        Source::Process(process) => Err(credentials::needs_a_host(&process.profile, PROCESS)),
        Source::Container => of_container(caller),
        Source::InstanceMetadata { asked } => of_instance(*asked, caller),
    }
}

const SSO: &str = "signs in with IAM Identity Center (SSO), which a component cannot";
const PROCESS: &str = "has a credential_process, which a component cannot start";

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
    sts::read(&question, answer, &with.credentials.secrets(), now())
}

fn of_web_identity(
    identity: &WebIdentity,
    region: Option<&str>,
    caller: Caller<'_>,
) -> Result<Fetched, Error> {
    let text = text_of(&identity.token_file).map_err(|why| identity.unreadable_token(&why))?;
    let token = identity.token(&text)?;
    let region = region.unwrap_or(&caller.settings.region);
    let endpoint = sts_endpoint(region, caller)?;
    let question = sts::assume_role_with_web_identity(&identity.role, token, endpoint, now());
    let answer = ask(&question, caller.deadline)?;
    sts::read(&question, answer, &[token], now())
}

fn sts_endpoint(region: &str, caller: Caller<'_>) -> Result<Endpoint, ArgumentError> {
    let settings = caller.settings;
    sts::endpoint(
        caller.environment,
        region,
        settings.variant,
        settings.allow_http,
    )
}

fn text_of(path: &str) -> Result<Zeroizing<String>, String> {
    read::token(is_file(path), || File::open(path))
}

fn is_file(path: &str) -> io::Result<bool> {
    Ok(fs::metadata(path)?.is_file())
}
