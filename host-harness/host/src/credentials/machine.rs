//! What this machine says: its environment, and files.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;

use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::credentials::read::{self, Unread};
use lambda_invocation_core::credentials::shared_config::MAX_FILE;
use zeroize::Zeroizing;

/// The environment, without what is not text. These variables go before its own.
pub(super) fn environment(variables: &[(String, String)]) -> Environment {
    let text = |text: OsString| text.into_string().ok();
    let inherited =
        std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?)));
    Environment::new(variables.iter().cloned().chain(inherited).collect())
}

/// A shared configuration file.
pub(super) fn read(path: &str) -> Result<Zeroizing<Vec<u8>>, Unread> {
    read::read(is_file(path), || File::open(path), MAX_FILE)
}

/// A file with a token.
pub(super) fn read_token(path: &str) -> Result<Zeroizing<String>, String> {
    read::token(is_file(path), || File::open(path))
}

fn is_file(path: &str) -> io::Result<bool> {
    Ok(fs::metadata(path)?.is_file())
}
