//! The WIT package: encoded as registries hold it, and as a page to read.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use wit_bindgen_core::Files;
use wit_parser::{PackageId, Resolve};

use super::archive::Entry;
use crate::root;

/// The world that exports all that the package defines, for its page.
const EVERYTHING: &str = "lambda-invocation";

fn folder() -> PathBuf {
    root().join("wit")
}

fn parse() -> Result<(Resolve, PackageId)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(folder())?;
    Ok((resolve, package))
}

/// The package as a component: what `wkg get lambda:invocation` expects.
pub fn package() -> Result<Vec<u8>> {
    let (resolve, package) = parse()?;
    wit_component::encode(&resolve, package).context("encoding the WIT package")
}

/// Its interfaces as a page of HTML.
pub fn page() -> Result<String> {
    let (mut resolve, package) = parse()?;
    let package = resolve.packages.get(package).context("no package")?;
    let name = &package.name;
    let mut source = format!("package docs:docs;\nworld {EVERYTHING} {{\n");
    for interface in package.interfaces.keys() {
        source += &format!("export {};\n", name.interface_id(interface));
    }
    source += "}\n";
    let title = format!("{name}");
    let docs = resolve.push_str("docs.wit", &source)?;
    let world = resolve.select_world(&[docs], None)?;
    let mut files = Files::default();
    let mut generator = wit_bindgen_markdown::Opts::default().build();
    generator.generate(&mut resolve, world, &mut files)?;
    let (_, html) = files
        .iter()
        .find(|(name, _)| name.ends_with(".html"))
        .context("no page")?;
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>body {{ font: 16px/1.5 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em }} \
         code, pre {{ background: #8882 }}</style>\n{}\n</html>\n",
        std::str::from_utf8(html)?
    ))
}

/// The files of the package, without those that it depends on.
fn files() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder())? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "wit") {
            files.push(path);
        }
    }
    ensure!(!files.is_empty(), "no WIT in {}", folder().display());
    files.sort();
    Ok(files)
}

/// The text of the package and of all that it depends on: a folder `wit`.
pub fn sources() -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (path, bytes) in crate::vendor_wit::files_below(&folder())? {
        entries.push(Entry::file(format!("wit/{}", path.display()), bytes));
    }
    Ok(entries)
}

/// The version that each file of the package names.
pub fn versions() -> Result<Vec<(String, String)>> {
    let mut versions = Vec::new();
    for path in files()? {
        let text = fs::read_to_string(&path)?;
        let line = text.lines().find(|line| line.starts_with("package "));
        let version = line.and_then(|line| line.trim_end_matches(';').split_once('@'));
        let (_, version) = version.with_context(|| format!("{}: no version", path.display()))?;
        let name = path.strip_prefix(root())?.display().to_string();
        versions.push((name, version.to_owned()));
    }
    Ok(versions)
}
