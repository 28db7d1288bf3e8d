//! A configuration file, in both formats.

use lambda_invocation_command::config::{ConfigFile, Format};
use lambda_invocation_core::lifecycle::{PlanOptions, plan, validate};

use crate::message::check_line;

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for format in [Format::Toml, Format::Json] {
        match ConfigFile::parse(text, format) {
            Ok(file) => {
                for invocation in file.invocations.into_iter().flatten().map(|(_, i)| i) {
                    let faults = validate(&invocation.config);
                    match plan(None, Some(&invocation.config), &PlanOptions::default()) {
                        Ok(_) => assert!(faults.is_empty(), "planned with faults: {faults:?}"),
                        Err(error) => check_line(&error.to_string()),
                    }
                }
            }
            Err(reason) => check_line(&reason),
        }
    }
}
