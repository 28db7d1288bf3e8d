//! What the user wants, read from the block.

use lambda_invocation_core::lifecycle::{Attribute, Config, LifecycleScope};
use lambda_invocation_engine::{CallOptions, Problem, Success};

use crate::arguments::Arguments;
use crate::value::Members;

/// The component's attributes by their names in the block.
pub const ATTRIBUTES: [(&str, Attribute); 8] = [
    ("function_name", Attribute::FunctionName),
    ("input", Attribute::Input),
    ("qualifier", Attribute::Qualifier),
    ("region", Attribute::Region),
    ("terraform_key", Attribute::TerraformKey),
    ("tenant_id", Attribute::TenantId),
    ("lifecycle_scope", Attribute::LifecycleScope),
    ("triggers", Attribute::Triggers),
];

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
        let input = arguments.text("input");
        let input_wo = arguments.text("input_wo");
        let mut call = arguments.call_options();
        let config = Config {
            function_name: arguments.text("function_name").unwrap_or_default(),
            input: input.or(input_wo).unwrap_or_default(),
            qualifier: arguments.text("qualifier"),
            // The component sends each request where its configuration says.
            region: call.region.take(),
            terraform_key: arguments.text("terraform_key"),
            tenant_id: arguments.text("tenant_id"),
            lifecycle_scope: lifecycle_scope(&mut arguments),
            triggers: arguments.pairs("triggers"),
            replace_order: None,
        };
        check_input(&mut arguments, &config);
        let success = success(&mut arguments);
        let store_result = match arguments.flag(STORE_RESULT) {
            None if arguments.is_unknown(STORE_RESULT) => None,
            flag => Some(flag.unwrap_or(true)),
        };
        let unknown = arguments.unknown();
        let unknown = ATTRIBUTES
            .into_iter()
            .filter(|(name, _)| {
                unknown.contains(name) || *name == "input" && unknown.contains(&"input_wo")
            })
            .map(|(_, attribute)| attribute)
            .collect();
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

fn lifecycle_scope(arguments: &mut Arguments<'_>) -> Option<LifecycleScope> {
    const NAME: &str = "lifecycle_scope";
    let scope = LifecycleScope::parse(&arguments.text(NAME)?);
    if scope.is_err() {
        arguments.refuse(NAME, "must be CREATE_ONLY or CRUD");
    }
    scope.ok()
}

fn check_input(arguments: &mut Arguments<'_>, config: &Config) {
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

fn success(arguments: &mut Arguments<'_>) -> Success {
    const NAME: &str = "success";
    match Success::new(arguments.pairs(NAME)) {
        Ok(success) => success,
        Err(error) => {
            arguments.refuse(NAME, &error.to_string());
            Success::default()
        }
    }
}
