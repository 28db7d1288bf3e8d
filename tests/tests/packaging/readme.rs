//! The commands of the README that install, with registries on this machine.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lambda_invocation_docs::root;
use lambda_invocation_tests::readme::{Shell, commands};
use lambda_invocation_tests::registry::Registry;
use lambda_invocation_tests::wash::{WASH, Wash};
use lambda_invocation_tests::{build, npm_registry, or_skip};
use serde_json::{Value, json};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The program of a name that `PATH` leads to.
fn found(name: &str) -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .ok_or_else(|| format!("there is no {name}"))
}

/// A registry of crates as a folder, with the host library in it: what `cargo add` asks for.
fn crates(folder: &Path) -> Result<(), String> {
    let name = "lambda-invocation-host";
    let file = format!("{name}-{VERSION}.crate");
    let packaged = build::target().join("package").join(&file);
    if !packaged.is_file() {
        return Err(format!("`cargo xtask dist --short` has made no {file}"));
    }
    let entry = json!({
        "name": name, "vers": VERSION, "deps": [], "features": { "aws-config": [] },
        "cksum": "0".repeat(64), "yanked": false,
    });
    let index = folder.join("index/la/mb");
    fs::create_dir_all(&index).expect("a folder");
    fs::write(index.join(name), format!("{entry}\n")).expect("a file");
    fs::copy(packaged, folder.join(file)).expect("a file that can be copied");
    Ok(())
}

/// A shell in which `cargo`, `npm`, `pip` and `wash` ask registries on this machine first.
/// All of them are the real ones, but for `cargo install`, which would compile for minutes
/// and puts the program there that was built.
fn shell(registry: &Registry, folder: &Path) -> Result<Shell, String> {
    let wash = Wash::install(WASH)?;
    let tarball = build::package(&format!("lambda-invocation-{VERSION}.tgz"))?;
    build::package(&format!("lambda_invocation-{VERSION}-py3-none-any.whl"))?;
    crates(folder)?;

    let manifest = root().join("packages/npm/package.json");
    let manifest = fs::read_to_string(manifest).expect("a file");
    let mut manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    manifest["version"] = VERSION.into();
    let url = npm_registry::start(&manifest, fs::read(tarball).expect("a file"))?;

    let layout = build::dist().join(format!("lambda-invocation-oci-{VERSION}.tar"));
    let reference = format!("lambda-invocation-{VERSION}");
    registry.copy(&layout, &reference, &format!("lambda-invocation:{VERSION}"))?;

    let venv = folder.join("venv");
    let made = Command::new("python3")
        .args(["-m", "venv"])
        .arg(&venv)
        .status();
    made.map_err(|error| format!("no python3: {error}"))?;
    let cargo = env::var("CARGO").expect("cargo runs the tests");
    // Its neighbour: rustup's own asks for settings in the home.
    let rustc = Path::new(&cargo).with_file_name("rustc");
    let shell = Shell::new()
        .script(
            "cargo",
            &format!(
                "case \"$*\" in\n\
                 'install lambda-host')\n  \
                   mkdir -p ~/.cargo/bin && ln -s \"$LAMBDA_HOST\" ~/.cargo/bin/ ;;\n\
                 add*) RUSTC='{}' exec '{cargo}' \"$@\" ;;\n\
                 *) echo \"no test knows cargo $*\" >&2; exit 101 ;;\n\
                 esac",
                rustc.display()
            ),
        )
        .script(
            "npm",
            &format!(
                "npm_config_registry={url} npm_config_audit=false exec '{}' \"$@\"",
                found("npm")?.display()
            ),
        )
        .script(
            "pip",
            &format!(
                "PIP_FIND_LINKS='{}' exec '{}' \"$@\"",
                build::dist().display(),
                venv.join("bin/pip").display()
            ),
        )
        .script(
            "python",
            &format!("exec '{}' \"$@\"", venv.join("bin/python").display()),
        )
        .script(
            "wash",
            &format!("exec '{}' \"$@\" --insecure", wash.display()),
        );
    let source = format!(
        "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nlocal-registry = '{}'\n",
        folder.display()
    );
    shell.write(".cargo/config.toml", &source);
    shell.write(
        "Cargo.toml",
        "[workspace]\n[package]\nname = 'new'\nedition = '2024'\n",
    );
    shell.write("src/lib.rs", "");
    shell.write("package.json", r#"{"type":"module"}"#);
    Ok(shell)
}

#[test]
fn every_line_that_installs_does_so_and_what_it_installs_runs() {
    const JAVASCRIPT: &str = r#"import { Lambda } from "lambda-invocation"; console.log((await new Lambda().invoke("identity", [1])).value);"#;
    const PYTHON: &str =
        "import lambda_invocation; print(lambda_invocation.invoke('identity', [2]).value)";
    let registry = or_skip!(Registry::start());
    let folder = tempfile::tempdir().unwrap();
    let shell = or_skip!(shell(&registry, folder.path()));
    shell.write("use.js", JAVASCRIPT);

    let install = commands("README.md", "Install");
    assert_eq!(install.len(), 5, "{install:#?}");
    // By its name, as ports of the loopback address are exchanged.
    let mut all = vec![format!("REGISTRY=localhost:{}", registry.address.port())];
    all.extend(install);
    all.extend([
        "lambda-host --component lambda-invocation.wasm invoke identity --payload 3".to_owned(),
        "node use.js".to_owned(),
        format!("python -c \"{PYTHON}\""),
    ]);
    let ran = shell.run(&all);
    for command in &ran {
        command.output();
    }
    let printed: Vec<&str> = ran[6..].iter().map(|ran| ran.stdout.trim()).collect();
    assert_eq!(printed, ["3", "[ 1 ]", "[2]"]);
    assert_eq!(shell.endpoint.invocations().len(), 3);
    let manifest = shell.read("Cargo.toml");
    let dependency = format!("lambda-invocation-host = \"{VERSION}\"");
    assert!(manifest.contains(&dependency), "{manifest}");
}
