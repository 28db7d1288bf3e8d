//! The id of an invocation: `FUNCTION,QUALIFIER,HASH`.
//!
//! The hash is the MD5, in lower-case hex, of the payload that was sent, as in
//! Terraform's resource (which calls it a hash of the result). It identifies; it
//! protects nothing.

use md5::{Digest as _, Md5};

use crate::call::function_name;
use crate::call::request;
use crate::error::ArgumentError;

const ARGUMENT: &str = "id";
const FORM: &str = "must be FUNCTION,QUALIFIER,HASH, or the older FUNCTION_QUALIFIER_HASH";

/// An id taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id<'a> {
    /// The function name, in the form the configuration gave it.
    pub function_name: &'a str,
    /// The version or alias.
    pub qualifier: &'a str,
    /// 32 lower-case hex digits.
    pub hash: &'a str,
}

impl<'a> Id<'a> {
    /// Takes an id apart: the form with commas, or the one with underscores that
    /// earlier releases of the AWS provider wrote and its data source still does.
    ///
    /// The older form is ambiguous when the qualifier holds an underscore: what
    /// stands between the last two underscores is taken for the qualifier, as
    /// names with underscores are common and aliases with them are not.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] on `id` when a part is missing or empty, the
    /// qualifier is neither `$LATEST`, a version nor an alias, contradicts the one
    /// in the function name, or the hash is not 32 lower-case hex digits.
    pub fn parse(text: &'a str) -> Result<Self, ArgumentError> {
        let separator = if text.contains(',') { ',' } else { '_' };
        let parts = text.rsplit_once(separator).and_then(|(rest, hash)| {
            let (function_name, qualifier) = rest.rsplit_once(separator)?;
            Some((function_name, qualifier, hash))
        });
        let Some((function_name, qualifier, hash)) = parts else {
            return Err(ArgumentError::new(ARGUMENT, FORM));
        };
        if function_name.is_empty() || qualifier.is_empty() || hash.is_empty() {
            return Err(ArgumentError::new(ARGUMENT, "has an empty part"));
        }
        if function_name.contains(',') {
            return Err(ArgumentError::new(ARGUMENT, FORM));
        }
        if request::check_qualifier(qualifier).is_err() {
            return Err(ArgumentError::new(
                ARGUMENT,
                "its second part must be $LATEST, a version or an alias",
            ));
        }
        if function_name::qualifier_of(function_name).is_some_and(|named| named != qualifier) {
            return Err(ArgumentError::new(
                ARGUMENT,
                "the function name in it names another version or alias than its second part",
            ));
        }
        if !is_hash(hash) {
            return Err(ArgumentError::new(
                ARGUMENT,
                "its last part must be an MD5: 32 lower-case hex digits",
            ));
        }
        Ok(Self {
            function_name,
            qualifier,
            hash,
        })
    }
}

/// The id of an invocation that sent `payload`.
pub fn of_payload(function_name: &str, qualifier: &str, payload: &[u8]) -> String {
    join(function_name, qualifier, &hex::encode(Md5::digest(payload)))
}

pub(super) fn join(function_name: &str, qualifier: &str, hash: &str) -> String {
    [function_name, qualifier, hash].join(",")
}

/// `[0-9a-f]{32}`
pub(super) fn is_hash(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
