//! What the providers for infrastructure engines share: Terraform's, Pulumi's.
//!
//! An [`Engine`] is a provider that has been configured: it knows who calls Lambda and
//! where, and holds the component, which it loads when it is first needed. The component
//! decides what a plan and an apply do; a provider translates between its engine's values
//! and the types of [`lambda_invocation_core`], and shows a [`Problem`] where something
//! goes wrong.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod arguments;
mod component;
mod engine;
pub mod grpc;
mod problem;
mod settings;
mod success;
mod unanswered;

pub use lambda_invocation_host::credentials::{Role, Start, WebIdentity, certificates};
pub use lambda_invocation_host::{Proxy, ProxyError, forbid_core_dumps};

pub use arguments::{Arguments, Value};
pub use engine::{Applied, Engine, Failure};
pub use problem::{Problem, Spelling, readable, result_text, sentence};
pub use settings::{CallOptions, Settings};
pub use success::{Success, SuccessError};
pub use unanswered::{Event, HELD, RUN_AGAIN, Unanswered};
