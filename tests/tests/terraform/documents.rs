//! The examples of the AWS provider's documentation, in `tests/fixtures/terraform`.

use std::fs;
use std::path::Path;

use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::recorder::Arrived;
use lambda_invocation_tests::terraform::{Terraform, Workspace};

use crate::place::Place;

/// A workspace with the examples of a page, which refer to what lies beside them.
fn workspace(terraform: &Terraform, place: &Place, page: &str) -> Workspace {
    let mut workspace = terraform.workspace("");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/terraform");
    copy(&fixtures, workspace.path());
    fs::remove_file(workspace.path().join("main.tf")).unwrap();
    workspace.enter(page);
    place.connect(&mut workspace);
    workspace.initialise();
    workspace
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).unwrap();
        }
    }
}

/// Function, qualifier and payload, in the order of their text.
fn sorted(arrived: Vec<Arrived>) -> Vec<String> {
    let mut texts: Vec<String> = arrived
        .into_iter()
        .map(|arrived| {
            let qualifier = arrived.qualifier.unwrap_or_else(|| "-".to_owned());
            format!("{} {qualifier} {}", arrived.function_name, arrived.payload)
        })
        .collect();
    texts.sort();
    texts
}

const DATABASE: &str = "mydb.cluster-xyz.us-west-2.rds.amazonaws.com:5432";
const NEW_DATABASE: &str = "mydb-new.cluster-abc.us-west-2.rds.amazonaws.com:5432";

fn input(database: &str) -> String {
    format!(
        r#""credentials":{{"password":"secret123","username":"admin"}},"database_url":"{database}","resource_name":"database_setup""#
    )
}

/// What the CRUD example sends, with the previous input where there is one.
fn crud(action: &str, database: &str, previous: Option<&str>) -> String {
    let previous = previous.map_or("null".to_owned(), |database| {
        format!("{{{}}}", input(database))
    });
    format!(
        r#"data_processor $LATEST {{{},"tf":{{"action":"{action}","prev_input":{previous}}}}}"#,
        input(database)
    )
}

#[test]
fn the_resources_examples_send_what_the_page_says() {
    const BASIC: &str = r#"data_processor $LATEST {"config":{"debug":false,"environment":"production"},"operation":"initialize"}"#;
    const TRIGGERS: &str = r#"data_processor $LATEST {"batch_id":"8f3c6a51-0000-4000-8000-000000000002","environment":"production","operation":"process_data"}"#;
    for place in Place::both() {
        for terraform in Terraform::all() {
            let about = format!("{terraform:?} on {}", place.name);
            let workspace = workspace(terraform, &place, "resource");
            workspace.apply(&[]).expect_success();
            assert_eq!(
                sorted(place.arrived()),
                [TRIGGERS, BASIC, &crud("create", DATABASE, None)],
                "{about}"
            );
            let output = workspace.run(["output", "-json", "initialization_result"]);
            assert_eq!(output.json(), "initialized", "{about}");

            // Triggers with a timestamp invoke every time, and the rest what has changed.
            workspace
                .apply(&[&format!("-var=database={NEW_DATABASE}")])
                .expect_success();
            assert_eq!(
                sorted(place.arrived()),
                [TRIGGERS, &crud("update", NEW_DATABASE, Some(DATABASE))],
                "{about}"
            );
            workspace
                .run([
                    "destroy",
                    "-auto-approve",
                    &format!("-var=database={NEW_DATABASE}"),
                ])
                .expect_success();
            assert_eq!(
                sorted(place.arrived()),
                [crud("delete", NEW_DATABASE, Some(NEW_DATABASE))],
                "{about}"
            );
        }
    }
}

#[test]
fn the_ephemerals_examples_open_in_every_plan_and_apply() {
    const OPENED: [&str; 7] = [
        r#"compliance-checker - {"compliance_framework":"SOC2","resource_config":{"backup_enabled":true,"instance_type":"t3.micro","storage_encrypted":true}}"#,
        r#"config-fetcher - {"config_service_url":"https://config.example.com","environment":"dev","service_name":"web-app"}"#,
        r#"credential-generator - {"service":"database","type":"temporary"}"#,
        "fail - {}",
        r#"my-function - {"debug":true}"#,
        r#"resource-optimizer PROD {"expected_load":250,"region":"us-west-2","workload_type":"web"}"#,
        r#"secret_generator - {"environment":"dev","length":32,"service":"api"}"#,
    ];
    const TAKEN: [&str; 6] = [
        r#"sink $LATEST "Lambda function error: "#,
        r#"sink $LATEST {"count":1,"instance_type":"t3.micro"}"#,
        r#"sink $LATEST {"desired_capacity":2,"max_size":4,"min_size":1,"name":"optimized-asg"}"#,
        r#"sink $LATEST {"desired_count":3,"maximum_percent":200,"minimum_healthy_percent":50,"name":"web-app"}"#,
        r#"sink $LATEST {"name":"/app/dev/api-key","type":"SecureString","value":"key-1"}"#,
        r#"sink $LATEST {"secret_string":"{\"user\":"#,
    ];
    for place in Place::both() {
        for terraform in Terraform::all() {
            let about = format!("{terraform:?} on {}", place.name);
            let workspace = workspace(terraform, &place, "ephemeral");
            workspace.run(["plan", "-out=plan"]).expect_success();
            let mut opened = place.arrived();
            let tail = opened
                .iter()
                .find(|arrived| arrived.function_name == "my-function");
            assert_eq!(
                tail.unwrap().header("x-amz-log-type"),
                Some("Tail"),
                "{about}"
            );
            assert_eq!(sorted(opened.split_off(0)), OPENED, "{about}");
            workspace.run(["apply", "plan"]).expect_success();
            let arrived = sorted(place.arrived());
            let (taken, opened): (Vec<String>, Vec<String>) = arrived
                .into_iter()
                .partition(|text| text.starts_with("sink"));
            assert_eq!(opened, OPENED, "{about}");
            assert_eq!(taken.len(), TAKEN.len(), "{about}: {taken:#?}");
            for (taken, start) in taken.iter().zip(TAKEN) {
                assert!(taken.starts_with(start), "{about}: {taken}");
            }
        }
    }
}

#[test]
fn the_actions_examples_are_invoked_at_their_events() {
    const INVOKED: [(&str, &str); 8] = [
        (
            "api - ",
            r#"{"action":"warmup","source":"terraform-deployment"}"#,
        ),
        ("data_processor - ", r#"{"key1":"value1","key2":"value2"}"#),
        (
            "data_processor 1 ",
            r#"{"data":[1,2,3],"operation":"process"}"#,
        ),
        (
            "debug - ",
            r#"{"component":"api-gateway","debug_level":"verbose"}"#,
        ),
        (
            "mobile_backend - ",
            r#"{"action":"sync_data","user_id":"user-1"}"#,
        ),
        (
            "processor - ",
            r#"{"batch_size":100,"data_source":"s3://bucket/key","environment":"production","timeout":900}"#,
        ),
        ("validator - ", r#"{"config":{"strict":true}}"#),
        (
            "worker - ",
            r#"{"data":{"kind":"report"},"task_id":"background-job-8f3c6a51-0000-4000-8000-000000000001"}"#,
        ),
    ];
    let terraform = or_skip!(Terraform::with_actions());
    for place in Place::both() {
        let about = place.name;
        let workspace = workspace(terraform, &place, "action");
        workspace.apply(&[]).expect_success();
        let arrived = place.arrived();
        for (function, header, value) in [
            ("worker", "x-amz-invocation-type", "Event"),
            ("validator", "x-amz-invocation-type", "DryRun"),
            ("debug", "x-amz-log-type", "Tail"),
            (
                "mobile_backend",
                "x-amz-client-context",
                "eyJjbGllbnQiOnsiYXBwX3ZlcnNpb24iOiIxLjIuMyIsImNsaWVudF9pZCI6Im1vYmlsZS1hcHAifSwiZW52Ijp7ImxvY2FsZSI6ImVuX1VTIn19",
            ),
        ] {
            let one = arrived
                .iter()
                .find(|arrived| arrived.function_name == function);
            assert_eq!(
                one.unwrap().header(header),
                Some(value),
                "{about}: {function}"
            );
        }
        let (orchestrated, rest): (Vec<String>, Vec<String>) = sorted(arrived)
            .into_iter()
            .partition(|text| text.starts_with("orchestrator"));
        let expected: Vec<String> = INVOKED
            .iter()
            .map(|(function, payload)| format!("{function}{payload}"))
            .collect();
        assert_eq!(rest, expected, "{about}");
        // This one has the time in it.
        let [complex] = orchestrated.as_slice() else {
            panic!("{about}: {orchestrated:?}");
        };
        let start = r#"orchestrator - {"metadata":{"created_by":"terraform","environment":"production","version":"1.2.3"},"resources":{"dynamodb":"state","s3_bucket":"data","sns_topic":"arn:aws:sns:us-west-2:123456789012:notifications"},"workflow":{"id":"workflow-2"#;
        assert!(complex.starts_with(start), "{about}: {complex}");
        assert!(
            complex.ends_with(r#","steps":["extract","load"]}}"#),
            "{about}: {complex}"
        );
    }
}
