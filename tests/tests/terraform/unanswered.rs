//! What was sent and not answered: the function may have run, and no plan forgets it.

use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::terraform::{Terraform, Workspace};
use serde_json::json;

use crate::lambda::{Lambda, configuration};

const ADDRESS: &str = "lambda_invocation.it";
const ENDPOINT: &str = "AWS_ENDPOINT_URL_LAMBDA";

fn write(workspace: &Workspace, arguments: &str) {
    workspace.write(
        "main.tf",
        configuration(&format!(
            "resource \"lambda_invocation\" \"it\" {{\n  function_name = \"identity\"\n{arguments}\n}}\n"
        )),
    );
}

/// A server that takes the request and breaks the connection.
fn breaking() -> Server {
    Server::start(|mut client| {
        client.read_request()?;
        client.reset()
    })
}

/// What a plan or an apply says that is refused, as nobody has said what came of `event`.
#[track_caller]
fn refused(workspace: &Workspace, arguments: &[&str], event: &str) {
    let said = workspace.run(arguments).expect_failure();
    let summary = format!("Error: An earlier {event} may have run");
    for part in [summary.as_str(), "It is not sent again before you say"] {
        assert!(said.contains(part), "{arguments:?}: {part}: {said}");
    }
}

#[test]
fn a_creation_that_was_not_answered_is_not_sent_again_and_one_that_was_not_sent_is() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let none = Vec::<String>::new();
        let mut workspace = lambda.workspace(terraform, "");
        let server = breaking();
        let lose = |workspace: &mut Workspace| {
            workspace.set(ENDPOINT, server.url());
            let said = workspace.apply(&[]).expect_failure();
            lambda.connect(workspace);
            said
        };
        write(&workspace, "  input = \"1\"");
        let said = lose(&mut workspace);
        for part in [
            "Lambda function identity may have run, but gave no result",
            "It is not sent again before you say what came of it.",
            "If it ran, keep the resource by terraform untaint",
            "If it did not run, take it out of the state by terraform state rm",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert_eq!(server.connections(), 1, "{terraform:?}");
        let state = workspace.state(ADDRESS);
        assert_eq!(state["status"], "tainted", "{terraform:?}");
        assert_eq!(state["attributes"]["result"], json!(null), "{terraform:?}");
        let id = "identity,$LATEST,c4ca4238a0b923820dcc509a6f75849b";
        assert_eq!(state["attributes"]["id"], id, "{terraform:?}");

        // Nobody has said what came of it.
        refused(&workspace, &["plan"], "creation");
        refused(&workspace, &["apply", "-auto-approve"], "creation");
        // Terraform plans the resource as it is before it plans a destruction.
        refused(&workspace, &["destroy", "-auto-approve"], "creation");
        let destroyed = workspace.run(["plan", "-destroy", "-refresh=false"]);
        destroyed.expect_success();
        assert_eq!(lambda.payloads(), none, "{terraform:?}");

        // It ran.
        workspace.run(["untaint", ADDRESS]).expect_success();
        let plan = workspace.plan(&[]);
        assert_eq!(plan.actions(ADDRESS), ["no-op"], "{terraform:?}");
        workspace.apply(&[]).expect_success();
        assert_eq!(lambda.payloads(), none, "{terraform:?}");
        // What is kept can be replaced as anything else.
        let replace = format!("-replace={ADDRESS}");
        workspace.apply(&[&replace]).expect_success();
        assert_eq!(lambda.payloads(), ["1"], "{terraform:?}");

        // It did not run.
        workspace.run(["state", "rm", ADDRESS]).expect_success();
        lose(&mut workspace);
        workspace.run(["state", "rm", ADDRESS]).expect_success();
        workspace.apply(&[]).expect_success();
        assert_eq!(lambda.payloads(), ["1"], "{terraform:?}");

        // Nobody is there: nothing was sent, and nothing is kept.
        workspace.run(["state", "rm", ADDRESS]).expect_success();
        workspace.set(ENDPOINT, "http://127.0.0.1:9");
        let said = workspace.apply(&[]).expect_failure();
        assert!(
            said.contains("Lambda function identity was not invoked"),
            "{said}"
        );
        assert_eq!(workspace.state(ADDRESS), json!(null), "{terraform:?}");
    }
}

#[test]
fn a_creation_that_was_not_answered_is_sent_again_only_as_the_user_says() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let server = breaking();
    let mut workspace = lambda.workspace(terraform, "");
    workspace.set(ENDPOINT, server.url());
    write(&workspace, "  input = \"1\"");
    workspace.apply(&[]).expect_failure();
    lambda.connect(&mut workspace);
    let id = workspace.state(ADDRESS)["attributes"]["id"].clone();

    // What is sent may turn out to be the same.
    workspace.write(
        "main.tf",
        configuration(
            "resource \"terraform_data\" \"u\" { input = \"1\" }\nresource \"lambda_invocation\" \"it\" {\n  function_name = \"identity\"\n  input = terraform_data.u.output\n}\n",
        ),
    );
    refused(&workspace, &["plan"], "creation");
    // Another event is another event.
    write(&workspace, "  input = \"2\"");
    let plan = workspace.plan(&[]);
    assert_eq!(plan.actions(ADDRESS), ["delete", "create"]);
    // A function that may run twice may run again.
    let twice = "  input = \"1\"\n  retry_mode = \"idempotent\"";
    write(&workspace, twice);
    let plan = workspace.plan(&[]);
    assert_eq!(plan.actions(ADDRESS), ["delete", "create"]);
    // And so may one that the user names.
    write(&workspace, "  input = \"1\"");
    workspace.set("LAMBDA_RUN_AGAIN", "identity,$LATEST,0");
    refused(&workspace, &["plan"], "creation");
    workspace.set("LAMBDA_RUN_AGAIN", id.as_str().unwrap());
    workspace.apply(&[]).expect_success();
    assert_eq!(lambda.payloads(), ["1"]);
    workspace.set("LAMBDA_RUN_AGAIN", "");
    assert_eq!(workspace.plan(&[]).actions(ADDRESS), ["no-op"]);

    // What was said of the retry mode holds when it happens, too.
    workspace.run(["state", "rm", ADDRESS]).expect_success();
    workspace.set(ENDPOINT, server.url());
    write(&workspace, &format!("{twice}\n  max_attempts = 1"));
    let said = workspace.apply(&[]).expect_failure();
    assert!(said.contains("The next apply sends it again."), "{said}");
}

fn crud(n: u32) -> String {
    format!("  input = jsonencode({{ n = {n} }})\n  lifecycle_scope = \"CRUD\"")
}

/// What a plan says, with `arguments`.
fn planned(workspace: &Workspace, arguments: &[&str]) -> String {
    let run = workspace.run([&["plan"], arguments].concat());
    run.expect_success();
    let words = run.stdout.split_whitespace().filter(|word| *word != "│");
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn an_update_or_a_deletion_that_was_not_answered_is_not_sent_again_until_it_is_settled() {
    const UPDATE: &str = "Warning: An earlier update may have run";
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let server = breaking();
    let mut workspace = lambda.workspace(terraform, "");
    let none = Vec::<String>::new();
    write(&workspace, &crud(1));
    workspace.apply(&[]).expect_success();
    let before = workspace.state(ADDRESS)["attributes"].clone();
    lambda.payloads();

    // The update is lost on the way: the state stays, and no plan sends it again.
    workspace.set(ENDPOINT, server.url());
    write(&workspace, &crud(2));
    let said = workspace.apply(&[]).expect_failure();
    let id = before["id"].as_str().unwrap();
    for part in [
        "Lambda function identity may have run, but gave no result",
        "It is not sent again before you say what came of it.",
        &format!("apply with LAMBDA_RUN_AGAIN='{id}' in the environment"),
        &format!("terraform import and the id {id}@{}:", lambda.region()),
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(workspace.state(ADDRESS)["attributes"], before);
    lambda.connect(&mut workspace);
    refused(&workspace, &["plan"], "update");
    refused(&workspace, &["apply", "-auto-approve"], "update");
    // Terraform plans the resource as it is before it plans a destruction, which sends another
    // event.
    refused(&workspace, &["destroy", "-auto-approve"], "update");
    let said = planned(&workspace, &["-destroy", "-refresh=false"]);
    assert!(said.contains(UPDATE), "{said}");

    // It ran: what the plan says to do sends nothing.
    workspace.run(["state", "rm", ADDRESS]).expect_success();
    workspace.run(["import", ADDRESS, id]).expect_success();
    workspace.apply(&[]).expect_success();
    assert_eq!(lambda.payloads(), none);
    assert_eq!(
        workspace.state(ADDRESS)["attributes"]["input"],
        r#"{"n":2}"#
    );
    assert!(!planned(&workspace, &[]).contains(UPDATE));

    // It did not run: the user has it sent again, and the note is gone.
    workspace.set(ENDPOINT, server.url());
    write(&workspace, &crud(3));
    workspace.apply(&[]).expect_failure();
    lambda.connect(&mut workspace);
    refused(&workspace, &["plan"], "update");
    // An apply that sends nothing settles nothing.
    write(&workspace, &format!("{}\n  timeout = 30", crud(2)));
    assert!(planned(&workspace, &[]).contains(UPDATE));
    workspace.apply(&[]).expect_success();
    assert_eq!(lambda.payloads(), none);
    write(&workspace, &crud(3));
    refused(&workspace, &["plan"], "update");
    workspace.set("LAMBDA_RUN_AGAIN", id);
    workspace.apply(&[]).expect_success();
    workspace.set("LAMBDA_RUN_AGAIN", "");
    let update = r#"{"n":3,"tf":{"action":"update","prev_input":{"n":2}}}"#;
    assert_eq!(lambda.payloads(), [update]);
    assert!(!planned(&workspace, &[]).contains(UPDATE));

    // A deletion, which did not run and is sent again; then one that ran.
    let id = workspace.state(ADDRESS)["attributes"]["id"].clone();
    for again in [true, false] {
        workspace.apply(&[]).expect_success();
        lambda.payloads();
        workspace.set(ENDPOINT, server.url());
        workspace.run(["destroy", "-auto-approve"]).expect_failure();
        lambda.connect(&mut workspace);
        refused(&workspace, &["destroy", "-auto-approve"], "deletion");
        assert_eq!(lambda.payloads(), none);
        if again {
            workspace.set("LAMBDA_RUN_AGAIN", id.as_str().unwrap());
        } else {
            workspace.run(["state", "rm", ADDRESS]).expect_success();
        }
        workspace.run(["destroy", "-auto-approve"]).expect_success();
        workspace.set("LAMBDA_RUN_AGAIN", "");
        assert_eq!(lambda.payloads().len(), usize::from(again));
    }
}

#[test]
fn an_answer_that_is_not_utf_8_is_an_answer_and_the_function_does_not_run_again() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let server = Server::start(|mut client| {
        let body = client.read_request()?.body;
        let is_text = body.starts_with(b"{\"n\":1");
        client.send("HTTP/1.1 200 OK\r\nX-Amz-Executed-Version: $LATEST\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")?;
        client.send(if is_text { b"{}" } else { b"\xff\xff" })?;
        client.finish()
    });
    let mut workspace = lambda.workspace(terraform, "");
    workspace.set(ENDPOINT, server.url());
    write(&workspace, &crud(1));
    workspace.apply(&[]).expect_success();

    // An update: its state is kept, without a result and without a note.
    write(&workspace, &crud(2));
    let said = workspace.apply(&[]).expect_failure();
    for part in [
        "Lambda function identity ran, but its answer cannot be kept",
        "its answer is not UTF-8",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("may have run"), "{said}");
    let state = workspace.state(ADDRESS);
    assert_eq!(state["status"], json!(null));
    assert_eq!(state["attributes"]["input"], r#"{"n":2}"#);
    assert_eq!(state["attributes"]["result"], json!(null));
    let said = planned(&workspace, &[]);
    assert!(said.contains("No changes"), "{said}");
    assert!(!said.contains("may have run"), "{said}");
    assert_eq!(server.connections(), 2);

    // A creation is tainted, and does not run again before the user says so.
    workspace.run(["state", "rm", ADDRESS]).expect_success();
    let said = workspace.apply(&[]).expect_failure();
    assert!(said.contains("terraform untaint"), "{said}");
    assert!(!said.contains("may have run"), "{said}");
    assert_eq!(workspace.state(ADDRESS)["status"], "tainted");
    let said = workspace.apply(&[]).expect_failure();
    assert!(said.contains("Error: An earlier creation ran"), "{said}");
    workspace.run(["untaint", ADDRESS]).expect_success();
    assert_eq!(workspace.plan(&[]).actions(ADDRESS), ["no-op"]);
    assert_eq!(server.connections(), 3);
}

#[test]
fn a_deletion_inside_a_replacement_that_was_not_answered_is_not_sent_again() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let server = breaking();
    let mut workspace = lambda.workspace(terraform, "");
    let none = Vec::<String>::new();
    let replace = format!("-replace={ADDRESS}");
    write(&workspace, &crud(1));
    workspace.apply(&[]).expect_success();
    let id = workspace.state(ADDRESS)["attributes"]["id"].clone();
    lambda.payloads();

    let triggered = format!("{}\n  triggers = {{ a = \"1\" }}", crud(1));
    write(&workspace, &triggered);
    workspace.set(ENDPOINT, server.url());
    workspace.apply(&[]).expect_failure();
    lambda.connect(&mut workspace);
    refused(&workspace, &["plan"], "deletion");
    refused(&workspace, &["apply", "-auto-approve"], "deletion");
    // What is not known yet may replace it.
    workspace.write(
        "main.tf",
        configuration(&format!(
            "resource \"terraform_data\" \"u\" {{ input = \"1\" }}\nresource \"lambda_invocation\" \"it\" {{\n  function_name = \"identity\"\n{}\n  triggers = {{ a = terraform_data.u.output }}\n}}\n",
            crud(1)
        )),
    );
    refused(&workspace, &["plan"], "deletion");
    // Without a replacement nothing is sent; with the user's it is.
    write(&workspace, &crud(1));
    let said = planned(&workspace, &[]);
    assert!(
        said.contains("Warning: An earlier deletion may have run"),
        "{said}"
    );
    refused(&workspace, &["plan", &replace], "deletion");
    // Terraform tells the plan of a tainted resource nothing.
    workspace.run(["taint", ADDRESS]).expect_success();
    refused(&workspace, &["plan"], "deletion");
    workspace.run(["untaint", ADDRESS]).expect_success();
    assert_eq!(lambda.payloads(), none);

    // It did not run.
    write(&workspace, &triggered);
    workspace.set("LAMBDA_RUN_AGAIN", id.as_str().unwrap());
    workspace.apply(&[]).expect_success();
    workspace.set("LAMBDA_RUN_AGAIN", "");
    assert_eq!(lambda.payloads().len(), 2);
    let said = planned(&workspace, &[&replace]);
    assert!(!said.contains("may have run"), "{said}");
}

#[test]
fn the_deletion_of_a_tainted_resource_that_was_not_answered_is_not_sent_again() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let server = breaking();
    let mut workspace = lambda.workspace(terraform, "");
    write(&workspace, &crud(1));
    workspace.apply(&[]).expect_success();
    workspace.run(["taint", ADDRESS]).expect_success();
    lambda.payloads();
    workspace.set(ENDPOINT, server.url());
    workspace.apply(&[]).expect_failure();
    lambda.connect(&mut workspace);
    let address = workspace.state(ADDRESS);
    assert_eq!(address["status"], "tainted");
    refused(&workspace, &["plan"], "deletion");
    // Whatever it is replaced by.
    write(&workspace, &crud(2));
    refused(&workspace, &["apply", "-auto-approve"], "deletion");
    assert_eq!(lambda.payloads(), Vec::<String>::new());
    // It did not run.
    let id = address["attributes"]["id"].as_str().unwrap();
    workspace.set("LAMBDA_RUN_AGAIN", id);
    workspace.apply(&[]).expect_success();
    assert_eq!(lambda.payloads().len(), 2);
}

#[test]
fn an_update_that_ran_is_imported_into_the_region_of_its_resource_and_does_not_run_again() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let server = breaking();
    let mut workspace = lambda.workspace(terraform, "");
    let region = lambda.region().to_owned();
    let with_region = |n| format!("{}\n  region = \"{region}\"", crud(n));
    write(&workspace, &with_region(1));
    workspace.apply(&[]).expect_success();
    lambda.payloads();
    workspace.set(ENDPOINT, server.url());
    write(&workspace, &with_region(2));
    let said = workspace.apply(&[]).expect_failure();
    lambda.connect(&mut workspace);
    let id = workspace.state(ADDRESS)["attributes"]["id"].clone();
    let id = format!("{}@{region}", id.as_str().unwrap());
    assert!(
        said.contains(&format!("terraform import and the id {id}:")),
        "{said}"
    );
    // The provider's region is another one.
    workspace.set("AWS_REGION", "eu-north-1");
    workspace.run(["state", "rm", ADDRESS]).expect_success();
    workspace.run(["import", ADDRESS, &id]).expect_success();
    workspace.apply(&[]).expect_success();
    assert_eq!(lambda.payloads(), Vec::<String>::new());
}

#[test]
fn an_update_that_is_answered_with_nothing_is_checked_and_leaves_no_note() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let server = Server::start(|mut client| {
        let body = client.read_request()?.body;
        if body.starts_with(b"{\"n\":2") {
            return client.reset();
        }
        let answer = if body.starts_with(b"{\"n\":1") {
            "{\"a\":1}"
        } else {
            ""
        };
        client.send(format!("HTTP/1.1 200 OK\r\nX-Amz-Executed-Version: $LATEST\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}", answer.len()))?;
        client.finish()
    });
    let mut workspace = lambda.workspace(terraform, "");
    workspace.set(ENDPOINT, server.url());
    let checked = |n| format!("{}\n  success = {{ \"/a\" = \"1\" }}", crud(n));
    write(&workspace, &checked(1));
    workspace.apply(&[]).expect_success();
    write(&workspace, &checked(2));
    workspace.apply(&[]).expect_failure();
    write(&workspace, &checked(3));
    let id = workspace.state(ADDRESS)["attributes"]["id"].clone();
    workspace.set("LAMBDA_RUN_AGAIN", id.as_str().unwrap());
    let said = workspace.apply(&[]).expect_failure();
    assert!(!said.contains("may have run"), "{said}");
    workspace.set("LAMBDA_RUN_AGAIN", "");
    // It was answered: the next plan makes it again, as of any that is not a success.
    let said = planned(&workspace, &[]);
    assert!(!said.contains("may have run"), "{said}");
}
