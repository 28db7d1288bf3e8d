//! The endpoints that a profile names.

#![cfg(test)]

mod support;

use lambda_invocation_core::credentials::chain::Files as _;
use lambda_invocation_core::credentials::profile::Profile;
use support::{CANARY, environment, refusal};
use zeroize::Zeroizing;

/// The profile `p` of a configuration file.
fn profile(config: &str) -> Profile {
    let variables = environment(&[("HOME", "/h")]);
    let read = Profile::read(Some("p"), &variables, &mut |path| {
        let text = if path == "/h/.aws/config" {
            config
        } else {
            "[p]"
        };
        Ok(Zeroizing::new(text.as_bytes().to_vec()))
    });
    read.unwrap()
}

/// The Lambda endpoint, the STS endpoint and whether both are ignored, after `[profile p]`
/// has been added to the variables.
fn endpoints(
    text: &str,
    variables: &[(&str, &str)],
) -> (Option<String>, Option<String>, Option<String>) {
    let mut environment = environment(variables);
    profile(text).add_endpoints(&mut environment).unwrap();
    let url = |own: &str| {
        environment
            .get(own)
            .or_else(|| environment.get("AWS_ENDPOINT_URL"))
            .map(str::to_owned)
    };
    (
        url("AWS_ENDPOINT_URL_LAMBDA"),
        url("AWS_ENDPOINT_URL_STS"),
        environment
            .get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
            .map(str::to_owned),
    )
}

/// "Service-specific endpoints" in the AWS SDKs and Tools Reference Guide.
#[test]
fn endpoints_have_the_precedence_of_the_reference_guide() {
    const ALL: &str = "[profile p]\nendpoint_url = http://profile\nservices = s\n\
        [services s]\nlambda =\n  endpoint_url = http://services\ns3 =\n  endpoint_url = http://s3\n";
    const GLOBAL: (&str, &str) = ("AWS_ENDPOINT_URL", "http://global");
    const OWN: (&str, &str) = ("AWS_ENDPOINT_URL_LAMBDA", "http://own");
    const STS: (&str, &str) = ("AWS_ENDPOINT_URL_STS", "http://sts");
    for (text, variables, lambda, sts) in [
        ("", &[][..], None, None),
        ("[profile p]\nregion = x", &[], None, None),
        (
            "[profile p]\nendpoint_url = http://profile",
            &[],
            Some("http://profile"),
            Some("http://profile"),
        ),
        (ALL, &[], Some("http://services"), Some("http://profile")),
        (ALL, &[STS], Some("http://services"), Some("http://sts")),
        (ALL, &[GLOBAL], Some("http://global"), Some("http://global")),
        (ALL, &[OWN], Some("http://own"), Some("http://profile")),
        (
            ALL,
            &[OWN, GLOBAL],
            Some("http://own"),
            Some("http://global"),
        ),
        // An empty variable counts as not set.
        (
            ALL,
            &[("AWS_ENDPOINT_URL_LAMBDA", ""), ("AWS_ENDPOINT_URL", "")],
            Some("http://services"),
            Some("http://profile"),
        ),
        // Another service's section, and another's profile, say nothing.
        (
            "[profile p]\nservices = s\n[services s]\ns3 =\n  endpoint_url = http://s3",
            &[],
            None,
            None,
        ),
        (
            "[profile q]\nendpoint_url = http://q\n[services s]\nlambda =\n endpoint_url = http://s",
            &[],
            None,
            None,
        ),
        // Names in any case, and both services.
        (
            "[profile p]\nservices=s\n[services s]\nLambda =\n\tEndpoint_URL = http://l # here\n\
             sts =\n  region = x\n  endpoint_url = http://t\n",
            &[],
            Some("http://l"),
            Some("http://t"),
        ),
        // Nested settings count in sections for services only.
        (
            "[profile p]\nlambda =\n  endpoint_url = http://nested",
            &[],
            None,
            None,
        ),
        // A setting that is not nested belongs to no service.
        (
            "[profile p]\nservices = s\n[services s]\nlambda =\nendpoint_url = http://flat",
            &[],
            None,
            None,
        ),
    ] {
        let (found_lambda, found_sts, ignored) = endpoints(text, variables);
        assert_eq!(found_lambda.as_deref(), lambda, "{text} {variables:?}");
        assert_eq!(found_sts.as_deref(), sts, "{text} {variables:?}");
        assert_eq!(ignored, None, "{text} {variables:?}");
    }
}

#[test]
fn a_profile_can_have_endpoints_ignored_unless_the_environment_says_otherwise() {
    const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
    for (setting, variable, ignored) in [
        (None, None, None),
        (Some("true"), None, Some("true")),
        (Some("TRUE"), None, Some("true")),
        (Some("false"), None, None),
        (Some("true"), Some("false"), Some("false")),
        (Some("false"), Some("true"), Some("true")),
        (Some("neither"), Some("true"), Some("true")),
    ] {
        let mut text = "[profile p]\nendpoint_url = http://profile\n".to_owned();
        if let Some(value) = setting {
            text += &format!("ignore_configured_endpoint_urls = {value}\n");
        }
        let variables: Vec<_> = variable.map(|value| (IGNORE, value)).into_iter().collect();
        let (.., found) = endpoints(&text, &variables);
        assert_eq!(found.as_deref(), ignored, "{setting:?} {variable:?}");
    }
}

#[test]
fn endpoints_whose_form_is_at_fault_are_refused_with_the_profile() {
    for (settings, says) in [
        ("services = nowhere", "services"),
        (
            "ignore_configured_endpoint_urls = CANARYdoNotPrint",
            "true or false",
        ),
    ] {
        let profile = profile(&format!("[profile p]\n{settings}"));
        let refused = profile.add_endpoints(&mut environment(&[]));
        let (argument, reason) = refusal(refused);
        assert_eq!(argument, "profile");
        assert!(
            reason.starts_with("\"p\": ") && reason.contains(says),
            "{reason}"
        );
        assert!(!reason.contains(CANARY), "{reason}");
    }
}
