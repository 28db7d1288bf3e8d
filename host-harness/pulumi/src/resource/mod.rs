//! The resource: an invocation that Pulumi keeps a state of.
//!
//! The component plans and applies; here its words are put into Pulumi's. The engine makes
//! the two halves of a replacement by itself, each with a call of its own, so the component
//! is asked for a creation, an update or a deletion and never replaces here.

mod apply;
pub(crate) mod before;
mod check;
pub(crate) mod desired;
mod diff;
mod outputs;
pub(crate) mod properties;
mod read;
mod unanswered;

pub use apply::{create, delete, update};
pub use check::check;
pub use diff::diff;
pub use properties::{INPUTS, OUTPUTS};
pub use read::read;

use lambda_invocation_engine::grpc::Status;

use crate::failure;

/// The resource's type.
pub const TOKEN: &str = "lambda-invocation:index:Invocation";

/// Refuses a call about another type.
///
/// # Errors
///
/// When the type, or in its absence the one in the URN, is not the resource's. A call that
/// names neither is about the only one there is.
pub fn expect(given: &str, urn: &str) -> Result<(), Status> {
    // urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME
    let in_urn = urn
        .split("::")
        .nth(2)
        .and_then(|types| types.rsplit('$').next());
    match (given, in_urn) {
        (TOKEN, _) | ("", None | Some(TOKEN)) => Ok(()),
        ("", Some(other)) | (other, _) => Err(failure::misused(&format!(
            "there is no resource {other}: there is {TOKEN}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_about_the_resource_or_refused() {
        let urn = |r#type: &str| format!("urn:pulumi:dev::project::{}::name", r#type);
        for (given, urn, expected) in [
            (TOKEN, String::new(), true),
            (TOKEN, urn(TOKEN), true),
            ("", urn(TOKEN), true),
            ("", urn(&format!("my:index:Component${TOKEN}")), true),
            ("", String::new(), true),
            ("", urn("aws:lambda/invocation:Invocation"), false),
            ("lambda-invocation:index:Other", urn(TOKEN), false),
        ] {
            assert_eq!(expect(given, &urn).is_ok(), expected, "{given} {urn}");
        }
    }
}
