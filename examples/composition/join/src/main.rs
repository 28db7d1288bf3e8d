//! Joins two components, as `wac plug` does: what the socket imports and the plug exports
//! is answered by the plug.
//!
//! ```sh
//! join SOCKET PLUG OUTPUT
//! ```

use std::env::args;
use std::fs;

use anyhow::{Context as _, Result, bail};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, PackageId, plug};

fn main() -> Result<()> {
    let arguments: Vec<String> = args().skip(1).collect();
    let [socket, plugged, output] = arguments.as_slice() else {
        bail!("usage: join SOCKET PLUG OUTPUT");
    };
    let mut graph = CompositionGraph::new();
    let socket_id = register(&mut graph, "join:socket", socket)?;
    let plug_id = register(&mut graph, "join:plug", plugged)?;
    plug(&mut graph, vec![plug_id], socket_id)
        .with_context(|| format!("plugging {plugged} into {socket}"))?;
    let joined = graph.encode(EncodeOptions::default())?;
    fs::write(output, joined).with_context(|| format!("writing {output}"))
}

fn register(graph: &mut CompositionGraph, name: &str, path: &str) -> Result<PackageId> {
    let bytes = fs::read(path).with_context(|| format!("reading {path}"))?;
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())
        .with_context(|| format!("{path} is no component"))?;
    Ok(graph.register_package(package)?)
}
