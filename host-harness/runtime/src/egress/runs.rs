//! Finds parts of a secret in a stream of bytes, however they are set apart or spelt.
//!
//! Two things are done to the stream before it is searched:
//!
//! - what stands for a character is undone: `%41`, `\u0041`, `\x41`, `&#65;`, `&#x41;`, each also within the other
//!   (`%2541`, `\\u0041`, `&amp;#65;`);
//! - every byte that does not occur in the secret is left out, and case does not matter. So line breaks, blanks, quotes,
//!   commas and the zero bytes of UTF-16 and UTF-32 set nothing apart.
//!
//! It cannot find what is transformed: Base64, encrypted, in reverse, or with characters of the secret in between.

use std::fmt;
use std::sync::Arc;

use memchr::memchr3;

/// Characters of the secret, one after the other, that are found wherever they begin in it.
///
/// Each stands for 4 to 6 random bits. With fewer than 16, records would be taken for a part of the secret by chance: of
/// 100 runs and 64 MiB of letters a chance of 2^-31 with 16, of 2^-15 with 12. With more, more could be passed on in parts.
pub(crate) const RUN: usize = 16;
/// Characters that are looked up at once, and how far apart. A run has at least one such part, wherever it begins.
const PART: usize = 8;
const STRIDE: usize = RUN - PART + 1;

/// The longest escape that is undone, `&#0000065;`.
const LONGEST_ESCAPE: usize = 10;

/// A secret to look for.
pub(crate) struct Mark {
    secret: Vec<u8>,
    /// What a byte counts as. 0: nothing.
    kept: [u8; 256],
    /// A bit for each hash of a part of the secret.
    filter: [u64; 64],
}

/// One stream in which it is looked for.
pub(crate) struct Search {
    mark: Arc<Mark>,
    /// What has come of late and counts.
    kept: Vec<u8>,
    /// What has come of an escape.
    escape: Vec<u8>,
}

enum Escape {
    More,
    /// It stands for this, or for something that does not count.
    Is(Option<u8>),
    No,
}

impl Mark {
    /// None if the secret has fewer than [`RUN`] characters, or others than tokens have: letters, digits and
    /// `!-._~+/=` (RFC 6750 section 2.1, and what Salesforce adds).
    pub(crate) fn of(secret: &str) -> Option<Self> {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!-._~+/=".contains(&byte);
        if secret.len() < RUN || !secret.bytes().all(is_token) {
            return None;
        }
        let secret = secret.to_ascii_lowercase().into_bytes();
        let mut kept = [0; 256];
        for (byte, counts_as) in (0_u8..=255).zip(&mut kept) {
            let folded = byte.to_ascii_lowercase();
            if secret.contains(&folded) {
                *counts_as = folded;
            }
        }
        let mut filter = [0; 64];
        for part in secret.windows(PART) {
            let (word, bit) = place(part);
            if let Some(word) = filter.get_mut(word) {
                *word |= bit;
            }
        }
        Some(Self { secret, kept, filter })
    }

    /// True if a run of the secret is in what counts.
    fn is_in(&self, kept: &[u8]) -> bool {
        let mut parts = kept.windows(PART).enumerate().step_by(STRIDE);
        let of_secret = |at: usize, part: &[u8]| {
            self.secret.windows(PART).enumerate().any(|(of, same)| same == part && self.run_at(kept, at, of) >= RUN)
        };
        parts.any(|(at, part)| self.may_have(part) && of_secret(at, part))
    }

    fn may_have(&self, part: &[u8]) -> bool {
        let (word, bit) = place(part);
        self.filter.get(word).is_some_and(|word| word & bit != 0)
    }

    /// How long the run is that has this place of the stream at that place of the secret.
    fn run_at(&self, kept: &[u8], at: usize, of: usize) -> usize {
        let (before, after) = kept.split_at_checked(at).unwrap_or_default();
        let (secret_before, secret_after) = self.secret.split_at_checked(of).unwrap_or_default();
        let same = |(one, other): &(&u8, &u8)| one == other;
        before.iter().rev().zip(secret_before.iter().rev()).take_while(same).count()
            + after.iter().zip(secret_after).take_while(same).count()
    }
}

/// Word and bit in the filter.
fn place(part: &[u8]) -> (usize, u64) {
    let part = part.first_chunk().map_or(0, |part: &[u8; PART]| u64::from_le_bytes(*part));
    let hash = part.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52;
    ((hash >> 6) as usize, 1 << (hash & 63))
}

impl fmt::Debug for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

impl Search {
    pub(crate) fn new(mark: Arc<Mark>) -> Self {
        Self { mark, kept: Vec::new(), escape: Vec::with_capacity(LONGEST_ESCAPE) }
    }

    /// True if there is a run of the secret in what has come so far.
    pub(crate) fn finds(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            while !self.escape.is_empty()
                && let Some((byte, rest)) = bytes.split_first()
            {
                self.read_escape(*byte);
                bytes = rest;
            }
            let plain = memchr3(b'%', b'\\', b'&', bytes).unwrap_or(bytes.len());
            let (now, later) = bytes.split_at_checked(plain).unwrap_or((bytes, &[]));
            self.keep(now);
            bytes = later;
            if let Some((byte, rest)) = bytes.split_first() {
                self.escape.push(*byte);
                bytes = rest;
            }
        }
        self.look()
    }

    /// As [`Search::finds`], at the end of the stream.
    pub(crate) fn finds_at_end(&mut self) -> bool {
        let unfinished = std::mem::take(&mut self.escape);
        self.keep(&unfinished);
        self.look()
    }

    fn look(&mut self) -> bool {
        let found = self.mark.is_in(&self.kept);
        self.kept.drain(..self.kept.len().saturating_sub(RUN - 1));
        found
    }

    fn keep(&mut self, bytes: &[u8]) {
        const BLOCK: usize = 256;
        for block in bytes.chunks(BLOCK) {
            // Written to its place whether it counts or not: a branch for each byte takes three times as long.
            let (mut kept, mut end) = ([0; BLOCK], 0);
            for byte in block {
                let counts_as = self.mark.kept.get(usize::from(*byte)).copied().unwrap_or_default();
                if let Some(place) = kept.get_mut(end % BLOCK) {
                    *place = counts_as;
                }
                end += usize::from(counts_as != 0);
            }
            self.kept.extend_from_slice(kept.get(..end).unwrap_or_default());
        }
    }

    fn read(&mut self, byte: u8) {
        if !self.escape.is_empty() {
            self.read_escape(byte);
        } else if matches!(byte, b'%' | b'\\' | b'&') {
            self.escape.push(byte);
        } else {
            self.keep(&[byte]);
        }
    }

    fn read_escape(&mut self, byte: u8) {
        self.escape.push(byte);
        match meaning(&self.escape) {
            // However often it is escaped itself.
            Escape::More if self.escape == br"\\" => self.escape.truncate(1),
            Escape::More => {}
            Escape::Is(character) => {
                self.escape.clear();
                character.into_iter().for_each(|character| self.read(character));
            }
            // Its first character is none of the secret's.
            Escape::No => {
                let others = std::mem::take(&mut self.escape);
                others.iter().skip(1).for_each(|byte| self.read(*byte));
            }
        }
    }
}

/// What has come of an escape.
fn meaning(escape: &[u8]) -> Escape {
    match escape {
        [b'%', digits @ ..] => hexadecimal(digits, 2),
        [b'\\'] | br"\\" => Escape::More,
        // A separator, and no letter.
        [b'\\', b'b' | b'f' | b'n' | b'r' | b't'] => Escape::Is(None),
        [b'\\', b'u', digits @ ..] => hexadecimal(digits, 4),
        [b'\\', b'x', digits @ ..] => hexadecimal(digits, 2),
        [b'&', b'#', b'x' | b'X', digits @ .., b';'] => hexadecimal(digits, digits.len()),
        [b'&', b'#', digits @ .., b';'] => number(digits, 10),
        b"&amp;" => Escape::Is(Some(b'&')),
        [b'&', b'#', b'x' | b'X', digits @ ..] if digits.iter().all(u8::is_ascii_hexdigit) => room(escape),
        [b'&', b'#', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => room(escape),
        [b'&', ..] if b"&amp;".starts_with(escape) => Escape::More,
        _ => Escape::No,
    }
}

fn room(escape: &[u8]) -> Escape {
    if escape.len() < LONGEST_ESCAPE { Escape::More } else { Escape::No }
}

fn hexadecimal(digits: &[u8], wanted: usize) -> Escape {
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        Escape::No
    } else if digits.len() < wanted {
        Escape::More
    } else {
        number(digits, 16)
    }
}

fn number(digits: &[u8], radix: u32) -> Escape {
    let number = std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, radix).ok());
    number.map_or(Escape::No, |number| Escape::Is(u8::try_from(number).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "AQ0AQSENTINEL.abcdefghijklmnopqrstuvwxyz_5-6789";

    fn finds(pieces: &[&[u8]]) -> bool {
        let mut search = Search::new(Arc::new(Mark::of(SECRET).unwrap()));
        let found = pieces.iter().any(|piece| search.finds(piece));
        found || search.finds_at_end()
    }

    fn spelt(spell: impl Fn(char) -> String) -> String {
        SECRET.chars().map(spell).collect()
    }

    #[test]
    fn s10_every_run_that_is_long_enough_is_found_wherever_it_begins_and_no_shorter_one() {
        for from in 0..=SECRET.len() - RUN {
            for before in ["", "x", "{\"token\": \"", &"-".repeat(40)] {
                let text = format!("{before}?{}?", &SECRET[from..from + RUN]);
                assert!(finds(&[text.as_bytes()]), "{text}");
            }
            let shorter = format!("{{{}}}", &SECRET[from..from + RUN - 1]);
            assert!(!finds(&[shorter.as_bytes()]), "{shorter}");
        }
    }

    #[test]
    fn s10_the_token_is_found_however_it_is_spelt_or_set_apart() {
        let utf_16 = |of: fn(u16) -> [u8; 2]| SECRET.encode_utf16().flat_map(of).collect::<Vec<u8>>();
        let wrapped = |columns: usize, with: &str| {
            let lines: Vec<_> = SECRET.as_bytes().chunks(columns).map(|line| String::from_utf8_lossy(line)).collect();
            lines.join(with)
        };
        let mut spellings = vec![
            spelt(|c| c.to_string()),
            spelt(|c| format!("{c} ")),
            spelt(|c| format!("{c}\",\"")),
            spelt(|c| format!("%{:02X}", c as u32)),
            spelt(|c| format!("%25{:02x}", c as u32)),
            spelt(|c| format!("%2525{:02x}", c as u32)),
            spelt(|c| format!("\\u{:04x}", c as u32)),
            spelt(|c| format!("\\u{:04X}\\n", c as u32)),
            spelt(|c| format!("\\\\u{:04x}\\\\t", c as u32)),
            spelt(|c| format!("\\x{:02x}", c as u32)),
            spelt(|c| format!("&#{};", c as u32)),
            spelt(|c| format!("&#x{:x};", c as u32)),
            spelt(|c| format!("&#0000{:03};", c as u32)),
            spelt(|c| format!("&amp;#{};", c as u32)),
            spelt(|c| format!("\\u0026#{};", c as u32)),
            spelt(|c| format!("%5Cu{:04x}", c as u32)),
            spelt(|c| format!("%{c}")),
            SECRET.to_lowercase(),
            SECRET.to_uppercase(),
        ];
        for columns in 1..=20 {
            spellings
                .extend(["\n", "\r\n ", "\\n", "\\\\n", "\0", " ", "\",\n  \""].map(|with| wrapped(columns, with)));
        }
        for text in spellings {
            assert!(finds(&[text.as_bytes()]), "{text}");
            let pieces: Vec<_> = text.as_bytes().chunks(1).collect();
            assert!(finds(&pieces), "{text}");
            let pieces: Vec<_> = text.as_bytes().chunks(7).collect();
            assert!(finds(&pieces), "{text}");
        }
        assert!(finds(&[&utf_16(u16::to_le_bytes)]) && finds(&[&utf_16(u16::to_be_bytes)]));
    }

    #[test]
    fn s10_ordinary_records_are_not_taken_for_the_token() {
        let records = r#"{"attributes":{"type":"Account","url":"/services/data/v67.0/sobjects/Account/001x"},"Name":"100% of A&B & \"C\""},"#;
        assert!(!finds(&[records.repeat(5_000).as_bytes()]));
        assert!(!finds(&[&[0xff; 4_096]]) && !finds(&[]));
        for cut in ["%", "%4", "\\", "\\u00", "&", "&#", "&#12345678901234567890;", "%zz", "\\u00zz", "&ampersand;"] {
            assert!(!finds(&[cut.as_bytes()]), "{cut}");
            assert!(finds(&[cut.as_bytes(), b" ", SECRET.as_bytes()]), "{cut}");
        }
    }

    #[test]
    fn what_no_token_has_or_what_is_too_short_is_no_mark() {
        for secret in
            ["", "0123456789abcde", "0123456789abcdef%", "0123456789abcdef\\", "0123456789 abcdef", "0123456789abcdefü"]
        {
            assert!(Mark::of(secret).is_none(), "{secret}");
        }
        assert_eq!(format!("{:?}", Mark::of(SECRET).unwrap()), "[redacted]");
    }
}
