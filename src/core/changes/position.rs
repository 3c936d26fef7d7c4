//! Where a poll goes on: how far it came, and what it handed out of that which it will look at again.
//!
//! As text it is `1`, sixteen digits that hold it to its org and object, and then
//! `NOW.TIME.ID~AFTER:` with a list of records for each time: how many characters of the Id are those of the Id before, the
//! other characters, and eight digits of the record's text. Times are milliseconds, and `AFTER` counts from the time before.

use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::moment::Moment;
use crate::core::name::ObjectName;

/// The first 15 characters of a record Id, which say all of it.
pub(super) type Id = [u8; 15];

/// A place in the order of a poll: by time, then by Id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) time: Moment,
    /// Behind this record; none: before all of that time.
    pub(super) id: Option<Id>,
}

/// A version of a record that was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) time: Moment,
    pub(super) id: Id,
    /// Of its text, for a record may change twice within a second.
    pub(super) mark: u32,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Everything before was handed out, and nothing can come to be there any more.
    pub(super) reached: Place,
    /// It is as late as this in the org, or later.
    pub(super) now: Moment,
    /// What was handed out from there on, in order, each Id and time once.
    pub(super) handed: Vec<Version>,
}

impl Position {
    /// Records from `reached` on that a position can remember.
    pub(super) const MOST: usize = 2_000;
    /// Characters: for each record a time of 16, an Id of 16 and a mark of 8, and room for the beginning.
    const LONGEST: usize = Self::MOST * 40 + 100;

    /// Where a first poll starts.
    pub(super) fn start(since: Moment) -> Self {
        Self { reached: Place { time: since, id: None }, now: since, handed: Vec::new() }
    }

    /// Reads the position that a caller hands back.
    pub fn parse(text: &str, connection: &Connection, object: &ObjectName) -> Result<Self> {
        let parts =
            text.strip_prefix('1').filter(|_| text.len() <= Self::LONGEST).and_then(|rest| rest.split_at_checked(16));
        let body = parts.filter(|(check, body)| *check == seal(body, connection, object)).map(|(_, body)| body);
        body.and_then(read).ok_or_else(|| {
            Error::invalid_argument(
                "position",
                "a position that changed-records gave for this object and org, unchanged",
            )
        })
    }

    /// The text for the caller to store.
    pub(super) fn text(&self, connection: &Connection, object: &ObjectName) -> String {
        let Place { time, id } = self.reached;
        let id = id.as_ref().map(shown).unwrap_or_default();
        let mut body = format!("{}.{}.{id}", self.now.0, time.0);
        let (mut last_time, mut last_id, mut is_first) = (time, [0; 15], true);
        for Version { time, id, mark } in &self.handed {
            if *time != last_time || is_first {
                body.push_str(&format!("~{}:", time.0.saturating_sub(last_time.0)));
            }
            let shared = last_id.iter().zip(id).take_while(|(last, this)| last == this).count().min(14);
            let rest = shown(id).get(shared..).unwrap_or_default();
            body.push_str(&format!("{shared:x}{rest}{mark:08x}"));
            (last_time, last_id, is_first) = (*time, *id, false);
        }
        ["1", &seal(&body, connection, object), &body].concat()
    }
}

/// What stands behind the seal.
fn read(body: &str) -> Option<Position> {
    let mut groups = body.split('~');
    let mut head = groups.next()?.split('.');
    let now = Moment(head.next()?.parse().ok()?);
    let mut time = Moment(head.next()?.parse().ok()?);
    let id = match head.next()? {
        "" => None,
        id => Some(plain(id)?.try_into().ok()?),
    };
    let reached = Place { time, id };
    let mut handed = Vec::new();
    let mut last = [0; 15];
    for group in groups {
        let (after, mut records) = group.split_once(':')?;
        time = Moment(time.0.checked_add(after.parse().ok()?)?);
        while !records.is_empty() {
            let (shared, rest) = records.split_at_checked(1)?;
            let shared = usize::from_str_radix(shared, 16).ok()?;
            let (suffix, rest) = rest.split_at_checked(15_usize.checked_sub(shared)?)?;
            let (mark, rest) = rest.split_at_checked(8)?;
            last.get_mut(shared..)?.copy_from_slice(plain(suffix)?);
            handed.push(Version { time, id: last, mark: u32::from_str_radix(mark, 16).ok()? });
            records = rest;
        }
    }
    (handed.len() <= Position::MOST).then_some(Position { reached, now, handed })
}

/// Letters and digits, of which Ids are: they stand in queries.
fn plain(text: &str) -> Option<&[u8]> {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(text.as_bytes())
}

/// An Id as text.
pub(super) fn shown(id: &Id) -> &str {
    std::str::from_utf8(id).unwrap_or_default()
}

/// Sixteen digits that no other org, object or text is likely to have. It guards against mistakes: nobody gains by a position
/// that is forged.
fn seal(body: &str, connection: &Connection, object: &ObjectName) -> String {
    let parts = [&connection.instance.url(), "\n", &object.as_str().to_ascii_lowercase(), "\n", body];
    format!("{:016x}", parts.iter().fold(SEED, |hash, part| hashed(hash, part)))
}

/// A mark of a record's text.
pub(super) fn mark(record: &str) -> u32 {
    let hash = hashed(SEED, record);
    (hash ^ hash >> 32) as u32
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a. <https://www.rfc-editor.org/rfc/rfc9923>
fn hashed(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use proptest::prelude::*;

    fn connection(host: &str) -> Connection {
        Connection::parse(&format!("https://{host}.my.salesforce.com"), "00D!TOKEN", None).unwrap()
    }

    fn object(name: &str) -> ObjectName {
        ObjectName::parse(name).unwrap()
    }

    fn parsed(text: &str) -> Result<Position> {
        Position::parse(text, &connection("a"), &object("Account"))
    }

    fn text(position: &Position) -> String {
        position.text(&connection("a"), &object("Account"))
    }

    fn id(text: &str) -> Id {
        text.as_bytes().try_into().unwrap()
    }

    fn version(time: u64, name: &str) -> Version {
        Version { time: Moment(time), id: id(name), mark: mark(name) }
    }

    #[test]
    fn a_position_is_short_where_ids_are_alike() {
        let handed = vec![
            version(1_000, "001D000000IqhSL"),
            version(1_000, "001D000000IqhSM"),
            version(3_000, "001D000000IqhSM"),
        ];
        let reached = Place { time: Moment(1_000), id: None };
        let position = Position { reached, now: Moment(4_000), handed };
        let marks = ["001D000000IqhSL", "001D000000IqhSM"].map(|name| format!("{:08x}", mark(name)));
        let body = format!("4000.1000.~0:0001D000000IqhSL{0}eM{1}~2000:eM{1}", marks[0], marks[1]);
        assert_eq!(text(&position)[17..], body);
        assert_eq!(parsed(&text(&position)).unwrap(), position);
    }

    #[test]
    fn a_position_is_of_its_org_and_object_and_whole() {
        let reached = Place { time: Moment(7), id: Some(id("001D000000IqhSL")) };
        let position = Position { reached, now: Moment(9), handed: vec![version(8, "001D000000IqhSM")] };
        let text = text(&position);
        assert_eq!(Position::parse(&text, &connection("a"), &object("ACCOUNT")).unwrap(), position);
        for (text, connection, object) in [
            (text.clone(), connection("b"), object("Account")),
            (text.clone(), connection("a"), object("Contact")),
            (text.replace('1', "2"), connection("a"), object("Account")),
            (text[..text.len() - 1].to_owned(), connection("a"), object("Account")),
            (format!("{text} "), connection("a"), object("Account")),
            (String::new(), connection("a"), object("Account")),
            ("1".to_owned(), connection("a"), object("Account")),
            ("é".repeat(40), connection("a"), object("Account")),
            ("1".repeat(Position::LONGEST + 1), connection("a"), object("Account")),
        ] {
            let error = Position::parse(&text, &connection, &object).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent), "{text}");
            assert!(error.message.starts_with("position: expected"), "{}", error.message);
        }
    }

    #[test]
    fn a_text_that_is_sealed_and_no_position_is_refused() {
        for body in [
            "",
            "1.2",
            "x.2.",
            "1.2.short",
            "1.2.x' OR Id != 'yz",
            "1.2.~0:0001D000000Iqh'L00000000",
            "1.2.~",
            "1.2.~x:",
            "1.2.~18446744073709551615:",
            "1.2.~0:f",
            "1.2.~0:0001D000000IqhSL",
            "1.2.~0:0001D000000IqhSLxxxxxxxx",
            "1.2.~0:0001D000000Iqhé00000000",
        ] {
            let text = ["1", &seal(body, &connection("a"), &object("Account")), body].concat();
            assert!(parsed(&text).is_err(), "{body}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            now in any::<u64>(),
            start in 0..10_000_000_000_000_u64,
            at in proptest::option::of("[0-9A-Za-z]{15}"),
            handed in prop::collection::vec((0..5_u64, "001[AB]0000000[0-9A-Za-z]{4}", any::<u32>()), 0..40),
        ) {
            let mut time = start;
            let handed = handed.into_iter().map(|(after, name, mark)| {
                time += after * 500;
                Version { time: Moment(time), id: id(&name), mark }
            });
            let handed = handed.collect();
            let reached = Place { time: Moment(start), id: at.as_deref().map(id) };
            let position = Position { reached, now: Moment(now), handed };
            let text = text(&position);
            prop_assert!(text.len() <= Position::LONGEST);
            prop_assert_eq!(parsed(&text).unwrap(), position);
        }

        #[test]
        fn no_text_is_too_odd(body in "[0-9a-zA-Z.~:é]{0,60}") {
            parsed(&["1", &seal(&body, &connection("a"), &object("Account")), &body].concat()).ok();
        }
    }
}
