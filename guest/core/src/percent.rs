//! Percent-encoding as Signature Version 4 asks for it: RFC 3986 with only the
//! unreserved characters kept, and hex digits in upper case.

/// Appends `text` to `out`, encoded. Bytes for which `keep` holds stay as they are
/// beside the unreserved ones (`A-Z a-z 0-9 - . _ ~`).
pub(crate) fn encode_into(out: &mut String, text: &str, keep: &[u8]) {
    const HEX: &[char; 16] = &[
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or('0');
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(digit(byte >> 4));
            out.push(digit(byte & 0xf));
        }
    }
}

/// One path segment or query component, encoded.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(16));
    encode_into(&mut out, text, b"");
    out
}
