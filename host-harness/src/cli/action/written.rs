//! All records of a query on standard output: one a line as they come, or as CSV when the last has come.

use std::io;

use indicatif::{ProgressBar, ProgressStyle};
use salesforce_actions::table::Source;
use serde_json::value::RawValue;

use super::super::csv::Csv;
use super::super::failure::Failure;
use super::super::layout;
use super::super::output::write_line;

/// Records on their way to standard output, and how many they are.
pub(super) struct Written {
    csv: Option<Csv>,
    records: u64,
    /// Draws on standard error, and only on a terminal.
    progress: ProgressBar,
}

impl Written {
    /// As JSON lines, or as CSV.
    pub(super) fn new(csv: bool) -> Written {
        let written = Written { csv: csv.then(Csv::new), records: 0, progress: ProgressBar::no_length() };
        written.expect(None);
        written
    }

    /// How many there were until now.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// There are so many, if that is known.
    pub(super) fn expect(&self, total: Option<u64>) {
        let template = match total {
            Some(_) => "{bar:30} {human_pos} of {human_len} records, {eta} left",
            None => "{spinner} {human_pos} records so far",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.progress.set_style(style);
        }
        if let Some(total) = total {
            self.progress.set_length(total);
        }
    }

    /// Takes an array of so many records.
    ///
    /// # Errors
    /// Standard output, or what waits for it; the records are no list.
    pub(super) fn add(&mut self, records: &str, count: u64) -> Result<(), Failure> {
        match &mut self.csv {
            Some(csv) => csv.add(&Source::Array(records))?,
            None => write_lines(records)?,
        }
        self.records += count;
        self.progress.set_position(self.records);
        Ok(())
    }

    /// Says something beside the records.
    pub(super) fn warn(&self, words: &str) {
        self.progress.suspend(|| anstream::eprintln!("warning: {words}"));
    }

    /// All have come. `counted` is the answer of a `SELECT COUNT()`, which has no records.
    ///
    /// # Errors
    /// Standard output, or what waits for it.
    pub(super) fn end(mut self, counted: Option<u64>) -> Result<(), Failure> {
        self.progress.finish_and_clear();
        if let Some(mut csv) = self.csv.take() {
            counted.map_or(Ok(()), |count| csv.add_count(count))?;
            csv.finish(io::stdout().lock())?;
        } else if let Some(count) = counted {
            anstream::eprintln!("note: the count is {count}");
        }
        Ok(())
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        self.progress.finish_and_clear();
    }
}

fn write_lines(records: &str) -> Result<(), Failure> {
    let list: Vec<&RawValue> = serde_json::from_str(records)
        .map_err(|error| Failure::Output(io::Error::other(format!("the records are no list ({error})"))))?;
    let mut lines = String::with_capacity(records.len());
    for record in list {
        lines.push_str(&layout::compact(record.get()));
        lines.push('\n');
    }
    lines.pop();
    if lines.is_empty() { Ok(()) } else { write_line(&mut io::stdout().lock(), &lines) }
}
