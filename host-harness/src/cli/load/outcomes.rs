//! Where it is told what became of each row: results as JSON lines, and the rows themselves that failed or of which nobody knows.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf, absolute};

use clap::Args;
use salesforce_actions::table::{ResultError, Tally};
use serde_json::json;

use super::super::failure::Failure;
use super::super::kept::{Kept, is_at};
use super::super::layout;
use super::columns::TOLD;
use super::rows::{Format, Row, Written};

/// Files of results. A new load takes new or empty ones, one that goes on writes behind what they have.
#[derive(Debug, Args)]
pub(super) struct Files {
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
pub(super) struct Outcomes {
    results: Option<Lines>,
    failed: Option<Lines>,
    unknown: Option<Lines>,
    format: Format,
}

/// A file that only grows.
struct Lines {
    file: File,
    name: String,
    bytes: u64,
}

impl Files {
    /// Opens them. `written` is how much of each is kept.
    ///
    /// # Errors
    /// A file that cannot be opened, has something else in it, or is the input, the state or another of them.
    pub(super) fn open<'a>(
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
            let lines = Lines::open(path, written)?;
            // Under another name.
            if let Some((other, _)) = taken.iter().find(|(_, taken)| is_at(&lines.file, taken)) {
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
            Format::Csv(names) => {
                let own = names.iter().filter(|name| !name.starts_with(TOLD)).cloned();
                csv_line(own.chain([format!("{TOLD}Error")]))
            }
            Format::JsonLines => Vec::new(),
        }
    }

    /// Tells what became of some rows, an entry `{"ok":...}` or `{"error":...}` for each.
    ///
    /// # Errors
    /// A file, or standard output.
    pub(super) fn tell<'a>(
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
                stdout.write_all(results.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::Output)?;
            }
        }
        let header = self.header();
        for (file, lines) in [(&mut self.failed, failed), (&mut self.unknown, unknown)] {
            let Some(file) = file.as_mut().filter(|_| !lines.is_empty()) else { continue };
            file.write(&if file.bytes == 0 { [header.as_slice(), &lines].concat() } else { lines })?;
        }
        Ok(())
    }

    /// How many bytes each has.
    pub(super) fn written(&self) -> [Option<u64>; 3] {
        [&self.results, &self.failed, &self.unknown].map(|lines| lines.as_ref().map(|lines| lines.bytes))
    }
}

impl Lines {
    /// Makes the file if it is that of a load that begins.
    fn open(path: &Path, written: Option<u64>) -> Result<Lines, Failure> {
        let name = path.display().to_string();
        let file = File::options().create(written.is_none()).truncate(false).read(true).write(true).open(path);
        file.map(|file| Lines { file, name, bytes: written.unwrap_or_default() })
            .map_err(|error| Failure::Local(format!("cannot write {}: {error}", path.display())))
    }

    /// What it has is what the load has written, and a load that begins has written nothing.
    fn check(&self, written: Option<u64>) -> Result<(), Failure> {
        let length = self.file.metadata().map_err(|error| self.wrong(&error))?.len();
        let told = match written {
            None if length > 0 => {
                format!("expected a new or an empty file, found {length} bytes; name another file, or remove this one")
            }
            Some(bytes) if length < bytes => {
                format!(
                    "expected the {bytes} bytes that were written, found {length}; name the file of the load that is gone on with"
                )
            }
            _ => return Ok(()),
        };
        Err(Failure::Local(format!("{}: {told}", self.name)))
    }

    /// Cuts what a process that was killed had written and not stored, and writes behind the rest.
    fn write(&mut self, text: &[u8]) -> Result<(), Failure> {
        let mut write = || {
            self.file.set_len(self.bytes)?;
            self.file.seek(SeekFrom::Start(self.bytes))?;
            self.file.write_all(text)?;
            self.file.sync_data()
        };
        write().map_err(|error| self.wrong(&error))?;
        self.bytes += u64::try_from(text.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    fn wrong(&self, error: &io::Error) -> Failure {
        Failure::Local(format!("cannot write {}: {error}", self.name))
    }
}

/// A row as it came, with what is told of it.
fn again(row: &Written, error: &ResultError) -> Vec<u8> {
    let why = format!("{}: {}", error.kind, error.message);
    match row {
        Written::Csv(cells) => csv_line(cells.iter().cloned().chain([why])),
        Written::Json(members) => {
            let comma = if members.is_empty() { "" } else { "," };
            format!("{{{members}{comma}\"{TOLD}Error\":{}}}\n", json!(why)).into_bytes()
        }
    }
}

fn csv_line(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Nothing that is written to memory fails.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}
