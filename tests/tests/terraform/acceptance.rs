//! The AWS provider's own tests of the three surfaces, as configurations.
//!
//! All of a kind are applied together, step by step: a run of Terraform takes as long as
//! hundreds of invocations.

use std::collections::BTreeSet;

use lambda_invocation_tests::acceptance::TERRAFORM;
use lambda_invocation_tests::terraform::{Terraform, Workspace};
use serde_json::{Value, json};

use crate::place::Place;

/// A name of the provider's, and the resource that its steps are about.
struct Case {
    name: &'static str,
    resource: &'static str,
    /// What is written in the block at each step; absent where there is none.
    steps: [Option<&'static str>; 3],
    /// The function gets these, in this order.
    sent: &'static [&'static str],
}

const BASIC: &str = r#"{"key1":"value1","key2":"value2"}"#;
const COMPLEX: &str =
    r#"{"key1":{"subkey1":"subvalue1"},"key2":{"subkey2":"subvalue2","subkey3":{"a":"b"}}}"#;

const PLAIN: &str = "function_name = FUNCTION\n  input = BASIC";
const CRUD: &str = "function_name = CRUD_FUNCTION\n  input = BASIC\n  lifecycle_scope = \"CRUD\"";
const CRUD_CHANGED: &str =
    "function_name = CRUD_FUNCTION\n  input = CHANGED\n  lifecycle_scope = \"CRUD\"";
const FAILING: &str = "function_name = FAILING\n  input = jsonencode({ lines = \"x\" })\n  lifecycle_scope = \"CRUD\"";
const FAILING_CHANGED: &str =
    "function_name = FAILING\n  input = jsonencode({ lines = 1 })\n  lifecycle_scope = \"CRUD\"";

const CREATED: &str =
    r#"{"key1":"value1","key2":"value2","tf":{"action":"create","prev_input":null}}"#;
const UPDATED: &str = r#"{"key1":"valueB","key2":"value2","tf":{"action":"update","prev_input":{"key1":"value1","key2":"value2"}}}"#;
const SAME: &str = r#"{"key1":"value1","key2":"value2","tf":{"action":"update","prev_input":{"key1":"value1","key2":"value2"}}}"#;
const DELETED: &str = r#"{"key1":"value1","key2":"value2","tf":{"action":"delete","prev_input":{"key1":"value1","key2":"value2"}}}"#;
const DELETED_CHANGED: &str = r#"{"key1":"valueB","key2":"value2","tf":{"action":"delete","prev_input":{"key1":"valueB","key2":"value2"}}}"#;

const fn case(
    name: &'static str,
    resource: &'static str,
    steps: [Option<&'static str>; 3],
    sent: &'static [&'static str],
) -> Case {
    Case {
        name,
        resource,
        steps,
        sent,
    }
}

const fn constant(step: &'static str) -> [Option<&'static str>; 3] {
    [Some(step), Some(step), Some(step)]
}

/// The last step is followed by a destruction.
const CASES: &[Case] = &[
    case(
        "TestAccLambdaInvocation_basic",
        "basic",
        constant(PLAIN),
        &[BASIC],
    ),
    case(
        "TestAccLambdaInvocation_qualifier",
        "qualifier",
        constant("function_name = FUNCTION\n  input = BASIC\n  qualifier = \"1\""),
        &[BASIC],
    ),
    case(
        "TestAccLambdaInvocation_complex",
        "complex",
        constant("function_name = FUNCTION\n  input = COMPLEX"),
        &[COMPLEX],
    ),
    case(
        "TestAccLambdaInvocation_triggers",
        "triggers",
        [
            Some("function_name = FUNCTION\n  input = BASIC\n  triggers = { of = \"value3\" }"),
            Some("function_name = FUNCTION\n  input = BASIC\n  triggers = { of = \"value3\" }"),
            Some("function_name = FUNCTION\n  input = BASIC\n  triggers = { of = \"value4\" }"),
        ],
        &[BASIC, BASIC],
    ),
    case(
        "TestAccLambdaInvocation_lifecycle_scopeCRUDCreate",
        "crud_create",
        constant(CRUD),
        &[CREATED, DELETED],
    ),
    case(
        "TestAccLambdaInvocation_lifecycle_scopeCRUDUpdateInput",
        "crud_update",
        [Some(CRUD), Some(CRUD_CHANGED), Some(CRUD_CHANGED)],
        &[CREATED, UPDATED, DELETED_CHANGED],
    ),
    case(
        "TestAccLambdaInvocation_lifecycle_scopeCreateOnlyUpdateInput",
        "create_only_update",
        [
            Some(PLAIN),
            Some("function_name = FUNCTION\n  input = CHANGED"),
            Some("function_name = FUNCTION\n  input = CHANGED"),
        ],
        &[BASIC, r#"{"key1":"valueB","key2":"value2"}"#],
    ),
    case(
        "TestAccLambdaInvocation_lifecycle_scopeCRUDDestroy",
        "crud_destroy",
        [Some(CRUD), None, None],
        &[CREATED, DELETED],
    ),
    case(
        "TestAccLambdaInvocation_lifecycle_scopeCreateOnlyToCRUD",
        "to_crud",
        [
            Some("function_name = CRUD_FUNCTION\n  input = BASIC"),
            Some(CRUD),
            Some(CRUD),
        ],
        &[BASIC, SAME, DELETED],
    ),
    case(
        "TestAccLambdaInvocation_terraformKey",
        "terraform_key",
        constant(
            "function_name = CRUD_FUNCTION\n  input = BASIC\n  lifecycle_scope = \"CRUD\"\n  terraform_key = \"custom_key\"",
        ),
        &[
            r#"{"custom_key":{"action":"create","prev_input":null},"key1":"value1","key2":"value2"}"#,
            r#"{"custom_key":{"action":"delete","prev_input":{"key1":"value1","key2":"value2"}},"key1":"value1","key2":"value2"}"#,
        ],
    ),
    case(
        "TestAccLambdaInvocation_tenantID",
        "tenant",
        constant("function_name = FUNCTION\n  input = BASIC\n  tenant_id = \"test-tenant-123\""),
        &[BASIC],
    ),
    case(
        "CRUD update failure (provider PR #43566)",
        "update_failure",
        // The second fails, and the third is what the first was.
        [Some(FAILING), Some(FAILING_CHANGED), Some(FAILING)],
        &[
            r#"{"lines":"x","tf":{"action":"create","prev_input":null}}"#,
            r#"{"lines":1,"tf":{"action":"update","prev_input":{"lines":"x"}}}"#,
            r#"{"lines":"x","tf":{"action":"delete","prev_input":{"lines":"x"}}}"#,
        ],
    ),
    // These have a state of an older provider before the first step.
    case(
        "TestAccLambdaInvocation_UpgradeState_Pre_v5_1_0",
        "upgrade_0",
        constant(PLAIN),
        &[],
    ),
    case(
        "TestAccLambdaInvocation_UpgradeState_v5_83_0",
        "upgrade_83",
        constant(PLAIN),
        &[],
    ),
    case(
        "TestBuildInputPanic",
        "empty",
        [None, None, None],
        &[r#"{"tf":{"action":"delete","prev_input":null}}"#],
    ),
];

/// What is read in every step beside them.
const READ: &str = r#"
data "lambda_invocation" "basic" {
  function_name = FUNCTION
  input         = BASIC
}
data "lambda_invocation" "qualifier" {
  function_name = FUNCTION
  input         = BASIC
  qualifier     = "1"
}
data "lambda_invocation" "complex" {
  function_name = FUNCTION
  input         = COMPLEX
}
output "read" {
  value = {
    basic     = data.lambda_invocation.basic
    qualifier = data.lambda_invocation.qualifier
    complex   = data.lambda_invocation.complex
  }
}
ephemeral "lambda_invocation" "basic" {
  function_name = EPHEMERAL
  payload       = BASIC
}
resource "lambda_invocation" "sink" {
  function_name = "sink"
  input_wo      = jsonencode([
    ephemeral.lambda_invocation.basic.executed_version,
    ephemeral.lambda_invocation.basic.function_name,
    ephemeral.lambda_invocation.basic.log_result,
    ephemeral.lambda_invocation.basic.status_code,
    jsondecode(ephemeral.lambda_invocation.basic.result),
  ])
}
"#;

fn step(place: &Place, number: usize) -> String {
    let mut body = String::new();
    for case in CASES {
        if let Some(arguments) = case.steps[number] {
            body.push_str(&format!(
                "resource \"lambda_invocation\" \"{}\" {{\n  {arguments}\n}}\n",
                case.resource
            ));
        }
    }
    body.push_str("resource \"terraform_data\" \"dependent\" {\n  input = jsondecode(lambda_invocation.crud_update.result)[\"key1\"]\n}\n");
    body.push_str(READ);
    configuration(place, &body)
}

/// With the functions and the inputs in the places of their names.
fn configuration(place: &Place, body: &str) -> String {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let mut configuration = crate::lambda::configuration(body);
    for (name, value) in [
        ("CRUD_FUNCTION", place.function("lambda_invocation_crud")),
        ("FUNCTION", place.function("lambda_invocation")),
        (
            "FAILING",
            place.function("lambda_invocation_crud_update_failure"),
        ),
        ("EPHEMERAL", &place.arn("lambda_invocation_ephemeral")),
        ("BASIC", BASIC),
        ("CHANGED", r#"{"key1":"valueB","key2":"value2"}"#),
        ("COMPLEX", COMPLEX),
    ] {
        configuration =
            configuration.replace(&format!("= {name}\n"), &format!("= {}\n", quoted(value)));
    }
    configuration
}

/// The states that older providers left, and one of nothing but a scope.
fn old_states(place: &Place) -> String {
    const HASH: &str = "ff45cc3835165307ef414c23ca2c6f67";
    let plain = place.function("lambda_invocation");
    let crud = place.function("lambda_invocation_crud");
    let instance = |name: &str, version: u32, attributes: Value| {
        json!({
            "mode": "managed", "type": "lambda_invocation", "name": name,
            "provider": "provider[\"registry.terraform.io/lambda-invocation/lambda\"]",
            "instances": [{"schema_version": version, "attributes": attributes, "sensitive_attributes": []}],
        })
    };
    let id = format!("{plain}_$LATEST_{HASH}");
    json!({
        "version": 4, "terraform_version": "1.9.0", "serial": 1, "outputs": {},
        "lineage": "6f1c0c2e-0000-4000-8000-000000000000",
        "resources": [
            instance("upgrade_0", 0, json!({
                "function_name": plain, "id": id, "input": BASIC, "qualifier": "$LATEST",
                "result": "\"old\"", "triggers": null,
            })),
            instance("upgrade_83", 0, json!({
                "function_name": plain, "id": id, "input": BASIC, "lifecycle_scope": "CREATE_ONLY",
                "qualifier": "$LATEST", "result": "\"old\"", "terraform_key": "tf", "triggers": null,
            })),
            instance("empty", 1, json!({
                "function_name": crud, "id": format!("{crud},$LATEST,{HASH}"), "input": "",
                "lifecycle_scope": "CRUD", "qualifier": "$LATEST", "result": "", "terraform_key": "tf",
            })),
        ],
    })
    .to_string()
}

/// Ids to import, without their hashes, and whether they are any.
const IDS: &[(&str, bool)] = &[
    ("ABCDEF", false),
    ("ABCDEF,42", false),
    ("ABCDEF,,", false),
    ("ABCDEF,42,invalid_hash", false),
    ("ABCDEF,42,HASH", true),
    ("ABC_DEF,42,HASH", true),
    ("ABCDEF,$LATEST,HASH", true),
    ("my_test_function,$LATEST,HASH", true),
];

fn imports(sound: bool) -> String {
    let hash = "b326b5062b2f0e69046810717534cb09";
    let blocks = IDS.iter().enumerate().filter(|(_, (_, is))| *is == sound);
    let blocks: Vec<String> = blocks
        .map(|(n, (id, _))| {
            let id = id.replace("HASH", hash);
            let name = id.split(',').next().unwrap();
            let qualifier = id.split(',').nth(1).filter(|q| !q.is_empty()).unwrap_or("1");
            format!(
                "import {{\n  to = lambda_invocation.i{n}\n  id = \"{id}\"\n}}\nresource \"lambda_invocation\" \"i{n}\" {{\n  function_name = \"{name}\"\n  qualifier = \"{qualifier}\"\n  input = \"1\"\n}}\n"
            )
        })
        .collect();
    crate::lambda::configuration(&blocks.concat())
}

#[test]
fn the_tests_of_resource_data_source_and_ephemeral_pass() {
    // Each place with one Terraform: a run takes a while.
    for (place, terraform) in Place::both().into_iter().zip(both_or_one()) {
        let about = format!("{terraform:?} on {}", place.name);
        let mut workspace = terraform.workspace(&step(&place, 0));
        place.connect(&mut workspace);
        workspace.write("terraform.tfstate", old_states(&place));
        run(&place, &workspace, &about);

        // Ids, whose functions need not exist.
        workspace.write("main.tf", imports(false));
        let said = workspace.run(["plan"]).expect_failure();
        // Terraform says once what two imports have in common.
        for fault in [
            "Must be FUNCTION,QUALIFIER,HASH",
            "Its last part must be an MD5",
            "Has an empty part",
        ] {
            let words = format!("Error: Invalid id {fault}");
            assert!(said.contains(&words), "{about}: {fault}: {said}");
        }
        workspace.write("main.tf", imports(true));
        workspace.apply(&[]).expect_success();
        assert_eq!(place.arrived().len(), 0, "{about}");
    }
}

/// The Terraforms in turn.
fn both_or_one() -> impl Iterator<Item = &'static Terraform> {
    Terraform::all().into_iter().cycle()
}

fn run(place: &Place, workspace: &Workspace, about: &str) {
    let mut arrived = Vec::new();
    for number in 0..3 {
        workspace.write("main.tf", step(place, number));
        let run = workspace.apply(&[]);
        if number == 1 {
            let said = run.expect_failure();
            assert_eq!(
                said.matches("Error: Lambda function").count(),
                1,
                "{about}: {said}"
            );
            let failing = place.function("lambda_invocation_crud_update_failure");
            let words = format!("Lambda function {failing} ran and failed");
            assert!(said.contains(&words), "{about}: {said}");
            let kept = workspace.state("lambda_invocation.update_failure");
            assert_eq!(kept["attributes"]["input"], r#"{"lines":"x"}"#, "{about}");
        } else {
            run.expect_success();
        }
        arrived.extend(place.arrived());
        for case in CASES {
            let state = workspace.state(&format!("lambda_invocation.{}", case.resource));
            assert_eq!(
                state.is_null(),
                case.steps[number].is_none(),
                "{about}: {}",
                case.name
            );
        }
        let dependent = workspace.state("terraform_data.dependent");
        let value = if number == 0 { "value1" } else { "valueB" };
        assert_eq!(dependent["attributes"]["output"]["value"], value, "{about}");
    }
    for name in ["upgrade_0", "upgrade_83"] {
        let state = workspace.state(&format!("lambda_invocation.{name}"));
        assert_eq!(state["attributes"]["result"], "\"old\"", "{about}");
    }
    let basic = workspace.state("lambda_invocation.basic");
    let id = format!(
        "{},$LATEST,ff45cc3835165307ef414c23ca2c6f67",
        place.function("lambda_invocation")
    );
    assert_eq!(basic["attributes"]["id"], id, "{about}");
    assert!(
        place.is_answer(BASIC, &basic["attributes"]["result"]),
        "{about}: {basic}"
    );
    read(
        place,
        &workspace.run(["output", "-json", "read"]).json(),
        about,
    );

    workspace.run(["destroy", "-auto-approve"]).expect_success();
    arrived.extend(place.arrived());
    let tenant = arrived
        .iter()
        .find(|arrived| arrived.header("x-amz-tenant-id").is_some());
    assert_eq!(
        tenant.unwrap().header("x-amz-tenant-id"),
        Some("test-tenant-123")
    );
    // The data sources send what basic does: in each plan but that of the destruction.
    let sent = |payload: &str| {
        arrived
            .iter()
            .filter(|arrived| arrived.payload == payload)
            .count()
    };
    let mut expected = std::collections::BTreeMap::<&str, usize>::new();
    for payload in CASES.iter().flat_map(|case| case.sent) {
        *expected.entry(payload).or_default() += 1;
    }
    for (payload, count) in expected {
        if ![BASIC, COMPLEX].contains(&payload) {
            assert_eq!(sent(payload), count, "{about}: {payload}");
        }
    }
    // What the ephemeral returned, as a write-only input of another function.
    let event: Value = serde_json::from_str(BASIC).unwrap();
    let arn = place.arn("lambda_invocation_ephemeral");
    let taken = arrived
        .iter()
        .find(|arrived| arrived.function_name == "sink")
        .unwrap();
    let taken: Value = serde_json::from_str(&taken.payload).unwrap();
    assert_eq!(taken[0], "$LATEST", "{about}");
    assert_eq!(taken[1], arn, "{about}");
    assert_eq!(taken[2], Value::Null, "{about}");
    assert_eq!(taken[3], 200, "{about}");
    assert_eq!(
        taken[4][place.ephemeral_member()],
        event,
        "{about}: {taken}"
    );
}

/// The three data sources.
fn read(place: &Place, read: &Value, about: &str) {
    for (name, input, qualifier) in [
        ("basic", BASIC, "$LATEST"),
        ("qualifier", BASIC, "1"),
        ("complex", COMPLEX, "$LATEST"),
    ] {
        let one = &read[name];
        assert!(
            place.is_answer(input, &one["result"]),
            "{about}: {name}: {one}"
        );
        assert_eq!(one["qualifier"], qualifier, "{about}: {name}");
        let id = one["id"].as_str().unwrap();
        assert!(
            id.contains(&format!("_{qualifier}_")),
            "{about}: {name}: {id}"
        );
    }
}

/// Actions by the names of their tests.
const ACTIONS: &[(&str, &str)] = &[
    ("TestAccLambdaInvokeAction_basic", "payload = BASIC"),
    (
        "TestAccLambdaInvokeAction_withQualifier",
        "payload = BASIC\n    qualifier = \"1\"",
    ),
    (
        "TestAccLambdaInvokeAction_invocationTypes",
        "payload = BASIC\n    invocation_type = \"Event\"",
    ),
    (
        "TestAccLambdaInvokeAction_invocationTypes",
        "payload = BASIC\n    invocation_type = \"DryRun\"",
    ),
    (
        "TestAccLambdaInvokeAction_invocationTypes",
        "payload = BASIC\n    invocation_type = \"RequestResponse\"",
    ),
    (
        "TestAccLambdaInvokeAction_logTypes",
        "payload = BASIC\n    log_type = \"Tail\"",
    ),
    (
        "TestAccLambdaInvokeAction_logTypes",
        "payload = BASIC\n    log_type = \"None\"",
    ),
    (
        "TestAccLambdaInvokeAction_clientContext",
        "payload = BASIC\n    client_context = \"eyJjdXN0b20iOnsiYSI6MX19\"",
    ),
    (
        "TestAccLambdaInvokeAction_complexPayload",
        "payload = COMPLEX",
    ),
    (
        "TestAccLambdaInvokeAction_tenantId",
        "payload = BASIC\n    tenant_id = \"tenant-1\"",
    ),
];

#[test]
fn the_tests_of_the_action_pass() {
    let terraform = lambda_invocation_tests::or_skip!(Terraform::with_actions());
    for place in Place::both() {
        let about = place.name;
        let mut body = String::new();
        let mut names = Vec::new();
        for (n, (_, arguments)) in ACTIONS.iter().enumerate() {
            names.push(format!("action.lambda_invoke.a{n}"));
            body.push_str(&format!(
                "action \"lambda_invoke\" \"a{n}\" {{\n  config {{\n    function_name = FUNCTION\n    {arguments}\n  }}\n}}\n"
            ));
        }
        body.push_str(&format!(
            "resource \"terraform_data\" \"it\" {{\n  input = 1\n  lifecycle {{\n    action_trigger {{\n      events = [before_create]\n      actions = [{}]\n    }}\n  }}\n}}\n",
            names.join(", ")
        ));
        let mut workspace = terraform.workspace(&configuration(&place, &body));
        place.connect(&mut workspace);
        let run = workspace.apply(&[]);
        let said = &run.expect_success().stdout;
        let count = |words: &str| said.matches(words).count();
        assert_eq!(
            count("invoked successfully (status: 200, payload: "),
            8,
            "{about}: {said}"
        );
        assert_eq!(
            count("invoked asynchronously (status: 202)"),
            1,
            "{about}: {said}"
        );
        assert_eq!(
            count("dry run completed successfully (status: 204)"),
            1,
            "{about}: {said}"
        );
        assert_eq!(count("Lambda function logs:"), 1, "{about}: {said}");
        let arrived = place.arrived();
        assert_eq!(arrived.len(), ACTIONS.len(), "{about}");
        assert_eq!(
            arrived.iter().filter(|one| one.payload == COMPLEX).count(),
            1,
            "{about}"
        );
        for (header, value) in [
            ("x-amz-client-context", "eyJjdXN0b20iOnsiYSI6MX19"),
            ("x-amz-tenant-id", "tenant-1"),
            ("x-amz-log-type", "Tail"),
        ] {
            assert!(
                arrived.iter().any(|one| one.header(header) == Some(value)),
                "{about}: {header}"
            );
        }
        assert!(
            arrived
                .iter()
                .any(|one| one.qualifier.as_deref() == Some("1")),
            "{about}"
        );
    }
}

#[test]
fn every_name_of_the_column_is_run() {
    let elsewhere = [
        "TestParseRecordID",
        "TestInvocationResourceIDCreation",
        "TestAccLambdaInvocationEphemeral_basic",
        "TestAccLambdaInvocationDataSource_basic",
        "TestAccLambdaInvocationDataSource_qualifier",
        "TestAccLambdaInvocationDataSource_complex",
    ];
    let run: BTreeSet<&str> = CASES
        .iter()
        .map(|case| case.name)
        .chain(ACTIONS.iter().map(|(name, _)| *name))
        .chain(elsewhere)
        .collect();
    let column: BTreeSet<&str> = TERRAFORM.iter().map(|(name, _)| *name).collect();
    assert_eq!(run, column);
}
