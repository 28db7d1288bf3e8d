//! Where the build left what the tests run.

use std::env;
use std::path::{Path, PathBuf};

/// The target directory this test was built into.
///
/// # Panics
///
/// When the test runs from elsewhere than a target directory of cargo.
pub fn target() -> PathBuf {
    let test = test_program();
    test.ancestors()
        .find(|directory| directory.join("CACHEDIR.TAG").is_file())
        .unwrap_or_else(|| panic!("{} is in no target directory", test.display()))
        .to_owned()
}

/// The program `lambda-host`: `LAMBDA_HOST_BIN` where set, else the one of the
/// test's own profile.
///
/// # Panics
///
/// When it has not been built.
pub fn lambda_host() -> PathBuf {
    existing("LAMBDA_HOST_BIN", || program("lambda-host"), "cargo build")
}

/// The provider for Terraform: `TERRAFORM_PROVIDER_BIN` where set, else the one of the
/// test's own profile.
///
/// # Panics
///
/// When it has not been built.
pub fn terraform_provider() -> PathBuf {
    existing(
        "TERRAFORM_PROVIDER_BIN",
        || program("terraform-provider-lambda"),
        "cargo build",
    )
}

/// The provider for Pulumi: `PULUMI_PROVIDER_BIN` where set, else the one of the test's own
/// profile.
///
/// # Panics
///
/// When it has not been built.
pub fn pulumi_provider() -> PathBuf {
    existing(
        "PULUMI_PROVIDER_BIN",
        || program("pulumi-resource-lambda-invocation"),
        "cargo build",
    )
}

/// A program of the test's own profile.
fn program(name: &str) -> PathBuf {
    // target/debug/deps/test -> target/debug/NAME
    let profile = test_program();
    let profile = profile.ancestors().nth(2).unwrap_or(Path::new("."));
    profile.join(name)
}

/// The component `lambda-invocation.wasm`: `LAMBDA_COMPONENT` where set, else the
/// one in the target directory.
///
/// # Panics
///
/// When it has not been built.
pub fn component() -> PathBuf {
    existing(
        "LAMBDA_COMPONENT",
        || target().join("components").join("lambda-invocation.wasm"),
        "cargo xtask build",
    )
}

/// The component `lambda-invocation-command.wasm`: `LAMBDA_COMMAND_COMPONENT` where set,
/// else the one in the target directory.
///
/// # Panics
///
/// When it has not been built.
pub fn command_component() -> PathBuf {
    existing(
        "LAMBDA_COMMAND_COMPONENT",
        || {
            target()
                .join("components")
                .join("lambda-invocation-command.wasm")
        },
        "cargo xtask build",
    )
}

/// A component that imports what the plugin exports, by its file name in the target
/// directory.
///
/// # Panics
///
/// When it has not been built.
pub fn consumer(file: &str) -> PathBuf {
    let path = target().join("components").join(file);
    assert!(
        path.is_file(),
        "{}: run `cargo xtask build` first",
        path.display()
    );
    path
}

/// The component `lambda-invocation-service.wasm`: `LAMBDA_SERVICE_COMPONENT` where set,
/// else the one in the target directory.
///
/// # Panics
///
/// When it has not been built.
pub fn service_component() -> PathBuf {
    existing(
        "LAMBDA_SERVICE_COMPONENT",
        || {
            target()
                .join("components")
                .join("lambda-invocation-service.wasm")
        },
        "cargo xtask build",
    )
}

/// The folder with all that is released.
///
/// # Panics
///
/// When it has not been made.
pub fn dist() -> PathBuf {
    let folder = target().join("artifacts");
    let made = folder.join("SHA256SUMS").is_file();
    assert!(made, "run `cargo xtask dist --short` first");
    folder
}

/// A file of the release that is only made where the tools for it are installed.
///
/// # Errors
///
/// That it has not been made, for people.
pub fn package(name: &str) -> Result<PathBuf, String> {
    let file = dist().join(name);
    match file.is_file() {
        true => Ok(file),
        false => Err(format!("`cargo xtask dist --short` has made no {name}")),
    }
}

fn existing(variable: &str, built: impl FnOnce() -> PathBuf, build: &str) -> PathBuf {
    let path = env::var_os(variable).map_or_else(built, PathBuf::from);
    // Programs run elsewhere, where a relative path leads to nothing.
    path.canonicalize().unwrap_or_else(|error| {
        panic!(
            "{}: {error}: run `{build}` first, or set {variable}",
            path.display()
        )
    })
}

fn test_program() -> PathBuf {
    env::current_exe().expect("a test knows its own path")
}
