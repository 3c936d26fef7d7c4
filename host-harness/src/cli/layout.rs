//! JSON text laid out anew, character for character: no number is parsed, no key is merged.
//!
//! The input is JSON that was checked already; only the whitespace between its tokens changes.

/// On one line, without spaces.
pub(crate) fn compact(json: &str) -> String {
    lay_out(json, None)
}

/// Indented by two spaces; empty objects and arrays stay on one line.
pub(crate) fn pretty(json: &str) -> String {
    lay_out(json, Some("  "))
}

fn lay_out(json: &str, indent: Option<&str>) -> String {
    let mut out = String::with_capacity(json.len());
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    let mut just_opened = false;
    let new_line = |out: &mut String, depth: usize| {
        if let Some(indent) = indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(indent, depth));
        }
    };
    for character in json.chars() {
        if in_string {
            out.push(character);
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        if character.is_ascii_whitespace() {
            continue;
        }
        if matches!(character, '}' | ']') {
            depth = depth.saturating_sub(1);
            if !just_opened {
                new_line(&mut out, depth);
            }
        } else if just_opened {
            new_line(&mut out, depth);
        }
        just_opened = matches!(character, '{' | '[');
        out.push(character);
        match character {
            '{' | '[' => depth += 1,
            ',' => new_line(&mut out, depth),
            ':' if indent.is_some() => out.push(' '),
            '"' => in_string = true,
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#" { "a" : [ 1, 2.50, -1e400 ] , "b:{" : "x \" , y\\" , "c" : { } , "a":[ ]} "#;

    #[test]
    fn every_digit_key_and_escape_survives() {
        assert_eq!(compact(JSON), r#"{"a":[1,2.50,-1e400],"b:{":"x \" , y\\","c":{},"a":[]}"#);
    }

    #[test]
    fn pretty_is_indented() {
        let expected = "{\n  \"a\": [\n    1,\n    2.50,\n    -1e400\n  ],\n  \"b:{\": \"x \\\" , y\\\\\",\n  \"c\": {},\n  \"a\": []\n}";
        assert_eq!(pretty(JSON), expected);
        assert_eq!(compact(&pretty(JSON)), compact(JSON));
    }
}
