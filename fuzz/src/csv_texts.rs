//! CSV by others than the connector: what is beyond doubt, and where its records end.

/// Whether a text is CSV as RFC 4180 has it, but that lines may end with a line feed alone: quotes stand around a value or double
/// inside of one, and a carriage return outside of quotes stands before a line feed.
pub fn is_strict(text: &str) -> bool {
    #[derive(PartialEq)]
    enum At {
        Start,
        Bare,
        Quoted,
        QuoteInQuoted,
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut at = At::Start;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        at = match (at, byte) {
            (At::Quoted, b'"') => At::QuoteInQuoted,
            (At::Quoted, _) => At::Quoted,
            (At::QuoteInQuoted, b'"') => At::Quoted,
            (At::Start, b'"') => At::Quoted,
            (_, b'\r') if bytes.peek() == Some(&b'\n') => At::Bare,
            (_, b',' | b'\n') => At::Start,
            (At::QuoteInQuoted, _) | (_, b'"' | b'\r') => return false,
            _ => At::Bare,
        };
    }
    at != At::Quoted
}

/// Whether all records have as many cells, by the crate `csv`.
pub fn is_table(text: &str) -> bool {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.byte_records().all(|record| record.is_ok())
}

/// Where each record ends, its line end included, by the crate `csv`, which passes over empty lines.
pub fn record_ends(text: &str) -> Vec<usize> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::ByteRecord::new();
    let mut ends = Vec::new();
    while reader.read_byte_record(&mut record).unwrap() {
        // It has not read the line feed behind a carriage return yet.
        let end = usize::try_from(reader.position().byte()).unwrap();
        let is_split = text[..end].ends_with('\r') && text[end..].starts_with('\n');
        ends.push(if is_split { end + 1 } else { end });
    }
    ends
}
