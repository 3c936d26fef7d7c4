//! JSON text with line breaks. Every digit, key and escape stays as it is, repeated keys too.
//!
//! What is made of a text is never more than some times as long, and bounded besides: deep nesting would otherwise make
//! gigabytes of indentation from kilobytes.

use maud::{Markup, html};

use salesforce_actions::display::json::inert;

/// Bytes of JSON that a page shows at most.
pub(super) const SHOWN: usize = 256 << 10;
/// Levels that are indented; what is deeper stands where they end.
const DEEPEST: usize = 64;
/// Bytes made of one byte of the text, over the whole, and what a short text may take beside.
const LARGEST: usize = 4;
const SLACK: usize = 4 << 10;

/// A text as it is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pretty {
    pub(super) text: String,
    /// The rest is left out.
    pub(super) is_cut: bool,
}

/// Breaks and indents JSON text, which must be valid, into at most so many bytes.
pub(super) fn pretty(json: &str, most: usize) -> Pretty {
    let mut shown = Shown { text: String::with_capacity(most.min(json.len() * 2)), most, read: 0, depth: 0 };
    let (mut in_string, mut is_escaped) = (false, false);
    let mut rest = json.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        if shown.text.len() >= most {
            return Pretty { text: shown.text, is_cut: true };
        }
        shown.read = at;
        if in_string {
            shown.text.push(character);
            in_string = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            continue;
        }
        match character {
            '{' | '[' => {
                shown.text.push(character);
                while rest.next_if(|(_, next)| next.is_ascii_whitespace()).is_some() {}
                if let Some((_, end)) = rest.next_if(|(_, next)| matches!(next, '}' | ']')) {
                    shown.text.push(end);
                } else {
                    shown.depth += 1;
                    shown.break_line();
                }
            }
            '}' | ']' => {
                shown.depth = shown.depth.saturating_sub(1);
                shown.break_line();
                shown.text.push(character);
            }
            ',' => {
                shown.text.push(',');
                shown.break_line();
            }
            ':' => shown.text.push_str(": "),
            character if character.is_ascii_whitespace() => {}
            character => {
                in_string = character == '"';
                shown.text.push(character);
            }
        }
    }
    Pretty { text: shown.text, is_cut: false }
}

/// A block that shows JSON: all of it, or the beginning and where the whole is. Characters that are not seen, or lead the eye,
/// are escapes in it.
pub(super) fn block(id: &str, title: &str, json: &str, whole: Option<&str>) -> Markup {
    let Pretty { text, is_cut } = pretty(json, SHOWN);
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(title) { pre id=(id) { (inert(&text)) } }
        @if is_cut {
            p id={ (id) "-cut" } class="hint" {
                "The first " (SHOWN >> 10) " KiB are shown."
                @if let Some(path) = whole { " " a href=(path) download { "Download the whole" } "." }
            }
        }
    }
}

struct Shown {
    text: String,
    most: usize,
    /// Bytes of the text that were read.
    read: usize,
    depth: usize,
}

impl Shown {
    /// Where the text has become too long for what was read of it, its lines are not broken.
    fn break_line(&mut self) {
        let indent = self.depth.min(DEEPEST) * 2;
        let after = self.text.len() + 1 + indent;
        if after <= self.most && after <= self.read * LARGEST + SLACK {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n(' ', indent));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(json: &str) -> String {
        let Pretty { text, is_cut } = pretty(json, usize::MAX);
        assert!(!is_cut);
        text
    }

    #[test]
    fn nothing_but_space_changes() {
        let json = r#"{"a":[1, 9007199254740993,0.10],"a":{ },"b":[],"c":"x: {\"y\",\\","d":null}"#;
        let expected = "{\n  \"a\": [\n    1,\n    9007199254740993,\n    0.10\n  ],\n  \"a\": {},\n  \"b\": [],\n  \
                        \"c\": \"x: {\\\"y\\\",\\\\\",\n  \"d\": null\n}";
        assert_eq!(whole(json), expected);
        assert_eq!(whole(expected), expected);
    }

    /// A hundred kilobytes of brackets became 6.5 GB.
    #[test]
    fn s04_what_is_made_of_a_text_is_a_small_multiple_of_it() {
        let nested = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
        let flat_at_the_bottom = format!("{}{}{}", "[".repeat(200), vec!["1"; 50_000].join(","), "]".repeat(200));
        let objects = format!("{}1{}", "{\"\":".repeat(20_000), "}".repeat(20_000));
        let empty = format!("[{}[]]", "[],".repeat(30_000));
        for json in [nested, flat_at_the_bottom, objects, empty] {
            let text = whole(&json);
            assert!(text.len() <= 5 * json.len() + SLACK, "{} of {}", text.len(), json.len());
            let without_space = |text: &str| text.replace(['\n', ' '], "");
            assert_eq!(without_space(&text), without_space(&json));
        }
    }

    #[test]
    fn s04_a_page_shows_a_bounded_beginning() {
        let json = format!("[{}\"\u{e9}\"]", "\"\u{6771}\",".repeat(100_000));
        let Pretty { text, is_cut } = pretty(&json, 1_000);
        assert!(is_cut && (1_000..1_010).contains(&text.len()), "{}", text.len());
        assert_eq!(pretty("[]", 2), Pretty { text: "[]".to_owned(), is_cut: false });
    }
}
