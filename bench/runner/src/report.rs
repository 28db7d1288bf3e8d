//! What was measured: rows, and the files made from them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::plot;
use crate::stats::number;

/// The prose around the table.
const PAGE: &str = include_str!("page.md");

/// `results.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// What it ran on.
    pub machine: String,
    /// What was compared, by name.
    pub versions: BTreeMap<String, String>,
    /// What makes this file.
    pub command: String,
    /// In the order they were measured in.
    pub rows: Vec<Row>,
}

/// One comparison.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// What was measured, and after "vs" the peer.
    pub name: String,
    /// Of `ours` and `peer`.
    pub unit: String,
    /// The median of ours.
    pub ours: Option<f64>,
    /// The median of the peer's.
    pub peer: Option<f64>,
    /// Ours divided by the peer's.
    pub ratio: Option<f64>,
    /// For the ratio, or without one for ours: at most, or for throughput at least.
    pub target: Option<f64>,
    /// Whether that was met.
    pub met: Option<bool>,
}

/// What a target asks for.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// Of the ratio to the peer.
    RatioAtMost(f64),
    /// See [`Self::RatioAtMost`].
    RatioAtLeast(f64),
    /// Of our own value.
    AtMost(f64),
    /// Nothing was asked.
    None,
}

impl Row {
    /// A row. Ours and the peer's are `None` where they could not be measured.
    pub fn new(
        name: impl Into<String>,
        unit: &str,
        ours: Option<f64>,
        peer: Option<f64>,
        target: Target,
    ) -> Self {
        let ours = ours.filter(|value| value.is_finite());
        let peer = peer.filter(|value| value.is_finite());
        let ratio = match (ours, peer) {
            (Some(ours), Some(peer)) if peer > 0.0 => Some(ours / peer),
            _ => None,
        };
        let (limit, met) = match target {
            Target::RatioAtMost(limit) => (Some(limit), ratio.map(|ratio| ratio <= limit)),
            Target::RatioAtLeast(limit) => (Some(limit), ratio.map(|ratio| ratio >= limit)),
            Target::AtMost(limit) => (Some(limit), ours.map(|ours| ours <= limit)),
            Target::None => (None, None),
        };
        let row = Self {
            name: name.into(),
            unit: unit.to_owned(),
            ours: ours.map(rounded),
            peer: peer.map(rounded),
            ratio: ratio.map(rounded),
            target: limit,
            met,
        };
        println!("  {}", row.line());
        row
    }

    fn line(&self) -> String {
        let show = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), number);
        let mut line = format!(
            "{}: {} {}, peer {}, ratio {}",
            self.name,
            show(self.ours),
            self.unit,
            show(self.peer),
            show(self.ratio)
        );
        if let (Some(target), Some(met)) = (self.target, self.met) {
            let verdict = if met { "met" } else { "MISSED" };
            let _ = write!(line, ", target {target}: {verdict}");
        }
        line
    }
}

/// Four digits.
fn rounded(value: f64) -> f64 {
    if value == 0.0 {
        return value;
    }
    let scale = 10f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

/// Writes `results.json`, the page with the table, and the plots.
pub fn write(report: &Report, notes: &[String], directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)?;
    let json = directory.join("results.json");
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    fs::write(&json, text).with_context(|| format!("writing {}", json.display()))?;
    // What follows is made from the file, not from what is in memory.
    let report: Report = serde_json::from_str(&fs::read_to_string(&json)?)?;
    fs::write(directory.join("README.md"), page(&report, notes))?;
    plot::all(&report, directory)
}

fn page(report: &Report, notes: &[String]) -> String {
    let mut table = String::from(
        "| what | ours | peer | ratio | target | met |\n| --- | ---: | ---: | ---: | ---: | --- |\n",
    );
    let show = |value: Option<f64>| value.map_or_else(String::new, number);
    for row in &report.rows {
        let with_unit = |value: Option<f64>| match value {
            Some(value) => format!("{} {}", number(value), row.unit),
            None => String::new(),
        };
        let met = match row.met {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        let target = row
            .target
            .map_or_else(String::new, |target| target.to_string());
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {target} | {met} |",
            row.name,
            with_unit(row.ours),
            with_unit(row.peer),
            show(row.ratio),
        );
    }
    let mut versions = String::new();
    for (name, version) in &report.versions {
        let _ = writeln!(versions, "- {name} {version}");
    }
    let with_target = report.rows.iter().filter(|row| row.met.is_some()).count();
    let met = report
        .rows
        .iter()
        .filter(|row| row.met == Some(true))
        .count();
    let mut missing = String::new();
    for note in notes {
        let _ = writeln!(missing, "- {note}");
    }
    if missing.is_empty() {
        missing.push_str("Nothing.\n");
    }
    PAGE.replace("{{table}}", table.trim_end())
        .replace("{{versions}}", versions.trim_end())
        .replace("{{machine}}", &report.machine)
        .replace("{{command}}", &report.command)
        .replace("{{met}}", &met.to_string())
        .replace("{{targets}}", &with_target.to_string())
        .replace("{{missing}}", missing.trim_end())
}
