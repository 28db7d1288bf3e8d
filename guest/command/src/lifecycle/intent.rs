//! Invocations that were about to be sent and of whose answer nothing is known: by a
//! kill, a power loss or a lost connection. They are not sent again before the user says
//! what became of them.

use std::time::{SystemTime, UNIX_EPOCH};

use lambda_invocation_core::call::sign::sha256_hex;
use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{Apply, Config, PlannedRequest};
use time::OffsetDateTime;

use crate::config::did_you_mean;
use crate::failure::{Failure, Unanswered};
use crate::grammar::Answers;
use crate::state::{Document, Entry, Intent};

/// What a state says before this request is sent.
pub fn of(request: &PlannedRequest, desired: Option<&Config>, replace: bool) -> Intent {
    Intent {
        event: request.event,
        function_name: request.function_name.clone(),
        at: rfc3339(SystemTime::now()),
        payload_sha256: sha256_hex(request.payload.as_bytes()),
        desired: desired.cloned(),
        replace,
    }
}

/// To the second, in UTC.
fn rfc3339(at: SystemTime) -> String {
    let since_epoch = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let at = i64::try_from(since_epoch.as_secs())
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// What the user does not know, or has not said, the outcome of.
pub fn unanswered(document: &Document) -> Vec<Unanswered> {
    let entries = document.invocations.iter();
    entries
        .filter_map(|(name, entry)| {
            Some(Unanswered {
                name: name.clone(),
                intent: entry.intent.clone()?,
            })
        })
        .collect()
}

/// The entries that change by what the user says.
///
/// # Errors
///
/// When nothing is open about a name, or the state is not the one that the invocation was
/// made from.
pub fn settle(
    document: &Document,
    answers: &Answers,
) -> Result<Vec<(String, Option<Entry>)>, Failure> {
    let mut settled = Vec::new();
    for ran in &answers.ran {
        if answers.run_again.contains(&ran.name) {
            let reason = format!("{} is in --run-again, too: say one of them", ran.name);
            return Err(Error::invalid("ran", reason).into());
        }
        let (entry, intent) = open(document, &ran.name, "ran")?;
        let result = ran.result.clone().unwrap_or_default();
        settled.push((ran.name.clone(), after(&ran.name, entry, intent, result)?));
    }
    for name in &answers.run_again {
        let (entry, _) = open(document, name, "run-again")?;
        let entry = entry.state.is_some().then(|| Entry {
            intent: None,
            ..entry.clone()
        });
        settled.push((name.clone(), entry));
    }
    Ok(settled)
}

fn open<'d>(
    document: &'d Document,
    name: &str,
    option: &'static str,
) -> Result<(&'d Entry, &'d Intent), Error> {
    let entry = document.invocations.get(name);
    let open = entry.and_then(|entry| Some((entry, entry.intent.as_ref()?)));
    open.ok_or_else(|| {
        let all = document.invocations.iter();
        let others = all.filter(|(_, entry)| entry.intent.is_some());
        let near = did_you_mean(name, others.map(|(name, _)| name.as_str()));
        Error::invalid(
            option,
            format!("the outcome of \"{name}\" is not open{near}"),
        )
    })
}

/// The entry after an invocation that ran: as if Lambda had answered what the user says.
fn after(
    name: &str,
    entry: &Entry,
    intent: &Intent,
    result: String,
) -> Result<Option<Entry>, Failure> {
    let apply = Apply::new(entry.state.clone(), intent.desired.as_ref(), intent.replace)
        .map_err(|failure| failure.error)?;
    let is_it = apply.next_request().is_some_and(|request| {
        request.event == intent.event
            && sha256_hex(request.payload.as_bytes()) == intent.payload_sha256
    });
    if !is_it {
        return Err(Failure::Conflict(format!(
            "the state of {name} is not the one that its {} was made from; use --run-again {name}, or remove what the state says of it",
            intent.event.as_str()
        )));
    }
    let apply = apply
        .succeeded(result.into_bytes())
        .map_err(|failure| failure.error)?;
    Ok(apply.finish().map(|state| Entry {
        state: Some(state),
        depends_on: entry.depends_on.clone(),
        intent: None,
    }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_788_093_360, "2026-08-30T12:36:00Z"),
            // Beyond the year 9999.
            (u64::MAX / 4, "1970-01-01T00:00:00Z"),
        ] {
            let at = UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
            assert_eq!(rfc3339(at.unwrap_or(UNIX_EPOCH)), text);
        }
    }
}
