//! Searching for a text in another.
//!
//! The standard library's search is quicker on long texts. It also brings 9 KB of code
//! and tables into a component: its two-way algorithm, and a panic that quotes text.

/// What stands before and after the first `part` of `text`.
pub(crate) fn split_once<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let at = if part.is_empty() {
        0
    } else {
        let mut windows = text.as_bytes().windows(part.len());
        windows.position(|window| window == part.as_bytes())?
    };
    Some((text.get(..at)?, text.get(at.saturating_add(part.len())..)?))
}

/// Whether `part` is in `text`.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    split_once(text, part).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_several_parts_splits_as_in_the_standard_library() {
        for (text, part) in [
            ("a, b, c", ", "),
            ("aab", "ab"),
            ("wörld", "ö"),
            ("wörld", "rld"),
            ("abc", "abcd"),
            ("abc", "x"),
            ("abc", ""),
            ("", "a"),
            ("", ""),
        ] {
            assert_eq!(split_once(text, part), text.split_once(part), "{text:?}");
            assert_eq!(contains(text, part), text.contains(part), "{text:?}");
        }
    }
}
