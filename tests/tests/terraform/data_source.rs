//! The data source: read in every plan, or in the apply that makes its arguments known.

use lambda_invocation_tests::terraform::Terraform;
use serde_json::json;

use crate::lambda::Lambda;

#[test]
fn a_data_source_is_read_at_plan_or_at_apply_as_its_arguments_are_known() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let body = r#"
resource "terraform_data" "u" { input = "2" }
data "lambda_invocation" "known" {
  function_name = "identity"
  input         = "[1]"
}
data "aws_lambda_invocation" "late" {
  function_name = "echo:PROD"
  input         = "[${terraform_data.u.output}]"
  log_type      = "Tail"
}
output "known" { value = data.lambda_invocation.known }
output "late" { value = data.aws_lambda_invocation.late }
"#;
        // The second type has a name that Terraform takes for hashicorp/aws's.
        let body = body.replace("  log_type ", "  provider      = lambda\n  log_type ");
        let workspace = lambda.workspace(terraform, &body);
        workspace.run(["plan", "-out=plan"]).expect_success();
        assert_eq!(
            lambda.arrived(),
            [(
                "identity".to_owned(),
                Some("$LATEST".to_owned()),
                "[1]".to_owned()
            )],
            "{terraform:?}"
        );
        workspace.run(["apply", "plan"]).expect_success();
        assert_eq!(
            lambda.arrived(),
            [(
                "echo:PROD".to_owned(),
                Some("PROD".to_owned()),
                "[2]".to_owned()
            )],
            "{terraform:?}"
        );
        let outputs = workspace.run(["output", "-json"]).json();
        let known = &outputs["known"]["value"];
        // MD5 of [1].
        let id = "identity_$LATEST_35dba5d75538a9bbe0b4da4422759a0e";
        assert_eq!(known["id"], id, "{terraform:?}");
        assert_eq!(known["result"], "[1]", "{terraform:?}");
        assert_eq!(known["qualifier"], "$LATEST", "{terraform:?}");
        assert_eq!(known["region"], "us-east-1", "{terraform:?}");
        assert_eq!(known["log_result"], json!(null), "{terraform:?}");
        let late = &outputs["late"]["value"];
        assert!(late["log_result"].is_string(), "{late}");

        // What fails is said with the function's own words.
        workspace.write(
            "fail.tf",
            "data \"lambda_invocation\" \"fail\" {\n  function_name = \"fail\"\n  input = jsonencode({ message = \"no such order\" })\n}\n",
        );
        let said = workspace.run(["plan"]).expect_failure();
        assert!(
            said.contains("Lambda function fail ran and failed"),
            "{said}"
        );
        assert!(said.contains("Message: no such order"), "{said}");
    }
}
