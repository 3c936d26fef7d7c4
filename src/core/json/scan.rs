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
/// Instead of recursion there is a bit for each open container, the innermost one lowest.
pub(super) fn scan(text: &str) -> Result<Outline, Flaw> {
    let mut scanner = Scanner { text: text.as_bytes(), at: 0, depth: 0, objects: 0, outline: Outline::default() };
    match scanner.run() {
        Ok(()) => Ok(scanner.outline),
        Err(flaw) => Err(flaw.unwrap_or(Flaw::Syntax(scanner.at))),
    }
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
    /// Which of the open containers are objects.
    objects: u128,
    outline: Outline,
}

/// None: a flaw of syntax at `Scanner::at`.
type Step = Result<(), Option<Flaw>>;

const WRONG: Step = Err(None);

impl Scanner<'_> {
    fn run(&mut self) -> Step {
        loop {
            // A value begins.
            self.space();
            self.begins();
            match self.peek() {
                b'{' | b'[' => {
                    if self.open()? {
                        continue;
                    }
                }
                b'"' => self.string()?,
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => self.number()?,
            }
            // A value has ended, and perhaps the containers around it.
            loop {
                self.ended();
                self.space();
                if self.depth == 0 {
                    return if self.at == self.text.len() { Ok(()) } else { WRONG };
                }
                let is_object = self.objects & 1 == 1;
                match self.peek() {
                    b',' => {
                        self.at += 1;
                        if is_object {
                            self.space();
                            self.key()?;
                        }
                        break;
                    }
                    b'}' if is_object => self.close(),
                    b']' if !is_object => self.close(),
                    _ => return WRONG,
                }
            }
        }
    }

    /// The byte at hand; at the end of the text one that JSON has no use for.
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    /// Opens a container. True if something is in it; of an object the first key has been read.
    fn open(&mut self) -> Result<bool, Option<Flaw>> {
        if self.depth == DEEPEST {
            return Err(Some(Flaw::Depth));
        }
        let is_object = self.peek() == b'{';
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(is_object);
        self.at += 1;
        self.space();
        match self.peek() {
            b'}' if is_object => self.close(),
            b']' if !is_object => self.close(),
            _ if is_object => {
                self.key()?;
                return Ok(true);
            }
            _ => return Ok(true),
        }
        Ok(false)
    }

    fn close(&mut self) {
        self.at += 1;
        self.depth -= 1;
        self.objects >>= 1;
    }

    fn key(&mut self) -> Step {
        self.begins();
        let start = self.at;
        self.string()?;
        self.ended();
        if self.depth > 1 {
            let key = self.text.get(start + 1..self.at - 1).unwrap_or_default();
            self.outline.may_have_done |= key == b"done" || key.contains(&b'\\');
        }
        self.space();
        if self.peek() != b':' {
            return WRONG;
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Step {
        if self.peek() != b'"' {
            return WRONG;
        }
        self.at += 1;
        loop {
            self.at += plain(self.text.get(self.at..).unwrap_or_default());
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.escape()?,
                _ => return WRONG,
            }
        }
    }

    fn escape(&mut self) -> Step {
        self.at += 1;
        match self.peek() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
            b'u' => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_ascii_hexdigit() {
                        return WRONG;
                    }
                    self.at += 1;
                }
            }
            _ => return WRONG,
        }
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Step {
        for byte in word {
            if self.peek() != *byte {
                return WRONG;
            }
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Step {
        if self.peek() == b'-' {
            self.at += 1;
        }
        if self.peek() == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// One or more.
    fn digits(&mut self) -> Step {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start { WRONG } else { Ok(()) }
    }

    /// A key or a value begins here.
    fn begins(&mut self) {
        let at = self.at;
        if let Some(outer) = self.outer() {
            outer.push((at, at));
        }
    }

    /// The key or value that began last in the innermost open container ends here.
    fn ended(&mut self) {
        let at = self.at;
        if let Some((_, end)) = self.outer().and_then(|outer| outer.last_mut()) {
            *end = at;
        }
    }

    /// Where the outline keeps what lies directly in the innermost open container.
    fn outer(&mut self) -> Option<&mut Vec<(usize, usize)>> {
        match self.depth {
            1 => Some(&mut self.outline.members),
            2 if self.objects & 1 == 0 => Some(&mut self.outline.elements),
            _ => None,
        }
    }
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
