//! The proxies of the environment, which `tests/tests/proxy` shows the rest of.

use lambda_invocation_tests::server;
use lambda_invocation_tests::terraform::Terraform;

use crate::lambda::{Lambda, configuration};

#[test]
fn the_provider_goes_through_the_proxy_of_the_environment() {
    let (proxy, _held) = server::refusing();
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let mut workspace = lambda.workspace(terraform, "");
        workspace.write(
            "main.tf",
            configuration(
                "resource \"lambda_invocation\" \"it\" {\n  function_name = \"identity\"\n  input = \"1\"\n}\n",
            ),
        );
        workspace.set("AWS_ENDPOINT_URL_LAMBDA", "https://lambda.test");
        workspace.set("HTTPS_PROXY", proxy.replace("://", "://me:cAnArY@"));
        let said = workspace.apply(&[]).expect_failure();
        assert!(said.contains(&format!("the proxy {proxy}")), "{said}");
        assert!(said.contains("the function did not run"), "{said}");
        assert!(!said.contains("cAnArY"), "{said}");

        workspace.set("NO_PROXY", ".test");
        let said = workspace.apply(&[]).expect_failure();
        assert!(!said.contains("proxy"), "{said}");
        assert!(lambda.payloads().is_empty(), "{terraform:?}");
    }
}
