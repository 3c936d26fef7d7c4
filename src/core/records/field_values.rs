//! Get record field values: exactly the fields asked for, null told from missing.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_get_field_values.htm>

use super::record_key::RecordKey;
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::encoding::form;
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Response, Transport};
use crate::core::json::{Json, Object, required};
use crate::core::name::{FieldPath, ObjectName};
use crate::core::record_id::RecordId;
use crate::core::send::{Repeat, send};

/// The values asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValues {
    /// JSON object, keyed as the fields were asked for.
    pub values: String,
    /// API usage of the last answer.
    pub usage: Option<ApiUsage>,
}

/// 1 to 500 fields, each once (without regard to case, as Salesforce treats names).
pub fn parse_fields(fields: &[String]) -> Result<Vec<FieldPath>> {
    if !(1..=500).contains(&fields.len()) {
        return Err(Error::invalid_argument("fields", "1 to 500 API names of fields"));
    }
    for (index, field) in fields.iter().enumerate() {
        if fields.iter().take(index).any(|earlier| earlier.eq_ignore_ascii_case(field)) {
            return Err(Error::invalid_argument("fields", "each field once"));
        }
    }
    fields.iter().map(|field| FieldPath::parse(field)).collect()
}

/// Reads the fields of one record: through its own resource, or, where a path leads through a lookup, which that
/// resource cannot follow, by SOQL.
pub fn field_values(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    key: &RecordKey,
    fields: &[FieldPath],
    options: &CallOptions,
) -> Result<FieldValues> {
    if fields.iter().any(FieldPath::is_relationship) {
        return by_query(transport, connection, object, key, fields, options);
    }
    let names: Vec<_> = fields.iter().map(FieldPath::as_str).collect();
    let response = row(transport, connection, object, key, &names.join(","), options)?;
    let record = Json::parse(&response.body, "a record").and_then(|record| pick(record, fields));
    finish(record, &response)
}

/// `GET /sobjects/T/{id}?fields=A,B`
fn row(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    key: &RecordKey,
    fields: &str,
    options: &CallOptions,
) -> Result<Response> {
    let path = format!("/sobjects/{}/{}?{}", object.as_str(), key.path(), form(&[("fields", fields)]));
    send(transport, &Request::get(connection, &path), Repeat::Safe, options)
}

/// The Id of the one record that the key is for. The row resource knows the field's type, and tells several matches from
/// none.
pub(super) fn find_id(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    key: &RecordKey,
    options: &CallOptions,
) -> Result<RecordId> {
    let response = row(transport, connection, object, key, "Id", options)?;
    read_id(&response).map_err(|error| error.with_answer(&response))
}

fn by_query(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    key: &RecordKey,
    fields: &[FieldPath],
    options: &CallOptions,
) -> Result<FieldValues> {
    let id = match key {
        RecordKey::Id(id) => id.clone(),
        RecordKey::ExternalId(_) => find_id(transport, connection, object, key, options)?,
    };
    let names: Vec<_> = fields.iter().map(FieldPath::as_str).collect();
    let soql = format!("SELECT {} FROM {} WHERE Id = '{}'", names.join(", "), object.as_str(), id.as_str());
    let request = Request::get(connection, &format!("/query?{}", form(&[("q", &soql)])));
    let response = send(transport, &request, Repeat::Safe, options)?;
    let records = Object::parse(&response.body, "a query result")
        .and_then(|answer| required("records", answer.list("records")?))
        .map_err(|error| error.with_answer(&response))?;
    let rows: Vec<_> = records.elements().into_iter().flatten().collect();
    match rows.as_slice() {
        [record] => finish(pick(*record, fields), &response),
        // Unknown or deleted? The row resource says which.
        [] => {
            let response = row(transport, connection, object, &RecordKey::Id(id), "Id", options)?;
            finish(Err(Error::invalid_response("the record exists, but the query does not find it")), &response)
        }
        [..] => finish(Err(Error::invalid_response("expected one record, but several came")), &response),
    }
}

fn read_id(response: &Response) -> Result<RecordId> {
    let id = required("Id", Object::parse(&response.body, "a record")?.text("Id")?)?;
    RecordId::parse("Id", &id).map_err(|_| Error::invalid_response("expected a record Id"))
}

/// The text of an object with exactly `fields`, keyed as they were asked for.
pub(in crate::core) fn pick(record: Json<'_>, fields: &[FieldPath]) -> Result<String> {
    // A lookup may be null; a record that is null is no record.
    Object::expect(record, "a record")?;
    let mut values = String::from("{");
    for field in fields {
        if values.len() > 1 {
            values.push(',');
        }
        // A path holds letters, digits, underscores and points, so it needs no escapes.
        values.push_str(&format!("\"{}\":{}", field.as_str(), value(record, field)?.as_str()));
    }
    values.push('}');
    Ok(values)
}

/// Follows a path through nested objects. A lookup that is empty makes the value null.
fn value<'a>(record: Json<'a>, field: &FieldPath) -> Result<Json<'a>> {
    let mut current = record;
    for name in field.as_str().split('.') {
        if current.is_null() {
            break;
        }
        current = Object::expect(current, "a record")?.field(name)?;
    }
    Ok(current)
}

fn finish(values: Result<String>, response: &Response) -> Result<FieldValues> {
    let usage = response.header("sforce-limit-info").and_then(ApiUsage::parse);
    values.map(|values| FieldValues { values, usage }).map_err(|error| error.with_answer(response))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::external_id::ExternalId;
    use crate::core::script::{Script, answer};

    const ID: &str = "001D000000IqhSLIAZ";
    const BASE: &str = "https://example.my.salesforce.com/services/data/v67.0";

    fn run(script: &mut Script, key: &RecordKey, fields: &[&str]) -> Result<FieldValues> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let fields = parse_fields(&fields.iter().map(|field| field.to_string()).collect::<Vec<_>>())?;
        let options = CallOptions::parse(None, None, None).unwrap();
        field_values(script, &connection, &ObjectName::parse("Account").unwrap(), key, &fields, &options)
    }

    fn by_id() -> RecordKey {
        RecordKey::Id(RecordId::parse("id", ID).unwrap())
    }

    fn by_external_id() -> RecordKey {
        RecordKey::ExternalId(ExternalId::parse("ERP_Id__c", "a/b").unwrap())
    }

    #[test]
    fn exactly_the_fields_asked_for_come_back() {
        let body = r#"{"attributes":{},"Id":"x","Name":"Acme","Big__c":9007199254740993,"Phone":null}"#;
        let mut script = Script::new([Ok(answer(200, body))]);
        let values = run(&mut script, &by_id(), &["name", "Big__c", "Phone"]).unwrap();
        assert_eq!(values.values, r#"{"name":"Acme","Big__c":9007199254740993,"Phone":null}"#);
        assert_eq!(script.requests[0].1, format!("{BASE}/sobjects/Account/{ID}?fields=name,Big__c,Phone"));
    }

    #[test]
    fn a_missing_field_is_no_null() {
        let error =
            run(&mut Script::new([Ok(answer(200, r#"{"Name":"Acme"}"#))]), &by_id(), &["Name", "Phone"]).unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)));
        assert!(error.message.contains("Phone"));
    }

    #[test]
    fn what_is_no_record_is_not_a_record_of_nulls() {
        for body in ["null", "[]", "1"] {
            let error = run(&mut Script::new([Ok(answer(200, body))]), &by_id(), &["Name"]).unwrap_err();
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{body}");
        }
        let body = r#"{"totalSize":1,"done":true,"records":[null]}"#;
        let error = run(&mut Script::new([Ok(answer(200, body))]), &by_id(), &["Owner.Name"]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidResponse);
    }

    #[test]
    fn a_path_is_read_by_query() {
        let body = r#"{"totalSize":1,"done":true,"records":[{"Name":"A","Owner":{"attributes":{},"Name":"Z","Manager":null}}]}"#;
        let mut script = Script::new([Ok(answer(200, body))]);
        let values = run(&mut script, &by_id(), &["Owner.Name", "Owner.Manager.Name", "Name"]).unwrap();
        assert_eq!(values.values, r#"{"Owner.Name":"Z","Owner.Manager.Name":null,"Name":"A"}"#);
        assert_eq!(
            script.requests[0].1,
            format!("{BASE}/query?q=SELECT+Owner.Name,+Owner.Manager.Name,+Name+FROM+Account+WHERE+Id+%3D+'{ID}'")
        );
    }

    #[test]
    fn a_path_by_external_id_finds_the_id_first() {
        let found = format!(r#"{{"Id":"{ID}"}}"#);
        let rows = r#"{"totalSize":1,"done":true,"records":[{"Owner":null}]}"#;
        let mut script = Script::new([Ok(answer(200, &found)), Ok(answer(200, rows))]);
        let values = run(&mut script, &by_external_id(), &["Owner.Name"]).unwrap();
        assert_eq!(values.values, r#"{"Owner.Name":null}"#);
        assert_eq!(script.requests[0].1, format!("{BASE}/sobjects/Account/ERP_Id__c/a%2Fb?fields=Id"));
    }

    #[test]
    fn a_record_that_a_query_does_not_find_is_told_unknown_from_deleted() {
        for (code, kind) in [("NOT_FOUND", ErrorKind::NotFound), ("ENTITY_IS_DELETED", ErrorKind::Deleted)] {
            let none = r#"{"totalSize":0,"done":true,"records":[]}"#;
            let refused = format!(r#"[{{"errorCode":"{code}","message":"m"}}]"#);
            let mut script = Script::new([Ok(answer(200, none)), Ok(answer(404, &refused))]);
            let error = run(&mut script, &by_id(), &["Owner.Name"]).unwrap_err();
            assert_eq!((error.kind, error.outcome), (kind, Outcome::Rejected));
        }
    }

    #[test]
    fn several_matches_are_ambiguous() {
        for fields in [["Name"], ["Owner.Name"]] {
            let mut script = Script::new([Ok(answer(300, r#"["/a","/b"]"#))]);
            assert_eq!(run(&mut script, &by_external_id(), &fields).unwrap_err().kind, ErrorKind::Ambiguous);
        }
    }

    #[test]
    fn fields_are_asked_for_once_each() {
        for fields in [vec![], vec!["Name", "NAME"], vec!["Name,Id"], vec![""], vec!["(SELECT Id FROM Contacts)"]] {
            let error = run(&mut Script::new([]), &by_id(), &fields).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidArgument, "{fields:?}");
        }
    }
}
