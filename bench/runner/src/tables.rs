//! The tables of the page, and what they are held to.

use std::fmt::Write as _;

use crate::measured::Value;
use crate::stats::number;
use crate::way::Way;

const NATIVE: &str = Way::Native.name();
const SDK: &str = "SDK in wasm";
const AWS: &str = "aws lambda invoke";

/// A table.
pub struct Table {
    /// As in [`Value::table`], and in the page's text.
    pub id: &'static str,
    /// For a table that names it.
    pub label: &'static str,
    /// The row that the others are divided by.
    pub peer: Option<&'static str>,
}

const fn table(id: &'static str, label: &'static str, peer: Option<&'static str>) -> Table {
    Table { id, label, peer }
}

/// All of them.
pub const TABLES: &[Table] = &[
    table("invoke-one", "a call on one CPU", Some(NATIVE)),
    table("invoke-all", "a call on all CPUs", Some(NATIVE)),
    table("tls", "a call over TLS on all CPUs", Some(NATIVE)),
    table("rate-one", "throughput on one CPU", Some(NATIVE)),
    table("rate-all", "throughput on all CPUs", Some(NATIVE)),
    table("p99-one", "99th percentile on one CPU", Some(NATIVE)),
    table("p99-all", "99th percentile on all CPUs", Some(NATIVE)),
    table("memory", "memory for each call", Some(NATIVE)),
    table("lifecycle", "plan and apply", Some(NATIVE)),
    table("connections", "connections", Some(NATIVE)),
    table("sign", "signing", Some("native aws-sigv4")),
    table("component", "the component", Some(SDK)),
    table("cold", "a process", Some(AWS)),
    table("providers", "the providers", None),
];

/// What a target asks for.
#[derive(Clone, Copy)]
enum Limit {
    /// Of the ratio to the peer.
    RatioAtMost(f64),
    /// See [`Self::RatioAtMost`].
    RatioAtLeast(f64),
    /// Of our own value.
    AtMost(f64),
}

use Limit::{AtMost, RatioAtLeast, RatioAtMost};

/// Table, case, way, peer, and the limit.
type Asked = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Limit,
);

const WASI_NEW: &str = Way::WasiNew.name();
const WASI_KEPT: &str = Way::WasiKept.name();
const HOST_KEPT: &str = Way::HostKept.name();
const SDK_NEW: &str = Way::SdkNew.name();

/// What is asked of the numbers.
const TARGETS: &[Asked] = &[
    ("invoke-one", "100 B", HOST_KEPT, NATIVE, RatioAtMost(0.8)),
    ("invoke-one", "1 MB", HOST_KEPT, NATIVE, RatioAtMost(0.95)),
    ("invoke-one", "5 MB", HOST_KEPT, NATIVE, RatioAtMost(0.65)),
    (
        "rate-one",
        "echo, 64 at a time",
        HOST_KEPT,
        NATIVE,
        RatioAtLeast(1.5),
    ),
    (
        "rate-one",
        "50 ms function, 512 at a time",
        HOST_KEPT,
        NATIVE,
        RatioAtLeast(1.4),
    ),
    (
        "memory",
        "5,000 waiting",
        HOST_KEPT,
        NATIVE,
        RatioAtMost(0.85),
    ),
    ("invoke-one", "100 B", WASI_KEPT, NATIVE, RatioAtMost(1.1)),
    ("invoke-one", "5 MB", WASI_KEPT, NATIVE, RatioAtMost(1.0)),
    ("invoke-one", "100 B", WASI_NEW, SDK_NEW, RatioAtMost(0.35)),
    ("invoke-one", "5 MB", WASI_NEW, SDK_NEW, RatioAtMost(0.85)),
    (
        "rate-all",
        "50 ms function, 64 at a time",
        WASI_NEW,
        NATIVE,
        RatioAtLeast(1.0),
    ),
    ("memory", "5,000 waiting", WASI_NEW, "", AtMost(130.0)),
    (
        "connections",
        "handshakes per pool slot, 64 at a time",
        WASI_NEW,
        "",
        AtMost(1.0),
    ),
    (
        "connections",
        "handshakes per pool slot, 64 at a time",
        HOST_KEPT,
        "",
        AtMost(1.0),
    ),
    ("component", "size", "ours", "", AtMost(300.0)),
    ("component", "compile", "ours", SDK, RatioAtMost(0.16)),
    ("cold", "over HTTP", "lambda-host", AWS, RatioAtMost(0.08)),
];

/// A target, and what came of it.
pub struct Verdict {
    /// What was measured.
    what: String,
    ours: Option<String>,
    peer: Option<String>,
    ratio: Option<f64>,
    target: String,
    /// Not known where it was not measured.
    pub met: Option<bool>,
}

/// What the values are, judged by the targets.
pub fn verdicts(values: &[Value]) -> Vec<Verdict> {
    let label = |id: &str| {
        let found = TABLES.iter().find(|table| table.id == id);
        found.map_or_else(String::new, |table| table.label.to_owned())
    };
    let asked = TARGETS.iter().map(|&(table, case, way, peer, limit)| {
        let ours = find(values, table, case, way);
        let theirs = find(values, table, case, peer);
        let ratio = ratio(ours, theirs);
        let (target, met) = match limit {
            RatioAtMost(limit) => (format!("≤ {limit}x"), ratio.map(|ratio| ratio <= limit)),
            RatioAtLeast(limit) => (format!("≥ {limit}x"), ratio.map(|ratio| ratio >= limit)),
            AtMost(limit) => {
                let unit = ours.map_or("", |ours| ours.unit.as_str());
                let met = ours.map(|ours| ours.value <= limit);
                (format!("≤ {limit} {unit}").trim().to_owned(), met)
            }
        };
        Verdict {
            what: format!("{}, {case}: {way}", label(table)),
            ours: ours.map(with_unit),
            peer: theirs.map(|value| format!("{} ({peer})", with_unit(value))),
            ratio,
            target,
            met,
        }
    });
    let said = values.iter().filter_map(|value| {
        let limit = value.at_most?;
        Some(Verdict {
            what: format!("{}: {}", value.way, value.case),
            ours: Some(with_unit(value)),
            peer: None,
            ratio: None,
            target: format!("≤ {limit} {}", value.unit),
            met: Some(value.value <= limit),
        })
    });
    asked.chain(said).collect()
}

impl Verdict {
    /// For standard output.
    pub fn line(&self) -> String {
        let verdict = match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "not measured",
        };
        let ours = self.ours.as_deref().unwrap_or("-");
        let ratio = self.ratio.map_or_else(String::new, times);
        format!("{verdict:12} {} {ours} {ratio} {}", self.what, self.target)
    }
}

/// The targets as a table.
pub fn targets(verdicts: &[Verdict]) -> String {
    let mut table = String::from(
        "| what | ours | beside | ratio | target | met |\n| --- | ---: | ---: | ---: | ---: | --- |\n",
    );
    for verdict in verdicts {
        let met = match verdict.met {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "not measured",
        };
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {met} |",
            verdict.what,
            verdict.ours.as_deref().unwrap_or_default(),
            verdict.peer.as_deref().unwrap_or_default(),
            verdict.ratio.map_or_else(String::new, times),
            verdict.target,
        );
    }
    table
}

/// The ways of the first table.
pub const SUMMARY_WAYS: [Way; 7] = Way::TOGETHER;

/// The rows of the first table: what it is called, and the table and the case it is from.
const SUMMARY: &[(&str, &str, &str)] = &[
    ("a call with 100 B", "invoke-one", "100 B"),
    ("a call with 1 MB", "invoke-one", "1 MB"),
    ("a call with 5 MB", "invoke-one", "5 MB"),
    ("memory of a call, 5,000 waiting", "memory", "5,000 waiting"),
    (
        "calls per second: echo, 64 at a time",
        "rate-one",
        "echo, 64 at a time",
    ),
    (
        "calls per second: 50 ms function, 512 at a time",
        "rate-one",
        "50 ms function, 512 at a time",
    ),
];

/// The first table: every way beside the native SDK.
pub fn summary(values: &[Value]) -> String {
    let mut table = String::from("| |");
    for way in SUMMARY_WAYS {
        let _ = write!(table, " {} |", way.name());
    }
    let columns = " ---: |".repeat(SUMMARY_WAYS.len());
    let _ = writeln!(table, "\n| --- |{columns}");
    for (label, id, case) in SUMMARY {
        let native = find(values, id, case, NATIVE);
        let _ = write!(table, "| {label} |");
        for way in SUMMARY_WAYS {
            let ours = find(values, id, case, way.name());
            let cell = match way {
                Way::Native => native.map(with_unit),
                _ => ratio(ours, native).map(times),
            };
            let _ = write!(table, " {} |", cell.unwrap_or_default());
        }
        table.push('\n');
    }
    table
}

/// A table: a row for each way, a column for each case; beside a value, its ratio to the
/// peer's.
pub fn render(table: &Table, values: &[Value]) -> String {
    let of: Vec<&Value> = values
        .iter()
        .filter(|value| value.table == table.id)
        .collect();
    let (mut ways, mut cases) = (Vec::new(), Vec::new());
    for value in &of {
        for (list, name) in [(&mut ways, &*value.way), (&mut cases, &*value.case)] {
            if !list.contains(&name) {
                list.push(name);
            }
        }
    }
    if of.is_empty() {
        return "Not measured.".to_owned();
    }
    let mut text = String::from("| |");
    for case in &cases {
        let _ = write!(text, " {case} |");
    }
    let _ = writeln!(text, "\n| --- |{}", " ---: |".repeat(cases.len()));
    for way in ways {
        let _ = write!(text, "| {way} |");
        for case in &cases {
            let ours = find(values, table.id, case, way);
            let peer = table.peer.filter(|peer| *peer != way);
            let peer = peer.and_then(|peer| find(values, table.id, case, peer));
            let cell = match (ours, ratio(ours, peer)) {
                (Some(ours), Some(ratio)) => format!("{} ({})", with_unit(ours), times(ratio)),
                (Some(ours), None) => with_unit(ours),
                (None, _) => String::new(),
            };
            let _ = write!(text, " {cell} |");
        }
        text.push('\n');
    }
    text
}

/// A value, if it was measured.
fn find<'a>(values: &'a [Value], table: &str, case: &str, way: &str) -> Option<&'a Value> {
    values
        .iter()
        .find(|value| value.table == table && value.case == case && value.way == way)
}

/// A way's ratio to the native SDK.
pub fn beside_native(values: &[Value], table: &str, case: &str, way: Way) -> Option<f64> {
    let of = |way: Way| find(values, table, case, way.name());
    ratio(of(way), of(Way::Native))
}

fn ratio(ours: Option<&Value>, peer: Option<&Value>) -> Option<f64> {
    let (ours, peer) = (ours?.value, peer?.value);
    (peer > 0.0).then(|| ours / peer)
}

fn times(ratio: f64) -> String {
    if ratio < 0.1 {
        format!("{ratio:.3}x")
    } else {
        format!("{ratio:.2}x")
    }
}

fn with_unit(value: &Value) -> String {
    let text = match (&*value.unit, value.value) {
        ("us", us) if us >= 10_000.0 => format!("{} ms", number(us / 1e3)),
        (unit, value) => format!("{} {unit}", number(value)),
    };
    text.trim().to_owned()
}
