//! It says what is not so, or more than anybody wants to hear.

use super::error;
use crate::answer::Answer;
use crate::character::Deed;
use crate::world::exports::workflow::salesforce::types::{ApiUsage, Error, ErrorKind, Outcome, Problem};

/// Line breaks, the end of a text, colours, a title for the terminal, and text that runs backwards.
const CONTROL: &str = "\r\nINFO forged line\0\u{1b}[31mred\u{1b}]0;title\u{7}\u{202e}drawkcab";

pub(super) fn act<T: Answer>(deed: &Deed, honest: Result<T, Error>) -> Result<T, Error> {
    let number = deed.number;
    let saying = |honest: Result<T, Error>, text: String| match honest {
        Ok(honest) => T::saying(Some(honest), text).ok_or_else(nothing),
        Err(error) => T::saying(None, text).ok_or(error),
    };
    match deed.name.as_str() {
        "session-expired" => Err(error(ErrorKind::SessionExpired, Outcome::Rejected, "the session has expired".into())),
        "not-sent" => Err(error(ErrorKind::Unreachable, Outcome::NotSent, "no connection".into())),
        "rejected" => Err(error(ErrorKind::InvalidRecord, Outcome::Rejected, "the record was refused".into())),
        "usage" => Ok(honest?.claiming(ApiUsage { used: u32::MAX, allowed: 0 })),
        "control" => Err(full_of(CONTROL)),
        "megabytes" => Err(full_of(&"m".repeat(number))),
        "problems" => Err(Error {
            problems: problems(number, "p"),
            ..error(ErrorKind::Rejected, Outcome::Unknown, "many".into())
        }),
        "fields" => {
            let fields = vec!["Name".into(); number];
            let problem = Problem { code: "MANY_FIELDS".into(), message: "many fields".into(), fields };
            Err(Error { problems: vec![problem], ..error(ErrorKind::Rejected, Outcome::Unknown, "many".into()) })
        }
        "ones" => saying(honest, "\u{1}".repeat(number)),
        "quoted-ones" => saying(honest, format!("[\"{}\"]", "\\u0001".repeat(number / 6))),
        "nested" => saying(honest, format!("{}{}", "[".repeat(number), "]".repeat(number))),
        "large" => saying(honest, format!("[\"{}\"]", "x".repeat(number.saturating_sub(4)))),
        "no-json" => saying(honest, "this is no JSON".into()),
        "no-json-later" => Ok(honest?.leading_to("hostile:no-json")),
        "endless" => Ok(saying(honest, "[{}]".into())?.leading_to("hostile:endless")),
        "children" => Ok(honest?.with_children(number)),
        _ => honest,
    }
}

/// This text in every place of an error.
fn full_of(text: &str) -> Error {
    Error {
        detail: Some(format!("\"{text}\"")),
        request_id: Some(text.into()),
        problems: problems(1, text),
        ..error(ErrorKind::Rejected, Outcome::Unknown, text.into())
    }
}

fn problems(number: usize, text: &str) -> Vec<Problem> {
    vec![Problem { code: text.into(), message: text.into(), fields: vec![text.into()] }; number]
}

fn nothing() -> Error {
    error(ErrorKind::Rejected, Outcome::Unknown, "there is no JSON in this result".into())
}
