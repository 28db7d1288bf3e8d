//! The service component under `wasmtime serve` and under `lambda-host serve`: precise cases
//! against the local endpoint, then the AWS CLI, boto3 and curl against it, with MiniStack for
//! Lambda. What both must do is in the files here, and what one of them does in its folder.

#![cfg(test)]
#![allow(
    clippy::duplicate_mod,
    reason = "the same cases are tests of each host"
)]

mod lambda_host;
mod wasmtime_serve;

use std::sync::mpsc;
use std::thread;

use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::lambda_host::Keys;
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::service::{Options, Reply};
use serde_json::Value;

/// Names and values.
type Pairs<'a> = &'a [(&'a str, &'a str)];

const TOKEN: &str = "token-of-the-callers";
const BEARER: (&str, &str) = ("authorization", "Bearer token-of-the-callers");
const SESSION: (&str, &str) = ("x-amz-security-token", TOKEN);

/// A local endpoint of the test's own, which runs as long as the process.
fn lambda() -> &'static LocalEndpoint {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let endpoint = LocalEndpoint::builder().start().await;
            let endpoint: &'static _ = Box::leak(Box::new(endpoint.expect("a free port")));
            send.send(endpoint).expect("a test that waits");
            std::future::pending::<()>().await;
        });
    });
    receive.recv().expect("an endpoint that starts")
}

fn keys(lambda: &LocalEndpoint) -> Keys {
    let keys = lambda.credentials();
    Keys {
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        session_token: keys.session_token.clone(),
    }
}

/// A service for all functions of an endpoint, which each call is sent to once.
fn for_all_functions(options: Options, url: &str, region: &str, keys: &Keys) -> Options {
    options
        .env("AWS_ENDPOINT_URL_LAMBDA", url)
        .env("AWS_REGION", region)
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("LAMBDA_INVOCATION_TOKEN", TOKEN)
        .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*")
        .keys(keys)
}

/// What the cases for every host ask the module that they are in.
macro_rules! host {
    ($host:expr) => {
        use lambda_invocation_local::LocalEndpoint;
        use lambda_invocation_tests::lambda_host::Keys;
        use lambda_invocation_tests::service::{Host, Options, Service};

        use crate::{BEARER, Pairs, SESSION, TOKEN, error, keys, lambda};

        /// A service without configuration.
        fn fresh() -> Result<Options, String> {
            Service::of($host)
        }

        /// A service for all functions of an endpoint, which each call is sent to once.
        fn options(url: &str, region: &str, keys: &Keys) -> Result<Options, String> {
            Ok(crate::for_all_functions(fresh()?, url, region, keys))
        }

        /// The same, for the local endpoint.
        fn local(lambda: &LocalEndpoint) -> Result<Options, String> {
            options(&lambda.url(), lambda.region(), &keys(lambda))
        }
    };
}
use host;

/// An endpoint whose functions return so many bytes.
fn large_answer(length: usize) -> Server {
    Server::start(move |mut connection| {
        connection.read_request()?;
        connection.send(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n\"{}\"",
            "x".repeat(length - 2)
        ))?;
        connection.finish()
    })
}

fn error(reply: &Reply) -> Value {
    reply.json()["error"].clone()
}
