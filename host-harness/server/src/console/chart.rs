//! Executions as a picture: how long each took, and how they ended. Drawn here, as SVG without script or inline style.

use maud::{Markup, html};

use super::page::time;
use crate::clock::rfc3339;
use crate::executions::{ExecutionRecord, ExecutionState};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;

/// An execution that has ended, where it is on the chart's axes.
struct Dot<'a> {
    record: &'a ExecutionRecord,
    milliseconds: f64,
}

/// Class of a state's colour.
pub(super) fn class(state: ExecutionState) -> &'static str {
    match state {
        ExecutionState::Succeeded => "good",
        ExecutionState::Failed => "bad",
        ExecutionState::Unknown => "odd",
        ExecutionState::Running | ExecutionState::Cancelled => "calm",
    }
}

/// A duration for people.
pub(super) fn duration(microseconds: i64) -> String {
    let milliseconds = microseconds as f64 / 1000.0;
    match milliseconds {
        short if short < 10.0 => format!("{short:.1} ms"),
        short if short < 1000.0 => format!("{short:.0} ms"),
        long => format!("{:.2} s", long / 1000.0),
    }
}

/// Durations over time, each execution a mark whose shape and colour tell its outcome.
pub(super) fn latency(records: &[ExecutionRecord]) -> Markup {
    let ended = records.iter().filter_map(|record| {
        let microseconds = record.duration_us?;
        Some(Dot { record, milliseconds: (microseconds as f64 / 1000.0).max(0.01) })
    });
    let dots: Vec<Dot<'_>> = ended.collect();
    let (Some(newest), Some(oldest)) = (dots.first(), dots.last()) else {
        return html! { p class="hint" id="no-latency" { "No execution has ended yet." } };
    };
    let decade = |dot: &Dot<'_>| dot.milliseconds.log10();
    let lowest = dots.iter().map(decade).fold(f64::INFINITY, f64::min).floor();
    let highest = dots.iter().map(decade).fold(f64::NEG_INFINITY, f64::max).ceil().max(lowest + 1.0);
    let (from, to) = (oldest.record.started_at, newest.record.started_at);
    let span = ((to - from) as f64).max(1.0);
    let x = |dot: &Dot<'_>| {
        let part = if from == to { 0.5 } else { (dot.record.started_at - from) as f64 / span };
        LEFT + part * (WIDTH - LEFT - RIGHT)
    };
    let y = |decade: f64| HEIGHT - BOTTOM - (decade - lowest) / (highest - lowest) * (HEIGHT - TOP - BOTTOM);
    let decades = (lowest as i32)..=(highest as i32);
    let words = summary(&dots);
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="Durations" {
            svg id="latency" class="chart" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-labelledby="latency-title latency-summary" {
                title id="latency-title" { "Durations of the executions over time, on a logarithmic scale" }
                desc id="latency-summary" { (words) }
                @for step in decades {
                    @let line = y(f64::from(step));
                    path class="axis" d={ "M" (LEFT) " " (px(line)) "H" (WIDTH - RIGHT) } {}
                    text x=(LEFT - 8.0) y=(px(line + 4.0)) text-anchor="end" { (duration(10_f64.powi(step + 3) as i64)) }
                }
                text x=(LEFT) y=(HEIGHT - 8.0) data-time=(rfc3339(from)) { (time_text(from)) }
                text x=(WIDTH - RIGHT) y=(HEIGHT - 8.0) text-anchor="end" data-time=(rfc3339(to)) { (time_text(to)) }
                @for dot in dots.iter().rev() {
                    path class=(class(dot.record.state)) d=(mark(dot.record.state, x(dot), y(decade(dot)))) {
                        title {
                            (dot.record.action) ", " (dot.record.state) ", "
                            (duration(dot.record.duration_us.unwrap_or_default())) ", " (time_text(dot.record.started_at))
                        }
                    }
                }
            }
        }
        p class="hint" id="latency-words" { (words) " From " (time(from)) " to " (time(to)) "." }
    }
}

/// How many ended how, as a bar and as numbers.
pub(super) fn outcomes(records: &[ExecutionRecord]) -> Markup {
    let count = |state| records.iter().filter(|record| record.state == state).count();
    let counts = ExecutionState::ALL.map(|state| (state, count(state)));
    let total = records.len().max(1) as f64;
    let mut before = 0.0;
    let parts = counts.map(|(state, count)| {
        let (from, width) = (before, count as f64 / total * 100.0);
        before += width;
        (state, from, width)
    });
    let words = counts.map(|(state, count)| format!("{count} {state}")).join(", ");
    html! {
        svg id="outcomes" class="chart bar" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-labelledby="outcomes-title" {
            title id="outcomes-title" { "Outcomes: " (words) }
            @for (state, from, width) in parts {
                @if width > 0.0 { rect class=(class(state)) x=(px(from)) y="0" width=(px(width)) height="4" {} }
            }
        }
        ul class="key" {
            @for (state, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
                li {
                    svg viewBox="0 0 14 14" aria-hidden="true" { path class=(class(state)) d=(mark(state, 7.0, 7.0)) {} }
                    (state) ": " span id={ "count-" (state) } { (count) }
                }
            }
        }
    }
}

/// The outline of a state's mark around a point: states differ in shape, not in colour alone.
fn mark(state: ExecutionState, x: f64, y: f64) -> String {
    let at = |dx: f64, dy: f64| format!("{} {}", px(x + dx), px(y + dy));
    match state {
        // A circle.
        ExecutionState::Succeeded => format!("M{}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z", at(-4.0, 0.0)),
        // A cross.
        ExecutionState::Failed => format!(
            "M{}l3.5 3.5l3.5 -3.5l1.5 1.5l-3.5 3.5l3.5 3.5l-1.5 1.5l-3.5 -3.5l-3.5 3.5l-1.5 -1.5l3.5 -3.5l-3.5 -3.5Z",
            at(-3.5, -5.0)
        ),
        // A triangle.
        ExecutionState::Unknown => format!("M{}l5 9h-10Z", at(0.0, -5.0)),
        // A square.
        ExecutionState::Cancelled => format!("M{}h8v8h-8Z", at(-4.0, -4.0)),
        // A bar.
        ExecutionState::Running => format!("M{}h10v4h-10Z", at(-5.0, -2.0)),
    }
}

fn summary(dots: &[Dot<'_>]) -> String {
    let mut durations: Vec<i64> = dots.iter().filter_map(|dot| dot.record.duration_us).collect();
    durations.sort_unstable();
    // The nearest rank: a duration that was measured.
    let rank = |percent: usize| {
        let place = (durations.len() * percent).div_ceil(100).saturating_sub(1);
        durations.get(place).map(|microseconds| duration(*microseconds)).unwrap_or_default()
    };
    format!("{} ended: median {}, 95th percentile {}, longest {}.", durations.len(), rank(50), rank(95), rank(100))
}

fn time_text(milliseconds: i64) -> String {
    rfc3339(milliseconds).replace('T', " ").chars().take(19).collect::<String>() + " UTC"
}

/// A coordinate, no longer than it is precise.
fn px(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(state: ExecutionState, started_at: i64, duration_us: Option<i64>) -> ExecutionRecord {
        ExecutionRecord {
            id: "e".to_owned(),
            connection: "c".to_owned(),
            component: None,
            action: "soql-query".to_owned(),
            idempotency_key: None,
            state,
            outcome: None,
            error_kind: None,
            started_at,
            duration_us,
            records: 0,
            api_usage: None,
        }
    }

    #[test]
    fn every_ended_execution_is_a_mark_within_the_picture() {
        let records = [
            record(ExecutionState::Running, 9_000, None),
            record(ExecutionState::Failed, 5_000, Some(2_000_000)),
            record(ExecutionState::Succeeded, 1_000, Some(0)),
        ];
        let svg = latency(&records).into_string();
        assert_eq!(svg.matches("<path class=\"bad\"").count() + svg.matches("<path class=\"good\"").count(), 2);
        assert!(svg.contains("2 ended: median 0.0 ms, 95th percentile 2.00 s, longest 2.00 s."), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("style="), "{svg}");
        assert!(latency(&records[..1]).into_string().contains("No execution has ended"));
        assert!(!latency(&records[1..2]).into_string().contains("NaN"));
    }

    #[test]
    fn outcomes_are_counted() {
        let records = [record(ExecutionState::Failed, 1, Some(1)), record(ExecutionState::Failed, 0, Some(1))];
        let bar = outcomes(&records).into_string();
        assert!(bar.contains("2 failed") && bar.contains("0 succeeded") && bar.matches("<rect").count() == 1, "{bar}");
        assert!(!outcomes(&[]).into_string().contains("NaN"));
    }
}
