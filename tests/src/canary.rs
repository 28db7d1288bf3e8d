//! Secrets that are easy to find again.

use crate::lambda_host::Keys;

/// The mark all of them carry.
const MARK: &str = "cAnArY";

/// Keys whose secret parts carry the mark.
pub fn keys() -> Keys {
    Keys {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: format!("wJalrXUtnFEMI{MARK}K7MDENGbPxRfiCYEXAMPLE"),
        session_token: Some(format!("FwoGZXIvYXdzE{MARK}aCXVzLWVhc3QtMSJHMEUCIQD")),
    }
}

/// A payload that carries the mark.
pub fn payload() -> String {
    format!(r#"{{"password":"{MARK}"}}"#)
}

/// Whether a secret got out.
pub fn is_in(output: &str) -> bool {
    output.contains(MARK)
}
