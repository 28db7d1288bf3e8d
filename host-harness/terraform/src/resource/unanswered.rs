//! Events that gave no answer that could be kept. The note of one is beside the state, in what
//! Terraform calls private data, until it is settled; a plan that would send it again fails.
//!
//! A creation is kept as a tainted resource. Terraform plans those as if nothing was there,
//! and does not show their private data to the plan: it shows it when the state is refreshed,
//! just before. So the provider remembers, for as long as it runs, which creations were not
//! answered.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use lambda_invocation_core::lifecycle::Attribute;
use lambda_invocation_engine::{Event, HELD, Problem, RUN_AGAIN, Unanswered};
use serde_json::{Map, Value};

use super::desired::Desired;
use super::state;
use crate::provider::Provider;

/// Beside the keys of others: a resource that was moved here brings those of hashicorp/aws.
const KEY: &str = "unanswered";

/// Adds the note.
pub fn note(private: &[u8], unanswered: &Unanswered) -> Vec<u8> {
    let mut notes = members(private);
    notes.insert(KEY.to_owned(), unanswered.to_note().into());
    Value::Object(notes).to_string().into_bytes()
}

/// Takes the note away, where there is one.
pub fn forget(private: Vec<u8>) -> Vec<u8> {
    let mut notes = members(&private);
    match notes.remove(KEY) {
        None => private,
        Some(_) if notes.is_empty() => Vec::new(),
        Some(_) => Value::Object(notes).to_string().into_bytes(),
    }
}

/// The note, where there is one.
pub fn read(private: &[u8]) -> Option<Unanswered> {
    Unanswered::from_note(members(private).get(KEY)?.as_str()?)
}

/// What is there, unless it is no JSON object.
fn members(private: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(private).unwrap_or_default()
}

/// What to tell the user of it. `id` is the state's.
pub fn problem(unanswered: &Unanswered, id: &str) -> Problem {
    unanswered.problem(&settle(unanswered, id))
}

/// Adds to what went wrong just now what to do about it. `again` is whether it may run again.
pub fn advise(problem: &mut Problem, unanswered: &Unanswered, id: &str, again: bool) {
    problem.advise(&match again {
        true => "The next apply sends it again.".to_owned(),
        false => format!("{HELD} {}", settle(unanswered, id)),
    });
}

fn settle(unanswered: &Unanswered, id: &str) -> String {
    let again = format!(
        "If it did not run, apply with {RUN_AGAIN}='{id}' in the environment, which sends it again."
    );
    match (unanswered.event, unanswered.ran) {
        (Event::Create, false) => "If it ran, keep the resource by terraform untaint and its address. If it did not run, take it out of the state by terraform state rm, and apply.".to_owned(),
        (Event::Create, true) => "Keep the resource by terraform untaint and its address. To run the function again, take the resource out of the state by terraform state rm, and apply.".to_owned(),
        (Event::Update, _) => format!("{again} If it ran, take the resource out of the state by terraform state rm, and into it again by terraform import and the id {id}: neither that nor the apply after it sends anything."),
        (Event::Delete, _) => format!("{again} If it ran, take the resource out of the state by terraform state rm, which sends nothing."),
    }
}

/// The creations that were not answered, by their ids.
#[derive(Debug, Default)]
pub struct Creations(Mutex<BTreeMap<String, Unanswered>>);

impl Creations {
    /// Remembers one, of a state that is refreshed.
    pub fn remember(&self, id: &str, unanswered: Unanswered) {
        self.all().insert(id.to_owned(), unanswered);
    }

    /// Forgets one: its resource is not tainted, so the user has said that it is to be kept.
    pub fn settle(&self, id: &str) {
        self.all().remove(id);
    }

    fn all(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Unanswered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one that a creation would send again, and its id. Where it is not known yet what
    /// is sent, that is one of the same function.
    pub async fn repeated(
        &self,
        provider: &Provider,
        desired: &Desired,
    ) -> Option<(String, Unanswered)> {
        if self.all().is_empty() {
            return None;
        }
        let is_unknown = |attributes: &[Attribute]| {
            let mut attributes = attributes.iter();
            attributes.any(|attribute| desired.unknown.contains(attribute))
        };
        if !is_unknown(&[
            Attribute::FunctionName,
            Attribute::Qualifier,
            Attribute::Input,
            Attribute::LifecycleScope,
            Attribute::TerraformKey,
        ]) {
            let id = id_of_creation(provider, desired).await;
            let found = self.all().get(&id).cloned();
            return found.map(|unanswered| (id, unanswered));
        }
        let name = match is_unknown(&[Attribute::FunctionName]) {
            true => String::new(),
            false => format!("{},", desired.config.function_name),
        };
        let all = self.all();
        let mut same = all.iter().filter(|(id, _)| id.starts_with(&name));
        same.next()
            .map(|(id, unanswered)| (id.clone(), unanswered.clone()))
    }
}

/// The id that a resource has once it is created. That of a write-only input holds nothing of
/// it.
pub async fn id_of_creation(provider: &Provider, desired: &Desired) -> String {
    match desired.write_only {
        true => state::id_without_input(&desired.config),
        false => provider.engine().id_of_creation(&desired.config).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unanswered(event: Event) -> Unanswered {
        Unanswered {
            event,
            ran: false,
            at: "2026-08-30T12:36:00Z".to_owned(),
        }
    }

    #[test]
    fn a_note_is_kept_beside_what_others_keep_until_it_is_forgotten() {
        for (private, all) in [
            (
                &b""[..],
                r#"{"unanswered":"update at 2026-08-30T12:36:00Z"}"#,
            ),
            (
                br#"{"schema_version":"1"}"#,
                r#"{"schema_version":"1","unanswered":"update at 2026-08-30T12:36:00Z"}"#,
            ),
        ] {
            let noted = note(private, &unanswered(Event::Update));
            assert_eq!(String::from_utf8_lossy(&noted), all);
            assert_eq!(read(&noted), Some(unanswered(Event::Update)));
            assert_eq!(forget(noted), private);
        }
    }

    #[test]
    fn private_data_of_others_is_no_note_and_stays_as_it_is() {
        for private in [
            &b""[..],
            b"bytes",
            b"[]",
            b"{ \"a\": 1 }",
            br#"{"unanswered":1}"#,
        ] {
            assert_eq!(read(private), None);
        }
        for private in [&b""[..], b"bytes", b"[]", b"{ \"a\": 1 }"] {
            assert_eq!(forget(private.to_vec()), private);
        }
    }

    #[test]
    fn every_event_says_how_it_is_settled() {
        for (event, parts) in [
            (Event::Create, ["terraform untaint", "terraform state rm"]),
            (
                Event::Update,
                [
                    "LAMBDA_RUN_AGAIN='f,PROD,0'",
                    "terraform import and the id f,PROD,0",
                ],
            ),
            (
                Event::Delete,
                ["LAMBDA_RUN_AGAIN='f,PROD,0'", "terraform state rm"],
            ),
        ] {
            let mut now = Problem::of_argument("input", "is lost");
            advise(&mut now, &unanswered(event), "f,PROD,0", false);
            let later = problem(&unanswered(event), "f,PROD,0");
            for part in parts.iter().chain([&HELD]) {
                assert!(later.detail.contains(part), "{part}: {}", later.detail);
                assert!(now.detail.contains(part), "{part}: {}", now.detail);
            }
        }
    }
}
