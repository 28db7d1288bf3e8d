//! Which connections are kept, and which are not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::*;
use super::{LONG, OK, PATIENT, SHORT, client, exchange, listen, post, read_request};

/// [`listen`], which counts the connections.
pub async fn counting<F: Future<Output = ()> + Send + 'static>(
    handle: impl Fn(TcpStream) -> F + Send + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let connections = Arc::new(AtomicUsize::new(0));
    let address = listen({
        let connections = Arc::clone(&connections);
        move |stream| {
            connections.fetch_add(1, Ordering::SeqCst);
            handle(stream)
        }
    })
    .await;
    (address, connections)
}

/// A server that answers [`OK`] as often as it is asked, `requests` times a connection;
/// counts its connections.
async fn polite(requests: usize) -> (SocketAddr, Arc<AtomicUsize>) {
    counting(move |mut stream| async move {
        for _ in 0..requests {
            if !read_request(&mut stream).await {
                return;
            }
            stream.write_all(OK).await.unwrap();
        }
    })
    .await
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let (address, connections) = polite(usize::MAX).await;
    let (client, uri) = (client(), format!("http://{address}/"));
    for _ in 0..3 {
        let (status, body) = exchange(&client, &uri, PATIENT).await.unwrap();
        assert_eq!((status, &*body), (200, &b"ok"[..]));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced_unseen() {
    let (address, connections) = polite(1).await;
    let (client, uri) = (client(), format!("http://{address}/"));
    for _ in 0..3 {
        exchange(&client, &uri, PATIENT).await.unwrap();
        // For the close to arrive. At the same moment it would count as maybe sent.
        sleep(SHORT).await;
    }
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

/// As many exchanges at the same time.
pub async fn burst(client: &Client, uri: &str, calls: usize) {
    let mut tasks = JoinSet::new();
    for _ in 0..calls {
        let (client, uri) = (client.clone(), uri.to_owned());
        tasks.spawn(async move { exchange(&client, &uri, PATIENT).await.unwrap() });
    }
    tasks.join_all().await;
}

/// A server that answers once it has so many requests; counts its connections.
async fn patient(requests: usize) -> (SocketAddr, Arc<AtomicUsize>) {
    let all = Arc::new(tokio::sync::Barrier::new(requests));
    counting(move |mut stream| {
        let all = Arc::clone(&all);
        async move {
            while read_request(&mut stream).await {
                all.wait().await;
                stream.write_all(OK).await.unwrap();
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_burst_that_comes_back_finds_all_its_connections() {
    let (address, connections) = patient(100).await;
    let (client, uri) = (client(), format!("http://{address}/"));
    for _ in 0..3 {
        burst(&client, &uri, 100).await;
    }
    assert_eq!(connections.load(Ordering::SeqCst), 100);
}

#[tokio::test]
async fn no_more_unused_connections_are_kept_than_are_asked_for() {
    for (most, in_all) in [(0, 8), (1, 7), (3, 5)] {
        let (address, connections) = patient(4).await;
        let pool = PoolOptions {
            max_idle_per_origin: most,
            ..PoolOptions::default()
        };
        let client = Client::new(Vec::new(), Arc::new([]), pool, Proxy::default());
        let uri = format!("http://{address}/");
        burst(&client, &uri, 4).await;
        burst(&client, &uri, 4).await;
        assert_eq!(connections.load(Ordering::SeqCst), in_all, "{most} kept");
    }
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed() {
    let (closed, seen) = oneshot::channel();
    let closed = std::sync::Mutex::new(Some(closed));
    let address = listen(move |mut stream| {
        let closed = closed.lock().unwrap().take().unwrap();
        async move {
            assert!(read_request(&mut stream).await);
            stream.write_all(OK).await.unwrap();
            let answered = tokio::time::Instant::now();
            assert!(!read_request(&mut stream).await);
            closed.send(answered.elapsed()).unwrap();
        }
    })
    .await;
    let pool = PoolOptions {
        idle_timeout: SHORT,
        ..PoolOptions::default()
    };
    let client = Client::new(Vec::new(), Arc::new([]), pool, Proxy::default());
    let uri = format!("http://{address}/");
    exchange(&client, &uri, PATIENT).await.unwrap();
    let open = timeout(LONG, seen).await.unwrap().unwrap();
    assert!(open >= SHORT / 2, "closed after {open:?}");
    drop(client);
}

#[tokio::test]
async fn a_response_that_is_not_read_to_its_end_takes_its_connection_along() {
    let (address, connections) = counting(|mut stream| async move {
        while read_request(&mut stream).await {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
            stream.write_all(head).await.unwrap();
            let _ = stream.write_all(&[b'x'; 1_000_000]).await;
        }
    })
    .await;
    let (client, uri) = (client(), format!("http://{address}/"));
    for _ in 0..2 {
        let request = post(&uri, &Bytes::from_static(b"{}"));
        let response = client.send(request, PATIENT).await.unwrap();
        assert_eq!(response.status(), 200);
    }
    assert_eq!(connections.load(Ordering::SeqCst), 2);
    // Read to its end, the connection is used again.
    for _ in 0..2 {
        let (_, body) = exchange(&client, &uri, PATIENT).await.unwrap();
        assert_eq!(body.len(), 1_000_000);
    }
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}
