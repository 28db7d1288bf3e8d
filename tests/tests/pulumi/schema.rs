//! The schema: what can be made from it here is made, and used.

use std::process::Command;

use lambda_invocation_tests::pulumi::type_check;
use lambda_invocation_tests::{build, or_skip};
use serde_json::Value;

pub fn schema() -> Value {
    let printed = Command::new(build::pulumi_provider())
        .arg("--schema")
        .output()
        .unwrap();
    serde_json::from_slice(&printed.stdout).unwrap()
}

/// All objects with properties, by where they are.
fn objects(schema: &Value) -> Vec<(String, &Value)> {
    let mut objects = vec![
        ("config".to_owned(), &schema["config"]["variables"]),
        (
            "provider".to_owned(),
            &schema["provider"]["inputProperties"],
        ),
    ];
    for (token, resource) in schema["resources"].as_object().unwrap() {
        objects.push((format!("{token} inputs"), &resource["inputProperties"]));
        objects.push((format!("{token} outputs"), &resource["properties"]));
    }
    for (token, function) in schema["functions"].as_object().unwrap() {
        objects.push((format!("{token} inputs"), &function["inputs"]["properties"]));
        objects.push((
            format!("{token} outputs"),
            &function["outputs"]["properties"],
        ));
    }
    for (token, of) in schema["types"].as_object().unwrap() {
        objects.push((token.clone(), &of["properties"]));
    }
    objects
}

#[test]
fn everything_in_it_has_a_type_and_a_description() {
    let schema = schema();
    for (at, properties) in objects(&schema) {
        let properties = properties.as_object().unwrap();
        assert!(!properties.is_empty(), "{at}");
        for (name, of) in properties {
            assert!(
                name.chars().all(|c| c.is_ascii_alphabetic())
                    && name.starts_with(char::is_lowercase),
                "{at}: {name}"
            );
            let description = of["description"].as_str().unwrap_or_default();
            assert!(description.ends_with('.'), "{at}: {name}: {description}");
            match of["$ref"].as_str() {
                None => assert!(of["type"].is_string(), "{at}: {name}"),
                Some("pulumi.json#/Any") => {}
                Some(other) => {
                    let token = other.strip_prefix("#/types/").unwrap();
                    assert!(schema["types"][token].is_object(), "{at}: {other}");
                }
            }
        }
    }
    for kind in ["resources", "functions", "types"] {
        for (token, of) in schema[kind].as_object().unwrap() {
            assert!(token.starts_with("lambda-invocation:index:"), "{token}");
            assert!(of["description"].is_string(), "{token}");
        }
    }
    let resource = &schema["resources"]["lambda-invocation:index:Invocation"];
    for (required, of) in [
        ("requiredInputs", "inputProperties"),
        ("required", "properties"),
    ] {
        for name in resource[required].as_array().unwrap() {
            assert!(resource[of][name.as_str().unwrap()].is_object(), "{name}");
        }
    }
    assert_eq!(
        resource["inputProperties"]["lifecycleScope"]["default"],
        "CREATE_ONLY"
    );
    assert_eq!(
        schema["functions"]["lambda-invocation:index:open"]["outputs"]["properties"]["result"]["secret"],
        true
    );
}

#[test]
fn it_is_a_schema_by_the_types_of_the_sdk() {
    // The types of the SDK's own generator of schemas.
    let source = format!(
        "import {{ PackageSpec }} from \"@pulumi/pulumi/provider/experimental/schema\";\nexport const schema: PackageSpec = {};\n",
        serde_json::json!({
            "name": schema()["name"], "version": schema()["version"],
            "description": schema()["description"],
            "types": schema()["types"], "language": schema()["language"],
            "resources": {},
        })
    );
    or_skip!(type_check(&source)).unwrap();
}

#[test]
fn programs_are_held_to_the_types_that_it_makes() {
    let head = "import * as pulumi from \"@pulumi/pulumi\";\nimport * as lambda from \"@pulumi/lambda-invocation\";\n";
    let all = r#"
const functionName = pulumi.output("f");
const it = new lambda.Invocation("it", {
    functionName, input: { key: functionName, list: [1, true, null] }, qualifier: "PROD",
    lifecycleScope: "CRUD", terraformKey: "tf", pulumiKey: "tf", triggers: { a: functionName },
    tenantId: "t", region: "us-east-1", success: { "/status": "ok" }, timeout: 60,
    retryMode: "safe", maxAttempts: 3, clientContext: "e30=", logType: "None",
}, { additionalSecretOutputs: ["result"], customTimeouts: { create: "5m" } });
const result: pulumi.Output<string> = it.result;
const invoked: Promise<lambda.InvokeResult> = lambda.invoke({ functionName: "f", payload: "{}", invocationType: "Event" });
invoked.then(answer => answer.functionError?.stackTrace.map(frame => frame.length));
const opened: pulumi.Output<lambda.OpenResult> = lambda.openOutput({ functionName, payload: result });
"#;
    or_skip!(type_check(&format!("{head}{all}"))).unwrap();
    for (wrong, words) in [
        (
            "new lambda.Invocation(\"it\", { input: \"1\" });",
            "'functionName' is missing",
        ),
        (
            "new lambda.Invocation(\"it\", { functionName: 1, input: \"1\" });",
            "'number' is not assignable",
        ),
        (
            "new lambda.Invocation(\"it\", { functionName: \"f\", input: 1, function_name: 1 });",
            "function_name",
        ),
        (
            "lambda.open({ functionName: \"f\" });",
            "'payload' is missing",
        ),
    ] {
        let said = type_check(&format!("{head}{wrong}")).unwrap().unwrap_err();
        assert!(said.contains(words), "{said}");
    }
}
