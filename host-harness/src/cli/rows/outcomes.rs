//! Where it is told what became of each row: results as JSON lines, and the rows themselves that failed or of which nobody knows.

use std::io::{self, Write};
use std::path::{Path, PathBuf, absolute};

use clap::Args;
use salesforce_actions::bulk::csv_line;
use salesforce_actions::table::{ResultError, Tally};
use serde_json::json;

use super::super::appended::Appended;
use super::super::failure::Failure;
use super::super::kept::Kept;
use super::super::layout;
use super::columns::TOLD;
use super::input::{Format, Row, Written};
use super::object;

/// Files of results. A new load takes new or empty ones, one that goes on writes behind what they have.
#[derive(Debug, Args)]
pub(crate) struct Files {
    /// What became of each row, as JSON lines: {"line":2,"ok":{"id":...}} or {"line":3,"error":{...}} [default: standard output]
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// The rows that were refused, to be corrected and loaded: written as they came, with the reason as `sf__Error`, which
    /// loading ignores
    #[arg(long, value_name = "FILE")]
    failed: Option<PathBuf>,
    /// The rows of which nobody knows whether they were saved, written in the same way: look before you load them again
    #[arg(long, value_name = "FILE")]
    unknown: Option<PathBuf>,
}

/// Open files of results.
pub(crate) struct Outcomes {
    results: Option<Appended>,
    failed: Option<Appended>,
    unknown: Option<Appended>,
    format: Format,
}

impl Files {
    /// Opens them. `written` is how much of each is kept.
    ///
    /// # Errors
    /// A file that cannot be opened, has something else in it, or is the input, the state or another of them.
    pub(crate) fn open<'a>(
        &'a self,
        input: &'a Path,
        kept: Option<&'a Kept>,
        format: &Format,
        written: [Option<u64>; 3],
    ) -> Result<Outcomes, Failure> {
        let named = [("--results", &self.results), ("--failed", &self.failed), ("--unknown", &self.unknown)];
        let mut taken = vec![("the input", input)];
        taken.extend(kept.into_iter().flat_map(Kept::files).map(|file| ("the state", file)));
        let mut open = |(option, path): (&'static str, &'a Option<PathBuf>), written| {
            let Some(path) = path else { return Ok(None) };
            let of = |other: &str| {
                Failure::Usage(format!("{option}: expected a file of its own, but it is that of {other}"))
            };
            if let Some((other, _)) = taken.iter().find(|(_, taken)| absolute(taken).ok() == absolute(path).ok()) {
                return Err(of(other));
            }
            let lines = Appended::open(path, written)?;
            // Under another name.
            if let Some((other, _)) = taken.iter().find(|(_, taken)| lines.is_at(taken)) {
                return Err(of(other));
            }
            lines.check(written)?;
            taken.push((option, path));
            Ok(Some(lines))
        };
        let ([results, failed, unknown], [of_results, of_failed, of_unknown]) = (named, written);
        let mut outcomes = Outcomes {
            results: open(results, of_results)?,
            failed: open(failed, of_failed)?,
            unknown: open(unknown, of_unknown)?,
            format: format.clone(),
        };
        outcomes.begin()?;
        Ok(outcomes)
    }
}

impl Outcomes {
    /// Cuts each to what is kept of it.
    fn begin(&mut self) -> Result<(), Failure> {
        let mut files = [&mut self.results, &mut self.failed, &mut self.unknown].into_iter().flatten();
        files.try_for_each(|lines| lines.write(b""))
    }

    /// The names of the columns, which stand before the first row.
    fn header(&self) -> Vec<u8> {
        match &self.format {
            Format::Csv(names) => line(names, &format!("{TOLD}Error")),
            Format::JsonLines => Vec::new(),
        }
    }

    /// Tells what became of some rows, an entry `{"ok":...}` or `{"error":...}` for each.
    ///
    /// # Errors
    /// A file, or standard output.
    pub(crate) fn tell<'a>(
        &mut self,
        told: impl Iterator<Item = (&'a Row, &'a str)>,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let (mut results, mut failed, mut unknown) = (String::new(), Vec::new(), Vec::new());
        for (row, entry) in told {
            let entry = layout::compact(entry);
            let members = entry.strip_prefix('{').map_or_else(|| format!("{entry}:true}}"), str::to_owned);
            results.push_str(&format!("{{\"line\":{},{members}\n", row.line));
            if let Some(error) = tally.add(&entry) {
                let to = if error.is_unknown() { &mut unknown } else { &mut failed };
                to.extend(again(&row.written, &error));
            }
        }
        match &mut self.results {
            Some(file) => file.write(results.as_bytes())?,
            None => {
                let mut stdout = io::stdout().lock();
                let written = stdout.write_all(results.as_bytes()).and_then(|()| stdout.flush());
                // A reader that closes the pipe has what it wanted, but the load is not done.
                written.map_err(|error| Failure::Output(io::Error::other(error)))?;
            }
        }
        let header = self.header();
        for (file, lines) in [(&mut self.failed, failed), (&mut self.unknown, unknown)] {
            let Some(file) = file.as_mut().filter(|_| !lines.is_empty()) else { continue };
            file.write(&if file.bytes() == 0 { [header.as_slice(), &lines].concat() } else { lines })?;
        }
        Ok(())
    }

    /// How many bytes each has.
    pub(crate) fn written(&self) -> [Option<u64>; 3] {
        [&self.results, &self.failed, &self.unknown].map(|lines| lines.as_ref().map(Appended::bytes))
    }
}

/// A row as it came, with what is told of it.
fn again(row: &Written, error: &ResultError) -> Vec<u8> {
    let why = format!("{}: {}", error.kind, error.message);
    match row {
        Written::Csv(cells) => line(cells, &why),
        Written::Json(members) => {
            let (name, why) = (format!("{TOLD}Error"), json!(why).to_string());
            let own = members.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            (object(own.chain([(name.as_str(), why.as_str())])) + "\n").into_bytes()
        }
    }
}

/// These cells and one more.
fn line(cells: &[String], last: &str) -> Vec<u8> {
    csv_line(cells.iter().map(String::as_str).chain([last]), csv::Terminator::CRLF).into_bytes()
}

/// What is told of a row of which nobody knows whether it was saved.
pub(crate) fn unknown(kind: &str, message: &str) -> String {
    json!({"error": {"kind": kind, "outcome": "unknown", "retryable": false, "message": message}}).to_string()
}
