//! The errors of calls.

use lambda_invocation_engine::Problem;
use lambda_invocation_engine::grpc::{Code, Status};
use prost::Message;

use crate::property::spelled;
use crate::protocol::failure::{Any, ErrorResourceInitFailed, RpcStatus};
use crate::value::{Members, encode};

/// An error where it is known what holds: nothing was done, or the function ran and failed.
/// The engine keeps the state that it has.
pub fn known(problem: Problem) -> Status {
    let code = match problem.argument {
        Some(_) => Code::InvalidArgument,
        None => Code::FailedPrecondition,
    };
    Status::new(code, text(problem))
}

/// An error where it is not known whether the function ran. The engine keeps the state that
/// it has, and takes the operation for one whose outcome it does not know.
pub fn unanswered(problem: Problem) -> Status {
    Status::unknown(text(problem))
}

/// An error of a resource that exists all the same.
pub fn exists(id: String, inputs: Members, properties: Members, problem: Problem) -> Status {
    let reason = text(problem);
    let exists = ErrorResourceInitFailed {
        id,
        properties: Some(encode(properties)),
        reasons: vec![reason.clone()],
        inputs: Some(encode(inputs)),
    };
    let code = Code::Unknown;
    let details = RpcStatus {
        code: code.into(),
        message: reason.clone(),
        details: vec![Any {
            type_url: ErrorResourceInitFailed::TYPE_URL.to_owned(),
            value: exists.encode_to_vec(),
        }],
    };
    Status::with_details(code, reason, details.encode_to_vec().into())
}

/// An error of a call that the engine should not make.
pub fn misused(detail: &str) -> Status {
    Status::invalid_argument(detail)
}

fn text(problem: Problem) -> String {
    let Problem {
        summary, detail, ..
    } = spelled(problem);
    format!("{summary}: {detail}")
}
