//! What one thing more costs: straight lines through what was measured, and what they mean for a fleet.

use super::figures::Figures;
use super::least_squares::Line;
use super::tables::table;
use super::units::{NOT_MEASURED, digits, memory, or_not_measured, per_second, size, time};

/// A second, in nanoseconds.
const SECOND: f64 = 1e9;

/// Time of a page, in nanoseconds, over the bytes of its body.
pub(crate) fn page_time(figures: &Figures<'_>) -> Option<Line> {
    Line::through(&figures.page_growth())
}

/// Linear memory of the execution that reads a page, over the bytes of its body.
pub(crate) fn page_memory(figures: &Figures<'_>) -> Option<Line> {
    Line::through(&figures.points("page", "ours", "guest-memory"))
}

/// Memory that all executions in flight add to the process, over their number.
pub(crate) fn in_flight_memory(figures: &Figures<'_>) -> Option<Line> {
    Line::through(&figures.memory_growth())
}

/// Bytes of JSON in a second that one more byte of a page goes at.
fn json_rate(figures: &Figures<'_>) -> Option<f64> {
    page_time(figures).filter(|line| line.slope > 0.0).map(|line| SECOND / line.slope)
}

/// The lines as a table.
pub(crate) fn lines(figures: &Figures<'_>) -> String {
    let row = |what: &str, line: Option<Line>, show: fn(f64) -> String, each: &str, slope: fn(f64) -> String| {
        let Some(line) = line else {
            return vec![what.to_owned(), NOT_MEASURED.to_owned(), String::new(), String::new()];
        };
        let cells = [show(line.intercept), format!("{} {each}", slope(line.slope)), format!("{:.4}", line.r_squared)];
        [what.to_owned()].into_iter().chain(cells).collect()
    };
    table(
        &["", "fixed", "and for each", "R²"],
        vec![
            row("time of a page", page_time(figures), time, "a KB of body", |slope| time(slope * 1e3)),
            row("guest memory of a page", page_memory(figures), memory, "a byte of body", |slope| {
                format!("{} bytes", digits(slope))
            }),
            row("host memory", in_flight_memory(figures), memory, "an execution in flight", memory),
        ],
    )
}

/// What the lines mean for a fleet.
pub(crate) fn fleet(figures: &Figures<'_>) -> String {
    let processor = figures.points("in-flight", "ours", "processor").last().map(|point| point.1);
    let thousand = in_flight_memory(figures).map(|line| line.slope * 1e3);
    let mut rows = vec![
        row("processor time of a create, in the host", processor, time),
        row("creates a second for each core", processor.map(|one| SECOND / one), per_second),
        row("cores for 1,000 creates a second", processor.map(|one| 1e3 * one / SECOND), digits),
        row("memory for 1,000 executions in flight", thousand, memory),
    ];
    // Little's law: in flight = rate * time in flight.
    for (answer, milliseconds) in [("100 ms", 100.0), ("1 s", 1000.0)] {
        let what = format!("memory for 1,000 creates a second, if Salesforce takes {answer} to answer");
        rows.push(row(&what, thousand.map(|thousand| thousand * milliseconds / 1000.0), memory));
    }
    let json = json_rate(figures);
    rows.push(row("JSON of a page, from the network to the caller", json, |rate| format!("{}/s", size(rate))));
    let page = figures.median("page", "ours", "time");
    rows.push(row(
        "records a second, page after page, on one connection",
        page.map(|page| 2_000.0 * SECOND / page),
        per_second,
    ));
    table(&["", ""], rows)
}

fn row(what: &str, value: Option<f64>, show: fn(f64) -> String) -> Vec<String> {
    vec![what.to_owned(), or_not_measured(value, show)]
}
