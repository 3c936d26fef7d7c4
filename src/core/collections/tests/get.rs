//! Reading records.

use super::super::{Found, get, parse_ids};
use super::*;
use crate::core::http::Method;
use crate::core::name::ObjectName;
use crate::core::records::parse_fields;

fn read(script: &mut Script, ids: &[&str], fields: &[&str]) -> Result<Found> {
    let (ids, fields) = (parse_ids(&texts(ids))?, parse_fields(&texts(fields))?);
    let options = CallOptions::parse(None, None, None).unwrap();
    get(script, &connection(), &ObjectName::parse("Account").unwrap(), &ids, &fields, &options)
}

/// A record with this Id, and numbers that no float holds.
fn record(id: &str) -> String {
    format!(r#"{{"attributes":{{"type":"Account"}},"Id":"{id}","N":9007199254740993.10,"Name":null}}"#)
}

#[test]
fn records_come_in_order_byte_for_byte_with_null_for_none() {
    let body = format!("[{},\n null,{}]", record(IDS[2]), record(IDS[0]));
    let mut script = Script::new([Ok(answer(200, &format!(" {body}\n")))]);
    let found = read(&mut script, &[IDS[2], IDS[1], "001D000000IqhSL"], &["N", "Name"]).unwrap();
    assert_eq!((found.records, found.usage.unwrap().used), (body, 18));
    let expected = format!(r#"{{"ids":["{}","{}","001D000000IqhSL"],"fields":["Id","N","Name"]}}"#, IDS[2], IDS[1]);
    assert_eq!(script.requests, [(Method::Post, format!("{BASE}/composite/sobjects/Account"), expected)]);
}

#[test]
fn the_id_is_asked_for_once() {
    let mut script = Script::new([Ok(answer(200, "[null]"))]);
    read(&mut script, &[IDS[0]], &["Name", "ID"]).unwrap();
    assert!(script.requests[0].2.ends_with(r#""fields":["Name","ID"]}"#));
}

#[test]
fn it_is_a_read_and_repeated_like_one() {
    let lost = || [Err(LOST), Ok(answer(503, "")), Ok(answer(200, "[null]"))];
    let mut script = Script::new(lost());
    assert_eq!(read(&mut script, &[IDS[0]], &["Name"]).unwrap().records, "[null]");
    assert_eq!(script.sent(), 3);
    for (code, kind) in [("INVALID_FIELD", ErrorKind::InvalidQuery), ("MALFORMED_ID", ErrorKind::InvalidRecord)] {
        let body = format!(r#"[{{"errorCode":"{code}","message":"m"}}]"#);
        let error = read(&mut Script::new([Ok(answer(400, &body))]), &[IDS[0]], &["x"]).unwrap_err();
        assert_eq!((error.kind, error.outcome), (kind, Outcome::Rejected));
    }
}

#[test]
fn f116_an_answer_with_other_records_than_were_asked_for_is_refused() {
    let (one, two) = (record(IDS[0]), record(IDS[1]));
    for body in [
        "[]".to_owned(),
        format!("[{one}]"),
        format!("[{one},{two},null]"),
        format!("[{two},{one}]"),
        format!("[{one},{one}]"),
        format!("[{one},7]"),
        format!("[{one},{{}}]"),
        format!("[{one},{{\"Id\":null}}]"),
        format!("[{one},{{\"Id\":\"{}\",\"id\":\"{}\"}}]", IDS[1], IDS[1]),
        format!("{{\"records\":[{one},{two}]}}"),
        format!("[{one},{two}"),
        "null".into(),
        String::new(),
    ] {
        let error = read(&mut Script::new([Ok(answer(200, &body))]), &IDS[..2], &["Name"]).unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{body}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_before_sending() {
    let many = vec![IDS[0]; 2_001];
    for (ids, fields, words) in [
        (&[][..], &["Name"][..], "ids: expected 1 to 2,000, but there are 0"),
        (&many, &["Name"], "ids: expected 1 to 2,000, but there are 2001: get the records in parts"),
        (&[IDS[0], "001"], &["Name"], "ids[1]: expected a record Id"),
        (&[IDS[0], "001D000000IqhS\""], &["Name"], "ids[1]: expected a record Id"),
        (&[IDS[0]], &[], "fields: expected 1 to 500"),
        (&[IDS[0]], &["Name", "name"], "fields: expected each field once"),
        (&[IDS[0]], &["Na\"me"], "fields: expected API names"),
        (&[IDS[0]], &["Owner.Name"], "fields: expected API names of fields, such as Name: soql-query reads paths"),
    ] {
        let error = read(&mut Script::new([]), ids, fields).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        assert!(error.message.starts_with(words), "{}", error.message);
    }
}
