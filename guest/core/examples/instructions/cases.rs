//! What is measured: the work that core does for a call, without the I/O around it.
//!
//! A case prepares its input and gives back the work alone, so that nothing else is
//! counted. The names are those of `budgets.toml`.

use std::hint::black_box;
use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::invocation::Unsigned;
use lambda_invocation_core::call::request::{InvocationType, LogType, Request};
use lambda_invocation_core::call::response::{RawResponse, interpret};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::lifecycle::{
    Config, LifecycleScope, PlanOptions, State, import_state, plan,
};

/// Work to measure; it runs once.
pub type Work = Box<dyn FnOnce()>;

/// A name, and what prepares the work.
pub type Case = (&'static str, fn() -> Work);

/// Every case.
pub const CASES: &[Case] = &[
    ("request of 100 bytes", || request(100)),
    ("request of 5 MB", || request(5_000_000)),
    ("response of 100 bytes", || {
        response(&[], json_of_length(100))
    }),
    ("response of 5 MB", || {
        response(&[], json_of_length(5_000_000))
    }),
    ("response with a log", || {
        response(
            &[("x-amz-log-result", &"TG9n".repeat(1_024))],
            json_of_length(100),
        )
    }),
    ("report of an error", || {
        response(&[("x-amz-function-error", "Unhandled")], report())
    }),
    ("plan of 1,000 invocations", || plans(1_000)),
];

/// From the arguments to the head of a signed request.
fn request(length: usize) -> Work {
    let request = Request {
        function_name: "my-function".to_owned(),
        payload: json_of_length(length),
        log_type: Some(LogType::Tail),
        qualifier: Some("PROD".to_owned()),
        ..Request::default()
    };
    let connection = Connection {
        region: Some("eu-central-1".to_owned()),
        ..Connection::default()
    };
    let credentials = Credentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
        session_token: Some("AQoDYXdzEPT".repeat(64)),
    };
    let environment = Environment::default();
    Box::new(move || {
        let unsigned = Unsigned::new(request, connection, &environment, [7; 16]);
        let unsigned = unsigned.expect("the arguments are in order");
        let mut invocation = unsigned
            .with_signer(credentials)
            .expect("the credentials are in order");
        black_box(invocation.attempt(Duration::from_secs(1_788_093_360))).expect("it is signed");
        black_box(invocation);
    })
}

/// From a response as it came to what the caller gets.
fn response(headers: &[(&str, &str)], body: Vec<u8>) -> Work {
    let always = [
        ("date", "Sun, 30 Aug 2026 12:36:00 GMT"),
        ("content-type", "application/json"),
        ("x-amzn-requestid", "5c5ad7d2-0a5c-4b8e-a5f1-4f0f8e4f3d6b"),
        ("x-amz-executed-version", "$LATEST"),
    ];
    let raw = RawResponse {
        status: 200,
        headers: (always.iter().chain(headers))
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body,
    };
    Box::new(move || {
        black_box(interpret(raw, InvocationType::RequestResponse).expect("the status is 200"));
    })
}

/// Plans of which a third creates, a third updates and a third changes nothing.
fn plans(number: usize) -> Work {
    let config = |input: &str| Config {
        function_name: "identity".to_owned(),
        input: input.to_owned(),
        lifecycle_scope: Some(LifecycleScope::Crud),
        triggers: vec![("redeployment".to_owned(), "1".to_owned())],
        ..Config::default()
    };
    let desired = config(r#"{"resource_name":"database_setup","url":"db.example:5432"}"#);
    let state = |config: &Config| State {
        config: config.normalised(),
        result: "{}".to_owned(),
        imported: false,
        ..import_state("identity,$LATEST,b326b5062b2f0e69046810717534cb09")
            .expect("the id is in order")
    };
    let priors = [
        None,
        Some(state(&config(r#"{"resource_name":"database_setup"}"#))),
        Some(state(&desired)),
    ];
    Box::new(move || {
        for prior in priors.iter().cycle().take(number) {
            black_box(
                plan(prior.as_ref(), Some(&desired), &PlanOptions::default())
                    .expect("the input is an object"),
            );
        }
    })
}

/// A report as Python's runtime writes it.
fn report() -> Vec<u8> {
    let frame = r#""  File \"/var/task/lambda_function.py\", line 9, in lambda_handler\n    return check(event)\n""#;
    format!(
        r#"{{"errorMessage":"the event asked for it","errorType":"ValueError","requestId":"ab7786a5","stackTrace":[{}]}}"#,
        [frame; 8].join(",")
    )
    .into_bytes()
}

/// A JSON document of exactly that many bytes: an array of small objects, and a string
/// to fill up.
fn json_of_length(length: usize) -> Vec<u8> {
    let item = r#"{"id":12345,"name":"item","tags":["a","b"]},"#;
    let mut text = "[".to_owned();
    while text.len() + item.len() + 4 <= length {
        text.push_str(item);
    }
    let fill = length - text.len() - 3;
    text.push('"');
    text.push_str(&"x".repeat(fill));
    text.push_str("\"]");
    assert_eq!(text.len(), length);
    text.into_bytes()
}
