//! JSON with line breaks, and otherwise as it came: no digit, key or order is touched.

/// Lays out JSON text, which must be valid.
pub(super) fn pretty(json: &str) -> String {
    let mut laid_out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut characters = json.chars().peekable();
    let line = |to: &mut String, depth: usize| {
        to.push('\n');
        to.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                laid_out.push('"');
                while let Some(inner) = characters.next() {
                    laid_out.push(inner);
                    match inner {
                        '\\' => laid_out.extend(characters.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '{' | '[' => {
                laid_out.push(character);
                while characters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                match characters.next_if(|next| matches!(next, '}' | ']')) {
                    Some(end) => laid_out.push(end),
                    None => {
                        depth += 1;
                        line(&mut laid_out, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut laid_out, depth);
                laid_out.push(character);
            }
            ',' => {
                laid_out.push(',');
                line(&mut laid_out, depth);
            }
            ':' => laid_out.push_str(": "),
            blank if blank.is_ascii_whitespace() => {}
            other => laid_out.push(other),
        }
    }
    laid_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_and_nothing_else_changes() {
        let json = r#"{"a":[1.50,9007199254740993,{ }],"a" : "x,{\"}\\","e":[]}"#;
        let expected =
            "{\n  \"a\": [\n    1.50,\n    9007199254740993,\n    {}\n  ],\n  \"a\": \"x,{\\\"}\\\\\",\n  \"e\": []\n}";
        assert_eq!(pretty(json), expected);
        assert_eq!(pretty(&pretty(json)), expected);
    }
}
