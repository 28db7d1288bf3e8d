//! The event of a call, as a user hands it in.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_core::call::request::{MAX_PAYLOAD, check_json};
use lambda_invocation_core::error::Error;

/// The payload that stands on the command line.
///
/// # Errors
///
/// `InvalidArgument` when it is no JSON, but something for which there is another way.
pub fn given(payload: String) -> Result<Vec<u8>, Error> {
    checked(payload.into_bytes(), "payload")
}

/// Reads a payload file, or standard input for `-`; no more of it than makes clear that
/// it is too large.
///
/// # Errors
///
/// `InvalidArgument` when it cannot be read, or is no JSON but something that is easily
/// taken for it.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let enough = u64::try_from(MAX_PAYLOAD)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut payload = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().take(enough).read_to_end(&mut payload)
    } else {
        File::open(path).and_then(|file| file.take(enough).read_to_end(&mut payload))
    };
    match read {
        Ok(_) => checked(payload, "payload-file"),
        Err(error) => Err(Error::invalid(
            "payload-file",
            format!("cannot read {}: {error}", path.display()),
        )),
    }
}

/// Refuses only what there is advice for; the rest is core's to check.
fn checked(payload: Vec<u8>, argument: &'static str) -> Result<Vec<u8>, Error> {
    match advice(&payload) {
        None => Ok(payload),
        Some(advice) => Err(Error::invalid(argument, advice)),
    }
}

/// What to write instead of what is no JSON.
fn advice(payload: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 3] = [
        (
            b"\xef\xbb\xbf",
            "begins with a byte order mark, which is no JSON: save the file as UTF-8 without BOM",
        ),
        (b"\xff\xfe", UTF_16),
        (b"\xfe\xff", UTF_16),
    ];
    const UTF_16: &str = "is UTF-16, and JSON is UTF-8: save the file as UTF-8 without BOM (in PowerShell with -Encoding utf8NoBOM)";
    if let Some((_, advice)) = MARKS.iter().find(|(mark, _)| payload.starts_with(mark)) {
        return Some(advice);
    }
    let text = payload.trim_ascii();
    if [&b"file://"[..], b"fileb://", b"@"]
        .iter()
        .any(|start| text.starts_with(start))
    {
        return Some("is not JSON but names a file: use --payload-file FILE (-f FILE) instead");
    }
    if let [b'\'', .., b'\''] = text {
        return Some(
            "is in single quotes, which this shell does not take away: put it into a file, and use --payload-file FILE (-f FILE)",
        );
    }
    if payload.len() > MAX_PAYLOAD {
        return None;
    }
    // No number and no word of JSON is base64 of JSON, too.
    let decoded = STANDARD.decode(text).ok().filter(|json| !json.is_empty())?;
    check_json(&decoded)
        .is_ok()
        .then_some("is base64, as the AWS CLI wants it: give the JSON itself")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_refused_with_what_to_write_instead() {
        for (payload, part) in [
            (&b"file://e.json"[..], "use --payload-file"),
            (b"fileb://e.json", "use --payload-file"),
            (b"@e.json", "use --payload-file"),
            (b" @e.json\n", "use --payload-file"),
            (b"eyJhIjoxfQ==", "is base64"),
            (b"eyJhIjoxfQ==\n", "is base64"),
            (b"'{\"a\":1}'", "single quotes"),
            (b"\xef\xbb\xbf{\"a\":1}", "byte order mark"),
            (b"\xff\xfe{\0}\0", "is UTF-16"),
            (b"\xfe\xff\0{\0}", "is UTF-16"),
        ] {
            let shown = String::from_utf8_lossy(payload);
            let advice = advice(payload).unwrap_or_else(|| panic!("{shown}"));
            assert!(advice.contains(part), "{shown}: {advice}");
        }
    }

    #[test]
    fn json_and_other_faults_are_left_to_core() {
        for payload in [
            &b""[..],
            b"{}",
            b"\"file://e.json\"",
            b"\"eyJhIjoxfQ==\"",
            b"12345678",
            b"null",
            b"{",
            b"sekrit",
            // Base64 of what is no JSON either.
            b"c2Vrcml0",
        ] {
            assert_eq!(
                advice(payload),
                None,
                "{}",
                String::from_utf8_lossy(payload)
            );
        }
    }
}
