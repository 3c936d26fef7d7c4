//! The list of all objects.

use super::conditional::{get, last_modified};
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result, printable};
use crate::core::http::Transport;
use crate::core::json::{Object, required};
use crate::core::name::doubled;
use crate::core::place::{Entry, read_each};

/// An object, as far as the list of all tells it. See `object-summary` in `wit/schema.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented once, in wit/schema.wit")]
pub struct ObjectSummary {
    pub name: String,
    pub label: String,
    pub label_plural: String,
    pub key_prefix: Option<String>,
    pub custom: bool,
    pub createable: bool,
    pub updateable: bool,
    pub deletable: bool,
    pub queryable: bool,
    pub searchable: bool,
}

/// The objects of an org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectList {
    /// In the order of the answer.
    pub objects: Vec<ObjectSummary>,
    /// When one of them last changed, if the answer told it.
    pub last_modified: Option<String>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

/// The members of an entry that are read.
const MEMBERS: [&str; 10] = [
    "name",
    "label",
    "labelPlural",
    "keyPrefix",
    "custom",
    "createable",
    "updateable",
    "deletable",
    "queryable",
    "searchable",
];

impl ObjectSummary {
    /// All but the name may be missing.
    pub(super) fn read(object: &mut Entry<'_, '_>) -> Self {
        let name = object.required("name");
        let label = object.shown_or("label", &name);
        Self {
            label_plural: object.shown_or("labelPlural", &label),
            key_prefix: object.text("keyPrefix"),
            custom: object.flag("custom"),
            createable: object.flag("createable"),
            updateable: object.flag("updateable"),
            deletable: object.flag("deletable"),
            queryable: object.flag("queryable"),
            searchable: object.flag("searchable"),
            name,
            label,
        }
    }
}

/// Lists the objects of the org; none if none of them changed.
pub fn list_objects(
    transport: &mut dyn Transport,
    connection: &Connection,
    if_modified_since: Option<&str>,
    options: &CallOptions,
) -> Result<Option<ObjectList>> {
    let Some(response) = get(transport, connection, "/sobjects", if_modified_since, options)? else {
        return Ok(None);
    };
    let objects = read(&response.body).map_err(|error| error.with_answer(&response))?;
    Ok(Some(ObjectList { objects, last_modified: last_modified(&response), usage: ApiUsage::of(&response) }))
}

fn read(body: &[u8]) -> Result<Vec<ObjectSummary>> {
    let entries = required("sobjects", Object::parse(body, "the list of objects")?.elements("sobjects")?)?;
    // A list that claims to be long gets no more room than the longest real ones want.
    let mut objects = Vec::with_capacity(entries.len().min(4_096));
    read_each("sobjects", entries, &MEMBERS, &mut |entry| objects.push(ObjectSummary::read(entry)))?;
    each_once(&mut objects.iter().map(|object| object.name.as_str()))?;
    Ok(objects)
}

/// Names of which none came before.
pub(super) fn each_once(names: &mut dyn Iterator<Item = &str>) -> Result<()> {
    match doubled(names) {
        None => Ok(()),
        Some(name) => Err(Error::invalid_response(
            ["expected each name once, but ", &printable(name, 40), " came twice"].concat(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::{Failure, Method, Response};
    use crate::core::script::{Script, answer};

    const SINCE: &str = "Tue, 24 Nov 2026 09:30:00 GMT";

    fn dated(mut response: Response, date: &str) -> Response {
        response.headers.push(("Last-Modified".into(), date.into()));
        response
    }

    fn run(script: &mut Script, since: Option<&str>) -> Result<Option<ObjectList>> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        list_objects(script, &connection, since, &CallOptions::parse(None, None, None).unwrap())
    }

    fn listed(sobjects: &str) -> Result<Vec<ObjectSummary>> {
        let body = format!(r#"{{"encoding":"UTF-8","maxBatchSize":200,"sobjects":{sobjects}}}"#);
        run(&mut Script::new([Ok(answer(200, &body))]), None).map(|list| list.unwrap().objects)
    }

    #[test]
    fn objects_are_listed_as_the_org_tells_them() {
        let body = r#"{"encoding":"UTF-8","maxBatchSize":200,"sobjects":[
            {"activateable":false,"createable":true,"custom":false,"deletable":true,"keyPrefix":"001","label":"Acc\u00f6unt",
             "labelPlural":"Accounts","name":"Account","queryable":true,"searchable":true,"updateable":true,"urls":{"name":"x"}},
            {"name":"AccountFeed","keyPrefix":null,"label":"Account Feed","labelPlural":"Account Feed","queryable":true}]}"#;
        let mut script = Script::new([Ok(dated(answer(200, body), SINCE))]);
        let list = run(&mut script, None).unwrap().unwrap();
        let [account, feed] = list.objects.as_slice() else { panic!("{list:?}") };
        assert_eq!((account.name.as_str(), account.label.as_str()), ("Account", "Accöunt"));
        assert_eq!((account.label_plural.as_str(), account.key_prefix.as_deref()), ("Accounts", Some("001")));
        assert!(account.createable && account.updateable && account.deletable && account.searchable);
        assert!(account.queryable && !account.custom);
        assert_eq!((feed.key_prefix.as_deref(), feed.createable, feed.queryable), (None, false, true));
        assert_eq!(list.last_modified.as_deref(), Some(SINCE));
        assert_eq!(list.usage, Some(ApiUsage { used: 18, allowed: 5000 }));
        let (method, url, body) = &script.requests[0];
        let expected = "https://example.my.salesforce.com/services/data/v67.0/sobjects";
        assert_eq!((method, url.as_str(), body.as_str()), (&Method::Get, expected, ""));
        assert!(script.headers[0].iter().all(|(name, _)| *name != "if-modified-since"));
    }

    #[test]
    fn what_nobody_needs_may_be_missing_or_null() {
        let objects =
            listed(r#"[{"name":"Odd__c"},{"name":"Null__c","label":null,"custom":null,"keyPrefix":null}]"#).unwrap();
        assert_eq!((objects[0].label.as_str(), objects[0].label_plural.as_str()), ("Odd__c", "Odd__c"));
        assert_eq!((objects[1].label.as_str(), objects[1].custom), ("Null__c", false));
        assert_eq!(listed("[]").unwrap(), []);
        assert_eq!(listed(r#"[{"name":"A","label":"\ud83d"}]"#).unwrap()[0].label, "\u{fffd}");
    }

    #[test]
    fn an_unchanged_list_is_none_and_only_if_it_was_asked_for() {
        let mut script = Script::new([Ok(dated(answer(304, ""), SINCE))]);
        assert_eq!(run(&mut script, Some(SINCE)).unwrap(), None);
        let sent = script.headers[0].iter().find(|(name, _)| *name == "if-modified-since");
        assert_eq!(sent.map(|(_, value)| value.as_slice()), Some(SINCE.as_bytes()));
        let error = run(&mut Script::new([Ok(answer(304, ""))]), None).unwrap_err();
        assert_eq!(
            (error.kind, error.outcome, error.status),
            (ErrorKind::InvalidResponse, Outcome::Unknown, Some(304))
        );
    }

    #[test]
    fn a_date_that_could_not_be_sent_again_is_not_told() {
        for date in ["yesterday", "2026-11-24", "Tue, 24 Nov 2026 09:30:00 GMT\u{7f}"] {
            let list = run(&mut Script::new([Ok(dated(answer(200, r#"{"sobjects":[]}"#), date))]), None).unwrap();
            assert_eq!(list.unwrap().last_modified, None, "{date}");
        }
    }

    #[test]
    fn an_answer_of_another_form_is_refused_and_told_by_its_place() {
        for (sobjects, words) in [
            ("null", "expected sobjects, but it is missing"),
            ("{}", "expected sobjects to be a list"),
            ("[1]", "sobjects[0]: expected each entry to be a JSON object"),
            ("[null]", "sobjects[0]: expected each entry to be a JSON object"),
            (r#"[{"name":"A"},{}]"#, "sobjects[1]: expected name, but it is missing"),
            (r#"[{"name":7}]"#, "sobjects[0]: expected name to be a text"),
            (r#"[{"name":"\ud800"}]"#, "sobjects[0]: expected name to be a text"),
            (r#"[{"name":"A","name":"B"}]"#, "sobjects[0]: expected name once, but it came twice"),
            (r#"[{"name":"A","custom":"yes"}]"#, "sobjects[0]: expected custom to be true or false"),
            (r#"[{"name":"A","label":[]}]"#, "sobjects[0]: expected label to be a text"),
            (r#"[{"name":"A"},{"name":"B"},{"name":"a"}]"#, "expected each name once, but a came twice"),
        ] {
            let error = listed(sobjects).unwrap_err();
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{sobjects}");
            assert_eq!(error.message, words);
        }
        for body in ["", "null", "[]", "{}", "<html>", r#"{"sobjects":[{"name":"A"}]"#] {
            let error = run(&mut Script::new([Ok(answer(200, body))]), None).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidResponse, "{body}");
        }
    }

    #[test]
    fn a_lost_answer_is_read_again() {
        let mut script = Script::new([
            Err(Failure::Interrupted),
            Ok(answer(503, "")),
            Ok(answer(200, r#"{"sobjects":[{"name":"A"}]}"#)),
        ]);
        assert_eq!(run(&mut script, Some(SINCE)).unwrap().unwrap().objects.len(), 1);
        assert_eq!(script.sent(), 3);
        let error = run(&mut Script::new([Err(Failure::Denied)]), None).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::DeniedByHost, Outcome::NotSent));
    }
}
