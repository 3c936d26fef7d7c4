//! Records as CSV on standard output.
//!
//! Which columns there are is known when the last record has come, for a lookup that is empty in one has fields in another. Until
//! then records wait in memory, and beyond some megabytes in a file without a name.

use std::io::{self, BufRead, BufReader, Seek, Write};
use std::ops::ControlFlow;

use salesforce_actions::table::{Columns, CsvWriter, Reader, Source};
use tempfile::SpooledTempFile;

use super::failure::Failure;

/// Bytes that wait in memory.
const IN_MEMORY: usize = 8 << 20;

/// Records that are to become CSV.
pub(crate) struct Csv {
    columns: Columns,
    /// JSON, a record on each line.
    lines: SpooledTempFile,
}

impl Csv {
    pub(crate) fn new() -> Csv {
        Csv { columns: Columns::default(), lines: SpooledTempFile::new(IN_MEMORY) }
    }

    /// Takes records.
    ///
    /// # Errors
    /// They fit no table, or the file of those that wait.
    pub(crate) fn add(&mut self, source: &Source<'_>) -> Result<(), Failure> {
        let mut kept = Ok(());
        let are_read = source.records(usize::MAX, |record| {
            self.columns.add(&record);
            kept =
                serde_json::to_string(&record).map_err(io::Error::from).and_then(|line| writeln!(self.lines, "{line}"));
            let goes_on = kept.is_ok() && !self.columns.is_wider();
            if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        kept.map_err(no_room)?;
        if !are_read {
            return Err(unfit("a record is no object, or nested too deep"));
        }
        if self.columns.is_wider() { Err(unfit("the records have more than 500 columns")) } else { Ok(()) }
    }

    /// Takes the answer of `SELECT COUNT()`, which is no record.
    ///
    /// # Errors
    /// As [`Csv::add`].
    pub(crate) fn add_count(&mut self, count: u64) -> Result<(), Failure> {
        self.add(&Source::Array(&format!(r#"[{{"count":{count}}}]"#)))
    }

    /// Writes all of them. Gives how many sub-queries have more rows than are in them.
    ///
    /// # Errors
    /// `Failure::Output`, or the file of those that wait.
    pub(crate) fn finish(mut self, to: impl Write) -> Result<usize, Failure> {
        self.lines.rewind().map_err(no_room)?;
        let mut csv = CsvWriter::new(to, &self.columns, Reader::Program).map_err(Failure::Output)?;
        for line in BufReader::new(self.lines).lines() {
            let mut written = Ok(());
            Source::One(&line.map_err(no_room)?).records(usize::MAX, |record| {
                written = csv.write(&record);
                ControlFlow::Break(())
            });
            written.map_err(Failure::Output)?;
        }
        let cut = csv.cut();
        csv.finish().and_then(|mut to| to.flush()).map_err(Failure::Output)?;
        Ok(cut)
    }
}

fn no_room(error: io::Error) -> Failure {
    Failure::Local(format!("cannot keep the records in a temporary file: {error}"))
}

fn unfit(why: &str) -> Failure {
    Failure::Local(format!("{why}, too much for CSV: ask for fewer fields, or leave out --csv to have JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv_of(pages: &[&str]) -> Result<(String, usize), Failure> {
        let mut csv = Csv::new();
        pages.iter().try_for_each(|records| csv.add(&Source::Array(records)))?;
        let mut written = Vec::new();
        let cut = csv.finish(&mut written)?;
        Ok((String::from_utf8(written).unwrap(), cut))
    }

    #[test]
    fn a_column_may_come_with_the_last_page() {
        let pages = [r#"[ {"N":"+1 \n\"x\"", "Owner":null} ]"#, "[]", r#"[{"N":1.10,"Owner":{"Name":"Ann"}}]"#];
        let expected = "N,Owner.Name\r\n\"+1 \n\"\"x\"\"\",\r\n1.10,Ann\r\n";
        assert_eq!(csv_of(&pages).unwrap(), (expected.to_owned(), 0));
        assert_eq!(csv_of(&["[]"]).unwrap(), (String::new(), 0));
        let mut csv = Csv::new();
        csv.add_count(7).unwrap();
        let mut written = Vec::new();
        csv.finish(&mut written).unwrap();
        assert_eq!(written, b"count\r\n7\r\n");
    }

    #[test]
    fn what_waits_may_be_more_than_memory_holds() {
        let page = format!("[{}]", vec![format!("{{\"A\":\"{}\"}}", "x".repeat(1_000)); 2_000].join(","));
        let (text, _) = csv_of(&[page.as_str(); 6]).unwrap();
        assert_eq!(text.lines().count(), 1 + 6 * 2_000);
    }

    #[test]
    fn what_fits_no_table_is_told() {
        let wide: Vec<_> = (0..501).map(|number| format!("\"a{number}\":1")).collect();
        let nested = format!("[{}1{}]", "{\"p\":".repeat(200), "}".repeat(200));
        for (records, words) in [
            (format!("[{{{}}}]", wide.join(",")), "more than 500 columns"),
            (nested, "too deep"),
            ("[7]".to_owned(), "no object"),
        ] {
            let Err(Failure::Local(told)) = csv_of(&[&records]) else { panic!("{records}") };
            assert!(told.contains(words), "{told}");
        }
    }
}
