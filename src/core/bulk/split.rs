//! CSV of any length, cut into jobs at the ends of records: what to do next with what has come. Sends nothing and reads nothing.
//!
//! ```text
//! Data ─give─┐                        ┌── a record more does not fit
//!            ▼                        ▼
//! header ─> Open ─> Send (header) ─> Send ... ─> Close ─> Open ... ─> Close ─> Done
//!       between │ inside                               │ between
//! ```

use super::csv::{BYTE_ORDER_MARK, Scanner};
use crate::core::error::{Error, Result};

/// Bytes of the header row, and of any other record, at most: they are held until they are whole. Salesforce takes 400,000 characters.
const MOST_RECORD: usize = 1 << 20;

/// Bytes of a job at most: some 100 MB are 150 MB in base64, as which Salesforce counts them.
const MOST_JOB: u32 = 100_000_000;

/// Bytes to make room for at once.
const PIECE: usize = 32 << 10;

/// Data on their way into jobs.
pub struct Split {
    job_bytes: u64,
    /// A byte order mark was looked for.
    is_begun: bool,
    scanner: Scanner,
    /// What has come and was not sent.
    buffer: Vec<u8>,
    /// Of it, what was scanned.
    scanned: usize,
    /// Of it, the records that the open job has room for.
    ready: usize,
    /// The length of the record behind these, if it is whole.
    record: Option<usize>,
    header: Option<Vec<u8>>,
    job: OpenJob,
    is_over: bool,
}

/// The job that is open, if one is. A header row has at least one byte.
#[derive(Default)]
struct OpenJob {
    bytes: u64,
    rows: u64,
}

/// What to do next while no job is open.
#[derive(Debug, PartialEq, Eq)]
pub enum Between {
    /// Read more: into [`Split::buffer`], and [`Split::give`] it back; or [`Split::finish`].
    Data,
    /// Make a job.
    Open,
    /// Every row is in a job that has all its data.
    Done,
}

/// What to do next while a job is open.
#[derive(Debug, PartialEq, Eq)]
pub enum Inside {
    /// As [`Between::Data`].
    Data,
    /// Send these bytes, as the data of the job.
    Send(Vec<u8>),
    /// The job has all its data: close it.
    Close {
        /// Its rows, without the header.
        rows: u64,
        /// Its bytes, the header among them.
        bytes: u64,
    },
}

impl Split {
    /// Into jobs of at most so many bytes.
    pub fn parse(job_bytes: Option<u32>) -> Result<Self> {
        let job_bytes = job_bytes.unwrap_or(MOST_JOB);
        if !(1..=MOST_JOB).contains(&job_bytes) {
            return Err(Error::invalid_argument("job-bytes", "1 to 100,000,000 bytes"));
        }
        Ok(Self {
            job_bytes: job_bytes.into(),
            is_begun: false,
            scanner: Scanner::default(),
            buffer: Vec::new(),
            scanned: 0,
            ready: 0,
            record: None,
            header: None,
            job: OpenJob::default(),
            is_over: false,
        })
    }

    /// Where the data go that come next: behind what is in it, in the room that it has.
    pub fn buffer(&mut self) -> Vec<u8> {
        self.buffer.reserve_exact(PIECE);
        std::mem::take(&mut self.buffer)
    }

    /// Takes the buffer back, with what has come.
    pub fn give(&mut self, buffer: Vec<u8>) {
        self.buffer = buffer;
    }

    /// There are no more data, and these are all.
    pub fn finish(&mut self) {
        self.is_over = true;
    }

    /// What to do next while no job is open. An error: data that are no CSV, or cannot be cut into jobs so small.
    pub fn between(&mut self) -> Result<Between> {
        loop {
            let record = self.record()?;
            let bytes = match (&self.header, record) {
                (None, Some(length)) => {
                    (self.record, self.ready) = (None, length);
                    self.header = Some(self.take_ready());
                    continue;
                }
                (Some(header), Some(length)) => (header.len() + length) as u64,
                (_, None) if !self.is_over => return Ok(Between::Data),
                (None, None) => return Err(Error::invalid_argument("data", "CSV with a header row")),
                (Some(_), None) => return Ok(Between::Done),
            };
            if bytes > self.job_bytes {
                let expected = ["at least ", &bytes.to_string(), ", for the header row and a row that came"];
                return Err(Error::invalid_argument("job-bytes", &expected.concat()));
            }
            self.job = OpenJob::default();
            return Ok(Between::Open);
        }
    }

    /// What to do next while a job is open. An error: data that are no CSV.
    pub fn inside(&mut self) -> Result<Inside> {
        if self.job.bytes == 0 {
            let header = self.header.clone().unwrap_or_default();
            self.job.bytes = header.len() as u64;
            return Ok(Inside::Send(header));
        }
        loop {
            match self.record()? {
                Some(length) if self.job.bytes + length as u64 <= self.job_bytes => {
                    self.job.bytes += length as u64;
                    self.job.rows += 1;
                    self.ready += length;
                    self.record = None;
                }
                _ if self.ready > 0 => return Ok(Inside::Send(self.take_ready())),
                None if !self.is_over => return Ok(Inside::Data),
                _ => return Ok(Inside::Close { rows: self.job.rows, bytes: self.job.bytes }),
            }
        }
    }

    /// The length of the record behind those that are ready, if it is whole.
    fn record(&mut self) -> Result<Option<usize>> {
        if !self.is_begun {
            if self.buffer.len() < BYTE_ORDER_MARK.len_utf8() && !self.is_over {
                return Ok(None);
            }
            self.begin();
        }
        if self.record.is_none() {
            match self.buffer.get(self.scanned..).and_then(|rest| self.scanner.record_end(rest)) {
                Some(length) => {
                    self.scanned += length;
                    self.record = Some(self.scanned - self.ready);
                }
                None => {
                    self.scanned = self.buffer.len();
                    if self.is_over && self.scanner.is_quoted {
                        let expected = "CSV whose last quote is closed; a quote in a value is doubled";
                        return Err(Error::invalid_argument("data", expected));
                    }
                    if self.is_over && std::mem::take(&mut self.scanner.is_begun) {
                        self.record = Some(self.scanned - self.ready);
                    }
                }
            }
        }
        if self.record.unwrap_or(self.buffer.len() - self.ready) > MOST_RECORD {
            return Err(Error::invalid_argument(
                "data",
                "records of at most 1,048,576 bytes; perhaps a quote is not closed",
            ));
        }
        Ok(self.record)
    }

    /// Drops a byte order mark, which Salesforce would take for a part of the first column's name.
    fn begin(&mut self) {
        self.is_begun = true;
        if self.buffer.starts_with(BYTE_ORDER_MARK.encode_utf8(&mut [0; 4]).as_bytes()) {
            self.buffer.drain(..BYTE_ORDER_MARK.len_utf8());
        }
    }

    fn take_ready(&mut self) -> Vec<u8> {
        let rest = self.buffer.split_off(self.ready);
        self.scanned -= self.ready;
        self.ready = 0;
        std::mem::replace(&mut self.buffer, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use proptest::prelude::*;

    /// What becomes of data that come in such pieces: the data of each job, its rows, and how it ended.
    fn split(data: &str, piece: usize, job_bytes: u32) -> (Vec<(String, u64)>, Result<()>) {
        let mut split = Split::parse(Some(job_bytes)).unwrap();
        let mut pieces = data.as_bytes().chunks(piece);
        let mut more = |split: &mut Split| match pieces.next() {
            Some(piece) => {
                let mut buffer = split.buffer();
                assert!(buffer.capacity() - buffer.len() >= PIECE);
                buffer.extend_from_slice(piece);
                split.give(buffer);
            }
            None => split.finish(),
        };
        let mut jobs = Vec::new();
        let mut run = || -> Result<()> {
            loop {
                match split.between()? {
                    Between::Data => more(&mut split),
                    Between::Done => return Ok(()),
                    Between::Open => {
                        let mut sent = Vec::new();
                        loop {
                            match split.inside()? {
                                Inside::Data => more(&mut split),
                                Inside::Send(bytes) => sent.extend(bytes),
                                Inside::Close { rows, bytes } => {
                                    assert_eq!(bytes, sent.len() as u64);
                                    jobs.push((String::from_utf8(sent).unwrap(), rows));
                                    break;
                                }
                            }
                        }
                    }
                }
            }
        };
        let ended = run();
        (jobs, ended)
    }

    fn jobs(data: &str, job_bytes: u32) -> Vec<(String, u64)> {
        let whole = split(data, usize::MAX, job_bytes);
        assert!(whole.1.is_ok());
        for piece in [1, 2, 3, 7] {
            assert_eq!(split(data, piece, job_bytes).0, whole.0, "in pieces of {piece}");
        }
        whole.0
    }

    fn message(data: &str, job_bytes: u32) -> String {
        let error = split(data, 2, job_bytes).1.unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        error.message
    }

    #[test]
    fn a_job_has_the_header_and_as_many_rows_as_fit() {
        assert_eq!(jobs("A\n1\n2\n3\n", 100), [("A\n1\n2\n3\n".to_owned(), 3)]);
        assert_eq!(jobs("A\n1\n2\n3\n", 6), [("A\n1\n2\n".to_owned(), 2), ("A\n3\n".to_owned(), 1)]);
        assert_eq!(jobs("A\n1\n2\n3\n", 7), jobs("A\n1\n2\n3\n", 6));
        assert_eq!(jobs("A\n1\n2", 4), [("A\n1\n".to_owned(), 1), ("A\n2".to_owned(), 1)]);
    }

    #[test]
    fn quotes_are_not_cut_and_line_ends_stay_as_they_are() {
        let data = "\"A\nB\"\r\n\"1\r\n2\"\r\n\"3\"\"\n\"\r\n";
        let header = "\"A\nB\"\r\n";
        let expected = [format!("{header}\"1\r\n2\"\r\n"), format!("{header}\"3\"\"\n\"\r\n")].map(|job| (job, 1));
        assert_eq!(jobs(data, 17), expected);
    }

    #[test]
    fn empty_lines_are_no_rows_and_a_byte_order_mark_is_dropped() {
        assert_eq!(jobs("\u{feff}A\n1\n\n\r\n", 100), [("A\n1\n".to_owned(), 1)]);
        assert_eq!(jobs("A\n\n1\n", 100), [("A\n\n1\n".to_owned(), 1)]);
        // Of which the line is none.
        let each = ["\nA\n1\n", "\nA\n2\n"].map(|job| (job.to_owned(), 1));
        assert_eq!(jobs("\u{feff}\nA\n1\n2\n", 5), each);
        assert_eq!(jobs("A\n", 100), []);
        assert_eq!(jobs("A", 100), []);
    }

    #[test]
    fn what_is_no_csv_or_does_not_fit_is_refused() {
        assert_eq!(message("", 100), "data: expected CSV with a header row");
        assert_eq!(message("\n\r\n", 100), "data: expected CSV with a header row");
        assert!(message("A\n\"1\n2\n", 100).starts_with("data: expected CSV whose last quote is closed"));
        assert!(message("\"A\n", 100).starts_with("data: expected CSV whose last quote is closed"));
        let (done, error) = split("A\n1\n22\n", 2, 4);
        assert_eq!(done, [("A\n1\n".to_owned(), 1)]);
        assert!(error.unwrap_err().message.starts_with("job-bytes: expected at least 5, for the header row"));
        assert!(message("AAAAA\n1\n", 5).starts_with("job-bytes: expected at least 8"));
        for wrong in [0, MOST_JOB + 1] {
            assert!(Split::parse(Some(wrong)).err().unwrap().message.starts_with("job-bytes: expected 1 to"));
        }
    }

    #[test]
    fn a_record_is_held_up_to_a_bound() {
        let fits = "x".repeat(MOST_RECORD - 1);
        let (done, ended) = split(&format!("A\n{fits}\n"), PIECE, MOST_JOB);
        assert!(ended.is_ok());
        assert_eq!((done.len(), done[0].1), (1, 1));
        for data in [format!("A\nx{fits}\n"), format!("x{fits}\n1\n"), format!("A\n\"{}", "1\n".repeat(MOST_RECORD))] {
            let error = split(&data, PIECE, MOST_JOB).1.unwrap_err();
            assert!(
                error.message.starts_with("data: expected records of at most 1,048,576 bytes"),
                "{}",
                error.message
            );
        }
    }

    proptest! {
        #[test]
        fn every_row_is_in_one_job_and_no_job_is_too_large(
            rows in prop::collection::vec("[a\",\r\n\u{e9}]{0,6}", 0..12),
            piece in 1_usize..9,
            job_bytes in 40_u32..90,
        ) {
            let lines: Vec<String> = rows.iter().map(|row| format!("\"{}\"\n", row.replace('"', "\"\""))).collect();
            let (jobs, ended) = split(&format!("\"Name\"\n{}", lines.concat()), piece, job_bytes);
            prop_assert!(ended.is_ok());
            let mut loaded = String::new();
            for (data, rows) in &jobs {
                prop_assert!(data.len() <= job_bytes as usize && *rows > 0);
                loaded += data.strip_prefix("\"Name\"\n").unwrap();
            }
            prop_assert_eq!(loaded, lines.concat());
            prop_assert_eq!(jobs.iter().map(|(_, rows)| rows).sum::<u64>(), lines.len() as u64);
        }
    }
}
