//! The data source `aws_lambda_invocation`, which is `invoke` with its qualifier said.

use lambda_invocation_core::call::request::Request;

use crate::endpoint;
use crate::fixture::{BASIC, COMPLEX, Title, upstream};
use crate::invocation::{Call, Expected, Row, request, run};

fn rows() -> Vec<Row> {
    [
        (
            upstream(
                "TestAccLambdaInvocationDataSource_basic",
                "the result is the function's answer",
            )
            .note("there is no id: nothing is kept"),
            BASIC,
            "$LATEST",
        ),
        (
            upstream(
                "TestAccLambdaInvocationDataSource_qualifier",
                "the published version answers",
            ),
            BASIC,
            "1",
        ),
        (
            upstream(
                "TestAccLambdaInvocationDataSource_complex",
                "nested input arrives whole",
            ),
            COMPLEX,
            "$LATEST",
        ),
    ]
    .into_iter()
    .map(|(title, input, qualifier)| Row {
        title,
        calls: vec![Call {
            request: Request {
                qualifier: Some(qualifier.to_owned()),
                ..request("lambda_invocation", input)
            },
            expected: Expected::Answer { version: qualifier },
        }],
    })
    .collect()
}

pub fn titles() -> Vec<Title> {
    rows().iter().map(|row| row.title).collect()
}

#[tokio::test]
async fn every_row_of_the_data_source_passes() {
    let host = endpoint::host().unwrap();
    for endpoint in endpoint::both().await {
        run(&rows(), &host, &endpoint).await;
    }
}
