//! A provider for Pulumi that invokes AWS Lambda functions.
//!
//! Pulumi's engine starts this program, which prints the port that it listens on, and then
//! has it check, compare, create, update and delete. What to do is decided by the component
//! `lambda-invocation`, which runs here in a sandbox; this program translates between
//! Pulumi's values and the component's types.
//!
//! | module | what it is |
//! | --- | --- |
//! | `server` | the port, the calls that come in over it, and when the program ends |
//! | `protocol`, `failure` | the messages of those calls, and their errors |
//! | `value`, `event`, `path` | Pulumi's values, JSON made of them, and paths into them |
//! | `property`, `schema` | what objects may hold, and the schema that SDKs are made from |
//! | `provider` | the provider: how it starts, its configuration |
//! | `resource`, `function` | the resource and the two functions |

#![forbid(unsafe_code)]

mod event;
mod failure;
mod function;
#[doc(hidden)]
pub mod fuzz;
mod path;
mod property;
mod protocol;
mod provider;
mod resource;
mod schema;
mod server;
mod value;

use std::env;
use std::process::ExitCode;

/// What `--help` says.
const HELP: &str = "\
This program is a provider for Pulumi, which starts it by itself. It prints the port that it
listens on, and waits for Pulumi.

Usage: pulumi-resource-lambda-invocation [ENGINE ADDRESS]
       pulumi-resource-lambda-invocation --schema | --version | --help

  --schema   print the schema of the package, from which SDKs are made
";

/// The program.
pub fn main() -> ExitCode {
    // What a system does not grant is no reason not to work.
    let _ = lambda_invocation_engine::forbid_core_dumps();
    let mut engine = None;
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" | "-h" => {
                print!("{HELP}");
                return ExitCode::SUCCESS;
            }
            "--version" => {
                println!("{}", env!("CARGO_PKG_VERSION"));
                return ExitCode::SUCCESS;
            }
            "--schema" => {
                println!("{:#}", schema::package());
                return ExitCode::SUCCESS;
            }
            // With a value of its own behind it.
            "--tracing" | "-tracing" => {
                arguments.next();
            }
            // Pulumi passes on how much it logs.
            option if option.starts_with('-') => {}
            _ => engine = Some(argument),
        }
    }
    match server::run(engine) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pulumi-resource-lambda-invocation: {error}");
            ExitCode::FAILURE
        }
    }
}
