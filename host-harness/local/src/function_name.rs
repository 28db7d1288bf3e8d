//! Which function a request names: a name, a partial or a full ARN, with or
//! without a qualifier.
//!
//! The forms and lengths are those of `FunctionName` and `Qualifier` in Lambda's
//! service model.

use std::fmt;

use http::StatusCode;

use super::reply::Refusal;

/// The account of names that give none.
const ACCOUNT: &str = "000000000000";
const MAX_NAME: usize = 256;
const MAX_QUALIFIER: usize = 128;

/// The version that code is edited in, and what a call without a qualifier runs.
const LATEST: &str = "$LATEST";

/// The published version and the alias that every function has: (qualifier, the
/// version it stands for).
const QUALIFIERS: [(&str, &str); 3] = [(LATEST, LATEST), ("1", "1"), ("PROD", "1")];

/// A function as a request names it. `Display` is its ARN, unqualified unless a
/// qualifier was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    partition: String,
    region: String,
    account: String,
    pub(super) name: String,
    pub(super) qualifier: Option<String>,
}

impl Target {
    /// Reads the label of the path, decoded, and the `Qualifier` of the query.
    /// `region` is the endpoint's: functions of another are out of reach, those
    /// of another account are not, so that a real ARN can be tried.
    pub(super) fn parse(
        label: &str,
        qualifier: Option<&str>,
        region: &str,
    ) -> Result<Self, Refusal> {
        let malformed = || {
            Refusal::validation(
                "functionName",
                "Member must be a function name, partial ARN or ARN of 1 to 256 characters, optionally with a qualifier",
            )
        };
        let mut target = Self::parse_name(label).ok_or_else(malformed)?;
        if let Some(given) = qualifier {
            if !is_qualifier(given) {
                return Err(Refusal::validation(
                    "qualifier",
                    r"Member must satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+ and have length 1 to 128",
                ));
            }
            if target.qualifier.as_deref().is_some_and(|own| own != given) {
                return Err(Refusal::service(
                    StatusCode::BAD_REQUEST,
                    "InvalidParameterValueException",
                    "The derived qualifier from the function name does not match the specified qualifier.",
                ));
            }
            target.qualifier = Some(given.to_owned());
        }
        if target.region.is_empty() {
            region.clone_into(&mut target.region);
        }
        if target.region != region {
            return Err(not_found(format!(
                "Functions from '{}' are not reachable in this region ('{region}')",
                target.region
            )));
        }
        Ok(target)
    }

    /// The version that the qualifier stands for.
    pub(super) fn executed_version(&self) -> Result<&'static str, Refusal> {
        let qualifier = self.qualifier.as_deref().unwrap_or(LATEST);
        QUALIFIERS
            .iter()
            .find(|(name, _)| *name == qualifier)
            .map(|(_, version)| *version)
            .ok_or_else(|| self.not_found())
    }

    /// The refusal for a function or a qualifier that does not exist.
    pub(super) fn not_found(&self) -> Refusal {
        not_found(format!("Function not found: {self}"))
    }

    /// The ARN with a version, as a durable execution's ARN begins.
    pub(super) fn version_arn(&self, version: &str) -> String {
        let unqualified = Self {
            qualifier: None,
            ..self.clone()
        };
        format!("{unqualified}:{version}")
    }

    /// Takes the optional parts off the front, each when it looks like one and
    /// more follows: the order of the model's pattern.
    fn parse_name(label: &str) -> Option<Self> {
        if label.is_empty() || label.len() > MAX_NAME {
            return None;
        }
        let mut rest = label;
        let mut partition = "aws";
        if let Some(arn) = rest.strip_prefix("arn:") {
            (partition, rest) = arn.split_once(':')?;
            is_partition(partition).then_some(())?;
            rest = rest.strip_prefix("lambda:")?;
        }
        let mut take = |looks_right: fn(&str) -> bool| match rest.split_once(':') {
            Some((part, after)) if looks_right(part) => {
                rest = after;
                part
            }
            _ => "",
        };
        let region = take(is_region);
        let account = take(is_account);
        take(|part| part == "function");
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (rest, None),
        };
        let well_formed = is_name(name) && qualifier.is_none_or(is_qualifier);
        well_formed.then(|| Self {
            partition: partition.to_owned(),
            region: region.to_owned(),
            account: if account.is_empty() { ACCOUNT } else { account }.to_owned(),
            name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            region,
            account,
            name,
            qualifier,
        } = self;
        write!(
            f,
            "arn:{partition}:lambda:{region}:{account}:function:{name}"
        )?;
        match qualifier {
            Some(qualifier) => write!(f, ":{qualifier}"),
            None => Ok(()),
        }
    }
}

fn not_found(message: String) -> Refusal {
    Refusal::service(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
}

fn is_partition(text: &str) -> bool {
    text.strip_prefix("aws")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'))
}

/// `us-east-1`, `us-gov-west-1`, `us-isob-east-1`, `eusc-de-east-1`.
fn is_region(text: &str) -> bool {
    let text = text.strip_prefix("eusc-").unwrap_or(text);
    let parts: Vec<&str> = text.split('-').collect();
    let (country, division, direction, number) = match parts[..] {
        [country, direction, number] => (country, None, direction, number),
        [country, division, direction, number] => (country, Some(division), direction, number),
        _ => return false,
    };
    let lower = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
    country.len() == 2
        && lower(country)
        && division.is_none_or(|d| d == "gov" || (d.starts_with("iso") && d.len() <= 4 && lower(d)))
        && lower(direction)
        && number.len() == 1
        && number.bytes().all(|b| b.is_ascii_digit())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| is_word(b) || b == b'.')
}

fn is_qualifier(text: &str) -> bool {
    let characters = text == "$LATEST.PUBLISHED" || text.bytes().all(|b| is_word(b) || b == b'$');
    (1..=MAX_QUALIFIER).contains(&text.len()) && characters
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "us-east-1";

    #[test]
    fn every_form_of_a_name_is_understood() {
        let table = [
            // label, Qualifier, name, ARN
            ("echo", None, "000000000000:function:echo"),
            ("echo", Some("PROD"), "000000000000:function:echo:PROD"),
            ("echo:PROD", None, "000000000000:function:echo:PROD"),
            ("echo:1", Some("1"), "000000000000:function:echo:1"),
            ("echo:$LATEST", None, "000000000000:function:echo:$LATEST"),
            ("my.fn_2-x", None, "000000000000:function:my.fn_2-x"),
            ("function:echo", None, "000000000000:function:echo"),
            (
                "123456789012:function:echo",
                None,
                "123456789012:function:echo",
            ),
            (
                "123456789012:function:echo:PROD",
                None,
                "123456789012:function:echo:PROD",
            ),
            (
                "us-east-1:123456789012:function:echo",
                None,
                "123456789012:function:echo",
            ),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:echo",
                None,
                "123456789012:function:echo",
            ),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:echo:1",
                None,
                "123456789012:function:echo:1",
            ),
            // Words that are also parts of an ARN are names when they come last.
            ("function", None, "000000000000:function:function"),
            ("123456789012", None, "000000000000:function:123456789012"),
        ];
        for (label, qualifier, arn) in table {
            let target = Target::parse(label, qualifier, REGION).unwrap();
            assert_eq!(
                target.to_string(),
                format!("arn:aws:lambda:us-east-1:{arn}"),
                "{label}"
            );
        }
    }

    #[test]
    fn names_and_qualifiers_that_break_the_model_are_refused() {
        let long = "a".repeat(MAX_NAME + 1);
        for label in [
            "",
            ":",
            "echo:",
            ":PROD",
            "a b",
            "echo/x",
            "écho",
            "echo:PROD:1",
            "arn:aws:s3:us-east-1:123456789012:function:echo",
            "arn:gcp:lambda:us-east-1:123456789012:function:echo",
            "arn:aws",
            long.as_str(),
        ] {
            let refusal = Target::parse(label, None, REGION).unwrap_err();
            assert_eq!(refusal.code, "ValidationException", "{label}");
        }
        let long = "q".repeat(MAX_QUALIFIER + 1);
        for qualifier in ["", "a b", "x.y", "$LATEST.OTHER", long.as_str()] {
            let refusal = Target::parse("echo", Some(qualifier), REGION).unwrap_err();
            assert_eq!(refusal.code, "ValidationException", "{qualifier}");
        }
    }

    #[test]
    fn two_different_qualifiers_are_refused() {
        let refusal = Target::parse("echo:1", Some("PROD"), REGION).unwrap_err();
        assert_eq!(refusal.code, "InvalidParameterValueException");
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn a_function_of_another_region_is_not_found() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:echo";
        let refusal = Target::parse(arn, None, REGION).unwrap_err();
        assert_eq!(refusal.status, StatusCode::NOT_FOUND);
        assert_eq!(
            refusal.message,
            "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"
        );
    }

    #[test]
    fn qualifiers_resolve_to_versions() {
        let table = [
            (None, Some("$LATEST")),
            (Some("$LATEST"), Some("$LATEST")),
            (Some("1"), Some("1")),
            (Some("PROD"), Some("1")),
            (Some("prod"), None),
            (Some("2"), None),
            (Some("$LATEST.PUBLISHED"), None),
        ];
        for (qualifier, version) in table {
            let target = Target::parse("echo", qualifier, REGION).unwrap();
            assert_eq!(target.executed_version().ok(), version, "{qualifier:?}");
        }
    }
}
