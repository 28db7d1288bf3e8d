//! The `Authorization` header, taken apart.

use super::{ALGORITHM, incomplete};
use crate::reply::Refusal;

/// `Authorization: AWS4-HMAC-SHA256 Credential=.., SignedHeaders=.., Signature=..`
pub(super) struct Authorization<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) scope: Scope<'a>,
    /// In the order sent.
    pub(super) signed_headers: Vec<&'a str>,
    pub(super) signature: &'a str,
}

/// The credential scope: what a signature is good for.
pub(super) struct Scope<'a> {
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) terminator: &'a str,
}

impl<'a> Authorization<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Refusal> {
        let parameters = text
            .strip_prefix(ALGORITHM)
            .filter(|rest| rest.is_empty() || rest.starts_with(' '))
            .ok_or_else(|| {
                incomplete("Unsupported AWS 'algorithm': the Authorization header must start with 'AWS4-HMAC-SHA256'.")
            })?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for parameter in parameters.split(',').map(str::trim) {
            if parameter.is_empty() {
                continue;
            }
            let place = match parameter.split_once('=') {
                Some(("Credential", value)) => credential.replace(value),
                Some(("SignedHeaders", value)) => signed_headers.replace(value),
                Some(("Signature", value)) => signature.replace(value),
                _ => return Err(incomplete("Authorization header has an unknown parameter.")),
            };
            if place.is_some() {
                return Err(incomplete("Authorization header has a parameter twice."));
            }
        }
        let (Some(credential), Some(signed_headers), Some(signature)) =
            (credential, signed_headers, signature)
        else {
            let missing = [
                ("Credential", credential),
                ("Signature", signature),
                ("SignedHeaders", signed_headers),
            ];
            let sentences: Vec<String> = missing
                .iter()
                .filter(|(_, value)| value.is_none())
                .map(|(name, _)| format!("Authorization header requires '{name}' parameter."))
                .collect();
            return Err(incomplete(sentences.join(" ")));
        };
        let elements: Vec<&str> = credential.split('/').collect();
        let [access_key_id, date, region, service, terminator] = elements[..] else {
            return Err(incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
            ));
        };
        Ok(Self {
            access_key_id,
            scope: Scope {
                date,
                region,
                service,
                terminator,
            },
            signed_headers: signed_headers.split(';').collect(),
            signature,
        })
    }
}
