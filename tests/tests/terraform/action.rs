//! The action, which Terraform has since 1.14.

use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::terraform::Terraform;
use serde_json::Value;

use crate::lambda::{Lambda, configuration};

const TRIGGERED: &str = r#"
variable "input" { default = "one" }
resource "terraform_data" "it" {
  input = var.input
  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.lambda_invoke.log]
    }
    action_trigger {
      events  = [after_create]
      actions = [action.lambda_invoke.event, action.lambda_invoke.dry_run]
    }
  }
}
action "lambda_invoke" "log" {
  config {
    function_name = "log"
    log_type      = "Tail"
    payload       = jsonencode({ lines = var.input == "fails" ? null : "a line of the log" })
  }
}
action "lambda_invoke" "event" {
  config {
    function_name   = "identity"
    invocation_type = "Event"
    payload         = "\"event\""
  }
}
action "lambda_invoke" "dry_run" {
  config {
    function_name   = "identity"
    invocation_type = "DryRun"
    payload         = "\"dry run\""
  }
}
ephemeral "lambda_invocation" "secret" {
  function_name = "identity"
  payload       = "\"secret\""
}
action "lambda_invoke" "throttled" {
  config {
    function_name = "throttle"
    payload       = jsonencode({ times = 1, retry_after = 0 })
  }
}
action "aws_lambda_invoke" "by_itself" {
  provider = lambda
  config {
    function_name  = "echo"
    qualifier      = "1"
    payload_wo     = ephemeral.lambda_invocation.secret.result
    client_context = base64encode("{}")
    tenant_id      = "tenant"
  }
}
"#;

#[test]
fn actions_run_at_their_events_or_by_themselves_and_say_how_it_goes() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let workspace = lambda.workspace(terraform, "");
    workspace.write("main.tf", configuration(TRIGGERED));
    workspace.run(["plan", "-out=plan"]).expect_success();
    assert_eq!(lambda.payloads(), [r#""secret""#]);
    let applied = workspace.run(["apply", "plan"]);
    let said = &applied.expect_success().stdout;
    for line in [
        "Invoking Lambda function log...",
        "Lambda function log invoked successfully (status: 200, payload: 4 bytes)",
        "Lambda function logs:\nSTART RequestId:",
        "a line of the log",
        "Lambda function identity invoked asynchronously (status: 202)",
        "Lambda function identity dry run completed successfully (status: 204)",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let mut sent = lambda.payloads();
    sent.sort();
    assert_eq!(
        sent,
        [
            r#""dry run""#,
            r#""event""#,
            r#""secret""#,
            r#"{"lines":"a line of the log"}"#
        ]
    );

    // A failure is said at the trigger, with the function's error, and the update waits.
    let failed = workspace.apply(&["-var=input=fails"]);
    let said = failed.expect_failure();
    for part in [
        "Lambda function log ran and failed",
        "Message: lines must be a string or a list of strings",
        "on main.tf line",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let state: Value = workspace.state("terraform_data.it");
    assert_eq!(state["attributes"]["output"]["value"], "one");
    lambda.payloads();

    // By itself, with an ephemeral value for a payload.
    let invoked = workspace.run([
        "apply",
        "-auto-approve",
        "-invoke=action.aws_lambda_invoke.by_itself",
    ]);
    let said = &invoked.expect_success().stdout;
    assert!(
        said.contains("Lambda function echo invoked successfully"),
        "{said}"
    );
    let arrived = lambda.arrived();
    let last = arrived.last().unwrap();
    assert_eq!(last.0, "echo");
    assert_eq!(last.1.as_deref(), Some("1"));
    assert_eq!(last.2, r#""secret""#);

    // What keeps it waiting is said meanwhile.
    let throttled = workspace.run([
        "apply",
        "-auto-approve",
        "-invoke=action.lambda_invoke.throttled",
    ]);
    let said = &throttled.expect_success().stdout;
    for part in [
        "Lambda function throttle: throttled, trying again in ",
        "Lambda function throttle invoked successfully",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn what_is_wrong_with_an_action_is_said_before_it_runs() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let workspace = lambda.workspace(terraform, "");
    const ACTIONS: &[(&str, &str)] = &[
        ("payload = \"{\"", "payload: Not JSON: it ends too early"),
        (
            "payload = \"\"",
            "payload: Must be valid JSON, and not empty",
        ),
        ("", "payload: Must be set, or else payload_wo"),
        (
            "payload = \"1\"\n invocation_type = \"Later\"",
            "invocation_type: Must be one of RequestResponse, Event, DryRun",
        ),
        (
            "payload = \"1\"\n client_context = \"?\"",
            "client_context: ",
        ),
    ];
    let actions: Vec<String> = ACTIONS
        .iter()
        .enumerate()
        .map(|(n, (arguments, _))| {
            format!("action \"lambda_invoke\" \"a{n}\" {{\n config {{\n function_name = \"echo\"\n {arguments}\n }}\n}}\n")
        })
        .collect();
    workspace.write("main.tf", configuration(&actions.concat()));
    let run = workspace.run(["validate", "-json"]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let mut found: Vec<String> = found["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| format!("{}: {}", d["summary"], d["detail"]).replace('"', ""))
        .collect();
    found.sort();
    let mut expected: Vec<String> = ACTIONS
        .iter()
        .map(|(_, expected)| format!("Invalid {expected}"))
        .collect();
    expected.sort();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(&expected) {
        assert!(found.starts_with(expected), "{found}: {expected}");
    }
}
