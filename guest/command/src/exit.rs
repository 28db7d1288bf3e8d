//! Exit codes.
//!
//! | code | meaning |
//! | --- | --- |
//! | 0 | done |
//! | 1 | the function ran and failed |
//! | 2 | bad arguments; nothing was sent |
//! | 3 | the service refused, or asked to slow down |
//! | 4 | the transport failed, or a time limit ran out |
//! | 5 | denied by the host's policy |
//! | 6 | the state file is locked, changed underneath, or could not be written |
//! | 10 | there are changes (`lifecycle plan --detailed-exitcode`) |
//! | 130 | interrupted; what was done is saved |
//!
//! Terraform's `-detailed-exitcode` says 2 for changes, which is taken here.

use lambda_invocation_core::error::Error;

use crate::failure::Failure;

/// The table for a program's help.
pub const HELP: &str = "\
Exit codes: 0 done, 1 the function failed, 2 bad arguments, 3 the service refused,
4 transport or timeout, 5 denied by host policy, 6 state conflict, 10 the plan has
changes (lifecycle plan --detailed-exitcode), 130 interrupted";

/// Done.
pub const DONE: u8 = 0;
/// The function ran and failed.
pub const FUNCTION_FAILED: u8 = 1;
/// Bad arguments; nothing was sent.
pub const USAGE: u8 = 2;
/// The service refused.
pub const SERVICE: u8 = 3;
/// The transport failed, or a time limit ran out.
pub const TRANSPORT: u8 = 4;
/// Denied by the host's policy.
pub const DENIED: u8 = 5;
/// The state file is locked, changed underneath, or could not be written.
pub const STATE_CONFLICT: u8 = 6;
/// A plan has changes, and the caller asked to be told by the exit code.
pub const CHANGES: u8 = 10;
/// Interrupted before everything was done, as a shell reports SIGINT.
pub const INTERRUPTED: u8 = 130;

/// The code for an error.
pub fn code(error: &Error) -> u8 {
    match error {
        Error::FunctionFailed(_) => FUNCTION_FAILED,
        Error::InvalidArgument(_) | Error::NoCredentials(_) | Error::NoRegion => USAGE,
        Error::Service(_) | Error::Throttled(_) => SERVICE,
        Error::Transport(_)
        | Error::Timeout(_)
        | Error::ResponseTooLarge { .. }
        | Error::Other(_) => TRANSPORT,
        Error::DeniedByHost(_) => DENIED,
    }
}

/// The code for a failure.
pub fn failure_code(failure: &Failure) -> u8 {
    match failure {
        Failure::Error(error) => code(error),
        Failure::Faults(_) => USAGE,
        Failure::Conflict(_) => STATE_CONFLICT,
    }
}
