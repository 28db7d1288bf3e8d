//! Bytes in JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serializer;
use serde::ser::SerializeMap as _;

/// A payload: text where it is UTF-8, and base64 under a name that says so where it is not.
pub(crate) fn payload<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_map(Some(1))?;
    match std::str::from_utf8(bytes) {
        Ok(text) => fields.serialize_entry("payload", text)?,
        Err(_) => fields.serialize_entry("payload-base64", &STANDARD.encode(bytes))?,
    }
    fields.end()
}

/// In base64.
pub(crate) fn base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}
