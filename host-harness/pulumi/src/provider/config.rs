//! The provider's configuration.

use lambda_invocation_engine::{Arguments, Settings, Start};

use crate::property::{Failure, Kind, Property, check, spelled};
use crate::value::Members;

/// What it may hold.
pub const PROPERTIES: &[Property] = &[
    Property::new(
        "region",
        Kind::Text,
        "The region of invocations that name none. Else `AWS_REGION`, `AWS_DEFAULT_REGION`, then the profile's.",
    ),
    Property::new(
        "profile",
        Kind::Text,
        "A profile of the shared configuration files. Else `AWS_PROFILE`.",
    ),
    Property::new(
        "accessKey",
        Kind::Text,
        "The access key id to sign with. With it comes `secretKey`. Better leave both to the environment or a profile.",
    )
    .secret(),
    Property::new("secretKey", Kind::Text, "The secret access key to sign with.").secret(),
    Property::new(
        "token",
        Kind::Text,
        "The session token of temporary credentials, with `accessKey` and `secretKey`.",
    )
    .secret(),
    Property::new(
        "endpointUrl",
        Kind::Text,
        "Lambda's base URL, instead of the region's public endpoint: `https://`, or `http://` on this machine. Else `AWS_ENDPOINT_URL_LAMBDA`, `AWS_ENDPOINT_URL`.",
    ),
    Property::new(
        "retryMode",
        Kind::Text,
        "`never`, `safe` (the default) or `idempotent`: see the resource's property of this name.",
    ),
    Property::new(
        "maxAttempts",
        Kind::Integer,
        "How often a call is tried in all: 1 to 10. Without it, 3 times.",
    ),
    Property::new(
        "useFipsEndpoint",
        Kind::Flag,
        "Use the FIPS 140 endpoint. Else `AWS_USE_FIPS_ENDPOINT`.",
    ),
    Property::new(
        "useDualstackEndpoint",
        Kind::Flag,
        "Use the dual-stack (IPv4 and IPv6) endpoint. Else `AWS_USE_DUALSTACK_ENDPOINT`.",
    ),
];

/// Properties that are the engine's.
const ENGINES: [&str; 2] = ["version", "pluginDownloadURL"];

/// Reads it: what it says, and what is wrong with it.
pub fn read(members: &Members) -> (Settings, Vec<Failure>) {
    let mut members = members.clone();
    members.retain(|name, _| !ENGINES.contains(&name.as_str()));
    let mut failures = check(&members, PROPERTIES);
    let mut arguments = Arguments::of(&members);
    let settings = Settings {
        region: arguments.filled("region"),
        profile: arguments.filled("profile"),
        start: arguments.credentials().map(Start::Keys),
        endpoint_url: arguments.filled("endpoint_url"),
        retry_mode: arguments.retry_mode(),
        max_attempts: arguments.max_attempts(),
        use_fips: arguments.flag("use_fips_endpoint"),
        use_dualstack: arguments.flag("use_dualstack_endpoint"),
        ..Settings::default()
    };
    let problems = arguments.into_problems().into_iter().map(spelled);
    failures.extend(problems.filter_map(|problem| Failure::of_problem(&problem)));
    (settings, failures)
}
