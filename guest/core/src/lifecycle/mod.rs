//! The managed invocation: interface `invocation-lifecycle` of the WIT package.
//!
//! Types here carry the names of the WIT records in Rust's spelling. Three parts,
//! none of which sends anything:
//!
//! ```text
//! validate   a configuration  -> its faults
//! plan       state + config   -> what an apply would do, and why
//! apply      the same, step by step: it names a request, is told how the
//!            request ended, and knows the true state after each
//! ```
//!
//! `plan` and `apply` share one decision, so a plan cannot promise what the apply
//! then does not do. Its table is at the head of `effect.rs`.
//!
//! The behaviour is that of Terraform's resource `aws_lambda_invocation` (AWS
//! provider, schema version 1) wherever that is not a documented fault of its own;
//! where it differs, the place that differs says so.

pub mod apply;
mod attribute;
pub mod config;
mod decision;
mod effect;
pub mod id;
pub mod import;
pub mod payload;
pub mod plan;
#[cfg(test)]
mod reads;
pub mod state;
pub mod upgrade;
pub mod validate;

pub use crate::json;
pub use apply::{Apply, ApplyFailure};
pub use attribute::Attribute;
pub use config::{Config, LifecycleScope, ReplaceOrder};
pub use effect::changed;
pub use import::import_state;
pub use plan::{
    ChangePlan, LifecycleEvent, PlanAction, PlanOptions, PlannedRequest, Reason, Replacement, plan,
};
pub use state::{Deposed, STATE_VERSION, State};
pub use upgrade::upgrade_state;
pub use validate::{Diagnostic, validate};
