//! Bytes as lower-case hex: a push a digit, where the formatter of the standard library is
//! set up anew for every byte.

/// Two digits a byte.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        push(&mut out, *byte);
    }
    out
}

/// Appends the two digits of a byte.
pub(crate) fn push(out: &mut String, byte: u8) {
    for nibble in [byte >> 4, byte & 0xf] {
        let digit = match nibble {
            0..=9 => b'0' | nibble,
            _ => (b'a' - 10).wrapping_add(nibble),
        };
        out.push(char::from(digit));
    }
}
