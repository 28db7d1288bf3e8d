//! Builds the components.
//!
//! The plugin is built for `wasm32-unknown-unknown` and encoded here, because then
//! it imports what it declares and nothing that the standard library drags in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasmparser::BinaryReader;
use wit_component::ComponentEncoder;

use crate::{root, run, target};

/// The target without an operating system: what is built for it allocates by itself.
const BARE: &str = "wasm32-unknown-unknown";

/// A component and how it is made.
pub struct Component {
    /// File name below `target/components/`.
    pub file: &'static str,
    package: &'static str,
    /// The crate's file below the target directory, without its ending.
    module: &'static str,
    target: &'static str,
    /// The world of `wit/worlds.wit` that it implements; none where it is no product.
    pub world: &'static str,
}

/// Every component of the workspace.
pub const COMPONENTS: &[Component] = &[
    Component {
        file: "lambda-invocation.wasm",
        package: "lambda-invocation-plugin",
        module: "lambda_invocation_plugin",
        target: BARE,
        world: "plugin",
    },
    Component {
        file: "lambda-invocation-command.wasm",
        package: "lambda-invocation-command",
        module: "lambda-invocation-command",
        target: "wasm32-wasip2",
        world: "command",
    },
    Component {
        file: "lambda-invocation-exchange.wasm",
        package: "lambda-invocation-exchange",
        module: "lambda_invocation_exchange",
        target: BARE,
        world: "exchange-plugin",
    },
    Component {
        file: "lambda-invocation-service.wasm",
        package: "lambda-invocation-service",
        module: "lambda_invocation_service",
        target: "wasm32-wasip2",
        world: "service",
    },
];

/// What native programs carry: the variable that a build takes it from, and the file. The same
/// for every program, or crates that they share would be built anew for each.
pub fn to_embed() -> Vec<(&'static str, PathBuf)> {
    let variables = [
        ("lambda-invocation.wasm", "LAMBDA_COMPONENT_TO_EMBED"),
        (
            "lambda-invocation-service.wasm",
            "LAMBDA_SERVICE_COMPONENT_TO_EMBED",
        ),
    ];
    let of = |component: &Component| {
        let (_, variable) = variables.iter().find(|(file, _)| *file == component.file)?;
        Some((*variable, component.path()))
    };
    COMPONENTS.iter().filter_map(of).collect()
}

/// Components that import what the plugin exports: of the examples and the tests. They
/// are no products, so they have no budget.
pub const CONSUMERS: &[Component] = &[
    Component {
        file: "lambda-invocation-consumer.wasm",
        package: "lambda-invocation-consumer",
        module: "lambda_invocation_consumer",
        target: "wasm32-wasip2",
        world: "",
    },
    Component {
        file: "lambda-invocation-bridge.wasm",
        package: "lambda-invocation-bridge",
        module: "lambda_invocation_bridge",
        target: "wasm32-wasip2",
        world: "",
    },
];

impl Component {
    /// The toolchain encodes for `wasm32-wasip2` itself.
    fn encode(&self, module: Vec<u8>) -> Result<Vec<u8>> {
        let component = if self.target == "wasm32-wasip2" {
            module
        } else {
            ComponentEncoder::default()
                .validate(true)
                .module(&module)?
                .encode()
                .with_context(|| format!("encoding {}", self.file))?
        };
        without_names(&component).with_context(|| format!("reading {}", self.file))
    }

    /// Builds it from the sources in `root`, which is a folder as that of this workspace, in
    /// a target directory.
    pub fn build(&self, root: &Path, target: &Path) -> Result<Vec<u8>> {
        // A program has the name of its package. Of a library only the component is built:
        // beside an `rlib`, cargo does not optimise over crates, which costs an eighth of the size.
        let what: &[&str] = match self.module == self.package {
            true => &["build", "--bin", self.module],
            false => &["rustc", "--lib", "--crate-type", "cdylib"],
        };
        run::run(
            run::cargo()
                .args(what)
                .args(["--locked", "--profile", "component"])
                .args(["--package", self.package])
                .args(["--target", self.target])
                .env("CARGO_TARGET_DIR", target)
                .env("CARGO_ENCODED_RUSTFLAGS", rustflags(self.target, root)?)
                .current_dir(root),
        )?;
        let module = target
            .join(self.target)
            .join("component")
            .join(self.module)
            .with_extension("wasm");
        let module = fs::read(&module).with_context(|| format!("reading {}", module.display()))?;
        self.encode(module)
    }

    /// Where [`build`] puts it.
    pub fn path(&self) -> PathBuf {
        target().join("components").join(self.file)
    }
}

/// Builds all of [`COMPONENTS`] and [`CONSUMERS`].
pub fn build() -> Result<()> {
    for component in COMPONENTS.iter().chain(CONSUMERS) {
        ensure_target(component.target)?;
        let encoded = component.build(root(), &target())?;
        write_if_changed(&component.path(), &encoded)?;
        println!(
            "{}: {:.1} KB",
            component
                .path()
                .strip_prefix(root())
                .unwrap_or(&component.path())
                .display(),
            encoded.len() as f64 / 1_000.0
        );
    }
    Ok(())
}

/// Flags for the compiler of a component from the sources in `root`, as cargo wants them in
/// `CARGO_ENCODED_RUSTFLAGS`.
pub fn rustflags(target: &str, root: &Path) -> Result<String> {
    let cargo_home = cargo_home()?;
    let mut flags = vec![
        // Hashing takes two thirds of the time. All hosts have had SIMD for years.
        "-Ctarget-feature=+simd128".to_owned(),
        // Panics name the file they are in. A path of the machine that built it would
        // make each machine's component another.
        format!("--remap-path-prefix={}=cargo", cargo_home.display()),
        format!("--remap-path-prefix={}=.", root.display()),
        // The linker leaves five bytes for each index and address that it fills in; most need
        // one or two. 7 % of a component.
        "-Clink-arg=--compress-relocations".to_owned(),
    ];
    if target == BARE {
        // 24 pages: a heap of some 400 KB from the start. A host pays for growing a memory,
        // and with it for shrinking the next one; what is not touched costs nothing.
        flags.push("-Clink-arg=--initial-memory=1572864".to_owned());
    }
    Ok(flags.join("\u{1f}"))
}

/// Where cargo keeps what it has downloaded.
pub fn cargo_home() -> Result<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => Ok(PathBuf::from(home)),
        None => Ok(std::env::home_dir()
            .context("no home directory")?
            .join(".cargo")),
    }
}

/// Leaves out the names of a component's inner parts: 8 KB that nothing reads but a
/// disassembler.
pub fn without_names(component: &[u8]) -> Result<Vec<u8>> {
    const CUSTOM: u8 = 0;
    let (header, sections) = component.split_at_checked(8).context("no header")?;
    let mut kept = header.to_vec();
    let mut reader = BinaryReader::new(sections, header.len());
    while !reader.eof() {
        let start = reader.current_position();
        let id = reader.read_u8()?;
        let length = usize::try_from(reader.read_var_u32()?)?;
        let mut content = BinaryReader::new(reader.read_bytes(length)?, 0);
        if id == CUSTOM && content.read_string()? == "component-name" {
            continue;
        }
        let section = sections.get(start..reader.current_position());
        kept.extend_from_slice(section.context("a section past the end")?);
    }
    Ok(kept)
}

/// An unchanged file keeps its time stamp, so that nothing made from it is made
/// again.
fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

/// Adds a target to the toolchain where it is missing.
pub fn ensure_target(name: &str) -> Result<()> {
    let listed = Command::new("rustup")
        .args(["target", "list", "--installed"])
        .current_dir(root())
        .output()
        .context("running rustup, which installs the WebAssembly targets")?;
    ensure!(
        listed.status.success(),
        "rustup target list failed: {}",
        String::from_utf8_lossy(&listed.stderr)
    );
    if String::from_utf8_lossy(&listed.stdout)
        .lines()
        .any(|line| line == name)
    {
        return Ok(());
    }
    eprintln!("adding the Rust target {name}");
    run::run(
        Command::new("rustup")
            .args(["target", "add", name])
            .current_dir(root()),
    )
}
