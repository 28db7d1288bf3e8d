//! Where the head of a request ends, and what must not be in it together.

/// Where the head ends that these bytes begin with: behind its empty line. `from` is how many of
/// them have been looked at before.
///
/// Lines end with CR LF or LF alone, and empty lines before the first are none of the head's, as
/// in RFC 9112 section 2.2.
pub(super) fn end(bytes: &[u8], from: usize) -> Option<usize> {
    let is_break = |byte: &&u8| matches!(byte, b'\r' | b'\n');
    let begin = bytes.iter().take_while(is_break).count();
    // The end may have begun in what was looked at.
    let from = from.saturating_sub(3).max(begin);
    let rest = bytes.get(from..)?;
    rest.iter().enumerate().find_map(|(at, byte)| {
        let after = rest.get(at.checked_add(1)?..)?;
        let length = match (byte, after) {
            (b'\n', [b'\n', ..]) => 2,
            (b'\n', [b'\r', b'\n', ..]) => 3,
            _ => return None,
        };
        from.checked_add(at)?.checked_add(length)
    })
}

/// Whether a head has both a length and a transfer coding: what is in front of this server may
/// have followed the other one (RFC 9112 section 6.3), and take one caller's bytes for another's
/// request.
pub(super) fn has_length_and_coding(head: &[u8]) -> bool {
    let has = |name: &[u8]| {
        head.split(|byte| *byte == b'\n').skip(1).any(|line| {
            let found = line.split(|byte| *byte == b':').next();
            found.is_some_and(|found| found.trim_ascii().eq_ignore_ascii_case(name))
        })
    };
    has(b"content-length") && has(b"transfer-encoding")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_behind_its_empty_line_however_it_arrives() {
        for (text, expected) in [
            ("", None),
            ("\r\n", None),
            ("\r\n\r\n", None),
            ("GET / HTTP/1.1\r\n", None),
            ("GET / HTTP/1.1\r\nhost: h\r\n", None),
            ("GET / HTTP/1.1\r\nhost: h\r\n\r", None),
            ("GET / HTTP/1.1\r\nhost: h\r\n\r\n", Some(27)),
            ("GET / HTTP/1.1\r\nhost: h\r\n\r\nbody\n\n", Some(27)),
            ("GET / HTTP/1.1\nhost: h\n\nbody", Some(24)),
            ("GET / HTTP/1.1\nhost: h\n\r\nbody", Some(25)),
            ("\r\n\nGET / HTTP/1.1\r\n\r\nx", Some(21)),
        ] {
            let bytes = text.as_bytes();
            assert_eq!(end(bytes, 0), expected, "{text:?}");
            // A byte at a time, looking at each only once or thrice.
            let mut seen = 0;
            let found = (1..=bytes.len()).find_map(|length| {
                let found = end(&bytes[..length], seen);
                seen = length;
                found
            });
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn a_length_and_a_coding_are_found_in_any_order_and_case() {
        for (headers, expected) in [
            ("", false),
            ("content-length: 1\r\n", false),
            ("Transfer-Encoding: chunked\r\n", false),
            ("content-length: 1\r\nTransfer-Encoding: chunked\r\n", true),
            ("transfer-encoding: chunked\r\nCONTENT-LENGTH: 1\r\n", true),
            ("transfer-encoding: chunked\ncontent-length:\n", true),
            (
                "x: content-length: 1\r\ntransfer-encoding: chunked\r\n",
                false,
            ),
            (
                "x-content-length: 1\r\ntransfer-encoding: chunked\r\n",
                false,
            ),
        ] {
            let head = format!("POST /content-length:1 HTTP/1.1\r\n{headers}\r\n");
            assert_eq!(has_length_and_coding(head.as_bytes()), expected, "{head}");
        }
    }
}
