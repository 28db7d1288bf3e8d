//! What Terraform shows and logs of secrets that Lambda quotes: nothing.

use std::fs;

use lambda_invocation_tests::canary::{self, Quoting};
use lambda_invocation_tests::terraform::Terraform;

use crate::lambda::configuration;

#[test]
fn no_secret_that_is_quoted_is_in_the_output_or_in_a_log() {
    let body = r#"
data "lambda_invocation" "it" {
  function_name = "refused"
  input         = "{}"
}
resource "lambda_invocation" "fails" {
  function_name = "fails"
  input         = "{}"
}
"#;
    let lambda = Quoting::start();
    for terraform in Terraform::all() {
        let mut workspace = terraform.workspace(&configuration(body));
        workspace.connect(lambda.url(), "us-east-1", &canary::keys());
        workspace.set("AWS_MAX_ATTEMPTS", "1");
        workspace.set("TF_LOG", "trace");
        workspace.set("TF_LOG_PATH", "trace.log");
        workspace.set("RUST_BACKTRACE", "full");
        for (name, text, quoted) in canary::quotes().into_iter().step_by(13) {
            lambda.quote(text);
            let run = workspace.run(["apply", "-auto-approve", "-no-color"]);
            assert_ne!(run.code, Some(0), "{name}");
            let log = fs::read_to_string(workspace.path().join("trace.log")).unwrap();
            assert!(log.contains("TRACE"), "{terraform:?}");
            for said in [&run.stdout, &run.stderr, &log] {
                assert!(!said.contains(&quoted), "{terraform:?}: {name}: {said}");
                assert!(!canary::is_in(said), "{terraform:?}: {name}: {said}");
            }
            assert!(run.stderr.contains("[redacted]"), "{name}: {}", run.stderr);
        }
    }
}
