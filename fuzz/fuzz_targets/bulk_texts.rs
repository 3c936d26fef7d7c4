//! CSV of the Bulk API and the places in it: as many records as the crate `csv` finds, pages that are whole together, and cursors
//! that come back as they were.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salesforce_connector::core::bulk::{ResultsCursor, Upload, get_query_results, upload_job_data};
use salesforce_connector::core::error::ErrorKind;
use salesforce_connector::core::record_id::RecordId;
use salesforce_connector_fuzz::csv_texts::{is_strict, is_table, record_ends};
use salesforce_connector_fuzz::{ACCESS_TOKEN, Answers, check_error, connection, once};

const JOB: &str = "7505e000003xPmkAAE";
const FIRST: &str = "/services/data/v67.0/jobs/query/7505e000003xPmkAAE/results";

/// A cursor, a locator, three bytes of choices and a text, with zero bytes between them.
struct Input<'a> {
    cursor: &'a str,
    locator: &'a str,
    count: u8,
    /// Where the text is cut into pages, by records.
    cut: u8,
    /// Whether a page behind the first repeats the header, as Salesforce does.
    repeats_header: bool,
    text: &'a [u8],
}

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(4, |byte| *byte == 0);
    let mut part = || parts.next().unwrap_or_default();
    let [cursor, locator] = [part(), part()].map(|part| std::str::from_utf8(part).unwrap_or_default());
    let choices = part();
    let choice = |index: usize| choices.get(index).map_or(0, |digit| digit.wrapping_sub(b'0'));
    let repeats_header = choice(2) % 2 == 1;
    let input = Input { cursor, locator, count: choice(0), cut: choice(1), repeats_header, text: part() };
    check_cursor(input.cursor);
    check_page(&input);
    if let Ok(text) = std::str::from_utf8(input.text) {
        check_upload(text);
        check_pages(text, &input);
    }
});

fn check_cursor(text: &str) {
    for text in [text, &format!("{FIRST}?locator={text}")] {
        match ResultsCursor::parse(text) {
            Ok(cursor) => {
                let again = cursor.text();
                assert!(again.len() <= 512 && again.starts_with("/services/data/v"), "{again:?}");
                assert!(!again.contains("..") && !again.chars().any(char::is_whitespace), "{again:?}");
                assert_eq!(ResultsCursor::parse(&again).as_ref(), Ok(&cursor), "{text:?}");
            }
            Err(error) => check_error(&error, &[ACCESS_TOKEN]),
        }
    }
}

/// Whatever came: its own rows to the letter, and as many as it says, or an error.
fn check_page(input: &Input<'_>) {
    let cursor = ResultsCursor::parse(FIRST).unwrap();
    let count = input.count.to_string();
    let mut answers = Answers::csv([(input.text, count.as_str(), input.locator)]);
    match get_query_results(&mut answers, &connection(), &cursor, None, &once()) {
        Ok(page) => {
            assert_eq!(page.count, u64::from(input.count));
            assert!(page.csv.is_empty() || page.csv.ends_with('\n'));
            let came = [input.text, b"\n"].concat();
            let came = came.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&came);
            assert!(came.starts_with(page.csv.as_bytes()), "{page:?}");
            if let Some(next) = page.next {
                assert_eq!(ResultsCursor::parse(&next.text()).unwrap(), next);
            }
        }
        Err(error) => {
            check_error(&error, &[ACCESS_TOKEN]);
            assert!(matches!(error.kind, ErrorKind::InvalidResponse), "{error:?}");
        }
    }
}

/// Data to load: as many rows as there are, and nothing is changed but a mark at the head.
fn check_upload(text: &str) {
    let ends = is_strict(text).then(|| record_ends(text));
    let Ok(data) = Upload::parse(text.to_owned()) else {
        assert!(ends.is_none_or(|ends| ends.len() < 2), "{text:?}");
        return;
    };
    let mut answers = Answers::one(201, b"");
    let (rows, _) =
        upload_job_data(&mut answers, &connection(), &RecordId::parse("job-id", JOB).unwrap(), data, &once()).unwrap();
    assert_eq!(answers.bodies, [text.strip_prefix('\u{feff}').unwrap_or(text).as_bytes()]);
    if let Some(ends) = ends {
        assert_eq!(rows, ends.len() as u64 - 1, "{text:?}");
    }
}

/// A table in two pages: together they are the table.
fn check_pages(text: &str, input: &Input<'_>) {
    // At the head of a page it is a mark, wherever the text was cut.
    if !is_strict(text) || !is_table(text) || text.contains('\u{feff}') {
        return;
    }
    let ends = record_ends(text);
    let Some((&header, rows)) = ends.split_first() else { return };
    let first_rows = usize::from(input.cut) % (rows.len() + 1);
    let cut = if first_rows == 0 { header } else { rows[first_rows - 1] };
    let head = if input.repeats_header { &text[..header] } else { "" };
    if !head.is_empty() && !head.ends_with('\n') {
        return;
    }
    let second = [head, &text[cut..]].concat();
    let [first_count, second_count] = [first_rows, rows.len() - first_rows].map(|rows| rows.to_string());
    let pages = [(text[..cut].as_bytes(), &*first_count, "MQ"), (second.as_bytes(), &*second_count, "null")];
    let mut answers = Answers::csv(pages);
    let mut next = Some(ResultsCursor::parse(FIRST).unwrap());
    let mut whole = String::new();
    while let Some(cursor) = next {
        let page = get_query_results(&mut answers, &connection(), &cursor, None, &once()).unwrap();
        whole.push_str(&page.csv);
        next = page.next;
    }
    let expected = if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    assert_eq!(whole, expected, "{first_rows} rows first");
}
