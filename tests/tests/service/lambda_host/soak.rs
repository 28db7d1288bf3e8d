//! The short form of `examples/service_soak.rs`.

use std::time::Duration;

use lambda_invocation_tests::soak::{TIMEOUT_MS, soak};

use super::{TOKEN, lambda, local};

#[test]
fn with_faults_of_every_kind_every_answer_is_accounted_for() {
    let lambda = lambda();
    let service = local(lambda)
        .expect("our own host")
        .env("LAMBDA_INVOCATION_TIMEOUT_MS", &TIMEOUT_MS.to_string())
        .option("--metrics-listen=127.0.0.1:0")
        .start();
    let report = soak(&service, TOKEN, 8, Duration::from_secs(8));
    assert!(report.wrong.is_empty(), "{:#?}", report.wrong);
    assert!(report.is_counted(), "{report:#?}");
    assert!(report.requests.len() > 8, "{report:#?}");
    assert!(report.handles.1 <= report.handles.0, "{report:#?}");
}
