//! What the program wants, read from the inputs.

use lambda_invocation_core::lifecycle::{Attribute, Config};
use lambda_invocation_engine::{Arguments, CallOptions, Success, Value as _};

use crate::event;
use crate::property::{Failure, spelled};
use crate::value::{Members, Value};

/// What the inputs say.
pub struct Desired {
    /// For the component.
    pub config: Config,
    /// The attributes of it that are not known yet.
    pub unknown: Vec<Attribute>,
    pub call: CallOptions,
    pub success: Success,
    /// What is wrong with them before the component sees them.
    pub failures: Vec<Failure>,
}

impl Desired {
    /// Reads the inputs, checked or not.
    pub fn read(inputs: &Members) -> Self {
        let mut inputs = inputs.clone();
        let mut failures: Vec<Failure> = write_input(&mut inputs).err().into_iter().collect();
        failures.extend(unite_keys(&mut inputs).err());
        let mut arguments = Arguments::of(&inputs);
        let config = arguments.config();
        // The component sends each request where its configuration says.
        let call = CallOptions {
            region: None,
            log_type: arguments.log_type(),
            ..arguments.call_options()
        };
        let success = arguments.success();
        let unknown = arguments.unknown_attributes();
        let problems = arguments.into_problems().into_iter().map(spelled);
        failures.extend(problems.filter_map(|problem| Failure::of_problem(&problem)));
        Self {
            config,
            unknown,
            call,
            success,
            failures,
        }
    }

    /// Whether an attribute is not known yet.
    pub fn awaits(&self, attribute: Attribute) -> bool {
        self.unknown.contains(&attribute)
    }
}

/// Makes a text of the input, as [`event::text`] does. A secret, or one that has a secret in
/// it, stays one; what is known in part is not known.
pub fn write_input(inputs: &mut Members) -> Result<(), Failure> {
    const NAME: &str = "input";
    let Some(value) = inputs.get(NAME).filter(|value| !value.is_null()) else {
        return Ok(());
    };
    let written = match value.is_known() {
        true => Value::Text(event::text(NAME, value)?),
        false => Value::Unknown,
    };
    let written = match value.has_secret() {
        true => written.secret(),
        false => written,
    };
    inputs.insert(NAME.to_owned(), written);
    Ok(())
}

/// Has `terraformKey` hold what `pulumiKey` does.
fn unite_keys(inputs: &mut Members) -> Result<(), Failure> {
    let given = |name: &str| inputs.get(name).filter(|value| !value.is_null());
    let Some(key) = given("pulumiKey") else {
        return Ok(());
    };
    match given("terraformKey") {
        Some(other) if other.is_known() && key.is_known() && other.plain() != key.plain() => {
            Err(Failure::new(
                "pulumiKey",
                "must be the same as terraformKey: set one of the two",
            ))
        }
        Some(other) if other.is_known() => Ok(()),
        _ => {
            let key = key.clone();
            inputs.insert("terraformKey".to_owned(), key);
            Ok(())
        }
    }
}
