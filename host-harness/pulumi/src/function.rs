//! The functions: invocations that Pulumi keeps no state of.

use std::collections::BTreeMap;

use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::ephemeral::EphemeralConfig;
use lambda_invocation_core::error::{FunctionError, FunctionFailure};
use lambda_invocation_engine::grpc::Status;
use lambda_invocation_engine::{Arguments, CallOptions, Problem, Value as _, result_text};

use crate::event;
use crate::failure;
use crate::property::{self, Failure, Kind, Property, spelled};
use crate::protocol::function::{InvokeRequest, InvokeResponse};
use crate::protocol::values::Struct;
use crate::provider::Provider;
use crate::value::{Members, Value, decode, encode, unknown_output};

pub const FUNCTION_NAME: Property = Property::new(
    "functionName",
    Kind::Text,
    "The function: a name (`my-function`), a partial ARN (`123456789012:function:my-function`) or an ARN, each with or without a version or an alias at its end (`my-function:PROD`).",
)
.required();

pub const QUALIFIER: Property = Property::new(
    "qualifier",
    Kind::Text,
    "A version or an alias of the function. Without one, and without one in `functionName`, `$LATEST` is invoked.",
);

pub const REGION: Property = Property::new(
    "region",
    Kind::Text,
    "The function's region. Without it, that of the provider's configuration.",
);

pub const TENANT_ID: Property = Property::new(
    "tenantId",
    Kind::Text,
    "The tenant, for a function with tenant isolation: 1 to 256 characters.",
);

pub const TIMEOUT: Property = Property::new(
    "timeout",
    Kind::Number,
    "The most seconds that the call may take, repetitions included. Without it, a function is waited for as long as it may run, which is 15 minutes. Set it above the function's own timeout: a function that is not waited for may still run to its end.",
);

pub const RETRY_MODE: Property = Property::new(
    "retryMode",
    Kind::Text,
    "What is repeated after a failure: `never`; `safe`, the default, repeats only what certainly did not run the function, such as throttling; `idempotent` repeats every failure of the service or the network, for a function that may run twice.",
);

pub const MAX_ATTEMPTS: Property = Property::new(
    "maxAttempts",
    Kind::Integer,
    "How often the call is tried in all: 1 to 10. Without it, 3 times.",
);

pub const CLIENT_CONTEXT: Property = Property::new(
    "clientContext",
    Kind::Text,
    "Data about the client for the function's context object, in base64: at most 3,583 bytes of it.",
);

pub const LOG_TYPE: Property = Property::new(
    "logType",
    Kind::Text,
    "`Tail` asks for the last 4 KB of the function's log; `None`, the default, for nothing.",
);

const PAYLOAD: Property = Property::new(
    "payload",
    Kind::Event,
    "The event: a JSON text, sent byte for byte, or any value, which is sent as compact JSON. A number beyond 2^53 in a value is refused: pass a text then.",
);

const RETURN_FUNCTION_ERROR: Property = Property::new(
    "returnFunctionError",
    Kind::Flag,
    "`true` returns a function's error in `functionError` and `result`. By default it fails the run.",
);

const INVOKE_IN_PREVIEW: Property = Property::new(
    "invokeInPreview",
    Kind::Flag,
    "`true` invokes the function in previews as well. By default nothing is invoked in a preview, and the result is not known there.",
);

const RESULT: Property = Property::new(
    "result",
    Kind::Text,
    "What the function returned, as text: mostly JSON.",
)
.required();

const STATUS_CODE: Property = Property::new(
    "statusCode",
    Kind::Integer,
    "The HTTP status of Lambda's answer: 200 for `RequestResponse`, 202 for `Event`, 204 for `DryRun`.",
)
.required();

const EXECUTED_VERSION: Property = Property::new(
    "executedVersion",
    Kind::Text,
    "The version that ran: the one an alias stands for, or `$LATEST`.",
);

const FUNCTION_ERROR: Property = Property::new(
    "functionError",
    Kind::FunctionError,
    "With `returnFunctionError`: how the function failed, and absent where it did not. `result` then holds the runtime's report.",
);

const LOG_RESULT: Property = Property::new(
    "logResult",
    Kind::Text,
    "With `logType: \"Tail\"`: the last 4 KB of the function's log, in base64.",
);

const REQUEST_ID: Property = Property::new("requestId", Kind::Text, "Lambda's id of the request.");

/// A function of the package.
#[derive(Debug)]
pub struct Function {
    pub token: &'static str,
    pub description: &'static str,
    pub arguments: &'static [Property],
    pub results: &'static [Property],
}

/// `invoke`
pub const INVOKE: Function = Function {
    token: "lambda-invocation:index:invoke",
    description: "Invokes a Lambda function whenever the program runs, except in previews. Use the resource for a function that is to run once.",
    arguments: &[
        FUNCTION_NAME,
        PAYLOAD,
        Property::new(
            "invocationType",
            Kind::Text,
            "`RequestResponse`, the default, waits for the function. `Event` queues the event and does not wait. `DryRun` checks the arguments and the permission, and runs nothing.",
        ),
        LOG_TYPE,
        QUALIFIER,
        CLIENT_CONTEXT,
        TENANT_ID,
        Property::new(
            "durableExecutionName",
            Kind::Text,
            "A name for the execution, for durable functions.",
        ),
        REGION,
        TIMEOUT,
        RETRY_MODE,
        MAX_ATTEMPTS,
        RETURN_FUNCTION_ERROR,
        INVOKE_IN_PREVIEW,
    ],
    results: &[
        RESULT,
        STATUS_CODE,
        EXECUTED_VERSION,
        FUNCTION_ERROR,
        LOG_RESULT,
        Property::new("logTail", Kind::Text, "The same log, decoded."),
        REQUEST_ID,
        Property::new(
            "durableExecutionArn",
            Kind::Text,
            "The ARN of the execution, for durable functions.",
        ),
        Property::new(
            "attempts",
            Kind::Integer,
            "How many requests the call took, repetitions included.",
        )
        .required(),
    ],
};

/// `open`
pub const OPEN: Function = Function {
    token: "lambda-invocation:index:open",
    description: "Invokes a Lambda function whenever the program runs, except in previews, and returns a secret. For credentials and for answers that must be in no state and on no screen in plain text.",
    arguments: &[
        FUNCTION_NAME,
        PAYLOAD.required(),
        LOG_TYPE,
        QUALIFIER,
        CLIENT_CONTEXT,
        TENANT_ID,
        REGION,
        TIMEOUT,
        RETRY_MODE,
        MAX_ATTEMPTS,
        RETURN_FUNCTION_ERROR,
        INVOKE_IN_PREVIEW,
    ],
    results: &[
        RESULT.secret(),
        STATUS_CODE,
        EXECUTED_VERSION,
        FUNCTION_ERROR,
        LOG_RESULT.secret(),
        REQUEST_ID,
    ],
};

/// `Invoke`
pub async fn invoke(provider: &Provider, request: InvokeRequest) -> Result<InvokeResponse, Status> {
    let functions = [&INVOKE, &OPEN];
    let Some(function) = functions.iter().find(|f| f.token == request.tok) else {
        return Err(failure::misused(&format!(
            "there is no function {}: there are {} and {}",
            request.tok, INVOKE.token, OPEN.token
        )));
    };
    let members = decode(request.args);
    let call = match Call::read(function, &members) {
        Ok(call) => call,
        Err(failures) => return Ok(refused(failures)),
    };
    if !call.in_preview {
        match stage(provider, request.preview)? {
            Stage::Update => {}
            Stage::Preview => {
                return Ok(InvokeResponse {
                    r#return: Some(unknown(function, &call)),
                    failures: Vec::new(),
                });
            }
        }
    }
    let _call = provider.begin().await?;
    let answered = match function.token == OPEN.token {
        true => open(provider, &call).await,
        false => send(provider, &call).await,
    };
    match answered {
        Ok(results) => Ok(InvokeResponse {
            r#return: Some(encode(marked(function, &call, results))),
            failures: Vec::new(),
        }),
        Err(problem) => match Failure::of_problem(&spelled(problem.clone())) {
            Some(failure) => Ok(refused(vec![failure])),
            None => Err(failure::known(problem)),
        },
    }
}

fn refused(failures: Vec<Failure>) -> InvokeResponse {
    InvokeResponse {
        r#return: None,
        failures: failures.into_iter().map(Into::into).collect(),
    }
}

/// What a program is run for.
enum Stage {
    Preview,
    Update,
}

/// What this run is for, where it can be told.
fn stage(provider: &Provider, preview: bool) -> Result<Stage, Status> {
    let peer = provider.peer();
    let refuse = |summary: &str| {
        Err(failure::known(Problem {
            argument: None,
            summary: summary.to_owned(),
            detail: "The function was not invoked. Update Pulumi, use the resource Invocation, or have the function invoked in previews, too, with invokeInPreview: true.".to_owned(),
        }))
    };
    match (preview, peer) {
        (true, peer) if peer.accepts_outputs_in_invoke => Ok(Stage::Preview),
        (true, _) => refuse("This release of Pulumi has no unknown results of functions"),
        (false, peer) if peer.invoke_with_preview => Ok(Stage::Update),
        (false, _) => refuse("This release of Pulumi does not say whether this is a preview"),
    }
}

/// What the arguments say.
struct Call {
    request: lambda_invocation_core::call::request::Request,
    options: CallOptions,
    returns_errors: bool,
    in_preview: bool,
    /// Whether an argument is a secret, so that the answer may hold it.
    secret: bool,
}

impl Call {
    fn read(function: &Function, members: &Members) -> Result<Self, Vec<Failure>> {
        const PAYLOAD: &str = "payload";
        let mut failures = property::check(members, function.arguments);
        let payload = match members.get(PAYLOAD).filter(|value| !value.is_null()) {
            None => String::new(),
            Some(value) => event::text(PAYLOAD, value).unwrap_or_else(|failure| {
                failures.push(failure);
                String::new()
            }),
        };
        let mut arguments = Arguments::of(members);
        let mut request = arguments.request(payload.into_bytes());
        request.durable_execution_name = arguments.text("durable_execution_name");
        let options = arguments.call_options();
        let returns_errors = arguments.flag("return_function_error").unwrap_or_default();
        let in_preview = arguments.flag("invoke_in_preview").unwrap_or_default();
        if let Some(name) = arguments.unknown().first() {
            failures.push(Failure::new(*name, "must be known"));
        }
        let problems = arguments.into_problems().into_iter().map(spelled);
        failures.extend(problems.filter_map(|problem| Failure::of_problem(&problem)));
        match failures.is_empty() {
            false => Err(failures),
            true => Ok(Self {
                request,
                options,
                returns_errors,
                in_preview,
                secret: members.values().any(Value::has_secret),
            }),
        }
    }
}

async fn send(provider: &Provider, call: &Call) -> Result<Vec<(&'static str, Value)>, Problem> {
    let response = provider
        .engine()
        .invoke(call.request.clone(), &call.options)
        .await?;
    if !call.returns_errors
        && let Some(problem) = Problem::of_response(&call.request.function_name, &response)
    {
        return Err(problem);
    }
    let Response {
        status_code,
        payload,
        executed_version,
        log_result,
        log_tail,
        function_error,
        request_id,
        durable_execution_arn,
        attempts,
    } = response;
    Ok(vec![
        ("result", result_text(payload)?.into()),
        ("statusCode", Value::Number(status_code.into())),
        ("executedVersion", executed_version.into()),
        ("functionError", described(function_error)),
        ("logResult", log_result.into()),
        ("logTail", log_tail.into()),
        ("requestId", request_id.into()),
        ("durableExecutionArn", durable_execution_arn.into()),
        ("attempts", Value::Number(attempts.into())),
    ])
}

async fn open(provider: &Provider, call: &Call) -> Result<Vec<(&'static str, Value)>, Problem> {
    let request = call.request.clone();
    let config = EphemeralConfig {
        function_name: request.function_name.clone(),
        payload: String::from_utf8(request.payload).unwrap_or_default(),
        client_context: request.client_context,
        qualifier: request.qualifier,
        region: call.options.region.clone(),
        tenant_id: request.tenant_id,
        log_type: request.log_type,
    };
    let opened = provider.engine().open(config, &call.options).await?;
    if let (false, Some(function_error)) = (call.returns_errors, &opened.function_error) {
        let failure = FunctionFailure {
            function_error: function_error.clone(),
            payload: Vec::new(),
            log_tail: None,
        };
        return Err(Problem::of_failure(&request.function_name, &failure));
    }
    Ok(vec![
        ("result", opened.result.into()),
        ("statusCode", Value::Number(opened.status_code.into())),
        ("executedVersion", opened.executed_version.into()),
        ("functionError", described(opened.function_error)),
        ("logResult", opened.log_result.into()),
        ("requestId", opened.request_id.into()),
    ])
}

fn described(error: Option<FunctionError>) -> Value {
    let Some(error) = error else {
        return Value::Null;
    };
    let frames = error.stack_trace.into_iter().map(Value::from).collect();
    let members: BTreeMap<String, Value> = [
        ("kind", error.kind.into()),
        ("errorType", error.error_type.into()),
        ("errorMessage", error.error_message.into()),
        ("stackTrace", Value::List(frames)),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_null())
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    Value::Map(members)
}

/// Whether a result is a secret: by the schema, or because it may hold an argument that is.
fn is_secret(property: &Property, call: &Call) -> bool {
    property.secret || call.secret && matches!(property.kind, Kind::Text | Kind::FunctionError)
}

/// The results that there are, secrets marked.
fn marked(function: &Function, call: &Call, results: Vec<(&str, Value)>) -> Members {
    let there = results.into_iter().filter(|(_, value)| !value.is_null());
    there
        .map(|(name, value)| {
            let property = function.results.iter().find(|p| p.name == name);
            let secret = property.is_some_and(|property| is_secret(property, call));
            let value = if secret { value.secret() } else { value };
            (name.to_owned(), value)
        })
        .collect()
}

/// All results, none of them known.
fn unknown(function: &Function, call: &Call) -> Struct {
    Struct {
        fields: function
            .results
            .iter()
            .map(|property| {
                let unknown = unknown_output(is_secret(property, call));
                (property.name.to_owned(), unknown)
            })
            .collect(),
    }
}
