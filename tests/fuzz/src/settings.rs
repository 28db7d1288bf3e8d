//! The environment of a call, and what the caller says in place of it: lines `NAME=VALUE`,
//! and after a line `---` the same with names of the connection.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::settings::{Environment, Settings, credentials_in};
use lambda_invocation_core::credentials::{container, instance_metadata, web_identity};

use crate::message::{check_text, parts, variables};

pub fn run(data: &[u8]) {
    let parts = parts(data);
    let environment = Environment::new(variables(&parts[0]));
    let said = parts.get(1).map(|part| variables(part)).unwrap_or_default();
    let said = |name: &str| {
        let found = said.iter().find(|(said, _)| said == name);
        found.map(|(_, value)| value.clone())
    };
    let flag = |name: &str| said(name).map(|value| value == "true");
    let number = |name: &str| said(name).and_then(|value| value.parse().ok());
    let connection = Connection {
        region: said("region"),
        endpoint_url: said("endpoint-url"),
        use_fips: flag("use-fips"),
        use_dualstack: flag("use-dualstack"),
        connect_timeout_ms: number("connect-timeout-ms"),
        response_timeout_ms: number("response-timeout-ms"),
        deadline_ms: number("deadline-ms"),
        allow_http: flag("allow-http"),
        app_id: said("app-id"),
        ..Connection::default()
    };
    let _ = format!("{connection:?}");
    match Settings::resolve(connection, &environment) {
        Ok(settings) => crate::endpoint::check(&settings.endpoint),
        Err(error) => check_text(&error.to_string()),
    }
    if let Err(error) = credentials_in(&environment) {
        check_text(&error.to_string());
    }
    for question in [
        container::question(&environment, Some("token")),
        instance_metadata::question(&environment, true),
    ] {
        match question {
            Ok(question) => crate::endpoint::check(&question.endpoint),
            Err(error) => check_text(&error.to_string()),
        }
    }
    if let Err(error) = web_identity::configured(&environment) {
        check_text(&error.to_string());
    }
}
