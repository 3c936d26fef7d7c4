//! What is told of one row: an entry as the actions on several records have it.

use std::collections::HashSet;

use salesforce_actions::bulk::Operation;
use salesforce_connector::core::record_id::RecordId;
use salesforce_connector::core::salesforce_error::of_record;
use serde_json::{Value, json};

/// A row that was written: the Id of a record that no other row of an insert has, and the one that the row names by its `key` where
/// that is an Id. None: it is not.
pub(super) fn written(
    [id, created]: [&str; 2],
    key: Option<&str>,
    operation: &Operation,
    ids: &mut HashSet<String>,
) -> Option<String> {
    let record = RecordId::parse("sf__Id", id).ok()?;
    let created = match created {
        _ if created.eq_ignore_ascii_case("true") => true,
        _ if created.eq_ignore_ascii_case("false") => false,
        _ => return None,
    };
    let is_own = match operation {
        Operation::Insert => created && ids.insert(record.to_18()),
        Operation::Upsert(_) => true,
        Operation::Update | Operation::Delete | Operation::HardDelete => {
            !created && key.and_then(|key| RecordId::parse("Id", key).ok()).is_some_and(|key| key.is(&record))
        }
    };
    is_own.then(|| json!({"ok": {"id": id, "created": created}}).to_string())
}

/// Whether an entry tells that nothing was written of its row, nor may be.
pub(super) fn is_not_written(entry: &str) -> bool {
    let error = serde_json::from_str::<Value>(entry)
        .ok()
        .and_then(|entry| entry.pointer("/error/outcome")?.as_str().map(str::to_owned));
    error.is_some_and(|outcome| outcome != "unknown")
}

/// A row that was refused, by what `sf__Error` says: `CODE:message:Field,Field --`.
pub(super) fn refused([text]: [&str; 1]) -> String {
    let (code, rest) = text.split_once(':').filter(|(code, _)| is_code(code)).unwrap_or(("", text));
    let rest = rest.trim_end().strip_suffix("--").unwrap_or(rest).trim_end();
    let (message, fields) = match rest.rsplit_once(':') {
        Some((message, fields)) if fields.split(',').all(is_field) => (message, fields),
        _ => (rest, ""),
    };
    let fields: Vec<_> =
        fields.split(',').map(|field| field.trim().to_owned()).filter(|field| !field.is_empty()).collect();
    let error = of_record(code, message, &fields);
    let problems = error.problems.iter();
    let problems = problems.map(|told| json!({"code": told.code, "message": told.message, "fields": told.fields}));
    json!({"error": {
        "kind": kebab(&format!("{:?}", error.kind)),
        "outcome": kebab(&format!("{:?}", error.outcome)),
        "retryable": error.retryable,
        "message": error.message,
        "problems": problems.collect::<Vec<_>>(),
    }})
    .to_string()
}

/// A row that Salesforce did not come to.
pub(super) fn not_run(why: &str) -> String {
    json!({"error": {"kind": "not-run", "outcome": "rejected", "retryable": false, "message": why}}).to_string()
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

fn is_field(text: &str) -> bool {
    text.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}

/// A case of an enum of Rust, as the WIT names it.
fn kebab(case: &str) -> String {
    let mut name = String::new();
    for letter in case.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use salesforce_runtime::names::{error_kind_named, outcome_named};

    use super::*;

    #[test]
    fn what_was_written_has_the_id_of_a_record_of_its_own() {
        use Operation::*;
        let upsert = Upsert("ERP_Id__c".to_owned());
        const ONE: &str = "001Kp00000AbCdEIAV";
        let mut ids = HashSet::new();
        let mut told = |id, created, key, operation: &Operation| written([id, created], key, operation, &mut ids);
        let entry = |created: bool| Some(json!({"ok": {"id": ONE, "created": created}}).to_string());
        assert_eq!(told(ONE, "true", None, &Insert), entry(true));
        assert_eq!(told(ONE, "true", None, &Insert), None, "a second time");
        assert_eq!(told(ONE, "False", Some("42"), &upsert), entry(false));
        assert_eq!(told(ONE, "false", Some(&ONE[..15]), &Update), entry(false));
        assert_eq!(told(ONE, "false", Some(ONE), &HardDelete), entry(false));
        for (id, created, key, operation) in [
            ("", "true", None, &Insert),
            ("x", "true", None, &Insert),
            ("001Kp00000AbCdFIAV", "false", None, &Insert),
            (ONE, "", Some("42"), &upsert),
            (ONE, "yes", Some("42"), &upsert),
            (ONE, "false", Some("001Kp00000AbCdF"), &Update),
            (ONE, "true", Some(ONE), &Delete),
        ] {
            assert_eq!(told(id, created, key, operation), None, "{id} {created} {operation:?}");
        }
    }

    #[test]
    fn a_refusal_is_told_with_its_parts() {
        let error = |text| serde_json::from_str::<Value>(&refused([text])).unwrap()["error"].clone();
        let told = "INVALID_FIELD:Failed to deserialize field at col 3. Due to, '2003:01' is not a valid value for the type xsd:date:CloseDate --";
        let message =
            "Failed to deserialize field at col 3. Due to, '2003:01' is not a valid value for the type xsd:date";
        let first = error(told);
        assert_eq!(first["problems"], json!([{"code": "INVALID_FIELD", "message": message, "fields": ["CloseDate"]}]));
        assert_eq!((&first["kind"], &first["outcome"]), (&json!("invalid-record"), &json!("rejected")));
        let lock = error("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--");
        assert_eq!((&lock["kind"], &lock["retryable"]), (&json!("locked"), &json!(true)));
        let several = error("REQUIRED_FIELD_MISSING:Required fields are missing: [Name, City]:Name,City --");
        assert_eq!(several["problems"][0]["fields"], json!(["Name", "City"]));
        assert_eq!(several["problems"][0]["message"], "Required fields are missing: [Name, City]");
        let other = error("something else: [x]");
        assert_eq!(other["problems"], json!([{"code": "", "message": "something else: [x]", "fields": []}]));
        for told in [first, lock, several, other] {
            assert!(error_kind_named(told["kind"].as_str().unwrap()).is_some(), "{told}");
            assert!(outcome_named(told["outcome"].as_str().unwrap()).is_some(), "{told}");
        }
    }
}
