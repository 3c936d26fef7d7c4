//! Looks for secrets in texts: as they are and in the encodings that are cheap to look for.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use memchr::memmem::Finder;
use percent_encoding::percent_decode;

/// Characters of a secret that are enough to know it by.
const ENOUGH: usize = 16;

/// What a secret is, and so where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    AccessToken,
    /// What stands for a sealed access token.
    Placeholder,
    RefreshToken,
    ClientSecret,
    Code,
    Verifier,
    Assertion,
    /// No secret, but what stands in a body that nobody may show.
    Plant,
}

/// One secret.
#[derive(Clone)]
pub(super) struct Needle {
    pub(super) kind: Kind,
    pub(super) text: String,
    forms: Vec<Finder<'static>>,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::AccessToken => "the access token",
            Kind::Placeholder => "what stands for the access token",
            Kind::RefreshToken => "the refresh token",
            Kind::ClientSecret => "the client secret",
            Kind::Code => "the code",
            Kind::Verifier => "the code verifier",
            Kind::Assertion => "the assertion",
            Kind::Plant => "a body, or what was planted in an argument",
        }
    }
}

impl Needle {
    pub(super) fn new(kind: Kind, text: &str) -> Self {
        let mut needle = Self { kind, text: text.to_owned(), forms: Vec::new() };
        let forms = parts(needle.secret().as_bytes()).into_iter().flat_map(forms).filter(|form| form.len() >= 8);
        needle.forms = forms.map(|form| Finder::new(&form).into_owned()).collect();
        needle
    }

    /// The part of it that is secret: a token begins with the Id of its org, and an assertion says who asks.
    pub(super) fn secret(&self) -> &str {
        match self.kind {
            Kind::AccessToken => self.text.rsplit('!').next().unwrap_or(&self.text),
            Kind::Assertion => self.text.rsplit('.').next().unwrap_or(&self.text),
            _ => &self.text,
        }
    }

    /// False for what a component calls a token and is none: every text would hold it.
    pub(super) fn is_long_enough(&self) -> bool {
        self.secret().len() >= ENOUGH
    }

    /// Whether it is in there, in whatever form.
    pub(super) fn is_in(&self, hay: &Hay) -> bool {
        self.forms.iter().any(|form| hay.forms.iter().any(|hay| form.find(hay).is_some()))
    }
}

/// A text to be searched.
pub(super) struct Hay {
    /// As it is, percent-decoded if that is something else, and in lower case, for hexadecimal digits.
    forms: Vec<Vec<u8>>,
}

impl Hay {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut forms = vec![text.to_vec(), text.to_ascii_lowercase()];
        if text.contains(&b'%') {
            forms.push(percent_decode(text).collect());
        }
        Self { forms }
    }
}

/// The beginning, the middle and the end of it.
fn parts(secret: &[u8]) -> Vec<&[u8]> {
    let last = secret.len().saturating_sub(ENOUGH);
    let mut parts: Vec<_> = [0, last / 2, last]
        .into_iter()
        .filter_map(|start| secret.get(start..(start + ENOUGH).min(secret.len())))
        .collect();
    parts.dedup();
    parts
}

fn forms(part: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![
        part.to_vec(),
        part.iter().rev().copied().collect(),
        part.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect(),
    ];
    // In Base64 it looks different at each of three places; what depends on its neighbours is left away.
    for before in 0..3 {
        let whole = [&vec![0; before], part].concat();
        let (start, end) = ((before * 8).div_ceil(6), whole.len() * 8 / 6);
        for encoded in [BASE64_STANDARD_NO_PAD.encode(&whole), BASE64_URL_SAFE_NO_PAD.encode(&whole)] {
            forms.push(encoded.as_bytes().get(start..end).unwrap_or_default().to_vec());
        }
    }
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    const TOKEN: &str = "00D5g0000000001EAA!AQabcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ._x";

    #[test]
    fn a_secret_is_found_in_every_form_wherever_it_begins() {
        let (needle, secret) = (Needle::new(Kind::AccessToken, TOKEN), TOKEN.split_once('!').unwrap().1);
        let forms = [
            secret.to_owned(),
            secret.chars().rev().collect(),
            secret[30..].to_owned(),
            secret[..20].to_owned(),
            secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
            secret.bytes().map(|byte| format!("{byte:02X}")).collect(),
            secret.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            secret.replace('b', "%62"),
            BASE64_STANDARD.encode(secret),
            BASE64_STANDARD.encode(format!("x{secret}y")),
            BASE64_URL_SAFE_NO_PAD.encode(TOKEN),
        ];
        for form in forms {
            let text = format!("[{{\"Name\":\"{form}\"}}]");
            assert!(needle.is_in(&Hay::new(text.as_bytes())), "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_is_not_found() {
        let needle = Needle::new(Kind::AccessToken, TOKEN);
        for text in ["", "00D5g0000000001EAA", "00D5g0000000001EAA!AQabc", "%", "0123456789"] {
            assert!(!needle.is_in(&Hay::new(text.as_bytes())), "{text}");
        }
        let assertion =
            Needle::new(Kind::Assertion, "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrZXkifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ");
        assert!(!assertion.is_in(&Hay::new(b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrZXkifQ")));
        assert!(assertion.is_in(&Hay::new(b"c2lnbmF0dXJlLXNpZ25hdHVyZQ")));
    }
}
