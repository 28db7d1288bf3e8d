//! The providers for Terraform and Pulumi as they are shipped, which `cargo xtask bench` has
//! built and measured before this.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::measured::{Measured, Value};

/// A row, as the `examples` of the two providers print it.
#[derive(Deserialize)]
struct Row {
    /// The program, a colon, and what was measured.
    name: String,
    unit: String,
    ours: f64,
    target: f64,
}

/// Adds the rows of a file.
pub fn read(file: &Path, to: &mut Measured) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let rows: Vec<Row> = serde_json::from_str(&text)?;
    for row in rows {
        let (program, case) = row.name.split_once(": ").unwrap_or((&row.name, ""));
        to.value("providers", program, case, &row.unit, row.ours);
        if let Some(Value { at_most, .. }) = to.values.last_mut() {
            *at_most = Some(row.target);
        }
    }
    Ok(())
}
