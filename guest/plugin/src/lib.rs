//! World `plugin` of the WIT package: the interfaces, exported.
//!
//! A file an interface. Its records are core's types, which the generated code reads and
//! writes by their fields' names. Nothing is decided here.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::string_slice))]

lambda_invocation_wasi::component! {
    path: "../../wit",
    world: "lambda:invocation/plugin",
    imports: all,
    records: {
        "lambda:invocation/invoke@0.1.0/request": lambda_invocation_core::call::request::Request,
        "lambda:invocation/invoke@0.1.0/signed-request": lambda_invocation_core::call::invocation::SignedRequest,
        "lambda:invocation/invoke@0.1.0/raw-response": lambda_invocation_core::call::response::RawResponse,
        "lambda:invocation/invocation-lifecycle@0.1.0/attribute": lambda_invocation_core::lifecycle::Attribute,
        "lambda:invocation/invocation-lifecycle@0.1.0/lifecycle-scope": lambda_invocation_core::lifecycle::LifecycleScope,
        "lambda:invocation/invocation-lifecycle@0.1.0/replace-order": lambda_invocation_core::lifecycle::ReplaceOrder,
        "lambda:invocation/invocation-lifecycle@0.1.0/config": lambda_invocation_core::lifecycle::Config,
        "lambda:invocation/invocation-lifecycle@0.1.0/deposed": lambda_invocation_core::lifecycle::Deposed,
        "lambda:invocation/invocation-lifecycle@0.1.0/state": lambda_invocation_core::lifecycle::State,
        "lambda:invocation/invocation-lifecycle@0.1.0/plan-action": lambda_invocation_core::lifecycle::PlanAction,
        "lambda:invocation/invocation-lifecycle@0.1.0/lifecycle-event": lambda_invocation_core::lifecycle::LifecycleEvent,
        "lambda:invocation/invocation-lifecycle@0.1.0/planned-request": lambda_invocation_core::lifecycle::PlannedRequest,
        "lambda:invocation/invocation-lifecycle@0.1.0/plan-options": lambda_invocation_core::lifecycle::PlanOptions,
        "lambda:invocation/invocation-lifecycle@0.1.0/replacement": lambda_invocation_core::lifecycle::Replacement,
        "lambda:invocation/invocation-lifecycle@0.1.0/reason": lambda_invocation_core::lifecycle::Reason,
        "lambda:invocation/invocation-lifecycle@0.1.0/change-plan": lambda_invocation_core::lifecycle::ChangePlan,
        "lambda:invocation/invocation-lifecycle@0.1.0/apply-failure": lambda_invocation_core::lifecycle::ApplyFailure,
        "lambda:invocation/invocation-lifecycle@0.1.0/diagnostic": lambda_invocation_core::lifecycle::Diagnostic,
        "lambda:invocation/ephemeral@0.1.0/ephemeral-config": lambda_invocation_core::ephemeral::EphemeralConfig,
        "lambda:invocation/ephemeral@0.1.0/opened": lambda_invocation_core::ephemeral::Opened,
        "lambda:invocation/exchange@0.1.0/request": lambda_invocation_core::call::exchange::Request,
        "lambda:invocation/exchange@0.1.0/attempt": lambda_invocation_core::call::exchange::Attempt,
        "lambda:invocation/exchange@0.1.0/answer": lambda_invocation_core::call::exchange::Answer,
        "lambda:invocation/exchange@0.1.0/transport-failure": lambda_invocation_core::call::wasi_http::TransportFailure,
        "lambda:invocation/exchange@0.1.0/failure": lambda_invocation_core::call::wasi_http::Failure,
        "lambda:invocation/exchange@0.1.0/step": lambda_invocation_core::call::exchange::Step,
        "lambda:invocation/exchange@0.1.0/signer": lambda_invocation_core::call::signer::Signer,
    },
    mod bindings exports Plugin;
}

mod ephemeral;
mod exchange;
mod invocation_lifecycle;
mod invoke;
mod invoke_streaming;
mod wipe;

/// The component.
struct Plugin;
