//! One pass over a text that may be JSON (RFC 8259): whether it is, and where its outer values lie.

use super::special::Specials;

/// How deeply arrays and objects may be nested: the bound of most JSON readers, so what leaves the connector can be read
/// by whoever gets it.
const DEEPEST: usize = 128;

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

/// The containers that are open at a place.
#[derive(Default)]
struct Nesting {
    /// Where each begins, and whether what it lies in is an object; the innermost last.
    around: Vec<(usize, bool)>,
    /// Whether the innermost one is an object.
    is_object: bool,
}

impl Nesting {
    fn depth(&self) -> usize {
        self.around.len()
    }

    #[inline(never)]
    fn enter(&mut self, start: usize, is_object: bool) -> Result<(), Flaw> {
        if self.depth() == DEEPEST {
            return Err(Flaw::Depth);
        }
        self.around.push((start, self.is_object));
        self.is_object = is_object;
        Ok(())
    }

    /// Where the innermost one began.
    #[inline(never)]
    fn leave(&mut self) -> usize {
        let (start, is_object) = self.around.pop().unwrap_or_default();
        self.is_object = is_object;
        start
    }
}

/// Checks that `text` is one JSON value with nothing but space around it.
///
/// What lies on the way of an ordinary text is inlined and has no inner loops, for engines look at every turn of a loop whether
/// time is up. What does not is out of line, so that the place in the text stays in a register.
pub(super) fn scan(text: &str) -> Result<Outline, Flaw> {
    let text = text.as_bytes();
    let mut specials = Specials::from(text, 0);
    let mut outline = Outline::default();
    let mut nesting = Nesting::default();
    let mut at = 0;
    loop {
        // A value begins.
        let (mut start, first) = token(text, at, &mut specials);
        at = match first {
            b'"' => string(text, &mut specials)?.0,
            b'{' | b'[' => {
                nesting.enter(start, first == b'{')?;
                let (inner, byte) = token(text, start + 1, &mut specials);
                // The closing bracket is two behind the opening one in ASCII.
                if byte != first + 2 {
                    at = inner;
                    if nesting.is_object {
                        at = key(text, (inner, byte), &mut specials, nesting.depth(), &mut outline)?;
                    }
                    continue;
                }
                nesting.leave();
                inner + 1
            }
            _ => literal(text, start)?,
        };
        // A value has ended, and perhaps the containers around it.
        loop {
            if nesting.depth() <= 2 {
                outline.add((start, at), &nesting);
            }
            let (end, byte) = token(text, at, &mut specials);
            if nesting.depth() == 0 {
                return if end == text.len() { Ok(outline) } else { Err(Flaw::Syntax(end)) };
            }
            at = end + 1;
            match byte {
                b',' => {
                    if nesting.is_object {
                        let first = token(text, at, &mut specials);
                        at = key(text, first, &mut specials, nesting.depth(), &mut outline)?;
                    }
                    break;
                }
                b'}' if nesting.is_object => {}
                b']' if !nesting.is_object => {}
                _ => return Err(Flaw::Syntax(end)),
            }
            start = nesting.leave();
        }
    }
}

impl Outline {
    /// A value that has ended.
    #[inline(never)]
    fn add(&mut self, value: (usize, usize), nesting: &Nesting) {
        match nesting.depth() {
            1 => self.members.push(value),
            2 if !nesting.is_object => self.elements.push(value),
            _ => {}
        }
    }
}

/// The byte at hand; at the end of the text one that JSON has no use for.
#[inline(always)]
fn peek(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(0)
}

/// The next byte that is no space, with its place.
#[inline(always)]
fn token(text: &[u8], at: usize, specials: &mut Specials) -> (usize, u8) {
    let byte = peek(text, at);
    if byte > b' ' {
        return (at, byte);
    }
    let at = skip_space(text, at);
    *specials = Specials::from(text, at);
    (at, peek(text, at))
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
fn key(
    text: &[u8],
    (start, first): (usize, u8),
    specials: &mut Specials,
    depth: usize,
    outline: &mut Outline,
) -> Result<usize, Flaw> {
    if first != b'"' {
        return Err(Flaw::Syntax(start));
    }
    let (end, is_escaped) = string(text, specials)?;
    if depth == 1 {
        outline.members.push((start, end));
    } else if is_escaped || end - start == 6 && is_done(text, start) {
        outline.may_have_done = true;
    }
    let (at, byte) = token(text, end, specials);
    if byte == b':' { Ok(at + 1) } else { Err(Flaw::Syntax(at)) }
}

#[inline(never)]
fn is_done(text: &[u8], start: usize) -> bool {
    matches!(text.get(start..start + 6), Some(b"\"done\""))
}

/// A string whose opening quote is the next of `specials`: where it ends, and whether there are escapes in it.
#[inline(always)]
fn string(text: &[u8], specials: &mut Specials) -> Result<(usize, bool), Flaw> {
    specials.next(text);
    let at = specials.next(text);
    if peek(text, at) == b'"' {
        return Ok((at + 1, false));
    }
    let end = rest_of_string(text, at)?;
    *specials = Specials::from(text, end);
    Ok((end, true))
}

#[inline(never)]
fn rest_of_string(text: &[u8], mut at: usize) -> Result<usize, Flaw> {
    loop {
        match peek(text, at) {
            b'"' => return Ok(at + 1),
            b'\\' => at = escape(text, at + 1)?,
            _ => return Err(Flaw::Syntax(at)),
        }
        at = Specials::from(text, at).next(text);
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

/// A value that is neither string nor container.
#[inline(never)]
fn literal(text: &[u8], at: usize) -> Result<usize, Flaw> {
    match peek(text, at) {
        b't' => word(text, at, b"true"),
        b'f' => word(text, at, b"false"),
        b'n' => word(text, at, b"null"),
        _ => number(text, at),
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
            "\"[a-z]{40,140}(\\\\\\\\|\\\\\"|\x01)?[a-z]{0,70}\"",
            " {1,70}",
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
    fn a_string_ends_where_it_ends_wherever_that_is() {
        for length in 0..=200 {
            for inner in ["", "\\\"", "\\\\", "\u{1f}", "\u{7f}", "é", "\""] {
                let first = format!(r#""{}{inner}""#, "a".repeat(length));
                let text = format!(r#"[{first} ,"b"]"#);
                let found = scan(&text).map(|outline| outline.members);
                let expected = serde_json::from_str::<Vec<IgnoredAny>>(&text).is_ok().then(|| {
                    let second = first.len() + 3;
                    vec![(1, 1 + first.len()), (second, second + 3)]
                });
                assert_eq!(found.ok(), expected, "{text}");
            }
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
