//! `Debug` shows no secret.

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_core::call::connection::{self, Connection as ToLambda, DerivedCredentials};
use lambda_invocation_core::call::invocation::{Step, Unsigned};
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::call::response::{RawResponse, Response};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::signer::Signer;
use lambda_invocation_core::credentials::{self as sources, Fetched};
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::{Error, FunctionError, FunctionFailure};
use lambda_invocation_core::lifecycle::{self, ApplyFailure, Config, Deposed, State};
use lambda_invocation_host::credentials::Resolved;
use lambda_invocation_host::{ApplyError, CallError, Host};
use lambda_invocation_tests::canary;

use crate::stage::{accepting, endpoint_credentials};

/// Types of the core and of the host that hold keys, payloads, answers or what surrounds
/// them, each with the mark in every field that may hold a secret.
#[test]
fn debug_shows_no_secret_of_any_type_that_holds_one() {
    let payload = canary::payload();
    let keys = canary::keys();
    let credentials = connection::Credentials {
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        session_token: keys.session_token.clone(),
    };
    let connection = ToLambda {
        region: Some("us-east-1".to_owned()),
        // Before it is checked it may hold user info.
        endpoint_url: Some("https://user:cAnArY@example.com".to_owned()),
        credentials: Some(credentials.clone()),
        ..ToLambda::default()
    };
    let request = Request {
        function_name: "f".to_owned(),
        payload: payload.clone().into_bytes(),
        client_context: Some(STANDARD.encode(&payload)),
        ..Request::default()
    };
    let unsigned = || {
        let connection = ToLambda {
            endpoint_url: None,
            ..connection.clone()
        };
        Unsigned::new(
            request.clone(),
            connection,
            &Environment::default(),
            [7; 16],
        )
        .unwrap()
    };
    let settings = unsigned().settings().clone();
    let derived = DerivedCredentials::derive(&credentials, ["us-east-1"], UNIX_EPOCH);
    let signers = [Signer::from(credentials.clone()), Signer::Derived(derived)];
    let mut invocation = unsigned().with_signer(credentials.clone()).unwrap();
    let now = Duration::from_secs(1_788_093_360);
    invocation.attempt(now).unwrap();
    let under_way = format!("{invocation:?}");
    let signed = invocation.prepare(now).unwrap();
    let function_error = FunctionError {
        kind: "Unhandled".to_owned(),
        error_type: Some("ValueError".to_owned()),
        error_message: Some(payload.clone()),
        stack_trace: vec![payload.clone()],
    };
    let response = Response {
        status_code: 200,
        payload: payload.clone().into_bytes(),
        executed_version: None,
        log_result: Some(STANDARD.encode(&payload)),
        log_tail: Some(payload.clone()),
        function_error: Some(function_error.clone()),
        request_id: None,
        durable_execution_arn: None,
        attempts: 1,
    };
    let failure = Error::FunctionFailed(FunctionFailure {
        function_error: function_error.clone(),
        payload: payload.clone().into_bytes(),
        log_tail: Some(payload.clone()),
    });
    let raw = RawResponse {
        status: 200,
        headers: vec![("x-a".to_owned(), payload.clone())],
        body: payload.clone().into_bytes(),
    };
    let opened = Opened::from(response.clone());
    let ephemeral = EphemeralConfig {
        function_name: "f".to_owned(),
        payload: payload.clone(),
        client_context: Some(STANDARD.encode(&payload)),
        ..EphemeralConfig::default()
    };
    let config = Config {
        function_name: "f".to_owned(),
        input: payload.clone(),
        triggers: vec![("trigger".to_owned(), payload.clone())],
        ..Config::default()
    };
    let plan = lifecycle::plan(None, Some(&config), &lifecycle::PlanOptions::default()).unwrap();
    let state = State {
        version: lifecycle::STATE_VERSION,
        id: "f,$LATEST,0".to_owned(),
        config: config.clone(),
        result: payload.clone(),
        imported: false,
        deposed: Some(Deposed {
            id: "f,$LATEST,0".to_owned(),
            config: config.clone(),
        }),
    };
    let apply_failure = ApplyFailure {
        error: failure.clone(),
        state: Some(state.clone()),
        completed: Vec::new(),
    };
    let fetched = Fetched::without_end(credentials.clone());
    let container = sources::container::question(
        &Environment::new(vec![
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(),
                "http://127.0.0.1/".to_owned(),
            ),
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN".to_owned(),
                payload.clone(),
            ),
        ]),
        None,
    );
    let resolved = Resolved {
        credentials: credentials.clone(),
        source: "profile",
    };
    let builder = Host::builder(Vec::new()).env("AWS_SECRET_ACCESS_KEY", &payload);
    let texts = [
        format!("{credentials:?}"),
        format!("{connection:?}"),
        format!("{request:?}"),
        format!("{settings:?}"),
        format!("{signers:?}"),
        format!("{:?}", unsigned()),
        under_way,
        format!("{signed:?}"),
        format!("{raw:?}"),
        format!("{response:?}"),
        format!("{:?}", Step::Done(Ok(response.clone()))),
        format!("{function_error:?}"),
        format!("{failure:?}"),
        format!("{opened:?}"),
        format!("{ephemeral:?}"),
        format!("{config:?}"),
        format!("{plan:?}"),
        format!("{state:?}"),
        format!("{apply_failure:?}"),
        format!("{fetched:?}"),
        format!("{:?}", container.unwrap()),
        format!("{resolved:?}"),
        format!("{builder:?}"),
        format!("{:?}", CallError::Failed(failure.clone())),
        format!("{:?}", ApplyError::Failed(Box::new(apply_failure.clone()))),
        format!("{keys:?}"),
        format!("{:?}", endpoint_credentials()),
        format!("{:?}", accepting()),
    ];
    for text in &texts {
        assert!(!canary::is_in(text), "{text}");
        assert!(!text.contains(&STANDARD.encode(&payload)), "{text}");
        assert!(!text.contains(&keys.access_key_id), "{text}");
    }
}
