//! What the resource has.

use crate::function::{
    CLIENT_CONTEXT, FUNCTION_NAME, LOG_TYPE, MAX_ATTEMPTS, QUALIFIER, REGION, RETRY_MODE,
    TENANT_ID, TIMEOUT,
};
use crate::property::{Kind, Property};

const TERRAFORM_KEY: Property = Property::new(
    "terraformKey",
    Kind::Text,
    "The key of the event that the lifecycle data is found at under `CRUD`: `tf` by default. It must not be a key of `input`.",
);

const LIFECYCLE_SCOPE: Property = Property::new(
    "lifecycleScope",
    Kind::Text,
    "`CREATE_ONLY`, the default, invokes on creation and replacement only. `CRUD` invokes on updates and on deletion as well, and adds what happens and the input of before to the event.",
);

/// What a program gives.
pub const INPUTS: &[Property] = &[
    FUNCTION_NAME,
    Property::new(
        "input",
        Kind::Event,
        "The event: a JSON text, sent byte for byte under `CREATE_ONLY`, or any value, which is sent as compact JSON. Under `CRUD` it is an object, and sent with the lifecycle data added. A number beyond 2^53 in a value is refused: pass a text then.",
    )
    .required(),
    QUALIFIER,
    LIFECYCLE_SCOPE.default("CREATE_ONLY"),
    TERRAFORM_KEY,
    Property::new(
        "pulumiKey",
        Kind::Text,
        "The same as `terraformKey`, by the name that the documentation of `aws.lambda.Invocation` gives it. Set one of the two.",
    ),
    Property::new(
        "triggers",
        Kind::TextMap,
        "Any strings; a change of them replaces the invocation.",
    ),
    TENANT_ID,
    CLIENT_CONTEXT,
    Property {
        description: "`None` keeps the function's log out of the error of a function that fails. `Tail`, the default here, shows its last 4 KB.",
        ..LOG_TYPE
    },
    REGION,
    Property::new(
        "success",
        Kind::TextMap,
        "What the result has to hold: JSON pointers and the values to be found there, such as `{\"/status\": \"ok\"}`. Strings are compared as they are, anything else as its JSON. A result that does not hold them fails the update: a new resource is then replaced by the next one, and a change is made again.",
    ),
    TIMEOUT,
    RETRY_MODE,
    MAX_ATTEMPTS,
];

/// What it has beside or instead of these, once it exists.
pub const OUTPUTS: &[Property] = &[
    Property::new(
        "input",
        Kind::Text,
        "The event as it was sent, without the lifecycle data.",
    )
    .required(),
    Property::new(
        "qualifier",
        Kind::Text,
        "The version or alias that was invoked.",
    )
    .required(),
    Property::new("region", Kind::Text, "The region of the function.").required(),
    LIFECYCLE_SCOPE.required(),
    TERRAFORM_KEY.required(),
    Property::new(
        "result",
        Kind::Text,
        "What the function returned, as text: mostly JSON. It is a secret where `input` is one. Absent after an import, which invokes nothing.",
    )
    .required(),
];
