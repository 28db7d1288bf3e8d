//! What others say, made fit for a line of text: servers, and functions of their errors.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// So many characters in a row, or more, give a secret away. Fewer are no use to anybody,
/// and stand in other words, too.
const TELLING: usize = 8;

/// What stands in place of a word that gives a secret away.
const REDACTED: &str = "[redacted]";

/// At most `most` characters of `text`, without line breaks and what else a terminal would
/// act on. A word that gives one of `secrets` away is left out: AWS quotes the session token
/// in some signature errors, and the key id in others.
pub(crate) fn clean(text: &str, secrets: &[&str], most: usize) -> String {
    if secrets.is_empty() && text.len() <= most && text.bytes().all(is_visible) {
        return text.trim_ascii().to_owned();
    }
    let telling = telling(secrets);
    let mut out = String::with_capacity(text.len().min(most));
    // Where the word that is being read begins.
    let mut start = 0;
    for c in text.trim().chars().take(most) {
        let c = if steers(c) { ' ' } else { c };
        if !" \"'<>(),;:=&.".contains(c) {
            out.push(c);
            continue;
        }
        redact(&mut out, start, secrets, &telling);
        if c != ' ' || !out.is_empty() {
            out.push(c);
        }
        start = out.len();
    }
    redact(&mut out, start, secrets, &telling);
    out.truncate(out.trim_end().len());
    out
}

/// [`clean`] for what mostly is a short word, which is then left as it is.
pub(crate) fn cleaned(text: String, secrets: &[&str], most: usize) -> String {
    let is_short = text.len() < TELLING && text.bytes().all(is_visible);
    if is_short && !secrets.contains(&text.as_str()) {
        return text;
    }
    clean(&text, secrets, most)
}

fn is_visible(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Whether a terminal acts on a character: control characters, and those that set the
/// direction of text, which make a line read as another one.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Takes out the last word of `out`, which begins at `start`, where it gives a secret away:
/// by itself, or decoded.
fn redact(out: &mut String, start: usize, secrets: &[&str], telling: &[u64]) {
    let word = out.get(start..).unwrap_or_default();
    let is_secret = !word.is_empty() && secrets.contains(&word);
    if telling.is_empty() || word.len() < TELLING {
        if is_secret {
            out.truncate(start);
            out.push_str(REDACTED);
        }
        return;
    }
    // Twice, as what is in a URL may be in a URL again.
    let plain = unescaped(&unescaped(word.as_bytes()));
    let tells = |text: &[u8]| (text.windows(TELLING)).any(|part| telling.contains(&number(part)));
    // What is between other characters, and of four places one is where a group of base64
    // begins. A character alone at the end holds no byte.
    let in_base64 = |run: &[u8]| {
        let run: Vec<u8> = run.iter().map(|byte| base64_of(*byte)).collect();
        (0..4).any(|skipped| {
            let rest = run.get(skipped..).unwrap_or_default();
            let (whole, last) = rest.as_chunks::<4>();
            let whole = match last {
                [_] => whole.as_flattened(),
                _ => rest,
            };
            UNPADDED.decode(whole).is_ok_and(|text| tells(&text))
        })
    };
    let mut runs = plain.split(|byte| base64_of(*byte) == 0);
    if is_secret || tells(&plain) || runs.any(in_base64) {
        out.truncate(start);
        out.push_str(REDACTED);
    }
}

/// Base64 without what fills the last group up. What was cut may end within a byte.
const UNPADDED: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// A character of base64, in the standard alphabet where it is of the one for URLs; 0 for any
/// other.
fn base64_of(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        b'+' | b'/' => byte,
        _ if byte.is_ascii_alphanumeric() => byte,
        _ => 0,
    }
}

/// All parts of secrets that give them away.
fn telling(secrets: &[&str]) -> Vec<u64> {
    let parts = secrets
        .iter()
        .flat_map(|secret| secret.as_bytes().windows(TELLING));
    parts.map(number).collect()
}

/// [`TELLING`] bytes as a number, the same for letters in upper and lower case.
fn number(part: &[u8]) -> u64 {
    part.iter().fold(0, |number: u64, byte| {
        number.wrapping_shl(8) | u64::from(byte.to_ascii_lowercase())
    })
}

/// A word as it was before it was escaped for a URL or for JSON.
fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(word.len());
    let mut rest = word;
    loop {
        let mut byte = [0];
        rest = match rest {
            [b'%', a, b, rest @ ..] | [b'\\', b'u', b'0', b'0', a, b, rest @ ..]
                if hex::decode_to_slice([*a, *b], &mut byte).is_ok() =>
            {
                out.extend(byte);
                rest
            }
            [b'\\', rest @ ..] => rest,
            [other, rest @ ..] => {
                out.push(*other);
                rest
            }
            [] => return out,
        };
    }
}
