//! Reading files that credentials need, without trusting them to end. Opening them is the
//! caller's.

use std::io::{self, Read};

use zeroize::Zeroizing;

use super::MAX_TOKEN;

/// Why there is no text of a file; both with the reason, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// There is none, or none that can be seen.
    Missing(String),
    /// It is there, and cannot be read.
    Failed(String),
}

/// What reads a file: the bytes of the one at a path.
pub type ReadFile<'a> = dyn FnMut(&str) -> Result<Zeroizing<Vec<u8>>, Unread> + 'a;

/// The bytes of a file. `is_file` says what there is at its path, and `open` opens it: not
/// what is no file, as pipes and devices may never end.
///
/// # Errors
///
/// Why it cannot be read, and when it has more than `most` bytes.
pub fn read<R: Read>(
    is_file: io::Result<bool>,
    open: impl FnOnce() -> io::Result<R>,
    most: u64,
) -> Result<Zeroizing<Vec<u8>>, Unread> {
    // Mostly a host that has not granted it.
    if !is_file.map_err(|error| Unread::Missing(words(&error)))? {
        return Err(Unread::Failed("it is not a file".to_owned()));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    let read = open().and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes));
    match read.map(u64::try_from) {
        Ok(Ok(length)) if length <= most => Ok(bytes),
        Ok(_) => Err(Unread::Failed(format!("it has more than {most} bytes"))),
        Err(error) => Err(Unread::Failed(words(&error))),
    }
}

/// The text of a token file, of which [`MAX_TOKEN`] bytes are read.
///
/// # Errors
///
/// Why it cannot be read, for people.
pub fn token<R: Read>(
    is_file: io::Result<bool>,
    open: impl FnOnce() -> io::Result<R>,
) -> Result<Zeroizing<String>, String> {
    match read(is_file, open, MAX_TOKEN) {
        Ok(bytes) => match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(Zeroizing::new(text.to_owned())),
            Err(_) => Err("it is not UTF-8".to_owned()),
        },
        Err(Unread::Missing(reason) | Unread::Failed(reason)) => Err(reason),
    }
}

/// The system's words, without its number for them.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}
