//! The provider's block, read.

use lambda_invocation_core::call::connection::{Credentials, RetryMode};
use lambda_invocation_core::call::settings::MAX_ATTEMPTS;
use lambda_invocation_engine::Settings;

use super::schema::REFUSED;
use crate::arguments::Arguments;
use crate::diagnostics::Diagnostics;
use crate::value::{Members, Value};

/// Reads the block: what it says, the arguments that are not known yet, and what is wrong
/// with it.
pub fn read(members: &Members) -> (Settings, Vec<&'static str>, Diagnostics) {
    let mut arguments = Arguments::of(members);
    let settings = Settings {
        region: filled(arguments.text("region")),
        profile: filled(arguments.text("profile")),
        credentials: credentials(&mut arguments),
        endpoint_url: lambda_endpoint(members),
        retry_mode: retry_mode(&mut arguments),
        max_attempts: max_attempts(&mut arguments),
        use_fips: arguments.flag("use_fips_endpoint"),
        use_dualstack: arguments.flag("use_dualstack_endpoint"),
    };
    for (name, _, instead) in REFUSED {
        let off = match members.get(*name) {
            None | Some(Value::Null | Value::Bool(false)) => true,
            Some(Value::List(elements)) => elements.is_empty(),
            Some(_) => false,
        };
        if !off {
            arguments.refuse(name, instead);
        }
    }
    let unknown = arguments.unknown().to_vec();
    let mut diagnostics = Diagnostics::default();
    for problem in arguments.into_problems() {
        diagnostics.error(problem);
    }
    (settings, unknown, diagnostics)
}

/// hashicorp/aws takes an empty string for none.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn credentials(arguments: &mut Arguments<'_>) -> Option<Credentials> {
    let id = filled(arguments.text("access_key"));
    let secret = filled(arguments.text("secret_key"));
    let token = filled(arguments.text("token"));
    match (id, secret) {
        (Some(access_key_id), Some(secret_access_key)) => Some(Credentials {
            access_key_id,
            secret_access_key,
            session_token: token,
        }),
        (None, None) if token.is_none() => None,
        // Half of them is more than a slip: the other half must not come from elsewhere.
        (id, _) => {
            let missing = if id.is_none() {
                "access_key"
            } else {
                "secret_key"
            };
            if !arguments.is_unknown(missing) {
                arguments.refuse(
                    missing,
                    "must be set where another of access_key, secret_key and token is",
                );
            }
            None
        }
    }
}

/// `endpoints { lambda = "..." }`
fn lambda_endpoint(members: &Members) -> Option<String> {
    let Some(Value::List(blocks)) = members.get("endpoints") else {
        return None;
    };
    blocks.iter().find_map(|block| match block {
        Value::Map(services) => filled(services.get("lambda")?.as_text().map(str::to_owned)),
        _ => None,
    })
}

fn retry_mode(arguments: &mut Arguments<'_>) -> Option<RetryMode> {
    match arguments.text("retry_mode")?.as_str() {
        "" => None,
        "standard" | "adaptive" | "safe" => Some(RetryMode::Safe),
        "never" => Some(RetryMode::Never),
        "idempotent" => Some(RetryMode::Idempotent),
        _ => {
            arguments.refuse(
                "retry_mode",
                "must be one of never, safe, idempotent, standard, adaptive",
            );
            None
        }
    }
}

/// One more than it is repeated, and no more than there may be.
fn max_attempts(arguments: &mut Arguments<'_>) -> Option<u32> {
    let retries = arguments.number("max_retries")?;
    if retries < 0.0 {
        arguments.refuse("max_retries", "must not be negative");
        return None;
    }
    let most = f64::from(MAX_ATTEMPTS);
    (1..=MAX_ATTEMPTS).find(|attempts| f64::from(*attempts) > retries.min(most - 1.0).floor())
}
