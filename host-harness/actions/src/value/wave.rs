//! A call as the WIT has it: the function with its arguments in WAVE, the text form of component values.

use std::fmt::Write;

use salesforce_runtime::Val;

/// The call; the connection and the options are named, not shown: the one holds a token.
pub(crate) fn call(function: &str, arguments: &[Val]) -> String {
    let arguments: String = arguments.iter().map(|argument| format!("  {},\n", value(argument))).collect();
    format!("{function}(\n  connection,\n{arguments}  options,\n)")
}

fn value(of: &Val) -> String {
    match of {
        Val::Bool(value) => value.to_string(),
        Val::S8(number) => number.to_string(),
        Val::S16(number) => number.to_string(),
        Val::S32(number) => number.to_string(),
        Val::S64(number) => number.to_string(),
        Val::U8(number) => number.to_string(),
        Val::U16(number) => number.to_string(),
        Val::U32(number) => number.to_string(),
        Val::U64(number) => number.to_string(),
        Val::Float32(number) => float((*number).into()),
        Val::Float64(number) => float(*number),
        Val::Char(character) => format!("'{}'", escaped(&character.to_string(), '\'')),
        Val::String(value) => text(value),
        Val::Enum(name) => name.clone(),
        Val::List(values) => format!("[{}]", all(values)),
        Val::Tuple(values) => format!("({})", all(values)),
        Val::Record(fields) => {
            let fields: Vec<_> = fields.iter().map(|(name, field)| format!("{name}: {}", value(field))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        Val::Flags(names) => format!("{{{}}}", names.join(", ")),
        Val::Variant(name, held) => case(name, held.as_deref()),
        Val::Option(None) => "none".to_owned(),
        Val::Option(held) => case("some", held.as_deref()),
        Val::Result(Ok(held)) => case("ok", held.as_deref()),
        Val::Result(Err(held)) => case("err", held.as_deref()),
        // What no action takes.
        _ => "...".to_owned(),
    }
}

fn case(name: &str, held: Option<&Val>) -> String {
    held.map_or_else(|| name.to_owned(), |held| format!("{name}({})", value(held)))
}

fn all(values: &[Val]) -> String {
    values.iter().map(value).collect::<Vec<_>>().join(", ")
}

fn float(number: f64) -> String {
    if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "inf" } else { "-inf" }.to_owned()
    } else {
        number.to_string()
    }
}

fn text(text: &str) -> String {
    format!("\"{}\"", escaped(text, '"'))
}

fn escaped(text: &str, quote: char) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            other if other == quote => {
                escaped.push('\\');
                escaped.push(other);
            }
            other if other.is_control() => {
                // A String takes all that is written to it.
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(other));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::tests::own;
    use crate::Call;

    #[test]
    fn a_call_is_shown_with_the_types_of_the_wit() {
        let shown = |action: &str, input: &str| Call::parse(own(), action, input).unwrap().wave();
        let input = r#"{"query":{"soql":"SELECT Id FROM A WHERE N = :n AND I IN :i","parameters":{"n":{"like-contains":"5%\n\"x\""},
            "i":[1,null,{"decimal":"0.10"}]},"batch_size":200}}"#;
        let expected = concat!(
            "soql-query(\n  connection,\n  {soql: \"SELECT Id FROM A WHERE N = :n AND I IN :i\", parameters: [",
            r#"{name: "n", argument: one(like-pattern({text: "5%\n\"x\"", match: contains}))}, "#,
            r#"{name: "i", argument: many([integer(1), null, decimal("0.10")])}], "#,
            "include-deleted: false, batch-size: some(200), max-records: none},\n  options,\n)"
        );
        assert_eq!(shown("soql-query", input), expected);
        let get = r#"{"object":"Account","key":{"external_id":{"field":"E__c","value":"\u0007"}},"fields":["Name","Owner.Name"]}"#;
        let expected = concat!(
            "get-record-field-values(\n  connection,\n  \"Account\",\n  external-id({field: \"E__c\", value: \"\\u{7}\"}),\n",
            "  [\"Name\", \"Owner.Name\"],\n  options,\n)"
        );
        assert_eq!(shown("get-record-field-values", get), expected);
        let save = r#"{"object":"A","target":{"upsert":{"external_id":{"field":"E","value":"1"}}},"fields":{"N":1.50},
            "save":{"assignment_rule":"off"}}"#;
        let text = shown("create-or-update-record", save);
        for part in [
            "upsert({external-id: {field: \"E\", value: \"1\"}, update-only: false})",
            r#""{\"N\":1.50}""#,
            "{assignment-rule: some(off), duplicate-rule: none, if-unmodified-since: none}",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
