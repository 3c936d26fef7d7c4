//! The recorded result of an execution as a file.

use std::ops::ControlFlow;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::page::Path;
use super::super::session::Session;
use super::tables::BOUNDS;
use crate::api::Problem;
use crate::app::App;
use crate::database::StoreError;
use crate::executions::ExecutionResult;
use crate::ids::ExecutionId;
use salesforce_actions::table::{Cell, Children, Columns, Source, names, row};

/// Bytes of CSV made of one byte of JSON, and what a short result may take beside: JSON names every member of every
/// record, CSV once.
const LARGEST: usize = 4;
const SLACK: usize = 64 << 10;

/// `GET /console/executions/{id}/result.json`: as it was recorded, byte for byte.
pub(super) async fn json(session: Session, State(app): State<App>, Path(id): Path<ExecutionId>) -> Response {
    let making = async {
        let result = result(&app, &session, &id).await?;
        Ok(file(&format!("execution-{id}.json"), "application/json", result.get().to_owned()))
    };
    session.shown(making).await
}

/// `GET /console/executions/{id}/result.csv`: its records, columns as the page shows them. The name of the file says if these
/// are not all.
pub(super) async fn csv(session: Session, State(app): State<App>, Path(id): Path<ExecutionId>) -> Response {
    let making = async {
        let result = result(&app, &session, &id).await?;
        let making = tokio::task::spawn_blocking(move || {
            let page: Page = serde_json::from_str(result.get()).unwrap_or_default();
            if let Some(count) = page.counted() {
                return Ok((format!("count\r\n{count}\r\n"), false));
            }
            let csv = to_csv(&Source::of_result(&result))?;
            Ok((csv.text, csv.cut > 0 || page.next.is_some()))
        });
        let made = making.await.map_err(|_| StoreError::Closed)?;
        let (text, is_partial) = made.map_err(|error: NoCsv| Problem::invalid(error.to_string()))?;
        let partial = if is_partial { "-partial" } else { "" };
        Ok(file(&format!("execution-{id}{partial}.csv"), "text/csv; charset=utf-8; header=present", text))
    };
    session.shown(making).await
}

async fn result(app: &App, session: &Session, id: &str) -> Result<Box<RawValue>, Problem> {
    let execution = app.executions.find(&session.tenant.id, id).await?;
    match execution.ok_or_else(|| Problem::not_found("execution"))?.given {
        Some(ExecutionResult::Value(result)) => Ok(result),
        _ => Err(Problem::not_found("result: the execution has given none, or it is no longer kept")),
    }
}

/// What a result says beside its records, if it is a page.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    count: u64,
    total_size: Option<u64>,
    next: Option<String>,
}

impl Page {
    /// The answer to `SELECT COUNT()`, which has no records.
    fn counted(&self) -> Option<u64> {
        self.total_size.filter(|total| *total > 0 && self.count == 0 && self.next.is_none())
    }
}

/// The name is made of an id of ours, found in the database: it needs no quoting.
fn file(name: &str, content_type: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}

/// A result is no table that a file can hold.
#[derive(Debug, thiserror::Error)]
enum NoCsv {
    #[error("the result as CSV: {0}")]
    Csv(#[from] csv::Error),
    #[error(
        "the result has records that fit no table: more than 500 columns, too long, or nested too deep; download it as JSON"
    )]
    Unfit,
    #[error("the result is many times as long as CSV: download it as JSON")]
    TooLong,
}

/// Records as CSV.
#[derive(Debug)]
struct Csv {
    text: String,
    /// Sub-queries that have more rows than are here.
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

/// RFC 4180: a line of names, then a line for each record. The rows of a sub-query are a JSON array, or of one that is cut
/// `{"count":2,"totalSize":260,"records":[...]}`. The records are read twice, one at a time: as values they take many times as
/// much memory as their text.
fn to_csv(source: &Source<'_>) -> Result<Csv, NoCsv> {
    let mut columns = Columns::default();
    let (mut bytes, mut count) = (0, 0);
    let mut read = Ok(());
    source.each(|text| {
        bytes += text.len();
        match source.read(text, count, BOUNDS.record_bytes) {
            Some(record) => columns.add(&record),
            None => read = Err(NoCsv::Unfit),
        }
        count += 1;
        if read.is_err() || columns.is_wider() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    read?;
    if columns.is_wider() {
        return Err(NoCsv::Unfit);
    }
    let paths = columns.paths();
    let most = bytes.saturating_mul(LARGEST).saturating_add(SLACK);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if !paths.is_empty() {
        writer.write_record(names(&paths).iter().map(|name| harmless(name)))?;
    }
    let (mut written, mut cut, mut index) = (Ok(()), 0, 0);
    source.each(|text| {
        written = source.read(text, index, BOUNDS.record_bytes).map_or(Ok(()), |record| {
            let row = row(&record, &paths, None, index);
            cut += row
                .iter()
                .map(|cell| if let Cell::Children(children) = cell { children.cut } else { 0 })
                .sum::<usize>();
            write_row(&mut writer, row, most)
        });
        index += 1;
        if written.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    written?;
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    // csv writes what it was given, which is text.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Csv { text, cut })
}

fn write_row(writer: &mut csv::Writer<Vec<u8>>, row: Vec<Cell>, most: usize) -> Result<(), NoCsv> {
    writer.write_record(row.into_iter().map(|cell| match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Other(text) => harmless(&text),
        // A number is digits, sign, point and exponent: no formula, and with an apostrophe no number either.
        Cell::Number(digits) => digits,
        Cell::Children(children) => rows_of(children),
    }))?;
    if writer.get_ref().len() > most { Err(NoCsv::TooLong) } else { Ok(()) }
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

/// Spreadsheets run what begins like a formula (OWASP "CSV Injection").
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv_of(json: &str) -> String {
        to_csv(&Source::Array(json)).unwrap().text
    }

    #[test]
    fn what_needs_quotes_gets_them_and_every_digit_stays() {
        let json =
            r#"[{"Name":"a, \"b\"\nc","N":9007199254740993.10,"E":1e-7,"B":true,"Z":null,"Owner":{"Name":"東京"}}]"#;
        let expected = "Name,N,E,B,Z,Owner.Name\r\n\"a, \"\"b\"\"\nc\",9007199254740993.10,1e-7,true,,東京\r\n";
        assert_eq!(csv_of(json), expected);
    }

    #[test]
    fn nothing_begins_like_a_formula() {
        let json =
            r#"[{"A":"=1+1","B":"+1","C":"-1","D":"@SUM(A1)","E":"\t=1","F":"\r=1","G":-1.50,"H":"a=1","I":" =1"}]"#;
        let expected = "A,B,C,D,E,F,G,H,I\r\n'=1+1,'+1,'-1,'@SUM(A1),'\t=1,\"'\r=1\",-1.50,a=1, =1\r\n";
        assert_eq!(csv_of(json), expected);
        let line = csv_of(r#"[{"=x":1}]"#);
        assert_eq!(line, "'=x\r\n1\r\n");
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
        let csv = to_csv(&Source::Array(json)).unwrap();
        let cell = r#"{""count"":1,""totalSize"":260,""records"":[{""N"":1.50}]}"#;
        assert_eq!((csv.text, csv.cut), (format!("C\r\n\"{cell}\"\r\n"), 1));
        let inner = r#"{"totalSize":-1,"done":false,"records":[{}]}"#;
        let json = format!(r#"[{{"C":{{"totalSize":1,"done":true,"records":[{{"D":{inner}}}]}}}}]"#);
        assert_eq!(to_csv(&Source::Array(&json)).unwrap().cut, 1);
    }

    #[test]
    fn s04_csv_is_no_more_than_a_small_multiple_of_the_result() {
        let wide: String = (0..400).map(|number| format!("\"a{number}\":1,")).collect();
        let sparse = format!("[{{{wide}\"z\":1}},{}{{}}]", "{},".repeat(100_000));
        assert!(matches!(to_csv(&Source::Array(&sparse)), Err(NoCsv::TooLong)));
        let wide: String = (0..1_000).map(|number| format!("\"a{number}\":1,")).collect();
        assert!(matches!(to_csv(&Source::Array(&format!("[{{{wide}\"z\":1}}]"))), Err(NoCsv::Unfit)));
        let nested = format!("[{}1{}]", "{\"p\":".repeat(200), "}".repeat(200));
        assert!(matches!(to_csv(&Source::Array(&nested)), Err(NoCsv::Unfit)));
    }
}
