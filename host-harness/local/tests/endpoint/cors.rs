//! Browsers: what they ask before a signed request, and what lets a page read the answer.

use lambda_invocation_local::LocalEndpoint;

use crate::client::{Client, Reply, invoke, start};

const PREFLIGHT: &str = "OPTIONS /2015-03-31/functions/echo/invocations HTTP/1.1\r\nhost: h\r\n\
    origin: http://page.example\r\naccess-control-request-method: POST\r\n\
    access-control-request-headers: authorization,x-amz-date\r\n\r\n";

async fn ask(endpoint: &LocalEndpoint, question: &str) -> Reply {
    let mut client = Client::connect(endpoint).await;
    client.send(question.as_bytes()).await;
    client.receive().await.unwrap()
}

#[tokio::test]
async fn a_browser_is_told_that_it_may_send_what_it_asks_for() {
    let endpoint = start().await;
    let reply = ask(&endpoint, PREFLIGHT).await;
    assert_eq!(reply.status, 200);
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "authorization,x-amz-date"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}");
    }
    assert!(endpoint.invocations().is_empty());
}

#[tokio::test]
async fn a_page_may_read_answers_and_refusals_and_nobody_else_is_told_so() {
    let endpoint = start().await;
    let mut client = Client::connect(&endpoint).await;
    for (function, status) in [("echo", 200), ("missing", 404)] {
        let plain = invoke(function, "{}");
        let reply = client.call(&plain).await;
        assert_eq!(reply.header("access-control-allow-origin"), None);
        let of_page = plain.header("origin", "http://page.example");
        let reply = client.call(&of_page).await;
        assert_eq!(reply.status, status);
        for name in [
            "access-control-allow-origin",
            "access-control-expose-headers",
        ] {
            assert_eq!(reply.header(name), Some("*"), "{name}");
        }
    }
}

#[tokio::test]
async fn what_is_no_question_of_a_browser_is_refused_as_before() {
    let endpoint = start().await;
    let plain = PREFLIGHT.replace("access-control-request-method: POST\r\n", "");
    assert_eq!(ask(&endpoint, &plain).await.status, 405);
}
