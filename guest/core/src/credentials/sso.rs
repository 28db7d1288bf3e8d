//! IAM Identity Center: what a profile says of it. Signing in is `aws sso login`'s.
//!
//! Rules: "IAM Identity Center credential provider" in the AWS SDKs and Tools Reference
//! Guide. A profile is configured for it by an account or a role.

use super::shared_config::SharedConfig;
use super::{of_profile, refused};
use crate::error::Error;

/// Its name in texts.
pub const SOURCE: &str = "IAM Identity Center (SSO)";

/// A role in an account, for who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sso {
    /// The profile that says so.
    pub profile: String,
    /// `sso_session`, whose name the token is kept by; by `start_url` without it.
    pub session: Option<String>,
    /// `sso_start_url`.
    pub start_url: String,
    /// `sso_region`.
    pub region: String,
    /// `sso_account_id`.
    pub account_id: String,
    /// `sso_role_name`.
    pub role_name: String,
}

/// What became of the last request to the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered with this HTTP status.
    Answered(u16),
    /// It was not answered, and why.
    Unanswered(Error),
}

impl Sso {
    /// The error for when there are no credentials. `last` is what became of the last request,
    /// if there was one: without it the token is missing or has expired.
    pub fn failed(&self, last: Option<&Outcome>) -> Error {
        let (reason, sign_in) = match last {
            None => ("nobody has signed in, or that has expired".to_owned(), true),
            Some(Outcome::Answered(400 | 401)) => ("it has to be signed in again".to_owned(), true),
            Some(Outcome::Answered(403 | 404)) => (
                "it refuses the role: check sso_account_id and sso_role_name, and that the role is assigned to you".to_owned(),
                false,
            ),
            Some(Outcome::Answered(status)) => (format!("HTTP {status}"), false),
            Some(Outcome::Unanswered(error)) => return of_profile(&self.profile, error.clone()),
        };
        let advice = match sign_in {
            true => format!(": aws sso login --profile {:?}", self.profile),
            false => String::new(),
        };
        of_profile(&self.profile, refused(SOURCE, &(reason + &advice)))
    }
}

/// What a profile configures, if anything.
///
/// # Errors
///
/// What is missing or at odds, for people.
pub(super) fn configured(shared: &SharedConfig, profile: &str) -> Result<Option<Sso>, String> {
    let of_profile = |setting| shared.get(profile, setting).map(|found| found.value);
    if of_profile("sso_account_id").is_none() && of_profile("sso_role_name").is_none() {
        return Ok(None);
    }
    let session = of_profile("sso_session");
    if let Some(session) = session
        && !shared.has_sso_session(session)
    {
        return Err(format!(
            "has an sso_session {session:?}, which does not exist"
        ));
    }
    let setting = |setting| {
        let of_session = session.and_then(|session| shared.of_sso_session(session, setting));
        match (of_profile(setting), of_session.map(|found| found.value)) {
            (Some(own), Some(other)) if own != other => Err(format!(
                "has another {setting} than its sso_session: remove one of them"
            )),
            (Some(value), _) | (None, Some(value)) => Ok(value.to_owned()),
            (None, None) => Err(format!("signs in with SSO, but has no {setting}")),
        }
    };
    Ok(Some(Sso {
        profile: profile.to_owned(),
        session: session.map(str::to_owned),
        start_url: setting("sso_start_url")?,
        region: setting("sso_region")?,
        account_id: setting("sso_account_id")?,
        role_name: setting("sso_role_name")?,
    }))
}
