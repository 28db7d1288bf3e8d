//! The managed resource: an invocation that Terraform keeps a state of.
//!
//! The component plans and applies; here its words are put into Terraform's. Terraform
//! makes the two halves of a replacement by itself, each with a call of its own, so the
//! component is asked for a creation, an update or a deletion and never replaces here.

mod apply;
pub(crate) mod desired;
mod plan;
mod schema;
pub(crate) mod state;
mod take_over;
mod unanswered;

pub use apply::apply;
pub use plan::{plan, validate};
pub use schema::schema;
pub use take_over::{import, read, take_over, upgrade};
pub use unanswered::Remembered;
