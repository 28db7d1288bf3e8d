//! What the user wants, read from the block.

use lambda_invocation_core::lifecycle::{Attribute, Config, LifecycleScope};
use lambda_invocation_engine::{Arguments, CallOptions, Problem, Success};

use crate::value::{Members, Value};

const STORE_RESULT: &str = "store_result";

/// What a block says.
pub struct Desired {
    /// For the component. Its input is that of `input_wo` where that is used.
    pub config: Config,
    /// The attributes of it that are not known yet.
    pub unknown: Vec<Attribute>,
    /// Whether the input is never stored.
    pub write_only: bool,
    pub call: CallOptions,
    pub success: Success,
    /// Whether the result is kept. Absent while that is not known yet.
    pub store_result: Option<bool>,
    /// What is wrong with the block before the component sees it.
    pub problems: Vec<Problem>,
}

impl Desired {
    /// Reads a block.
    pub fn read(members: &Members) -> Self {
        let mut arguments = Arguments::of(members);
        let write_only = arguments.is_set("input_wo");
        let mut config = arguments.config();
        if let Some(input) = arguments
            .text("input_wo")
            .filter(|_| !arguments.is_set("input"))
        {
            config.input = input;
        }
        // The component sends each request where its configuration says.
        let call = CallOptions {
            region: None,
            log_type: arguments.log_type(),
            ..arguments.call_options()
        };
        check_input(&mut arguments, &config);
        let success = arguments.success();
        let store_result = match arguments.flag(STORE_RESULT) {
            None if arguments.is_unknown(STORE_RESULT) => None,
            flag => Some(flag.unwrap_or(true)),
        };
        let mut unknown = arguments.unknown_attributes();
        if arguments.is_unknown("input_wo") && !unknown.contains(&Attribute::Input) {
            unknown.push(Attribute::Input);
        }
        Self {
            config,
            unknown,
            write_only,
            call,
            success,
            store_result,
            problems: arguments.into_problems(),
        }
    }
}

fn check_input(arguments: &mut Arguments<'_, Value>, config: &Config) {
    match (arguments.is_set("input"), arguments.is_set("input_wo")) {
        (true, true) => arguments.refuse("input_wo", "must not be set beside input"),
        (false, false) => arguments.refuse("input", "must be set, or else input_wo"),
        (false, true) if config.lifecycle_scope() == LifecycleScope::Crud => arguments.refuse(
            "input_wo",
            "must not be used with lifecycle_scope = \"CRUD\", whose updates and deletions send the input of before, which therefore has to be stored: use input",
        ),
        _ => {}
    }
}
