//! What CDK for Terraform and CDK Terrain write, applied as it is.

use lambda_invocation_tests::cdk::LIBRARIES;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::terraform::{Terraform, install_as_aws};
use serde_json::Value;

use crate::lambda::Lambda;

#[test]
fn a_synthesised_stack_is_applied_unchanged() {
    for library in LIBRARIES {
        let synthesised = or_skip!(library.synthesise());
        // The exact version of hashicorp/aws that the classes were made from.
        let stack: Value = serde_json::from_str(&synthesised).unwrap();
        let wanted = stack["terraform"]["required_providers"]["aws"]["version"].as_str();
        install_as_aws(wanted.unwrap());
        for terraform in Terraform::all() {
            let about = format!("{} under {terraform:?}", library.name);
            let lambda = Lambda::start();
            let mut workspace = terraform.workspace("");
            lambda.connect(&mut workspace);
            std::fs::remove_file(workspace.path().join("main.tf")).unwrap();
            workspace.write("cdk.tf.json", &synthesised);
            workspace.initialise();
            workspace.apply(&[]).expect_success();
            let mut sent = lambda.payloads();
            sent.sort();
            sent.dedup();
            assert_eq!(
                sent,
                [
                    r#""ephemeral""#,
                    r#"{"key1":"ephemeral"}"#,
                    r#"{"key1":"managed","tf":{"action":"create","prev_input":null}}"#,
                    r#"{"key1":"read"}"#,
                ],
                "{about}"
            );
            let outputs = workspace.run(["output", "-json"]).json();
            assert_eq!(outputs["result_entry"]["value"], "managed", "{about}");
            assert_eq!(outputs["read_entry"]["value"], "read", "{about}");

            // The state is where the library says, for the next Terraform as well.
            workspace.run(["destroy", "-auto-approve"]).expect_success();
            let delete =
                r#"{"key1":"managed","tf":{"action":"delete","prev_input":{"key1":"managed"}}}"#;
            assert!(lambda.payloads().contains(&delete.to_owned()), "{about}");
        }
    }
}
