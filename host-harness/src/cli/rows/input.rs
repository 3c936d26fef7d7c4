//! A file of rows, read one at a time: JSON lines or CSV, told apart by how they begin.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use ring::digest::{Context, SHA256};
use salesforce_connector::core::json::Json;

use super::super::failure::Failure;
use super::super::input;
use super::columns::TOLD;
use super::lines::{CsvRows, Lines};

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

/// The file, which can be read several times.
pub(crate) struct Input {
    file: File,
    /// What errors call it.
    name: String,
    pub(crate) format: Format,
    /// Of each column of CSV, whether it is the file's own: an earlier load may have written others.
    is_own: Vec<bool>,
}

/// How rows are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A JSON object on each line.
    JsonLines,
    /// The names of the columns, then a row for each record.
    Csv(Vec<String>),
}

/// A row.
#[derive(Debug)]
pub(crate) struct Row {
    /// The line with which it begins, from 1.
    pub(crate) line: u64,
    pub(crate) written: Written,
}

/// A row as it came. What an earlier load has written beside it is left out, and `attributes`, which records of a query have.
#[derive(Debug)]
pub(crate) enum Written {
    /// Members of an object, their values as JSON.
    Json(Vec<(String, String)>),
    /// Cells.
    Csv(Vec<String>),
}

/// The rows, one after the other.
pub(crate) struct Rows<'a> {
    pub(crate) input: &'a Input,
    from: Source<'a>,
}

type Reading<'a> = BufReader<&'a File>;

enum Source<'a> {
    Json(Lines<Reading<'a>>, Vec<u8>),
    Csv(Box<csv::Reader<CsvRows<Reading<'a>>>>),
}

impl Input {
    /// Opens a file, or standard input for `-`. What cannot be read twice is kept in a temporary file.
    ///
    /// # Errors
    /// `Failure::Local`: it cannot be read, or how it begins.
    pub(crate) async fn open(path: &Path) -> Result<Input, Failure> {
        let is_stdin = path.as_os_str() == "-";
        let name = if is_stdin { "standard input".to_owned() } else { path.display().to_string() };
        let shown = name.clone();
        let wrong = |error: io::Error| Failure::Local(format!("cannot read {shown}: {error}"));
        let opened = path.to_owned();
        let file = input::aside(move || {
            if is_stdin {
                return kept(io::stdin());
            }
            input::expect_file(&opened)?;
            let file = File::open(&opened)?;
            if file.metadata()?.is_file() { Ok(file) } else { kept(file) }
        });
        let file = file.await.map_err(wrong)?;
        let mut input = Input { file, name, format: Format::JsonLines, is_own: Vec::new() };
        let mut start = Lines::new(input.start().map_err(wrong)?);
        let mut line = Vec::new();
        while line.trim_ascii().is_empty() && start.next(&mut line).map_err(wrong)? {}
        input.format = match line.trim_ascii().first() {
            Some(b'{') | None => Format::JsonLines,
            Some(b'[') => {
                let words =
                    "expected a JSON object on each line, or CSV, found a JSON array; `jq -c '.[]'` makes lines of it";
                return Err(input.wrong(1, words));
            }
            Some(_) => {
                let names = input.header()?;
                input.is_own = names.iter().map(|name| !name.starts_with(TOLD)).collect();
                Format::Csv(names.into_iter().filter(|name| !name.starts_with(TOLD)).collect())
            }
        };
        Ok(input)
    }

    fn start(&self) -> io::Result<Reading<'_>> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        Ok(BufReader::with_capacity(PIECE, file))
    }

    fn csv(&self) -> Result<csv::Reader<CsvRows<Reading<'_>>>, Failure> {
        let rows = CsvRows::new(Lines::new(self.start().map_err(|error| self.wrong(0, &error.to_string()))?));
        Ok(csv::ReaderBuilder::new().has_headers(false).from_reader(rows))
    }

    fn header(&self) -> Result<Vec<String>, Failure> {
        let (mut reader, mut names) = (self.csv()?, csv::StringRecord::new());
        let read = reader.read_record(&mut names);
        read.map_err(|error| self.csv_wrong(&error, reader.get_ref().line))?;
        Ok(names.iter().map(|name| name.trim().to_owned()).collect())
    }

    /// SHA-256, in hexadecimal.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(crate) fn digest(&self) -> Result<String, Failure> {
        let mut context = Context::new(&SHA256);
        let mut all = || {
            let (mut from, mut piece) = (self.start()?, vec![0; PIECE]);
            loop {
                match from.read(&mut piece)? {
                    0 => return Ok(()),
                    count => context.update(piece.get(..count).unwrap_or_default()),
                }
            }
        };
        all().map_err(|error: io::Error| self.wrong(0, &error.to_string()))?;
        Ok(context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// All rows, from the first.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(crate) fn rows(&self) -> Result<Rows<'_>, Failure> {
        let from = match &self.format {
            Format::Csv(_) => {
                let mut reader = self.csv()?;
                let mut names = csv::StringRecord::new();
                reader.read_record(&mut names).map_err(|error| self.csv_wrong(&error, 1))?;
                Source::Csv(Box::new(reader))
            }
            Format::JsonLines => {
                let start = self.start().map_err(|error| self.wrong(0, &error.to_string()))?;
                Source::Json(Lines::new(start), Vec::new())
            }
        };
        Ok(Rows { input: self, from })
    }

    /// What is wrong with a line, from 1; 0: with all of it.
    pub(crate) fn wrong(&self, line: u64, words: &str) -> Failure {
        Failure::Local(match line {
            0 => format!("{}: {words}", self.name),
            line => format!("{}, line {line}: {words}", self.name),
        })
    }

    fn csv_wrong(&self, error: &csv::Error, line: u64) -> Failure {
        match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                self.wrong(line, &format!("expected {expected_len} cells, as in the first row, found {len}"))
            }
            csv::ErrorKind::Utf8 { .. } => self.wrong(line, "expected UTF-8 text"),
            csv::ErrorKind::Io(error) => self.wrong(line, &error.to_string()),
            _ => self.wrong(line, &error.to_string()),
        }
    }
}

impl Rows<'_> {
    /// The next row.
    ///
    /// # Errors
    /// `Failure::Local`: what was expected in which line.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, Failure> {
        let input = self.input;
        let (line, written) = match &mut self.from {
            Source::Json(lines, text) => loop {
                text.clear();
                let is_line = lines.next(text);
                let line = lines.read();
                match is_line.map_err(|error| input.wrong(line + 1, &error.to_string()))? {
                    false => return Ok(None),
                    true if text.trim_ascii().is_empty() => {}
                    true => {
                        let read = std::str::from_utf8(text).map_err(|_| "expected UTF-8 text".to_owned());
                        break (line, read.and_then(members).map_err(|words| input.wrong(line, &words))?);
                    }
                }
            },
            Source::Csv(reader) => {
                let mut cells = csv::StringRecord::new();
                match reader.read_record(&mut cells) {
                    Ok(false) => return Ok(None),
                    Ok(true) => {}
                    Err(error) => return Err(input.csv_wrong(&error, reader.get_ref().line)),
                }
                let own = input.is_own.iter().zip(&cells).filter(|(is_own, _)| **is_own);
                (reader.get_ref().line, Written::Csv(own.map(|(_, cell)| cell.to_owned()).collect()))
            }
        };
        Ok(Some(Row { line, written }))
    }
}

fn members(text: &str) -> Result<Written, String> {
    let (_, members) = Json::parse_members("the row", text).map_err(|error| error.message)?;
    let own = members.iter().filter(|(name, _)| !name.starts_with(TOLD) && *name != "attributes");
    Ok(Written::Json(own.map(|(name, value)| (name.to_owned(), value.as_str().to_owned())).collect()))
}

fn kept(mut from: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut from, &mut file)?;
    Ok(file)
}
