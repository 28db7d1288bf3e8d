//! The manifests in `examples/`, for hosts that cannot be run here: they are held to what
//! the hosts' own sources demand, as far as that can be checked without them. It does not
//! show that they work.
//!
//! Read were spinframework/spin 4.1 (commit 94a8fc8a), spinframework/spin-operator (commit
//! 943f5b1) and the CRDs of wasmCloud/wasmCloud 2 (commit 7cd553cc5).

#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use lambda_invocation_tests::build;
use toml::{Table, Value};
use wit_component::DecodedWasm;
use yaml_rust2::{Yaml, YamlLoader};

const SPIN: [&str; 2] = ["spin.toml", "service.toml"];

fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples")
        .join(path)
}

fn spin(file: &str) -> Table {
    let text = fs::read_to_string(example("spin").join(file)).expect("a manifest");
    text.parse().expect("TOML")
}

/// The components of a manifest: their names and tables.
fn components(manifest: &Table) -> impl Iterator<Item = (&String, &Table)> {
    let components = manifest["component"].as_table().expect("a table");
    components
        .iter()
        .map(|(name, component)| (name, component.as_table().expect("a table")))
}

fn strings(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list").iter();
    list.map(|text| text.as_str().expect("a string")).collect()
}

/// What a component imports and exports, in full names.
struct World {
    imports: BTreeSet<String>,
    exports: BTreeSet<String>,
}

/// The component at a path of a Spin manifest. It is the one that was built, wherever the
/// target directory is.
fn world(path: &Value) -> World {
    let path = path.as_str().expect("a path");
    let file = path
        .strip_prefix("../../target/components/")
        .unwrap_or_else(|| panic!("{path} is not where `cargo xtask build` builds"));
    let bytes = fs::read(build::consumer(file)).expect("a component");
    let decoded = wit_component::decode(&bytes).expect("a component");
    let DecodedWasm::Component(resolve, world) = decoded else {
        panic!("{path} is no component");
    };
    let world = &resolve.worlds[world];
    World {
        imports: world
            .imports
            .keys()
            .map(|k| resolve.name_world_key(k))
            .collect(),
        exports: world
            .exports
            .keys()
            .map(|k| resolve.name_world_key(k))
            .collect(),
    }
}

/// `crates/manifest/src/schema/v2.rs` refuses what it does not know.
#[test]
fn spin_knows_every_key() {
    for file in SPIN {
        let manifest = spin(file);
        assert_eq!(manifest["spin_manifest_version"].as_integer(), Some(2));
        known(
            file,
            &manifest,
            &[
                "spin_manifest_version",
                "application",
                "trigger",
                "component",
            ],
        );
        let application = manifest["application"].as_table().expect("a table");
        known(file, application, &["name", "version"]);
        for trigger in manifest["trigger"]["http"].as_array().expect("a list") {
            let trigger = trigger.as_table().expect("a table");
            known(file, trigger, &["route", "component"]);
            let name = trigger["component"].as_str().expect("a name");
            assert!(
                components(&manifest).any(|(known, _)| known == name),
                "{file}: {name}"
            );
        }
        for (name, component) in components(&manifest) {
            let keys = [
                "source",
                "allowed_outbound_hosts",
                "environment",
                "dependencies",
            ];
            known(name, component, &keys);
        }
    }
}

#[track_caller]
fn known(of: &str, table: &Table, keys: &[&str]) {
    for key in table.keys() {
        assert!(keys.contains(&key.as_str()), "{of} has {key}");
    }
}

/// `AllowedHostConfig::parse` in `crates/outbound-networking-config`, as far as names go:
/// `SCHEME://HOST[:PORT]` and nothing after it, a wildcard for the first labels only, a
/// port where the scheme has none.
fn spin_allows(entry: &str) -> Result<(), String> {
    let (scheme, rest) = entry.split_once("://").ok_or("no scheme")?;
    if scheme != "*" && !scheme.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Err("a scheme of other than letters".to_owned());
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains('/') {
        return Err("a path".to_owned());
    }
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (rest, None),
    };
    match port {
        None if !["http", "https"].contains(&scheme) => return Err("no port".to_owned()),
        Some(port) if port != "*" && port.parse::<u16>().is_err() => {
            return Err("a port that is no number".to_owned());
        }
        _ => {}
    }
    let name = host.strip_prefix("*.").unwrap_or(host);
    if host != "*" && name.contains('*') {
        return Err("a wildcard that is not the first label".to_owned());
    }
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err("no name".to_owned());
    }
    Ok(())
}

#[test]
fn the_check_of_outbound_hosts_is_spins() {
    // From Spin's own tests, and from a region that one would like to leave open.
    for good in [
        "http://spin.fermyon.dev",
        "http://spin.fermyon.dev/",
        "https://spin.fermyon.dev:5555",
        "http://spin.fermyon.dev:4444/",
        "*://spin.fermyon.dev:7777",
        "http://localhost:3001",
        "http://*.example.com",
        "*://*:*",
    ] {
        assert_eq!(spin_allows(good), Ok(()), "{good}");
    }
    for bad in [
        "spin.fermyon.dev",
        "spin.fermyon.dev:80",
        "localhost:3001",
        "http://spin.fermyon.dev/a",
        "http://spin.fermyon.dev:6666/a/b",
        "http://*.fermyon.dev/a",
        "*://spin.fermyon.dev",
        "insecure:allow-all",
        "https://lambda.*.amazonaws.com",
    ] {
        assert!(spin_allows(bad).is_err(), "{bad}");
    }
}

#[test]
fn spin_is_asked_for_the_endpoint_of_the_region_and_nothing_else() {
    for file in SPIN {
        for (name, component) in components(&spin(file)) {
            let hosts = strings(&component["allowed_outbound_hosts"]);
            let region = component["environment"]["AWS_REGION"]
                .as_str()
                .expect("a region");
            assert_eq!(
                hosts,
                [format!("https://lambda.{region}.amazonaws.com")],
                "{name}"
            );
            for host in hosts {
                assert_eq!(spin_allows(host), Ok(()), "{name}: {host}");
            }
        }
    }
}

/// `matches_import` in `crates/compose`: a package with a version stands for every
/// interface of it that is imported, each of which the dependency must export.
#[test]
fn the_plugin_has_what_the_consumer_depends_on() {
    let manifest = spin("spin.toml");
    let consumer = &manifest["component"]["consumer"];
    let dependencies = consumer["dependencies"].as_table().expect("a table");
    let mut imports = world(&consumer["source"]).imports;
    for (name, dependency) in dependencies {
        let (package, version) = name.split_once('@').expect("a version");
        let found: Vec<String> = imports
            .iter()
            .filter(|import| {
                import.starts_with(&format!("{package}/"))
                    && import.ends_with(&format!("@{version}"))
            })
            .cloned()
            .collect();
        assert!(!found.is_empty(), "nothing of {name} is imported");
        let exports = world(&dependency["path"]).exports;
        for import in found {
            assert!(exports.contains(&import), "{import} is not exported");
            imports.remove(&import);
        }
    }
    // What is left, Spin itself has to have.
    for import in imports {
        assert!(import.starts_with("wasi:"), "nobody has {import}");
    }
}

/// `crates/capabilities` takes from a dependency what is not inherited; which interface
/// belongs to which key is `CAPABILITY_SETS` there.
#[test]
fn the_plugin_inherits_what_it_imports_and_no_more() {
    const SETS: &[(&str, &[&str])] = &[
        (
            "allowed_outbound_hosts",
            &["wasi:http/outgoing-handler", "wasi:sockets/"],
        ),
        ("environment", &["wasi:cli/environment"]),
        ("files", &["wasi:filesystem/preopens"]),
        ("key_value_stores", &["wasi:keyvalue/store"]),
        ("variables", &["wasi:config/store"]),
    ];
    let manifest = spin("spin.toml");
    let dependency = &manifest["component"]["consumer"]["dependencies"]["lambda:invocation@0.1.0"];
    let imports = world(&dependency["path"]).imports;
    let needed: BTreeSet<&str> = SETS
        .iter()
        .filter(|(_, interfaces)| {
            imports
                .iter()
                .any(|import| interfaces.iter().any(|of| import.starts_with(of)))
        })
        .map(|(key, _)| *key)
        .collect();
    let inherited: BTreeSet<&str> = strings(&dependency["inherit_configuration"])
        .into_iter()
        .collect();
    assert_eq!(inherited, needed);
}

/// `crates/http/src/trigger.rs`: one handler, of one kind.
#[test]
fn what_spin_routes_to_handles_http_in_one_way() {
    for file in SPIN {
        for (name, component) in components(&spin(file)) {
            let world = world(&component["source"]);
            let handlers: Vec<&String> = world
                .exports
                .iter()
                .filter(|export| export.starts_with("wasi:http/"))
                .collect();
            let [one] = handlers.as_slice() else {
                panic!("{name} exports {handlers:?}");
            };
            assert!(one.starts_with("wasi:http/incoming-handler@0.2."), "{one}");
        }
    }
}

fn documents(file: &str) -> Vec<Yaml> {
    let text = fs::read_to_string(example(file)).expect("a manifest");
    YamlLoader::load_from_str(&text).expect("YAML")
}

/// The one document of a kind.
fn of_kind<'a>(documents: &'a [Yaml], kind: &str) -> &'a Yaml {
    let mut found = documents
        .iter()
        .filter(|d| d["kind"].as_str() == Some(kind));
    let one = found.next().unwrap_or_else(|| panic!("no {kind}"));
    assert!(found.next().is_none(), "more than one {kind}");
    one
}

/// Every path to a leaf; the entries of lists are all called `[]`.
fn paths(yaml: &Yaml, path: &str, found: &mut BTreeSet<String>) {
    match yaml {
        Yaml::Hash(fields) => {
            for (name, value) in fields {
                let name = name.as_str().expect("a name");
                paths(value, &format!("{path}.{name}"), found);
            }
        }
        Yaml::Array(entries) => {
            for entry in entries {
                paths(entry, &format!("{path}[]"), found);
            }
        }
        _ => {
            found.insert(path.to_owned());
        }
    }
}

/// Whether each path is one of those known, of which one that ends with `.*` stands for
/// any name there.
#[track_caller]
fn has_only(document: &Yaml, known: &[&str]) {
    let mut found = BTreeSet::new();
    paths(document, "", &mut found);
    for path in found {
        let matches = |known: &&str| match known.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => path == **known,
        };
        assert!(known.iter().any(matches), "{path} is not in the CRD");
    }
}

#[test]
fn wasmclouds_operator_knows_every_field() {
    let documents = documents("kubernetes/wasmcloud.yaml");
    let deployment = of_kind(&documents, "WorkloadDeployment");
    assert_eq!(
        deployment["apiVersion"].as_str(),
        Some("runtime.wasmcloud.dev/v1alpha1")
    );
    has_only(
        deployment,
        &[
            ".apiVersion",
            ".kind",
            ".metadata.name",
            ".spec.replicas",
            ".spec.kubernetes.service.name",
            ".spec.template.spec.hostSelector.*",
            ".spec.template.spec.hostInterfaces[].namespace",
            ".spec.template.spec.hostInterfaces[].package",
            ".spec.template.spec.hostInterfaces[].interfaces[]",
            ".spec.template.spec.hostInterfaces[].config.*",
            ".spec.template.spec.components[].name",
            ".spec.template.spec.components[].image",
            ".spec.template.spec.components[].localResources.allowedHosts[]",
            ".spec.template.spec.components[].localResources.environment.config.*",
            ".spec.template.spec.components[].localResources.environment.secretFrom[].name",
        ],
    );
    let service = of_kind(&documents, "Service");
    assert_eq!(
        service["metadata"]["name"],
        deployment["spec"]["kubernetes"]["service"]["name"]
    );
}

#[test]
fn spinkubes_operator_knows_every_field() {
    let documents = documents("kubernetes/spinkube.yaml");
    let app = of_kind(&documents, "SpinApp");
    assert_eq!(
        app["apiVersion"].as_str(),
        Some("core.spinkube.dev/v1alpha1")
    );
    has_only(
        app,
        &[
            ".apiVersion",
            ".kind",
            ".metadata.name",
            ".spec.image",
            ".spec.executor",
            ".spec.replicas",
            ".spec.podLabels.*",
            ".spec.checks.readiness.httpGet.path",
            ".spec.checks.liveness.httpGet.path",
        ],
    );
    // The policy is for the pods of the application.
    let policy = of_kind(&documents, "NetworkPolicy");
    assert_eq!(
        policy["spec"]["podSelector"]["matchLabels"]["app"],
        app["spec"]["podLabels"]["app"]
    );
}

/// A variable that the service does not read would be a setting that does nothing.
#[test]
fn the_service_reads_every_variable_that_is_set() {
    const READ: &[&str] = &[
        include_str!("../../guest/service/src/settings.rs"),
        include_str!("../../guest/core/src/call/settings.rs"),
    ];
    let service = spin("service.toml");
    let spin = service["component"]["service"]["environment"]
        .as_table()
        .expect("a table");
    let kubernetes = documents("kubernetes/wasmcloud.yaml");
    let deployment = of_kind(&kubernetes, "WorkloadDeployment");
    let resources = &deployment["spec"]["template"]["spec"]["components"][0]["localResources"];
    let config = resources["environment"]["config"]
        .as_hash()
        .expect("a table");
    let names = config.keys().map(|name| name.as_str().expect("a name"));
    for name in spin.keys().map(String::as_str).chain(names) {
        let quoted = format!("\"{name}\"");
        assert!(READ.iter().any(|source| source.contains(&quoted)), "{name}");
    }
}
