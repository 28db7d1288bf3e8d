//! What was measured: values of tables, and what could not be measured.

use serde::{Deserialize, Serialize};

use crate::stats::{Samples, number};

/// A cell of a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Value {
    /// The table: see [`crate::tables`].
    pub table: String,
    /// Who did it: the table's row.
    pub way: String,
    /// What was done: the table's column.
    pub case: String,
    /// Of `value` and `spread`; empty for a number of things.
    pub unit: String,
    /// The median.
    pub value: f64,
    /// Where 80 % of the samples lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<(f64, f64)>,
    /// The most that `value` may be, where what measured it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}

/// What a part measured.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Measured {
    /// In the order they were measured in.
    pub values: Vec<Value>,
    /// What could not be measured, and why.
    pub notes: Vec<String>,
}

impl Measured {
    /// Adds the median of some samples; nothing, if there are none.
    pub fn samples(&mut self, table: &str, way: &str, case: &str, unit: &str, samples: &Samples) {
        if samples.is_empty() {
            return;
        }
        println!("{table}, {case}, {way}: {} {unit}", samples.describe());
        let spread = (
            rounded(samples.quantile(0.1)),
            rounded(samples.quantile(0.9)),
        );
        self.push(table, way, case, unit, samples.median());
        if let Some(last) = self.values.last_mut() {
            last.spread = Some(spread);
        }
    }

    /// Adds a value that was measured once.
    pub fn value(&mut self, table: &str, way: &str, case: &str, unit: &str, value: f64) {
        println!("{table}, {case}, {way}: {} {unit}", number(value));
        self.push(table, way, case, unit, value);
    }

    /// Says what could not be measured.
    pub fn note(&mut self, what: &str, error: &anyhow::Error) {
        let note = format!("{what}: {error:#}");
        println!("NOT MEASURED: {note}");
        self.notes.push(note);
    }

    fn push(&mut self, table: &str, way: &str, case: &str, unit: &str, value: f64) {
        self.values.push(Value {
            table: table.to_owned(),
            way: way.to_owned(),
            case: case.to_owned(),
            unit: unit.to_owned(),
            value: rounded(value),
            spread: None,
            at_most: None,
        });
    }
}

/// Four digits.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}
