//! The roles that the provider's block names.

use lambda_invocation_engine::{Arguments, Role, Start, WebIdentity};

use crate::value::{Members, Value};

/// The block of a role for a token.
pub const WEB_IDENTITY: &str = "assume_role_with_web_identity";
/// The block of a role for other credentials.
const ASSUME_ROLE: &str = "assume_role";

/// Those that are assumed one after the other.
pub fn roles(arguments: &mut Arguments<'_, Value>) -> Vec<Role> {
    let blocks = arguments.blocks(ASSUME_ROLE).into_iter().enumerate();
    blocks
        .map(|(index, block)| role(arguments, &format!("{ASSUME_ROLE}[{index}]"), block))
        .collect()
}

/// The one for a token.
pub fn web_identity(arguments: &mut Arguments<'_, Value>) -> Option<Start> {
    let block = arguments.blocks(WEB_IDENTITY).pop()?;
    let at = format!("{WEB_IDENTITY}[0]");
    let role = role(arguments, &at, block);
    let mut read = Arguments::of(block);
    let token = read.filled("web_identity_token");
    let file = read.filled("web_identity_token_file");
    match (token, file) {
        (Some(token), None) => Some(Start::Token {
            role,
            token: token.into(),
        }),
        (None, Some(token_file)) => Some(Start::TokenFile(WebIdentity { role, token_file })),
        _ => {
            arguments.refuse(
                &format!("{at}.web_identity_token"),
                "must be set, or else web_identity_token_file, and not both",
            );
            None
        }
    }
}

/// A role, with the parameters that STS knows by the names of its API.
fn role(arguments: &mut Arguments<'_, Value>, at: &str, block: &Members) -> Role {
    let mut read = Arguments::of(block);
    let arn = read.filled("role_arn");
    if arn.is_none() {
        // Without a role the call would be made by somebody else.
        arguments.refuse(&format!("{at}.role_arn"), "must not be empty");
    }
    let duration = read.filled("duration").map(|text| seconds(&text));
    if let Some(None) = duration {
        arguments.refuse(
            &format!("{at}.duration"),
            "must be a duration from 15m to 12h, such as 1h30m",
        );
    }
    Role {
        arn: arn.unwrap_or_default(),
        session_name: read.filled("session_name"),
        external_id: read.filled("external_id"),
        duration_seconds: duration.flatten().map(|seconds| seconds.to_string()),
        more: more(&mut read),
    }
}

/// In the query protocol the elements of a list are counted from 1.
fn more(read: &mut Arguments<'_, Value>) -> Vec<(String, String)> {
    let mut more = Vec::new();
    for (name, argument) in [("Policy", "policy"), ("SourceIdentity", "source_identity")] {
        let value = read.filled(argument);
        more.extend(value.map(|value| (name.to_owned(), value)));
    }
    for (n, arn) in (1..).zip(read.list("policy_arns")) {
        more.push((format!("PolicyArns.member.{n}.arn"), arn));
    }
    for (n, (key, value)) in (1..).zip(read.pairs("tags")) {
        more.push((format!("Tags.member.{n}.Key"), key));
        more.push((format!("Tags.member.{n}.Value"), value));
    }
    for (n, key) in (1..).zip(read.list("transitive_tag_keys")) {
        more.push((format!("TransitiveTagKeys.member.{n}"), key));
    }
    more
}

/// A duration as Go writes it, `1h30m`, in the seconds that STS allows.
fn seconds(text: &str) -> Option<u32> {
    let mut rest = text;
    let mut sum = 0_u32;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = rest.split_at_checked(digits)?;
        let factor = match unit.chars().next()? {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        sum = number
            .parse::<u32>()
            .ok()?
            .checked_mul(factor)
            .and_then(|part| sum.checked_add(part))?;
        rest = unit.get(1..)?;
    }
    (900..=43_200).contains(&sum).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go_that_sts_allows() {
        for (text, expected) in [
            ("15m", Some(900)),
            ("1h", Some(3600)),
            ("1h30m0s", Some(5400)),
            ("12h", Some(43_200)),
            ("3600s", Some(3600)),
            ("14m59s", None),
            ("12h1s", None),
            ("", None),
            ("h", None),
            ("1", None),
            ("1.5h", None),
            ("-1h", None),
            ("15ms", None),
            ("4294967296s", None),
            ("1hé", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
