//! The providers for Terraform and Pulumi as they are shipped, which `cargo xtask bench` has
//! built and measured before this.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::report::{Row, Target};

/// A row, as the `examples` of the two providers print it.
#[derive(Deserialize)]
struct Measured {
    name: String,
    unit: String,
    ours: f64,
    target: f64,
}

/// Adds the rows of a file.
pub fn read(file: &Path, rows: &mut Vec<Row>) -> Result<()> {
    println!("# The providers for Terraform and Pulumi");
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let measured: Vec<Measured> = serde_json::from_str(&text)?;
    rows.extend(measured.into_iter().map(|measured| {
        let Measured {
            name,
            unit,
            ours,
            target,
        } = measured;
        Row::new(name, &unit, Some(ours), None, Target::AtMost(target))
    }));
    Ok(())
}
