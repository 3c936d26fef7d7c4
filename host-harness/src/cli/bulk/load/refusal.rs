//! What is told of one row: an entry as the actions on several records have it.

use salesforce_connector::core::salesforce_error::of_record;
use serde_json::json;

/// A row that was written.
pub(super) fn written([id, created]: [&str; 2]) -> String {
    json!({"ok": {"id": id, "created": created.eq_ignore_ascii_case("true")}}).to_string()
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
    use serde_json::Value;

    use super::*;

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
