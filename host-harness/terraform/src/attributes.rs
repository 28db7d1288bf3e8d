//! Attributes that several blocks have.

use crate::schema::Presence::{Computed, Defaulted, Optional, Required};
use crate::schema::{Attribute, Kind};

pub const FUNCTION_NAME: Attribute = Attribute::new(
    "function_name",
    Kind::String,
    Required,
    "The function: a name (`my-function`), a partial ARN (`123456789012:function:my-function`) or an ARN, each with or without a version or an alias at its end (`my-function:PROD`).",
);

pub const QUALIFIER: Attribute = Attribute::new(
    "qualifier",
    Kind::String,
    Optional,
    "A version or an alias of the function. Without one, and without one in `function_name`, `$LATEST` is invoked.",
);

pub const REGION: Attribute = Attribute::new(
    "region",
    Kind::String,
    Optional,
    "The function's region. Without it, that of the provider's configuration.",
);

pub const REGION_STORED: Attribute = Attribute {
    presence: Defaulted,
    ..REGION
};

pub const TENANT_ID: Attribute = Attribute::new(
    "tenant_id",
    Kind::String,
    Optional,
    "The tenant, for a function with tenant isolation: 1 to 256 characters.",
);

pub const CLIENT_CONTEXT: Attribute = Attribute::new(
    "client_context",
    Kind::String,
    Optional,
    "Data about the client for the function's context object, in base64: at most 3,583 bytes of it.",
);

pub const TIMEOUT: Attribute = Attribute::new(
    "timeout",
    Kind::Number,
    Optional,
    "The most seconds that the call may take, repetitions included. Without it, a function is waited for as long as it may run, which is 15 minutes. Set it above the function's own timeout: a function that is not waited for may still run to its end.",
);

pub const RETRY_MODE: Attribute = Attribute::new(
    "retry_mode",
    Kind::String,
    Optional,
    "What is repeated after a failure: `never`; `safe`, the default, repeats only what certainly did not run the function, such as throttling; `idempotent` repeats every failure of the service or the network, for a function that may run twice.",
);

pub const MAX_ATTEMPTS: Attribute = Attribute::new(
    "max_attempts",
    Kind::Number,
    Optional,
    "How often the call is tried in all: 1 to 10. Without it, 3 times.",
);

pub const LOG_TYPE: Attribute = Attribute::new(
    "log_type",
    Kind::String,
    Optional,
    "`Tail` asks for the last 4 KB of the function's log; `None`, the default, for nothing.",
);

/// What a payload is, in a block that calls it so.
pub const fn payload(presence: crate::schema::Presence) -> Attribute {
    Attribute::new(
        "payload",
        Kind::String,
        presence,
        "The event: a JSON text, mostly by `jsonencode`. At most 6 MB, and 1 MB for the invocation type `Event`.",
    )
}

pub const RESULT: Attribute = Attribute::new(
    "result",
    Kind::String,
    Computed,
    "What the function returned, as text: mostly JSON, for `jsondecode`.",
);

pub const LOG_RESULT: Attribute = Attribute::new(
    "log_result",
    Kind::String,
    Computed,
    "With `log_type = \"Tail\"`: the last 4 KB of the function's log, for `base64decode`.",
);

pub const ID: Attribute = Attribute::new(
    "id",
    Kind::String,
    Computed,
    "`FUNCTION,QUALIFIER,HASH`, where the hash is the MD5 of what was sent.",
);

/// A map of strings.
pub const fn string_map(name: &'static str, description: &'static str) -> Attribute {
    Attribute::new(name, Kind::StringMap, Optional, description)
}
