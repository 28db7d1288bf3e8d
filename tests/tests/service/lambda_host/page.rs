//! The table of options in `docs/service.md`, and the examples that use them.

use std::fmt::Write as _;

use lambda_invocation_docs::Page;
use lambda_invocation_tests::lambda_host::LambdaHost;

/// The options that `--help` lists for this command alone.
fn options() -> String {
    let run = LambdaHost::new(["serve", "--help"])
        .env("COLUMNS", "1000")
        .run();
    let help = run.output();
    let own = help.split("\nOptions:\n").nth(1).expect("options");
    let own = own.split("\n\n").filter(|entry| !entry.contains("--help"));
    let mut out = "| option | meaning |\n| --- | --- |\n".to_owned();
    // A heading begins the options that other commands have, too.
    for entry in own.take_while(|entry| entry.trim_start().starts_with('-')) {
        let words: Vec<&str> = entry.split_whitespace().collect();
        let about = words.iter().position(|word| !word.starts_with(['-', '<']));
        let (option, about) = words.split_at(about.unwrap_or(words.len()));
        let (option, about) = (option.join(" "), about.join(" "));
        let about = about.trim_end_matches('.');
        writeln!(out, "| `{option}` | {about} |").unwrap();
    }
    out
}

#[test]
fn the_unit_and_the_container_use_options_that_there_are() {
    let options = options();
    for name in ["systemd/lambda-invocation.service", "container/Dockerfile"] {
        let path = lambda_invocation_docs::root().join("examples").join(name);
        let text = std::fs::read_to_string(path).expect("an example");
        let starts = |line: &&str| line.starts_with("ExecStart=") || line.starts_with("ENTRYPOINT");
        let line = text.lines().find(starts).expect("what is started");
        let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let used: Vec<&str> = words.filter(|word| word.starts_with("--")).collect();
        assert_eq!(used.len(), 2, "{line}");
        for option in used {
            assert!(options.contains(&format!("`{option} ")), "{name}: {option}");
        }
        assert!(line.contains("serve"), "{line}");
    }
}

#[test]
fn service_md_has_the_options_that_help_lists() {
    let parts = [("options", options())];
    Page::read("docs/service.md").hold(
        &parts,
        "cargo test -p lambda-invocation-tests --test service page",
    );
}
