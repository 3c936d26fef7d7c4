//! Tables in Markdown. Every contestant of a comparison has its row, measured or not.

use super::figures::Figures;
use super::units::{NOT_MEASURED, or_not_measured, percent, ratio, time, whole};

/// A table of figures: they stand on the right.
pub(crate) fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    aligned("---:", header, rows)
}

/// A table of words.
pub(crate) fn texts(header: &[&str], rows: Vec<Vec<String>>) -> String {
    aligned("---", header, rows)
}

fn aligned(alignment: &str, header: &[&str], rows: Vec<Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let owned = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let mut rule = vec![alignment; header.len()];
    if let Some(first) = rule.first_mut() {
        *first = "---";
    }
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("{}{}{rows}", line(&owned(header)), line(&owned(&rule)))
}

/// Times of one work, as figures, as multiples of ours and of the floor.
pub(crate) fn comparison(figures: &Figures<'_>, work: &str, peers: &[&str], floor: Option<&str>) -> String {
    let mut header = vec!["", "median", "10th to 90th percentile", "÷ ours"];
    let of_floor = floor.map(|floor| format!("÷ {floor}"));
    header.extend(of_floor.as_deref());
    header.extend(["user + system", "operations", "organisation"]);
    let rows = peers.iter().map(|peer| {
        let found = figures.find(work, peer, "time", None);
        let mut row = vec![
            (*peer).to_owned(),
            or_not_measured(found.map(|found| found.median), time),
            found.map_or_else(String::new, |found| format!("{} to {}", time(found.low), time(found.high))),
        ];
        let multiple = |of: &str| figures.ratio(work, peer, of).map_or_else(String::new, ratio);
        row.push(multiple("ours"));
        row.extend(floor.map(multiple));
        row.push(processor(figures, work, peer, None).unwrap_or_default());
        row.push(found.map_or_else(String::new, |found| whole(found.samples as f64)));
        row.push(found.and_then(|found| found.org_share).map_or_else(String::new, percent));
        row
    });
    table(&header, rows.collect())
}

/// Processor time of an operation, outside of the kernel and inside.
pub(crate) fn processor(figures: &Figures<'_>, work: &str, peer: &str, parameter: Option<f64>) -> Option<String> {
    let of = |quantity| figures.find(work, peer, quantity, parameter).map(|found| time(found.median));
    Some(format!("{} + {}", of("user")?, of("system")?))
}

/// A column of a [`grid`].
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) work: &'static str,
    pub(crate) quantity: &'static str,
    pub(crate) show: fn(f64) -> String,
}

/// One quantity of several works for several contestants, with ours as the measure.
pub(crate) fn grid(figures: &Figures<'_>, peers: &[&str], columns: &[Column]) -> String {
    let mut header = vec![""];
    header.extend(columns.iter().map(|column| column.title));
    let rows = peers.iter().map(|peer| {
        let cells = columns.iter().map(|Column { work, quantity, show, .. }| {
            let Some(found) = largest(figures, work, peer, quantity) else { return NOT_MEASURED.to_owned() };
            let multiple = largest(figures, work, "ours", quantity).map(|ours| found / ours);
            match multiple.filter(|multiple| *peer != "ours" && multiple.is_finite()) {
                Some(multiple) => format!("{} ({})", show(found), ratio(multiple)),
                None => show(found),
            }
        });
        [(*peer).to_owned()].into_iter().chain(cells).collect()
    });
    table(&header, rows.collect())
}

/// The median: the one without a parameter, or that of the largest.
fn largest(figures: &Figures<'_>, work: &str, peer: &str, quantity: &str) -> Option<f64> {
    let with_parameter = || figures.points(work, peer, quantity).last().map(|point| point.1);
    figures.median(work, peer, quantity).or_else(with_parameter)
}
