//! States for invocations that exist elsewhere.

use super::config::Config;
use super::id::{self, Id};
use super::state::{STATE_VERSION, State};
use crate::error::ArgumentError;

/// Makes a state from an id, with or without `@REGION` at its end. The first apply
/// adopts the desired configuration and sends nothing; until then a deletion sends
/// nothing either, as the scope is not known.
///
/// Unlike Terraform this takes aliases, and ids of the older form (see
/// [`Id::parse`] on its ambiguity).
///
/// # Errors
///
/// Those of [`Id::parse`].
pub fn import_state(id: &str) -> Result<State, ArgumentError> {
    let (id, region) = match id.rsplit_once('@') {
        Some((id, region)) if is_region(region) => (id, Some(region)),
        Some(_) => {
            return Err(ArgumentError::new(
                "id",
                "what follows the '@' is not a region",
            ));
        }
        None => (id, None),
    };
    let Id {
        function_name,
        qualifier,
        hash,
    } = Id::parse(id)?;
    Ok(State {
        version: STATE_VERSION,
        id: id::join(function_name, qualifier, hash),
        config: Config {
            function_name: function_name.to_owned(),
            qualifier: Some(qualifier.to_owned()),
            region: region.map(str::to_owned),
            ..Config::default()
        },
        result: String::new(),
        imported: true,
        deposed: None,
    })
}

/// `[a-z]{2}(-[a-z]+)+-\d{1,2}`, the provider's pattern, and the same after `eusc`,
/// the European sovereign cloud's four letters.
fn is_region(text: &str) -> bool {
    let lower = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    let Some((words, number)) = text.rsplit_once('-') else {
        return false;
    };
    let Some((first, rest)) = words.split_once('-') else {
        return false;
    };
    (first.len() == 2 && lower(first) || first == "eusc")
        && rest.split('-').all(lower)
        && (1..=2).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_every_partition_are_told_from_other_text() {
        for region in [
            "us-east-1",
            "cn-northwest-1",
            "us-gov-west-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "eu-isoe-west-1",
            "us-isof-south-1",
            "eusc-de-east-1",
            "ap-southeast-12",
        ] {
            assert!(is_region(region), "{region}");
        }
        for text in [
            "",
            "-",
            "us",
            "us-1",
            "us-east",
            "us-east-",
            "us-east-123",
            "us--1",
            "us-east-1-",
            "USA-east-1",
            "usa-east-1",
            "us-EAST-1",
            "us-east-a",
            "us-east--1",
        ] {
            assert!(!is_region(text), "{text}");
        }
    }
}
