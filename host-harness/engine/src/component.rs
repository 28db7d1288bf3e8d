//! The component that a provider runs: its bytes, and the host that loads them.

use lambda_invocation_host::{ComponentSource, Host, LoadError};

/// The variables that the component may see: how to reach Lambda, and nothing secret.
const VARIABLES: &[&str] = &[
    "AWS_DEFAULT_REGION",
    "AWS_MAX_ATTEMPTS",
    "AWS_REGION",
    "AWS_RETRY_MODE",
    "AWS_SDK_UA_APP_ID",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
];

/// The component inside this program, where the build put one there.
const EMBEDDED: Option<&[u8]> = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Loads the component: the one inside this program, or else the one that
/// `LAMBDA_COMPONENT` names or that lies beside the program, as in builds of developers.
///
/// `endpoints` are variables for endpoints that the shared configuration files stand for.
pub fn load(endpoints: Vec<(String, String)>) -> Result<Host, LoadError> {
    let source = match EMBEDDED {
        Some(bytes) => ComponentSource::from(bytes),
        None => match std::env::var_os("LAMBDA_COMPONENT") {
            Some(path) => ComponentSource::File(path.into()),
            None => ComponentSource::installed().ok_or(LoadError::Option(
                "this provider was built without its component: build it with cargo xtask provider, or name the component's file in LAMBDA_COMPONENT",
            ))?,
        },
    };
    let mut builder = Host::builder(source);
    for name in VARIABLES {
        if let Ok(value) = std::env::var(name) {
            builder = builder.env(*name, value);
        }
    }
    for (name, value) in endpoints {
        builder = builder.env(name, value);
    }
    builder.build()
}
