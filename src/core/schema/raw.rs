//! A describe as Salesforce writes it.

use super::conditional::{get, last_modified};
use super::description::{check_name, path};
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::Transport;
use crate::core::json::{Object, required};
use crate::core::name::ObjectName;
use crate::core::text::{cut, place};

/// The JSON of a describe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawDescription {
    /// One JSON object, as it came.
    pub description: String,
    /// When what it tells last changed, if the answer told it.
    pub last_modified: Option<String>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

/// The describe of an object, or of all; none if nothing changed.
pub fn describe_json(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: Option<&ObjectName>,
    if_modified_since: Option<&str>,
    options: &CallOptions,
) -> Result<Option<RawDescription>> {
    let path = object.map_or_else(|| "/sobjects".into(), path);
    let Some(mut response) = get(transport, connection, &path, if_modified_since, options)? else {
        return Ok(None);
    };
    let body = std::mem::take(&mut response.body);
    let description = read(body, object).map_err(|error| error.with_answer(&response))?;
    Ok(Some(RawDescription { description, last_modified: last_modified(&response), usage: ApiUsage::of(&response) }))
}

/// The object stays where it is in the body, so it is in memory once.
fn read(body: Vec<u8>, object: Option<&ObjectName>) -> Result<String> {
    let mut text = String::from_utf8(body).map_err(|_| Error::invalid_response("expected a description in UTF-8"))?;
    let answer = Object::parse_text(&text, "a description")?;
    match object {
        Some(object) => {
            check_name(&answer, object)?;
            required("fields", answer.list("fields")?)?;
        }
        None => {
            required("sobjects", answer.list("sobjects")?)?;
        }
    }
    let answer = place(text.strip_prefix('\u{feff}').unwrap_or(&text).trim_ascii(), &text);
    cut(&mut text, answer);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;
    use crate::core::http::Response;
    use crate::core::script::{Script, answer};

    const SINCE: &str = "Tue, 24 Nov 2026 09:30:00 GMT";

    fn run(script: &mut Script, object: Option<&str>, since: Option<&str>) -> Result<Option<RawDescription>> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let object = object.map(ObjectName::parse).transpose()?;
        let options = CallOptions::parse(None, None, None).unwrap();
        describe_json(script, &connection, object.as_ref(), since, &options)
    }

    #[test]
    fn a_describe_passes_through_to_the_byte() {
        let one = r#"{ "name" : "Account","fields":[ 1, {"odd":9007199254740993.10} ],"a":"\ud800","a":null }"#;
        let all = r#"{"encoding":"UTF-8","sobjects":[{"name":"A"} , null]}"#;
        for (object, body, rest) in [(Some("account"), one, "/sobjects/account/describe"), (None, all, "/sobjects")] {
            for around in ["", "\n", "\u{feff}"] {
                let mut script =
                    Script::new([Ok(answer(200, &format!("{around}{body}{}", around.trim_start_matches('\u{feff}'))))]);
                let raw = run(&mut script, object, None).unwrap().unwrap();
                assert_eq!(raw.description, body);
                assert_eq!((raw.last_modified, raw.usage), (None, Some(ApiUsage { used: 18, allowed: 5000 })));
                assert_eq!(
                    script.requests[0].1,
                    format!("https://example.my.salesforce.com/services/data/v67.0{rest}")
                );
            }
        }
    }

    #[test]
    fn what_is_not_what_was_asked_for_is_refused() {
        for (object, body) in [
            (Some("Account"), r#"{"name":"Contact","fields":[]}"#),
            (Some("Account"), r#"{"name":"Account"}"#),
            (Some("Account"), r#"{"name":"Account","fields":null}"#),
            (Some("Account"), r#"{"sobjects":[]}"#),
            (None, r#"{"name":"Account","fields":[]}"#),
            (None, r#"{"sobjects":{}}"#),
            (None, "[]"),
            (None, "null"),
            (None, ""),
            (None, r#"{"sobjects":[]"#),
            (None, r#"{"sobjects":[]}x"#),
        ] {
            let error = run(&mut Script::new([Ok(answer(200, body))]), object, None).unwrap_err();
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{body}");
        }
        let damaged = Response { body: b"{\"sobjects\":[\"\xff\"]}".to_vec(), ..answer(200, "") };
        assert_eq!(run(&mut Script::new([Ok(damaged)]), None, None).unwrap_err().kind, ErrorKind::InvalidResponse);
    }

    #[test]
    fn an_unchanged_describe_is_none() {
        for object in [None, Some("Account")] {
            let mut script = Script::new([Ok(answer(304, ""))]);
            assert_eq!(run(&mut script, object, Some(SINCE)).unwrap(), None);
            let error = run(&mut Script::new([Ok(answer(304, ""))]), object, None).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidResponse);
        }
    }
}
