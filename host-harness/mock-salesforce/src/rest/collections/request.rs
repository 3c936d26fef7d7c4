//! The body of a collections request, and what is taken out of each of its records.

use serde_json::Value;

use crate::ApiError;
use crate::org::{Org, Record, RecordId};
use crate::rest::body::JsonObject;

/// The most records of one request.
const LIMIT: usize = 200;
/// The most runs of records of one type.
const RUNS: usize = 10;

/// Records to write.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) all_or_none: bool,
    pub(super) records: Vec<Record>,
}

impl Request {
    pub(super) fn parse(JsonObject(mut body): JsonObject) -> Result<Self, ApiError> {
        let all_or_none = match body.remove("allOrNone") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(value)) => value,
            Some(_) => return Err(ApiError::bad_request("JSON_PARSER_ERROR", "allOrNone must be true or false")),
        };
        let no_records = || ApiError::bad_request("JSON_PARSER_ERROR", "records must be an array of records");
        let Some(Value::Array(records)) = body.remove("records") else { return Err(no_records()) };
        within_limit(records.len())?;
        let records = records.into_iter().map(|record| match record {
            Value::Object(record) => Ok(record),
            _ => Err(no_records()),
        });
        let records: Vec<Record> = records.collect::<Result<_, _>>()?;
        if runs(&records) > RUNS {
            let message = format!(
                "Cannot have more than {RUNS} chunks in a single operation. Please rearrange the data to reduce chunking."
            );
            return Err(ApiError::bad_request("LIMIT_EXCEEDED", message));
        }
        Ok(Self { all_or_none, records })
    }
}

/// 1 to 200. More are refused in the words that users of real orgs were told.
pub(super) fn within_limit(count: usize) -> Result<(), ApiError> {
    match count {
        0 => Err(ApiError::bad_request("REQUIRED_FIELD_MISSING", "At least 1 record is required")),
        1..=LIMIT => Ok(()),
        _ => {
            let message = format!("record limit reached. cannot submit more than {LIMIT} records into this call");
            Err(ApiError::bad_request("EXCEEDED_ID_LIMIT", message))
        }
    }
}

/// How often the type changes from one record to the next, and one.
fn runs(records: &[Record]) -> usize {
    let types: Vec<Option<&str>> = records.iter().map(named_type).collect();
    1 + types.windows(2).filter(|pair| pair.first() != pair.last()).count()
}

fn named_type(record: &Record) -> Option<&str> {
    record.get("attributes")?.get("type")?.as_str()
}

/// The object a record says it is of, taken out of it: `attributes` is not a field, and has to come first. Only what the record
/// is found by may stand before it, as jsforce writes it; that has been taken out by then.
pub(super) fn take_type(org: &Org, record: &mut Record) -> Result<String, ApiError> {
    let name = named_type(record).map(str::to_owned);
    let first = record.keys().next().is_some_and(|name| name == "attributes");
    let Some(name) = name.filter(|_| first) else {
        let message =
            "Nested object for polymorphic foreign key must have an attributes field before any other fields.";
        return Err(ApiError::bad_request("JSON_PARSER_ERROR", message));
    };
    record.shift_remove("attributes");
    match org.object(&name) {
        Ok(object) => Ok(object.name.to_string()),
        Err(_) => Err(ApiError::bad_request("INVALID_TYPE", format!("sObject type '{name}' is not supported."))),
    }
}

/// A value, text or number, taken out of the record whatever the case of its name.
pub(super) fn take(record: &mut Record, name: &str) -> Option<String> {
    let key = record.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
    match record.shift_remove(&key)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The Id of a record of this object.
pub(in crate::rest) fn id_of(org: &Org, object: &str, id: &str) -> Result<String, ApiError> {
    let object = org.object(object)?;
    let found = RecordId::parse(id).filter(|id| id.key_prefix() == object.key_prefix);
    found.map(|id| id.to_string()).ok_or_else(|| {
        let message = format!("{} ID: id value of incorrect type: {id}", object.label);
        ApiError::bad_request("MALFORMED_ID", message).on(&["Id"])
    })
}

/// The object whose records have Ids that begin like this one, and the Id in full.
pub(in crate::rest) fn object_of(org: &Org, id: &str) -> Result<(String, String), ApiError> {
    let malformed = || ApiError::bad_request("MALFORMED_ID", format!("malformed id {id}"));
    let id = RecordId::parse(id).ok_or_else(malformed)?;
    let object = org.objects().find(|object| object.key_prefix == id.key_prefix()).ok_or_else(malformed)?;
    Ok((object.name.to_string(), id.to_string()))
}

pub(in crate::rest) fn missing(message: &str) -> ApiError {
    ApiError::bad_request("MISSING_ARGUMENT", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: Value) -> Result<Request, ApiError> {
        let Value::Object(body) = body else { panic!("an object") };
        Request::parse(JsonObject(body))
    }

    fn of_types(types: &[&str]) -> Value {
        let records: Vec<Value> = types.iter().map(|name| json!({"attributes": {"type": name}})).collect();
        json!({"records": records})
    }

    #[test]
    fn all_or_none_is_off_by_default() {
        assert!(!parse(json!({"records": [{}]})).unwrap().all_or_none);
        assert!(parse(json!({"records": [{}], "allOrNone": true})).unwrap().all_or_none);
        assert!(parse(json!({"records": [{}], "allOrNone": "true"})).is_err());
    }

    #[test]
    fn one_to_200_records_go_in() {
        let records = |count| json!({"records": vec![json!({}); count]});
        assert_eq!(parse(records(200)).unwrap().records.len(), 200);
        assert_eq!(parse(records(201)).unwrap_err().code, "EXCEEDED_ID_LIMIT");
        let error = parse(records(0)).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), ("REQUIRED_FIELD_MISSING", "At least 1 record is required"));
        assert!(parse(json!({"records": [1]})).is_err());
        assert!(parse(json!({})).is_err());
    }

    #[test]
    fn types_change_nine_times_at_most() {
        assert!(parse(of_types(&["Account", "Contact"].repeat(5))).is_ok());
        assert_eq!(parse(of_types(&["Account", "Contact"].repeat(6))).unwrap_err().code, "LIMIT_EXCEEDED");
        assert!(parse(of_types(&["Account"; 200])).is_ok());
    }
}
