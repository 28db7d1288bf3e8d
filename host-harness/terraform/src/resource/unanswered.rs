//! Events that gave no answer that could be kept. The note of one is beside the state, in what
//! Terraform calls private data, until it is settled; a plan that would send it again fails.
//!
//! A creation is kept as a tainted resource. Terraform plans those as if nothing was there,
//! and does not show their private data to the plan: it shows it when the state is refreshed,
//! just before. So the provider remembers, for as long as it runs, what was not answered and
//! may be of a tainted resource.

use std::sync::{Mutex, PoisonError};

use lambda_invocation_core::lifecycle::{Attribute, import_state};
use lambda_invocation_engine::{Event, HELD, Problem, RUN_AGAIN, Unanswered};
use serde_json::{Map, Value};

use super::desired::Desired;
use super::state;
use crate::provider::Provider;
use crate::value::{Members, Value as Text};

/// Beside the keys of others: a resource that was moved here brings those of hashicorp/aws.
const KEY: &str = "unanswered";

/// The id of its resource: where one is replaced, Terraform shows a plan the private data
/// without the state.
const ID: &str = "unanswered_id";

/// What was not answered, and of which resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub unanswered: Unanswered,
    /// The id in the state.
    pub id: String,
    /// The region in the state.
    pub region: Option<String>,
}

/// Adds the note.
pub fn note(private: &[u8], open: &Open) -> Vec<u8> {
    let mut notes = members(private);
    notes.insert(KEY.to_owned(), open.unanswered.to_note().into());
    notes.insert(ID.to_owned(), open.id.as_str().into());
    Value::Object(notes).to_string().into_bytes()
}

/// Takes the note away, where there is one.
pub fn forget(private: Vec<u8>) -> Vec<u8> {
    let mut notes = members(&private);
    notes.remove(ID);
    match notes.remove(KEY) {
        None => private,
        Some(_) if notes.is_empty() => Vec::new(),
        Some(_) => Value::Object(notes).to_string().into_bytes(),
    }
}

/// The note, where there is one, of a resource with this state, or which has none any more.
pub fn read(private: &[u8], state: Option<&Members>) -> Option<Open> {
    let notes = members(private);
    let of_state = |name| {
        let value = state.and_then(|state| state.get(name));
        value.and_then(Text::as_text).map(str::to_owned)
    };
    let of_note = || notes.get(ID).and_then(Value::as_str).map(str::to_owned);
    Some(Open {
        unanswered: Unanswered::from_note(notes.get(KEY)?.as_str()?)?,
        id: of_state("id").or_else(of_note)?,
        region: of_state("region"),
    })
}

/// What is there, unless it is no JSON object.
fn members(private: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(private).unwrap_or_default()
}

impl Open {
    /// What to tell the user of it.
    pub fn problem(&self) -> Problem {
        self.unanswered.problem(&self.settle())
    }

    /// Adds to what went wrong just now what to do about it. `again` is whether it may run
    /// again.
    pub fn advise(&self, problem: &mut Problem, again: bool) {
        problem.advise(&match again {
            true => "The next apply sends it again.".to_owned(),
            false => format!("{HELD} {}", self.settle()),
        });
    }

    /// What to import it by. The region goes with the id: without it, an import has the
    /// provider's, and another one in the configuration would be a replacement.
    fn import_id(&self) -> String {
        let with_region = self
            .region
            .iter()
            .map(|region| format!("{}@{region}", self.id));
        let mut understood = with_region.filter(|id| import_state(id).is_ok());
        understood.next().unwrap_or_else(|| self.id.clone())
    }

    fn settle(&self) -> String {
        let id = &self.id;
        let by = format!("apply with {RUN_AGAIN}='{id}' in the environment of that one run");
        let again = format!("If it did not run, {by}, which sends it again.");
        match (self.unanswered.event, self.unanswered.ran) {
        (Event::Create, false) => format!("If it ran, keep the resource by terraform untaint and its address. If it did not run, take it out of the state by terraform state rm, and apply; or {by}."),
        (Event::Create, true) => "Keep the resource by terraform untaint and its address. To run the function again, take the resource out of the state by terraform state rm, and apply.".to_owned(),
        (Event::Update, _) => format!("{again} If it ran, take the resource out of the state by terraform state rm, and into it again by terraform import and the id {}: neither that nor the apply after it sends anything.", self.import_id()),
        (Event::Delete, _) => format!("{again} If it ran, take the resource out of the state by terraform state rm, which sends nothing."),
    }
    }
}

/// What was not answered and may be of a tainted resource: once for each resource, as two
/// may have the same id.
#[derive(Debug, Default)]
pub struct Remembered(Mutex<Vec<Open>>);

impl Remembered {
    /// Remembers one, of a state that is refreshed.
    pub fn remember(&self, open: Open) {
        self.all().push(open);
    }

    /// Forgets one: its resource is not tainted, as its plan is shown the note.
    pub fn forget(&self, open: &Open) {
        let mut all = self.all();
        let is_it = |other: &Open| other.id == open.id && other.unanswered == open.unanswered;
        if let Some(at) = all.iter().position(is_it) {
            all.swap_remove(at);
        }
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one that a plan which creates would send again.
    ///
    /// A creation is that of the same id or, where it is not known yet what is sent, of the
    /// same function. A deletion is any: the creation may be the other half of a replacement,
    /// and the plan of a tainted resource does not say which. A plan with a tainted resource
    /// whose deletion is open cannot succeed anyway.
    pub async fn repeated(&self, provider: &Provider, desired: &Desired) -> Option<Open> {
        let of = |event| {
            let all = self.all();
            let of_event = all.iter().filter(|open| open.unanswered.event == event);
            of_event.cloned().collect::<Vec<_>>()
        };
        let deletion = of(Event::Delete).into_iter().next();
        let creations = of(Event::Create);
        if deletion.is_some() || creations.is_empty() {
            return deletion;
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
            return creations.into_iter().find(|open| open.id == id);
        }
        let name = match is_unknown(&[Attribute::FunctionName]) {
            true => String::new(),
            false => format!("{},", desired.config.function_name),
        };
        creations
            .into_iter()
            .find(|open| open.id.starts_with(&name))
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

    fn open(event: Event) -> Open {
        Open {
            unanswered: Unanswered {
                event,
                ran: false,
                at: "2026-08-30T12:36:00Z".to_owned(),
            },
            id: format!("f,PROD,{}", "0".repeat(32)),
            region: None,
        }
    }

    #[test]
    fn two_resources_with_the_same_id_are_remembered_and_forgotten_one_by_one() {
        let remembered = Remembered::default();
        remembered.remember(open(Event::Create));
        remembered.remember(open(Event::Create));
        remembered.forget(&open(Event::Delete));
        remembered.forget(&open(Event::Create));
        assert_eq!(*remembered.all(), [open(Event::Create)]);
        remembered.forget(&open(Event::Create));
        assert_eq!(*remembered.all(), []);
    }

    #[test]
    fn the_region_goes_with_the_id_of_an_import_where_it_can() {
        let id = open(Event::Update).id;
        for (region, expected) in [
            (None, id.clone()),
            (Some("eu-west-1"), format!("{id}@eu-west-1")),
            (Some("somewhere"), id.clone()),
        ] {
            let open = Open {
                region: region.map(str::to_owned),
                ..open(Event::Update)
            };
            let detail = open.problem().detail;
            let import = format!("terraform import and the id {expected}:");
            assert!(detail.contains(&import), "{detail}");
            assert!(
                detail.contains(&format!("LAMBDA_RUN_AGAIN='{id}'")),
                "{detail}"
            );
        }
    }

    #[test]
    fn a_note_is_kept_beside_what_others_keep_until_it_is_forgotten() {
        for (private, all) in [
            (
                &b""[..],
                r#"{"unanswered":"update at 2026-08-30T12:36:00Z","unanswered_id":"f,PROD,00000000000000000000000000000000"}"#,
            ),
            (
                br#"{"schema_version":"1"}"#,
                r#"{"schema_version":"1","unanswered":"update at 2026-08-30T12:36:00Z","unanswered_id":"f,PROD,00000000000000000000000000000000"}"#,
            ),
        ] {
            let noted = note(private, &open(Event::Update));
            assert_eq!(String::from_utf8_lossy(&noted), all);
            assert_eq!(read(&noted, None), Some(open(Event::Update)));
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
            assert_eq!(read(private, None), None);
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
                    "LAMBDA_RUN_AGAIN='f,PROD,0",
                    "terraform import and the id f,PROD,0",
                ],
            ),
            (
                Event::Delete,
                ["LAMBDA_RUN_AGAIN='f,PROD,0", "terraform state rm"],
            ),
        ] {
            let mut now = Problem::of_argument("input", "is lost");
            open(event).advise(&mut now, false);
            let later = open(event).problem();
            for part in parts.iter().chain([&HELD]) {
                assert!(later.detail.contains(part), "{part}: {}", later.detail);
                assert!(now.detail.contains(part), "{part}: {}", now.detail);
            }
        }
    }
}
