//! One object with its fields.

use super::conditional::{get, last_modified};
use super::field::{Field, read_fields};
use super::object_summary::{ObjectSummary, each_once};
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::{Response, Transport};
use crate::core::json::{Object, required};
use crate::core::name::ObjectName;
use crate::core::place::{Entry, read_each};

/// An object. See `object-description` in `wit/schema.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented once, in wit/schema.wit")]
pub struct ObjectDescription {
    pub object: ObjectSummary,
    pub fields: Vec<Field>,
    pub record_type_infos: Vec<RecordTypeInfo>,
    pub child_relationships: Vec<ChildRelationship>,
    pub last_modified: Option<String>,
    pub usage: Option<ApiUsage>,
}

/// A record type. See `record-type-info` in `wit/schema.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented once, in wit/schema.wit")]
pub struct RecordTypeInfo {
    pub record_type_id: Option<String>,
    pub name: String,
    pub developer_name: Option<String>,
    pub active: bool,
    pub available: bool,
    pub default_record_type_mapping: bool,
    pub master: bool,
}

/// A lookup that leads here. See `child-relationship` in `wit/schema.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented once, in wit/schema.wit")]
pub struct ChildRelationship {
    pub child_sobject: String,
    pub field: String,
    pub relationship_name: Option<String>,
}

impl RecordTypeInfo {
    const MEMBERS: [&str; 7] =
        ["recordTypeId", "name", "developerName", "active", "available", "defaultRecordTypeMapping", "master"];

    fn read(info: &mut Entry<'_, '_>) -> Self {
        Self {
            record_type_id: info.text("recordTypeId"),
            name: info.required("name"),
            developer_name: info.text("developerName"),
            active: info.flag("active"),
            available: info.flag("available"),
            default_record_type_mapping: info.flag("defaultRecordTypeMapping"),
            master: info.flag("master"),
        }
    }
}

impl ChildRelationship {
    const MEMBERS: [&str; 3] = ["childSObject", "field", "relationshipName"];

    fn read(relationship: &mut Entry<'_, '_>) -> Self {
        Self {
            child_sobject: relationship.required("childSObject"),
            field: relationship.required("field"),
            relationship_name: relationship.text("relationshipName"),
        }
    }
}

/// Describes an object; none if nothing of it changed.
pub fn describe_object(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    if_modified_since: Option<&str>,
    options: &CallOptions,
) -> Result<Option<ObjectDescription>> {
    let Some(response) = get(transport, connection, &path(object), if_modified_since, options)? else {
        return Ok(None);
    };
    read(&response, object).map(Some).map_err(|error| error.with_answer(&response))
}

pub(super) fn path(object: &ObjectName) -> String {
    ["/sobjects/", object.as_str(), "/describe"].concat()
}

/// That an answer is about this object. In an org with a namespace of its own, a name without it is that of `ns__Name__c`.
pub(super) fn check_name(answer: &Object<'_>, object: &ObjectName) -> Result<()> {
    let name = required("name", answer.text("name")?)?;
    let tail = name.len().checked_sub(object.as_str().len()).and_then(|at| name.split_at_checked(at));
    match tail {
        Some((before, same))
            if same.eq_ignore_ascii_case(object.as_str()) && (before.is_empty() || before.ends_with("__")) =>
        {
            Ok(())
        }
        _ => Err(Error::invalid_response(
            ["expected a description of ", object.as_str(), ", but another object's came"].concat(),
        )),
    }
}

fn read(response: &Response, object: &ObjectName) -> Result<ObjectDescription> {
    let answer = Object::parse(&response.body, "the description of an object")?;
    check_name(&answer, object)?;
    let fields = read_fields(required("fields", answer.elements("fields")?)?)?;
    each_once(&mut fields.iter().map(|field| field.name.as_str()))?;
    let infos = answer.elements("recordTypeInfos")?.unwrap_or_default();
    let relationships = answer.elements("childRelationships")?.unwrap_or_default();
    let (mut record_type_infos, mut child_relationships) = (Vec::new(), Vec::new());
    read_each("recordTypeInfos", infos, &RecordTypeInfo::MEMBERS, &mut |info| {
        record_type_infos.push(RecordTypeInfo::read(info));
    })?;
    read_each("childRelationships", relationships, &ChildRelationship::MEMBERS, &mut |relationship| {
        child_relationships.push(ChildRelationship::read(relationship));
    })?;
    let mut entry = Entry::of(&answer);
    let object = ObjectSummary::read(&mut entry);
    entry.finish(ObjectDescription {
        object,
        fields,
        record_type_infos,
        child_relationships,
        last_modified: last_modified(response),
        usage: ApiUsage::of(response),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::{Failure, Method};
    use crate::core::script::{Script, answer};

    const SINCE: &str = "Tue, 24 Nov 2026 09:30:00 GMT";
    const ACCOUNT: &str = r#"{"actionOverrides":[],"activateable":false,"childRelationships":[
        {"cascadeDelete":true,"childSObject":"Contact","field":"AccountId","relationshipName":"Contacts"},
        {"childSObject":"AIRecordInsight","field":"TargetId","relationshipName":null}],
        "createable":true,"custom":false,"deletable":true,"fields":[{"name":"Id","type":"id"},
        {"name":"Name","label":"Account Name","type":"string","nameField":true,"createable":true}],
        "keyPrefix":"001","label":"Account","labelPlural":"Accounts","name":"Account","queryable":true,"recordTypeInfos":[
        {"active":true,"available":true,"defaultRecordTypeMapping":true,"developerName":"Master","master":true,"name":"Master",
         "recordTypeId":"012000000000000AAA","urls":{}},
        {"name":"Old","available":false}],
        "searchable":true,"updateable":true,"urls":{}}"#;

    fn run(script: &mut Script, object: &str, since: Option<&str>) -> Result<Option<ObjectDescription>> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let options = CallOptions::parse(None, None, None).unwrap();
        describe_object(script, &connection, &ObjectName::parse(object)?, since, &options)
    }

    fn refused(object: &str, body: &str) -> Box<Error> {
        run(&mut Script::new([Ok(answer(200, body))]), object, None).unwrap_err()
    }

    #[test]
    fn an_object_is_described() {
        let mut response = answer(200, ACCOUNT);
        response.headers.push(("Last-Modified".into(), SINCE.into()));
        let mut script = Script::new([Ok(response)]);
        let account = run(&mut script, "account", None).unwrap().unwrap();
        assert_eq!((account.object.name.as_str(), account.object.label_plural.as_str()), ("Account", "Accounts"));
        assert_eq!((account.object.key_prefix.as_deref(), account.object.createable), (Some("001"), true));
        assert_eq!((account.fields.len(), account.fields[1].label.as_str()), (2, "Account Name"));
        let [contacts, insights] = account.child_relationships.as_slice() else { panic!("{account:?}") };
        assert_eq!((contacts.child_sobject.as_str(), contacts.field.as_str()), ("Contact", "AccountId"));
        assert_eq!(
            (contacts.relationship_name.as_deref(), insights.relationship_name.as_deref()),
            (Some("Contacts"), None)
        );
        let [master, old] = account.record_type_infos.as_slice() else { panic!("{account:?}") };
        assert!(master.master && master.active && master.available && master.default_record_type_mapping);
        assert_eq!(master.record_type_id.as_deref(), Some("012000000000000AAA"));
        assert_eq!((master.developer_name.as_deref(), old.developer_name.as_deref()), (Some("Master"), None));
        assert!(!old.active && !old.available && old.record_type_id.is_none());
        assert_eq!(account.last_modified.as_deref(), Some(SINCE));
        assert_eq!(account.usage, Some(ApiUsage { used: 18, allowed: 5000 }));
        let (method, url, body) = &script.requests[0];
        let expected = "https://example.my.salesforce.com/services/data/v67.0/sobjects/account/describe";
        assert_eq!((method, url.as_str(), body.as_str()), (&Method::Get, expected, ""));
    }

    #[test]
    fn an_unchanged_object_is_none() {
        let mut script = Script::new([Ok(answer(304, ""))]);
        assert_eq!(run(&mut script, "Account", Some(SINCE)).unwrap(), None);
        assert_eq!(script.headers[0].last(), Some(&("if-modified-since", SINCE.as_bytes().to_vec())));
    }

    #[test]
    fn lists_that_are_not_there_are_empty() {
        let body = r#"{"name":"Odd__c","fields":[],"childRelationships":null}"#;
        let odd = run(&mut Script::new([Ok(answer(200, body))]), "Odd__c", None).unwrap().unwrap();
        assert_eq!((odd.fields.len(), odd.child_relationships.len(), odd.record_type_infos.len()), (0, 0, 0));
        assert_eq!((odd.object.label.as_str(), odd.last_modified), ("Odd__c", None));
    }

    #[test]
    fn another_objects_description_is_refused() {
        for (object, name, is_it) in [
            ("Account", "Account", true),
            ("ACCOUNT", "Account", true),
            ("Invoice__c", "ns__Invoice__c", true),
            ("Account", "Contact", false),
            ("Account", "Accounts", false),
            ("Account", "MyAccount", false),
            ("Account", "", false),
            ("Account", "äccount", false),
        ] {
            let body = format!(r#"{{"name":"{name}","fields":[]}}"#);
            let described = run(&mut Script::new([Ok(answer(200, &body))]), object, None);
            assert_eq!(described.is_ok(), is_it, "{object} {name}");
        }
        let error = refused("Account", r#"{"name":"SENTINEL","fields":[]}"#);
        assert_eq!(
            (error.kind, error.outcome, error.status),
            (ErrorKind::InvalidResponse, Outcome::Unknown, Some(200))
        );
        assert_eq!(error.message, "expected a description of Account, but another object's came");
    }

    #[test]
    fn an_answer_of_another_form_is_refused() {
        for (body, words) in [
            (r#"{"fields":[]}"#, "expected name, but it is missing"),
            (r#"{"name":"A"}"#, "expected fields, but it is missing"),
            (r#"{"name":"A","fields":{}}"#, "expected fields to be a list"),
            (r#"{"name":"A","fields":[],"fields":[]}"#, "expected fields once, but it came twice"),
            (
                r#"{"name":"A","fields":[{"name":"F","type":"id"},{"name":"f","type":"id"}]}"#,
                "expected each name once, but f came twice",
            ),
            (
                r#"{"name":"A","fields":[],"recordTypeInfos":[{}]}"#,
                "recordTypeInfos[0]: expected name, but it is missing",
            ),
            (
                r#"{"name":"A","fields":[],"childRelationships":[{"childSObject":"B"}]}"#,
                "childRelationships[0]: expected field, but it is missing",
            ),
            (r#"{"name":"A","fields":[],"custom":1}"#, "expected custom to be true or false"),
        ] {
            let error = refused("A", body);
            assert_eq!((error.kind, error.message.as_str()), (ErrorKind::InvalidResponse, words));
        }
    }

    #[test]
    fn an_object_that_is_not_there_is_not_found() {
        let body = r#"[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]"#;
        let error = run(&mut Script::new([Ok(answer(404, body))]), "Nope__c", Some(SINCE)).unwrap_err();
        assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::NotFound, Outcome::Rejected, false));
    }

    #[test]
    fn a_name_that_could_change_the_path_sends_nothing() {
        for object in ["", "../x", "Account/describe", "A?b", "Account\n"] {
            let error = run(&mut Script::new([]), object, None).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent), "{object:?}");
        }
    }

    #[test]
    fn a_lost_answer_is_read_again() {
        let mut script = Script::new([Err(Failure::Interrupted), Ok(answer(200, ACCOUNT))]);
        assert!(run(&mut script, "Account", None).unwrap().is_some());
        assert_eq!(script.sent(), 2);
    }
}
