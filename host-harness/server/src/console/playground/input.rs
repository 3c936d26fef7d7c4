//! A form as the input of its action, in the API's own JSON: what is run here can be sent there.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Number, Value, json};

use super::fields::Fields;
use salesforce_actions::ActionName;
use salesforce_actions::parameters::split_list;

/// The fields of a form's parameter rows.
pub(super) const PARAMETER: [&str; 4] = ["parameter-name", "parameter-type", "parameter-many", "parameter-value"];
/// The fields of a form's rows of field values.
pub(super) const FIELD: [&str; 3] = ["field-name", "field-type", "field-value"];
/// What a row's field value may be.
pub(super) const FIELD_TYPES: [&str; 5] = ["text", "number", "boolean", "null", "json"];

/// Something in the form is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The id of the form's element.
    pub(super) field: &'static str,
    pub(super) expected: String,
}

/// The input of an action.
///
/// # Errors
/// [`Wrong`]: what was expected of which field. What the action itself checks is left to it.
pub(super) fn input(action: ActionName, fields: &Fields) -> Result<String, Wrong> {
    match action {
        ActionName::SoqlQuery => query(fields),
        ActionName::NextPage => Ok(json!({"cursor": fields.one("cursor")}).to_string()),
        ActionName::GetRecordFieldValues => get(fields),
        ActionName::CreateOrUpdateRecord => save(fields),
    }
}

fn query(fields: &Fields) -> Result<String, Wrong> {
    let soql = fields.text("soql");
    let soql = needed(soql.trim(), "soql", "a query, e.g. SELECT Id FROM Account")?;
    let (parameters, size, most) =
        (parameters(fields)?, number::<u16>(fields, "batch-size")?, number::<u32>(fields, "max-records")?);
    let members = [
        ("soql", Some(json!(soql))),
        ("parameters", (!parameters.is_empty()).then_some(Value::Object(parameters))),
        ("include_deleted", fields.is_ticked("include-deleted").then_some(json!(true))),
        ("batch_size", size.map(Value::from)),
        ("max_records", most.map(Value::from)),
    ];
    let given = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Ok(Value::Object(given.collect()).to_string())
}

/// The rows that have a name, as a parameters file has them.
fn parameters(fields: &Fields) -> Result<Map<String, Value>, Wrong> {
    let mut parameters = Map::new();
    for [name, kind, many, value] in fields.rows(PARAMETER) {
        let name = name.trim();
        if name.is_empty() {
            if value.is_empty() {
                continue;
            }
            return Err(wrong("parameter-name-1", format!("a name for the parameter with the value {value:?}")));
        }
        let name = name.strip_prefix(':').unwrap_or(name);
        let value = match many {
            "list" => split_list(value).iter().map(|value| parameter(kind, value)).collect(),
            _ => parameter(kind, value),
        };
        if parameters.insert(name.to_owned(), value).is_some() {
            return Err(wrong("parameter-name-1", format!("each parameter once, and {name} is there twice")));
        }
    }
    Ok(parameters)
}

/// A value in the shortest form that a parameters file has for it. One that is not of its type is told by whoever reads it.
fn parameter(kind: &str, value: &str) -> Value {
    match (kind, value) {
        ("text" | "", _) => json!(value),
        ("null", "") => Value::Null,
        ("boolean", "true" | "false") => json!(value == "true"),
        ("integer", _) if value.parse::<i64>().is_ok_and(|number| number.to_string() == value) => number_value(value),
        _ => json!({ kind: value }),
    }
}

fn number_value(digits: &str) -> Value {
    Number::from_str(digits).map_or(Value::Null, Value::Number)
}

fn get(fields: &Fields) -> Result<String, Wrong> {
    let names: Vec<&str> =
        fields.one("fields").split([',', '\n']).map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err(wrong("fields", "names of fields, separated by commas: Name, Owner.Name".to_owned()));
    }
    let object = object(fields)?;
    let input = if fields.one("key") == "external-id" {
        json!({"object": object, "external_id": external_id(fields)?, "fields": names})
    } else {
        json!({"object": object, "id": record_id(fields)?, "fields": names})
    };
    Ok(input.to_string())
}

/// Input of `create-or-update-record`, in the order in which a person reads it.
#[derive(Serialize)]
struct Save<'a> {
    object: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    update: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upsert: Option<Map<String, Value>>,
    fields: Box<RawValue>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    options: Map<String, Value>,
}

fn save(fields: &Fields) -> Result<String, Wrong> {
    let mut save =
        Save { object: object(fields)?, update: None, upsert: None, fields: values(fields)?, options: Map::new() };
    match fields.one("target") {
        "update" => save.update = Some(record_id(fields)?),
        "upsert" => {
            let mut upsert = external_id(fields)?;
            if fields.is_ticked("update-only") {
                upsert.insert("update_only".to_owned(), json!(true));
            }
            save.upsert = Some(upsert);
        }
        _ => {}
    }
    if let Some(rule) = fields.given("assignment-rule") {
        save.options.insert("assignment_rule".to_owned(), json!(rule));
    }
    let duplicates: Map<String, Value> = [
        ("allow-save", "allow_save"),
        ("include-record-details", "include_record_details"),
        ("run-as-current-user", "run_as_current_user"),
    ]
    .into_iter()
    .filter(|(field, _)| fields.is_ticked(field))
    .map(|(_, member)| (member.to_owned(), json!(true)))
    .collect();
    if !duplicates.is_empty() {
        save.options.insert("duplicate_rule".to_owned(), Value::Object(duplicates));
    }
    if let Some(date) = fields.given("if-unmodified-since") {
        save.options.insert("if_unmodified_since".to_owned(), json!(date));
    }
    serde_json::to_string(&save).map_err(|error| wrong("fields-json", error.to_string()))
}

/// The object of field values, from its rows or as it was written. Every digit stays.
fn values(fields: &Fields) -> Result<Box<RawValue>, Wrong> {
    if fields.one("fields-as") == "json" {
        let text = fields.text("fields-json");
        let object = raw(text.trim()).map_err(|error| wrong("fields-json", format!("a JSON object: {error}")))?;
        let is_object = object.get().starts_with('{');
        return if is_object {
            Ok(object)
        } else {
            Err(wrong("fields-json", "a JSON object: {\"Name\": \"Acme\"}".to_owned()))
        };
    }
    let mut members: Vec<(&str, Box<RawValue>)> = Vec::new();
    for [name, kind, value] in fields.rows(FIELD) {
        let name = name.trim();
        if name.is_empty() {
            if value.is_empty() {
                continue;
            }
            return Err(wrong("field-name-1", format!("a name for the field with the value {value:?}")));
        }
        if members.iter().any(|(other, _)| *other == name) {
            return Err(wrong("field-name-1", format!("each field once, and {name} is there twice")));
        }
        let value = value_of(kind, value).map_err(|expected| wrong("field-name-1", format!("{name}: {expected}")))?;
        members.push((name, value));
    }
    object_of(&members).map_err(|error| wrong("field-name-1", error.to_string()))
}

/// An object whose members are in this order and as they are.
fn object_of(members: &[(&str, Box<RawValue>)]) -> Result<Box<RawValue>, serde_json::Error> {
    let members = members.iter().map(|(name, value)| Ok(format!("{}:{}", serde_json::to_string(name)?, value.get())));
    raw(&format!("{{{}}}", members.collect::<Result<Vec<_>, serde_json::Error>>()?.join(",")))
}

fn value_of(kind: &str, value: &str) -> Result<Box<RawValue>, String> {
    let trimmed = value.trim();
    match kind {
        "number" => {
            let is_number = trimmed.starts_with(|first: char| first == '-' || first.is_ascii_digit());
            raw(trimmed)
                .ok()
                .filter(|_| is_number)
                .ok_or_else(|| format!("expected a number such as -12.50, found {value:?}"))
        }
        "boolean" if matches!(trimmed, "true" | "false") => raw(trimmed).map_err(|error| error.to_string()),
        "boolean" => Err(format!("expected true or false, found {value:?}")),
        "null" if trimmed.is_empty() => raw("null").map_err(|error| error.to_string()),
        "null" => Err(format!("null takes no value, found {value:?}")),
        "json" => raw(trimmed).map_err(|error| format!("expected JSON: {error}")),
        _ => to_raw_value(value).map_err(|error| error.to_string()),
    }
}

fn raw(text: &str) -> Result<Box<RawValue>, serde_json::Error> {
    RawValue::from_string(text.to_owned())
}

fn object(fields: &Fields) -> Result<&str, Wrong> {
    needed(fields.one("object").trim(), "object", "the API name of an object, e.g. Account")
}

fn record_id(fields: &Fields) -> Result<&str, Wrong> {
    needed(fields.one("record-id").trim(), "record-id", "the Id of a record, 15 or 18 characters")
}

fn external_id(fields: &Fields) -> Result<Map<String, Value>, Wrong> {
    let field = needed(fields.one("external-field").trim(), "external-field", "the API name of an external Id field")?;
    let value = needed(fields.one("external-value"), "external-value", "the external Id's value")?;
    Ok([("field".to_owned(), json!(field)), ("value".to_owned(), json!(value))].into_iter().collect())
}

fn needed<'a>(value: &'a str, field: &'static str, expected: &str) -> Result<&'a str, Wrong> {
    if value.is_empty() { Err(wrong(field, expected.to_owned())) } else { Ok(value) }
}

fn number<T: FromStr<Err: Display>>(fields: &Fields, name: &'static str) -> Result<Option<T>, Wrong> {
    let read = |text: &str| text.parse().map_err(|_| wrong(name, format!("a whole number, found {text:?}")));
    fields.given(name).map(read).transpose()
}

fn wrong(field: &'static str, expected: String) -> Wrong {
    Wrong { field, expected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salesforce_actions::Action;

    fn row<'a>(name: &'a str, kind: &'a str, many: &'a str, value: &'a str) -> [(&'a str, &'a str); 4] {
        [(PARAMETER[0], name), (PARAMETER[1], kind), (PARAMETER[2], many), (PARAMETER[3], value)]
    }

    fn query_with(rows: &[[(&str, &str); 4]]) -> Result<String, Wrong> {
        let pairs: Vec<_> = [("soql", "SELECT Id\r\nFROM Account")].into_iter().chain(rows.concat()).collect();
        input(ActionName::SoqlQuery, &Fields::of(&pairs))
    }

    #[test]
    fn parameter_rows_become_parameters() {
        let text = query_with(&[
            row("n", "text", "one", "O'Reilly, \"x\""),
            row(":i", "integer", "one", "12"),
            row("big", "integer", "one", "9007199254740993"),
            row("d", "decimal", "one", "0.10"),
            row("b", "boolean", "one", "true"),
            row("z", "null", "one", ""),
            row("day", "date", "one", "2026-11-24"),
            row("l", "text", "list", r"a\,b,c"),
            row("", "text", "one", ""),
        ])
        .unwrap();
        let expected = concat!(
            r#"{"soql":"SELECT Id\nFROM Account","parameters":{"n":"O'Reilly, \"x\"","i":12,"big":9007199254740993,"#,
            r#""d":{"decimal":"0.10"},"b":true,"z":null,"day":{"date":"2026-11-24"},"l":["a,b","c"]}}"#
        );
        assert_eq!(text, expected);
        let Action::SoqlQuery(query) = Action::parse(ActionName::SoqlQuery, &text).unwrap() else { panic!() };
        assert_eq!(query.parameters.len(), 8);
        assert!(format!("{:?}", query.parameters[3]).contains("Decimal(\"0.10\")"));
    }

    #[test]
    fn wrong_rows_are_told() {
        let twice = query_with(&[row("n", "text", "one", "1"), row("n", "text", "one", "2")]).unwrap_err();
        assert!(twice.expected.contains("n is there twice"), "{twice:?}");
        assert!(query_with(&[row("", "text", "one", "x")]).unwrap_err().expected.contains("a name"));
        // What the action checks, it tells.
        let text = query_with(&[row("n", "integer", "one", "1.5")]).unwrap();
        let told = Action::parse(ActionName::SoqlQuery, &text).unwrap_err().to_string();
        assert!(told.contains("n: expected an integer") && !told.contains("1.5"), "{told}");
    }

    #[test]
    fn a_record_is_asked_for_by_id_or_external_id() {
        let by = |pairs: &[(&str, &str)]| input(ActionName::GetRecordFieldValues, &Fields::of(pairs));
        let text =
            by(&[("object", "Account"), ("key", "id"), ("record-id", " 001 "), ("fields", "Name,\r\n Owner.Name ,")]);
        assert_eq!(text.unwrap(), r#"{"object":"Account","id":"001","fields":["Name","Owner.Name"]}"#);
        let external = [
            ("object", "A"),
            ("key", "external-id"),
            ("external-field", "E__c"),
            ("external-value", "4 2"),
            ("fields", "Id"),
        ];
        assert_eq!(
            by(&external).unwrap(),
            r#"{"object":"A","external_id":{"field":"E__c","value":"4 2"},"fields":["Id"]}"#
        );
        assert_eq!(by(&[("object", "A"), ("fields", "Id")]).unwrap_err().field, "record-id");
        assert_eq!(by(&[("object", "A")]).unwrap_err().field, "fields");
    }

    #[test]
    fn field_rows_keep_their_order_and_every_digit() {
        let mut pairs =
            vec![("object", "Account"), ("target", "upsert"), ("external-field", "E__c"), ("external-value", "1")];
        for (name, kind, value) in [
            ("Name", "text", " A \"b\" "),
            ("N__c", "number", "9007199254740993.10"),
            ("B__c", "boolean", "false"),
            ("Z__c", "null", ""),
            ("Owner", "json", r#"{"Email":"x","a":1,"a":2}"#),
        ] {
            pairs.extend([(FIELD[0], name), (FIELD[1], kind), (FIELD[2], value)]);
        }
        let text = input(ActionName::CreateOrUpdateRecord, &Fields::of(&pairs)).unwrap();
        let fields = r#""fields":{"Name":" A \"b\" ","N__c":9007199254740993.10,"B__c":false,"Z__c":null,"Owner":{"Email":"x","a":1,"a":2}}"#;
        assert_eq!(text, format!(r#"{{"object":"Account","upsert":{{"field":"E__c","value":"1"}},{fields}}}"#));
        assert!(Action::parse(ActionName::CreateOrUpdateRecord, &text).is_ok());
    }

    #[test]
    fn raw_fields_are_passed_as_they_are_and_options_are_named() {
        let pairs = [
            ("object", "Lead"),
            ("target", "update"),
            ("record-id", "00Q"),
            ("fields-as", "json"),
            ("fields-json", "{\"N\": 1.50,\r\n \"N\": 2}"),
            ("field-name", "ignored"),
            ("assignment-rule", "off"),
            ("allow-save", "yes"),
            ("if-unmodified-since", "Tue, 24 Nov 2026 09:30:00 GMT"),
        ];
        let text = input(ActionName::CreateOrUpdateRecord, &Fields::of(&pairs)).unwrap();
        let options = r#"{"assignment_rule":"off","duplicate_rule":{"allow_save":true},"if_unmodified_since":"Tue, 24 Nov 2026 09:30:00 GMT"}"#;
        let expected = format!(
            "{{\"object\":\"Lead\",\"update\":\"00Q\",\"fields\":{{\"N\": 1.50,\n \"N\": 2}},\"options\":{options}}}"
        );
        assert_eq!(text, expected);
        assert!(Action::parse(ActionName::CreateOrUpdateRecord, &text).is_ok());
        for wrong in ["[1]", "{", ""] {
            let fields = Fields::of(&[("object", "A"), ("fields-as", "json"), ("fields-json", wrong)]);
            assert_eq!(input(ActionName::CreateOrUpdateRecord, &fields).unwrap_err().field, "fields-json");
        }
        for (kind, value) in [("number", "true"), ("number", "1.x"), ("boolean", "yes"), ("null", "x"), ("json", "{")] {
            let fields = Fields::of(&[("object", "A"), (FIELD[0], "F"), (FIELD[1], kind), (FIELD[2], value)]);
            assert!(input(ActionName::CreateOrUpdateRecord, &fields).is_err(), "{kind} {value}");
        }
    }
}
