//! What a host must tell, line by line, and what the org must say of it afterwards.

use serde_json::{Value, json};

use super::stage::Stage;
use super::told::Told;

/// One check: what, and what is wrong with it.
pub(crate) type Check = (String, Result<(), String>);

/// The query of the first step; the hosts bind the pattern.
const QUERY: &str = "SELECT Name FROM Account WHERE Name LIKE '%a%' ORDER BY Name LIMIT 3";

/// Compares what was told with what must be, then asks the org.
pub(crate) fn checks(stage: &Stage, digest: &str, confined: bool, told: Told) -> Vec<Check> {
    let text = |did: &str, name: &str| {
        let line = told.lines.iter().find(|line| member(line, "did") == did && line.get(name).is_some());
        line.map_or_else(String::new, |line| member(line, name).to_owned())
    };
    let (id, number) = (text("create-or-update-record", "id"), text("soql-query", "number"));
    let page = stage.query(&[QUERY]);
    let names: Vec<_> = page["records"].as_array().into_iter().flatten().map(|record| member(record, "Name")).collect();
    let record = if id.is_empty() {
        Value::Null
    } else {
        let fields = ["get-record-field-values", "Account", "--id", &id, "--fields", "Name,AccountNumber,Owner.Name"];
        stage.harness(&stage.own, &fields).unwrap()["values"].take()
    };

    let mut checks = compared(expected(digest, &names, &id, &record, confined), &told.lines);
    checks.push(("comes to its end".to_owned(), told.ended));
    checks.push(equal("the record is in the org, as it was updated", member(&record, "Name"), "Example, renamed"));
    checks.push(equal("no create was sent again", &stage.middle.creates(), &2));
    checks.push(written_once(stage, &number));
    // Salesforce takes only the newest: a refresh with what is stored succeeds if that is it.
    let current = stage.harness(&stage.connection, &["refresh"]).map(|_| ());
    checks.push(("the stored tokens are the org's newest".to_owned(), current));
    checks
}

/// The lines that must be told, each with what it proves.
fn expected(digest: &str, names: &[&str], id: &str, record: &Value, confined: bool) -> Vec<(&'static str, Value)> {
    let values = json!({
        "Name": "Example", "AccountNumber": record.get("AccountNumber"), "Owner.Name": record.get("Owner.Name"),
    });
    let refusal = |did, kind, outcome| json!({"did": did, "kind": kind, "outcome": outcome});
    let mut lines = vec![
        ("runs these very bytes", json!({"did": "component", "sha256": digest})),
        ("refreshes an expired session", json!({"did": "refresh", "because": "session-expired", "rotated": true})),
        ("SOQL query", json!({"did": "soql-query", "count": names.len(), "total": names.len(), "names": names})),
        ("create a record", json!({"did": "create-or-update-record", "id": id, "created": true})),
        ("get record field values", json!({"did": "get-record-field-values", "values": values})),
        ("update a record", json!({"did": "create-or-update-record", "id": id, "created": false})),
        ("an error, after 10.5 seconds: no such field", refusal("soql-query", "invalid-query", "rejected")),
        ("an error: no such record", refusal("get-record-field-values", "not-found", "rejected")),
        ("an error: a required field is missing", refusal("create-or-update-record", "invalid-record", "rejected")),
        ("an error: a create without an answer", refusal("create-or-update-record", "timeout", "unknown")),
        ("a look instead of a second create", json!({"did": "soql-query", "count": 1})),
        ("an error: a refresh token that is none", refusal("refresh", "reauthorization-required", "rejected")),
    ];
    if confined {
        lines.push((
            "an error: an org that the host does not allow",
            refusal("user-info", "denied-by-host", "not-sent"),
        ));
    }
    lines
}

/// Whether each line says what it must; more is allowed in it, but not more lines.
fn compared(expected: Vec<(&'static str, Value)>, told: &[Value]) -> Vec<Check> {
    let surplus = told.get(expected.len()).map(|line| ("tells nothing else".to_owned(), Err(line.to_string())));
    let check = |(at, (what, wanted)): (usize, (&str, Value))| {
        let result = match told.get(at) {
            None => Err(format!("expected {wanted}, but nothing was told")),
            Some(line) if holds(line, &wanted) => Ok(()),
            Some(line) => Err(format!("expected {wanted}, but {line} was told")),
        };
        (what.to_owned(), result)
    };
    expected.into_iter().enumerate().map(check).chain(surplus).collect()
}

/// Whether an object has all these members.
fn holds(line: &Value, wanted: &Value) -> bool {
    let members = wanted.as_object().into_iter().flatten();
    members.into_iter().all(|(name, value)| line.get(name) == Some(value))
}

/// The create without an answer has written a record, and one only.
fn written_once(stage: &Stage, number: &str) -> Check {
    let soql = "SELECT Id FROM Account WHERE AccountNumber = :number";
    let page = stage.query(&[soql, "--param", &format!("number={number}")]);
    equal("the create without an answer has made one record", &page["count"], &json!(1))
}

/// Whether what was found is what was wanted.
pub(crate) fn equal<T: PartialEq + std::fmt::Debug + ?Sized>(what: &str, found: &T, wanted: &T) -> Check {
    let result = if found == wanted { Ok(()) } else { Err(format!("expected {wanted:?}, found {found:?}")) };
    (what.to_owned(), result)
}

fn member<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_a_missing_and_a_surplus_line_fail() {
        let expected = || vec![("one", json!({"did": "a", "count": 1})), ("two", json!({"did": "b"}))];
        let failed = |told: &[Value]| {
            let checks = compared(expected(), told);
            checks.into_iter().filter(|(_, result)| result.is_err()).map(|(what, _)| what).collect::<Vec<_>>()
        };
        let right = [json!({"did": "a", "count": 1, "more": 2}), json!({"did": "b"})];
        assert_eq!(failed(&right), Vec::<String>::new());
        assert_eq!(failed(&[json!({"did": "a", "count": 2}), json!({"did": "b"})]), ["one"]);
        assert_eq!(failed(&right[..1]), ["two"]);
        assert_eq!(failed(&[]), ["one", "two"]);
        assert_eq!(failed(&[right[0].clone(), right[1].clone(), json!({"did": "c"})]), ["tells nothing else"]);
    }
}
