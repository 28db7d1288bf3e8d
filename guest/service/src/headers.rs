//! The headers of a request.

use crate::failure::Failure;

/// Headers as the host lists them.
#[derive(Default)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    pub fn new(entries: Vec<(String, Vec<u8>)>) -> Self {
        Self(entries)
    }

    /// Every value of a header, which must be named in lower case.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.0
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// The value of a header that may be there once.
    ///
    /// # Errors
    ///
    /// A 400 when it is there more often, as nobody can tell which was meant, and when
    /// it holds anything but visible ASCII and spaces.
    pub fn one(&self, name: &'static str) -> Result<Option<&str>, Failure> {
        let mut values = self.all(name);
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Failure::argument([name, " is there more than once"]));
        }
        match std::str::from_utf8(value) {
            Ok(text) if is_text(text) => Ok(Some(text)),
            _ => Err(Failure::argument([
                name,
                " may hold only visible ASCII characters and spaces",
            ])),
        }
    }
}

/// Whether a header can carry it, here and on the way to Lambda.
pub fn is_text(value: &str) -> bool {
    value.bytes().all(|b| matches!(b, b' '..=b'~'))
}
