//! A registry of npm on this machine that has one package of ours, and sends clients to the
//! usual registry for all others.

use std::io;
use std::process::Command;

use serde_json::{Value, json};

use crate::peer::run;
use crate::server::{Connection, Server};

/// Starts it, with a package: its `package.json`, and its archive. Returns its URL.
///
/// # Errors
///
/// Why the usual registry is not known, for people: no npm.
pub fn start(manifest: &Value, archive: Vec<u8>) -> Result<String, String> {
    let usual = run(Command::new("npm").args(["config", "get", "registry"]))?;
    let usual = usual.trim().trim_end_matches('/').to_owned();
    let name = manifest["name"].as_str().unwrap_or_default().to_owned();
    let manifest = manifest.clone();
    let server =
        Server::start(move |connection| answer(connection, &usual, &name, &manifest, &archive));
    Ok(server.url().to_owned())
}

fn answer(
    mut connection: Connection,
    usual: &str,
    name: &str,
    manifest: &Value,
    archive: &[u8],
) -> io::Result<()> {
    let request = connection.read_request()?;
    let path = request.head.split(' ').nth(1).unwrap_or_default();
    let host = request.header("host").unwrap_or_default();
    let (head, body) = if path == format!("/{name}") {
        let mut version = manifest.clone();
        version["dist"] = json!({ "tarball": format!("http://{host}/archive.tgz") });
        let number = &manifest["version"];
        let number = number.as_str().unwrap_or_default();
        let document = json!({
            "name": name,
            "dist-tags": { "latest": number },
            "versions": { number: version },
        });
        let kind = "200 OK\r\ncontent-type: application/json".to_owned();
        (kind, document.to_string().into_bytes())
    } else if path == "/archive.tgz" {
        let kind = "200 OK\r\ncontent-type: application/octet-stream".to_owned();
        (kind, archive.to_vec())
    } else {
        (format!("302 Found\r\nlocation: {usual}{path}"), Vec::new())
    };
    let length = body.len();
    connection.send(format!(
        "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    ))?;
    connection.send(body)?;
    connection.finish()
}
