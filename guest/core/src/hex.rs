//! Bytes as lower-case hex.

/// Two digits a byte.
pub(crate) fn encode(bytes: &[u8]) -> String {
    // Whole bytes into place: to push characters takes as long as to hash.
    let mut out = vec![0; bytes.len().saturating_mul(2)];
    let (pairs, _) = out.as_chunks_mut();
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 0xf)];
    }
    // Digits are UTF-8.
    String::from_utf8(out).unwrap_or_default()
}

fn digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' | nibble,
        _ => (b'a' - 10).wrapping_add(nibble),
    }
}
