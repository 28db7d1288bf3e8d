//! Invocations that were made elsewhere: by hashicorp/aws, or by hand.

use lambda_invocation_tests::terraform::{Terraform, Workspace};
use serde_json::{Value, json};

use crate::lambda::{Lambda, configuration};

/// A state file with one resource, as hashicorp/aws wrote it.
pub fn state(r#type: &str, provider: &str, version: u32, attributes: &Value) -> String {
    json!({
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 1,
        "lineage": "6f1c0c2e-0000-4000-8000-000000000000",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": r#type,
            "name": "it",
            "provider": format!("provider[\"registry.terraform.io/{provider}\"]"),
            "instances": [{
                "schema_version": version,
                "attributes": attributes,
                "sensitive_attributes": [],
                "private": "eyJzY2hlbWFfdmVyc2lvbiI6IjEifQ==",
            }],
        }],
    })
    .to_string()
}

const INPUT: &str = r#"{"key1":"value1"}"#;
const HASH: &str = "0f8e1c3d5b7a9c2e4f60718293a4b5c6";

/// The states that releases of hashicorp/aws left behind, by their schema version.
fn states() -> Vec<(&'static str, u32, Value)> {
    vec![
        // Before 5.1.0: neither a scope nor a key.
        (
            "4.65.0",
            0,
            json!({
                "function_name": "identity", "id": format!("identity_$LATEST_{HASH}"), "input": INPUT,
                "qualifier": "$LATEST", "result": "\"old\"", "triggers": null,
            }),
        ),
        (
            "5.83.0",
            0,
            json!({
                "function_name": "identity", "id": format!("identity_$LATEST_{HASH}"), "input": INPUT,
                "lifecycle_scope": "CREATE_ONLY", "qualifier": "$LATEST", "result": "\"old\"",
                "terraform_key": "tf", "triggers": null,
            }),
        ),
        (
            "6.28.0",
            1,
            json!({
                "function_name": "identity", "id": format!("identity,$LATEST,{HASH}"), "input": INPUT,
                "lifecycle_scope": "CREATE_ONLY", "qualifier": "$LATEST", "region": "us-east-1",
                "result": "\"old\"", "tenant_id": "", "terraform_key": "tf", "triggers": null,
            }),
        ),
    ]
}

fn taken_over(workspace: &Workspace, lambda: &Lambda, address: &str, about: &str) {
    let plan = workspace.plan(&[]);
    assert_eq!(plan.actions(address), ["no-op"], "{about}: {plan:#?}");
    workspace.apply(&[]).expect_success();
    let state = workspace.state(address);
    assert_eq!(state["attributes"]["result"], "\"old\"", "{about}");
    assert_eq!(state["attributes"]["region"], "us-east-1", "{about}");
    assert_eq!(lambda.payloads(), Vec::<String>::new(), "{about}");
}

/// Under the local name of ours, and with the type's own name: nothing but the source of
/// the provider changes.
const AS_BEFORE: &str = r#"
terraform {
  required_providers {
    aws = { source = "lambda-invocation/lambda" }
  }
}
resource "aws_lambda_invocation" "it" {
  function_name = "identity"
  input         = jsonencode({ key1 = "value1" })
}
"#;

#[test]
fn states_of_hashicorp_aws_are_taken_over_without_invoking() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let mut replaced = terraform.workspace(AS_BEFORE);
        lambda.connect(&mut replaced);
        let body = r#"
resource "lambda_invocation" "it" {
  function_name = "identity"
  input         = jsonencode({ key1 = "value1" })
}
moved {
  from = aws_lambda_invocation.it
  to   = lambda_invocation.it
}
"#;
        let moved = lambda.workspace(terraform, body);
        for (release, version, attributes) in states() {
            let about = format!("{release} under {terraform:?}");
            let there = state(
                "aws_lambda_invocation",
                "hashicorp/aws",
                version,
                &attributes,
            );
            replaced.write("terraform.tfstate", &there);
            replaced
                .run([
                    "state",
                    "replace-provider",
                    "-auto-approve",
                    "hashicorp/aws",
                    "lambda-invocation/lambda",
                ])
                .expect_success();
            taken_over(&replaced, &lambda, "aws_lambda_invocation.it", &about);

            // The other way: a block that says where it was.
            moved.write("terraform.tfstate", &there);
            // Terraform wants the provider that the state still names.
            moved.initialise();
            taken_over(&moved, &lambda, "lambda_invocation.it", &about);
        }
    }
}

/// Two lines more than before, and again without them. hashicorp/aws is another copy of our
/// program here: what is tried is that nothing but the lines changes.
#[test]
fn a_resource_goes_to_this_provider_and_back_without_invoking() {
    let here = r#"
terraform {
  required_providers {
    lambda = { source = "lambda-invocation/lambda" }
  }
}
resource "aws_lambda_invocation" "it" {
  provider      = lambda
  function_name = "identity"
  input         = jsonencode({ key1 = "value1" })
}
"#;
    let there = here
        .replace(
            "    lambda = { source = \"lambda-invocation/lambda\" }\n",
            "",
        )
        .replace("  provider      = lambda\n", "");
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let mut workspace = terraform.workspace("");
        lambda.connect(&mut workspace);
        let (_, version, attributes) = states().pop().unwrap();
        workspace.write(
            "terraform.tfstate",
            state(
                "aws_lambda_invocation",
                "hashicorp/aws",
                version,
                &attributes,
            ),
        );
        for (configuration, provider) in [
            (here, "lambda-invocation/lambda"),
            (there.as_str(), "hashicorp/aws"),
        ] {
            let about = format!("{provider} under {terraform:?}");
            workspace.write("main.tf", configuration);
            workspace.initialise();
            taken_over(&workspace, &lambda, "aws_lambda_invocation.it", &about);
        }
    }
}

#[test]
fn an_import_adopts_the_configuration_without_invoking() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let body = |more: &str| {
            configuration(&format!(
                "resource \"lambda_invocation\" \"it\" {{\n  function_name = \"identity\"\n  qualifier = \"PROD\"\n  input = \"[1]\"\n{more}\n}}\n"
            ))
        };
        let id = format!("identity,PROD,{HASH}@us-east-1");
        let workspace = lambda.workspace(terraform, "");
        workspace.write("main.tf", body(""));
        workspace
            .run(["import", "lambda_invocation.it", &id])
            .expect_success();
        let plan = workspace.plan(&[]);
        assert_eq!(
            plan.actions("lambda_invocation.it"),
            ["update"],
            "{terraform:?}"
        );
        workspace.apply(&["plan"]).expect_success();
        assert_eq!(
            workspace.plan(&[]).actions("lambda_invocation.it"),
            ["no-op"]
        );
        assert_eq!(lambda.payloads(), Vec::<String>::new(), "{terraform:?}");

        // By a block; and an id that is none.
        workspace
            .run(["state", "rm", "lambda_invocation.it"])
            .expect_success();
        let import = |id: &str| {
            format!(
                "import {{\n  to = lambda_invocation.it\n  id = \"{id}\"\n}}\n{}",
                body("  lifecycle_scope = \"CREATE_ONLY\"")
            )
        };
        workspace.write("main.tf", import("identity"));
        let said = workspace.run(["plan"]).expect_failure();
        assert!(said.contains("Invalid id"), "{said}");
        workspace.write("main.tf", import(&id));
        workspace.apply(&[]).expect_success();
        assert_eq!(lambda.payloads(), Vec::<String>::new(), "{terraform:?}");

        // From then on changes count.
        workspace.write("main.tf", body("  triggers = { a = \"b\" }"));
        workspace.apply(&[]).expect_success();
        assert_eq!(lambda.payloads(), ["[1]"], "{terraform:?}");
    }
}
