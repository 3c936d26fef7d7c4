//! JSON text with line breaks. Every digit, key and escape stays as it is, repeated keys too.

/// Breaks and indents JSON text, which must be valid.
pub(super) fn pretty(json: &str) -> String {
    let mut shown = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    let mut rest = json.chars().peekable();
    while let Some(character) = rest.next() {
        if in_string {
            shown.push(character);
            in_string = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            continue;
        }
        match character {
            '{' | '[' => {
                shown.push(character);
                while rest.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    shown.push(end);
                } else {
                    depth += 1;
                    break_line(&mut shown, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut shown, depth);
                shown.push(character);
            }
            ',' => {
                shown.push(',');
                break_line(&mut shown, depth);
            }
            ':' => shown.push_str(": "),
            character if character.is_ascii_whitespace() => {}
            character => {
                in_string = character == '"';
                shown.push(character);
            }
        }
    }
    shown
}

fn break_line(shown: &mut String, depth: usize) {
    shown.push('\n');
    shown.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_space_changes() {
        let json = r#"{"a":[1, 9007199254740993,0.10],"a":{ },"b":[],"c":"x: {\"y\",\\","d":null}"#;
        let expected = "{\n  \"a\": [\n    1,\n    9007199254740993,\n    0.10\n  ],\n  \"a\": {},\n  \"b\": [],\n  \
                        \"c\": \"x: {\\\"y\\\",\\\\\",\n  \"d\": null\n}";
        assert_eq!(pretty(json), expected);
        assert_eq!(pretty(expected), expected);
    }
}
