//! The ephemeral resource `aws_lambda_invocation`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_core::call::request::LogType;
use lambda_invocation_core::ephemeral::EphemeralConfig;
use lambda_invocation_core::error::Error;
use lambda_invocation_host::{CallError, Host};

use crate::endpoint::{self, Endpoint};
use crate::fixture::{BASIC, Title, ours, upstream};

struct Row {
    title: Title,
    config: EphemeralConfig,
    expected: Expected,
}

enum Expected {
    /// What the fixture answers.
    Answer,
    /// Its report.
    FunctionError,
    /// For this argument; nothing is sent.
    Refused(&'static str),
}

fn config(fixture: &str, payload: &str) -> EphemeralConfig {
    EphemeralConfig {
        function_name: fixture.to_owned(),
        payload: payload.to_owned(),
        ..EphemeralConfig::default()
    }
}

fn rows() -> Vec<Row> {
    const FIXTURE: &str = "lambda_invocation_ephemeral";
    vec![
        Row {
            title: upstream(
                "TestAccLambdaInvocationEphemeral_basic",
                "a function named by its ARN answers with status 200 from $LATEST, without a log",
            ),
            config: config("arn:lambda_invocation_ephemeral", BASIC),
            expected: Expected::Answer,
        },
        Row {
            title: ours("log tail", "it is returned in base64, as sent"),
            config: EphemeralConfig {
                log_type: Some(LogType::Tail),
                ..config(FIXTURE, BASIC)
            },
            expected: Expected::Answer,
        },
        Row {
            title: ours(
                "function error of an ephemeral",
                "it is returned with its structure, its payload and the log",
            ),
            config: EphemeralConfig {
                log_type: Some(LogType::Tail),
                ..config("fail", "{}")
            },
            expected: Expected::FunctionError,
        },
        Row {
            title: ours("empty payload", "it is refused before anything is sent"),
            config: config(FIXTURE, ""),
            expected: Expected::Refused("payload"),
        },
        Row {
            title: ours(
                "ephemeral payload that is not JSON",
                "it is refused before anything is sent",
            ),
            config: config(FIXTURE, "{"),
            expected: Expected::Refused("payload"),
        },
    ]
}

pub fn titles() -> Vec<Title> {
    rows().iter().map(|row| row.title).collect()
}

#[tokio::test]
async fn every_row_of_the_ephemeral_passes() {
    let host = endpoint::host().unwrap();
    for endpoint in endpoint::both().await {
        for row in rows() {
            let about = format!("{} on {:?}", row.title.name, endpoint.place);
            one(&row, &host, &endpoint, &about).await;
        }
    }
}

async fn one(row: &Row, host: &Host, endpoint: &Endpoint, about: &str) {
    let fixture = &row.config.function_name;
    let config = EphemeralConfig {
        function_name: endpoint.function(fixture),
        ..row.config.clone()
    };
    let result = host.open(config.clone(), endpoint.connection()).await;
    let arrived = endpoint.take_arrived();
    if let Expected::Refused(argument) = row.expected {
        match result {
            Err(CallError::Failed(Error::InvalidArgument(error))) => {
                assert_eq!(error.argument, argument, "{about}");
            }
            other => panic!("{about}: {other:?}"),
        }
        assert!(arrived.is_empty(), "{about}");
        return;
    }
    let opened = result.unwrap_or_else(|e| panic!("{about}: {e}"));
    assert_eq!(arrived.len(), 1, "{about}");
    assert_eq!(arrived[0].payload, config.payload, "{about}");
    assert_eq!(arrived[0].function_name, config.function_name, "{about}");
    // Not defaulted, unlike a resource's.
    assert_eq!(arrived[0].qualifier, None, "{about}");
    assert_eq!(opened.status_code, 200, "{about}");
    assert_eq!(
        opened.executed_version.as_deref(),
        Some("$LATEST"),
        "{about}"
    );
    match row.expected {
        Expected::Answer => {
            assert_eq!(opened.function_error, None, "{about}");
            assert!(
                endpoint.is_answer(fixture, &config.payload, &opened.result),
                "{about}: {}",
                opened.result
            );
        }
        Expected::FunctionError => {
            let error = opened.function_error.unwrap();
            assert_eq!(error.kind, "Unhandled", "{about}");
            assert!(error.error_message.is_some(), "{about}");
            assert!(opened.result.contains("errorMessage"), "{about}");
        }
        Expected::Refused(_) => {}
    }
    match config.log_type {
        Some(LogType::Tail) => {
            let log = STANDARD.decode(opened.log_result.unwrap()).unwrap();
            assert!(!log.is_empty(), "{about}");
        }
        Some(LogType::None) | None => assert_eq!(opened.log_result, None, "{about}"),
    }
}
