//! An invocation without a state: what a data source, an ephemeral resource and an action
//! have in common.

use lambda_invocation_core::call::request::Request;
use lambda_invocation_engine::{Arguments, CallOptions, Problem};

use crate::diagnostics::Diagnostics;
use crate::protocol::ValidateRequest;
use crate::provider::{Provider, members};
use crate::value::{Members, Value};

/// What a block says.
pub struct Invocation {
    pub request: Request,
    pub call: CallOptions,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// How a kind of block calls its payload.
#[derive(Clone, Copy)]
pub struct Naming {
    pub payload: &'static str,
    /// The same, never stored.
    pub write_only: Option<&'static str>,
    /// Whether it may be empty.
    pub may_be_empty: bool,
}

impl Invocation {
    /// Reads a block, and checks what is known of it.
    pub fn read(members: &Members, naming: Naming) -> Self {
        let mut arguments = Arguments::of(members);
        let payload = payload(&mut arguments, naming);
        let request = arguments.request(payload.unwrap_or_default().into_bytes());
        let call = arguments.call_options();
        let checked = check(&request, &arguments, naming);
        let mut problems = arguments.into_problems();
        problems.extend(checked.err());
        Self {
            request,
            call,
            problems,
        }
    }
}

fn payload(arguments: &mut Arguments<'_, Value>, naming: Naming) -> Option<String> {
    let payload = arguments.text(naming.payload);
    let Some(write_only) = naming.write_only else {
        return payload;
    };
    match (
        arguments.is_set(naming.payload),
        arguments.is_set(write_only),
    ) {
        (true, true) => {
            arguments.refuse(
                write_only,
                &format!("must not be set beside {}", naming.payload),
            );
        }
        (false, false) => {
            arguments.refuse(
                naming.payload,
                &format!("must be set, or else {write_only}"),
            );
        }
        _ => {}
    }
    payload.or_else(|| arguments.text(write_only))
}

/// The rules of every request, as far as the arguments are known.
fn check(
    request: &Request,
    arguments: &Arguments<'_, Value>,
    naming: Naming,
) -> Result<(), Problem> {
    let mut known = request.clone();
    if arguments.is_unknown("function_name") {
        known.function_name = "function".to_owned();
    }
    let used = match naming.write_only {
        Some(write_only) if arguments.is_set(write_only) => write_only,
        _ => naming.payload,
    };
    if arguments.is_unknown(used) {
        known.payload = b"null".to_vec();
    }
    if known.payload.is_empty() && !naming.may_be_empty && arguments.is_set(used) {
        return Err(Problem::of_argument(
            used,
            "must be valid JSON, and not empty",
        ));
    }
    match known.check() {
        Ok(_) => Ok(()),
        Err(refusal) => {
            let argument = if refusal.argument == "payload" {
                used
            } else {
                &refusal.argument
            };
            Err(Problem::of_argument(argument, refusal.reason))
        }
    }
}

/// Checks a block. Nothing is known of the provider's configuration.
pub fn validate(request: &ValidateRequest, naming: Naming) -> Diagnostics {
    match members(request.config.as_ref()) {
        Ok(members) => Invocation::read(&members, naming).problems.into(),
        Err(problem) => problem.into(),
    }
}

/// Says that a call has to wait until the provider's configuration is known.
pub fn unconfigured(provider: &Provider) -> Option<Problem> {
    let argument = provider.unknown().first()?;
    Some(Problem {
        argument: None,
        summary: format!("The provider's {argument} is not known yet"),
        detail: "The function would be invoked now, but how is known only after something else is applied. Apply that first with -target, or set the argument to what is known.".to_owned(),
    })
}
