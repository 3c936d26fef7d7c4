//! WAVE, the text in which the wasmtime command line takes arguments and gives results: as much of it as our WIT needs.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Value};

/// A string.
pub(crate) fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => quoted.push_str(&format!("\\u{{{:x}}}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted + "\""
}

/// A value as JSON: `some(x)` as `x`, `none` as null, `case(x)` as `{"case":x}`, a case without a value as its name. None
/// if it is not WAVE.
pub(crate) fn parse(wave: &str) -> Option<Value> {
    let mut rest = wave.trim().chars().peekable();
    let parsed = value(&mut rest)?;
    rest.next().is_none().then_some(parsed)
}

type Rest<'a> = Peekable<Chars<'a>>;

fn value(rest: &mut Rest<'_>) -> Option<Value> {
    spaces(rest);
    match rest.peek()? {
        '"' => string(rest).map(Value::String),
        '[' => list(rest, ('[', ']'), value).map(Value::Array),
        '{' => list(rest, ('{', '}'), field).map(|fields| Value::Object(fields.into_iter().collect())),
        _ => case(rest),
    }
}

/// A number, or a case with or without a value.
fn case(rest: &mut Rest<'_>) -> Option<Value> {
    let name = word(rest)?;
    if rest.peek() != Some(&'(') {
        return Some(match name.as_str() {
            "none" => Value::Null,
            // `true`, `false` and numbers are written as in JSON.
            _ => serde_json::from_str(&name).unwrap_or(Value::String(name)),
        });
    }
    let payload = list(rest, ('(', ')'), value)?.into_iter().next()?;
    Some(if name == "some" { payload } else { Value::Object(Map::from_iter([(name, payload)])) })
}

fn field(rest: &mut Rest<'_>) -> Option<(String, Value)> {
    spaces(rest);
    let name = word(rest)?;
    spaces(rest);
    rest.next_if_eq(&':')?;
    Some((name, value(rest)?))
}

/// Items between two brackets, with commas.
fn list<T>(
    rest: &mut Rest<'_>,
    (open, close): (char, char),
    item: impl Fn(&mut Rest<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    rest.next_if_eq(&open)?;
    let mut items = Vec::new();
    loop {
        spaces(rest);
        if rest.next_if_eq(&close).is_some() {
            return Some(items);
        }
        items.push(item(rest)?);
        spaces(rest);
        if rest.peek() != Some(&close) {
            rest.next_if_eq(&',')?;
        }
    }
}

fn string(rest: &mut Rest<'_>) -> Option<String> {
    rest.next_if_eq(&'"')?;
    let mut text = String::new();
    loop {
        match rest.next()? {
            '"' => return Some(text),
            '\\' => text.push(escaped(rest)?),
            character => text.push(character),
        }
    }
}

fn escaped(rest: &mut Rest<'_>) -> Option<char> {
    match rest.next()? {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'u' => {
            rest.next_if_eq(&'{')?;
            let digits: String = std::iter::from_fn(|| rest.next_if(char::is_ascii_hexdigit)).collect();
            rest.next_if_eq(&'}')?;
            char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
        }
        character @ ('"' | '\'' | '\\') => Some(character),
        _ => None,
    }
}

fn word(rest: &mut Rest<'_>) -> Option<String> {
    let part = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '%');
    let word: String = std::iter::from_fn(|| rest.next_if(part)).collect();
    (!word.is_empty()).then_some(word)
}

fn spaces(rest: &mut Rest<'_>) {
    while rest.next_if(|character| character.is_whitespace()).is_some() {}
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_is_read() {
        let wave = r#"ok({records: "[{\"Name\":\"O\\\"x\u{7}\"}]", count: 1, next: none,
                          usage: some({used: 1, allowed: -15}), children: [], last: true})"#;
        let expected = json!({"ok": {
            "records": "[{\"Name\":\"O\\\"x\u{7}\"}]",
            "count": 1, "next": null, "usage": {"used": 1, "allowed": -15}, "children": [], "last": true,
        }});
        assert_eq!(parse(wave).unwrap(), expected);
        assert_eq!(
            parse("err({kind: not-found, fields: [\"a\", \"b\"]})").unwrap(),
            json!({"err": {"kind": "not-found", "fields": ["a", "b"]}})
        );
    }

    #[test]
    fn what_is_not_wave_is_refused() {
        for text in ["", "ok(", "{a: }", "\"open", "[1 2]", "ok(1) more", r#""\x""#] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_string_survives() {
        for original in ["plain", "a \"b\" \\ c", "line\nand\ttab", "Zürich 日本"] {
            assert_eq!(parse(&text(original)).unwrap(), json!(original));
        }
    }
}
