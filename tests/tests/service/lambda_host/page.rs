//! The table of options in `docs/service.md`.

use std::fmt::Write as _;

use lambda_invocation_docs::Page;
use lambda_invocation_tests::lambda_host::LambdaHost;

/// The options that `--help` lists for this command alone.
fn options() -> String {
    let run = LambdaHost::new(["serve", "--help"]).env("COLUMNS", "1000").run();
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
fn service_md_has_the_options_that_help_lists() {
    let parts = [("options", options())];
    Page::read("docs/service.md").hold(&parts, "cargo test -p lambda-invocation-tests --test service page");
}
