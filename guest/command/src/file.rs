//! Files that a user names, read without trusting them to end.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Most bytes of a configuration, or of a state of Terraform.
const MAX: u64 = 64 * 1024 * 1024;

/// The text of a file or a pipe.
///
/// # Errors
///
/// Why it cannot be read, for people: no UTF-8 and more than [`MAX`] bytes among it.
pub fn text(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX) {
        return Err(format!("it has more than {MAX} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}
