//! The provider's block, read.

use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::call::settings::MAX_ATTEMPTS;
use lambda_invocation_engine::{Arguments, Proxy, Settings, Start, certificates};

use super::role;
use super::schema::REFUSED;
use crate::diagnostics::Diagnostics;
use crate::value::{Members, Value};

/// The block, as far as it is known.
pub struct Read {
    pub settings: Settings,
    /// The arguments that are not known yet.
    pub unknown: Vec<&'static str>,
    /// What is wrong with it.
    pub diagnostics: Diagnostics,
}

/// Reads the block. `variable` is one of the environment.
pub fn read(members: &Members, variable: impl Fn(&str) -> Option<String>) -> Read {
    let mut arguments = Arguments::of(members);
    let endpoints = arguments.blocks("endpoints");
    let endpoint = |name: &str| {
        let mut found = endpoints
            .iter()
            .filter_map(|block| block.get(name)?.as_text());
        found.find(|url| !url.is_empty()).map(str::to_owned)
    };
    let settings = Settings {
        region: arguments.filled("region"),
        profile: arguments.filled("profile"),
        start: start(&mut arguments),
        roles: role::roles(&mut arguments),
        sts_region: arguments.filled("sts_region"),
        variables: variables(&mut arguments, endpoint("sts")),
        ca_bundle: ca_bundle(&mut arguments, variable("AWS_CA_BUNDLE")),
        endpoint_url: endpoint("lambda"),
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
    Read {
        settings,
        unknown: arguments.unknown().to_vec(),
        diagnostics: arguments.into_problems().into(),
    }
}

/// Whose credentials the block names: a role's for a token, or keys.
fn start(arguments: &mut Arguments<'_, Value>) -> Option<Start> {
    let keys = arguments.credentials().map(Start::Keys);
    let identity = role::web_identity(arguments);
    if keys.is_some() && identity.is_some() {
        // Whoever wrote both may have meant either.
        arguments.refuse(
            role::WEB_IDENTITY,
            "must not be set beside access_key: each says who invokes",
        );
    }
    identity.or(keys)
}

/// Arguments that mean what a variable of the AWS tools does.
fn variables(arguments: &mut Arguments<'_, Value>, sts: Option<String>) -> Vec<(String, String)> {
    let named = [
        ("AWS_CONFIG_FILE", file(arguments, "shared_config_files")),
        (
            "AWS_SHARED_CREDENTIALS_FILE",
            file(arguments, "shared_credentials_files"),
        ),
        (
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            arguments.filled("ec2_metadata_service_endpoint"),
        ),
        (
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
            arguments.filled("ec2_metadata_service_endpoint_mode"),
        ),
        // What is not to be skipped is not asked for either: there may be no such service.
        (
            "AWS_EC2_METADATA_DISABLED",
            arguments
                .filled("skip_metadata_api_check")
                .filter(|skip| skip == "true"),
        ),
        ("AWS_ENDPOINT_URL_STS", sts),
        // In lower case they go first.
        ("https_proxy", proxy(arguments, "https_proxy")),
        ("http_proxy", proxy(arguments, "http_proxy")),
        ("no_proxy", arguments.filled("no_proxy")),
    ];
    let set = named.into_iter();
    set.filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// A proxy's URL, which is no fault of a later call's when it is none.
fn proxy(arguments: &mut Arguments<'_, Value>, name: &'static str) -> Option<String> {
    let url = arguments.filled(name)?;
    if let Err(error) = Proxy::default().https(&url) {
        arguments.refuse(name, &error.to_string());
    }
    Some(url)
}

/// The file of a list of one.
fn file(arguments: &mut Arguments<'_, Value>, name: &'static str) -> Option<String> {
    let mut files = arguments.list(name);
    if files.len() > 1 {
        arguments.refuse(name, "must name one file: several are not merged here");
    }
    files.pop().filter(|file| !file.is_empty())
}

/// Reads the certificates, so that what is wrong with the file is said where it is named.
fn ca_bundle(arguments: &mut Arguments<'_, Value>, variable: Option<String>) -> Option<Vec<u8>> {
    const NAME: &str = "custom_ca_bundle";
    let named = arguments.filled(NAME);
    let of_environment = named.is_none() && !arguments.is_unknown(NAME);
    let variable = variable.filter(|path| of_environment && !path.is_empty());
    let from = match &variable {
        Some(_) => "AWS_CA_BUNDLE names ",
        None => "names ",
    };
    let path = named.or(variable)?;
    match certificates(&path) {
        Ok(pem) => Some(pem),
        Err(fault) => {
            arguments.refuse(NAME, &format!("{from}{path:?}, {fault}"));
            None
        }
    }
}

fn retry_mode(arguments: &mut Arguments<'_, Value>) -> Option<RetryMode> {
    match arguments.filled("retry_mode")?.as_str() {
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
fn max_attempts(arguments: &mut Arguments<'_, Value>) -> Option<u32> {
    let retries = arguments.number("max_retries")?;
    if retries < 0.0 {
        arguments.refuse("max_retries", "must not be negative");
        return None;
    }
    let most = f64::from(MAX_ATTEMPTS);
    (1..=MAX_ATTEMPTS).find(|attempts| f64::from(*attempts) > retries.min(most - 1.0).floor())
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
