//! What this machine says: its environment, and files.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};

use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::credentials::read::{self, Unread};
use lambda_invocation_core::credentials::shared_config::MAX_FILE;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
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

/// Most bytes of a file of certificates: those of all the world's authorities are a quarter
/// of a mebibyte.
const MAX_CERTIFICATES: u64 = 4 * 1024 * 1024;

/// A file of certificates in PEM, which holds at least one.
pub(super) fn certificates(path: &str) -> Result<Vec<u8>, String> {
    let mut pem = Vec::new();
    let read = File::open(path).and_then(|file| {
        let mut file = file.take(MAX_CERTIFICATES + 1);
        file.read_to_end(&mut pem)
    });
    match read.map(u64::try_from) {
        Err(error) => return Err(format!("which cannot be read: {error}")),
        Ok(Ok(length)) if length <= MAX_CERTIFICATES => {}
        Ok(_) => return Err(format!("which has more than {MAX_CERTIFICATES} bytes")),
    }
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(pem),
        _ => Err("which holds no certificates in PEM".to_owned()),
    }
}

/// Whether reading what there is would come to an end.
pub(super) fn is_bounded(path: &str) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= MAX_CERTIFICATES)
}

fn is_file(path: &str) -> io::Result<bool> {
    Ok(fs::metadata(path)?.is_file())
}
