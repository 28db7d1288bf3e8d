//! What the block may hold: as in hashicorp/aws, and more.

use crate::attributes::{
    CLIENT_CONTEXT, FUNCTION_NAME, ID, LOG_TYPE, MAX_ATTEMPTS, QUALIFIER, REGION_STORED, RESULT,
    RETRY_MODE, TENANT_ID, TIMEOUT, string_map,
};
use crate::schema::Presence::{Defaulted, Optional};
use crate::schema::{Attribute, Kind, Schema};

/// That of hashicorp/aws since its release 5.84.0, so that a state can go there and come
/// from there.
pub const VERSION: i64 = 1;

/// The resource's block.
pub fn schema() -> Schema {
    Schema {
        version: VERSION,
        description: "Invokes a Lambda function when the resource is created and, with `lifecycle_scope = \"CRUD\"`, when it is updated and destroyed. A plan says what will be invoked; nothing is invoked twice because of a failure that may have run the function, and a failed update leaves the state as it was.",
        attributes: vec![
            FUNCTION_NAME,
            Attribute::new(
                "input",
                Kind::String,
                Optional,
                "The event: a JSON text, mostly by `jsonencode`. Under `CREATE_ONLY` it is sent byte for byte; under `CRUD` it is an object, and sent with the lifecycle data added. One of `input` and `input_wo` is required.",
            ),
            Attribute::new(
                "input_wo",
                Kind::String,
                Optional,
                "Like `input`, and never stored: it may be ephemeral or secret. Only under `CREATE_ONLY`, as an update and a deletion under `CRUD` repeat the input of before. A change of it is not noticed: change `input_wo_version` with it.",
            )
            .write_only(),
            Attribute::new(
                "input_wo_version",
                Kind::Number,
                Optional,
                "Any number; a change of it replaces the invocation, which sends `input_wo` anew.",
            ),
            Attribute {
                presence: Defaulted,
                ..QUALIFIER
            },
            Attribute::new(
                "lifecycle_scope",
                Kind::String,
                Defaulted,
                "`CREATE_ONLY`, the default, invokes on creation and replacement only. `CRUD` invokes on updates and on destroying as well, and adds what happens and the input of before to the event.",
            ),
            Attribute::new(
                "terraform_key",
                Kind::String,
                Defaulted,
                "The key of the event that the lifecycle data is found at under `CRUD`: `tf` by default. It must not be a key of `input`.",
            ),
            string_map(
                "triggers",
                "Any strings; a change of them replaces the invocation.",
            ),
            TENANT_ID,
            CLIENT_CONTEXT,
            Attribute {
                description: "`None` keeps the function's log out of the error of a function that fails. `Tail`, the default here, shows its last 4 KB.",
                ..LOG_TYPE
            },
            REGION_STORED,
            string_map(
                "success",
                "What the result has to hold: JSON pointers and the values to be found there, such as `{ \"/status\" = \"ok\" }`. Strings are compared as they are, anything else as its JSON. A result that does not hold them fails the apply: a new resource is then tainted, so that the next apply replaces it, and an update is made again.",
            ),
            Attribute::new(
                "store_result",
                Kind::Bool,
                Optional,
                "`false` keeps the result out of the state; `result` is then null.",
            ),
            TIMEOUT,
            RETRY_MODE,
            MAX_ATTEMPTS,
            RESULT,
            ID,
        ],
        blocks: Vec::new(),
    }
}
