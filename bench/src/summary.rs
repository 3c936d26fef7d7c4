//! The results on a terminal, while a run goes on.

use std::fmt::Write;

use crate::measurement::{Measurement, Unit};

/// One line for each measurement; those of other contestants than ours with how many times as much theirs is.
pub(crate) fn of(measurements: &[Measurement]) -> String {
    let mut text = String::new();
    for measurement in measurements {
        let Measurement { work, peer, quantity, parameter, unit, samples, low, median, high, org_share } = measurement;
        let ours = measurements.iter().find(|ours| {
            ours.peer == "ours" && ours.work == *work && ours.quantity == *quantity && ours.parameter == *parameter
        });
        let parameter = parameter.map_or(String::new(), |parameter| format!(" [{parameter}]"));
        let what = format!("{work} {quantity}{parameter}");
        let (low, median_text, high) = (show(*low, *unit), show(*median, *unit), show(*high, *unit));
        let _infallible = write!(text, "{what:30} {peer:18} {median_text:>12}  ({low} to {high}, {samples})");
        // Processor time is counted in ticks, of which a short run may have none.
        let multiple = ours.map(|ours| median / ours.median).filter(|multiple| peer != "ours" && multiple.is_finite());
        if let Some(multiple) = multiple {
            let _infallible = write!(text, "  {multiple:.2} x ours");
        }
        if let Some(share) = org_share {
            let _infallible = write!(text, "  org {:.0} %", share * 100.0);
        }
        text.push('\n');
    }
    text
}

fn show(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Nanoseconds if value < 1e6 => format!("{:.2} us", value / 1e3),
        Unit::Nanoseconds if value < 1e9 => format!("{:.2} ms", value / 1e6),
        Unit::Nanoseconds => format!("{:.2} s", value / 1e9),
        Unit::Bytes if value < 1e6 => format!("{:.1} KB", value / 1e3),
        Unit::Bytes => format!("{:.2} MB", value / 1e6),
        Unit::PerSecond => format!("{value:.0}/s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_told_as_multiples_of_ours_at_the_same_work() {
        let of = |work, peer, median| Measurement::of(work, peer, "time", Unit::Nanoseconds, vec![median]).unwrap();
        let text = super::of(&[
            of("create", "ours", 2e3),
            of("create", "hyper", 1e3),
            of("page", "hyper", 9e6),
            of("load", "ours", 0.0),
            of("load", "usual", 1e3),
        ]);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].ends_with("2.00 us  (2.00 us to 2.00 us, 1)"), "{text}");
        assert!(lines[1].ends_with("0.50 x ours"), "{text}");
        assert!(lines[2].ends_with("9.00 ms  (9.00 ms to 9.00 ms, 1)"), "{text}");
        assert!(lines[4].ends_with("1.00 us  (1.00 us to 1.00 us, 1)"), "{text}");
    }
}
