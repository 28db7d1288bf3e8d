//! The managed resource: creations, updates, replacements, destructions.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::terraform::Terraform;
use serde_json::{Value, json};

use crate::lambda::{Lambda, configuration};

const ADDRESS: &str = "lambda_invocation.it";

fn resource(arguments: &str) -> String {
    configuration(&format!(
        "resource \"lambda_invocation\" \"it\" {{\n  function_name = \"identity\"\n{arguments}\n}}\noutput \"result\" {{ value = lambda_invocation.it.result }}\n"
    ))
}

#[test]
fn create_only_invokes_once_and_again_when_it_is_replaced() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let workspace = lambda.workspace(terraform, "");
        // Bytes that any reader of JSON would write otherwise.
        workspace.write(
            "main.tf",
            resource(r#"  input = "{ \"n\": 1.0, \"a\": \"<>\" }""#),
        );
        let plan = workspace.plan(&[]);
        assert_eq!(plan.actions(ADDRESS), ["create"], "{terraform:?}");
        assert_eq!(
            plan.change(ADDRESS)["after_unknown"],
            json!({"id": true, "result": true}),
            "{terraform:?}"
        );
        assert_eq!(lambda.payloads(), Vec::<String>::new(), "{terraform:?}");
        workspace.apply(&["plan"]).expect_success();
        let sent = r#"{ "n": 1.0, "a": "<>" }"#;
        assert_eq!(
            lambda.arrived(),
            [(
                "identity".to_owned(),
                Some("$LATEST".to_owned()),
                sent.to_owned()
            )],
            "{terraform:?}"
        );
        let state = workspace.state(ADDRESS);
        assert_eq!(state["attributes"]["result"], sent, "{terraform:?}");

        // Nothing changed, or nothing that the function is to know of.
        assert_eq!(
            workspace.plan(&[]).actions(ADDRESS),
            ["no-op"],
            "{terraform:?}"
        );
        workspace.write(
            "main.tf",
            resource(
                r#"  input = "{ \"n\": 1.0, \"a\": \"<>\" }"
  terraform_key = "other"
  tenant_id     = "tenant"
  timeout       = 30"#,
            ),
        );
        let plan = workspace.plan(&[]);
        assert_eq!(plan.actions(ADDRESS), ["update"], "{terraform:?}");
        assert_eq!(
            plan.change(ADDRESS)["after_unknown"],
            json!({}),
            "{terraform:?}"
        );
        workspace.apply(&["plan"]).expect_success();
        assert_eq!(lambda.payloads(), Vec::<String>::new(), "{terraform:?}");

        // Another input, and other triggers.
        workspace.write("main.tf", resource(r#"  input = "2""#));
        let plan = workspace.plan(&[]);
        assert_eq!(plan.actions(ADDRESS), ["delete", "create"], "{terraform:?}");
        workspace.apply(&["plan"]).expect_success();
        assert_eq!(lambda.payloads(), ["2"], "{terraform:?}");
        workspace.write(
            "main.tf",
            resource("  input = \"2\"\n  triggers = { a = \"b\" }\n  lifecycle { create_before_destroy = true }"),
        );
        let plan = workspace.plan(&[]);
        assert_eq!(plan.actions(ADDRESS), ["create", "delete"], "{terraform:?}");
        workspace.apply(&["plan"]).expect_success();
        assert_eq!(lambda.payloads(), ["2"], "{terraform:?}");

        workspace.run(["destroy", "-auto-approve"]).expect_success();
        assert_eq!(lambda.payloads(), Vec::<String>::new(), "{terraform:?}");
    }
}

/// A function that fails for what its event holds: `lines` must be a string or a list.
fn logging(lines: &str) -> String {
    configuration(&format!(
        r#"
resource "lambda_invocation" "it" {{
  function_name   = "log"
  input           = jsonencode({{ lines = {lines} }})
  lifecycle_scope = "CRUD"
}}
resource "terraform_data" "after" {{ input = lambda_invocation.it.result }}
"#
    ))
}

#[test]
fn crud_tells_the_function_of_every_event_and_forgets_no_failed_update() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let workspace = lambda.workspace(terraform, "");
        workspace.write("main.tf", logging(r#""<one>""#));
        workspace.apply(&[]).expect_success();
        assert_eq!(
            lambda.payloads(),
            [r#"{"lines":"\u003cone\u003e","tf":{"action":"create","prev_input":null}}"#],
            "{terraform:?}"
        );
        let created = workspace.state(ADDRESS);

        // What follows from the result is planned to change with it.
        workspace.write("main.tf", logging(r#"["two"]"#));
        let plan = workspace.plan(&[]);
        assert_eq!(plan.actions(ADDRESS), ["update"], "{terraform:?}");
        assert_eq!(
            plan.actions("terraform_data.after"),
            ["update"],
            "{terraform:?}"
        );

        // An update that fails leaves the state as it was, and is planned again.
        workspace.write("main.tf", logging("5"));
        let said = workspace.apply(&[]).expect_failure();
        for part in [
            "Error: Lambda function log ran and failed",
            "with lambda_invocation.it,",
            "Type: ValueError Message: lines must be a string or a list of strings",
            "The end of its log: START RequestId:",
        ] {
            assert!(said.contains(part), "{terraform:?}: {said}");
        }
        let failed =
            r#"{"lines":5,"tf":{"action":"update","prev_input":{"lines":"\u003cone\u003e"}}}"#;
        assert_eq!(lambda.payloads(), [failed], "{terraform:?}");
        assert_eq!(workspace.state(ADDRESS), created, "{terraform:?}");
        assert_eq!(
            workspace.plan(&[]).actions(ADDRESS),
            ["update"],
            "{terraform:?}"
        );

        workspace.write("main.tf", logging(r#"["two"]"#));
        workspace.apply(&[]).expect_success();
        let update = r#"{"lines":["two"],"tf":{"action":"update","prev_input":{"lines":"\u003cone\u003e"}}}"#;
        assert_eq!(lambda.payloads(), [update], "{terraform:?}");

        workspace.run(["destroy", "-auto-approve"]).expect_success();
        let delete = r#"{"lines":["two"],"tf":{"action":"delete","prev_input":{"lines":["two"]}}}"#;
        assert_eq!(lambda.payloads(), [delete], "{terraform:?}");
    }
}

#[test]
fn sensitive_values_stay_sensitive() {
    const SECRET: &str = "C4N4RY-sensitive";
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let body = format!(
            r#"
variable "secret" {{
  default   = "{SECRET}"
  sensitive = true
}}
resource "lambda_invocation" "it" {{
  function_name = "identity"
  input         = jsonencode({{ key = var.secret }})
  triggers      = {{ a = var.secret }}
  success       = {{ "/key" = "another" }}
}}
"#
        );
        let workspace = lambda.workspace(terraform, &body);
        let run = workspace.apply(&[]);
        let said = run.expect_failure() + &run.stdout;
        assert!(said.contains("(sensitive value)"), "{terraform:?}: {said}");
        assert!(!said.contains(SECRET), "{terraform:?}: {said}");
        let sensitive = workspace.state(ADDRESS)["sensitive_attributes"].to_string();
        for attribute in ["input", "triggers"] {
            assert!(sensitive.contains(attribute), "{terraform:?}: {sensitive}");
        }
    }
}

#[test]
fn a_failed_creation_leaves_nothing_and_a_failed_half_is_finished_alone() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let workspace = lambda.workspace(terraform, "");
        workspace.write("main.tf", logging("1"));
        workspace.apply(&[]).expect_failure();
        assert_eq!(lambda.payloads().len(), 1, "{terraform:?}");
        assert_eq!(workspace.state(ADDRESS), json!(null), "{terraform:?}");

        // Deleted, and then the creation fails: the next apply creates only.
        workspace.write("main.tf", logging(r#""one""#));
        workspace.apply(&[]).expect_success();
        let with = |lines: &str, more: &str| {
            logging(lines).replace("lifecycle_scope", &format!("{more}\n  lifecycle_scope"))
        };
        workspace.write("main.tf", with("2", "triggers = { a = \"b\" }"));
        workspace.apply(&[]).expect_failure();
        let actions = |lambda: &Lambda| -> Vec<String> {
            lambda
                .payloads()
                .iter()
                .map(|payload| {
                    serde_json::from_str::<serde_json::Value>(payload).unwrap()["tf"]["action"]
                        .as_str()
                        .unwrap()
                        .to_owned()
                })
                .collect()
        };
        assert_eq!(
            actions(&lambda),
            ["create", "delete", "create"],
            "{terraform:?}"
        );
        assert_eq!(workspace.state(ADDRESS), json!(null), "{terraform:?}");
        workspace.write("main.tf", with(r#""three""#, "triggers = { a = \"b\" }"));
        workspace.apply(&[]).expect_success();
        assert_eq!(actions(&lambda), ["create"], "{terraform:?}");

        // Both halves in the other order.
        let first = "triggers = { a = \"c\" }\n  lifecycle { create_before_destroy = true }\n  region = \"us-east-1\"";
        workspace.write("main.tf", with(r#""four""#, first));
        workspace.apply(&[]).expect_success();
        assert_eq!(actions(&lambda), ["create", "delete"], "{terraform:?}");
    }
}

#[test]
fn a_deletion_that_fails_after_its_replacement_is_made_again_alone() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let events = Arc::new(Mutex::new(Vec::new()));
        let failing = Arc::new(AtomicBool::new(true));
        let (seen, fails) = (Arc::clone(&events), Arc::clone(&failing));
        // A function whose deletions fail for a time.
        let server = Server::start(move |mut client| {
            let body = String::from_utf8(client.read_request()?.body).unwrap();
            let event: Value = serde_json::from_str(&body).unwrap();
            let action = event["tf"]["action"].as_str().unwrap().to_owned();
            let failed = action == "delete" && fails.load(Ordering::SeqCst);
            seen.lock().unwrap().push(action);
            let (header, answer) = match failed {
                true => (
                    "X-Amz-Function-Error: Unhandled\r\n",
                    r#"{"errorMessage":"busy"}"#,
                ),
                false => ("", "{}"),
            };
            let length = answer.len();
            client.send(format!("HTTP/1.1 200 OK\r\nX-Amz-Executed-Version: $LATEST\r\n{header}Content-Length: {length}\r\nConnection: close\r\n\r\n{answer}"))?;
            client.finish()
        });
        let mut workspace = lambda.workspace(terraform, "");
        workspace.set("AWS_ENDPOINT_URL_LAMBDA", server.url());
        let body = |trigger: &str| {
            resource(&format!(
                "  input = jsonencode({{ n = 1 }})\n  lifecycle_scope = \"CRUD\"\n  triggers = {{ a = \"{trigger}\" }}\n  lifecycle {{ create_before_destroy = true }}"
            ))
        };
        let took_place = || std::mem::take(&mut *events.lock().unwrap());
        workspace.write("main.tf", body("a"));
        workspace.apply(&[]).expect_success();
        workspace.write("main.tf", body("b"));
        let said = workspace.apply(&[]).expect_failure();
        assert!(said.contains("Message: busy"), "{terraform:?}: {said}");
        assert_eq!(
            took_place(),
            ["create", "create", "delete"],
            "{terraform:?}"
        );

        failing.store(false, Ordering::SeqCst);
        workspace.apply(&[]).expect_success();
        assert_eq!(took_place(), ["delete"], "{terraform:?}");
        let plan = workspace.plan(&[]);
        assert_eq!(plan.actions(ADDRESS), ["no-op"], "{terraform:?}");
    }
}

#[test]
fn what_is_wrong_with_a_block_is_said_at_its_attribute_before_anything_is_sent() {
    const BLOCKS: &[(&str, &str, &str)] = &[
        (
            "json",
            "input = \"{a: 1}\"",
            "input: must be valid JSON: unexpected character at line 1, column 2",
        ),
        (
            "array",
            "input = \"[]\"\n  lifecycle_scope = \"CRUD\"",
            "input: must be a JSON object",
        ),
        (
            "collision",
            "input = jsonencode({ tf = 1 })\n  lifecycle_scope = \"CRUD\"",
            "terraform_key: must not be a key of input",
        ),
        (
            "key",
            "input = \"1\"\n  terraform_key = \"\"",
            "terraform_key: must not be empty",
        ),
        (
            "scope",
            "input = \"1\"\n  lifecycle_scope = \"EVERY\"",
            "lifecycle_scope: must be CREATE_ONLY or CRUD",
        ),
        (
            "qualifier",
            "input = \"1\"\n  function_name = \"f:1\"\n  qualifier = \"2\"",
            "qualifier: function_name already names another version or alias",
        ),
        (
            "name",
            "input = \"1\"\n  function_name = \"a b\"",
            "function_name: the name may hold only",
        ),
        ("none", "", "input: must be set, or else input_wo"),
        (
            "both",
            "input = \"1\"\n  input_wo = \"1\"",
            "input_wo: must not be set beside input",
        ),
        (
            "write_only",
            "input_wo = \"{}\"\n  lifecycle_scope = \"CRUD\"",
            "input_wo: must not be used with lifecycle_scope",
        ),
        (
            "write_only_json",
            "input_wo = \"{\"",
            "input_wo: must be valid JSON",
        ),
        (
            "timeout",
            "input = \"1\"\n  timeout = 0",
            "timeout: must be a number of seconds",
        ),
        (
            "attempts",
            "input = \"1\"\n  max_attempts = 11",
            "max_attempts: must be a whole number from 1 to 10",
        ),
        (
            "mode",
            "input = \"1\"\n  retry_mode = \"always\"",
            "retry_mode: must be one of never, safe, idempotent",
        ),
        (
            "context",
            "input = \"1\"\n  client_context = \"?\"",
            "client_context: must be base64",
        ),
        (
            "log",
            "input = \"1\"\n  log_type = \"All\"",
            "log_type: must be one of None, Tail",
        ),
        (
            "success",
            "input = \"1\"\n  success = { status = \"ok\" }",
            "success: \"status\" is not a JSON pointer",
        ),
        (
            "tenant",
            "input = \"1\"\n  tenant_id = \"\"",
            "tenant_id: must be 1 to 256 letters",
        ),
    ];
    let blocks: Vec<String> = BLOCKS
        .iter()
        .map(|(name, arguments, _)| {
            let function = match arguments.contains("function_name") {
                true => "",
                false => "function_name = \"identity\"",
            };
            format!(
                "resource \"lambda_invocation\" \"{name}\" {{\n  {function}\n  {arguments}\n}}\n"
            )
        })
        .collect();
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let workspace = lambda.workspace(terraform, &blocks.concat());
        let run = workspace.run(["validate", "-json"]);
        let found: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let diagnostics = found["diagnostics"].as_array().unwrap();
        assert_eq!(
            diagnostics.len(),
            BLOCKS.len(),
            "{terraform:?}: {diagnostics:#?}"
        );
        for (name, arguments, expected) in BLOCKS {
            let address = format!("lambda_invocation.{name}");
            let diagnostic = diagnostics
                .iter()
                .find(|d| d["address"] == address)
                .unwrap();
            let (attribute, rule) = expected.split_once(": ").unwrap();
            let code = diagnostic["snippet"]["code"].as_str().unwrap();
            let detail = diagnostic["detail"].as_str().unwrap().to_lowercase();
            // An attribute that is not there is shown by its block.
            let at = match arguments.contains(attribute) {
                true => attribute,
                false => "resource",
            };
            assert!(code.trim_start().starts_with(at), "{name}: {diagnostic:#}");
            assert_eq!(
                diagnostic["summary"],
                format!("Invalid {attribute}"),
                "{name}"
            );
            assert!(detail.starts_with(&rule.to_lowercase()), "{name}: {detail}");
        }
        assert_eq!(lambda.payloads(), Vec::<String>::new(), "{terraform:?}");
    }
}
