//! wasmtime-py, through the code of `examples/python`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Call, Exception, Host, Instead, Outcome, process};
use crate::build;
use crate::venv::{Package, Venv};

/// What is installed, for the example as well.
pub const PACKAGE: Package = Package {
    name: "wasmtime",
    version: "50.0.1",
    requirements: include_str!("../../../examples/python/requirements.txt"),
};

/// The library for Python.
pub struct WasmtimePy;

impl Host for WasmtimePy {
    fn name(&self) -> &'static str {
        "wasmtime-py"
    }

    fn version(&self) -> &'static str {
        PACKAGE.version
    }

    fn drives(&self) -> &'static str {
        "`invoke` of the plugin, with the code of [examples/python](../examples/python/); credentials as an argument."
    }

    fn on_every_change(&self) -> bool {
        true
    }

    fn exceptions(&self) -> &'static [Exception] {
        &[
            Exception {
                case: "denied",
                instead: Instead::NotApplicable,
                why: "wasmtime-py has no allow-list: `add_wasi_http` grants every address, and without it nothing loads.",
            },
            Exception {
                case: "5 MB",
                instead: Instead::Fails,
                why: "wasmtime-py takes 48 bytes for each byte of an answer, out of 128 MiB that it cannot raise: an answer of 2.7 MB passes, one of 2.9 MB is lost, after the function ran. Requests are not limited.",
            },
        ]
    }

    fn install(&self) -> Result<(), String> {
        Venv::of(PACKAGE).map(drop)
    }

    fn invoke(&self, call: &Call<'_>) -> Outcome {
        let venv = Venv::of(PACKAGE).expect("an installed package");
        let mut command = Command::new(venv.python());
        command.env_clear();
        if call.logs {
            command
                .env("WASMTIME_LOG", "trace")
                .env("RUST_LOG", "trace");
        }
        command
            .args(["-c", include_str!("../../peers/run_wasmtime_py.py")])
            .arg(example())
            .arg(build::component());
        process::embed(command, call)
    }
}

/// The folder of the example.
fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/python")
}
