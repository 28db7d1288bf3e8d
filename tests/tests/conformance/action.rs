//! The action `aws_lambda_invoke`.

use lambda_invocation_core::call::request::{InvocationType, LogType, Request};

use crate::endpoint;
use crate::fixture::{BASIC, COMPLEX, Title, ours, upstream};
use crate::invocation::{Call, Expected, Row, request, run};

const PLAIN: &str = "lambda_invocation";
const LATEST: Expected = Expected::Answer { version: "$LATEST" };

fn rows() -> Vec<Row> {
    vec![
        Row {
            title: upstream(
                "TestAccLambdaInvokeAction_basic",
                "status 200 and the function's whole answer, from a request without optional headers",
            ),
            calls: vec![Call {
                request: request(PLAIN, BASIC),
                expected: LATEST,
            }],
        },
        Row {
            title: upstream(
                "TestAccLambdaInvokeAction_withQualifier",
                "the published version answers",
            ),
            calls: vec![Call {
                request: Request {
                    qualifier: Some("1".to_owned()),
                    ..request(PLAIN, BASIC)
                },
                expected: Expected::Answer { version: "1" },
            }],
        },
        Row {
            title: upstream(
                "TestAccLambdaInvokeAction_invocationTypes",
                "RequestResponse answers 200, Event 202 and DryRun 204, the two without a payload",
            )
            .note("progress texts are the caller's; the status, payload and log in them are asserted here"),
            calls: [
                (InvocationType::RequestResponse, LATEST),
                (InvocationType::Event, Expected::Status(202)),
                (InvocationType::DryRun, Expected::Status(204)),
            ]
            .into_iter()
            .map(|(invocation_type, expected)| Call {
                request: Request {
                    invocation_type: Some(invocation_type),
                    ..request(PLAIN, BASIC)
                },
                expected,
            })
            .collect(),
        },
        Row {
            title: upstream(
                "TestAccLambdaInvokeAction_logTypes",
                "None returns no log, Tail returns it in base64 and decoded",
            ),
            calls: [LogType::None, LogType::Tail]
                .into_iter()
                .map(|log_type| Call {
                    request: Request {
                        log_type: Some(log_type),
                        ..request(PLAIN, BASIC)
                    },
                    expected: LATEST,
                })
                .collect(),
        },
        Row {
            title: upstream(
                "TestAccLambdaInvokeAction_clientContext",
                "a client context in base64 is sent, and the function answers",
            )
            .on(
                "passes, and the function sees it",
                "in part: accepted, but not given to the function; the signed header is compared",
            ),
            calls: vec![Call {
                request: Request {
                    // {"client":{"client_id":"test"}}
                    client_context: Some("eyJjbGllbnQiOnsiY2xpZW50X2lkIjoidGVzdCJ9fQ==".to_owned()),
                    ..request("echo", BASIC)
                },
                expected: LATEST,
            }],
        },
        Row {
            title: upstream(
                "TestAccLambdaInvokeAction_complexPayload",
                "a nested payload arrives whole",
            ),
            calls: vec![Call {
                request: request(PLAIN, COMPLEX),
                expected: LATEST,
            }],
        },
        Row {
            title: upstream("TestAccLambdaInvokeAction_tenantId", "the tenant is sent")
                .on(
                "in part: the function sees the tenant; nothing is isolated by it",
                "n/a: it has no tenants; the signed header is compared",
            ),
            calls: vec![Call {
                request: Request {
                    tenant_id: Some("tenant-1".to_owned()),
                    ..request("echo", BASIC)
                },
                expected: LATEST,
            }],
        },
        Row {
            title: ours(
                "client context that cannot be sent",
                "not base64, or more than 3,583 bytes: refused before anything is sent",
            ),
            calls: ["not base64".to_owned(), "A".repeat(3_584)]
                .into_iter()
                .map(|context| Call {
                    request: Request {
                        client_context: Some(context),
                        ..request(PLAIN, BASIC)
                    },
                    expected: Expected::Refused("client-context"),
                })
                .collect(),
        },
        Row {
            title: ours(
                "payload that is not JSON",
                "it is refused before anything is sent",
            ),
            calls: vec![Call {
                request: request(PLAIN, "{"),
                expected: Expected::Refused("payload"),
            }],
        },
        Row {
            title: ours(
                "function error with Tail",
                "the error is structured, and the log is there",
            ),
            calls: vec![Call {
                request: Request {
                    log_type: Some(LogType::Tail),
                    ..request("fail", "{}")
                },
                expected: Expected::FunctionError,
            }],
        },
    ]
}

pub fn titles() -> Vec<Title> {
    rows().iter().map(|row| row.title).collect()
}

#[tokio::test]
async fn every_row_of_the_action_passes() {
    let host = endpoint::host().unwrap();
    for endpoint in endpoint::both().await {
        run(&rows(), &host, &endpoint).await;
    }
}
