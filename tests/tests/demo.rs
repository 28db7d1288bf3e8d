//! `cargo xtask demo`, as the README has it. In a program of its own, as it writes the
//! components anew that other tests read.

#![cfg(test)]

use std::env;
use std::process::Command;

use lambda_invocation_docs::root;
use lambda_invocation_tests::readme::{commands, shown, transcript};

#[test]
fn the_demo_prints_what_the_readme_shows() {
    let [demo] = commands("README.md", "Try it")
        .try_into()
        .expect("one command");
    let mut command = Command::new("sh");
    command.args(["-c", &demo]).current_dir(root());
    // What cargo says of this test. Build scripts that look at it would run again, and all
    // that depends on them would be compiled again.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    let output = command.output().expect("a shell");
    assert!(output.status.success(), "{output:#?}");
    let printed = shown(&String::from_utf8(output.stdout).expect("output in UTF-8"));
    for shown in transcript("README.md", "Try it") {
        let scene = printed.iter().find(|scene| scene.command == shown.command);
        let scene = scene.unwrap_or_else(|| panic!("the demo has no {}", shown.command));
        shown.assert_printed(&scene.lines);
    }
}
