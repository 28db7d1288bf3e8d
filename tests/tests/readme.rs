//! The README's commands in a shell: `lambda-host` as somebody would install it.

#![cfg(test)]

use lambda_invocation_docs::Page;
use lambda_invocation_tests::readme::{Shell, Shown, commands, transcript};
use lambda_invocation_tests::venv::{AWSCLI, Venv};
use lambda_invocation_tests::{build, canary, or_skip};
use serde_json::{Value, json};

/// Commands that put `lambda-host` and its component where a shell finds them.
fn installed() -> Vec<String> {
    [
        "cargo install --path host-harness/cli",
        "cp target/components/lambda-invocation.wasm ~/.cargo/bin/",
    ]
    .map(str::to_owned)
    .to_vec()
}

#[test]
fn the_commands_of_the_shell_do_what_the_readme_says() {
    let shell = Shell::new();
    let mut all = installed();
    all.extend(commands("README.md", "From a shell"));
    let ran = shell.run(&all);
    let [_, _, local, piped, streamed, nested, prepared, inspected] = ran.as_slice() else {
        panic!("{ran:#?}");
    };
    for answered in [local, piped] {
        let answer: Value = serde_json::from_str(answered.output()).unwrap();
        assert_eq!(answer["event"], json!({"name": "world"}));
    }
    assert!(piped.stderr.contains("START RequestId: "), "{piped:#?}");
    let request: Value = serde_json::from_str(prepared.output()).unwrap();
    assert_eq!(request["method"], json!("POST"));
    assert!(inspected.output().contains("lambda:invocation/invoke@"));
    assert!(streamed.output().ends_with("piece 3 \n"), "{streamed:#?}");
    assert!(nested.output().contains("\"function\":\"echo\""));
    // `--local` and `local` answer by themselves, and `prepare` sends nothing.
    assert_eq!(shell.endpoint.invocations().len(), 1);
    assert!(ran.iter().all(|ran| !canary::is_in(&ran.stderr)));
}

/// "The CLI gives up after 60 s and invokes it again": with a second instead of 60.
#[test]
fn the_aws_cli_invokes_again_what_it_gave_up_and_lambda_host_does_not() {
    let python = or_skip!(Venv::of(AWSCLI)).python();
    let shell = Shell::new();
    let cli = format!("'{}' -m awscli", python.display());
    let default = "import awscli.botocore.httpsession as s; print(s.DEFAULT_TIMEOUT)";
    let mut all = installed();
    all.push(format!("'{}' -c '{default}'", python.display()));
    all.push(format!(
        "AWS_MAX_ATTEMPTS=2 {cli} --cli-read-timeout 1 --region $AWS_REGION lambda invoke \
         --function-name sleep --payload '{{\"ms\":2000}}' out.json"
    ));
    all.push("lambda-host invoke sleep --response-timeout 1s --payload '{\"ms\":2000}'".to_owned());
    let ran = shell.run(&all);
    assert_eq!(ran[2].output().trim(), "60");
    assert!(ran[3].stderr.contains("Read timeout"), "{ran:#?}");
    assert_eq!(ran[4].code, 4, "{ran:#?}");
    assert!(ran[4].stderr.contains("may have run"), "{ran:#?}");
    assert_eq!(shell.endpoint.invocations().len(), 2 + 1);
}

#[test]
fn the_component_is_no_larger_than_the_readme_says() {
    let readme = Page::read("README.md");
    let (before, _) = readme.text().split_once(" KB").expect("a size");
    let shown = before
        .rsplit(' ')
        .next()
        .and_then(|size| size.parse::<u64>().ok());
    let bytes = std::fs::metadata(build::component()).unwrap().len();
    let shown = shown.expect("a number") * 1_000;
    assert!(bytes <= shown, "{bytes} bytes are more than {shown}");
    assert!(
        bytes * 4 >= shown * 3,
        "{bytes} bytes are far less than {shown}"
    );
}

/// Writes the configuration of a section to the file that its first line names.
fn write_configuration(shell: &Shell, page: &str, heading: &str) {
    for config in Page::read(page).blocks(heading, "toml") {
        let name = config
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# "));
        shell.write(name.expect("a comment with the file's name"), &config);
    }
}

/// Runs the commands, and holds what they print to what is shown.
fn prints(shell: &Shell, shown: &[Shown]) {
    let on_one_screen = |shown: &Shown| format!("{{ {}; }} 2>&1", shown.command);
    let commands = installed()
        .into_iter()
        .chain(shown.iter().map(on_one_screen));
    let commands: Vec<String> = commands.collect();
    let ran = shell.run(&commands);
    for (shown, ran) in shown.iter().zip(&ran[2..]) {
        let printed: Vec<String> = ran.output().lines().map(str::to_owned).collect();
        shown.assert_printed(&printed);
    }
}

#[test]
fn managed_invocations_print_what_the_readme_shows() {
    let shell = Shell::new();
    write_configuration(&shell, "README.md", "Managed invocations");
    prints(&shell, &transcript("README.md", "Managed invocations"));
}

#[test]
fn the_first_run_of_a_lifecycle_prints_what_its_page_shows() {
    let shell = Shell::new();
    write_configuration(&shell, "docs/lifecycle.md", "A first run");
    prints(&shell, &transcript("docs/lifecycle.md", "A first run"));
}

/// Each of the two commands is one way on from an invocation that was not answered.
#[test]
fn what_was_not_answered_is_settled_as_the_page_says() {
    let answers = commands("docs/lifecycle.md", "When something fails");
    let [ran, run_again] = answers.as_slice() else {
        panic!("{answers:#?}");
    };
    for (answer, times) in [(ran, 1), (run_again, 2)] {
        let shell = Shell::new();
        // A function that never answers.
        let config =
            "[invocation.database_setup]\nfunction_name = 'flaky'\ninput = { drop = true }\n";
        shell.write("invocations.toml", config);
        let apply = "lambda-host lifecycle apply --config invocations.toml --state state.json";
        let mut all = installed();
        all.extend([apply.to_owned(), apply.to_owned(), answer.clone()]);
        let ran = shell.run(&all);
        assert_eq!((ran[2].code, ran[3].code), (4, 6), "{ran:#?}");
        assert_eq!(shell.endpoint.invocations().len(), times, "{ran:#?}");
    }
}

#[test]
fn an_ephemeral_answer_goes_to_standard_output() {
    let shell = Shell::new();
    write_configuration(&shell, "docs/lifecycle.md", "`[ephemeral.NAME]`");
    let mut all = installed();
    all.extend(commands("docs/lifecycle.md", "`[ephemeral.NAME]`"));
    let ran = shell.run(&all);
    assert_eq!(ran[2].output(), "", "{ran:#?}");
    assert_eq!(shell.read("secret.json"), r#"{"length":32}"#);
}
