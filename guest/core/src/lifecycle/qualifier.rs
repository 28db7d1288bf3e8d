//! The version or alias of a function.

/// The qualifier of the unpublished version; Terraform's default.
pub(super) const LATEST: &str = "$LATEST";

/// Whether `text` is a qualifier: `$LATEST`, `$LATEST.PUBLISHED`, a version number
/// or an alias (`[a-zA-Z0-9-_]+`), 1 to 128 characters.
pub(super) fn is_qualifier(text: &str) -> bool {
    matches!(text, LATEST | "$LATEST.PUBLISHED")
        || (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The qualifier at the end of a function name, if there is one: `NAME:QUALIFIER`,
/// `ACCOUNT:function:NAME:QUALIFIER` or `arn:...:function:NAME:QUALIFIER`.
pub(super) fn in_function_name(function_name: &str) -> Option<&str> {
    let mut parts = function_name.split(':');
    let mut after_marker = parts.clone();
    if after_marker.any(|part| part == "function") && after_marker.clone().next().is_some() {
        parts = after_marker;
    }
    let (name, qualifier) = (parts.next()?, parts.next()?);
    // `ACCOUNT:NAME`, which the API's pattern allows and its reference does not show.
    let is_account = name.len() == 12 && name.bytes().all(|b| b.is_ascii_digit());
    let sound = !is_account && parts.next().is_none() && is_qualifier(qualifier);
    sound.then_some(qualifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_qualifier_in_a_function_name_is_found_in_each_of_its_forms() {
        for (name, qualifier) in [
            ("f", None),
            ("f:PROD", Some("PROD")),
            ("f:$LATEST", Some("$LATEST")),
            ("f:", None),
            ("f:function", Some("function")),
            ("us-east-1:123456789012:f", None),
            ("f:PROD:x", None),
            ("function:f", None),
            ("function:f:PROD", Some("PROD")),
            ("123456789012:f", None),
            ("123456789012:function:f", None),
            ("123456789012:function:f:3", Some("3")),
            ("arn:aws:lambda:us-east-1:123456789012:function:f", None),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:f:PROD",
                Some("PROD"),
            ),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:function:PROD",
                Some("PROD"),
            ),
            ("", None),
            (":", None),
        ] {
            assert_eq!(in_function_name(name), qualifier, "{name}");
        }
    }
}
