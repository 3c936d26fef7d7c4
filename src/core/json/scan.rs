//! One pass over a text that may be JSON (RFC 8259): whether it is, and where its outer values lie.

use super::string::plain;

/// How deeply arrays and objects may be nested: the bound of most JSON readers, so what leaves the connector can be read
/// by whoever gets it.
const DEEPEST: u32 = 128;

/// Where the outer values of a valid text lie, as far as one pass can tell on the way.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Start and end of every key and value of the outermost object, or of every element of the outermost array.
    pub(super) members: Vec<(usize, usize)>,
    /// Start and end of every element of those arrays that are such a member themselves.
    pub(super) elements: Vec<(usize, usize)>,
    /// Whether an object inside the outermost value may have the key `done`, perhaps written with escapes.
    pub(super) may_have_done: bool,
}

/// Why a text is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It is nested more than [`DEEPEST`] levels deep.
    Depth,
    /// It is not JSON from this byte on.
    Syntax(usize),
}

/// Checks that `text` is one JSON value with nothing but space around it.
///
/// Instead of recursion there is a bit for each open container, the innermost one lowest. What lies on the way of an ordinary
/// text is inlined, so that the place in it stays in a register, and has no inner loops, for engines look at every turn of a
/// loop whether time is up. Otherwise a page takes twice as long.
pub(super) fn scan(text: &str) -> Result<Outline, Flaw> {
    let text = text.as_bytes();
    let mut outline = Outline::default();
    let mut at = 0;
    let mut depth = 0;
    let mut objects = 0_u128;
    let (mut member, mut element) = (0, 0);
    loop {
        // A value begins.
        at = space(text, at);
        let mut start = at;
        match peek(text, at) {
            opening @ (b'{' | b'[') => {
                if depth == DEEPEST {
                    return Err(Flaw::Depth);
                }
                match depth {
                    1 => member = at,
                    2 => element = at,
                    _ => {}
                }
                depth += 1;
                objects = objects << 1 | u128::from(opening == b'{');
                at = space(text, at + 1);
                // The closing bracket is two behind the opening one in ASCII.
                if peek(text, at) != opening + 2 {
                    if opening == b'{' {
                        at = key(text, at, depth, &mut outline)?;
                    }
                    continue;
                }
                depth -= 1;
                objects >>= 1;
                at += 1;
            }
            b'"' => at = string(text, at)?.0,
            b't' => at = word(text, at, b"true")?,
            b'f' => at = word(text, at, b"false")?,
            b'n' => at = word(text, at, b"null")?,
            _ => at = number(text, at)?,
        }
        // A value has ended, and perhaps the containers around it.
        loop {
            let is_object = objects & 1 == 1;
            match depth {
                1 => outline.members.push((start, at)),
                2 if !is_object => outline.elements.push((start, at)),
                _ => {}
            }
            at = space(text, at);
            if depth == 0 {
                return if at == text.len() { Ok(outline) } else { Err(Flaw::Syntax(at)) };
            }
            match peek(text, at) {
                b',' => {
                    at += 1;
                    if is_object {
                        at = key(text, space(text, at), depth, &mut outline)?;
                    }
                    break;
                }
                b'}' if is_object => {}
                b']' if !is_object => {}
                _ => return Err(Flaw::Syntax(at)),
            }
            at += 1;
            depth -= 1;
            objects >>= 1;
            start = if depth == 1 { member } else { element };
        }
    }
}

/// The byte at hand; at the end of the text one that JSON has no use for.
#[inline(always)]
fn peek(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(0)
}

#[inline(always)]
fn space(text: &[u8], at: usize) -> usize {
    if peek(text, at) > b' ' { at } else { skip_space(text, at) }
}

#[inline(never)]
fn skip_space(text: &[u8], mut at: usize) -> usize {
    while matches!(peek(text, at), b' ' | b'\n' | b'\r' | b'\t') {
        at += 1;
    }
    at
}

/// A key and its colon.
#[inline(always)]
fn key(text: &[u8], start: usize, depth: u32, outline: &mut Outline) -> Result<usize, Flaw> {
    let (end, is_escaped) = string(text, start)?;
    if depth == 1 {
        outline.members.push((start, end));
    } else {
        outline.may_have_done |= is_escaped || text.get(start..end) == Some(b"\"done\"");
    }
    let at = space(text, end);
    if peek(text, at) == b':' { Ok(at + 1) } else { Err(Flaw::Syntax(at)) }
}

/// Where a string ends, and whether there are escapes in it.
#[inline(always)]
fn string(text: &[u8], start: usize) -> Result<(usize, bool), Flaw> {
    if peek(text, start) != b'"' {
        return Err(Flaw::Syntax(start));
    }
    let at = start + 1 + plain(text.get(start + 1..).unwrap_or_default());
    if peek(text, at) == b'"' { Ok((at + 1, false)) } else { Ok((rest_of_string(text, at)?, true)) }
}

#[inline(never)]
fn rest_of_string(text: &[u8], mut at: usize) -> Result<usize, Flaw> {
    loop {
        match peek(text, at) {
            b'"' => return Ok(at + 1),
            b'\\' => at = escape(text, at + 1)?,
            _ => return Err(Flaw::Syntax(at)),
        }
        at += plain(text.get(at..).unwrap_or_default());
    }
}

/// What follows a backslash.
fn escape(text: &[u8], mut at: usize) -> Result<usize, Flaw> {
    match peek(text, at) {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 1),
        b'u' => {
            for _ in 0..4 {
                at += 1;
                if !peek(text, at).is_ascii_hexdigit() {
                    return Err(Flaw::Syntax(at));
                }
            }
            Ok(at + 1)
        }
        _ => Err(Flaw::Syntax(at)),
    }
}

fn word(text: &[u8], mut at: usize, word: &[u8]) -> Result<usize, Flaw> {
    for byte in word {
        if peek(text, at) != *byte {
            return Err(Flaw::Syntax(at));
        }
        at += 1;
    }
    Ok(at)
}

#[inline(always)]
fn number(text: &[u8], mut at: usize) -> Result<usize, Flaw> {
    if peek(text, at) == b'-' {
        at += 1;
    }
    at = if peek(text, at) == b'0' { at + 1 } else { digits(text, at)? };
    if peek(text, at) == b'.' {
        at = digits(text, at + 1)?;
    }
    if matches!(peek(text, at), b'e' | b'E') {
        at += 1;
        if matches!(peek(text, at), b'+' | b'-') {
            at += 1;
        }
        at = digits(text, at)?;
    }
    Ok(at)
}

/// One or more.
#[inline(always)]
fn digits(text: &[u8], start: usize) -> Result<usize, Flaw> {
    let mut at = start;
    while peek(text, at).is_ascii_digit() {
        at += 1;
    }
    if at == start { Err(Flaw::Syntax(at)) } else { Ok(at) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    /// Texts that are JSON, or nearly.
    fn texts() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[\\[\\]{},:\" \\n]",
            Just("\"done\":".to_owned()),
            Just("\"a\"".to_owned()),
            Just("\"\\u00e9\\ud800\"".to_owned()),
            Just("\"a long text, longer than a block of sixteen bytes\"".to_owned()),
            "\"[\\x00-\\x7fé]{0,20}\"",
            "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?",
            "(true|false|null|nul|\\[\\]|\\{\\})",
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn it_takes_what_serde_takes(text in texts()) {
            prop_assert_eq!(scan(&text).is_ok(), serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn the_outer_values_are_found() {
        let text = r#" {"a" : 1, "b":[ {"x":[2]} ,[3], 4 ], "c":{"done":[5]}, "d":[[]]} "#;
        let outline = scan(text).unwrap();
        let cut = |slices: &[(usize, usize)]| -> Vec<_> { slices.iter().map(|(from, to)| &text[*from..*to]).collect() };
        assert_eq!(
            cut(&outline.members),
            [r#""a""#, "1", r#""b""#, r#"[ {"x":[2]} ,[3], 4 ]"#, r#""c""#, r#"{"done":[5]}"#, r#""d""#, "[[]]"]
        );
        assert_eq!(cut(&outline.elements), [r#"{"x":[2]}"#, "[3]", "4", "[]"]);
    }

    #[test]
    fn an_inner_key_done_is_seen() {
        for (text, expected) in [
            (r#"{"done":true,"records":[{"a":"\"done\":"}]}"#, false),
            (r#"{"records":[{"a":{"done":1}}]}"#, true),
            (r#"{"records":[{"d\u006fne":1}]}"#, true),
            (r#"{"records":[{"done2":"done","don":"\u006f"}]}"#, false),
        ] {
            assert_eq!(scan(text).unwrap().may_have_done, expected, "{text}");
        }
    }

    #[test]
    fn a_flaw_is_told_with_its_place() {
        for (text, at) in
            [("", 0), ("[1,]", 3), ("{\"a\" 1}", 5), ("[1] x", 4), ("\"a\nb\"", 2), ("[01]", 2), ("-", 1), ("nulL", 3)]
        {
            assert_eq!(scan(text).unwrap_err(), Flaw::Syntax(at), "{text:?}");
        }
        assert_eq!(scan(&"[".repeat(129)).unwrap_err(), Flaw::Depth);
        assert_eq!(scan(&"{\"a\":".repeat(129)).unwrap_err(), Flaw::Depth);
        assert_eq!(scan(&"[".repeat(128)).unwrap_err(), Flaw::Syntax(128));
    }
}
