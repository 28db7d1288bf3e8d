//! The action: an invocation at an event of another resource's, or by itself.

use std::sync::Arc;

use lambda_invocation_core::call::request::InvocationType;
use lambda_invocation_core::call::response::Response;
use lambda_invocation_engine::{Problem, readable};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::attributes::{
    CLIENT_CONTEXT, FUNCTION_NAME, LOG_TYPE, MAX_ATTEMPTS, QUALIFIER, REGION, RETRY_MODE,
    TENANT_ID, TIMEOUT, payload,
};
use crate::diagnostics::Diagnostics;
use crate::invocation::{self, Invocation, Naming};
use crate::protocol::action::{
    ActionRequest, Completed, Event, EventKind, PlanActionResponse, Progress,
};
use crate::protocol::{DynamicValue, ValidateRequest};
use crate::provider::{Provider, members};
use crate::schema::Presence::Optional;
use crate::schema::{Attribute, Kind, Schema};

const NAMING: Naming = Naming {
    payload: "payload",
    write_only: Some("payload_wo"),
    may_be_empty: false,
};

/// The action's block.
pub fn schema() -> Schema {
    Schema {
        version: 0,
        description: "Invokes a Lambda function at an event of a resource (`action_trigger`), or by itself (`terraform apply -invoke`). Its result is kept nowhere; progress and the end of the log are shown.",
        attributes: vec![
            FUNCTION_NAME,
            payload(Optional),
            Attribute::new(
                "payload_wo",
                Kind::String,
                Optional,
                "Like `payload`, which may then be ephemeral. One of the two is required.",
            )
            .write_only(),
            QUALIFIER,
            Attribute::new(
                "invocation_type",
                Kind::String,
                Optional,
                "`RequestResponse`, the default, waits for the function. `Event` queues the event and does not wait. `DryRun` checks the arguments and the permission, and runs nothing.",
            ),
            LOG_TYPE,
            CLIENT_CONTEXT,
            TENANT_ID,
            REGION,
            TIMEOUT,
            RETRY_MODE,
            MAX_ATTEMPTS,
        ],
        blocks: Vec::new(),
    }
}

/// `ValidateActionConfig`
pub fn validate(request: &ValidateRequest) -> Diagnostics {
    invocation::validate(request, NAMING)
}

/// `PlanAction`: what is known now and was not when it was validated is checked.
pub fn plan(request: &ActionRequest) -> PlanActionResponse {
    let diagnostics: Diagnostics = match members(request.config.as_ref()) {
        Ok(members) => Invocation::read(&members, NAMING).problems.into(),
        Err(problem) => problem.into(),
    };
    PlanActionResponse {
        diagnostics: diagnostics.into(),
        deferred: None,
    }
}

/// `InvokeAction`: progress while it runs, and in the end what went wrong.
pub fn invoke(provider: Arc<Provider>, request: ActionRequest) -> UnboundedReceiver<Event> {
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        let progress = Reporter(sender);
        let problem = try_invoke(&provider, request.config.as_ref(), &progress)
            .await
            .err();
        progress.send(EventKind::Completed(Completed {
            diagnostics: problem.map(Diagnostics::from).unwrap_or_default().into(),
        }));
    });
    receiver
}

#[derive(Clone)]
struct Reporter(UnboundedSender<Event>);

impl Reporter {
    fn send(&self, kind: EventKind) {
        // A Terraform that has gone reads nothing.
        let _ = self.0.send(Event { kind: Some(kind) });
    }

    fn say(&self, message: String) {
        self.send(EventKind::Progress(Progress { message }));
    }
}

async fn try_invoke(
    provider: &Provider,
    config: Option<&DynamicValue>,
    progress: &Reporter,
) -> Result<(), Problem> {
    let Invocation {
        request,
        call,
        mut problems,
    } = Invocation::read(&members(config)?, NAMING);
    if let Some(problem) = problems.pop() {
        return Err(problem);
    }
    let invocation_type = request.invocation_type.unwrap_or_default();
    let function_name = request.function_name.clone();
    progress.say(format!("Invoking Lambda function {function_name}..."));
    let invoked = provider.engine().invoke_watched(request, &call, {
        let (progress, name) = (progress.clone(), function_name.clone());
        move |setback| progress.say(format!("Lambda function {name}: {setback}"))
    });
    let response = invoked.await?;
    if let Some(problem) = Problem::of_response(&function_name, &response) {
        return Err(problem);
    }
    progress.say(done(&function_name, invocation_type, &response));
    if let Some(log) = response.log_tail {
        progress.say(format!(
            "Lambda function logs:\n{}",
            readable(log.trim_end())
        ));
    }
    Ok(())
}

/// The words of hashicorp/aws.
fn done(name: &str, invocation_type: InvocationType, response: &Response) -> String {
    let status = response.status_code;
    match invocation_type {
        InvocationType::RequestResponse => format!(
            "Lambda function {name} invoked successfully (status: {status}, payload: {} bytes)",
            response.payload.len()
        ),
        InvocationType::Event => {
            format!("Lambda function {name} invoked asynchronously (status: {status})")
        }
        InvocationType::DryRun => {
            format!("Lambda function {name} dry run completed successfully (status: {status})")
        }
    }
}
