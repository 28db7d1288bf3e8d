//! A provider for Terraform that invokes AWS Lambda functions.
//!
//! Terraform starts this program, asks it over a socket what it offers, and then has it
//! validate, plan and apply. What to do is decided by the component `lambda-invocation`,
//! which runs here in a sandbox; this program translates between Terraform's values and
//! the component's types.
//!
//! | module | what it is |
//! | --- | --- |
//! | `handshake`, `tls` | how Terraform finds the program, and how they trust each other |
//! | `server` | the socket, and the calls that come in over it |
//! | `protocol` | the messages of those calls |
//! | `value` | Terraform's values and their encoding |
//! | `schema`, `attributes` | what blocks may hold |
//! | `provider` | the provider's configuration |
//! | `resource`, `data_source`, `ephemeral`, `action` | the four kinds of blocks |
//! | `invocation` | what the last three of them have in common |
//! | `diagnostics` | what the user is told |

#![forbid(unsafe_code)]

mod action;
mod attributes;
mod data_source;
mod diagnostics;
#[cfg(test)]
mod docs;
mod ephemeral;
#[doc(hidden)]
pub mod fuzz;
mod handshake;
mod invocation;
mod protocol;
mod provider;
mod resource;
mod schema;
mod server;
mod tls;
mod value;

use std::env;
use std::process::ExitCode;

use crate::handshake::Handshake;

/// The program.
pub fn main() -> ExitCode {
    // What a system does not grant is no reason not to work.
    let _ = lambda_invocation_engine::forbid_core_dumps();
    let handshake = match Handshake::read(|name| env::var(name).ok()) {
        Ok(handshake) => handshake,
        Err(refusal) => {
            eprintln!("{refusal}");
            return ExitCode::FAILURE;
        }
    };
    match server::run(handshake) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("terraform-provider-lambda: {error}");
            ExitCode::FAILURE
        }
    }
}
