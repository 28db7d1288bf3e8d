//! An update or a deletion that was sent and not answered, so that the function may have
//! run. It is kept beside the state, in what Terraform calls private data, and shown by
//! every plan until an apply succeeds.
//!
//! A creation needs no such note: it is kept as a tainted resource.

use lambda_invocation_engine::Problem;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Beside the keys of others: a resource that was moved here brings those of hashicorp/aws.
const KEY: &str = "unanswered";

/// What the function was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Update,
    Delete,
}

impl Event {
    fn as_str(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Adds the note.
pub fn note(private: &[u8], event: Event, at: OffsetDateTime) -> Vec<u8> {
    let mut noted = read(private);
    let at = at.replace_nanosecond(0).unwrap_or(at);
    let at = at.format(&Rfc3339).unwrap_or_default();
    noted.insert(KEY.to_owned(), json!({"event": event.as_str(), "at": at}));
    Value::Object(noted).to_string().into_bytes()
}

/// Takes the note away, where there is one.
pub fn forget(private: Vec<u8>) -> Vec<u8> {
    let mut noted = read(&private);
    match noted.remove(KEY) {
        None => private,
        Some(_) if noted.is_empty() => Vec::new(),
        Some(_) => Value::Object(noted).to_string().into_bytes(),
    }
}

/// What to tell the user of the note, where there is one. `id` is the state's.
pub fn problem(private: &[u8], id: &str) -> Option<Problem> {
    let noted = read(private);
    let noted = noted.get(KEY)?;
    let text = |name: &str| noted.get(name).and_then(Value::as_str);
    let at = text("at")?;
    let (event, ran) = match text("event")? {
        "delete" => (
            "delete",
            "take the resource out of the state with terraform state rm, which sends nothing"
                .to_owned(),
        ),
        _ => (
            "update",
            format!(
                "take the resource out of the state with terraform state rm, and into it again with terraform import and the id {id}: neither that nor the apply after it sends anything"
            ),
        ),
    };
    Some(Problem {
        argument: None,
        summary: format!("An earlier {event} may have run"),
        detail: format!(
            "The {event} that was sent at {at} was not answered. Look into the function's log. If it did not run, apply, which sends it again. If it ran, {ran}."
        ),
    })
}

/// What is there, unless it is no JSON object.
fn read(private: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(private).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_kept_beside_what_others_keep_until_it_is_forgotten() {
        let at = OffsetDateTime::from_unix_timestamp(1_788_093_360).unwrap();
        let noted = json!({"event": "update", "at": "2026-08-30T12:36:00Z"});
        for (private, all) in [
            (&b""[..], json!({ "unanswered": noted })),
            (
                br#"{"schema_version":"1"}"#,
                json!({"schema_version": "1", "unanswered": noted}),
            ),
        ] {
            let note = note(private, Event::Update, at);
            assert_eq!(Value::Object(read(&note)), all);
            let problem = problem(&note, "f,PROD,0").unwrap();
            assert_eq!(problem.summary, "An earlier update may have run");
            for part in [
                "at 2026-08-30T12:36:00Z was not answered",
                "the id f,PROD,0",
            ] {
                assert!(problem.detail.contains(part), "{}", problem.detail);
            }
            assert_eq!(forget(note), private);
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
            assert_eq!(problem(private, "id"), None);
        }
        for private in [&b""[..], b"bytes", b"[]", b"{ \"a\": 1 }"] {
            assert_eq!(forget(private.to_vec()), private);
        }
    }

    #[test]
    fn a_deletion_is_forgotten_with_the_resource() {
        let note = note(b"", Event::Delete, OffsetDateTime::UNIX_EPOCH);
        let problem = problem(&note, "id").unwrap();
        assert_eq!(problem.summary, "An earlier delete may have run");
        assert!(
            problem
                .detail
                .contains("terraform state rm, which sends nothing")
        );
    }
}
