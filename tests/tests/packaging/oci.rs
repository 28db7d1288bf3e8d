//! The components as OCI artifacts: in a real registry, and for a real client.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lambda_invocation_tests::lambda_host::LambdaHost;
use lambda_invocation_tests::registry::Registry;
use lambda_invocation_tests::wash::{WASH, Wash};
use lambda_invocation_tests::{build, or_skip, wkg};
use serde_json::Value;
use wit_component::DecodedWasm;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The layout, as it is released.
fn layout() -> PathBuf {
    build::dist().join(format!("lambda-invocation-oci-{VERSION}.tar"))
}

fn wash(program: &Path, registry: &Registry, verb: &str, name: &str, file: &Path) {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(program)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.path())
        .args(["--non-interactive", "oci", verb, "--insecure"])
        .arg(format!("{}/{name}:{VERSION}", registry.address))
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn json(registry: &Registry, path: &str) -> Value {
    serde_json::from_slice(&registry.get(path).body).unwrap()
}

/// The manifest and the configuration of an artifact.
fn described(registry: &Registry, name: &str) -> (Value, Value) {
    let manifest = json(registry, &format!("{name}/manifests/{VERSION}"));
    let config = manifest["config"]["digest"].as_str().unwrap();
    let config = json(registry, &format!("{name}/blobs/{config}"));
    (manifest, config)
}

#[test]
fn every_component_is_pulled_as_it_was_built_and_the_plugin_runs() {
    let registry = or_skip!(Registry::start());
    let program = or_skip!(Wash::install(WASH));
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "lambda-invocation",
        "lambda-invocation-command",
        "lambda-invocation-exchange",
        "lambda-invocation-service",
        "lambda-invocation-wit",
    ] {
        let to = format!("{name}:{VERSION}");
        let reference = format!("{name}-{VERSION}");
        registry.copy(&layout(), &reference, &to).unwrap();
        let pulled = folder.path().join(name);
        wash(&program, &registry, "pull", name, &pulled);
        let built = build::dist().join(format!("{name}.wasm"));
        assert!(fs::read(&pulled).unwrap() == fs::read(built).unwrap());
    }
    let plugin = folder.path().join("lambda-invocation");
    let ran = LambdaHost::new(["invoke", "echo", "--local", "--payload", r#"{"a":1}"#])
        .env("LAMBDA_COMPONENT", plugin)
        .run();
    assert_eq!(ran.json()["event"], serde_json::json!({"a": 1}));
}

/// With what `wash oci push` makes of the same component.
#[test]
fn an_artifact_says_what_wash_says_of_the_component() {
    let registry = or_skip!(Registry::start());
    let program = or_skip!(Wash::install(WASH));
    let component = build::dist().join("lambda-invocation.wasm");
    wash(&program, &registry, "push", "theirs", &component);
    let reference = format!("lambda-invocation-{VERSION}");
    let to = format!("ours:{VERSION}");
    registry.copy(&layout(), &reference, &to).unwrap();

    let ((ours, our_config), (theirs, their_config)) =
        (described(&registry, "ours"), described(&registry, "theirs"));
    assert_eq!(ours["schemaVersion"], theirs["schemaVersion"]);
    assert_eq!(ours["mediaType"], theirs["mediaType"]);
    for of in [
        "/config/mediaType",
        "/layers/0/mediaType",
        "/layers/0/digest",
    ] {
        assert!(ours.pointer(of).is_some());
        assert_eq!(ours.pointer(of), theirs.pointer(of), "{of}");
    }
    for of in ["architecture", "os", "layerDigests"] {
        assert_eq!(our_config[of], their_config[of], "{of}");
    }
    for of in ["imports", "exports"] {
        let names = |config: &Value| -> BTreeSet<String> {
            let names = config["component"][of].as_array().unwrap().iter();
            names
                .map(|name| name.as_str().unwrap().to_owned())
                .collect()
        };
        assert!(names(&our_config).len() > 3);
        assert_eq!(names(&our_config), names(&their_config), "{of}");
    }
    let target = format!("lambda:invocation/plugin@{VERSION}");
    assert_eq!(our_config["component"]["target"], target.as_str());
    let annotations = &ours["annotations"];
    assert_eq!(annotations["org.opencontainers.image.version"], VERSION);
    assert_eq!(
        annotations["org.opencontainers.image.licenses"],
        "MIT OR Apache-2.0"
    );
}

/// As where the registry of a domain is told to `wkg` by hand.
#[test]
#[ignore = "compiles wkg, which takes three CPU-minutes: run it with --ignored before a release"]
fn wkg_gets_the_wit_package_by_its_name_and_pulls_the_plugin() {
    let registry = or_skip!(Registry::start());
    let program = or_skip!(wkg::install());
    for (reference, to) in [
        ("lambda-invocation-wit", "lambda/invocation"),
        ("lambda-invocation", "lambda-invocation"),
    ] {
        let reference = format!("{reference}-{VERSION}");
        let to = format!("{to}:{VERSION}");
        registry.copy(&layout(), &reference, &to).unwrap();
    }
    let address = registry.address.to_string();
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "[namespace_registries]\n\
         lambda = {{ registry = \"registry.test\", metadata = {{ preferredProtocol = \"oci\", oci = {{ registry = {address:?} }} }} }}\n\
         [registry.\"registry.test\"]\ntype = \"oci\"\n\
         [registry.\"registry.test\".oci]\nprotocol = \"http\"\n"
    );
    fs::write(folder.path().join("config.toml"), config).unwrap();
    let wkg = |arguments: &[&str]| {
        let output = Command::new(&program)
            .env_clear()
            .env("HOME", folder.path())
            .current_dir(folder.path())
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    let package = format!("lambda:invocation@{VERSION}");
    wkg(&[
        "get",
        "--config",
        "config.toml",
        "--cache",
        "cache",
        "--format",
        "wasm",
        "-o",
        "./wit.wasm",
        &package,
    ]);
    let plugin = format!("{address}/lambda-invocation:{VERSION}");
    wkg(&[
        "oci",
        "pull",
        "--insecure",
        &address,
        "-o",
        "plugin.wasm",
        &plugin,
    ]);
    for (got, released) in [
        ("wit.wasm", "lambda-invocation-wit.wasm"),
        ("plugin.wasm", "lambda-invocation.wasm"),
    ] {
        let got = fs::read(folder.path().join(got)).unwrap();
        assert!(
            got == fs::read(build::dist().join(released)).unwrap(),
            "{released}"
        );
    }
}

/// What `wkg get lambda:invocation` finds.
#[test]
fn the_wit_package_is_a_component_that_defines_every_interface() {
    let bytes = fs::read(build::dist().join("lambda-invocation-wit.wasm")).unwrap();
    let DecodedWasm::WitPackage(resolve, package) = wit_component::decode(&bytes).unwrap() else {
        panic!("not a WIT package");
    };
    let package = &resolve.packages[package];
    assert_eq!(
        package.name.to_string(),
        format!("lambda:invocation@{VERSION}")
    );
    for interface in [
        "types",
        "invoke",
        "invoke-streaming",
        "invocation-lifecycle",
        "ephemeral",
        "exchange",
    ] {
        assert!(package.interfaces.contains_key(interface), "{interface}");
    }
    for world in ["imports", "plugin", "command", "service"] {
        assert!(package.worlds.contains_key(world), "{world}");
    }
    let invoke = &resolve.interfaces[package.interfaces["invoke"]];
    let docs = invoke.docs.contents.as_deref().unwrap_or_default();
    assert!(docs.len() > 50, "{docs}");
}
