//! Components as OCI artifacts, in an OCI image layout.
//!
//! As the CNCF's guidance for WebAssembly artifacts has it, and as `wkg` and `wash` push and
//! pull: one layer, which is the component, and a configuration that says what it imports
//! and exports.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use wit_component::DecodedWasm;

use super::archive::Entry;
use super::{VERSION, sha256};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.wasm.config.v0+json";
const LAYER: &str = "application/wasm";

/// A component to add.
pub struct Artifact<'a> {
    /// The artifact's name in the layout.
    pub name: &'a str,
    /// How the file is called where it is pulled.
    pub file: &'a str,
    /// The world that it implements. A WIT package has none.
    pub world: Option<&'a str>,
    /// The component.
    pub bytes: &'a [u8],
}

/// The configuration. The order of the fields is that of the guidance.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    created: String,
    architecture: &'static str,
    os: &'static str,
    layer_digests: Vec<String>,
    component: Component,
}

/// What a component imports and exports, by full names.
#[derive(Serialize)]
struct Component {
    exports: Vec<String>,
    imports: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

/// A layout that is being filled.
pub struct Layout {
    created: String,
    /// By their digests.
    blobs: BTreeMap<String, Vec<u8>>,
    manifests: Vec<Value>,
}

impl Layout {
    /// An empty one. Everything in it was created at `time`, in seconds since 1970.
    pub fn new(time: u64) -> Result<Self> {
        let time = OffsetDateTime::from_unix_timestamp(i64::try_from(time)?)?;
        Ok(Self {
            created: time.format(&Rfc3339)?,
            blobs: BTreeMap::new(),
            manifests: Vec::new(),
        })
    }

    /// Adds an artifact under the reference `NAME-VERSION`.
    pub fn add(&mut self, artifact: &Artifact<'_>) -> Result<()> {
        let title = ("org.opencontainers.image.title", artifact.file);
        let layer = self.blob(LAYER, artifact.bytes.to_vec(), Some(title));
        let config = Config {
            created: self.created.clone(),
            architecture: "wasm",
            // WASI 0.2, which is what a component is called here.
            os: "wasip2",
            layer_digests: vec![digest(artifact.bytes)],
            component: described(artifact).with_context(|| format!("reading {}", artifact.file))?,
        };
        let config = self.blob(CONFIG, serde_json::to_vec(&config)?, None);
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config,
            "layers": [layer],
            "annotations": self.annotations(artifact),
        });
        let reference = format!("{}-{VERSION}", artifact.name);
        let name = ("org.opencontainers.image.ref.name", reference.as_str());
        let manifest = self.blob(MANIFEST, serde_json::to_vec(&manifest)?, Some(name));
        self.manifests.push(manifest);
        Ok(())
    }

    fn annotations(&self, artifact: &Artifact<'_>) -> Map<String, Value> {
        let mut annotations = Map::new();
        for (key, value) in [
            ("title", artifact.name),
            ("version", VERSION),
            ("created", &self.created),
            ("licenses", env!("CARGO_PKG_LICENSE")),
            ("description", "Calls AWS Lambda from a WebAssembly sandbox"),
            // Empty until the workspace says where it is published.
            ("source", env!("CARGO_PKG_REPOSITORY")),
        ] {
            if !value.is_empty() {
                annotations.insert(format!("org.opencontainers.image.{key}"), value.into());
            }
        }
        annotations
    }

    /// Stores a blob, and returns what refers to it.
    fn blob(&mut self, media_type: &str, bytes: Vec<u8>, note: Option<(&str, &str)>) -> Value {
        let digest = digest(&bytes);
        let mut descriptor = Map::from_iter([
            ("mediaType".to_owned(), media_type.into()),
            ("digest".to_owned(), digest.as_str().into()),
            ("size".to_owned(), bytes.len().into()),
        ]);
        if let Some((key, value)) = note {
            descriptor.insert("annotations".to_owned(), json!({ key: value }));
        }
        self.blobs.insert(digest, bytes);
        descriptor.into()
    }

    /// The files of the layout.
    pub fn files(self) -> Result<Vec<Entry>> {
        let index = json!({
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": self.manifests,
        });
        let mut files = vec![
            Entry::file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#),
            Entry::file("index.json", serde_json::to_vec(&index)?),
        ];
        for (digest, bytes) in self.blobs {
            files.push(Entry::file(
                format!("blobs/{}", digest.replace(':', "/")),
                bytes,
            ));
        }
        Ok(files)
    }
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", sha256(bytes))
}

/// What the component says of itself. A WIT package exports all that it defines.
fn described(artifact: &Artifact<'_>) -> Result<Component> {
    let (mut exports, mut imports) = (Vec::new(), Vec::new());
    match wit_component::decode(artifact.bytes)? {
        DecodedWasm::Component(resolve, world) => {
            let world = resolve.worlds.get(world).context("no world")?;
            let name = |key| resolve.name_world_key(key);
            exports.extend(world.exports.keys().map(name));
            imports.extend(world.imports.keys().map(name));
        }
        DecodedWasm::WitPackage(resolve, package) => {
            let package = resolve.packages.get(package).context("no package")?;
            let names = package.interfaces.keys().chain(package.worlds.keys());
            exports.extend(names.map(|name| package.name.interface_id(name)));
        }
    }
    exports.sort();
    imports.sort();
    Ok(Component {
        exports,
        imports,
        target: artifact
            .world
            .map(|world| format!("lambda:invocation/{world}@{VERSION}")),
    })
}
