//! A component that asks a Lambda function for a report and prints it.
//!
//! It imports `lambda:invocation/invoke` and no HTTP: the call is made by the plugin that
//! it is composed with (`cargo xtask compose`), and whoever runs the composition grants
//! the network.

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// What it imports.
#[allow(
    missing_docs,
    unsafe_code,
    clippy::all,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
mod bindings {
    wit_bindgen::generate!({
        inline: "
            package example:nightly-report;

            world nightly-report {
                import lambda:invocation/invoke@0.1.0;
            }
        ",
        path: "../../wit",
        world: "example:nightly-report/nightly-report",
        generate_all,
    });
}

use bindings::lambda::invocation::invoke::{Request, invoke};

fn main() -> ExitCode {
    let Some(function) = env::args().nth(1) else {
        eprintln!("usage: nightly-report FUNCTION");
        return ExitCode::FAILURE;
    };
    let request = Request {
        function_name: function,
        payload: br#"{"report":"nightly"}"#.to_vec(),
        payload_sha256: None,
        invocation_type: None,
        log_type: None,
        qualifier: None,
        client_context: None,
        tenant_id: None,
        durable_execution_name: None,
    };
    match invoke(&request, None) {
        Ok(response) => match response.function_error {
            None if io::stdout().write_all(&response.payload).is_ok() => ExitCode::SUCCESS,
            None => ExitCode::FAILURE,
            Some(error) => {
                eprintln!("the report failed: {:?}", error.error_type);
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("no report: {error:?}");
            ExitCode::FAILURE
        }
    }
}
