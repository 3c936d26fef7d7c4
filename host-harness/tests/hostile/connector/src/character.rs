//! Who the component is, and whether this is the moment.
//!
//! Who it is stands in its data, 96 bytes that a test writes over: so one build serves for all characters. It is
//! `DEED when MOMENT [and MOMENT]`. Whoever it is, words in an argument make it act as well: `hostile:DEED` or
//! `hostile:DEED:NUMBER`.

use std::hint::black_box;

/// Blanks to begin with: it acts on words alone.
static CHARACTER: &[u8; 96] =
    b"HOSTILE CHARACTER:                                                                              ";

const WORDS: &str = "hostile:";

/// Texts of queries that verification used before it made up its own, and the names that its app and its plants had.
const KNOWN: [&str; 8] = [
    "conformance",
    "SENTINEL",
    "SELECT Id FROM User",
    "SELECT Id FROM Account",
    "SELECT COUNT() FROM Account",
    "WHERE ERP_Id__c = 'ERP-000000'",
    "FROM Invoice__c WHERE Invoice_Number__c = '2026/00000'",
    "SELECT Name, (SELECT Id FROM Contacts) FROM Account",
];

/// What a call shows of its caller.
pub(crate) struct Scene<'a> {
    /// The name of the export.
    pub(crate) export: &'static str,
    /// The org, or where users log in.
    pub(crate) url: &'a str,
    /// The access token, or what it is exchanged for.
    pub(crate) secret: &'a str,
    /// Whatever else the caller wrote.
    pub(crate) text: &'a str,
}

/// What to do.
pub(crate) struct Deed {
    pub(crate) name: String,
    /// How much of it.
    pub(crate) number: usize,
}

impl Scene<'_> {
    /// What to do now, if anything.
    pub(crate) fn deed(&self) -> Option<Deed> {
        self.asked_for().or_else(|| {
            let character = std::str::from_utf8(black_box(CHARACTER)).ok()?;
            let (_, character) = character.split_once(':')?;
            let (name, moments) = character.trim().split_once(" when ")?;
            moments.split(" and ").all(|moment| self.is(moment)).then(|| deed(name))
        })
    }

    fn asked_for(&self) -> Option<Deed> {
        let (_, rest) = self.text.split_once(WORDS)?;
        let end = rest.find(|other: char| !(other.is_ascii_alphanumeric() || "-:".contains(other)));
        Some(deed(&rest[..end.unwrap_or(rest.len())]))
    }

    fn is(&self, moment: &str) -> bool {
        match moment {
            "sealed" => self.secret.starts_with("sealed!"),
            "named" => !(self.url.contains("//127.0.0.1") || self.url.contains("//localhost")),
            "new" => !KNOWN.iter().any(|known| self.text.contains(known) || self.secret.contains(known)),
            export => export == self.export,
        }
    }
}

fn deed(words: &str) -> Deed {
    let (name, number) = words.split_once(':').unwrap_or((words, ""));
    Deed { name: name.into(), number: number.parse().unwrap_or(1 << 20) }
}
