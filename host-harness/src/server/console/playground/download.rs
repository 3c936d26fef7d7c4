//! The recorded result of an execution as a file.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::page::Path;
use super::super::session::Session;
use super::records::{Cell, Records};
use crate::server::api::Problem;
use crate::server::app::App;
use crate::server::executions::Given;
use crate::server::ids::ExecutionId;

/// `GET /console/executions/{id}/result.json`: as it was recorded, byte for byte.
pub(super) async fn json(session: Session, State(app): State<App>, Path(id): Path<ExecutionId>) -> Response {
    let making = async {
        let result = result(&app, &session, &id).await?;
        Ok(file(&id, "json", "application/json", result.get().to_owned()))
    };
    session.shown(making).await
}

/// `GET /console/executions/{id}/result.csv`: its records, columns as the page shows them.
pub(super) async fn csv(session: Session, State(app): State<App>, Path(id): Path<ExecutionId>) -> Response {
    let making = async {
        let records = Records::of_result(&result(&app, &session, &id).await?);
        let text = to_csv(&records).map_err(|error| Problem::invalid(format!("the result as CSV: {error}")))?;
        Ok(file(&id, "csv", "text/csv; charset=utf-8; header=present", text))
    };
    session.shown(making).await
}

async fn result(app: &App, session: &Session, id: &str) -> Result<Box<RawValue>, Problem> {
    let execution = app.executions.find(&session.tenant.id, id).await?;
    match execution.ok_or_else(|| Problem::not_found("execution"))?.given {
        Some(Given::Result(result)) => Ok(result),
        _ => Err(Problem::not_found("result: the execution has given none, or it is no longer kept")),
    }
}

/// The id is one of ours, found in the database: it needs no quoting.
fn file(id: &str, extension: &str, content_type: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"execution-{id}.{extension}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}

/// RFC 4180: a line of names, then a line for each record. The rows of sub-queries are JSON.
fn to_csv(records: &Records) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if !records.columns.is_empty() {
        writer.write_record(records.columns.iter().map(|name| harmless(name)))?;
    }
    for row in &records.rows {
        writer.write_record(row.iter().map(|cell| match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Other(text) => harmless(text),
            // A number is digits, sign, point and exponent: no formula, and with an apostrophe no number either.
            Cell::Number(digits) => digits.clone(),
            Cell::Children { records, .. } => Value::Array(records.clone()).to_string(),
        }))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

/// Spreadsheets run what begins like a formula (OWASP "CSV Injection").
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv_of(json: &str) -> String {
        to_csv(&Records::of(&serde_json::from_str::<Vec<Value>>(json).unwrap())).unwrap()
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
}
