//! What is over a limit is told so at once, and costs the others nothing.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use lambda_invocation_tests::load::Caller;
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::service::{Reply, Service};

use super::{BEARER, TOKEN, keys, lambda, options};

const IN_FLIGHT: &str = "lambda_invocation_requests_in_flight";

/// A function that answers `[1]` at once, and anything else never.
fn endpoint() -> Server {
    Server::start(|mut connection| {
        let request = connection.read_request()?;
        if request.body != b"[1]" {
            return connection.stall();
        }
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")?;
        connection.finish()
    })
}

fn service(endpoint: &Server, arguments: &[&str]) -> Service {
    let lambda = lambda();
    let options = options(endpoint.url(), lambda.region(), &keys(lambda)).expect("our own host");
    let options = options
        .env("LAMBDA_INVOCATION_TOKEN_PREVIOUS", OTHER)
        .option("--metrics-listen=127.0.0.1:0");
    arguments.iter().fold(options, |o, a| o.option(a)).start()
}

const OTHER: &str = "token-of-the-others";

fn request(token: &str, payload: &str) -> String {
    format!(
        "POST /invoke/identity HTTP/1.1\r\nhost: service\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{payload}",
        payload.len()
    )
}

/// Calls that wait, once all of them are under way.
fn waiting(service: &Service, many: usize, token: &str) -> Vec<TcpStream> {
    let before = service.metric(IN_FLIGHT);
    let call = |_| {
        let mut connection = service.connect();
        let sent = connection.write_all(request(token, "{}").as_bytes());
        sent.expect("a service that reads");
        connection
    };
    let calls = (0..many).map(call).collect();
    service.wait_for_metric(IN_FLIGHT, before + many as f64);
    calls
}

#[test]
fn a_request_beyond_the_limit_gets_503_and_the_connection_goes_on() {
    let endpoint = endpoint();
    let service = service(
        &endpoint,
        &["--max-concurrent-requests=4", "--max-requests-per-token=4"],
    );
    let held = waiting(&service, 4, TOKEN);
    let reply = service.post("/invoke/identity", &[BEARER], b"[1]");
    assert_eq!(reply.status, 503, "{reply:#?}");
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(reply.json()["error"]["type"], "ServiceUnavailableException");
    assert_eq!(reply.json()["error"]["function_may_have_run"], false);
    let sdk = "/2015-03-31/functions/identity/invocations";
    let reply = service.post(sdk, &[BEARER], b"[1]");
    assert_eq!(reply.status, 503, "{reply:#?}");
    assert_eq!(
        reply.header("x-amzn-errortype"),
        Some("ServiceUnavailableException")
    );
    // The one who is turned away can ask again where it asked before.
    let mut caller = Caller::of(service.url());
    let call = request(TOKEN, "[1]");
    assert_eq!(caller.exchange(call.as_bytes()).unwrap().0, 503);
    assert_eq!(caller.exchange(call.as_bytes()).unwrap().0, 503);
    // A busy service is no dead one.
    assert_eq!(service.send("GET", "/healthz", &[], b"").status, 200);
    assert_eq!(endpoint.connections(), 4);
    drop(held);
}

#[test]
fn one_token_leaves_room_for_the_other() {
    let endpoint = endpoint();
    for (arguments, most) in [
        (&["--max-concurrent-requests=20"][..], 18),
        (
            &["--max-concurrent-requests=20", "--max-requests-per-token=3"],
            3,
        ),
    ] {
        let service = service(&endpoint, arguments);
        let held = waiting(&service, most, TOKEN);
        let reply = service.post("/invoke/identity", &[BEARER], b"[1]");
        assert_eq!(reply.status, 429, "{reply:#?}");
        assert_eq!(reply.header("retry-after"), Some("1"));
        // Nor with another token beside it.
        let beside = [BEARER, ("x-amz-security-token", "x")];
        assert_eq!(
            service.post("/invoke/identity", &beside, b"[1]").status,
            429
        );
        let mut other = Caller::of(service.url());
        let call = request(OTHER, "[1]");
        assert_eq!(
            other.exchange(call.as_bytes()).unwrap(),
            (200, b"{}".to_vec())
        );
        drop(held);
    }
}

/// The function runs anyway: whoever leaves and comes again gets no more of them at a time.
#[test]
fn a_caller_who_leaves_has_its_place_until_its_call_is_over() {
    let endpoint = endpoint();
    let lambda = lambda();
    let options = options(endpoint.url(), lambda.region(), &keys(lambda)).expect("our own host");
    let service = options
        .env("LAMBDA_INVOCATION_TIMEOUT_MS", "1500")
        .option("--max-concurrent-requests=2")
        .option("--max-requests-per-token=1")
        .option("--metrics-listen=127.0.0.1:0")
        .start();
    drop(waiting(&service, 1, TOKEN));
    assert_eq!(
        service.post("/invoke/identity", &[BEARER], b"[1]").status,
        429
    );
    service.wait_for_metric(IN_FLIGHT, 0.0);
    assert_eq!(
        service.post("/invoke/identity", &[BEARER], b"[1]").status,
        200
    );
    let left = "lambda_invocation_requests_total{route=\"invoke\",outcome=\"caller_left\"}";
    assert_eq!(service.metric(left), 1.0);
    service.log_with(r#""status":424,"outcome":"caller_left""#);
    // Within the payload: nothing is called, and the place is free at once.
    let calls = endpoint.connections();
    let call = request(TOKEN, "{}");
    let mut connection = service.connect();
    connection
        .write_all(&call.as_bytes()[..call.len() - 1])
        .unwrap();
    service.wait_for_metric(IN_FLIGHT, 1.0);
    drop(connection);
    service.wait_for_metric(IN_FLIGHT, 0.0);
    let refused = "lambda_invocation_requests_total{route=\"invoke\",outcome=\"refused\"}";
    assert_eq!(service.metric(left) + service.metric(refused), 2.0);
    assert_eq!(endpoint.connections(), calls);
}

#[test]
fn a_connection_beyond_the_limit_is_closed() {
    let endpoint = endpoint();
    let service = service(&endpoint, &["--max-connections=3"]);
    let held: Vec<_> = (0..3).map(|_| service.connect()).collect();
    service.wait_for_metric("lambda_invocation_connections", 3.0);
    let reply = Reply::read(service.connect());
    assert_eq!(
        (reply.status, reply.header("retry-after")),
        (503, Some("1"))
    );
    drop(held);
    service.wait_for_metric("lambda_invocation_connections", 0.0);
    assert_eq!(service.send("GET", "/healthz", &[], b"").status, 200);
}

#[test]
fn so_many_calls_wait_at_the_same_time_without_an_option() {
    let endpoint = endpoint();
    let service = service(&endpoint, &[]);
    let held = waiting(&service, 500, TOKEN);
    assert_eq!(
        service.post("/invoke/identity", &[BEARER], b"[1]").status,
        200
    );
    drop(held);
}

#[test]
fn connections_with_lambda_are_kept() {
    let lambda = lambda();
    let service = super::local(lambda)
        .expect("our own host")
        .option("--metrics-listen=127.0.0.1:0")
        .start();
    let mut caller = Caller::of(service.url());
    for _ in 0..20 {
        let answer = caller.exchange(request(TOKEN, "{}").as_bytes()).unwrap();
        assert_eq!(answer, (200, b"{}".to_vec()));
    }
    assert_eq!(lambda.counters().requests, 20);
    assert_eq!(
        service.metric("lambda_invocation_pool_connections_made_total"),
        1.0
    );
    assert_eq!(service.metric("lambda_invocation_attempts_total"), 20.0);
}

/// A slow reader holds its place no longer than the limit, however it trickles.
#[test]
fn a_caller_who_does_not_take_the_answer_is_given_up() {
    let lambda = lambda();
    let length = 6_000_000;
    let endpoint = crate::large_answer(length);
    let service = options(endpoint.url(), lambda.region(), &keys(lambda))
        .expect("our own host")
        .env("LAMBDA_INVOCATION_BODY_TIMEOUT_MS", "500")
        .option("--metrics-listen=127.0.0.1:0")
        .start();
    for trickles in [false, true] {
        let mut caller = service.connect();
        rustix::net::sockopt::set_socket_recv_buffer_size(&caller, 1 << 16).unwrap();
        caller.write_all(request(TOKEN, "{}").as_bytes()).unwrap();
        caller.peek(&mut [0; 1]).expect("an answer");
        let mut got = 0;
        while service.metric("lambda_invocation_connections") > 0.0 {
            if trickles {
                got += caller.read(&mut [0; 1_000]).unwrap_or(0);
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        service.wait_for_metric(IN_FLIGHT, 0.0);
        // What it got is visibly not all.
        let mut rest = Vec::new();
        let _ = caller.read_to_end(&mut rest);
        assert!(got + rest.len() < length, "{got} {}", rest.len());
    }
    let left = "lambda_invocation_requests_total{route=\"invoke\",outcome=\"caller_left\"}";
    assert_eq!(service.metric(left), 2.0);
}

/// The source of credentials may be slow, and is none of theirs.
#[test]
fn who_has_no_token_does_not_wait_for_credentials_and_keeps_nobody_from_asking_for_health() {
    let stalling = Server::start(|mut connection| {
        connection.read_request()?;
        connection.stall()
    });
    let lambda = lambda();
    let service = Service::lambda_host(None)
        .env("AWS_ENDPOINT_URL_LAMBDA", &lambda.url())
        .env("AWS_REGION", lambda.region())
        .env("LAMBDA_INVOCATION_TOKEN", TOKEN)
        .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*")
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", stalling.url())
        .start();
    for _ in 0..40 {
        let wrong = ("authorization", "Bearer not-the-token");
        let reply = service.post("/invoke/identity", &[wrong], b"{}");
        assert_eq!(reply.status, 401, "{reply:#?}");
    }
    assert_eq!(service.send("GET", "/healthz", &[], b"").status, 200);
    assert_eq!(stalling.connections(), 0);
}
