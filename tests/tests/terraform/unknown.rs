//! Values that are known only after something else is applied.

use lambda_invocation_tests::terraform::Terraform;

use crate::lambda::Lambda;

/// Attributes whose values come from `terraform_data.u`, which is recreated with
/// `var.round`; and what a plan has to say of the resource then.
const BLOCKS: &[(&str, &str, &[&str])] = &[
    (
        "name",
        "function_name = terraform_data.u.output.name\n  input = \"1\"",
        REPLACE,
    ),
    ("input", "input = terraform_data.u.output.json", REPLACE),
    // Terraform knows how this one begins.
    (
        "prefix",
        "input = \"[1, ${terraform_data.u.output.json}]\"",
        REPLACE,
    ),
    (
        "crud",
        "input = terraform_data.u.output.object\n  lifecycle_scope = \"CRUD\"",
        &["update"],
    ),
    (
        "qualifier",
        "qualifier = terraform_data.u.output.latest\n  input = \"1\"",
        REPLACE,
    ),
    (
        "region",
        "region = terraform_data.u.output.region\n  input = \"1\"",
        REPLACE,
    ),
    (
        "triggers",
        "triggers = { a = terraform_data.u.output.json }\n  input = \"1\"",
        REPLACE,
    ),
    (
        "whole_map",
        "triggers = terraform_data.u.output.map\n  input = \"1\"",
        REPLACE,
    ),
    (
        "key",
        "terraform_key = terraform_data.u.output.name\n  input = \"1\"",
        &["update"],
    ),
    (
        "tenant",
        "tenant_id = terraform_data.u.output.name\n  input = \"1\"",
        &["update"],
    ),
    (
        "context",
        "client_context = base64encode(terraform_data.u.output.object)\n  input = \"1\"",
        &["update"],
    ),
    (
        "log",
        "log_type = terraform_data.u.output.log\n  input = \"1\"",
        &["update"],
    ),
    (
        "scope",
        "lifecycle_scope = terraform_data.u.output.scope\n  input = jsonencode({ a = 1 })",
        &["update"],
    ),
    (
        "timeout",
        "timeout = terraform_data.u.output.number\n  input = \"1\"",
        &["update"],
    ),
    (
        "attempts",
        "max_attempts = terraform_data.u.output.number\n  input = \"1\"",
        &["update"],
    ),
    (
        "mode",
        "retry_mode = terraform_data.u.output.mode\n  input = \"1\"",
        &["update"],
    ),
    (
        "success",
        "success = { \"\" = terraform_data.u.output.json }\n  input = \"1\"",
        &["update"],
    ),
    (
        "stored",
        "store_result = terraform_data.u.output.yes\n  input = \"1\"",
        &["update"],
    ),
    (
        "write_only",
        "input_wo = terraform_data.u.output.json\n  input_wo_version = terraform_data.u.output.number",
        REPLACE,
    ),
];

const REPLACE: &[&str] = &["delete", "create"];

fn body() -> String {
    let mut body = r#"
variable "round" { default = 1 }
resource "terraform_data" "u" {
  triggers_replace = var.round
  input = {
    name = "identity", json = "1", object = jsonencode({ a = 1 }), latest = "$LATEST", region = "us-east-1"
    map = { a = "b" }, scope = "CREATE_ONLY", number = 5, mode = "never", yes = true, log = "Tail"
  }
}
"#
    .to_owned();
    for (name, arguments, _) in BLOCKS {
        let function = match *name {
            "name" => "",
            _ => "function_name = \"identity\"",
        };
        body.push_str(&format!(
            "resource \"lambda_invocation\" \"{name}\" {{\n  {function}\n  {arguments}\n}}\n"
        ));
    }
    body
}

#[test]
fn an_unknown_value_in_any_attribute_is_planned_for_the_most_and_applied_for_what_it_is() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let workspace = lambda.workspace(terraform, &body());
        workspace.apply(&[]).expect_success();
        assert_eq!(lambda.payloads().len(), BLOCKS.len(), "{terraform:?}");

        let plan = workspace.plan(&["-var=round=2"]);
        for (name, _, actions) in BLOCKS {
            let address = format!("lambda_invocation.{name}");
            assert_eq!(plan.actions(&address), *actions, "{terraform:?}: {name}");
            let unknown = &plan.change(&address)["after_unknown"];
            let invokes = *actions == REPLACE || *name == "crud";
            // Under an unknown scope nothing is certain.
            let open = invokes || *name == "scope" || *name == "stored";
            assert_eq!(
                unknown["result"] == true,
                open,
                "{terraform:?}: {name}: {unknown}"
            );
        }
        assert_eq!(lambda.payloads(), Vec::<String>::new(), "{terraform:?}");
        workspace.apply(&["plan"]).expect_success();
        // The values are what they were. Terraform replaces what it has planned to; the
        // rest is not invoked again.
        let replaced = BLOCKS.iter().filter(|(_, _, actions)| *actions == REPLACE);
        assert_eq!(lambda.payloads().len(), replaced.count(), "{terraform:?}");
        let quiet = workspace.run(["plan", "-var=round=2", "-detailed-exitcode"]);
        assert_eq!(quiet.code, Some(0), "{terraform:?}: {}", quiet.stdout);
    }
}

#[test]
fn a_region_of_the_provider_that_is_not_known_yet_is_planned_as_such() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let mut workspace = lambda.workspace(
            terraform,
            r#"
resource "terraform_data" "u" { input = "us-east-1" }
provider "lambda" { region = terraform_data.u.output }
resource "lambda_invocation" "it" {
  function_name = "identity"
  input         = "1"
}
"#,
        );
        workspace.set("AWS_REGION", "");
        let plan = workspace.plan(&[]);
        let unknown = &plan.change("lambda_invocation.it")["after_unknown"];
        assert_eq!(unknown["region"], true, "{terraform:?}: {unknown}");
        assert_eq!(lambda.payloads(), Vec::<String>::new(), "{terraform:?}");
        workspace.apply(&["plan"]).expect_success();
        let attributes = &workspace.state("lambda_invocation.it")["attributes"];
        assert_eq!(attributes["region"], "us-east-1", "{terraform:?}");
    }
}
