//! What the connector is meant to reach, what was measured, and whether it did: the verdict is a comparison, no text.

use super::cost_model;
use super::figures::Figures;
use super::tables::table;
use super::units::{NOT_MEASURED, memory, or_not_measured, ratio, size, time};

/// What is wanted of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// It is only told.
    None,
}

/// One line of the table.
struct Target {
    what: &'static str,
    bound: Bound,
    measured: Option<f64>,
    show: fn(f64) -> String,
}

/// Executions in flight of the targets.
pub(crate) const IN_FLIGHT: f64 = 5_000.0;

/// What the organisation takes to answer when many are in flight, in nanoseconds.
const LATENCY: f64 = 100e6;

/// The table.
pub(crate) fn section(figures: &Figures<'_>) -> String {
    let rows = targets(figures).into_iter().map(|target| target.row()).collect();
    table(&["", "target", "measured", ""], rows)
}

fn targets(figures: &Figures<'_>) -> Vec<Target> {
    use Bound::{AtLeast, AtMost};
    let target = |what, bound, measured, show| Target { what, bound, measured, show };
    let in_flight = |quantity| figures.find("in-flight", "ours", quantity, Some(IN_FLIGHT)).map(|found| found.median);
    let compiled = figures.series("compile", "ours", "time").last().map(|(_, found)| found.median);
    vec![
        target("component", AtMost(110_000.0), figures.median("compile", "ours", "size"), size),
        target("compiling it, all processors", AtMost(60e6), compiled, time),
        target("loading it compiled", AtMost(0.3e6), figures.median("load", "ours", "time"), time),
        target("instantiating it", AtMost(9e3), figures.median("instantiate", "ours", "time"), time),
        target("create: our time ÷ hyper's", AtMost(1.8), figures.ratio("create", "ours", "hyper"), ratio),
        target("create: jsforce's time ÷ ours", AtLeast(8.0), figures.ratio("create", "jsforce", "ours"), ratio),
        target(
            "create over HTTPS: simple-salesforce's time ÷ ours",
            AtLeast(3.0),
            figures.ratio("create-tls", "simple-salesforce", "ours"),
            ratio,
        ),
        target("page: reqwest's time ÷ ours", AtLeast(2.5), figures.ratio("page", "reqwest", "ours"), ratio),
        target("page: jsforce's time ÷ ours", AtLeast(2.5), figures.ratio("page", "jsforce", "ours"), ratio),
        target(
            "page over HTTPS: simple-salesforce's time ÷ ours",
            AtLeast(6.0),
            figures.ratio("page-tls", "simple-salesforce", "ours"),
            ratio,
        ),
        target("JSON from the network to the caller", Bound::None, cost_model::json_rate(figures), bytes_per_second),
        target("guest memory of a page ÷ its size", AtMost(3.0), guest_memory_of_page(figures), ratio),
        target("guest memory over 50 pages: largest ÷ smallest", AtMost(1.1), guest_memory_growth(figures), ratio),
        target("memory of an execution, 5,000 in flight", AtMost(96.0 * 1024.0), in_flight("host-rss"), memory),
        target("slowest hundredth, 5,000 in flight", patience(figures), in_flight("p99"), time),
    ]
}

/// One and a half times what Salesforce takes to answer and all that are in flight take of the processors.
fn patience(figures: &Figures<'_>) -> Bound {
    let processor = figures.find("in-flight", "ours", "processor", Some(IN_FLIGHT)).map(|found| found.median);
    let cores = figures.results.machine.cores.max(1) as f64;
    processor.map_or(Bound::None, |one| Bound::AtMost(1.5 * (LATENCY + IN_FLIGHT * one / cores)))
}

/// Of the largest page.
fn guest_memory_of_page(figures: &Figures<'_>) -> Option<f64> {
    let (bytes, memory) = figures.points("page", "ours", "guest-memory").last().copied()?;
    Some(memory / bytes)
}

fn guest_memory_growth(figures: &Figures<'_>) -> Option<f64> {
    let pages = figures.points("pages", "ours", "guest-memory");
    let largest = pages.iter().map(|page| page.1).max_by(f64::total_cmp)?;
    let smallest = pages.iter().map(|page| page.1).min_by(f64::total_cmp)?;
    // One page alone says nothing about growth.
    (pages.len() > 1).then_some(largest / smallest)
}

fn bytes_per_second(rate: f64) -> String {
    format!("{}/s", size(rate))
}

impl Target {
    fn row(self) -> Vec<String> {
        let bound = match self.bound {
            Bound::AtMost(most) => format!("at most {}", (self.show)(most)),
            Bound::AtLeast(least) => format!("at least {}", (self.show)(least)),
            Bound::None => "none".to_owned(),
        };
        let reached = match (self.bound, self.measured) {
            (_, None) => return vec![self.what.to_owned(), bound, NOT_MEASURED.to_owned(), String::new()],
            (Bound::None, _) => "",
            (Bound::AtMost(most), Some(measured)) if measured <= most => "reached",
            (Bound::AtLeast(least), Some(measured)) if measured >= least => "reached",
            _ => "**missed**",
        };
        vec![self.what.to_owned(), bound, or_not_measured(self.measured, self.show), reached.to_owned()]
    }
}

/// In one sentence, how many there are of each.
pub(crate) fn summary(figures: &Figures<'_>) -> String {
    let rows: Vec<_> = targets(figures).into_iter().filter(|target| target.bound != Bound::None).collect();
    let (all, measured) = (rows.len(), rows.iter().filter(|target| target.measured.is_some()).count());
    let reached = rows.into_iter().filter(|target| target.measured.is_some()).map(Target::row);
    let reached = reached.filter(|row| row.last().is_some_and(|verdict| verdict == "reached")).count();
    format!("Of {all} targets with a bound, {measured} were measured and {reached} reached.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(bound: Bound, measured: Option<f64>) -> String {
        Target { what: "", bound, measured, show: ratio }.row().pop().unwrap()
    }

    #[test]
    fn the_verdict_is_the_comparison() {
        assert_eq!(verdict(Bound::AtMost(2.0), Some(2.0)), "reached");
        assert_eq!(verdict(Bound::AtMost(2.0), Some(2.1)), "**missed**");
        assert_eq!(verdict(Bound::AtLeast(2.0), Some(2.1)), "reached");
        assert_eq!(verdict(Bound::AtLeast(2.0), Some(1.9)), "**missed**");
        assert_eq!(verdict(Bound::AtLeast(2.0), None), "");
        assert_eq!(verdict(Bound::None, Some(1.0)), "");
    }
}
