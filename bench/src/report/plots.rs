//! Which plots there are. One whose figures were not measured is not drawn.

use anyhow::Result;

use super::chart::{self, Row, Series};
use super::contestants::CALLS;
use super::cost_model;
use super::figures::Figures;
use super::least_squares::Line;
use super::sections::IN_FLIGHT;
use super::units::{digits, time, whole};

/// A file below `benchmarks/`.
pub(crate) struct Plot {
    pub(crate) file: &'static str,
    pub(crate) svg: Option<String>,
}

const KB: f64 = 1e3;
const KIB: f64 = 1024.0;
const MILLISECOND: f64 = 1e6;

/// All of them.
pub(crate) fn all(figures: &Figures<'_>) -> Result<Vec<Plot>> {
    let page_memory = figures.points("page", "ours", "guest-memory");
    Ok(vec![
        call("create.svg", "create", "Create a record", figures)?,
        call("get-fields.svg", "get-fields", "Read five fields of a record", figures)?,
        call("page.svg", "page", "Read a page of 2,000 records", figures)?,
        fitted(
            "page-time.svg",
            ["Time of a page over its size", "KB of body", "milliseconds"],
            figures.page_growth(),
            cost_model::page_time(figures),
            (KB, MILLISECOND),
        )?,
        fitted(
            "page-guest-memory.svg",
            ["Memory of the guest over the size of a page", "KB of body", "KiB of linear memory"],
            page_memory,
            cost_model::page_memory(figures),
            (KB, KIB),
        )?,
        fitted(
            "in-flight-memory.svg",
            ["Memory of the host over executions in flight", "executions in flight", "MiB more than with none"],
            figures.memory_growth(),
            cost_model::in_flight_memory(figures),
            (1.0, KIB * KIB),
        )?,
        pages_memory(figures)?,
        in_flight(figures)?,
    ])
}

fn call(file: &'static str, work: &str, title: &str, figures: &Figures<'_>) -> Result<Plot> {
    let rows: Vec<_> = CALLS
        .into_iter()
        .filter_map(|peer| {
            let found = figures.find(work, peer, "time", None).filter(|found| found.low > 0.0)?;
            let multiple = figures.ratio(work, peer, "ours").filter(|_| peer != "ours");
            let multiple = multiple.map_or_else(String::new, |multiple| format!(" = {} × ours", digits(multiple)));
            Some(Row {
                name: peer.to_owned(),
                low: found.low,
                median: found.median,
                high: found.high,
                figure: format!("{}{multiple}", time(found.median)),
                ours: peer.starts_with("ours"),
            })
        })
        .collect();
    let title = format!("{title}: time, less is better");
    let svg = if rows.is_empty() { None } else { Some(chart::dots(&title, &rows, decade)?) };
    Ok(Plot { file, svg })
}

/// A power of ten of nanoseconds.
fn decade(nanoseconds: f64) -> String {
    time(nanoseconds).replace(".00", "").replace(".0", "")
}

/// Points and the line through them, both in other units.
fn fitted(
    file: &'static str,
    [title, x, y]: [&str; 3],
    points: Vec<(f64, f64)>,
    line: Option<Line>,
    (unit_x, unit_y): (f64, f64),
) -> Result<Plot> {
    let Some(line) = line else { return Ok(Plot { file, svg: None }) };
    let series = Series {
        name: "measured; the line is by least squares".to_owned(),
        points: points.into_iter().map(|(x, y)| (x / unit_x, y / unit_y)).collect(),
        line: Some(Line { intercept: line.intercept / unit_y, slope: line.slope * unit_x / unit_y, ..line }),
    };
    Ok(Plot { file, svg: Some(chart::points(title, x, y, &[series], &[])?) })
}

fn pages_memory(figures: &Figures<'_>) -> Result<Plot> {
    let file = "pages-memory.svg";
    let series: Vec<_> = ["ours", "usual"]
        .into_iter()
        .map(|peer| Series {
            name: peer.to_owned(),
            points: figures.points("pages", peer, "guest-memory").iter().map(|(page, y)| (*page, y / KIB)).collect(),
            line: None,
        })
        .filter(|series| !series.points.is_empty())
        .collect();
    if series.is_empty() {
        return Ok(Plot { file, svg: None });
    }
    let title = "Memory of the guest, page after page";
    Ok(Plot { file, svg: Some(chart::points(title, "page", "KiB of linear memory", &series, &[])?) })
}

fn in_flight(figures: &Figures<'_>) -> Result<Plot> {
    let file = "in-flight.svg";
    // From one to thousands: every number has the same room.
    let mut numbers: Vec<_> = IN_FLIGHT
        .iter()
        .flat_map(|(peer, _)| figures.points("in-flight", peer, "throughput"))
        .map(|point| point.0)
        .collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    if numbers.len() < 2 {
        return Ok(Plot { file, svg: None });
    }
    let place = |number: f64| numbers.iter().position(|other| *other == number).map(|place| place as f64);
    let series: Vec<_> = IN_FLIGHT
        .iter()
        .map(|(peer, title)| Series {
            name: (*title).to_owned(),
            points: figures
                .points("in-flight", peer, "throughput")
                .into_iter()
                .filter_map(|(number, rate)| Some((place(number)?, rate)))
                .collect(),
            line: None,
        })
        .filter(|series| !series.points.is_empty())
        .collect();
    let labels: Vec<_> = numbers.iter().map(|number| whole(*number)).collect();
    let title = "Creates a second over executions in flight, more is better";
    Ok(Plot { file, svg: Some(chart::points(title, "executions in flight", "creates a second", &series, &labels)?) })
}
