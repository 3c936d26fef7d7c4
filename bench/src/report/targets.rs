//! What the connector is meant to reach, what was measured, and whether it did: the verdict is a comparison, no text. What is
//! missed has its reason below the table.

use super::figures::Figures;
use super::tables::table;
use super::units::{or_not_measured, ratio, time};

/// One line of the table.
struct Target {
    what: &'static str,
    /// The most that it may be.
    bound: f64,
    measured: Option<f64>,
    show: fn(f64) -> String,
    /// What stands in the way, for when it is missed.
    why: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Reached,
    Missed,
    NotMeasured,
}

/// The component that the targets are for: the one that `harness` and its server run.
const OURS: &str = "ours-hosted";

/// Executions in flight of the targets.
const IN_FLIGHT: f64 = 5_000.0;

/// In one sentence how many are reached, the table, and why others are not.
pub(crate) fn section(figures: &Figures<'_>) -> String {
    let targets = targets(figures);
    let count = |verdict| targets.iter().filter(|target| target.verdict() == verdict).count();
    let (reached, missed) = (count(Verdict::Reached), count(Verdict::Missed));
    let missing: String =
        targets.iter().filter(|target| target.verdict() == Verdict::Missed).map(Target::reason).collect();
    format!(
        "## Targets\n\nOf {} targets, {} were measured and {reached} reached.\n\n{}{}",
        targets.len(),
        reached + missed,
        table(&["", "target", "measured", ""], targets.iter().map(Target::row).collect()),
        if missing.is_empty() {
            String::new()
        } else {
            format!("\nWhat stands in the way of those missed:\n\n{missing}")
        },
    )
}

fn targets(figures: &Figures<'_>) -> [Target; 6] {
    let in_flight = |quantity| figures.find("in-flight", "ours", quantity, Some(IN_FLIGHT)).map(|found| found.median);
    let spread = in_flight("p99").zip(in_flight("mean")).map(|(slowest, mean)| slowest / mean);
    [
        Target {
            what: "create: user time",
            bound: 75e3,
            measured: figures.median("create", OURS, "user"),
            show: time,
            why: "an instance is made and dropped for each call, arguments, request and answer cross the boundary, and \
                  each request is built and checked anew",
        },
        Target {
            what: "create: our time ÷ reqwest's",
            bound: 1.5,
            measured: figures.ratio("create", OURS, "reqwest"),
            show: ratio,
            why: "the same: reqwest does its calls in one process that stays",
        },
        Target {
            what: "page of 2,000 records",
            bound: 1.2e6,
            measured: figures.median("page", OURS, "time"),
            show: time,
            why: "all of the body is copied into the component and its records out of it, and all of its JSON is checked \
                  between, in WebAssembly",
        },
        Target {
            what: "compiling the component, all processors",
            bound: 60e6,
            measured: figures.series("compile", OURS, "time").last().map(|(_, found)| found.median),
            show: time,
            why: "it grows with the component, and the component with its functions; functions are compiled side by side, \
                  but the largest of them by one processor",
        },
        Target {
            what: "loading it compiled",
            bound: 0.4e6,
            measured: figures.median("load", OURS, "time"),
            show: time,
            why: "the component and its compiled code are read and their digests compared before any of it runs",
        },
        Target {
            what: "5,000 in flight: slowest hundredth ÷ mean",
            bound: 1.4,
            measured: spread,
            show: ratio,
            why: "the answers come in a burst, and the last of them waits until the processors have done with all others",
        },
    ]
}

impl Target {
    fn verdict(&self) -> Verdict {
        match self.measured {
            None => Verdict::NotMeasured,
            Some(measured) if measured <= self.bound => Verdict::Reached,
            Some(_) => Verdict::Missed,
        }
    }

    fn row(&self) -> Vec<String> {
        let verdict = match self.verdict() {
            Verdict::Reached => "reached",
            Verdict::Missed => "**missed**",
            Verdict::NotMeasured => "",
        };
        let measured = or_not_measured(self.measured, self.show);
        vec![self.what.to_owned(), format!("at most {}", (self.show)(self.bound)), measured, verdict.to_owned()]
    }

    fn reason(&self) -> String {
        format!("- {}: {}.\n", self.what, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_the_comparison() {
        let verdict = |measured| Target { what: "", bound: 2.0, measured, show: ratio, why: "" }.verdict();
        assert_eq!(verdict(Some(2.0)), Verdict::Reached);
        assert_eq!(verdict(Some(2.1)), Verdict::Missed);
        assert_eq!(verdict(Some(f64::NAN)), Verdict::Missed);
        assert_eq!(verdict(None), Verdict::NotMeasured);
    }
}
