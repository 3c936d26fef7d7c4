//! What a part does, and what becomes of that: a method, a path, a body, and what to expect.

use super::parts::Referable;
use super::reference::Reference;
use crate::core::encoding::form;
use crate::core::error::{Error, Result};
use crate::core::external_id::ExternalId;
use crate::core::http::Method;
use crate::core::json::{Json, Object};
use crate::core::name::{FieldName, FieldPath, ObjectName};
use crate::core::record_id::RecordId;
use crate::core::soql::Query;
use crate::core::text::contains;

/// Which record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By Id.
    Id(RecordId),
    /// By the Id that an earlier part gives.
    Reference(Reference),
    /// By external Id: of a read.
    ExternalId(ExternalId),
}

/// A field and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferringField {
    /// The field.
    pub field: FieldName,
    /// The value.
    pub value: Reference,
}

/// What to do. `fields` are JSON text as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in wit/composite.wit")]
pub enum Action {
    Create {
        object: ObjectName,
        fields: String,
        references: Vec<ReferringField>,
    },
    Update {
        object: ObjectName,
        key: Which,
        fields: String,
        references: Vec<ReferringField>,
    },
    Upsert {
        object: ObjectName,
        external_id: ExternalId,
        fields: String,
        references: Vec<ReferringField>,
        update_only: bool,
    },
    Delete {
        object: ObjectName,
        key: Which,
    },
    Read {
        object: ObjectName,
        key: Which,
        fields: Vec<FieldPath>,
    },
    Query(Query),
}

/// What a part's answer must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expected {
    /// The Id of a record: a new one, or one of an upsert.
    Saved { is_create: bool },
    /// Nothing.
    Updated,
    /// Nothing.
    Deleted,
    /// A record with these fields.
    Values(Vec<FieldPath>),
    /// The first page of this query.
    Page(Query),
}

impl Expected {
    pub(super) fn writes(&self) -> bool {
        !matches!(self, Self::Values(_) | Self::Page(_))
    }
}

/// One part, ready to be written. Its path follows `/services/data/vNN.N`.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<String>,
    pub(super) expected: Expected,
}

impl Action {
    /// What the action becomes among parts that came before it.
    pub(super) fn request(self, before: &mut Referable<'_>) -> Result<Request> {
        Ok(match self {
            Self::Create { object, fields, references } => Request {
                method: Method::Post,
                path: row(&object, ""),
                body: Some(body(&fields, &references, before)?),
                expected: Expected::Saved { is_create: true },
            },
            Self::Update { object, key, fields, references } => Request {
                method: Method::Patch,
                path: row(&object, &segments(&key, before)?),
                body: Some(body(&fields, &references, before)?),
                expected: Expected::Updated,
            },
            Self::Upsert { object, external_id, fields, references, update_only } => {
                let query = if update_only { "?updateOnly=true" } else { "" };
                let path = [&row(&object, &segments(&Which::ExternalId(external_id), before)?), query].concat();
                let body = Some(body(&fields, &references, before)?);
                Request { method: Method::Patch, path, body, expected: Expected::Saved { is_create: false } }
            }
            Self::Delete { object, key } => Request {
                method: Method::Delete,
                path: row(&object, &segments(&key, before)?),
                body: None,
                expected: Expected::Deleted,
            },
            Self::Read { object, key, fields } => {
                if fields.iter().any(FieldPath::is_relationship) {
                    let expected = "fields of the record alone; a path through a lookup needs a query";
                    return Err(Error::invalid_argument("fields", expected));
                }
                let names: Vec<_> = fields.iter().map(FieldPath::as_str).collect();
                let asked = form(&[("fields", &names.join(","))]);
                let path = [&row(&object, &segments(&key, before)?), "?", &asked].concat();
                Request { method: Method::Get, path, body: None, expected: Expected::Values(fields) }
            }
            Self::Query(query) => {
                plain("soql", query.soql())?;
                Request { method: Method::Get, path: query.path(), body: None, expected: Expected::Page(query) }
            }
        })
    }
}

/// `/sobjects/Account/001...`
fn row(object: &ObjectName, segments: &str) -> String {
    ["/sobjects/", object.as_str(), if segments.is_empty() { "" } else { "/" }, segments].concat()
}

fn segments(which: &Which, before: &mut Referable<'_>) -> Result<String> {
    match which {
        Which::Id(id) => Ok(id.as_str().into()),
        Which::Reference(reference) => {
            before.refer("key.reference", reference)?;
            Ok(reference.written())
        }
        Which::ExternalId(external_id) => {
            plain("external-id.value", external_id.value())?;
            Ok(external_id.path())
        }
    }
}

/// The fields as they were given, and behind them those that refer to other parts.
fn body(fields: &str, references: &[ReferringField], before: &mut Referable<'_>) -> Result<String> {
    let fields = Json::parse_object("fields", fields)?;
    if holds_reference(fields.as_str()) {
        return Err(braces("fields"));
    }
    let members = fields.object();
    let has = |name: &str| {
        members
            .as_ref()
            .is_some_and(|members: &Object<'_>| members.iter().any(|(key, _)| key.eq_ignore_ascii_case(name)))
    };
    let mut body = fields.as_str().strip_suffix('}').unwrap_or_default().to_owned();
    let mut is_first = members.as_ref().is_none_or(|members| members.iter().next().is_none());
    for (index, ReferringField { field, value }) in references.iter().enumerate() {
        let name = field.as_str();
        let earlier = references.iter().take(index);
        if has(name) || earlier.into_iter().any(|earlier| earlier.field.as_str().eq_ignore_ascii_case(name)) {
            return Err(Error::invalid_argument("references", &[name, " once, but it came twice"].concat()));
        }
        before.refer(&format!("references[{index}].value"), value)?;
        body.push_str(if is_first { "\"" } else { ",\"" });
        is_first = false;
        for part in [name, "\":\"", &value.written(), "\""] {
            body.push_str(part);
        }
    }
    body.push('}');
    Ok(body)
}

/// Whether some text or key of valid JSON has `@{` in it, written with escapes perhaps.
fn holds_reference(json: &str) -> bool {
    contains(json, "@{")
        || contains(json, "\\u0040{")
        || ["@\\u007", "\\u0040\\u007"]
            .iter()
            .any(|begin| ["b", "B"].iter().any(|end| contains(json, &[*begin, *end].concat())))
}

fn plain(name: &str, text: &str) -> Result<()> {
    if contains(text, "@{") { Err(braces(name)) } else { Ok(()) }
}

fn braces(name: &str) -> Box<Error> {
    Error::invalid_argument(
        name,
        "no text with @{ in it, which Salesforce would take for a reference to another part: refer by a key or by \
         references, and send such a text by itself",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_found_however_it_is_written() {
        for json in [
            r#"{"A":"@{a.id}"}"#,
            r#"{"A":["x",{"B":"see @{"}]}"#,
            r#"{"@{a.id}":1}"#,
            r#"{"A":"\u0040{a.id}"}"#,
            r#"{"A":"@\u007Ba.id}"}"#,
            r#"{"A":"@\u007ba.id}"}"#,
            r#"{"A":"\u0040\u007Ba.id}"}"#,
            r#"{"\ud800@{":1}"#,
        ] {
            assert!(holds_reference(json), "{json}");
        }
        for json in ["{}", r#"{"A":"a@b.example {x}","B":"@ {","C":"\u0040x"}"#] {
            assert!(!holds_reference(json), "{json}");
        }
    }
}
