//! Records as CSV (RFC 4180): a line of names, then a line for each record.

use std::io;

use serde::Serialize;
use serde_json::value::RawValue;

use super::cell::{Cell, Children, row};
use super::columns::{Columns, names};
use super::source::Record;

/// Who opens the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A program: every text is as it came.
    Program,
    /// A spreadsheet: what begins like a formula has an apostrophe before it, for spreadsheets run those
    /// (OWASP "CSV Injection").
    Spreadsheet,
}

/// Writes records as CSV, lines ended by CR LF.
///
/// Every digit of a number stays. Null and no such member are both empty. The rows of a sub-query are a JSON array, or of one
/// that is cut `{"count":2,"totalSize":260,"records":[...]}`.
///
/// ```
/// use salesforce_actions::table::{Columns, CsvWriter, Reader, Record};
///
/// let records: Vec<Record> = serde_json::from_str(r#"[{"Name": "Acme", "Total": 1.10}, {"Name": "a, b", "Total": null}]"#)?;
/// let mut columns = Columns::default();
/// records.iter().for_each(|record| columns.add(record));
/// let mut csv = CsvWriter::new(Vec::new(), &columns, Reader::Program)?;
/// records.iter().try_for_each(|record| csv.write(record))?;
/// assert_eq!(csv.finish()?, b"Name,Total\r\nAcme,1.10\r\n\"a, b\",\r\n");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct CsvWriter<W: io::Write> {
    writer: csv::Writer<W>,
    paths: Vec<Vec<String>>,
    reader: Reader,
    index: usize,
    cut: usize,
}

/// What stands in a cell for a sub-query that is cut.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Beginning<'a> {
    count: usize,
    total_size: Option<u64>,
    records: &'a RawValue,
}

impl<W: io::Write> CsvWriter<W> {
    /// Writes the names of the columns.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn new(to: W, columns: &Columns, reader: Reader) -> io::Result<CsvWriter<W>> {
        let writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
        let mut csv = CsvWriter { writer, paths: columns.paths(), reader, index: 0, cut: 0 };
        if !csv.paths.is_empty() {
            let names: Vec<_> = names(&csv.paths).into_iter().map(|name| csv.text(name)).collect();
            csv.writer.write_record(names)?;
        }
        Ok(csv)
    }

    /// Writes the next record. What it has beside the columns is left out.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        let mut cells = Vec::with_capacity(self.paths.len());
        for cell in row(record, &self.paths, None, self.index) {
            cells.push(match cell {
                Cell::Empty => String::new(),
                Cell::Text(text) | Cell::Other(text) => self.text(text),
                // A number is digits, sign, point and exponent: no formula, and with an apostrophe no number either.
                Cell::Number(digits) => digits,
                Cell::Children(children) => {
                    self.cut += children.cut;
                    rows_of(children)
                }
            });
        }
        self.index += 1;
        if !cells.is_empty() {
            self.writer.write_record(cells)?;
        }
        Ok(())
    }

    /// Where it is written, as far as it has been.
    pub fn written(&self) -> &W {
        self.writer.get_ref()
    }

    /// Sub-queries that had more rows than were there.
    #[must_use]
    pub fn cut(&self) -> usize {
        self.cut
    }

    /// Ends it.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }

    fn text(&self, text: String) -> String {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        if is_formula && self.reader == Reader::Spreadsheet { format!("'{text}") } else { text }
    }
}

fn rows_of(children: Children) -> String {
    let Children { records, count, total: total_size, is_whole, .. } = children;
    if is_whole {
        return records;
    }
    let beginning = serde_json::from_str(&records)
        .and_then(|records| serde_json::to_string(&Beginning { count, total_size, records }));
    beginning.unwrap_or(records)
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::source::Source;
    use super::*;

    fn written(json: &str, reader: Reader) -> (String, usize) {
        let mut records = Vec::new();
        assert!(Source::Array(json).records(usize::MAX, |record| {
            records.push(record);
            ControlFlow::Continue(())
        }));
        let mut columns = Columns::default();
        records.iter().for_each(|record| columns.add(record));
        let mut csv = CsvWriter::new(Vec::new(), &columns, reader).unwrap();
        records.iter().for_each(|record| csv.write(record).unwrap());
        let cut = csv.cut();
        (String::from_utf8(csv.finish().unwrap()).unwrap(), cut)
    }

    fn csv_of(json: &str) -> String {
        written(json, Reader::Spreadsheet).0
    }

    #[test]
    fn a_record_that_is_not_there_is_a_row_without_values() {
        let (text, _) = written(r#"[{"Id":"1","Name":"a"},null,{"Id":"3","Name":"c"}]"#, Reader::Program);
        assert_eq!(text, "Id,Name\r\n1,a\r\n,\r\n3,c\r\n");
    }

    #[test]
    fn what_needs_quotes_gets_them_and_every_digit_stays() {
        let json =
            r#"[{"Name":"a, \"b\"\nc","N":9007199254740993.10,"E":1e-7,"B":true,"Z":null,"Owner":{"Name":"東京"}}]"#;
        let expected = "Name,N,E,B,Z,Owner.Name\r\n\"a, \"\"b\"\"\nc\",9007199254740993.10,1e-7,true,,東京\r\n";
        assert_eq!(csv_of(json), expected);
    }

    #[test]
    fn nothing_begins_like_a_formula_where_a_spreadsheet_reads() {
        let json =
            r#"[{"A":"=1+1","B":"+1","C":"-1","D":"@SUM(A1)","E":"\t=1","F":"\r=1","G":-1.50,"H":"a=1","I":" =1"}]"#;
        let expected = "A,B,C,D,E,F,G,H,I\r\n'=1+1,'+1,'-1,'@SUM(A1),'\t=1,\"'\r=1\",-1.50,a=1, =1\r\n";
        assert_eq!(csv_of(json), expected);
        assert_eq!(csv_of(r#"[{"=x":1}]"#), "'=x\r\n1\r\n");
        // A telephone number is loaded again as it was.
        assert_eq!(written(r#"[{"Phone":"+49 30 1"}]"#, Reader::Program).0, "Phone\r\n+49 30 1\r\n");
    }

    #[test]
    fn sub_queries_are_json_in_their_cell() {
        let json = r#"[{"Contacts":{"totalSize":1,"done":true,"records":[{"Id":"003"}]}}]"#;
        assert_eq!(csv_of(json), "Contacts\r\n\"[{\"\"Id\"\":\"\"003\"\"}]\"\r\n");
    }

    #[test]
    fn f109_half_a_pair_is_one_character_of_one_cell() {
        assert_eq!(csv_of(r#"[{"A":"x\ud800"},{"A":"y"}]"#), "A\r\nx\u{fffd}\r\ny\r\n");
    }

    #[test]
    fn f110_a_sub_query_that_is_cut_says_so_in_its_cell() {
        let json = r#"[{"C":{"totalSize":260,"done":false,"nextRecordsUrl":"/q","records":[{"N":1.50}]}}]"#;
        let cell = r#"{""count"":1,""totalSize"":260,""records"":[{""N"":1.50}]}"#;
        assert_eq!(written(json, Reader::Program), (format!("C\r\n\"{cell}\"\r\n"), 1));
        let inner = r#"{"totalSize":-1,"done":false,"records":[{}]}"#;
        let json = format!(r#"[{{"C":{{"totalSize":1,"done":true,"records":[{{"D":{inner}}}]}}}}]"#);
        assert_eq!(written(&json, Reader::Program).1, 1);
    }
}
