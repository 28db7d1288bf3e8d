//! What the resource has beyond hashicorp/aws: write-only inputs, results that are not
//! stored or have to hold something, limits of time and repetition.

use std::time::Duration;

use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::terraform::{Terraform, Workspace};
use serde_json::json;

use crate::lambda::{Lambda, configuration};

const ADDRESS: &str = "lambda_invocation.it";

fn write(workspace: &Workspace, function: &str, arguments: &str) {
    workspace.write(
        "main.tf",
        configuration(&format!(
            "resource \"lambda_invocation\" \"it\" {{\n  function_name = \"{function}\"\n{arguments}\n}}\n"
        )),
    );
}

#[test]
fn a_write_only_input_is_sent_again_with_its_version_alone() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let workspace = lambda.workspace(terraform, "");
        let none = Vec::<String>::new();
        write(
            &workspace,
            "identity",
            "  input_wo = \"1\"\n  input_wo_version = 1",
        );
        workspace.apply(&[]).expect_success();
        assert_eq!(lambda.payloads(), ["1"], "{terraform:?}");
        let attributes = &workspace.state(ADDRESS)["attributes"];
        // The MD5 of nothing: not even a hash of the input is kept.
        let id = "identity,$LATEST,d41d8cd98f00b204e9800998ecf8427e";
        assert_eq!(attributes["id"], id, "{terraform:?}");
        assert_eq!(attributes["input_wo"], json!(null), "{terraform:?}");

        // Another input is not noticed; another version is.
        write(
            &workspace,
            "identity",
            "  input_wo = \"2\"\n  input_wo_version = 1\n  tenant_id = \"t\"",
        );
        workspace.apply(&[]).expect_success();
        assert_eq!(lambda.payloads(), none, "{terraform:?}");
        write(
            &workspace,
            "identity",
            "  input_wo = \"2\"\n  input_wo_version = 2\n  tenant_id = \"t\"",
        );
        let plan = workspace.plan(&[]);
        assert_eq!(plan.actions(ADDRESS), ["delete", "create"], "{terraform:?}");
        workspace.apply(&["plan"]).expect_success();
        assert_eq!(lambda.payloads(), ["2"], "{terraform:?}");

        // To a stored input, which cannot be compared; and back, which can.
        write(
            &workspace,
            "identity",
            "  input = \"2\"\n  tenant_id = \"t\"",
        );
        workspace.apply(&[]).expect_success();
        assert_eq!(lambda.payloads(), ["2"], "{terraform:?}");
        write(
            &workspace,
            "identity",
            "  input_wo = \"2\"\n  input_wo_version = 1\n  tenant_id = \"t\"",
        );
        workspace.apply(&[]).expect_success();
        assert_eq!(lambda.payloads(), none, "{terraform:?}");
        assert_eq!(workspace.state(ADDRESS)["attributes"]["input"], json!(null));
    }
}

#[test]
fn a_result_that_is_not_to_be_stored_is_not_and_one_that_is_no_success_taints() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let workspace = lambda.workspace(terraform, "");
        write(
            &workspace,
            "identity",
            "  input = \"1\"\n  store_result = false",
        );
        let plan = workspace.plan(&[]);
        let after = &plan.change(ADDRESS)["after"];
        assert_eq!(after["result"], json!(null), "{terraform:?}");
        workspace.apply(&["plan"]).expect_success();
        assert_eq!(
            workspace.state(ADDRESS)["attributes"]["result"],
            json!(null)
        );
        lambda.payloads();

        // Not a success: the new resource is tainted, and replaced by the next apply.
        let success = |status: &str, scope: &str| {
            format!(
                "  input = jsonencode({{ status = \"{status}\" }})\n  success = {{ \"/status\" = \"ok\" }}\n{scope}"
            )
        };
        write(&workspace, "identity", &success("failed", ""));
        let said = workspace.apply(&[]).expect_failure();
        assert!(
            said.contains("The function ran, but its result is no success"),
            "{said}"
        );
        assert!(
            said.contains("What the result has at /status is not what success asks for"),
            "{said}"
        );
        assert_eq!(
            workspace.state(ADDRESS)["status"],
            "tainted",
            "{terraform:?}"
        );
        assert_eq!(workspace.plan(&[]).actions(ADDRESS), ["delete", "create"]);
        let crud = "  lifecycle_scope = \"CRUD\"";
        write(&workspace, "identity", &success("ok", crud));
        workspace.apply(&[]).expect_success();
        assert_eq!(lambda.payloads().len(), 2, "{terraform:?}");

        // Neither is an update: it is made again.
        write(&workspace, "identity", &success("no", crud));
        workspace.apply(&[]).expect_failure();
        assert_eq!(
            workspace.plan(&[]).actions(ADDRESS),
            ["update"],
            "{terraform:?}"
        );
    }
}

#[test]
fn each_resource_has_its_own_limits_of_time_and_repetition() {
    let terraform = match Terraform::with_actions() {
        Ok(terraform) => terraform,
        Err(reason) => return lambda_invocation_tests::peer::skip(&reason),
    };
    let lambda = Lambda::start();
    let workspace = lambda.workspace(
        terraform,
        r#"
resource "lambda_invocation" "slow" {
  function_name = "sleep"
  input         = jsonencode({ ms = 60000 })
  timeout       = 0.5
}
resource "lambda_invocation" "throttled" {
  function_name = "throttle"
  input         = jsonencode({ retry_after = 0 })
  retry_mode    = "never"
}
resource "lambda_invocation" "repeated" {
  function_name = "flaky"
  input         = jsonencode({ fail = 1, status = 500 })
  retry_mode    = "idempotent"
  max_attempts  = 2
}
"#,
    );
    let started = std::time::Instant::now();
    let said = workspace.apply(&["-parallelism=3"]).expect_failure();
    assert!(started.elapsed() < Duration::from_secs(30));
    assert!(
        said.contains("Lambda function sleep may have run, but gave no result"),
        "{said}"
    );
    assert!(said.contains("Timed out after 500 ms in total"), "{said}");
    assert!(
        said.contains("Lambda function throttle was not invoked"),
        "{said}"
    );
    let mut names: Vec<String> = lambda
        .arrived()
        .into_iter()
        .map(|(name, _, _)| name)
        .collect();
    names.sort();
    assert_eq!(names, ["flaky", "flaky", "sleep", "throttle"]);
}

#[test]
fn the_client_context_goes_with_every_request_and_the_log_is_shown_unless_it_is_not_wanted() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let workspace = lambda.workspace(terraform, "");
    let arguments = |context: &str| {
        format!(
            "  input = jsonencode({{}})\n  lifecycle_scope = \"CRUD\"\n  client_context = base64encode(jsonencode({{ custom = {{ a = \"{context}\" }} }}))"
        )
    };
    let seen = || -> serde_json::Value {
        let result = &workspace.state(ADDRESS)["attributes"]["result"];
        let result: serde_json::Value = serde_json::from_str(result.as_str().unwrap()).unwrap();
        result["saw"]["client_context"].clone()
    };
    write(&workspace, "echo", &arguments("one"));
    workspace.apply(&[]).expect_success();
    assert_eq!(lambda.payloads().len(), 1);
    let first = seen();
    assert_ne!(first, json!(null));

    // A change is stored, and is sent with what is sent next.
    write(&workspace, "echo", &arguments("two"));
    let plan = workspace.plan(&[]);
    assert_eq!(plan.actions(ADDRESS), ["update"]);
    workspace.apply(&["plan"]).expect_success();
    assert_eq!(lambda.payloads(), Vec::<String>::new());
    write(
        &workspace,
        "echo",
        &arguments("two").replace("jsonencode({})", "jsonencode({ b = 1 })"),
    );
    workspace.apply(&[]).expect_success();
    assert_ne!(seen(), first);
    workspace.run(["destroy", "-auto-approve"]).expect_success();

    let logged = "The end of its log";
    for (log_type, shown) in [("None", false), ("Tail", true)] {
        let input = format!("  input = jsonencode({{ lines = 1 }})\n  log_type = \"{log_type}\"");
        write(&workspace, "log", &input);
        let said = workspace.apply(&[]).expect_failure();
        assert_eq!(said.contains(logged), shown, "{log_type}: {said}");
    }
}
