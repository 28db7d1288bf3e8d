//! Inputs of several parts, written so that people can read and write seeds.

use std::time::Duration;

use lambda_invocation_core::call::connection::Credentials;

/// 2026-08-30T12:36:00Z, the time of the committed vectors.
pub const NOW: Duration = Duration::from_secs(1_788_093_360);

/// What must be in no text. Seeds of answers quote them.
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// The same.
pub const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLEtokenOfASession==";

/// What requests are signed with.
pub fn credentials() -> Credentials {
    Credentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: SECRET.to_owned(),
        session_token: Some(TOKEN.to_owned()),
    }
}

/// A message as HTTP writes it: a line, headers, an empty line, and a body.
pub struct Message {
    /// The first line.
    pub line: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// What is left.
    pub body: Vec<u8>,
}

impl Message {
    /// Reads one; of any bytes.
    pub fn read(data: &[u8]) -> Self {
        let (line, mut rest) = split(data);
        let mut headers = Vec::new();
        while !rest.is_empty() {
            let (header, after) = split(rest);
            rest = after;
            if header.is_empty() {
                break;
            }
            let header = String::from_utf8_lossy(header).into_owned();
            let (name, value) = header.split_once(':').unwrap_or((&header, ""));
            headers.push((name.to_owned(), value.trim_start_matches(' ').to_owned()));
        }
        Self {
            line: String::from_utf8_lossy(line).into_owned(),
            headers,
            body: rest.to_vec(),
        }
    }

    /// A word of the first line, as a number.
    pub fn number<T: std::str::FromStr>(&self, word: usize) -> Option<T> {
        self.line.split_ascii_whitespace().nth(word)?.parse().ok()
    }
}

fn split(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n');
    match end {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[]),
    }
}

/// The parts of an input, with lines `---` between them.
pub fn parts(data: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = vec![Vec::new()];
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        if line == b"---\n" {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            part.extend_from_slice(line);
        }
    }
    parts
}

/// Lines `NAME=VALUE`.
pub fn variables(data: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(data);
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// What holds for the text of every error: it is one line.
pub fn check_line(text: &str) {
    assert!(!text.is_empty(), "an error without words");
    assert!(!text.contains(['\n', '\r']), "more than a line: {text:?}");
}

/// And it shows no secret, where one was not given for something else.
pub fn check_text(text: &str) {
    check_line(text);
    for secret in [SECRET, TOKEN] {
        assert!(!text.contains(secret), "a secret in a text: {text:?}");
    }
}
