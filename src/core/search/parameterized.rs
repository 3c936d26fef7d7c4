//! Parameterized search: what somebody typed, as a value in JSON. There is no language that it could be written in.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_search_parameterized.htm>

use super::answer::Found;
use super::term::has_letter;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::{Method, Request, Transport};
use crate::core::json::quoted;
use crate::core::name::ObjectName;
use crate::core::records::parse_fields;
use crate::core::salesforce_error;
use crate::core::send::{Repeat, send_with};

/// Which fields are searched. See `search-scope` in `wit/search.wit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each case is documented once, in wit/search.wit")]
pub enum Scope {
    All,
    Name,
    Email,
    Phone,
    Sidebar,
}

/// An object to look at, as the caller names it. See `search-object` in `wit/search.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchObject {
    /// API name.
    pub object: String,
    /// API names and paths; none: the Id.
    pub fields: Vec<String>,
    /// Records of this object.
    pub limit: Option<u16>,
}

/// A search, ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    body: String,
    limit: Option<u16>,
}

/// Salesforce's own limit on records.
const MOST: u16 = 2_000;

impl Search {
    /// Checks and writes all of it. See `search` in `wit/search.wit`.
    pub fn parse(text: &str, objects: &[SearchObject], scope: Option<Scope>, limit: Option<u16>) -> Result<Self> {
        if text.chars().count() > 4_000 || !has_letter(text) {
            return Err(Error::invalid_argument("text", "1 to 4,000 characters, with a letter or a digit among them"));
        }
        check_limit("limit", limit)?;
        if objects.len() > 20 {
            return Err(Error::invalid_argument("objects", "at most 20 objects"));
        }
        let scope = match scope.unwrap_or(Scope::All) {
            Scope::All => "ALL",
            Scope::Name => "NAME",
            Scope::Email => "EMAIL",
            Scope::Phone => "PHONE",
            Scope::Sidebar => "SIDEBAR",
        };
        let mut body = String::from(r#"{"q":"#);
        body.push_str(&quoted(text));
        body.push_str(&format!(r#","in":"{scope}""#));
        if let Some(limit) = limit {
            body.push_str(&format!(r#","overallLimit":{limit}"#));
        }
        if !objects.is_empty() {
            body.push_str(r#","sobjects":["#);
            for (index, one) in objects.iter().enumerate() {
                let is_again =
                    objects.iter().take(index).any(|earlier| earlier.object.eq_ignore_ascii_case(&one.object));
                let written = if is_again {
                    Err(Error::invalid_argument("object", "each object once"))
                } else {
                    one.write(index > 0, &mut body)
                };
                written.map_err(|mut error| {
                    error.message = format!("objects[{index}].{}", error.message);
                    error
                })?;
            }
            body.push(']');
        }
        body.push('}');
        Ok(Self { body, limit })
    }
}

impl SearchObject {
    fn write(&self, is_further: bool, body: &mut String) -> Result<()> {
        let object = ObjectName::parse(&self.object)?;
        check_limit("limit", self.limit)?;
        if is_further {
            body.push(',');
        }
        body.push_str(&format!(r#"{{"name":"{}","fields":["#, object.as_str()));
        if self.fields.is_empty() {
            body.push_str(r#""Id""#);
        } else {
            for (index, field) in parse_fields(&self.fields)?.iter().enumerate() {
                body.push_str(if index > 0 { ",\"" } else { "\"" });
                body.push_str(field.as_str());
                body.push('"');
            }
        }
        body.push(']');
        if let Some(limit) = self.limit {
            body.push_str(&format!(r#","limit":{limit}"#));
        }
        body.push('}');
        Ok(())
    }
}

fn check_limit(name: &str, limit: Option<u16>) -> Result<()> {
    match limit {
        Some(0 | 2_001..) => Err(Error::invalid_argument(name, "1 to 2,000 records")),
        _ => Ok(()),
    }
}

/// Searches. It is a POST, and reads all the same.
pub fn search(
    transport: &mut dyn Transport,
    connection: &Connection,
    search: &Search,
    options: &CallOptions,
) -> Result<Found> {
    let request = Request::write(connection, Method::Post, "/parameterizedSearch", search.body.as_str());
    let response = send_with(transport, &request, Repeat::Safe, options, salesforce_error::on_read)?;
    Found::read(&response, search.limit.or(Some(MOST)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::Failure;
    use crate::core::script::{Script, answer};
    use proptest::prelude::*;

    fn of(object: &str, fields: &[&str], limit: Option<u16>) -> SearchObject {
        SearchObject { object: object.into(), fields: fields.iter().map(|&field| field.into()).collect(), limit }
    }

    fn run(script: &mut Script, asked: &Search) -> Result<Found> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        search(script, &connection, asked, &CallOptions::parse(None, None, None).unwrap())
    }

    fn found(records: &str) -> String {
        format!(r#"{{"searchRecords":{records},"metadata":{{}}}}"#)
    }

    #[test]
    fn a_search_is_a_value_in_json() {
        let objects = [of("Account", &["Id", "Owner.Name"], Some(5)), of("Contact", &[], None)];
        let asked = Search::parse("A \"b\" } OR\n*", &objects, Some(Scope::Name), Some(7)).unwrap();
        let records = r#"[ {"attributes":{},"N":9007199254740993} , {} ]"#;
        let mut script = Script::new([Ok(answer(200, &found(records)))]);
        let result = run(&mut script, &asked).unwrap();
        assert_eq!((result.records.as_str(), result.count, result.usage.unwrap().used), (records, 2, 18));
        let (method, url, body) = &script.requests[0];
        assert_eq!(
            (*method, url.as_str()),
            (Method::Post, "https://example.my.salesforce.com/services/data/v67.0/parameterizedSearch")
        );
        let expected = concat!(
            r#"{"q":"A \"b\" } OR\u000a*","in":"NAME","overallLimit":7,"sobjects":["#,
            r#"{"name":"Account","fields":["Id","Owner.Name"],"limit":5},{"name":"Contact","fields":["Id"]}]}"#
        );
        assert_eq!(body, expected);
        let plain = Search::parse("acme", &[], None, None).unwrap();
        assert_eq!(plain.body, r#"{"q":"acme","in":"ALL"}"#);
    }

    #[test]
    fn a_lost_answer_is_asked_for_again() {
        let asked = Search::parse("acme", &[], None, None).unwrap();
        let mut script = Script::new([Err(Failure::Interrupted), Ok(answer(503, "")), Ok(answer(200, &found("[]")))]);
        assert_eq!(run(&mut script, &asked).unwrap().count, 0);
        let mut script = Script::new([Err(Failure::Interrupted), Err(Failure::Interrupted), Err(Failure::Interrupted)]);
        let error = run(&mut script, &asked).unwrap_err();
        assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::Interrupted, Outcome::Unknown, true));
    }

    #[test]
    fn arguments_are_refused_by_name() {
        let account = || of("Account", &["Name"], None);
        let search = |objects: &[SearchObject], limit| Search::parse("acme", objects, None, limit);
        for (asked, words) in [
            (Search::parse("", &[], None, None), "text: expected 1 to 4,000 characters"),
            (Search::parse(" \"*\" ", &[], None, None), "text: expected 1 to 4,000 characters"),
            (Search::parse(&"a".repeat(4_001), &[], None, None), "text: expected 1 to 4,000 characters"),
            (search(&[], Some(0)), "limit: expected 1 to 2,000"),
            (search(&[], Some(2_001)), "limit: expected 1 to 2,000"),
            (search(&vec![account(); 21], None), "objects: expected at most 20"),
            (search(&[account(), of("account", &[], None)], None), "objects[1].object: expected each object once"),
            (search(&[account(), of("A\",\"", &[], None)], None), "objects[1].object: expected the API name"),
            (search(&[of("A", &["Na\"me"], None)], None), "objects[0].fields: expected API names"),
            (search(&[of("A", &["Name", "NAME"], None)], None), "objects[0].fields: expected each field once"),
            (search(&[of("A", &[], Some(2_001))], None), "objects[0].limit: expected 1 to 2,000"),
        ] {
            let error = asked.unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent), "{words}");
            assert!(error.message.starts_with(words), "{}", error.message);
        }
    }

    #[test]
    fn an_answer_that_is_no_search_result_is_refused() {
        let asked = Search::parse("acme", &[], None, Some(1)).unwrap();
        for body in [
            "[]".to_owned(),
            "{}".to_owned(),
            found("null"),
            found("{}"),
            found("[1]"),
            found("[{},{}]"),
            r#"{"searchRecords":[],"searchRecords":[]}"#.to_owned(),
        ] {
            let error = run(&mut Script::new([Ok(answer(200, &body))]), &asked).unwrap_err();
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{body}");
        }
    }

    #[test]
    fn a_refusal_is_that_of_a_read() {
        let asked = Search::parse("acme", &[], None, None).unwrap();
        for (code, kind) in [
            ("MALFORMED_SEARCH", ErrorKind::InvalidQuery),
            ("INVALID_FIELD", ErrorKind::InvalidQuery),
            ("INVALID_TYPE", ErrorKind::InvalidQuery),
        ] {
            let refused = format!(r#"[{{"message":"m","errorCode":"{code}"}}]"#);
            let error = run(&mut Script::new([Ok(answer(400, &refused))]), &asked).unwrap_err();
            assert_eq!((error.kind, error.outcome), (kind, Outcome::Rejected), "{code}");
        }
    }

    proptest! {
        #[test]
        fn no_text_changes_what_stands_around_it(text in any::<String>()) {
            if let Ok(search) = Search::parse(&text, &[of("Account", &["Name"], Some(3))], None, Some(4)) {
                let body: serde_json::Value = serde_json::from_str(&search.body).unwrap();
                let expected = serde_json::json!({
                    "q": text, "in": "ALL", "overallLimit": 4,
                    "sobjects": [{"name": "Account", "fields": ["Name"], "limit": 3}],
                });
                prop_assert_eq!(body, expected);
            }
        }
    }
}
