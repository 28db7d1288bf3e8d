//! Exit codes: the one table. The program's help is made from it, and a test holds the
//! tables of the documentation to it.
//!
//! Terraform's `-detailed-exitcode` says 2 for changes, which is taken here.

use std::fmt::Write as _;

use lambda_invocation_core::error::Error;

use crate::failure::Failure;

/// A row of the table.
pub struct Code {
    /// The code.
    pub code: u8,
    /// What it means, in Markdown.
    pub meaning: &'static str,
}

macro_rules! table {
    ($($name:ident = $code:literal: $meaning:literal,)*) => {
        $(#[doc = $meaning] pub const $name: u8 = $code;)*

        /// Every code, in order.
        pub const TABLE: &[Code] = &[$(Code { code: $code, meaning: $meaning }),*];
    };
}

table! {
    DONE = 0: "done",
    FUNCTION_FAILED = 1: "the function ran and failed; its report is on standard output",
    USAGE = 2: "bad arguments, no credentials or no region; nothing was sent",
    SERVICE = 3: "the service refused, or asked to slow down",
    TRANSPORT = 4: "the transport failed, a time limit ran out, or the host or the component itself failed; the message says whether the function may have run",
    DENIED = 5: "the host's policy does not allow it",
    STATE_CONFLICT = 6: "the state file is locked, was changed underneath, cannot be locked or written, or holds an invocation whose outcome is not known",
    CHANGES = 10: "`lifecycle plan --detailed-exitcode`: there are changes",
    INTERRUPTED = 130: "interrupted; the invocation under way was waited for and saved",
}

/// The table for a program's help.
pub fn help() -> String {
    let mut help = "Exit codes:".to_owned();
    for Code { code, meaning } in TABLE {
        // Writing to a string does not fail.
        let _ = write!(help, "\n  {code:3}  {}", meaning.replace('`', ""));
    }
    help
}

/// The code for an error.
pub fn code(error: &Error) -> u8 {
    match error {
        Error::FunctionFailed(_) => FUNCTION_FAILED,
        Error::InvalidArgument(_) | Error::NoCredentials(_) | Error::NoRegion => USAGE,
        Error::Service(_) | Error::Throttled(_) => SERVICE,
        Error::Transport(_) | Error::Timeout(_) | Error::ResponseTooLarge(_) | Error::Other(_) => {
            TRANSPORT
        }
        Error::DeniedByHost(_) => DENIED,
    }
}

/// The code for a failure.
pub fn failure_code(failure: &Failure) -> u8 {
    match failure {
        Failure::Error(error) => code(error),
        Failure::Faults(_) => USAGE,
        Failure::Conflict(_) | Failure::Unanswered(_) => STATE_CONFLICT,
    }
}
