//! Reports: run now, or started and read later.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_analytics.meta/api_analytics/sforce_analytics_rest_api_intro.htm>

use super::api_usage::ApiUsage;
use super::call_options::CallOptions;
use super::connection::Connection;
use super::error::{Error, Result};
use super::http::{Method, Request, Response, Transport};
use super::json::{Json, Object, required};
use super::record_id::RecordId;
use super::send::{Repeat, send};

/// What a report gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whether nothing was left out.
    pub all_data: bool,
    /// Whether there are detail rows.
    pub has_detail_rows: bool,
    /// JSON text.
    pub content: String,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Not done.
    Running,
    /// Done.
    Done(Report),
    /// It failed.
    Failed,
}

/// Runs a report now.
pub fn run(
    transport: &mut dyn Transport,
    connection: &Connection,
    report: &RecordId,
    include_details: bool,
    options: &CallOptions,
) -> Result<Report> {
    let request = Request::get(connection, &path(report, "", include_details));
    let response = send(transport, &request, Repeat::Safe, options)?;
    read(&response).map_err(|error| error.with_answer(&response))
}

/// Starts a run, and gives the Id to read it by.
pub fn start(
    transport: &mut dyn Transport,
    connection: &Connection,
    report: &RecordId,
    include_details: bool,
    options: &CallOptions,
) -> Result<(String, Option<ApiUsage>)> {
    let request = Request::write(connection, Method::Post, &path(report, "/instances", include_details), "{}");
    let response = send(transport, &request, Repeat::Never, options)?;
    let id = Object::parse(&response.body, "the instance of a report").and_then(|instance| {
        let id = RecordId::parse("id", &required("id", instance.text("id")?)?);
        id.map_err(|_| Error::invalid_response("expected id to be that of the report's instance"))
    });
    id.map(|id| (id.to_18(), usage(&response))).map_err(|error| error.with_answer(&response))
}

/// How far a run is.
pub fn progress(
    transport: &mut dyn Transport,
    connection: &Connection,
    report: &RecordId,
    instance: &RecordId,
    options: &CallOptions,
) -> Result<Progress> {
    let path = ["/analytics/reports/", report.as_str(), "/instances/", instance.as_str()].concat();
    let response = send(transport, &Request::get(connection, &path), Repeat::Safe, options)?;
    read_progress(&response).map_err(|error| error.with_answer(&response))
}

fn path(report: &RecordId, below: &str, include_details: bool) -> String {
    let details = if include_details { "true" } else { "false" };
    ["/analytics/reports/", report.as_str(), below, "?includeDetails=", details].concat()
}

fn usage(response: &Response) -> Option<ApiUsage> {
    response.header("sforce-limit-info").and_then(ApiUsage::parse)
}

fn read_progress(response: &Response) -> Result<Progress> {
    let answer = Object::parse(&response.body, "the instance of a report")?;
    let attributes = required("attributes", answer.member("attributes")?.and_then(Json::object))?;
    Ok(match required("status", attributes.text("status")?)?.as_str() {
        "Success" => Progress::Done(read(response)?),
        "Error" => Progress::Failed,
        // `New`, `Running`, and what may come to be beside them.
        _ => Progress::Running,
    })
}

/// Without `allData` nobody knows whether the rows are all: such an answer is not taken for a report.
fn read(response: &Response) -> Result<Report> {
    let whole = Json::parse(&response.body, "a report")?;
    let report = Object::expect(whole, "a report")?;
    required("factMap", report.member("factMap")?.and_then(Json::object))?;
    let report = Report {
        all_data: required("allData", report.boolean("allData")?)?,
        has_detail_rows: report.boolean("hasDetailRows")?.unwrap_or(false),
        content: whole.as_str().into(),
        usage: usage(response),
    };
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::Failure;
    use crate::core::script::{Script, answer};

    const REPORT: &str = r#"{"attributes":{"status":"Success"},"allData":false,"hasDetailRows":true,"factMap":{"T!T":{"rows":[{"n":0.10}]}}}"#;
    const DATA: &str = "https://example.my.salesforce.com/services/data/v67.0/analytics/reports/00OD0000001cxGE";

    fn id(text: &str) -> RecordId {
        RecordId::parse("report-id", text).unwrap()
    }

    fn context() -> (Connection, RecordId, CallOptions) {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        (connection, id("00OD0000001cxGE"), CallOptions::parse(None, None, Some(10)).unwrap())
    }

    #[test]
    fn a_report_says_whether_its_rows_are_all() {
        let (connection, report, options) = context();
        let whole = REPORT.replace("\"allData\":false", "\"allData\":true").replace("\"hasDetailRows\":true,", "");
        let mut script = Script::new([Err(Failure::Interrupted), Ok(answer(200, REPORT)), Ok(answer(200, &whole))]);
        let given = run(&mut script, &connection, &report, true, &options).unwrap();
        assert_eq!((given.all_data, given.has_detail_rows, given.content.as_str()), (false, true, REPORT));
        assert_eq!(given.usage.unwrap().used, 18);
        assert!(run(&mut script, &connection, &report, false, &options).unwrap().all_data);
        assert_eq!(script.requests[1].1, format!("{DATA}?includeDetails=true"));
        assert_eq!(script.requests[2].1, format!("{DATA}?includeDetails=false"));
        for odd in ["[]", "{}", "{\"allData\":true}", &REPORT.replace("allData", "x"), &REPORT.replace("factMap", "x")]
        {
            let error =
                run(&mut Script::new([Ok(answer(200, odd))]), &connection, &report, true, &options).unwrap_err();
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{odd}");
        }
    }

    #[test]
    fn a_run_is_started_once() {
        let (connection, report, options) = context();
        let started = r#"{"id":"0LGD0000000He3O","status":"New","url":"x"}"#;
        let mut script = Script::new([Ok(answer(200, started))]);
        let (instance, _) = start(&mut script, &connection, &report, true, &options).unwrap();
        assert_eq!(instance, id("0LGD0000000He3O").to_18());
        let (method, url, body) = &script.requests[0];
        assert_eq!(
            (*method, url, body.as_str()),
            (Method::Post, &format!("{DATA}/instances?includeDetails=true"), "{}")
        );
        let mut script = Script::new([Err(Failure::Interrupted)]);
        let error = start(&mut script, &connection, &report, true, &options).unwrap_err();
        assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 1));
        for odd in ["", "[]", "{}", r#"{"id":"0LG"}"#] {
            let error =
                start(&mut Script::new([Ok(answer(200, odd))]), &connection, &report, true, &options).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{odd}");
        }
    }

    #[test]
    fn a_run_is_read_until_it_is_done() {
        let (connection, report, options) = context();
        let instance = id("0LGD0000000He3O");
        let of_status =
            |status: &str| Ok(answer(200, &format!(r#"{{"attributes":{{"status":"{status}"}},"allData":true}}"#)));
        let mut script = Script::new([
            of_status("New"),
            of_status("Odd"),
            of_status("Error"),
            Ok(answer(200, REPORT)),
            of_status("Success"),
        ]);
        let mut read = || progress(&mut script, &connection, &report, &instance, &options);
        assert_eq!(
            (read().unwrap(), read().unwrap(), read().unwrap()),
            (Progress::Running, Progress::Running, Progress::Failed)
        );
        assert!(matches!(read().unwrap(), Progress::Done(report) if report.content == REPORT && !report.all_data));
        assert_eq!(read().unwrap_err().kind, ErrorKind::InvalidResponse, "a success without a report");
        assert_eq!(script.requests[0].1, format!("{DATA}/instances/0LGD0000000He3O"));
        for odd in ["[]", "{}", r#"{"attributes":{}}"#, r#"{"attributes":{"status":1}}"#] {
            let mut script = Script::new([Ok(answer(200, odd))]);
            assert!(progress(&mut script, &connection, &report, &instance, &options).is_err(), "{odd}");
        }
    }
}
