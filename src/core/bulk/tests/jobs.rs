use super::*;
use crate::core::soql::Query;

fn create(script: &mut Script, query: &Query, attempts: Option<u8>) -> crate::core::error::Result<Job> {
    create_query_job(script, &connection(), query, &options(attempts))
}

fn query(soql: &str, include_deleted: bool) -> Query {
    Query::parse(soql, &[], include_deleted, None, None).unwrap()
}

fn get(body: Result<Response, Failure>, kind: JobKind) -> crate::core::error::Result<Job> {
    get_job(&mut Script::new([body]), &connection(), kind, &job_id(), &options(None))
}

#[test]
fn a_query_becomes_a_job() {
    let mut script = Script::new([job("UploadComplete", ""), job("UploadComplete", "")]);
    let made = create(&mut script, &query("SELECT Id FROM Account WHERE Name = 'a\"b'", false), None).unwrap();
    assert_eq!((made.id.as_str(), made.state, made.object.as_deref()), (ID, JobState::UploadComplete, Some("Account")));
    assert_eq!((made.results, made.records_processed, made.usage.unwrap().used), (None, None, 18));
    create(&mut script, &query("SELECT Id FROM Account", true), None).unwrap();
    let sent = |operation: &str, soql: &str| {
        format!(
            r#"{{"operation":"{operation}","query":"{soql}","contentType":"CSV","columnDelimiter":"COMMA","lineEnding":"LF"}}"#
        )
    };
    assert_eq!(
        script.requests,
        [
            (
                Method::Post,
                format!("{DATA}/jobs/query"),
                sent("query", r#"SELECT Id FROM Account WHERE Name = 'a\"b'"#)
            ),
            (Method::Post, format!("{DATA}/jobs/query"), sent("queryAll", "SELECT Id FROM Account")),
        ]
    );
}

#[test]
fn a_job_is_made_again_only_if_the_caller_allows_it() {
    let soql = query("SELECT Id FROM Account", false);
    for (attempts, sent) in [(None, 1), (Some(1), 1), (Some(10), 2)] {
        let mut script = Script::new([Err(LOST), Err(LOST)]);
        let error = create(&mut script, &soql, attempts).unwrap_err();
        assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, true, sent));
    }
}

#[test]
fn a_complete_query_leads_to_its_results_in_its_own_version() {
    let more = r#","jobType":"V2Query","numberRecordsProcessed":1000000,"retries":0,"totalProcessingTime":1250"#;
    let done = get(job("JobComplete", more), JobKind::Query).unwrap();
    let results = done.results.as_ref().unwrap().text();
    assert_eq!(results, format!("/services/data/v60.0/jobs/query/{ID}/results"));
    assert_eq!(
        (done.records_processed, done.retries, done.processing_ms, done.error_message),
        (Some(1_000_000), Some(0), Some(1_250), None)
    );
    let short = format!(r#"{{"id":"{ID}","state":"JobComplete","apiVersion":61}}"#);
    let done = get(Ok(answer(200, &short)), JobKind::Query).unwrap();
    assert_eq!(done.results.unwrap().text(), format!("/services/data/v61.0/jobs/query/{ID}/results"));
    assert_eq!(get(job("JobComplete", ""), JobKind::Ingest).unwrap().results, None);
}

#[test]
fn states_are_salesforces_and_a_new_one_is_no_end() {
    use JobState::*;
    for (name, state) in [
        ("Open", Open),
        ("UploadComplete", UploadComplete),
        ("InProgress", InProgress),
        ("JobComplete", JobComplete),
        ("Failed", Failed),
        ("Aborted", Aborted),
        ("BrandNew", InProgress),
        ("open", InProgress),
    ] {
        assert_eq!(get(job(name, ""), JobKind::Ingest).unwrap().state, state, "{name}");
    }
}

#[test]
fn a_failed_job_may_say_why() {
    assert_eq!(get(job("Failed", ""), JobKind::Query).unwrap().error_message, None);
    let why = r#","errorMessage":"InvalidBatch : Field name not found :\u001b X","numberRecordsFailed":3"#;
    let failed = get(job("Failed", why), JobKind::Ingest).unwrap();
    assert_eq!(failed.error_message.as_deref(), Some("InvalidBatch : Field name not found :\\u{1b} X"));
    assert_eq!((failed.records_failed, failed.records_processed), (Some(3), None));
    let long = format!(r#","errorMessage":"{}""#, "x".repeat(3_000));
    let bounded = get(job("Failed", &long), JobKind::Query).unwrap().error_message.unwrap();
    assert_eq!(bounded.chars().count(), 2_000);
    let echo = r#","errorMessage":"no session 00D!TOKEN, 00D!TOK…","object":"00D!TOKEN""#;
    let echoed = get(Ok(answer(200, &format!(r#"{{"id":"{ID}","state":"Failed"{echo}}}"#))), JobKind::Ingest).unwrap();
    assert_eq!(echoed.error_message.as_deref(), Some("no session [redacted], [redacted]"));
    assert_eq!(echoed.object.as_deref(), Some("[redacted]"));
}

#[test]
fn what_is_no_job_or_another_one_is_told() {
    let other = r#"{"id":"7505e000003xPmlAAE","state":"Open"}"#.to_owned();
    let without_version = format!(r#"{{"id":"{ID}","state":"JobComplete"}}"#);
    let odd_version = format!(r#"{{"id":"{ID}","state":"JobComplete","apiVersion":"60.0"}}"#);
    let counts = r#""numberRecordsProcessed":1,"numberRecordsFailed":2"#;
    let contradictory = format!(r#"{{"id":"{ID}","state":"JobComplete","apiVersion":60.0,{counts}}}"#);
    let odd_count = format!(r#"{{"id":"{ID}","state":"Open","numberRecordsProcessed":-1}}"#);
    for body in [
        "",
        "[]",
        "{}",
        &contradictory,
        r#"{"id":"x","state":"Open"}"#,
        r#"{"id":"7505e000003xPmkAAE"}"#,
        &other,
        &without_version,
    ]
    .into_iter()
    .chain([odd_version.as_str(), &odd_count])
    {
        let error = get(Ok(answer(200, body)), JobKind::Query).unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{body}");
    }
}

#[test]
fn a_job_is_aborted_and_a_lost_answer_leads_to_its_state() {
    let mut script = Script::new([job("Aborted", "")]);
    let aborted = abort(&mut script, &connection(), JobKind::Query, &job_id(), &options(None)).unwrap();
    assert_eq!(aborted.state, JobState::Aborted);
    let sent = (Method::Patch, format!("{DATA}/jobs/query/{ID}"), r#"{"state":"Aborted"}"#.to_owned());
    assert_eq!(script.requests, [sent]);

    let error =
        abort(&mut Script::new([job("JobComplete", "")]), &connection(), JobKind::Query, &job_id(), &options(None));
    assert_eq!(error.unwrap_err().kind, ErrorKind::InvalidResponse);

    let mut script = Script::new([Err(LOST), refused(400, "INVALIDJOBSTATE")]);
    let error = abort(&mut script, &connection(), JobKind::Ingest, &job_id(), &options(Some(2))).unwrap_err();
    assert_eq!((error.kind, error.outcome), (ErrorKind::WrongState, Outcome::Unknown));
    assert!(error.message.contains("get the job"), "{}", error.message);
}

#[test]
fn a_repeated_delete_that_finds_the_job_gone_is_a_success() {
    let delete =
        |script: &mut Script, attempts| delete(script, &connection(), JobKind::Ingest, &job_id(), &options(attempts));
    let mut script = Script::new([Ok(answer(204, ""))]);
    assert!(!delete(&mut script, None).unwrap().already_deleted);
    assert_eq!(script.requests, [(Method::Delete, format!("{DATA}/jobs/ingest/{ID}"), String::new())]);
    let mut script = Script::new([Err(LOST), refused(404, "NOT_FOUND")]);
    assert!(delete(&mut script, Some(2)).unwrap().already_deleted);
    let error = delete(&mut Script::new([refused(404, "NOT_FOUND")]), Some(2)).unwrap_err();
    assert_eq!((error.kind, error.outcome), (ErrorKind::NotFound, Outcome::Rejected));
}
