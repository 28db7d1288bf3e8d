//! Builds components once more, elsewhere, and compares.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::components::Component;
use crate::{root, target};

/// Folders that are no source, wherever they are.
const NO_SOURCE: &[&str] = &[".git", "node_modules", "target", "venv"];

/// Builds these components from a copy of the sources in another folder, from nothing, and
/// fails if one of them is not what the build left in its place.
pub fn check(components: &[Component]) -> Result<()> {
    let copy = std::env::temp_dir().join(format!("lambda-invocation-{}", std::process::id()));
    let checked = copy_sources(root(), &copy.join("sources"))
        .and_then(|()| components.iter().try_for_each(|one| same(one, &copy)));
    let removed = fs::remove_dir_all(&copy);
    checked?;
    Ok(removed?)
}

fn same(component: &Component, copy: &Path) -> Result<()> {
    let again = component.build(&copy.join("sources"), &copy.join("built"))?;
    ensure!(
        again == fs::read(component.path())?,
        "{} is another one when it is built in {}",
        component.file,
        copy.display()
    );
    println!("{}: the same, built in another folder", component.file);
    Ok(())
}

/// Copies all but what git ignores.
fn copy_sources(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if NO_SOURCE.iter().any(|folder| name == *folder) || path == target() {
            continue;
        }
        if path.is_dir() {
            copy_sources(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
