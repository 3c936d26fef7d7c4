//! A run that was made up: what is in it is in the document, and what is not is called so.

use std::path::PathBuf;

use super::*;
use crate::measurement::{Measurement, Unit};
use crate::results::{Contestant, Machine};

fn made_up() -> Results {
    let mut measurements = Vec::new();
    let mut add = |work: &str, peer: &str, quantity: &str, parameter: Option<f64>, median: f64| {
        let samples = vec![median * 0.9, median, median * 1.1];
        let unit = match quantity {
            "throughput" => Unit::PerSecond,
            "time" | "user" | "system" | "p50" | "mean" | "p99" | "processor" => Unit::Nanoseconds,
            _ => Unit::Bytes,
        };
        let org_share = (quantity == "time").then_some(0.25);
        let measurement = Measurement::of(work, peer, quantity, unit, samples).unwrap();
        measurements.push(Measurement { parameter, org_share, ..measurement });
    };
    for ours in ["ours", "ours-hosted"] {
        add("compile", ours, "size", None, 109_000.0);
        add("compile", ours, "time", Some(1.0), 90e6);
        add("compile", ours, "time", Some(2.0), 61e6);
        add("load", ours, "time", None, 0.2e6);
        add("instantiate", ours, "time", None, 8e3);
        add("create", ours, "user", None, 70e3);
        add("create", ours, "system", None, 40e3);
        add("create", ours, "time", None, 150e3);
        add("page", ours, "time", None, 1e6);
    }
    for (peer, create, page) in [("reqwest", 75e3, 0.4e6), ("jsforce", 1_500e3, 2e6)] {
        add("create", peer, "time", None, create);
        add("page", peer, "time", None, page);
    }
    for (records, bytes) in [(1.0, 1e3), (100.0, 100e3), (2_000.0, 746e3)] {
        add("page", "ours", "time", Some(records), 50e3 + bytes);
        add("page", "ours", "guest-memory", Some(bytes), 2.0 * bytes);
    }
    for page in 1..=50 {
        add("pages", "ours", "guest-memory", Some(f64::from(page)), 2e6);
    }
    for (executions, bytes) in [(100.0, 70.0), (1_000.0, 70.0), (5_000.0, 70.0)] {
        add("in-flight", "ours", "throughput", Some(executions), 10_000.0);
        add("in-flight", "ours", "mean", Some(executions), 400e6);
        add("in-flight", "ours", "p99", Some(executions), 600e6);
        add("in-flight", "ours", "host-rss", Some(executions), bytes * 1024.0);
        add("in-flight", "ours", "processor", Some(executions), 100e3);
    }
    for (peer, time, memory) in [("ours", 2e9, 16.0), ("jsforce", 5e9, 512.0)] {
        add("bulk-query", peer, "time", Some(1_000.0), time / 1e3);
        add("bulk-query", peer, "time", Some(1e6), time);
        add("bulk-query", peer, "host-rss", Some(1e6), memory * 1024.0 * 1024.0);
    }
    add("bulk-query", "ours", "user", Some(1e6), 1e9);
    add("bulk-query", "ours", "system", Some(1e6), 0.5e9);
    let machine = Machine {
        processor: "Some Processor".to_owned(),
        cores: 2,
        kernel: "Linux 6".to_owned(),
        memory_bytes: 8 << 30,
        rustc: "rustc 1.95.0".to_owned(),
        wasmtime: "48".to_owned(),
        date: "2026-11-24".to_owned(),
        commit: "0123456".to_owned(),
    };
    let contestants = vec![Contestant { name: "jsforce".to_owned(), version: "Node.js 20".to_owned() }];
    Results { quick: false, machine, contestants, measurements }
}

fn document(results: &Results) -> String {
    sections::all(&Figures::of(results), &[])
}

/// The cells of the first row that begins so.
fn row(document: &str, first: &str) -> Vec<String> {
    let start = format!("| {first} |");
    let line = document.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no row {first}"));
    line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
}

#[test]
fn verdicts_follow_from_the_figures() {
    let document = document(&made_up());
    for (target, rest) in [
        ("create: user time", ["at most 75.0 µs", "70.0 µs", "reached"]),
        ("create: our time ÷ reqwest's", ["at most 1.50 ×", "2.00 ×", "**missed**"]),
        ("page of 2,000 records", ["at most 1.20 ms", "1.00 ms", "reached"]),
        ("compiling the component, all processors", ["at most 60.0 ms", "61.0 ms", "**missed**"]),
        ("loading it compiled", ["at most 400 µs", "200 µs", "reached"]),
        ("5,000 in flight: slowest hundredth ÷ mean", ["at most 1.40 ×", "1.50 ×", "**missed**"]),
    ] {
        assert_eq!(row(&document, target)[1..], rest, "{target}");
    }
    assert!(document.contains("Of 6 targets, 6 were measured and 3 reached."), "{document}");
}

#[test]
fn what_is_missed_says_why_and_nothing_else_does() {
    let document = document(&made_up());
    let (_, reasons) = document.split_once("What stands in the way of those missed:").unwrap();
    let reasons: Vec<_> = reasons.split("##").next().unwrap().trim().lines().collect();
    let missed = ["create: our time ÷ reqwest's", "compiling the component", "5,000 in flight"];
    assert_eq!(reasons.len(), missed.len(), "{reasons:?}");
    for (reason, missed) in reasons.iter().zip(missed) {
        assert!(reason.starts_with(&format!("- {missed}")) && reason.ends_with('.'), "{reason}");
    }
}

#[test]
fn every_contestant_says_what_sets_its_executions_apart() {
    let document = document(&made_up());
    let (_, apart) = document.split_once("### What sets executions apart").unwrap();
    let mut names = contestants::CALLS.to_vec();
    names.extend(contestants::TLS);
    names.extend(contestants::BULK);
    for name in names {
        let cells = row(apart, name);
        assert!(cells.len() == 7 && cells.iter().all(|cell| !cell.is_empty()), "{cells:?}");
        assert_eq!(row(&document, name).len(), 3, "{name}");
    }
    assert_eq!(row(apart, "jsforce")[1], "nothing");
}

#[test]
fn bulk_is_told_with_the_most_rows() {
    let document = document(&made_up());
    let (_, bulk) = document.split_once("## In bulk").unwrap();
    let ours = ["1,000,000", "2.00 s", "500,000/s", "1.00 ×", "1.00 s + 500 ms", "16.0 MiB", "3", "25 %"];
    assert_eq!(row(bulk, "ours")[1..], ours);
    assert_eq!(row(bulk, "jsforce")[1..7], ["1,000,000", "5.00 s", "200,000/s", "2.50 ×", "", "512 MiB"]);
    assert_eq!(row(bulk, "simple-salesforce")[1], "not measured");
}

#[test]
fn every_row_of_every_table_has_its_figure_or_says_that_there_is_none() {
    for results in [made_up(), Results { measurements: Vec::new(), ..made_up() }] {
        let document = document(&results);
        let mut rows = 0;
        for line in document.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---")) {
            let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            // A header's first cell is empty, or names what the others depend on.
            if !cells[0].is_empty() && cells[0] != "in flight" {
                rows += 1;
                assert!(cells[1..].iter().any(|cell| !cell.is_empty()), "{line}");
            }
        }
        assert!(rows > 60, "{rows}");
        assert!(!document.contains("NaN") && !document.contains("inf "), "{document}");
    }
}

#[test]
fn without_a_measurement_there_is_no_figure_at_all() {
    let document = document(&Results { measurements: Vec::new(), contestants: Vec::new(), ..made_up() });
    let (_, results) = document.split_once("## Before the first call").unwrap();
    for unit in [" ns", " µs", " ms |", " KiB |", " MiB", " GB/s", "/s |", " × |"] {
        assert!(!results.contains(unit), "{unit} in {results}");
    }
    assert!(document.contains("Of 6 targets, 0 were measured and 0 reached."), "{document}");
    assert!(!document.contains(".svg"), "{document}");
}

#[test]
fn the_cost_model_is_the_line_through_the_points() {
    let document = document(&made_up());
    assert_eq!(row(&document, "time of a page")[1..], ["50.0 µs", "1.00 µs a KB of body", "1.0000"]);
    assert_eq!(row(&document, "guest memory of a page")[2..], ["2.00 bytes a byte of body", "1.0000"]);
    assert_eq!(row(&document, "host memory")[2..], ["70.0 KiB an execution in flight", "1.0000"]);
    assert_eq!(row(&document, "creates a second for each core")[1], "10,000/s");
    assert_eq!(row(&document, "memory for 1,000 executions in flight")[1], "68.4 MiB");
}

#[test]
fn plots_are_drawn_of_what_there_is_and_old_ones_do_not_stay() {
    let docs = Scratch::new("drawn");
    write(&made_up(), &docs.0).unwrap();
    let document = fs::read_to_string(docs.0.join("BENCHMARKS.md")).unwrap();
    let files = ["create.svg", "page.svg", "page-time.svg", "page-guest-memory.svg", "pages-memory.svg"];
    for file in files.iter().chain(&["in-flight.svg", "in-flight-memory.svg"]) {
        let svg = fs::read_to_string(docs.0.join("benchmarks").join(file)).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("#FFFFFF") && !svg.contains("NaN"), "{file}: {svg}");
        assert!(document.contains(&format!("(benchmarks/{file})")), "{file}");
    }
    assert!(!document.contains("get-fields.svg") && !docs.0.join("benchmarks/get-fields.svg").exists());

    write(&Results { measurements: Vec::new(), ..made_up() }, &docs.0).unwrap();
    assert_eq!(fs::read_dir(docs.0.join("benchmarks")).unwrap().count(), 0);
    assert!(!fs::read_to_string(docs.0.join("BENCHMARKS.md")).unwrap().contains(".svg"));
}

/// A folder that is gone again with this value.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("bench-report-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}
