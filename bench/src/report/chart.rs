//! Drawing, as SVG: on white, so that a dark page shows them as cards.

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::least_squares::Line;
use super::units::whole;

const WIDTH: u32 = 800;
const BLUE: RGBColor = RGBColor(0x1f, 0x5f, 0xbf);
const ORANGE: RGBColor = RGBColor(0xc8, 0x5a, 0x11);
const GREY: RGBColor = RGBColor(0x76, 0x80, 0x8c);
const PALE: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);
const FONT: &str = "sans-serif";

/// One row: the median, with a whisker from the tenth to the ninetieth percentile. Above zero, all of them.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
    /// What is written behind it.
    pub(crate) figure: String,
    /// Whether it is in the colour of ours.
    pub(crate) ours: bool,
}

/// Points, and the line through them if there is one.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
    /// None: the points are joined.
    pub(crate) line: Option<Line>,
}

/// Rows of dots over a logarithmic scale, for the slowest may take a thousand times as long as the fastest.
pub(crate) fn dots(title: &str, rows: &[Row], scale: fn(f64) -> String) -> Result<String> {
    const ROW: i32 = 30;
    const TOP: i32 = 52;
    const LEFT: i32 = 160;
    const SCALE: f64 = 430.0;
    let bottom = TOP + ROW * i32::try_from(rows.len())?;
    let decade = |value: f64| value.log10();
    let first = rows.iter().map(|row| decade(row.low)).fold(f64::INFINITY, f64::min).floor();
    let last = rows.iter().map(|row| decade(row.high)).fold(f64::NEG_INFINITY, f64::max).ceil().max(first + 1.0);
    let at = |decade: f64| LEFT + ((decade - first) / (last - first) * SCALE).round() as i32;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, u32::try_from(bottom + 64)?)).into_drawing_area();
        root.fill(&WHITE).map_err(failed)?;
        let write = |words: &str, place: (i32, i32), size: i32, horizontal| {
            let style = (FONT, size).into_font().color(&BLACK).pos(Pos::new(horizontal, VPos::Center));
            root.draw(&Text::new(words.to_owned(), place, style)).map_err(failed)
        };
        let stroke = |from, to, style: ShapeStyle| root.draw(&PathElement::new(vec![from, to], style)).map_err(failed);
        write(title, (24, 26), 19, HPos::Left)?;
        for decade in (0..=(last - first) as i32).map(|step| first + f64::from(step)) {
            stroke((at(decade), TOP), (at(decade), bottom), PALE.stroke_width(1))?;
            write(&scale(10_f64.powf(decade)), (at(decade), bottom + 14), 13, HPos::Center)?;
        }
        for (row, middle) in rows.iter().zip((TOP + ROW / 2..).step_by(ROW as usize)) {
            let colour = if row.ours { BLUE } else { GREY };
            let (low, median, high) = (at(decade(row.low)), at(decade(row.median)), at(decade(row.high)));
            stroke((low, middle), (high, middle), colour.stroke_width(3))?;
            root.draw(&Circle::new((median, middle), 6, colour.filled())).map_err(failed)?;
            write(&row.name, (LEFT - 14, middle), 15, HPos::Right)?;
            write(&row.figure, (high.max(median + 6) + 10, middle), 15, HPos::Left)?;
        }
        write("dot: median; line: 10th to 90th percentile; logarithmic scale", (24, bottom + 42), 13, HPos::Left)?;
        root.present().map_err(failed)?;
    }
    Ok(svg)
}

/// Points over a number. `labels` stand in place of the numbers 0, 1, 2… below, if there are any.
pub(crate) fn points(title: &str, x: &str, y: &str, series: &[Series], labels: &[String]) -> Result<String> {
    let all = || series.iter().flat_map(|series| &series.points);
    let most = |value: fn(&(f64, f64)) -> f64| all().map(value).fold(0.0, f64::max) * 1.05;
    let (most_x, most_y) = (most(|point| point.0), most(|point| point.1));
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, 420)).into_drawing_area();
        root.fill(&WHITE).map_err(failed)?;
        let mut chart = ChartBuilder::on(&root)
            .caption(title, (FONT, 19))
            .margin(18)
            .x_label_area_size(48)
            .y_label_area_size(78)
            .build_cartesian_2d(0.0..most_x, 0.0..most_y)
            .map_err(failed)?;
        let below = |value: &f64| match labels.is_empty() {
            true => tick(value),
            false => labels.get(value.round() as usize).cloned().unwrap_or_default(),
        };
        let mut mesh = chart.configure_mesh();
        mesh.x_desc(x).y_desc(y).label_style((FONT, 13)).axis_desc_style((FONT, 15));
        mesh.light_line_style(WHITE).bold_line_style(PALE);
        mesh.x_label_formatter(&below).y_label_formatter(&tick);
        if !labels.is_empty() {
            mesh.x_labels(labels.len());
        }
        mesh.draw().map_err(failed)?;
        for (series, colour) in series.iter().zip([BLUE, ORANGE]) {
            let path = match series.line {
                Some(line) => vec![(0.0, line.at(0.0).max(0.0)), (most_x, line.at(most_x))],
                None => series.points.clone(),
            };
            chart.draw_series(LineSeries::new(path, colour.stroke_width(2))).map_err(failed)?;
            let circles = series.points.iter().map(|point| Circle::new(*point, 4, colour.filled()));
            chart
                .draw_series(circles)
                .map_err(failed)?
                .label(series.name.clone())
                .legend(move |(x, y)| Circle::new((x + 10, y), 4, colour.filled()));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .label_font((FONT, 14))
            .background_style(WHITE.mix(0.8))
            .draw()
            .map_err(failed)?;
        root.present().map_err(failed)?;
    }
    Ok(svg)
}

/// A number of a scale, as short as it can be written.
fn tick(value: &f64) -> String {
    match value.abs() {
        large if large >= 1e3 => whole(*value),
        _ => format!("{value:.3}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("cannot draw: {error}")
}
