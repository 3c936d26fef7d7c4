use super::*;
use crate::core::changes::Filter;
use crate::core::http::{Failure, Response};
use crate::core::name::ObjectName;
use crate::core::script::{Script, answer};
use crate::core::soql::{Argument, Parameter, Value};

const QUERY: &str = "https://example.my.salesforce.com/services/data/v67.0/query?q=";
const ONE: &str = "001D000000IqhSLIAZ";
const TWO: &str = "001D000000IqhSMIAZ";
const EIGHT: &str = "2026-11-24T08:00:00.000+0000";
const NINE: &str = "2026-11-24T09:00:00.000+0000";

fn connection() -> Connection {
    Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap()
}

fn asked(fields: &[&str], position: Option<&str>, since: Option<&str>) -> Result<Request> {
    let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
    let object = ObjectName::parse("Account").unwrap();
    Request::parse(&connection(), object, &fields, None, false, position, since, None, None)
}

fn run(script: &mut Script, request: &Request) -> Result<Changes> {
    changed_records(script, &connection(), request, &CallOptions::parse(None, None, Some(1)).unwrap())
}

fn row(id: &str, time: &str) -> String {
    format!(r#"{{"attributes":{{}}, "N":9007199254740993.10,"Id":"{id}","SystemModstamp":"{time}"}}"#)
}

fn page(rows: &[String]) -> std::result::Result<Response, Failure> {
    Ok(answer(200, &format!(r#"{{"totalSize":{},"done":true,"records":[{}]}}"#, rows.len(), rows.join(" , "))))
}

fn dated(answer: std::result::Result<Response, Failure>, date: &str) -> std::result::Result<Response, Failure> {
    let mut answer = answer?;
    answer.headers.push(("Date".into(), date.as_bytes().to_vec()));
    Ok(answer)
}

#[test]
fn a_poll_says_what_it_selects_and_from_where() {
    let mut script = Script::new([page(&[row(ONE, EIGHT), row(TWO, NINE)]), page(&[])]);
    let first = run(&mut script, &asked(&["Name", "Owner.Name"], None, None).unwrap()).unwrap();
    assert_eq!((first.count, first.more), (2, false));
    assert_eq!(first.records, format!("[{},{}]", row(ONE, EIGHT), row(TWO, NINE)));
    assert_eq!(first.usage, Some(ApiUsage { used: 18, allowed: 5000 }));
    let order = "ORDER+BY+SystemModstamp,+Id+LIMIT";
    let select = "SELECT+Name,+Owner.Name,+Id,+SystemModstamp+FROM+Account+WHERE+SystemModstamp+%3E%3D+";
    assert_eq!(script.requests[0].1, format!("{QUERY}{select}1970-01-01T00:00:00.000Z+{order}+2000"));

    // A minute before the latest time is looked at again, and what was handed out there does not come again.
    let mut script = Script::new([page(&[row(TWO, NINE)])]);
    let second = run(&mut script, &asked(&["Name", "Owner.Name"], Some(&first.position), None).unwrap()).unwrap();
    assert_eq!((second.count, second.records.as_str(), second.more), (0, "[]", false));
    assert_eq!(script.requests[0].1, format!("{QUERY}{select}2026-11-24T08:59:00.000Z+{order}+2000"));
}

#[test]
fn fields_that_are_asked_for_are_not_selected_twice() {
    let object = || ObjectName::parse("Account").unwrap();
    let parameter = Parameter { name: "n".into(), argument: Argument::One(Value::Text("O'N".into())) };
    let filter = Filter::parse("Name = :n", &[parameter]).unwrap();
    let fields = ["id", "systemmodstamp"].map(str::to_owned);
    let request = Request::parse(
        &connection(),
        object(),
        &fields,
        Some(filter),
        true,
        None,
        Some("2026-11-24T10:00:00+01:00"),
        Some(0),
        Some(5),
    );
    let mut script = Script::new([page(&[])]);
    assert_eq!(run(&mut script, &request.unwrap()).unwrap().count, 0);
    assert_eq!(
        script.requests[0].1,
        "https://example.my.salesforce.com/services/data/v67.0/queryAll?q=SELECT+id,+systemmodstamp,+IsDeleted+FROM+Account+\
         WHERE+SystemModstamp+%3E%3D+2026-11-24T09:00:00.000Z+AND+(Name+%3D+'O%5C'N')+ORDER+BY+SystemModstamp,+Id+LIMIT+6"
    );
}

#[test]
fn what_is_settled_by_the_date_of_an_answer_is_not_looked_at_again() {
    let rows = [row(ONE, EIGHT), row(TWO, NINE)];
    let mut script = Script::new([dated(page(&rows), "Tue, 24 Nov 2026 09:00:30 GMT")]);
    let first = run(&mut script, &asked(&["N"], None, None).unwrap()).unwrap();
    // Half a minute is less than the overlap. The date of this answer was not known when it was asked for.
    let mut script = Script::new([dated(page(&rows[1..]), "Tue, 24 Nov 2026 10:00:00 GMT")]);
    let second = run(&mut script, &asked(&["N"], Some(&first.position), None).unwrap()).unwrap();
    assert_eq!(second.count, 0);
    let mut script = Script::new([page(&rows[1..]), page(&[])]);
    let third = run(&mut script, &asked(&["N"], Some(&second.position), None).unwrap()).unwrap();
    assert!(script.requests[0].1.contains("2026-11-24T08:59:30.000Z"), "{}", script.requests[0].1);
    run(&mut script, &asked(&["N"], Some(&third.position), None).unwrap()).unwrap();
    assert!(script.requests[1].1.contains("2026-11-24T09:59:00.000Z"), "{}", script.requests[1].1);
}

#[test]
fn a_record_that_changes_twice_within_a_second_comes_twice() {
    let mut script = Script::new([page(&[row(ONE, NINE)])]);
    let first = run(&mut script, &asked(&["N"], None, None).unwrap()).unwrap();
    let again = row(ONE, NINE).replace("9007", "9008");
    let mut script = Script::new([page(std::slice::from_ref(&again)), page(std::slice::from_ref(&again))]);
    let second = run(&mut script, &asked(&["N"], Some(&first.position), None).unwrap()).unwrap();
    assert_eq!(second.records, format!("[{again}]"));
    let third = run(&mut script, &asked(&["N"], Some(&second.position), None).unwrap()).unwrap();
    assert_eq!(third.count, 0);
}

#[test]
fn more_than_was_asked_for_is_behind_the_position() {
    let request = |position: Option<&str>| {
        let object = ObjectName::parse("Account").unwrap();
        Request::parse(&connection(), object, &["N".into()], None, false, position, None, Some(0), Some(1)).unwrap()
    };
    let mut script = Script::new([page(&[row(ONE, NINE), row(TWO, NINE)]), page(&[row(ONE, NINE), row(TWO, NINE)])]);
    let first = run(&mut script, &request(None)).unwrap();
    assert_eq!((first.records, first.more), (format!("[{}]", row(ONE, NINE)), true));
    assert!(script.requests[0].1.ends_with("LIMIT+2"));
    let second = run(&mut script, &request(Some(&first.position))).unwrap();
    assert_eq!(second.records, format!("[{}]", row(TWO, NINE)));
    assert!(script.requests[1].1.ends_with("LIMIT+3"));
}

/// A page that is cut by the server, and what follows it.
#[test]
fn the_next_query_begins_behind_the_last_row() {
    let cut = format!(
        r#"{{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01g-1","records":[{}]}}"#,
        row(ONE, NINE)
    );
    let mut script = Script::new([Ok(answer(200, &cut)), page(&[row(TWO, NINE)])]);
    let found = run(&mut script, &asked(&["N"], None, None).unwrap()).unwrap();
    assert_eq!((found.count, found.more), (2, false));
    let behind = "SystemModstamp+%3E%3D+2026-11-24T09:00:00.000Z+AND+(SystemModstamp+%3E+2026-11-24T09:00:00.000Z+OR+Id+%3E+'001D000000IqhSL')";
    assert!(script.requests[1].1.contains(behind), "{}", script.requests[1].1);

    // What was found before a failure is not lost.
    let mut script = Script::new([Ok(answer(200, &cut)), Err(Failure::Interrupted)]);
    let found = run(&mut script, &asked(&["N"], None, None).unwrap()).unwrap();
    assert_eq!((found.count, found.more), (1, true));
}

#[test]
fn a_full_window_without_a_date_is_told() {
    let bounds = Bounds { page: 3, window: 1 };
    let options = CallOptions::parse(None, None, Some(1)).unwrap();
    let rows = [row(ONE, NINE), row(TWO, NINE)];
    let mut script = Script::new([page(&rows), page(&rows)]);
    let first = poll(&mut script, &connection(), &asked(&["N"], None, None).unwrap(), &options, bounds).unwrap();
    assert_eq!((first.count, first.more), (1, true));
    let request = asked(&["N"], Some(&first.position), None).unwrap();
    let error = poll(&mut script, &connection(), &request, &options, bounds).unwrap_err();
    assert_eq!((error.kind, error.outcome), (ErrorKind::LimitExceeded, Outcome::Rejected));
    // With one it is a matter of time.
    for (date, count) in [("Tue, 24 Nov 2026 09:00:59 GMT", 0), ("Tue, 24 Nov 2026 09:01:01 GMT", 1)] {
        let mut script = Script::new([dated(page(&rows), date), page(&rows)]);
        let second = poll(&mut script, &connection(), &request, &options, bounds).unwrap();
        assert_eq!((second.count, second.more), (0, false));
        let request = asked(&["N"], Some(&second.position), None).unwrap();
        match poll(&mut script, &connection(), &request, &options, bounds) {
            Ok(third) => assert_eq!(third.count, count),
            Err(error) => assert_eq!((error.kind, count), (ErrorKind::LimitExceeded, 0)),
        }
    }
}

#[test]
fn arguments_are_refused_by_name() {
    let object = || ObjectName::parse("Account").unwrap();
    let name = || ["Name".to_owned()];
    let given = |overlap, max| Request::parse(&connection(), object(), &name(), None, false, None, None, overlap, max);
    for (request, words) in [
        (asked(&[], None, None), "fields: expected 1 to 500"),
        (asked(&["Name", "name"], None, None), "fields: expected each field once"),
        (asked(&["Name FROM Contact"], None, None), "fields: expected API names"),
        (asked(&["Name"], Some("1"), None), "position: expected a position"),
        (asked(&["Name"], None, Some("2026-11-24")), "since: expected a date and time"),
        (given(Some(3_601), None), "overlap-seconds: expected 0 to 3,600"),
        (given(None, Some(0)), "max-records: expected 1 to 10,000"),
        (given(None, Some(10_001)), "max-records: expected 1 to 10,000"),
    ] {
        let error = request.unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent), "{words}");
        assert!(error.message.starts_with(words), "{}", error.message);
    }
}

#[test]
fn an_answer_that_is_not_what_was_asked_for_is_refused() {
    let since = Some("2026-11-24T08:30:00Z");
    for rows in [
        vec![row(ONE, NINE), row(TWO, NINE), row(ONE, NINE)],
        vec![row(ONE, NINE), row(ONE, NINE)],
        vec![row(ONE, NINE), row(TWO, EIGHT)],
        vec![row(ONE, EIGHT)],
        vec![row("../x", NINE)],
        vec![row("001D000000IqhSLIAA", NINE)],
        vec![row(ONE, "2026-11-24")],
        vec![r#"{"Id":"001D000000IqhSLIAZ"}"#.into()],
        vec![format!(r#"{{"SystemModstamp":"{NINE}"}}"#)],
        vec![format!(r#"{{"Id":"{ONE}","Id":"{TWO}","SystemModstamp":"{NINE}"}}"#)],
        vec![format!(r#"{{"Id":null,"SystemModstamp":"{NINE}"}}"#)],
        vec!["[]".into()],
    ] {
        let error = run(&mut Script::new([page(&rows)]), &asked(&["N"], None, since).unwrap()).unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{rows:?}");
    }
    // More than the limit, and a page that goes on with nothing in it.
    let object = ObjectName::parse("Account").unwrap();
    let one = Request::parse(&connection(), object, &["N".into()], None, false, None, None, None, Some(1)).unwrap();
    let rows = [row(ONE, EIGHT), row(TWO, NINE), row("001D000000IqhSN", NINE)];
    assert_eq!(run(&mut Script::new([page(&rows)]), &one).unwrap_err().kind, ErrorKind::InvalidResponse);
    let empty = r#"{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01g-1","records":[]}"#;
    assert_eq!(run(&mut Script::new([Ok(answer(200, empty))]), &one).unwrap_err().kind, ErrorKind::InvalidResponse);
    // The same rows again and again are no rows behind the last.
    let cut = format!(
        r#"{{"totalSize":3,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01g-1","records":[{},{}]}}"#,
        row(ONE, NINE),
        row(TWO, NINE)
    );
    let mut script = Script::new([Ok(answer(200, &cut)), Ok(answer(200, &cut))]);
    let found = run(&mut script, &asked(&["N"], None, since).unwrap()).unwrap();
    assert_eq!((found.count, found.more), (2, true));
    let mut script = Script::new([Ok(answer(200, &cut)), Ok(answer(200, &cut))]);
    let error = run(&mut script, &asked(&["N"], Some(&found.position), None).unwrap()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidResponse);
}

#[test]
fn a_refusal_says_what_the_caller_may_do_next() {
    for (status, code, kind) in [
        (400, "INVALID_FIELD", ErrorKind::InvalidQuery),
        (400, "MALFORMED_QUERY", ErrorKind::InvalidQuery),
        (400, "INVALID_TYPE", ErrorKind::InvalidQuery),
        (403, "REQUEST_LIMIT_EXCEEDED", ErrorKind::RateLimited),
        (401, "INVALID_SESSION_ID", ErrorKind::SessionExpired),
    ] {
        let refused = format!(r#"[{{"message":"m","errorCode":"{code}"}}]"#);
        let error = run(&mut Script::new([Ok(answer(status, &refused))]), &asked(&["N"], None, None).unwrap());
        let error = error.unwrap_err();
        assert_eq!((error.kind, error.outcome), (kind, Outcome::Rejected), "{code}");
    }
}
