//! What `venv` asks of the tests' module of this name.

use std::path::PathBuf;

/// The target directory this program was built into.
pub fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let found = program
        .ancestors()
        .find(|directory| directory.join("CACHEDIR.TAG").is_file());
    found.map_or_else(std::env::temp_dir, PathBuf::from)
}
