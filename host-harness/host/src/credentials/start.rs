//! Credentials that a program's own configuration names.

use std::fmt;

use lambda_invocation_core::call::connection::Credentials;
use lambda_invocation_core::credentials::sts::Role;
use lambda_invocation_core::credentials::web_identity::WebIdentity;
use zeroize::Zeroizing;

/// What a [`NativeChain`](super::NativeChain) begins with, in the place of what the
/// environment and the files of the machine say. `Debug` shows no secret.
#[derive(Clone)]
pub enum Start {
    /// Keys.
    Keys(Credentials),
    /// A role, for the token in a file, which is read anew before every request.
    TokenFile(WebIdentity),
    /// A role, for a token.
    Token {
        /// The role.
        role: Role,
        /// The token, as its issuer wrote it.
        token: Zeroizing<String>,
    },
}

impl Start {
    /// Its name, for people.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Keys(_) => "configuration",
            Self::TokenFile(_) | Self::Token { .. } => "web identity",
        }
    }
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
