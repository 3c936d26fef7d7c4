//! The records that the user saw last.

use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Transport};
use crate::core::json::{Json, Object, required};
use crate::core::record_id::RecordId;
use crate::core::send::{Repeat, send};

/// A record that the user saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentItem {
    /// API name of its object.
    pub object: String,
    /// 18 characters.
    pub id: String,
    /// What people call it by, if the answer has that.
    pub name: Option<String>,
}

/// The records that the user saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentList {
    /// The latest first.
    pub items: Vec<RecentItem>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

/// As many as Salesforce remembers of a user.
const MOST: u8 = 200;

/// Reads the records that the user saw last, at most `limit`.
pub fn recent_items(
    transport: &mut dyn Transport,
    connection: &Connection,
    limit: Option<u8>,
    options: &CallOptions,
) -> Result<RecentList> {
    let limit = limit.unwrap_or(MOST);
    if !(1..=MOST).contains(&limit) {
        return Err(Error::invalid_argument("limit", "1 to 200"));
    }
    let request = Request::get(connection, &format!("/recent?limit={limit}"));
    let response = send(transport, &request, Repeat::Safe, options)?;
    let items = read(&response.body, limit).map_err(|error| error.with_answer(&response))?;
    Ok(RecentList { items, usage: ApiUsage::of(&response) })
}

fn read(body: &[u8], limit: u8) -> Result<Vec<RecentItem>> {
    let list = Json::parse(body, "a list of records")?.elements();
    let list = list.ok_or_else(|| Error::invalid_response("expected a list of records"))?;
    let mut items = Vec::new();
    for (index, item) in list.enumerate() {
        if index >= usize::from(limit) {
            return Err(Error::invalid_response(format!("expected at most {limit} records, but more came")));
        }
        items.push(RecentItem::read(item).map_err(|error| error.within("records", index))?);
    }
    Ok(items)
}

impl RecentItem {
    fn read(item: Json<'_>) -> Result<Self> {
        let item = Object::expect(item, "each entry")?;
        let attributes = required("attributes", item.member("attributes")?)?;
        let object = Object::expect(attributes, "attributes")?.text("type")?;
        let id = required("Id", item.text("Id")?)?;
        let id = RecordId::parse("Id", &id).map_err(|_| Error::invalid_response("expected Id to be a record Id"))?;
        Ok(Self { object: required("type", object)?, id: id.to_18(), name: name(&item)? })
    }
}

/// `Name`, or of an object that has none, what stands in its place: `CaseNumber`, `Title`, `Subject`.
fn name(item: &Object<'_>) -> Result<Option<String>> {
    if let Some(name) = item.shown("Name")? {
        return Ok(Some(name));
    }
    Ok(item.iter().filter(|(key, _)| !matches!(*key, "Id" | "attributes")).find_map(|(_, value)| value.shown()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::{Failure, Method};
    use crate::core::script::{Script, answer};

    fn run(script: &mut Script, limit: Option<u8>) -> Result<RecentList> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        recent_items(script, &connection, limit, &CallOptions::parse(None, None, None).unwrap())
    }

    #[test]
    fn records_are_told_with_what_people_call_them_by() {
        let body = r#"[{"attributes":{"type":"Account","url":"/x"},"Id":"001D000000IqhSLIAZ","Name":"Acme \u00dc"},
            {"attributes":{"type":"Case"},"CaseNumber":"00001001","Id":"500D000000IqhSL"},
            {"attributes":{"type":"Odd__c"},"Id":"a00D000000IqhSL","Name":null,"N":1}]"#;
        let mut script = Script::new([Ok(answer(200, body))]);
        let recent = run(&mut script, Some(3)).unwrap();
        let told: Vec<_> =
            recent.items.iter().map(|item| (item.object.as_str(), item.id.len(), item.name.as_deref())).collect();
        assert_eq!(told, [("Account", 18, Some("Acme Ü")), ("Case", 18, Some("00001001")), ("Odd__c", 18, None)]);
        assert_eq!(recent.items[0].id, "001D000000IqhSLIAZ");
        assert_eq!(recent.usage, Some(ApiUsage { used: 18, allowed: 5000 }));
        let expected = "https://example.my.salesforce.com/services/data/v67.0/recent?limit=3";
        assert_eq!((script.requests[0].0, script.requests[0].1.as_str()), (Method::Get, expected));
    }

    #[test]
    fn none_is_all_that_is_remembered() {
        let mut script = Script::new([Ok(answer(200, "[]"))]);
        assert_eq!(run(&mut script, None).unwrap().items, []);
        assert!(script.requests[0].1.ends_with("/recent?limit=200"));
        for limit in [0, 201, 255] {
            let error = run(&mut Script::new([]), Some(limit)).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
            assert_eq!(error.message, "limit: expected 1 to 200");
        }
    }

    #[test]
    fn an_answer_of_another_form_is_refused_and_told_by_its_place() {
        let item = r#"{"attributes":{"type":"Account"},"Id":"001D000000IqhSLIAZ"}"#;
        for (body, words) in [
            ("{}", "expected a list of records"),
            ("[1]", "records[0]: expected each entry to be a JSON object"),
            (
                &format!(r#"[{item},{{"Id":"001D000000IqhSLIAZ"}}]"#),
                "records[1]: expected attributes, but it is missing",
            ),
            (r#"[{"attributes":[],"Id":"001D000000IqhSLIAZ"}]"#, "records[0]: expected attributes to be a JSON object"),
            (r#"[{"attributes":{},"Id":"001D000000IqhSLIAZ"}]"#, "records[0]: expected type, but it is missing"),
            (r#"[{"attributes":{"type":"A"}}]"#, "records[0]: expected Id, but it is missing"),
            (r#"[{"attributes":{"type":"A"},"Id":"001D000000IqhSLIAA"}]"#, "records[0]: expected Id to be a record Id"),
            (
                r#"[{"attributes":{"type":"A"},"Id":"001D000000IqhSLIAZ","Name":1}]"#,
                "records[0]: expected Name to be a text",
            ),
            (&format!("[{item},{item},{item}]"), "expected at most 2 records, but more came"),
        ] {
            let error = run(&mut Script::new([Ok(answer(200, body))]), Some(2)).unwrap_err();
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{body}");
            assert_eq!(error.message, words);
        }
    }

    #[test]
    fn a_lost_answer_is_read_again() {
        let mut script = Script::new([Err(Failure::Interrupted), Ok(answer(200, "[]"))]);
        assert!(run(&mut script, None).is_ok());
        assert_eq!(script.sent(), 2);
    }
}
