//! Drawing, as SVG: on white, so that a dark page shows them as cards.

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::least_squares::Line;

const WIDTH: u32 = 800;
const BLUE: RGBColor = RGBColor(0x1f, 0x5f, 0xbf);
const ORANGE: RGBColor = RGBColor(0xc8, 0x5a, 0x11);
const GREY: RGBColor = RGBColor(0x9a, 0xa4, 0xb0);
const FONT: &str = "sans-serif";

/// One bar: the median, with a whisker from the tenth to the ninetieth percentile.
pub(crate) struct Bar {
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

/// Horizontal bars from zero.
pub(crate) fn bars(title: &str, bars: &[Bar]) -> Result<String> {
    const ROW: i32 = 34;
    const TOP: i32 = 56;
    const LEFT: i32 = 170;
    const BAR: f64 = 470.0;
    let height = TOP + ROW * i32::try_from(bars.len())? + 40;
    let longest = bars.iter().map(|bar| bar.high).fold(0.0, f64::max);
    let at = |value: f64| LEFT + (value / longest * BAR).round() as i32;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, u32::try_from(height)?)).into_drawing_area();
        root.fill(&WHITE).map_err(failed)?;
        let text =
            |size: i32, horizontal| (FONT, size).into_font().color(&BLACK).pos(Pos::new(horizontal, VPos::Center));
        let write = |words: &str, x: i32, y: i32, size: i32, horizontal| {
            root.draw(&Text::new(words.to_owned(), (x, y), text(size, horizontal))).map_err(failed)
        };
        write(title, 24, 28, 19, HPos::Left)?;
        for (index, bar) in bars.iter().enumerate() {
            let middle = TOP + ROW * i32::try_from(index)? + ROW / 2;
            let colour = if bar.ours { BLUE } else { GREY };
            let corners = [(LEFT, middle - 10), (at(bar.median), middle + 10)];
            root.draw(&Rectangle::new(corners, colour.filled())).map_err(failed)?;
            let whisker = vec![(at(bar.low), middle), (at(bar.high), middle)];
            root.draw(&PathElement::new(whisker, BLACK.stroke_width(1))).map_err(failed)?;
            write(&bar.name, LEFT - 10, middle, 15, HPos::Right)?;
            write(&bar.figure, at(bar.high.max(bar.median)) + 10, middle, 15, HPos::Left)?;
        }
        write("bar: median; line: 10th to 90th percentile", 24, height - 22, 12, HPos::Left)?;
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
            true => super::units::digits(*value),
            false => labels.get(value.round() as usize).cloned().unwrap_or_default(),
        };
        let mut mesh = chart.configure_mesh();
        mesh.x_desc(x).y_desc(y).label_style((FONT, 13)).axis_desc_style((FONT, 15));
        mesh.light_line_style(WHITE).bold_line_style(RGBColor(0xdd, 0xdd, 0xdd));
        mesh.x_label_formatter(&below).y_label_formatter(&|value| super::units::digits(*value));
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

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("cannot draw: {error}")
}
