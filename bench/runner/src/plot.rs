//! Plots, as SVG: bars of ratios to the native SDK, which is the line at 1.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::measured::Value;
use crate::tables::{SUMMARY_WAYS, beside_native};
use crate::way::Way;

const SIZE: (u32, u32) = (860, 420);
const FONT: (&str, u32) = ("sans-serif", 14);
/// How much of its place a group of bars takes.
const FILLED: f64 = 0.84;

/// A plot: its file, its title, and the table and the cases it shows.
type Plot = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const PLOTS: &[Plot] = &[
    (
        "latency.svg",
        "Time of a call on one CPU, in times of the native SDK's (less is better)",
        "invoke-one",
        &["100 B", "1 MB", "5 MB"],
    ),
    (
        "throughput.svg",
        "Calls per second on one CPU, in times of the native SDK's (more is better)",
        "rate-one",
        &["echo, 64 at a time", "50 ms function, 512 at a time"],
    ),
    (
        "memory.svg",
        "Memory of a waiting call, in times of the native SDK's (less is better)",
        "memory",
        &["1,000 waiting", "5,000 waiting"],
    ),
];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws every plot that has values; there are no others in the directory afterwards.
pub fn all(values: &[Value], directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "svg") {
            fs::remove_file(path)?;
        }
    }
    for (file, title, table, cases) in PLOTS {
        let mut bars = Vec::new();
        for (group, case) in cases.iter().enumerate() {
            for (place, way) in drawn().enumerate() {
                if let Some(ratio) = beside_native(values, table, case, way) {
                    bars.push(Bar {
                        group,
                        place,
                        ratio,
                    });
                }
            }
        }
        if !bars.is_empty() {
            let path = directory.join(file);
            ratios(&path, title, cases, &bars)?;
            let light = fs::read_to_string(&path)?;
            fs::write(&path, light_and_dark(&light))?;
        }
    }
    Ok(())
}

/// A plot that is drawn dark on light, which turns itself around where the reader's screen is
/// dark. The colours of the ways are seen on both.
fn light_and_dark(svg: &str) -> String {
    const STYLE: &str = "<style>@media (prefers-color-scheme: dark) {
[fill=\"#FFFFFF\"] { fill: #0d1117 } [stroke=\"#FFFFFF\"] { stroke: #0d1117 }
[fill=\"#000000\"] { fill: #e6edf3 } [stroke=\"#000000\"] { stroke: #e6edf3 }
}</style>";
    match svg.split_once(">\n") {
        Some((head, rest)) => format!("{head}>\n{STYLE}\n{rest}"),
        None => svg.to_owned(),
    }
}

/// The ways that have bars.
fn drawn() -> impl Iterator<Item = Way> {
    SUMMARY_WAYS.into_iter().filter(|way| *way != Way::Native)
}

fn color(way: Way) -> RGBColor {
    match way {
        Way::Hyper => RGBColor(0xb5, 0xb5, 0xb5),
        Way::Core => RGBColor(0x7b, 0x7b, 0x7b),
        Way::WasiNew => RGBColor(0xf0, 0xa8, 0x6a),
        Way::WasiKept => RGBColor(0xd9, 0x5f, 0x02),
        Way::HostNew => RGBColor(0x6b, 0xb1, 0xe0),
        _ => RGBColor(0x1f, 0x6f, 0xb4),
    }
}

/// A way's ratio in a case.
struct Bar {
    group: usize,
    place: usize,
    ratio: f64,
}

fn ratios(path: &Path, title: &str, cases: &[&str], bars: &[Bar]) -> Result<()> {
    let high = bars.iter().map(|bar| bar.ratio).fold(1.0, f64::max);
    let area: Area<'_> = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(wrong)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 17))
        .margin(12)
        .x_label_area_size(32)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..cases.len() as f64, 0.0..high * 1.9)
        .map_err(wrong)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .disable_x_axis()
        .label_style(FONT)
        .y_desc("times the native SDK")
        .y_label_formatter(&|ratio| format!("{ratio:.1}x"))
        .draw()
        .map_err(wrong)?;
    let ways: Vec<Way> = drawn().collect();
    let width = FILLED / ways.len() as f64;
    for (place, way) in ways.into_iter().enumerate() {
        let color = color(way);
        let of_way = bars.iter().filter(|bar| bar.place == place);
        chart
            .draw_series(of_way.map(|bar| {
                let left = bar.group as f64 + (1.0 - FILLED) / 2.0 + place as f64 * width;
                let right = left + width * 0.9;
                Rectangle::new([(left, 0.0), (right, bar.ratio)], color.filled())
            }))
            .map_err(wrong)?
            .label(way.name().replace('`', ""))
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 14, y + 5)], color.filled()));
    }
    let numbers = bars.iter().map(|bar| {
        let middle = (bar.place as f64 + 0.2) * width;
        let x = bar.group as f64 + (1.0 - FILLED) / 2.0 + middle;
        let text = format!("{:.2}", bar.ratio);
        Text::new(text, (x, bar.ratio + high * 0.05), ("sans-serif", 12))
    });
    chart.draw_series(numbers).map_err(wrong)?;
    let ends = [(0.0, 1.0), (cases.len() as f64, 1.0)];
    chart
        .draw_series(LineSeries::new(ends, BLACK.stroke_width(2)))
        .map_err(wrong)?
        .label("native SDK")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 14, y)], BLACK.stroke_width(2)));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .label_font(FONT)
        .draw()
        .map_err(wrong)?;
    // Under the middle of each group.
    for (group, case) in cases.iter().enumerate() {
        let (x, y) = chart.backend_coord(&(group as f64 + 0.42, 0.0));
        area.draw(&Text::new((*case).to_owned(), (x, y + 10), FONT))
            .map_err(wrong)?;
    }
    area.present().map_err(wrong)
}

fn wrong(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("drawing: {error}")
}
