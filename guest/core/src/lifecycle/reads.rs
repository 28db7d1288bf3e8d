//! How often an input is read: megabytes of JSON take tens of milliseconds in a sandbox.

use std::time::Duration;

use super::{Apply, Config, LifecycleScope, PlanOptions, State, plan, validate};
use crate::call::connection::{Connection, Credentials};
use crate::call::invocation::Unsigned;
use crate::call::settings::Environment;
use crate::json::READ;

const BEFORE: &str = r#"{"size":1}"#;
const AFTER: &str = r#"{"size":2}"#;

fn config(scope: LifecycleScope, input: &str) -> Config {
    Config {
        function_name: "f".to_owned(),
        input: input.to_owned(),
        lifecycle_scope: Some(scope),
        ..Config::default()
    }
}

/// Does all that is done for a change, as three exports of the plugin do it: checks the
/// configuration, plans, and applies down to the signature of each request.
fn all(prior: Option<State>, desired: Option<&Config>) -> Option<State> {
    if let Some(desired) = desired {
        assert_eq!(validate(desired), []);
    }
    plan(prior.as_ref(), desired, &PlanOptions::default()).unwrap();
    let mut apply = Apply::new(prior, desired, false).unwrap();
    while let Some(planned) = apply.next_request() {
        let connection = Connection {
            region: Some("eu-west-1".to_owned()),
            ..Connection::default()
        };
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: None,
        };
        let unsigned = Unsigned::new(planned, connection, &Environment::default(), [0; 16]);
        let mut call = unsigned.unwrap().with_signer(credentials).unwrap();
        call.attempt(Duration::from_secs(1_788_093_360)).unwrap();
        apply = apply.succeeded(b"{}".to_vec()).unwrap();
    }
    apply.finish()
}

/// How often each of the texts was read for a change.
fn reads<const N: usize>(
    prior: Option<State>,
    desired: Option<&Config>,
    texts: [&str; N],
) -> (Option<State>, [usize; N]) {
    READ.take();
    let state = all(prior, desired);
    let read = READ.take();
    let times = texts.map(|text| read.iter().filter(|read| *read == text).count());
    assert_eq!(times.iter().sum::<usize>(), read.len(), "{read:?}");
    (state, times)
}

#[test]
fn an_input_is_read_once_by_each_export_and_a_request_does_not_read_it_again() {
    for scope in [LifecycleScope::CreateOnly, LifecycleScope::Crud] {
        let (before, after) = (config(scope, BEFORE), config(scope, AFTER));
        let old = usize::from(scope == LifecycleScope::Crud);

        let (state, times) = reads(None, Some(&before), [BEFORE]);
        assert_eq!(times, [3], "a creation: validate, plan, apply");

        let (state, times) = reads(state, Some(&after), [BEFORE, AFTER]);
        assert_eq!(times, [2 * old, 3], "an update, or a replacement");

        let elsewhere = Config {
            function_name: "g".to_owned(),
            ..before
        };
        let (state, times) = reads(state, Some(&elsewhere), [AFTER, BEFORE]);
        assert_eq!(times, [2 * old, 3], "a replacement");

        let (_, times) = reads(state, None, [BEFORE]);
        assert_eq!(times, [2 * old], "a deletion: plan, apply");
    }
}
