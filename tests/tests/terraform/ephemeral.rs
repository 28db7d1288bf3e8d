//! The ephemeral resource: opened when its arguments are known, and found nowhere after.

use std::fs;
use std::path::Path;
use std::process::Command;

use lambda_invocation_tests::terraform::{Run, Terraform, Workspace};
use serde_json::json;

use crate::lambda::Lambda;

/// What must not be found anywhere.
pub const CANARY: &str = "C4N4RY-pK3w";

/// A secret goes from a function to another one, which gets it as a write-only input.
fn body() -> String {
    format!(
        r#"
ephemeral "lambda_invocation" "secret" {{
  function_name = "identity"
  payload       = jsonencode({{ key = "{CANARY}-payload" }})
  log_type      = "Tail"
}}
resource "lambda_invocation" "it" {{
  function_name    = "identity"
  input_wo         = jsonencode(jsondecode(ephemeral.lambda_invocation.secret.result).key)
  input_wo_version = 1
  store_result     = false
}}
"#
    )
}

#[test]
fn nothing_of_an_ephemeral_is_in_a_plan_a_state_a_log_or_the_output() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let mut workspace = lambda.workspace(terraform, "");
        workspace.set("TF_LOG", "trace");
        workspace.set("TF_LOG_PATH", "trace.log");
        // The configuration itself holds it, and is not what is looked at.
        workspace.write("main.tf", "");
        let configuration = crate::lambda::configuration(&body());
        workspace.write("main.tf", &configuration);
        let planned = workspace.run(["plan", "-out=plan"]);
        planned.expect_success();
        let secret = format!("{{\"key\":\"{CANARY}-payload\"}}");
        assert_eq!(lambda.payloads(), [secret.as_str()], "{terraform:?}");
        let applied = workspace.run(["apply", "plan"]);
        applied.expect_success();
        let sent = format!("\"{CANARY}-payload\"");
        assert_eq!(lambda.payloads(), [secret.as_str(), &sent], "{terraform:?}");
        let attributes = &workspace.state("lambda_invocation.it")["attributes"];
        assert_eq!(attributes["result"], json!(null), "{terraform:?}");
        assert_eq!(attributes["input_wo"], json!(null), "{terraform:?}");

        // And of a function that fails with what it was given.
        workspace.write(
            "main.tf",
            configuration
                .replace("\"identity\"\n  payload", "\"fail\"\n  payload")
                .replace("key =", "key =  "),
        );
        let failed = workspace.run(["plan"]);
        let said = failed.expect_failure();
        assert!(
            said.contains("Lambda function fail ran and failed"),
            "{said}"
        );
        lambda.payloads();

        for run in [&planned, &applied, &failed] {
            is_clean(&run.stdout, "standard output");
            // A diagnostic quotes the line of the configuration that it is about.
            is_clean(
                &run.stderr.replace(&format!("\"{CANARY}-payload\""), ""),
                "standard error",
            );
        }
        // A plan is a zip file, and holds the configuration among others.
        unpack(&workspace, "plan");
        for name in ["tfplan", "tfstate", "tfstate-prev"] {
            is_clean(&lossy(&workspace.path().join("unpacked").join(name)), name);
        }
        is_clean(&workspace.read("terraform.tfstate"), "the state");
        let log = workspace.read("trace.log");
        assert!(
            log.contains("terraform-provider-lambda"),
            "a log that says something"
        );
        is_clean(&log, "the log");
    }
}

fn lossy(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

fn unpack(workspace: &Workspace, name: &str) {
    let unpacked = Command::new("python3")
        .args(["-m", "zipfile", "-e", name, "unpacked"])
        .current_dir(workspace.path())
        .status()
        .unwrap();
    assert!(unpacked.success());
}

#[track_caller]
pub fn is_clean(text: &str, about: &str) {
    let found = text.find(CANARY).map(|at| {
        let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
        &text[start..(at + CANARY.len())]
    });
    assert_eq!(found, None, "in {about}");
}

#[test]
fn an_ephemeral_waits_for_what_is_not_known_and_returns_what_it_was_given() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let body = r#"
resource "terraform_data" "u" { input = "1" }
ephemeral "lambda_invocation" "late" {
  function_name  = "arn:aws:lambda:us-east-1:123456789012:function:echo"
  qualifier      = "PROD"
  payload        = "[ ${terraform_data.u.output} ]"
  client_context = base64encode(jsonencode({ custom = { a = 1 } }))
  tenant_id      = "tenant"
}
ephemeral "lambda_invocation" "failed" {
  function_name         = "fail"
  payload               = jsonencode({ runtime = "node", of = terraform_data.u.output })
  return_function_error = true
}
resource "lambda_invocation" "it" {
  function_name    = "identity"
  input_wo         = jsonencode([
    ephemeral.lambda_invocation.late.payload,
    ephemeral.lambda_invocation.late.qualifier,
    ephemeral.lambda_invocation.late.executed_version,
    ephemeral.lambda_invocation.late.status_code,
    ephemeral.lambda_invocation.late.function_error,
    ephemeral.lambda_invocation.late.log_result,
    jsondecode(ephemeral.lambda_invocation.late.result).saw.tenant_id,
    ephemeral.lambda_invocation.failed.function_error,
    jsondecode(ephemeral.lambda_invocation.failed.result).errorType,
  ])
}
"#;
        let workspace = lambda.workspace(terraform, body);
        workspace.run(["plan", "-out=plan"]).expect_success();
        assert_eq!(lambda.payloads(), Vec::<String>::new(), "{terraform:?}");
        workspace.run(["apply", "plan"]).expect_success();
        let mut payloads = lambda.payloads();
        let last = payloads.pop().unwrap();
        payloads.sort();
        assert_eq!(
            payloads,
            ["[ 1 ]", r#"{"of":"1","runtime":"node"}"#],
            "{terraform:?}"
        );
        assert_eq!(
            last, r#"["[ 1 ]","PROD","1",200,null,null,"tenant","Unhandled","Error"]"#,
            "{terraform:?}"
        );
    }
}

#[test]
fn what_is_wrong_with_an_ephemeral_is_said_before_it_is_opened() {
    let validated = |run: &Run| -> Vec<(String, String)> {
        let found: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let diagnostics = found["diagnostics"].as_array().unwrap();
        diagnostics
            .iter()
            .map(|d| {
                let text = |name: &str| d[name].as_str().unwrap().to_owned();
                (text("summary"), text("detail"))
            })
            .collect()
    };
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let body = r#"
ephemeral "lambda_invocation" "empty" {
  function_name = "echo"
  payload       = ""
}
data "lambda_invocation" "context" {
  function_name  = "echo"
  input          = "1"
  client_context = "no base64"
}
data "lambda_invocation" "qualifier" {
  function_name  = "echo:1"
  input          = "1"
  qualifier      = "2"
}
"#;
        let workspace = lambda.workspace(terraform, body);
        let mut found = validated(&workspace.run(["validate", "-json"]));
        found.sort();
        let summaries: Vec<&str> = found.iter().map(|(summary, _)| summary.as_str()).collect();
        assert_eq!(
            summaries,
            [
                "Invalid client_context",
                "Invalid payload",
                "Invalid qualifier"
            ],
            "{found:#?}"
        );
        assert_eq!(lambda.payloads(), Vec::<String>::new(), "{terraform:?}");
    }
}
