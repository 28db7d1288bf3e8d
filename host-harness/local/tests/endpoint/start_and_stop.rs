//! Where an endpoint listens, and how it ends.

use std::io;
use std::time::Duration;

use lambda_invocation_local::{Credentials, LocalEndpoint};
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::client::{Client, call, invoke, start};
use crate::signer::Signer;

#[tokio::test]
async fn region_credentials_and_clock_can_be_set() {
    let credentials = Credentials {
        access_key_id: "ASIAEXAMPLE".to_owned(),
        secret_access_key: "another secret".to_owned(),
        session_token: Some("a token".to_owned()),
    };
    const TIME: OffsetDateTime = datetime!(2026-08-30 12:36:00 UTC);
    let endpoint = LocalEndpoint::builder()
        .region("eu-west-1")
        .credentials(credentials.clone())
        .clock(|| TIME.into())
        .start()
        .await
        .unwrap();
    assert_eq!(endpoint.region(), "eu-west-1");
    assert_eq!(endpoint.credentials(), &credentials);
    let mut request = invoke(
        "arn:aws:lambda:eu-west-1:000000000000:function:identity",
        "7",
    );
    request.signer = Signer {
        credentials,
        region: "eu-west-1",
        service: "lambda",
        time: TIME,
    };
    let reply = call(&endpoint, request).await;
    assert_eq!(reply.text(), "7");
    assert_eq!(reply.header("date"), Some("Sun, 30 Aug 2026 12:36:00 GMT"));
}

#[tokio::test]
async fn only_loopback_addresses_are_listened_on() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let address = address.parse().unwrap();
        let error = LocalEndpoint::builder()
            .bind(address)
            .start()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}

#[tokio::test]
async fn a_port_in_use_is_an_error() {
    let endpoint = start().await;
    let second = LocalEndpoint::builder()
        .bind(endpoint.address())
        .start()
        .await;
    assert_eq!(second.unwrap_err().kind(), io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn shutdown_ends_connections_and_frees_the_port() {
    let endpoint = start().await;
    let address = endpoint.address();
    let request = invoke("sleep", r#"{"ms":600000}"#);
    let mut sleeping = Client::connect(&endpoint).await;
    sleeping.send(&request.bytes(&endpoint)).await;
    let event = request.header("x-amz-invocation-type", "Event");
    assert_eq!(call(&endpoint, event).await.status, 202);

    let Client { mut stream, .. } = sleeping;
    timeout(Duration::from_secs(10), endpoint.shutdown())
        .await
        .unwrap();
    let mut rest = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))));
    assert!(TcpStream::connect(address).await.is_err());

    let again = LocalEndpoint::builder()
        .bind(address)
        .start()
        .await
        .unwrap();
    assert_eq!(call(&again, invoke("echo", "{}")).await.status, 200);
}

#[tokio::test]
async fn dropping_the_endpoint_stops_it() {
    let endpoint = start().await;
    let address = endpoint.address();
    drop(endpoint);
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "it still listens");
        sleep(Duration::from_millis(5)).await;
    }
}
