//! What the engine has kept: the state of before.

use lambda_invocation_core::lifecycle::State;
use lambda_invocation_engine::grpc::Status;
use lambda_invocation_engine::{Arguments, Unanswered, Value as _};

use super::unanswered;
use crate::failure;
use crate::value::{Members, Value};

/// A resource that exists.
pub struct Before {
    /// Its outputs; of one that was imported and then adopted, with the inputs over them.
    pub members: Members,
    /// The component's state.
    pub state: State,
    /// Whether its creation was sent, and has no result that counts.
    pub unsettled: bool,
    /// What was sent and not answered.
    pub unanswered: Option<Unanswered>,
}

/// Attributes for which an empty string stands for none, as in states of `aws.lambda`.
const OPTIONAL: [&str; 4] = ["qualifier", "region", "tenantId", "terraformKey"];

impl Before {
    /// Reads the outputs and the inputs that the engine keeps.
    ///
    /// An import knows the function alone, and the engine keeps its outputs until the first
    /// update, although it has taken the program's inputs for right. From then on the inputs
    /// are what there is.
    ///
    /// # Errors
    ///
    /// When they hold what no version of the resource writes.
    pub fn read(id: &str, outputs: Members, inputs: Members) -> Result<Self, Status> {
        let is_set = |members: &Members, name| {
            members
                .get(name)
                .is_some_and(|value: &Value| !value.is_null())
        };
        let imported = !is_set(&outputs, "lifecycleScope") && !is_set(&outputs, "input");
        let adopted = imported
            && inputs
                .get("input")
                .and_then(Value::as_text)
                .is_some_and(|input| !input.is_empty());
        let mut members = outputs;
        let unanswered = unanswered::take(&mut members);
        if adopted {
            members.extend(inputs);
            if let (false, Some(key)) = (
                is_set(&members, "terraformKey"),
                members.get("pulumiKey").cloned(),
            ) {
                members.insert("terraformKey".to_owned(), key);
            }
        }
        members.retain(|name, value| {
            !(OPTIONAL.contains(&name.as_str()) && value.as_text() == Some(""))
        });
        let mut read = members.clone();
        read.insert("id".to_owned(), id.into());
        let state = Arguments::of(&read).state().map_err(failure::known)?;
        Ok(Self {
            unanswered,
            unsettled: !imported && !is_set(&members, "result"),
            members,
            state,
        })
    }
}
