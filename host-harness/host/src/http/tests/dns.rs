//! Names that lead elsewhere: the addresses that are checked are those that are connected to.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::AsyncWriteExt as _;

use super::connections::counting;
use super::*;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A client whose resolver gives these answers, one after the other and the last one again,
/// and how often it was asked.
fn resolving(answers: Vec<Vec<IpAddr>>, allowed: &[&str]) -> (Client, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let resolver = move |_: &str| -> connect::Looking {
        let times = counter.fetch_add(1, Ordering::SeqCst);
        let answer = answers[times.min(answers.len() - 1)].clone();
        let addresses = answer.into_iter().map(|ip| SocketAddr::new(ip, 0));
        let addresses = addresses.collect();
        Box::pin(async move { Ok(addresses) })
    };
    let allowed = allowed.iter().map(|origin| origin.parse().unwrap());
    let client = Client::with(
        Tls::new(Vec::new()),
        Arc::new(resolver),
        Some(allowed.collect()),
        PoolOptions::default(),
        Proxy::default(),
    );
    (client, asked)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A server that answers a request on each connection, and how many there were.
async fn closing() -> (SocketAddr, Arc<AtomicUsize>) {
    counting(|mut stream| async move {
        while read_request(&mut stream).await {
            let closing = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
            stream.write_all(closing).await.unwrap();
        }
    })
    .await
}

#[tokio::test]
async fn a_name_is_looked_up_once_for_a_connection_and_again_for_the_next() {
    let (address, connections) = closing().await;
    let uri = format!("http://rebinding.test:{}/", address.port());
    let answers = vec![vec![HERE], vec![ip("169.254.169.254")]];
    let (client, asked) = resolving(answers, &[]);
    exchange(&client, &uri, PATIENT).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // What it leads to by now is what counts.
    let error = failure(&client, &uri, PATIENT).await;
    assert_eq!(error, "DestinationIpProhibited");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_name_that_changes_at_every_lookup_leads_to_what_was_checked() {
    let (address, connections) = closing().await;
    let uri = format!("http://rebinding.test:{}/", address.port());
    for first in [vec![HERE], vec![ip("169.254.169.254"), HERE]] {
        let before = connections.load(Ordering::SeqCst);
        // A second lookup, after the check, would find nothing but this.
        let (client, asked) = resolving(vec![first, vec![ip("fe80::1")]], &[]);
        let (status, _) = exchange(&client, &uri, PATIENT).await.unwrap();
        assert_eq!(status, 200);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(connections.load(Ordering::SeqCst), before + 1);
    }
}

#[tokio::test]
async fn a_kept_connection_stays_with_the_address_that_was_checked() {
    let (address, connections) = counting(|mut stream| async move {
        while read_request(&mut stream).await {
            stream.write_all(OK).await.unwrap();
        }
    })
    .await;
    let uri = format!("http://rebinding.test:{}/", address.port());
    let answers = vec![vec![HERE], vec![ip("169.254.169.254")]];
    let (client, asked) = resolving(answers, &[]);
    for _ in 0..3 {
        exchange(&client, &uri, PATIENT).await.unwrap();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_name_with_addresses_of_metadata_services_alone_is_refused() {
    for address in [
        "169.254.169.254",
        "169.254.170.2",
        "169.254.0.1",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fe80::a9fe:a9fe",
    ] {
        for scheme in ["http", "https"] {
            let uri = format!("{scheme}://metadata.test/");
            let (client, asked) = resolving(vec![vec![ip(address)]], &[]);
            let error = failure(&client, &uri, PATIENT).await;
            assert_eq!(error, "DestinationIpProhibited", "{address}");
            assert_eq!(asked.load(Ordering::SeqCst), 1);
        }
    }
}

#[tokio::test]
async fn an_origin_that_was_allowed_may_lead_anywhere() {
    let metadata = SocketAddr::new(ip("169.254.169.254"), 0);
    let connector = Connector::new(
        Tls::new(Vec::new()),
        Arc::new(move |_| Box::pin(async move { Ok(vec![metadata]) })),
        Some(Arc::from(["http://metadata.test:1".parse().unwrap()])),
        Proxy::default(),
    );
    let addresses = async |uri: &str| connector.resolve(&uri.parse().unwrap()).await;
    let found = addresses("http://metadata.test:1/").await.unwrap();
    assert_eq!(found, [metadata]);
    for other in ["http://metadata.test:2/", "http://other.test:1/"] {
        let error = addresses(other).await.unwrap_err();
        assert!(matches!(error, ErrorCode::DestinationIpProhibited));
    }
}

#[tokio::test]
async fn a_name_without_addresses_is_not_found() {
    let (client, _) = resolving(vec![Vec::new()], &[]);
    let error = failure(&client, "http://empty.test/", PATIENT).await;
    assert_eq!(error, "DestinationNotFound");
}
