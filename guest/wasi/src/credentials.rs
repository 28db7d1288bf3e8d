//! Fetching credentials: what `lambda_invocation_core::credentials` decides, sent and
//! kept.

use std::cell::RefCell;

use ::http::Method;
use lambda_invocation_core::call::connection::Credentials;
use lambda_invocation_core::call::response::RawResponse;
use lambda_invocation_core::call::settings::{Environment, Settings};
use lambda_invocation_core::call::sign;
use lambda_invocation_core::call::wasi_http::Limits;
use lambda_invocation_core::credentials::chain::{self, Files, LastResort, Source};
use lambda_invocation_core::credentials::{
    Fetched, MAX_ANSWER, Question, container, instance_metadata,
};
use lambda_invocation_core::error::Error;
use zeroize::Zeroizing;

use crate::bindings::wasi::http::types as http;
use crate::bindings::wasi::random::random;
use crate::call::now;
use crate::profile_files;
use crate::transport::{self, Exchange};
use crate::wait::{self, Deadline};

/// Who needs credentials.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) environment: &'a Environment,
    /// What the component reads of files, where it does.
    pub(crate) files: Option<&'a dyn Files>,
    /// The call's, for the region and the endpoints.
    pub(crate) settings: &'a Settings,
    pub(crate) deadline: &'a Deadline<'a>,
}

/// Whether credentials outlive the call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// For the calls to come, until shortly before they expire.
    Yes,
    /// No: the caller promises to leave nothing in memory.
    No,
}

thread_local! {
    /// The last credentials that were fetched, and what for.
    static KEPT: RefCell<Option<(String, Fetched)>> = const { RefCell::new(None) };
}

/// Credentials from the source that counts, or those of an earlier call that asked for the
/// same; and whether asking once more could give others.
///
/// # Errors
///
/// `NoCredentials`, `InvalidArgument` for the variable at fault, and `Timeout` and
/// `DeniedByHost` on the way to the source.
pub(crate) fn find(caller: Caller<'_>, keep: Keep) -> Result<(Credentials, bool), Error> {
    let source = match chain::source(caller.environment, caller.files, LastResort::Nothing)? {
        Source::Environment(keys) => return Ok((keys, false)),
        source => source,
    };
    let key = key(caller);
    let kept = KEPT.with_borrow(|kept| {
        let (_, fetched) = kept.as_ref().filter(|(of, _)| *of == key)?;
        fetched.is_fresh(now()).then(|| fetched.clone())
    });
    let fetched = match kept {
        Some(fetched) => fetched,
        None => fetch(&source, caller)?,
    };
    if keep == Keep::Yes && fetched.is_fresh(now()) {
        KEPT.set(Some((key, fetched.clone())));
    }
    Ok((fetched.credentials, true))
}

/// Forgets what is kept, after it turned out not to be good any more.
pub(crate) fn forget() {
    KEPT.set(None);
}

/// All that the sources are chosen and asked by: two calls with one key would fetch the
/// same. It is a hash because there are secrets among it. As in the SDKs, a change in a
/// file counts when what was fetched by it has run out; keys in a profile are not kept.
fn key(caller: Caller<'_>) -> String {
    let mut all = Zeroizing::new(String::new());
    let mut add = |text: &str| {
        all.push_str(text);
        // No variable, region or profile holds this.
        all.push('\0');
    };
    add(&caller.settings.region);
    add(profile_files::profile().unwrap_or_default());
    for (name, value) in caller.environment.iter() {
        add(name);
        add(value);
    }
    sign::sha256_hex(all.as_bytes())
}

fn fetch(source: &Source, caller: Caller<'_>) -> Result<Fetched, Error> {
    match source {
        Source::Container => of_container(caller),
        Source::InstanceMetadata { asked } => of_instance(*asked, caller),
        source => profile_files::of_files(source, caller),
    }
}

/// # Errors
///
/// As [`find`].
pub(crate) fn of_container(caller: Caller<'_>) -> Result<Fetched, Error> {
    let token = match caller.environment.get(container::TOKEN_FILE) {
        Some(path) => {
            Some(profile_files::read_token(path).map_err(|why| container::unreadable_token(&why))?)
        }
        None => None,
    };
    let question = container::question(caller.environment, token.as_ref().map(|t| t.as_str()))?;
    container::read(ask(&question, caller.deadline)?, now())
}

/// # Errors
///
/// As [`find`].
pub(crate) fn of_instance(asked: bool, caller: Caller<'_>) -> Result<Fetched, Error> {
    let mut question = instance_metadata::question(caller.environment, asked)?;
    for next in [
        instance_metadata::ask_for_role,
        instance_metadata::ask_for_credentials,
    ] {
        let answer = ask(&question, caller.deadline)?;
        next(&mut question, answer)?;
    }
    instance_metadata::read(ask(&question, caller.deadline)?, now())
}

/// Asks, and asks again where that may help.
///
/// # Errors
///
/// As [`find`].
pub(crate) fn ask(question: &Question, deadline: &Deadline<'_>) -> Result<RawResponse, Error> {
    let mut tries = 1;
    loop {
        let outcome = ask_once(question, deadline);
        // The high half, which is random whatever the host's generator is.
        let random = u32::try_from(random::get_random_u64() >> 32).unwrap_or(0);
        let Some(pause) = question.again(&outcome, tries, random) else {
            return outcome.map_err(|error| question.unanswered(error));
        };
        wait::pause(pause, deadline).map_err(|error| question.unanswered(error))?;
        tries = tries.saturating_add(1);
    }
}

fn ask_once(question: &Question, deadline: &Deadline<'_>) -> Result<RawResponse, Error> {
    let exchange = Exchange {
        method: match question.method {
            Method::GET => http::Method::Get,
            Method::PUT => http::Method::Put,
            _ => http::Method::Post,
        },
        endpoint: &question.endpoint,
        limits: Limits {
            connect: question.timeout,
            response: question.timeout,
            body: MAX_ANSWER,
        },
    };
    // The limits above hold for each piece; an answer must not come in pieces for ever.
    let deadline = Deadline::within(deadline, question.timeout);
    let head = question.head.clone();
    let response = transport::send(&exchange, head, &question.body, &deadline)?;
    transport::read(response, Vec::new(), &exchange, &deadline)
}
