//! Plots of the rows, as SVG.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::report::{Report, Row};

const SIZE: (u32, u32) = (860, 420);
const FONT: (&str, u32) = ("sans-serif", 14);
const COLORS: [RGBColor; 6] = [
    RGBColor(0x1f, 0x6f, 0xb4),
    RGBColor(0x6b, 0xb1, 0xe0),
    RGBColor(0xd9, 0x5f, 0x02),
    RGBColor(0x7b, 0x7b, 0x7b),
    RGBColor(0x2c, 0x9c, 0x69),
    RGBColor(0xa0, 0x5c, 0xb4),
];

/// A line: its name, and its points.
type Line = (String, Vec<(f64, f64)>);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws every plot.
pub fn all(report: &Report, directory: &Path) -> Result<()> {
    let rows = &report.rows;
    lines(
        &directory.join("invoke.svg"),
        "Time per call over plain HTTP (microseconds)",
        "bytes each way",
        &invocations(rows),
    )?;
    lines(
        &directory.join("throughput.svg"),
        "Calls per second of a function that takes 50 ms",
        "calls at a time",
        &by_concurrency(rows, "throughput"),
    )?;
    lines(
        &directory.join("p99.svg"),
        "99th percentile of calls to a function that takes 50 ms (milliseconds)",
        "calls at a time",
        &by_concurrency(rows, "p99"),
    )?;
    bars(
        &directory.join("artifact.svg"),
        "Ours in percent of the SDK in wasm",
        &artifact(rows),
    )
}

fn put(lines: &mut Vec<Line>, name: &str, point: (f64, Option<f64>)) {
    let (x, Some(y)) = point else { return };
    let index = match lines.iter().position(|(n, _)| n == name) {
        Some(index) => index,
        None => {
            lines.push((name.to_owned(), Vec::new()));
            lines.len() - 1
        }
    };
    if !lines[index].1.contains(&(x, y)) {
        lines[index].1.push((x, y));
    }
}

/// `invoke 100 B, fresh, vs native SDK`
fn invocations(rows: &[Row]) -> Vec<Line> {
    let mut found = Vec::new();
    for row in rows {
        let Some(rest) = row.name.strip_prefix("invoke ") else {
            continue;
        };
        let parts: Vec<&str> = rest.split(", ").collect();
        let [size, instance, peer] = parts[..] else {
            continue;
        };
        let Some(size) = bytes(size) else { continue };
        put(&mut found, &format!("ours, {instance}"), (size, row.ours));
        let peer = peer.trim_start_matches("vs ");
        if peer == "native SDK" {
            put(&mut found, peer, (size, row.peer));
        } else if instance == "fresh" {
            put(&mut found, &format!("{peer}, fresh"), (size, row.peer));
        }
    }
    found
}

fn bytes(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ')?;
    let scale = match unit {
        "B" => 1.0,
        "KB" => 1e3,
        "MB" => 1e6,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * scale)
}

/// `throughput at 64, fresh, vs native SDK`
fn by_concurrency(rows: &[Row], what: &str) -> Vec<Line> {
    let mut found = Vec::new();
    for row in rows {
        let Some(rest) = row.name.strip_prefix(what) else {
            continue;
        };
        let Some(rest) = rest.strip_prefix(" at ") else {
            continue;
        };
        let parts: Vec<&str> = rest.split(", ").collect();
        let [concurrency, instance, peer] = parts[..] else {
            continue;
        };
        let Ok(concurrency) = concurrency.parse() else {
            continue;
        };
        put(
            &mut found,
            &format!("ours, {instance}"),
            (concurrency, row.ours),
        );
        put(
            &mut found,
            peer.trim_start_matches("vs "),
            (concurrency, row.peer),
        );
    }
    found
}

fn artifact(rows: &[Row]) -> Vec<(String, f64)> {
    rows.iter()
        .filter_map(|row| {
            let what = row.name.strip_suffix(" vs SDK in wasm")?;
            let known = [
                "size",
                "compile",
                "machine code",
                "load from cache",
                "instantiate",
            ];
            let what = what.trim_end_matches(',');
            known
                .contains(&what)
                .then(|| Some((what.to_owned(), row.ratio? * 100.0)))?
        })
        .collect()
}

fn canvas<'a>(path: &'a Path) -> Result<Area<'a>> {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(wrong)?;
    Ok(area)
}

fn wrong(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("drawing: {error}")
}

fn lines(path: &Path, title: &str, x: &str, lines: &[Line]) -> Result<()> {
    let points = || lines.iter().flat_map(|(_, points)| points);
    let bound =
        |pick: fn(&(f64, f64)) -> f64, best: fn(f64, f64) -> f64| points().map(pick).reduce(best);
    let (Some(left), Some(right), Some(low), Some(high)) = (
        bound(|p| p.0, f64::min),
        bound(|p| p.0, f64::max),
        bound(|p| p.1, f64::min),
        bound(|p| p.1, f64::max),
    ) else {
        return Ok(());
    };
    let area = canvas(path)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(72)
        .build_cartesian_2d(
            (left..right * 1.1).log_scale(),
            (low * 0.8..high * 1.3).log_scale(),
        )
        .map_err(wrong)?;
    chart
        .configure_mesh()
        .x_desc(x)
        .label_style(FONT)
        .light_line_style(WHITE)
        .x_label_formatter(&|value| plain(*value))
        .y_label_formatter(&|value| plain(*value))
        .draw()
        .map_err(wrong)?;
    for ((name, points), color) in lines.iter().zip(COLORS.into_iter().cycle()) {
        chart
            .draw_series(
                LineSeries::new(points.iter().copied(), color.stroke_width(2)).point_size(4),
            )
            .map_err(wrong)?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(3)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .label_font(FONT)
        .draw()
        .map_err(wrong)?;
    area.present().map_err(wrong)
}

fn bars(path: &Path, title: &str, bars: &[(String, f64)]) -> Result<()> {
    let Some(high) = bars.iter().map(|(_, value)| *value).reduce(f64::max) else {
        return Ok(());
    };
    let area = canvas(path)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(72)
        .build_cartesian_2d((0..bars.len()).into_segmented(), 0.0..high * 1.2)
        .map_err(wrong)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .label_style(FONT)
        .light_line_style(WHITE)
        .x_labels(bars.len())
        .x_label_formatter(&|position| match position {
            SegmentValue::CenterOf(index) => bars
                .get(*index)
                .map_or_else(String::new, |(name, _)| name.clone()),
            SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
        })
        .draw()
        .map_err(wrong)?;
    chart
        .draw_series(bars.iter().enumerate().map(|(index, (_, value))| {
            let mut bar = Rectangle::new(
                [
                    (SegmentValue::Exact(index), 0.0),
                    (SegmentValue::Exact(index + 1), *value),
                ],
                COLORS[0].filled(),
            );
            bar.set_margin(0, 0, 30, 30);
            bar
        }))
        .map_err(wrong)?;
    area.present().map_err(wrong)
}

fn plain(value: f64) -> String {
    if value >= 1e6 {
        format!("{}M", value / 1e6)
    } else if value >= 1e3 {
        format!("{}k", value / 1e3)
    } else {
        format!("{value}")
    }
}
