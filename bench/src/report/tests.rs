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
            "time" | "p50" | "p99" | "processor" => Unit::Nanoseconds,
            _ => Unit::Bytes,
        };
        let org_share = (quantity == "time").then_some(0.25);
        let measurement = Measurement::of(work, peer, quantity, unit, samples).unwrap();
        measurements.push(Measurement { parameter, org_share, ..measurement });
    };
    add("compile", "ours", "size", None, 109_000.0);
    add("compile", "ours", "time", Some(1.0), 90e6);
    add("compile", "ours", "time", Some(2.0), 61e6);
    add("load", "ours", "time", None, 0.2e6);
    add("instantiate", "ours", "time", None, 8e3);
    for (peer, create, page) in [("ours", 150e3, 1e6), ("hyper", 100e3, 0.4e6), ("jsforce", 1_500e3, 2e6)] {
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
        add("in-flight", "ours", "p99", Some(executions), 600e6);
        add("in-flight", "ours", "host-rss", Some(executions), bytes * 1024.0);
        add("in-flight", "ours", "processor", Some(executions), 100e3);
    }
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
        ("component", ["at most 110 KB", "109 KB", "reached"]),
        ("compiling it, all processors", ["at most 60.0 ms", "61.0 ms", "**missed**"]),
        ("create: our time ÷ hyper's", ["at most 1.80 ×", "1.50 ×", "reached"]),
        ("create: jsforce's time ÷ ours", ["at least 8.00 ×", "10.0 ×", "reached"]),
        ("page: jsforce's time ÷ ours", ["at least 2.50 ×", "2.00 ×", "**missed**"]),
        ("page: reqwest's time ÷ ours", ["at least 2.50 ×", "not measured", ""]),
        ("page over HTTPS: simple-salesforce's time ÷ ours", ["at least 6.00 ×", "not measured", ""]),
        ("JSON from the network to the caller", ["none", "1.00 GB/s", ""]),
        ("guest memory of a page ÷ its size", ["at most 3.00 ×", "2.00 ×", "reached"]),
        ("guest memory over 50 pages: largest ÷ smallest", ["at most 1.10 ×", "1.00 ×", "reached"]),
        ("memory of an execution, 5,000 in flight", ["at most 96.0 KiB", "70.0 KiB", "reached"]),
    ] {
        assert_eq!(row(&document, target)[1..], rest, "{target}");
    }
    assert!(document.contains("Of 14 targets with a bound, 11 were measured and 8 reached."), "{document}");
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
    assert!(document.contains("Of 13 targets with a bound, 0 were measured and 0 reached."), "{document}");
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
