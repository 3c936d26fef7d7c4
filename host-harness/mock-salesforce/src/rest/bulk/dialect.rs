//! The CSV of a job: what separates columns, and what ends lines.

use std::io::Cursor;

use csv::{QuoteStyle, ReaderBuilder, Terminator, WriterBuilder};
use serde_json::{Map, Value};

use super::{invalid_job, text};
use crate::ApiError;
use crate::csv_quotes::{self, WrongQuote};

const DELIMITERS: [(&str, u8); 6] =
    [("COMMA", b','), ("TAB", b'\t'), ("PIPE", b'|'), ("SEMICOLON", b';'), ("CARET", b'^'), ("BACKQUOTE", b'`')];

/// How CSV is written and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// The name of the delimiter, and the delimiter.
    delimiter: (&'static str, u8),
    crlf: bool,
}

impl Dialect {
    /// Takes `columnDelimiter`, `lineEnding` and `contentType` out of a request.
    pub(super) fn take(body: &mut Map<String, Value>) -> Result<Self, ApiError> {
        let name = text(body, "columnDelimiter")?.unwrap_or_else(|| "COMMA".to_owned());
        let delimiter = DELIMITERS.into_iter().find(|(known, _)| *known == name);
        let delimiter = delimiter.ok_or_else(|| invalid_job(format!("columnDelimiter {name} is not known")))?;
        let crlf = match text(body, "lineEnding")?.as_deref() {
            None | Some("LF") => false,
            Some("CRLF") => true,
            Some(other) => return Err(invalid_job(format!("lineEnding {other} is not known"))),
        };
        match text(body, "contentType")?.as_deref() {
            None | Some("CSV") => Ok(Self { delimiter, crlf }),
            Some(other) => Err(invalid_job(format!("contentType {other} is not known"))),
        }
    }

    pub(super) fn delimiter(self) -> &'static str {
        self.delimiter.0
    }

    pub(super) fn line_ending(self) -> &'static str {
        if self.crlf { "CRLF" } else { "LF" }
    }

    /// Whether every line outside of quotes ends as the dialect says.
    pub(super) fn ends_lines_of(self, text: &str) -> bool {
        let (mut quoted, mut before) = (false, 0);
        text.bytes().all(|byte| {
            quoted ^= byte == b'"';
            let fits = byte != b'\n' || quoted || (before == b'\r') == self.crlf;
            before = byte;
            fits
        })
    }

    /// Checks that cells are whole in quotes or without any.
    pub(super) fn check_quotes(self, text: &str) -> Result<(), WrongQuote> {
        csv_quotes::check(text, char::from(self.delimiter.1)).map_err(|(_, wrong)| wrong)
    }

    pub(super) fn reader(self, text: String) -> csv::Reader<Cursor<String>> {
        ReaderBuilder::new().delimiter(self.delimiter.1).flexible(true).from_reader(Cursor::new(text))
    }

    /// Lines of these columns, all quoted.
    pub(super) fn lines<'a>(
        self,
        lines: impl IntoIterator<Item = impl IntoIterator<Item = &'a str>>,
    ) -> Result<Vec<u8>, ApiError> {
        let terminator = if self.crlf { Terminator::CRLF } else { Terminator::Any(b'\n') };
        let mut writer = WriterBuilder::new();
        writer.delimiter(self.delimiter.1).quote_style(QuoteStyle::Always).terminator(terminator).flexible(true);
        let mut writer = writer.from_writer(Vec::new());
        let failed = |error: String| ApiError::new(500, "UNKNOWN_EXCEPTION", error);
        for line in lines {
            writer.write_record(line).map_err(|error| failed(error.to_string()))?;
        }
        writer.into_inner().map_err(|error| failed(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn dialect(body: Value) -> Result<Dialect, ApiError> {
        Dialect::take(&mut body.as_object().unwrap().clone())
    }

    #[test]
    fn names_are_salesforces() {
        let plain = dialect(json!({})).unwrap();
        assert_eq!((plain.delimiter(), plain.line_ending()), ("COMMA", "LF"));
        let other = dialect(json!({"columnDelimiter": "PIPE", "lineEnding": "CRLF", "contentType": "CSV"})).unwrap();
        assert_eq!((other.delimiter(), other.line_ending()), ("PIPE", "CRLF"));
        for wrong in [json!({"columnDelimiter": ","}), json!({"lineEnding": "CR"}), json!({"contentType": "JSON"})] {
            assert_eq!(dialect(wrong).unwrap_err().code, "INVALIDJOB");
        }
    }

    #[test]
    fn line_ends_inside_of_quotes_do_not_count() {
        let (lf, crlf) = (dialect(json!({})).unwrap(), dialect(json!({"lineEnding": "CRLF"})).unwrap());
        assert!(lf.ends_lines_of("a\n\"b\r\nc\"\n") && !lf.ends_lines_of("a\r\nb"));
        assert!(crlf.ends_lines_of("a\r\n\"b\nc\"\r\n") && !crlf.ends_lines_of("a\nb"));
    }

    #[test]
    fn everything_is_quoted() {
        let lines = dialect(json!({})).unwrap().lines([vec!["a", ""], vec!["say \"hi\"", "x,y"]]).unwrap();
        assert_eq!(String::from_utf8(lines).unwrap(), "\"a\",\"\"\n\"say \"\"hi\"\"\",\"x,y\"\n");
    }
}
