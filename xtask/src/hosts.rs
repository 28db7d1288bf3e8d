//! The host matrix: a test that is too long for every change.

use anyhow::Result;

use crate::{components, run};

/// Tries every host whose name and version contain `name`.
pub fn hosts(name: &str) -> Result<()> {
    components::build()?;
    run::run(
        run::cargo_workspace("test")
            .args(["--test", "hosts", "--"])
            .args([
                "--ignored",
                "--exact",
                "every_host_does_what_the_table_says",
            ])
            .arg("--nocapture")
            .env("LAMBDA_HOSTS", name),
    )
}
