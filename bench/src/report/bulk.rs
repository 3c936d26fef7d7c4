//! Rows in bulk.

use super::contestants::BULK;
use super::figures::Figures;
use super::tables::{processor, table};
use super::units::{NOT_MEASURED, memory, per_second, percent, ratio, time, whole};

/// Both directions.
pub(crate) fn section(figures: &Figures<'_>) -> String {
    format!(
        "## In bulk\n\n\
         By the Bulk API 2.0 over HTTPS, with the mock in the place of the organisation: a new one for each run. Each \
         contestant is a process that does this and ends: ours is `harness bulk-query` and `harness bulk-load`, the others are \
         `bench/node/bulk.mjs`, which asks for one page after the other since jsforce's own `bulk2.query` mixes the rows of \
         several, and `bench/python/bulk.py`. The time has all of the process in it, and its pauses between \
         questions whether a job is over, which are as each ships. Memory is the most that the process had, read every 10 \
         ms.\n\n\
         ### Out of the org into a file of CSV\n\n{}\n\
         ### Out of a file of CSV into the org\n\n\
         An insert, and the result of each row.\n\n{}",
        rows(figures, "bulk-query"),
        rows(figures, "bulk-load"),
    )
}

/// The run with the most rows.
fn rows(figures: &Figures<'_>, work: &str) -> String {
    let rows = BULK.iter().map(|peer| {
        let name = (*peer).to_owned();
        let series = figures.series(work, peer, "time");
        let Some((rows, took)) = series.last() else { return vec![name, NOT_MEASURED.to_owned()] };
        let ours = figures.find(work, "ours", "time", Some(*rows)).map(|ours| took.median / ours.median);
        let rss = figures.find(work, peer, "host-rss", Some(*rows));
        vec![
            name,
            whole(*rows),
            time(took.median),
            per_second(rows * 1e9 / took.median),
            ours.map_or_else(String::new, ratio),
            processor(figures, work, peer, Some(*rows)).unwrap_or_default(),
            rss.map_or_else(String::new, |found| memory(found.median)),
            whole(took.samples as f64),
            took.org_share.map_or_else(String::new, percent),
        ]
    });
    let header = ["", "rows", "time", "rows a second", "÷ ours", "user + system", "peak memory", "runs", "mock"];
    let mut rows: Vec<Vec<String>> = rows.collect();
    for row in &mut rows {
        row.resize(header.len(), String::new());
    }
    table(&header, rows)
}
