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

#[test]
fn a_creation_that_was_not_answered_is_tainted_and_one_that_was_not_sent_is_not() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let mut workspace = lambda.workspace(terraform, "");
        write(&workspace, "  input = \"1\"");
        let server = breaking();
        workspace.set(ENDPOINT, server.url());
        let said = workspace.apply(&[]).expect_failure();
        for part in [
            "Lambda function identity may have run, but gave no result",
            "look into the function's log before trying again",
            "terraform untaint",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert_eq!(server.connections(), 1, "{terraform:?}");
        let state = workspace.state(ADDRESS);
        assert_eq!(state["status"], "tainted", "{terraform:?}");
        assert_eq!(state["attributes"]["result"], json!(null), "{terraform:?}");
        let id = "identity,$LATEST,c4ca4238a0b923820dcc509a6f75849b";
        assert_eq!(state["attributes"]["id"], id, "{terraform:?}");

        // The user knows that it ran.
        workspace.run(["untaint", ADDRESS]).expect_success();
        assert_eq!(
            workspace.plan(&[]).actions(ADDRESS),
            ["no-op"],
            "{terraform:?}"
        );

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
fn an_update_or_a_deletion_that_was_not_answered_is_shown_by_every_plan_until_it_is_settled() {
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

    // The update is lost on the way: the state stays, and the plan says it.
    workspace.set(ENDPOINT, server.url());
    write(&workspace, &crud(2));
    let said = workspace.apply(&[]).expect_failure();
    let words = "Lambda function identity may have run, but gave no result";
    assert!(said.contains(words), "{said}");
    assert_eq!(workspace.state(ADDRESS)["attributes"], before);
    lambda.connect(&mut workspace);
    for _ in 0..2 {
        let said = planned(&workspace, &[]);
        assert!(said.contains(UPDATE), "{said}");
        assert!(said.contains("1 to change"), "{said}");
    }
    let id = before["id"].as_str().unwrap();
    let said = planned(&workspace, &[]);
    assert!(said.contains(&format!("the id {id}:")), "{said}");

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

    // It did not run: the next apply sends it, and the note is gone.
    workspace.set(ENDPOINT, server.url());
    write(&workspace, &crud(3));
    workspace.apply(&[]).expect_failure();
    lambda.connect(&mut workspace);
    assert!(planned(&workspace, &[]).contains(UPDATE));
    // An apply that sends nothing settles nothing.
    write(&workspace, &format!("{}\n  timeout = 30", crud(2)));
    workspace.apply(&[]).expect_success();
    assert_eq!(lambda.payloads(), none);
    write(&workspace, &crud(3));
    assert!(planned(&workspace, &[]).contains(UPDATE));
    workspace.apply(&[]).expect_success();
    let update = r#"{"n":3,"tf":{"action":"update","prev_input":{"n":2}}}"#;
    assert_eq!(lambda.payloads(), [update]);
    assert!(!planned(&workspace, &[]).contains(UPDATE));

    // A deletion, which ran.
    workspace.set(ENDPOINT, server.url());
    workspace.run(["destroy", "-auto-approve"]).expect_failure();
    lambda.connect(&mut workspace);
    let said = planned(&workspace, &["-destroy"]);
    let words = "Warning: An earlier delete may have run";
    assert!(said.contains(words), "{said}");
    workspace.run(["state", "rm", ADDRESS]).expect_success();
    workspace.run(["destroy", "-auto-approve"]).expect_success();
    assert_eq!(lambda.payloads(), none);
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
    assert!(said.contains("its answer is not UTF-8"), "{said}");
    let state = workspace.state(ADDRESS);
    assert_eq!(state["status"], json!(null));
    assert_eq!(state["attributes"]["input"], r#"{"n":2}"#);
    assert_eq!(state["attributes"]["result"], json!(null));
    let said = planned(&workspace, &[]);
    assert!(said.contains("No changes"), "{said}");
    assert!(!said.contains("may have run"), "{said}");
    assert_eq!(server.connections(), 2);

    // A creation is tainted, and says so.
    workspace.run(["state", "rm", ADDRESS]).expect_success();
    let said = workspace.apply(&[]).expect_failure();
    assert!(said.contains("terraform untaint"), "{said}");
    assert_eq!(workspace.state(ADDRESS)["status"], "tainted");
    workspace.run(["untaint", ADDRESS]).expect_success();
    assert_eq!(workspace.plan(&[]).actions(ADDRESS), ["no-op"]);
    assert_eq!(server.connections(), 3);
}
