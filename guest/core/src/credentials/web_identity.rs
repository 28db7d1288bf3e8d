//! Credentials for a token that somebody else issued: Kubernetes service accounts
//! (IRSA), CI systems.

use super::refused;
use super::sts::Role;
use crate::call::settings::Environment;
use crate::error::Error;

const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
const ROLE_ARN: &str = "AWS_ROLE_ARN";

/// A role, and the file with the token that one gets it for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebIdentity {
    /// The role.
    pub role: Role,
    /// Path of the file. It is read before every request, as Kubernetes replaces it.
    pub token_file: String,
}

/// What the environment configures, if anything.
///
/// # Errors
///
/// [`Error::NoCredentials`] when the token file comes without a role.
pub fn configured(environment: &Environment) -> Result<Option<WebIdentity>, Error> {
    let Some(token_file) = environment.get(TOKEN_FILE) else {
        return Ok(None);
    };
    let Some(arn) = environment.get(ROLE_ARN) else {
        return Err(Error::NoCredentials(
            "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not: set both".to_owned(),
        ));
    };
    Ok(Some(WebIdentity {
        role: Role {
            arn: arn.to_owned(),
            session_name: environment.get("AWS_ROLE_SESSION_NAME").map(str::to_owned),
            ..Role::default()
        },
        token_file: token_file.to_owned(),
    }))
}

impl WebIdentity {
    /// The token in its file: without the blanks and line breaks that editors add.
    ///
    /// # Errors
    ///
    /// [`Error::NoCredentials`] when there is none, or it is more than a word.
    pub fn token<'a>(&self, text: &'a str) -> Result<&'a str, Error> {
        match text.trim() {
            "" => Err(self.unreadable_token("it is empty")),
            token if token.contains(char::is_whitespace) => {
                Err(self.unreadable_token("a token holds no blanks and no line breaks"))
            }
            token => Ok(token),
        }
    }

    /// The error for when the token file cannot be read.
    pub fn unreadable_token(&self, reason: &str) -> Error {
        refused(
            &format!("web identity token file {:?}", self.token_file),
            reason,
        )
    }
}
