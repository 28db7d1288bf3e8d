//! `Check`: the inputs in the form that is kept, and what is wrong with them.

use lambda_invocation_core::lifecycle::PlanOptions;
use lambda_invocation_engine::grpc::Status;

use super::desired::{Desired, write_input};
use super::properties::INPUTS;
use crate::failure;
use crate::property::{self, Failure, spelled};
use crate::protocol::CheckFailure;
use crate::protocol::resource::{CheckRequest, CheckResponse};
use crate::provider::Provider;
use crate::value::{decode, encode};

/// Checks the inputs. Nothing is sent.
pub async fn check(provider: &Provider, request: CheckRequest) -> Result<CheckResponse, Status> {
    let mut inputs = decode(request.news);
    let mut failures = property::check(&inputs, INPUTS);
    failures.extend(write_input(&mut inputs).err());
    if failures.is_empty() {
        let desired = Desired::read(&inputs);
        failures.extend(desired.failures);
        if failures.is_empty() {
            let options = PlanOptions {
                unknown: desired.unknown,
                replace: false,
            };
            let problems = provider
                .checks()
                .validate(desired.config, options)
                .await
                .map_err(failure::known)?;
            let problems = problems.into_iter().map(spelled);
            failures.extend(problems.filter_map(|problem| Failure::of_problem(&problem)));
        }
    }
    Ok(CheckResponse {
        inputs: Some(encode(inputs)),
        failures: failures.into_iter().map(CheckFailure::from).collect(),
    })
}
