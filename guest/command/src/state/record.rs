//! The text of a state file.

use std::collections::BTreeMap;
use std::fmt;

use lambda_invocation_core::lifecycle::STATE_VERSION;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use super::{Document, Entry, VERSION};
use crate::config::is_name;

const NEWER: &str = "written by a newer release of this program; use that one";

/// What tells a state file from others, and its versions from each other.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Head {
    version: u64,
    terraform_version: Option<IgnoredAny>,
}

/// The file.
///
/// # Errors
///
/// Those of the writer, of which none is known.
pub fn write(document: &Document) -> serde_json::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(document)?;
    text.push(b'\n');
    Ok(text)
}

/// Reads a file. An empty one, as `mktemp` makes it, is an empty state.
///
/// # Errors
///
/// What is wrong, and at which line and column; never a value.
pub fn read(bytes: &[u8]) -> Result<Document, String> {
    if bytes.is_empty() {
        return Ok(Document::default());
    }
    let head: Head = parse(bytes)?;
    if head.terraform_version.is_some() {
        return Err(
            "a state of Terraform; bring invocations over with lifecycle import --from-terraform"
                .to_owned(),
        );
    }
    if head.version != u64::from(VERSION) {
        return Err(NEWER.to_owned());
    }
    let document: Document = parse(bytes)?;
    let states = document.invocations.values();
    let mut states = states.filter_map(|entry| entry.state.as_ref());
    if states.any(|state| state.version != STATE_VERSION) {
        return Err(NEWER.to_owned());
    }
    Ok(document)
}

fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        Category::Data => {
            // Before that stands what was found, which may be a secret.
            let text = error.to_string();
            match text.rsplit_once(", expected ") {
                Some((_, expected)) => format!("not a state: expected {expected}"),
                None => format!("not a state: {text}"),
            }
        }
        _ => format!("not JSON: {error}"),
    })
}

/// The invocations by their names, each of which is there once.
pub fn invocations<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Entry>, D::Error> {
    struct Invocations;

    impl<'de> Visitor<'de> for Invocations {
        type Value = BTreeMap<String, Entry>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of invocations")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut invocations = BTreeMap::new();
            while let Some(name) = map.next_key::<String>()? {
                if !is_name(&name) {
                    return Err(A::Error::custom("a name that an invocation cannot have"));
                }
                if invocations.insert(name, map.next_value()?).is_some() {
                    return Err(A::Error::custom("an invocation is there twice"));
                }
            }
            Ok(invocations)
        }
    }

    deserializer.deserialize_map(Invocations)
}
