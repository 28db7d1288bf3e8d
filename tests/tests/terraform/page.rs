//! `docs/terraform.md` and `examples/terraform`: what they say to write and to type.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use lambda_invocation_docs::{Page, root};
use lambda_invocation_tests::readme::{Shell, commands};
use lambda_invocation_tests::terraform::{Terraform, Workspace, architecture};
use lambda_invocation_tests::{build, or_skip};
use serde_json::{Value, json};

use crate::lambda::{Lambda, configuration};
use crate::take_over::state;

const PAGE: &str = "docs/terraform.md";

#[test]
fn the_first_apply_of_the_page_works_as_it_is_typed() {
    let terraform = or_skip!(Terraform::with_actions());
    // What the first command builds is built by then, without the component inside.
    let mirror = "target/terraform/registry.terraform.io/lambda-invocation/lambda/0.1.0";
    let directory = format!("{mirror}/linux_{}", architecture());
    let provider = format!(
        "mkdir -p {directory}\ncat > {directory}/terraform-provider-lambda_v0.1.0 <<'END'\n#!/bin/sh\nexport LAMBDA_COMPONENT='{}'\nexec '{}' \"$@\"\nEND\nchmod +x {directory}/*",
        build::component().display(),
        build::terraform_provider().display(),
    );
    let shell = Shell::new()
        .script("terraform", &terraform.script())
        .script("lambda-host", "exec \"$LAMBDA_HOST\" \"$@\"");
    let mut typed = commands("docs/terraform.md", "A first apply");
    assert_eq!(typed.len(), 5);
    assert_eq!(typed[0], "cargo xtask provider");
    typed[0] = provider;
    let ran = shell.run(&typed);
    let applied = ran[4].output();
    assert!(applied.contains("1 added"), "{applied}");
    assert!(applied.contains("\"app\""), "{applied}");
    // It is lambda-host that answers.
    assert_eq!(shell.endpoint.invocations().len(), 0);
}

#[test]
fn the_ways_to_install_find_the_provider() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let page = Page::read(PAGE);
    let mirror = page.blocks("Install", "terraform").concat();
    let mut workspace = lambda.workspace(terraform, "");
    workspace.write(
        "main.tf",
        configuration(
            "resource \"lambda_invocation\" \"it\" {\n  function_name = \"identity\"\n  input = \"1\"\n}\n",
        ),
    );
    let install = |directory: &Path| {
        fs::create_dir_all(directory).unwrap();
        let program = directory.join("terraform-provider-lambda_v0.1.0");
        symlink(build::terraform_provider(), program).unwrap();
    };

    // The layout is the one that the page shows.
    let layout = page.blocks("Install", "text").concat();
    let layout = layout.trim().strip_prefix("target/terraform/").unwrap();
    let layout = layout.replace("linux_amd64", &format!("linux_{}", architecture()));
    let root = workspace.path().join("mirror");
    install(root.join(layout).parent().unwrap());
    let named = mirror.replace("/opt/terraform", root.to_str().unwrap());
    assert_ne!(named, mirror);
    workspace.write("terraformrc", named);
    let file = workspace.path().join("terraformrc").display().to_string();
    workspace.set("TF_CLI_CONFIG_FILE", file);
    workspace.initialise();
    workspace.apply(&[]).expect_success();
    assert_eq!(lambda.payloads(), ["1"]);

    // A build as it is, in a workspace that nobody has initialised.
    let line =
        "`dev_overrides { \"lambda-invocation/lambda\" = \"/path/to/the/folder/of/the/program\" }`";
    assert!(page.text().contains(line));
    fs::remove_dir_all(workspace.path().join(".terraform")).unwrap();
    let folder = workspace.path().join("built");
    install(&folder);
    let overrides = line
        .trim_matches('`')
        .replace(
            "/path/to/the/folder/of/the/program",
            folder.to_str().unwrap(),
        )
        .replace("{ ", "{\n")
        .replace(" }", "\n}");
    workspace.write(
        "terraformrc",
        format!("provider_installation {{\n{overrides}\n  direct {{}}\n}}\n"),
    );
    let run = workspace.run(["plan"]);
    let said = run.expect_success();
    assert!(
        format!("{}{}", said.stdout, said.stderr).contains("development overrides"),
        "{said:?}"
    );
}

/// Runs commands that begin with `terraform`.
fn typed(workspace: &Workspace, commands: &[String]) {
    for command in commands {
        let mut words = command.split(' ');
        assert_eq!(words.next(), Some("terraform"), "{command}");
        let run = workspace.run(words);
        let said = &run.expect_success().stdout;
        if command == "terraform plan" {
            let nothing = ["No changes.", "0 to add, 0 to change, 0 to destroy"];
            assert!(nothing.iter().any(|words| said.contains(words)), "{said}");
        }
    }
}

#[test]
fn the_ways_to_take_a_state_over_invoke_nothing() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let page = Page::read(PAGE);
    let head = page.blocks("Taking over from hashicorp/aws", "terraform");
    let attributes = json!({
        "function_name": "my-function", "id": "my-function,$LATEST,0f8e1c3d5b7a9c2e4f60718293a4b5c6",
        "input": r#"{"key1":"value1"}"#, "lifecycle_scope": "CREATE_ONLY", "qualifier": "$LATEST",
        "region": "us-east-1", "result": "\"old\"", "tenant_id": "", "terraform_key": "tf",
        "triggers": null,
    });
    let before = state("aws_lambda_invocation", "hashicorp/aws", 1, &attributes);
    for (heading, commands, address) in [
        (
            "One resource",
            commands("docs/terraform.md", "One resource"),
            "aws_lambda_invocation.it",
        ),
        (
            "To the type's own name",
            commands("docs/terraform.md", "To the type's own name"),
            "lambda_invocation.it",
        ),
        (
            "A whole state",
            commands("docs/terraform.md", "A whole state"),
            "aws_lambda_invocation.it",
        ),
    ] {
        let mut workspace = terraform.workspace("");
        lambda.connect(&mut workspace);
        let mut configuration = page.blocks(heading, "terraform").concat();
        if !configuration.contains("required_providers") {
            configuration.insert_str(0, &head.concat());
        }
        workspace.write("main.tf", configuration);
        workspace.write("terraform.tfstate", &before);
        typed(&workspace, &commands);
        assert_eq!(lambda.payloads(), Vec::<String>::new(), "{heading}");
        let state: Value = workspace.state(address);
        assert_eq!(state["attributes"]["result"], "\"old\"", "{heading}");
    }
}

#[test]
fn the_examples_apply() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        for entry in fs::read_dir(root().join("examples/terraform")).unwrap() {
            let folder = entry.unwrap();
            let name = folder.file_name();
            let example = fs::read_to_string(folder.path().join("main.tf")).unwrap();
            // Terraform had no actions before.
            if example.contains(">= 1.14") && !terraform.has_actions() {
                continue;
            }
            let mut workspace = terraform.workspace(&example);
            lambda.connect(&mut workspace);
            workspace.apply(&[]).expect_success();
            assert!(!lambda.payloads().is_empty(), "{}", name.display());
            // They are written as Terraform writes.
            let formatted = workspace.run(["fmt", "-check"]);
            assert_eq!(formatted.code, Some(0), "{}", name.display());
        }
    }
}

#[test]
fn every_difference_names_a_test_that_there_is() {
    let page = Page::read(PAGE);
    let rows = page.text().lines().filter(|line| line.ends_with("` |"));
    let named: Vec<&str> = rows
        .filter_map(|row| row.rsplit('`').nth(1))
        .filter(|name| name.contains("::"))
        .collect();
    assert!(named.len() > 10, "{named:?}");
    for name in named {
        let (module, test) = name.split_once("::").unwrap();
        let source = root().join(format!("tests/tests/terraform/{module}.rs"));
        let source = fs::read_to_string(source).unwrap();
        assert!(source.contains(&format!("fn {test}()")), "{name}");
    }
}
