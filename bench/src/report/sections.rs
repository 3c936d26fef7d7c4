//! The document, heading by heading.

use super::contestants::{CALLS, COMPONENTS, TLS};
use super::figures::Figures;
use super::tables::{Column, comparison, grid, table, texts};
use super::units::{NOT_MEASURED, memory, or_not_measured, per_second, percent, size, time, whole};
use super::{bulk, contestants, cost_model, targets};

/// The whole of `BENCHMARKS.md`. `drawn` names the plots that there are.
pub(crate) fn all(figures: &Figures<'_>, drawn: &[&str]) -> String {
    let plot = |file: &str, says: &str| match drawn.contains(&file) {
        true => format!("\n![{says}](benchmarks/{file})\n"),
        false => String::new(),
    };
    [
        head(figures),
        targets::section(figures),
        how(figures),
        contestants::section(figures),
        before_the_first_call(figures),
        calls(figures, &plot),
        tls(figures),
        pages(figures, &plot),
        bulk::section(figures),
        in_flight(figures, &plot),
        model(figures, &plot),
    ]
    .join("\n")
}

fn head(figures: &Figures<'_>) -> String {
    let quick = match figures.results.quick {
        true => {
            "\n**These figures are of a short run (`--quick`), which proves that the benchmark works and little else.**\n"
        }
        false => "",
    };
    format!(
        "# Benchmarks\n\n\
         *For people who compare it with another client.*\n\n\
         Written by `cargo xtask bench` from [benchmarks.json](benchmarks.json), every figure and every sentence about \
         one; `cargo xtask bench report` writes it again. Do not edit.\n{quick}"
    )
}

fn how(figures: &Figures<'_>) -> String {
    let machine = &figures.results.machine;
    let rows = [
        ("processor", format!("{}, {} for this program", machine.processor, whole(machine.cores as f64))),
        ("memory", memory(machine.memory_bytes as f64)),
        ("kernel", machine.kernel.clone()),
        ("built with", format!("{}, wasmtime {}", machine.rustc, machine.wasmtime)),
        ("day, commit", format!("{}, {}", machine.date, machine.commit)),
    ];
    let rows = rows.into_iter().map(|(what, is)| vec![what.to_owned(), is]).collect();
    format!(
        "## How it is measured\n\n\
         - All contestants ask one organisation, a process on the same machine whose answers were prepared before the \
         first question; a page is 2,000 records. The column *organisation* is the part of the time that it was on a \
         processor.\n\
         - Every contestant is a process of its own with one thread for its requests, which it sends one after the other. \
         Only many at once are measured with more threads.\n\
         - All are warmed up, then measured in turns: a little of each, many times over, in rotating order, so that \
         whatever else the machine does meets them all. Figures are medians over all operations of all turns, ratios are \
         of medians.\n\
         - Each contestant stops its own clock: from the call to the result that its user gets, all JSON on \
         the way included.\n\
         - *User + system* is processor time of an operation, of the contestant's process and those that it starts, \
         outside of the kernel and inside.\n\
         - Network and disk are this machine's own, so what is compared is the work of the clients; what Salesforce takes to \
         answer comes on top for all of them.\n\n\
         {}",
        texts(&["", ""], rows)
    )
}

fn before_the_first_call(figures: &Figures<'_>) -> String {
    let column = |title, work, quantity, show| Column { title, work, quantity, show };
    let columns = [
        column("component", "compile", "size", size as fn(f64) -> String),
        column("compile, all processors", "compile", "time", time),
        column("compiled code", "load", "size", size),
        column("load it", "load", "time", time),
        column("instantiate", "instantiate", "time", time),
    ];
    let one_thread = figures.find("compile", "ours", "time", Some(1.0)).map(|found| found.median);
    format!(
        "## Before the first call\n\n\
         A component is compiled when it arrives, loaded when the host starts, and instantiated for every call. In \
         parentheses: how many times ours.\n\n{}\n\
         Ours on one processor compiles in: {}.\n",
        grid(figures, &COMPONENTS, &columns),
        or_not_measured(one_thread, time),
    )
}

fn calls(figures: &Figures<'_>, plot: &impl Fn(&str, &str) -> String) -> String {
    let mut text = String::from("## One call\n\nOver plain HTTP.\n");
    for (work, title, says) in [
        ("create", "Create a record", "One POST; the id of the new record is read."),
        ("get-fields", "Read five fields of a record", "One GET; the fields are given back as an object."),
        ("page", "Read a page of 2,000 records", "One GET; every record is given back."),
    ] {
        text += &format!("\n### {title}\n\n{says}\n\n{}", comparison(figures, work, &CALLS, Some("hyper")));
        text += &plot(&format!("{work}.svg"), &format!("{title}: time of each contestant"));
    }
    text
}

fn tls(figures: &Figures<'_>) -> String {
    format!(
        "## Over HTTPS\n\n\
         The organisation speaks TLS. Without a kept connection, sessions are resumed where client and server agree on \
         it.\n\n### Create a record\n\n{}\n### Read a page of 2,000 records\n\n{}",
        comparison(figures, "create-tls", &TLS, Some("hyper")),
        comparison(figures, "page-tls", &TLS, Some("hyper")),
    )
}

fn pages(figures: &Figures<'_>, plot: &impl Fn(&str, &str) -> String) -> String {
    let peers = contestants::pages();
    let peak = peers.iter().map(|peer| {
        let rss = figures.median("pages", peer, "host-rss");
        vec![(*peer).to_owned(), or_not_measured(rss, memory)]
    });
    format!(
        "## 100,000 records over 50 pages\n\n\
         Each page is given back and dropped before the next is asked for; with `ours-streams`, while the next comes. Who would take too long for it is left out.\n\n\
         {}\n\
         The most memory of the whole process meanwhile, host and runtime included; with `process-per-call`, that of the \
         largest of its processes on top:\n\n{}{}",
        comparison(figures, "pages", &peers, Some("hyper")),
        table(&["", "peak"], peak.collect()),
        plot("pages-memory.svg", "Linear memory of the execution of each of 50 pages"),
    )
}

fn in_flight(figures: &Figures<'_>, plot: &impl Fn(&str, &str) -> String) -> String {
    let mut text = String::from(
        "## Many at once\n\n\
         Creates, as many in flight at any moment as the first column says; host and organisation share the processors. \
         Memory is what the process has with all of them in flight over what it had with none, divided by their number.\n",
    );
    for (peer, title) in IN_FLIGHT {
        let rows: Vec<_> = figures
            .series("in-flight", peer, "throughput")
            .into_iter()
            .map(|(executions, throughput)| {
                let of = |quantity: &str| {
                    figures.find("in-flight", peer, quantity, Some(executions)).map(|found| found.median)
                };
                vec![
                    whole(executions),
                    per_second(throughput.median),
                    or_not_measured(of("p50"), time),
                    or_not_measured(of("mean"), time),
                    or_not_measured(of("p99"), time),
                    or_not_measured(of("host-rss"), memory),
                    throughput.org_share.map_or_else(String::new, percent),
                ]
            })
            .collect();
        text += &format!("\n### {title}\n\n");
        text += &match rows.is_empty() {
            true => format!("{NOT_MEASURED}\n"),
            false => table(
                &["in flight", "throughput", "median", "mean", "99th percentile", "memory of each", "organisation"],
                rows,
            ),
        };
    }
    text + &plot("in-flight.svg", "Creates a second over executions in flight")
}

/// Who runs many at once, and how it is called.
pub(crate) const IN_FLIGHT: [(&str, &str); 3] = [
    ("ours", "Two threads"),
    ("ours-density", "Two threads, memory given back after each execution (`Limits::FOR_DENSITY`)"),
    ("ours-1-worker", "One thread"),
];

fn model(figures: &Figures<'_>, plot: &impl Fn(&str, &str) -> String) -> String {
    format!(
        "## Cost model\n\n\
         Straight lines through the measured medians, by least squares: what there is to pay once, and for each more. R² \
         is the part of the variation that the line explains; 1 is all of it. Times are of client and organisation \
         together, since they take turns.\n\n{}{}{}{}\n\
         ### What that means for a fleet\n\n{}",
        cost_model::lines(figures),
        plot("page-time.svg", "Time of a page over the size of its body, measured and line"),
        plot("page-guest-memory.svg", "Linear memory of the execution of a page over its size, measured and line"),
        plot("in-flight-memory.svg", "Memory of the host over executions in flight, measured and line"),
        cost_model::fleet(figures),
    )
}
