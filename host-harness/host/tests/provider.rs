//! Who gives credentials to calls that bring none: a closure, or a type of one's own.

#![cfg(test)]

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::ephemeral::EphemeralConfig;
use lambda_invocation_core::error::{Error, TimeoutPhase};
use lambda_invocation_core::lifecycle::Config;
use lambda_invocation_host::{
    ApplyError, CallError, CredentialProvider, DerivedCredentials, Host, HostBuilder,
    ProvidingCredentials,
};
use lambda_invocation_local::LocalEndpoint;

fn builder() -> HostBuilder {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/components/lambda-invocation.wasm"
    ));
    assert!(path.exists(), "build the component: cargo xtask build");
    Host::builder(path)
}

fn keys(endpoint: &LocalEndpoint) -> Credentials {
    let keys = endpoint.credentials();
    Credentials {
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        session_token: keys.session_token.clone(),
    }
}

fn connection(endpoint: &LocalEndpoint) -> Connection {
    Connection {
        region: Some(endpoint.region().to_owned()),
        endpoint_url: Some(endpoint.url()),
        ..Connection::default()
    }
}

fn echo() -> Request {
    Request {
        function_name: "echo".to_owned(),
        payload: b"{}".to_vec(),
        ..Request::default()
    }
}

fn config() -> Config {
    Config {
        function_name: "echo".to_owned(),
        input: "{}".to_owned(),
        ..Config::default()
    }
}

#[tokio::test]
async fn a_call_that_brings_derived_keys_asks_nobody() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    let derived =
        DerivedCredentials::derive(&keys(&endpoint), [endpoint.region()], SystemTime::now());
    let provider = || async { Err::<Credentials, _>(io::Error::other("asked")) };
    let host = builder().credentials(provider).build().unwrap();
    let connection = Connection {
        derived_credentials: Some(derived),
        ..connection(&endpoint)
    };
    let response = host.invoke(echo(), connection).await.unwrap();
    assert_eq!(response.status_code, 200);
}

#[tokio::test]
async fn a_closure_is_asked_before_each_call_that_brings_no_credentials() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    let keys = keys(&endpoint);
    let asked = Arc::new(AtomicUsize::new(0));
    let host = {
        let (keys, asked) = (keys.clone(), Arc::clone(&asked));
        let provider = move || {
            asked.fetch_add(1, Ordering::SeqCst);
            let keys = keys.clone();
            async { Ok::<_, io::Error>(keys) }
        };
        builder().credentials(provider).build().unwrap()
    };
    let connection = connection(&endpoint);
    host.invoke(echo(), connection.clone()).await.unwrap();
    host.prepare(echo(), connection.clone()).await.unwrap();
    let ephemeral = EphemeralConfig {
        function_name: "echo".to_owned(),
        payload: "{}".to_owned(),
        ..EphemeralConfig::default()
    };
    host.open(ephemeral, connection.clone()).await.unwrap();
    host.lifecycle_apply(None, Some(config()), false, connection.clone())
        .await
        .unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    // Those of a call come first, and what sends nothing needs none.
    let own = Connection {
        credentials: Some(keys),
        ..connection
    };
    host.invoke(echo(), own).await.unwrap();
    host.lifecycle_validate(config()).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    assert_eq!(endpoint.invocations().len(), 4);
}

#[tokio::test]
async fn a_provider_that_fails_ends_the_call_with_its_error_and_nothing_is_sent() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    let vault = || async { Err::<Credentials, _>(io::Error::other("the vault is closed")) };
    let typed = || async { Err::<Credentials, _>(Error::NoRegion) };
    let closed = Error::NoCredentials("the vault is closed".to_owned());
    for (host, expected) in [
        (builder().credentials(vault).build().unwrap(), closed),
        (
            builder().credentials(typed).build().unwrap(),
            Error::NoRegion,
        ),
    ] {
        let failed = host.invoke(echo(), connection(&endpoint)).await;
        assert_eq!(failed.unwrap_err(), CallError::Failed(expected.clone()));
        let failed = host
            .lifecycle_apply(None, Some(config()), false, connection(&endpoint))
            .await;
        let Err(ApplyError::Failed(failure)) = failed else {
            panic!("{failed:?}");
        };
        assert_eq!(failure.error, expected);
        assert!(failure.state.is_none() && failure.completed.is_empty());
    }
    assert_eq!(endpoint.invocations().len(), 0);
}

#[tokio::test]
async fn a_provider_has_no_more_time_than_the_call_and_what_it_takes_is_the_calls() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    let keys = keys(&endpoint);
    let after = |pause: Duration| {
        let keys = keys.clone();
        let provider = move || {
            let keys = keys.clone();
            async move {
                tokio::time::sleep(pause).await;
                Ok::<_, io::Error>(keys)
            }
        };
        builder().credentials(provider).build().unwrap()
    };
    let in_a_second = Connection {
        deadline_ms: Some(1_000),
        ..connection(&endpoint)
    };
    let slow = Request {
        // Answers after 700 ms.
        function_name: "sleep".to_owned(),
        payload: br#"{"ms":700}"#.to_vec(),
        ..Request::default()
    };
    let sent = [
        (Duration::from_secs(3_600), echo(), false),
        (Duration::from_millis(600), slow, true),
    ];
    for (pause, request, sent) in sent {
        let started = Instant::now();
        let failed = after(pause).invoke(request, in_a_second.clone()).await;
        let Err(CallError::Failed(Error::Timeout(error))) = failed else {
            panic!("{failed:?}");
        };
        // It is the deadline that was asked for, whatever was left of it.
        assert_eq!(
            (error.phase, error.after_ms),
            (TimeoutPhase::Deadline, 1_000)
        );
        assert_eq!(error.maybe_ran, sent);
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}

/// Counts what it is told.
struct Forgetful {
    keys: Credentials,
    forgotten: Arc<AtomicUsize>,
}

impl CredentialProvider for Forgetful {
    fn credentials<'a>(&'a self, connection: &'a Connection) -> ProvidingCredentials<'a> {
        assert_eq!(connection.region.as_deref(), Some("us-east-1"));
        Box::pin(async { Ok(self.keys.clone()) })
    }

    fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_provider_is_told_when_its_credentials_have_expired() {
    let temporary = || {
        LocalEndpoint::builder().credentials(lambda_invocation_local::Credentials {
            access_key_id: "ASIAEXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: Some("token".to_owned()),
        })
    };
    let good = temporary().start().await.unwrap();
    let expired = temporary().session_expires(SystemTime::UNIX_EPOCH);
    let expired = expired.start().await.unwrap();
    for (endpoint, times) in [(good, 0), (expired, 1)] {
        let forgotten = Arc::new(AtomicUsize::new(0));
        let provider = Forgetful {
            keys: keys(&endpoint),
            forgotten: Arc::clone(&forgotten),
        };
        let host = builder().credentials(provider).build().unwrap();
        let called = host.invoke(echo(), connection(&endpoint)).await;
        assert_eq!(called.is_err(), times > 0, "{called:?}");
        assert_eq!(forgotten.load(Ordering::SeqCst), times);
    }
}
