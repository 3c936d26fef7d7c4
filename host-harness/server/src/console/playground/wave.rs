//! A call as the WIT has it: the function with its arguments in WAVE, the text form of component values.

use std::fmt::Write;

use salesforce_actions::Action;
use salesforce_runtime::bindings::records::{
    AssignmentRule, DuplicateRule, ExternalId, RecordKey, SaveOptions, Target,
};
use salesforce_runtime::bindings::soql::{Argument, LikeMatch, Parameter, Query, Value};

/// The call; the connection and the options are named, not shown: the one holds a token.
pub(super) fn call(action: &Action) -> String {
    let (function, arguments) = match action {
        Action::SoqlQuery(asked) => ("soql-query", vec![query(asked)]),
        Action::NextPage(cursor) => ("next-page", vec![text(cursor)]),
        Action::GetRecordFieldValues { object, key, fields } => {
            ("get-record-field-values", vec![text(object), record_key(key), list(fields, |field| text(field))])
        }
        Action::CreateOrUpdateRecord { object, target: to, fields, save } => {
            ("create-or-update-record", vec![text(object), target(to), text(fields), save_options(save)])
        }
    };
    let arguments: String = arguments.iter().map(|argument| format!("  {argument},\n")).collect();
    format!("{function}(\n  connection,\n{arguments}  options,\n)")
}

fn query(query: &Query) -> String {
    record(&[
        ("soql", text(&query.soql)),
        ("parameters", list(&query.parameters, parameter)),
        ("include-deleted", query.include_deleted.to_string()),
        ("batch-size", option(query.batch_size, |size| size.to_string())),
        ("max-records", option(query.max_records, |most| most.to_string())),
    ])
}

fn parameter(Parameter { name, argument }: &Parameter) -> String {
    let argument = match argument {
        Argument::One(one) => format!("one({})", value(one)),
        Argument::Many(many) => format!("many({})", list(many, value)),
    };
    record(&[("name", text(name)), ("argument", argument)])
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(value) => format!("boolean({value})"),
        Value::Integer(value) => format!("integer({value})"),
        Value::Decimal(value) => format!("decimal({})", text(value)),
        Value::Text(value) => format!("text({})", text(value)),
        Value::LikePattern(pattern) => {
            let matching = match pattern.match_ {
                LikeMatch::Exact => "exact",
                LikeMatch::StartsWith => "starts-with",
                LikeMatch::EndsWith => "ends-with",
                LikeMatch::Contains => "contains",
                LikeMatch::Pattern => "pattern",
            };
            format!("like-pattern({})", record(&[("text", text(&pattern.text)), ("match", matching.to_owned())]))
        }
        Value::Date(value) => format!("date({})", text(value)),
        Value::Datetime(value) => format!("datetime({})", text(value)),
        Value::Time(value) => format!("time({})", text(value)),
        Value::Currency(value) => format!("currency({})", text(value)),
        Value::Id(value) => format!("id({})", text(value)),
    }
}

fn record_key(key: &RecordKey) -> String {
    match key {
        RecordKey::Id(id) => format!("id({})", text(id)),
        RecordKey::ExternalId(external) => format!("external-id({})", external_id(external)),
    }
}

fn target(target: &Target) -> String {
    match target {
        Target::Create => "create".to_owned(),
        Target::Update(id) => format!("update({})", text(id)),
        Target::Upsert(upsert) => {
            let members =
                [("external-id", external_id(&upsert.external_id)), ("update-only", upsert.update_only.to_string())];
            format!("upsert({})", record(&members))
        }
    }
}

fn external_id(ExternalId { field, value }: &ExternalId) -> String {
    record(&[("field", text(field)), ("value", text(value))])
}

fn save_options(options: &SaveOptions) -> String {
    let assignment = |rule: &AssignmentRule| match rule {
        AssignmentRule::Off => "off".to_owned(),
        AssignmentRule::Rule(id) => format!("rule({})", text(id)),
    };
    let duplicates = |rule: &DuplicateRule| {
        record(&[
            ("allow-save", rule.allow_save.to_string()),
            ("include-record-details", rule.include_record_details.to_string()),
            ("run-as-current-user", rule.run_as_current_user.to_string()),
        ])
    };
    record(&[
        ("assignment-rule", option(options.assignment_rule.as_ref(), assignment)),
        ("duplicate-rule", option(options.duplicate_rule.as_ref(), duplicates)),
        ("if-unmodified-since", option(options.if_unmodified_since.as_deref(), text)),
    ])
}

fn record(members: &[(&str, String)]) -> String {
    let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{{{}}}", members.join(", "))
}

fn list<T>(values: &[T], shown: impl Fn(&T) -> String) -> String {
    format!("[{}]", values.iter().map(shown).collect::<Vec<_>>().join(", "))
}

fn option<T>(value: Option<T>, shown: impl Fn(T) -> String) -> String {
    value.map_or_else(|| "none".to_owned(), |value| format!("some({})", shown(value)))
}

fn text(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other if other.is_control() => {
                // A String takes all that is written to it.
                let _ = write!(quoted, "\\u{{{:x}}}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use salesforce_actions::ActionName;

    fn shown(action: ActionName, input: &str) -> String {
        call(&Action::parse(action, input).unwrap())
    }

    #[test]
    fn a_query_shows_its_parameters_with_their_types() {
        let input = r#"{"soql":"SELECT Id FROM A WHERE N = :n AND I IN :i","parameters":{"n":{"like-contains":"5%\n\"x\""},
            "i":[1,null,{"decimal":"0.10"}]},"batch_size":200}"#;
        let expected = concat!(
            "soql-query(\n  connection,\n  {soql: \"SELECT Id FROM A WHERE N = :n AND I IN :i\", parameters: [",
            r#"{name: "n", argument: one(like-pattern({text: "5%\n\"x\"", match: contains}))}, "#,
            r#"{name: "i", argument: many([integer(1), null, decimal("0.10")])}], "#,
            "include-deleted: false, batch-size: some(200), max-records: none},\n  options,\n)"
        );
        assert_eq!(shown(ActionName::SoqlQuery, input), expected);
    }

    #[test]
    fn records_show_their_keys_and_options() {
        let get =
            r#"{"object":"Account","external_id":{"field":"E__c","value":"\u0007"},"fields":["Name","Owner.Name"]}"#;
        let expected = concat!(
            "get-record-field-values(\n  connection,\n  \"Account\",\n  external-id({field: \"E__c\", value: \"\\u{7}\"}),\n",
            "  [\"Name\", \"Owner.Name\"],\n  options,\n)"
        );
        assert_eq!(shown(ActionName::GetRecordFieldValues, get), expected);
        let save = r#"{"object":"A","upsert":{"field":"E","value":"1"},"fields":{"N":1.50},"options":{"assignment_rule":"off"}}"#;
        let text = shown(ActionName::CreateOrUpdateRecord, save);
        for part in [
            "upsert({external-id: {field: \"E\", value: \"1\"}, update-only: false})",
            r#""{\"N\":1.50}""#,
            "{assignment-rule: some(off), duplicate-rule: none, if-unmodified-since: none}",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(
            shown(ActionName::NextPage, r#"{"cursor":"0r8"}"#),
            "next-page(\n  connection,\n  \"0r8\",\n  options,\n)"
        );
    }
}
