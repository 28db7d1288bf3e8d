//! The files that are made from what was measured.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::measured::{Measured, Value};
use crate::plot;
use crate::tables::{self, TABLES};

/// The prose around the tables.
const PAGE: &str = include_str!("page.md");

/// `results.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// What it ran on.
    pub machine: String,
    /// What was compared, by name.
    pub versions: BTreeMap<String, String>,
    /// In the order they were measured in.
    pub parts: Vec<Part>,
}

/// What was measured in one process.
#[derive(Debug, Serialize, Deserialize)]
pub struct Part {
    /// What it is called.
    pub name: String,
    /// How long it took.
    pub seconds: f64,
    /// What came of it.
    #[serde(flatten)]
    pub measured: Measured,
}

impl Report {
    /// All values.
    pub fn values(&self) -> Vec<Value> {
        let parts = self.parts.iter();
        parts
            .flat_map(|part| part.measured.values.clone())
            .collect()
    }

    /// Takes over the parts of an earlier report that were not measured anew.
    pub fn keep_others_of(&mut self, directory: &Path) -> Result<()> {
        let Ok(text) = fs::read_to_string(directory.join("results.json")) else {
            return Ok(());
        };
        let earlier: Self =
            serde_json::from_str(&text).context("results.json is of another form")?;
        for part in earlier.parts {
            if self.parts.iter().all(|ours| ours.name != part.name) {
                self.parts.push(part);
            }
        }
        Ok(())
    }

    /// Writes `results.json`, the page with the tables, and the plots.
    pub fn write(&self, directory: &Path) -> Result<()> {
        fs::create_dir_all(directory)?;
        let json = directory.join("results.json");
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        fs::write(&json, text).with_context(|| format!("writing {}", json.display()))?;
        // What follows is made from the file, not from what is in memory.
        let report: Self = serde_json::from_str(&fs::read_to_string(&json)?)?;
        fs::write(directory.join("README.md"), report.page())?;
        plot::all(&report.values(), directory)
    }

    fn page(&self) -> String {
        let values = self.values();
        let verdicts = tables::verdicts(&values);
        let met = verdicts.iter().filter(|v| v.met == Some(true)).count();
        let mut versions = String::new();
        for (name, version) in &self.versions {
            let _ = writeln!(versions, "- {name} {version}");
        }
        let mut missing = String::new();
        for note in self.parts.iter().flat_map(|part| &part.measured.notes) {
            let _ = writeln!(missing, "- {note}");
        }
        if missing.is_empty() {
            missing.push_str("Nothing.\n");
        }
        let seconds: f64 = self.parts.iter().map(|part| part.seconds).sum();
        let mut page = PAGE.to_owned();
        let mut put = |name: &str, text: &str| {
            page = page.replace(&format!("{{{{{name}}}}}"), text.trim_end());
        };
        put("summary", &tables::summary(&values));
        put("targets", &tables::targets(&verdicts));
        for table in TABLES {
            put(table.id, &tables::render(table, &values));
        }
        put("met", &met.to_string());
        put("asked", &verdicts.len().to_string());
        put("minutes", &format!("{:.0}", (seconds / 60.0).ceil()));
        put("machine", &self.machine);
        put("versions", &versions);
        put("missing", &missing);
        page
    }
}
