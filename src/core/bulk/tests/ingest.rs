use super::*;
use crate::core::api_usage::ApiUsage;
use crate::core::error::Result;
use crate::core::name::{FieldName, ObjectName};

fn new(operation: IngestOperation) -> NewIngestJob {
    NewIngestJob {
        object: ObjectName::parse("Account").unwrap(),
        operation,
        assignment_rule: None,
        line_ending: LineEnding::Lf,
        column_delimiter: ColumnDelimiter::Comma,
    }
}

fn upload(script: &mut Script, data: &str) -> Result<(u64, Option<ApiUsage>)> {
    let data = Upload::parse(data.to_owned())?;
    upload_job_data(script, &connection(), &job_id(), data, &options(Some(10)))
}

#[test]
fn a_job_says_what_becomes_of_its_rows() {
    use ColumnDelimiter::*;
    use IngestOperation::*;
    let field = FieldName::parse("ERP_Id__c").unwrap();
    for (operation, told) in [
        (Insert, "insert\""),
        (Update, "update\""),
        (Upsert(field), "upsert\",\"externalIdFieldName\":\"ERP_Id__c\""),
        (Delete, "delete\""),
        (HardDelete, "hardDelete\""),
    ] {
        let mut script = Script::new([job("Open", "")]);
        let made = create_ingest_job(&mut script, &connection(), &new(operation), &options(None)).unwrap();
        assert_eq!((made.state, made.records_processed, made.records_failed), (JobState::Open, None, None));
        let (method, url, body) = &script.requests[0];
        assert_eq!((*method, url), (Method::Post, &format!("{DATA}/jobs/ingest")));
        let rest = r#","contentType":"CSV","lineEnding":"LF","columnDelimiter":"COMMA"}"#;
        assert_eq!(*body, format!(r#"{{"object":"Account","operation":"{told}{rest}"#));
    }
    for (delimiter, name) in
        [(Tab, "TAB"), (Pipe, "PIPE"), (Semicolon, "SEMICOLON"), (Caret, "CARET"), (Backquote, "BACKQUOTE")]
    {
        let assignment_rule = Some(RecordId::parse("x", "01Q5e000000abcD").unwrap());
        let new =
            NewIngestJob { assignment_rule, line_ending: LineEnding::Crlf, column_delimiter: delimiter, ..new(Insert) };
        let mut script = Script::new([job("Open", "")]);
        create_ingest_job(&mut script, &connection(), &new, &options(None)).unwrap();
        let expected = format!(
            r#"{{"object":"Account","operation":"insert","assignmentRuleId":"01Q5e000000abcD","contentType":"CSV","lineEnding":"CRLF","columnDelimiter":"{name}"}}"#
        );
        assert_eq!(script.requests[0].2, expected);
    }
}

#[test]
fn a_job_that_is_another_than_was_asked_for_is_none() {
    let make = |state: &str, told: &str| {
        let mut script = Script::new([job(state, told)]);
        let field = FieldName::parse("ERP_Id__c").unwrap();
        let new = new(IngestOperation::Upsert(field));
        create_ingest_job(&mut script, &connection(), &new, &options(None))
    };
    for as_asked in [
        r#","operation":"Upsert","externalIdFieldName":"acme__ERP_Id__c","contentType":"CSV""#,
        r#","lineEnding":"LF","columnDelimiter":"COMMA","assignmentRuleId":null"#,
    ] {
        make("Open", as_asked).unwrap();
    }
    for other in [
        r#","operation":"insert""#,
        r#","externalIdFieldName":"Id""#,
        r#","externalIdFieldName":"ShERP_Id__c""#,
        r#","columnDelimiter":"TAB""#,
        r#","lineEnding":"CRLF""#,
    ] {
        let error = make("Open", other).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{other}");
    }
    for state in ["InProgress", "JobComplete", "Failed", "Aborted"] {
        assert!(make(state, "").unwrap_err().message.contains("open"), "{state}");
    }
}

#[test]
fn who_may_not_delete_for_good_lacks_a_permission() {
    let make = |operation| {
        let mut script = Script::new([refused(400, "FEATURENOTENABLED")]);
        create_ingest_job(&mut script, &connection(), &new(operation), &options(None)).unwrap_err()
    };
    assert_eq!(make(IngestOperation::HardDelete).kind, ErrorKind::Forbidden);
    assert_eq!(make(IngestOperation::Insert).kind, ErrorKind::AccessDenied);
}

#[test]
fn data_are_uploaded_as_they_are() {
    let mut script = Script::new([Err(Failure::Unreachable), Ok(answer(201, ""))]);
    let (count, usage) = upload(&mut script, "\u{feff}Name,Note\r\n\"A\r\nB\",\"é\"\"\"\r\n").unwrap();
    assert_eq!((count, usage.unwrap().used), (1, 18));
    let url = format!("{DATA}/jobs/ingest/{ID}/batches");
    let sent = (Method::Put, url, "Name,Note\r\n\"A\r\nB\",\"é\"\"\"\r\n".to_owned());
    assert_eq!(script.requests, [sent.clone(), sent]);
    assert!(script.headers[1].contains(&("content-type", b"text/csv; charset=UTF-8".to_vec())));
}

#[test]
fn an_upload_without_an_answer_is_not_repeated() {
    for response in [Err(LOST), Ok(answer(500, "")), Ok(answer(200, "")), Ok(answer(204, ""))] {
        let mut script = Script::new([response]);
        let error = upload(&mut script, "Name\nA").unwrap_err();
        assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 1));
        assert!(error.message.contains("abort it"), "{}", error.message);
    }
    let error = upload(&mut Script::new([refused(400, "INVALIDJOBSTATE")]), "Name\nA").unwrap_err();
    assert_eq!((error.kind, error.outcome), (ErrorKind::WrongState, Outcome::Rejected));
    assert!(!error.message.contains("abort it"), "{}", error.message);
}

#[test]
fn data_that_salesforce_would_fail_are_refused_before_they_are_sent() {
    for (data, words) in [
        ("", "at least one row"),
        ("\u{feff}", "at least one row"),
        ("\n\n", "at least one row"),
        ("Name,Site", "at least one row"),
        ("\"Na\nme\"\r\n\r\n", "at least one row"),
        ("Name\n\"A\n", "closed"),
    ] {
        let error = upload(&mut Script::new([]), data).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent), "{data:?}");
        assert!(error.message.starts_with("csv: ") && error.message.contains(words), "{}", error.message);
    }
}

#[test]
fn a_job_is_closed_and_a_lost_answer_leads_to_its_state() {
    let close = |script: &mut Script, attempts| close_ingest_job(script, &connection(), &job_id(), &options(attempts));
    let mut script = Script::new([job("UploadComplete", "")]);
    assert_eq!(close(&mut script, None).unwrap().state, JobState::UploadComplete);
    let sent = (Method::Patch, format!("{DATA}/jobs/ingest/{ID}"), r#"{"state":"UploadComplete"}"#.to_owned());
    assert_eq!(script.requests, [sent]);
    let open = close(&mut Script::new([job("Open", "")]), None).unwrap_err();
    assert_eq!((open.kind, open.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown));
    let error = close(&mut Script::new([Err(LOST)]), None).unwrap_err();
    assert_eq!((error.outcome, error.retryable), (Outcome::Unknown, true));
    assert!(error.message.contains("get the job"), "{}", error.message);
}

#[test]
fn rows_are_read_by_what_became_of_them() {
    for (which, below, header) in [
        (IngestResult::Successful, "successfulResults", "\"sf__Id\",\"sf__Created\",\"Name\"\n"),
        (IngestResult::Failed, "failedResults", "\"sf__Id\"|\"sf__Error\"|\"Name\"\n"),
        (IngestResult::Unprocessed, "unprocessedrecords", "Name\n"),
    ] {
        let body = &format!("{header}\"\",\"A:b\nc:--\",\"x\"\n\"\",\"\",\"\"");
        let mut script = Script::new([Ok(csv(body, &[])), Ok(csv(header, &[])), Ok(csv("", &[]))]);
        let mut read = || get_ingest_results(&mut script, &connection(), &job_id(), which, &options(None)).unwrap();
        let (some, none, nothing) = (read(), read(), read());
        assert_eq!((some.csv, some.count), (format!("{body}\n"), 2));
        assert_eq!((none.count, nothing.count, nothing.csv.as_str()), (0, 0, ""));
        assert_eq!(script.requests[0].1, format!("{DATA}/jobs/ingest/{ID}/{below}"));
        assert_eq!(script.headers[0][0], ("accept", b"text/csv".to_vec()));
    }
}

#[test]
fn the_error_of_a_row_that_repeats_the_token_does_not_show_it() {
    let body = "\"sf__Id\",\"sf__Error\"\n\"\",\"no session 00D!TOKEN, says 00D!TOKEN…\"\n";
    let mut script = Script::new([Ok(csv(body, &[]))]);
    let failed =
        get_ingest_results(&mut script, &connection(), &job_id(), IngestResult::Failed, &options(None)).unwrap();
    assert_eq!(failed.csv, body.replace("00D!TOKEN", "[redacted]"));
}

#[test]
fn rows_that_are_not_there_or_not_whole_are_told() {
    let read = |response| {
        let mut script = Script::new([response]);
        let which = IngestResult::Failed;
        get_ingest_results(&mut script, &connection(), &job_id(), which, &options(None)).unwrap_err()
    };
    assert_eq!(read(refused(400, "INVALIDJOBSTATE")).kind, ErrorKind::WrongState);
    assert_eq!(read(Ok(answer(200, "{}"))).kind, ErrorKind::InvalidResponse);
    assert_eq!(read(Ok(csv("\"sf__Id\"\n\"1", &[]))).kind, ErrorKind::InvalidResponse);
    for other in ["<html>\n<p>Sign in</p>\n", "\"sf__Id\",\"Name\"\n\"\",\"x\"\n", "\"\",\"x\"\n"] {
        let error = read(Ok(csv(other, &[])));
        assert!(error.message.contains("a header with sf__id and sf__error"), "{other}: {}", error.message);
    }
    let large = read(Err(Failure::ResponseTooLarge));
    assert!(large.message.contains("less in one job"), "{}", large.message);
}
