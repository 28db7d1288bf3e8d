//! States: a file of ours, one of Terraform, the attributes of one, and an id to import.

use lambda_invocation_command::state::{Document, parse_terraform};
use lambda_invocation_core::lifecycle::{
    Config, PlanOptions, State, import_state, plan, upgrade_state,
};

use crate::message::check_text;

pub fn run(data: &[u8]) {
    match Document::parse(data) {
        Ok(document) => {
            let written = document.to_json().expect("a state can be written");
            assert_eq!(Document::parse(&written).as_ref(), Ok(&document));
            for state in document
                .invocations
                .values()
                .filter_map(|e| e.state.as_ref())
            {
                plans(state);
            }
        }
        Err(reason) => check_text(&reason),
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match parse_terraform(text, "example", None) {
        Ok((version, attributes)) => upgrade(version, &attributes),
        Err(reason) => check_text(&reason),
    }
    upgrade(0, text);
    upgrade(1, text);
    match import_state(text) {
        Ok(state) => plans(&state),
        Err(error) => check_text(&error.to_string()),
    }
}

fn upgrade(version: u32, attributes: &str) {
    match upgrade_state(version, attributes) {
        Ok(state) => plans(&state),
        Err(error) => check_text(&error.to_string()),
    }
}

/// What is stored can be planned for: what is wanted is the same, another thing, or nothing.
fn plans(state: &State) {
    let other = Config {
        function_name: "other".to_owned(),
        input: "{}".to_owned(),
        ..Config::default()
    };
    for desired in [Some(&state.config), Some(&other), None] {
        if let Err(error) = plan(Some(state), desired, &PlanOptions::default()) {
            check_text(&error.to_string());
        }
    }
}
