//! `list<u8>` among the values of a call: base64, as in JSON, until it is passed on.
//!
//! As a list of values each byte would take 40 of the host's. The connector's own functions that take or give a file are called
//! by their types, so that a byte takes one; other components get and give lists.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use salesforce_runtime::bindings::files::{Blob, ByteRange, FileTarget, Uploaded};
use salesforce_runtime::bindings::types::{CallOptions, Connection};
use salesforce_runtime::{ActionResult, Execution, ExecutionError, Val};

use crate::action::Action;
use crate::types::{Shape, TypeId, Types};

/// Bytes that are shown, of a call in WAVE.
const SHOWN: usize = 32;

/// As a value of a call.
pub(crate) fn value(bytes: &[u8]) -> Val {
    Val::String(BASE64_STANDARD.encode(bytes))
}

/// What is in such a value; what is no base64 was refused when it was read.
pub(crate) fn decoded(base64: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(base64).unwrap_or_default()
}

/// A value with lists in the place of base64, as components take it.
pub(crate) fn listed(types: &Types, id: TypeId, value: Val) -> Val {
    replaced(types, id, value, &|base64| list(&decoded(base64)))
}

/// A value with lists in the place of base64, for people: of what is long only how long it is.
pub(crate) fn shown(types: &Types, id: TypeId, value: Val) -> Val {
    replaced(types, id, value, &|base64| match decoded(base64) {
        bytes if bytes.len() <= SHOWN => list(&bytes),
        bytes => Val::Enum(format!("[{} bytes]", bytes.len())),
    })
}

fn list(bytes: &[u8]) -> Val {
    Val::List(bytes.iter().copied().map(Val::U8).collect())
}

fn replaced(types: &Types, id: TypeId, value: Val, with: &dyn Fn(&str) -> Val) -> Val {
    let below = |id: TypeId, value: Val| replaced(types, id, value, with);
    let boxed = |id: Option<TypeId>, value: Box<Val>| match id {
        Some(id) => Some(Box::new(below(id, *value))),
        None => Some(value),
    };
    match (types.shape(id), value) {
        (Shape::Bytes, Val::String(base64)) => with(&base64),
        (Shape::Option(of), Val::Option(Some(value))) => Val::Option(boxed(Some(*of), value)),
        (Shape::List(of), Val::List(values)) => Val::List(values.into_iter().map(|value| below(*of, value)).collect()),
        (Shape::Tuple(parts), Val::Tuple(values)) => {
            Val::Tuple(parts.iter().zip(values).map(|(part, value)| below(*part, value)).collect())
        }
        (Shape::Record(fields), Val::Record(values)) => {
            let values = fields.iter().zip(values).map(|(field, (name, value))| (name, below(field.ty, value)));
            Val::Record(values.collect())
        }
        (Shape::Variant(cases), Val::Variant(name, Some(value))) => {
            let of = cases.iter().find(|case| case.name == name).and_then(|case| case.ty);
            Val::Variant(name, boxed(of, value))
        }
        (Shape::Result { ok, .. }, Val::Result(Ok(Some(value)))) => Val::Result(Ok(boxed(*ok, value))),
        (Shape::Result { error, .. }, Val::Result(Err(Some(value)))) => Val::Result(Err(boxed(*error, value))),
        (_, value) => value,
    }
}

/// A call of one of the connector's functions that take or give a file.
pub(crate) enum FileCall<'a> {
    Download {
        object: &'a str,
        id: &'a str,
        field: &'a str,
        range: Option<ByteRange>,
    },
    Upload {
        file_name: &'a str,
        data: &'a str,
        target: FileTarget,
        title: Option<&'a str>,
        content_type: Option<&'a str>,
        fields: Option<&'a str>,
    },
}

impl<'a> FileCall<'a> {
    /// None: it is another function.
    pub(crate) fn of(action: &Action, arguments: &'a [Val]) -> Option<FileCall<'a>> {
        if !action.is_own() {
            return None;
        }
        match (action.function.as_str(), arguments) {
            ("download-blob", [Val::String(object), Val::String(id), Val::String(field), Val::Option(range)]) => {
                let range = match range.as_deref() {
                    None => None,
                    Some(range) => Some(byte_range(range)?),
                };
                Some(FileCall::Download { object, id, field, range })
            }
            (
                "upload-file",
                [
                    Val::String(file_name),
                    Val::String(data),
                    target,
                    Val::Option(title),
                    Val::Option(content_type),
                    Val::Option(fields),
                ],
            ) => Some(FileCall::Upload {
                file_name,
                data,
                target: file_target(target)?,
                title: text(title.as_deref()),
                content_type: text(content_type.as_deref()),
                fields: text(fields.as_deref()),
            }),
            _ => None,
        }
    }

    /// Makes the call.
    pub(crate) async fn run(
        self,
        execution: Execution,
        connection: &Connection,
        options: CallOptions,
    ) -> Result<ActionResult, ExecutionError> {
        let (value, usage) = match self {
            FileCall::Download { object, id, field, range } => {
                let blob = execution.download_blob(connection, object, id, field, range, options).await?;
                let Blob { data, offset, total_size, content_type, usage } = blob;
                let fields = [
                    ("data", value(&data)),
                    ("offset", Val::U64(offset)),
                    ("total-size", option(total_size.map(Val::U64))),
                    ("content-type", option(content_type.map(Val::String))),
                    ("usage", Val::Option(None)),
                ];
                (fields.to_vec(), usage)
            }
            FileCall::Upload { file_name, data, target, title, content_type, fields } => {
                let data = decoded(data);
                let uploaded = execution
                    .upload_file(connection, file_name, data, &target, title, content_type, fields, options)
                    .await?;
                let Uploaded { version_id, usage } = uploaded;
                (vec![("version-id", Val::String(version_id)), ("usage", Val::Option(None))], usage)
            }
        };
        let value = Val::Record(value.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        // What succeeded has sent something.
        Ok(ActionResult { value: Some(value), usage, may_have_left: true })
    }
}

fn byte_range(range: &Val) -> Option<ByteRange> {
    match range {
        Val::Record(fields) => match fields.as_slice() {
            [(_, Val::U64(offset)), (_, Val::U64(length))] => Some(ByteRange { offset: *offset, length: *length }),
            _ => None,
        },
        _ => None,
    }
}

fn file_target(target: &Val) -> Option<FileTarget> {
    let Val::Variant(name, held) = target else { return None };
    match (name.as_str(), held.as_deref()) {
        ("unlinked", None) => Some(FileTarget::Unlinked),
        ("linked-to", Some(Val::String(id))) => Some(FileTarget::LinkedTo(id.clone())),
        ("version-of", Some(Val::String(id))) => Some(FileTarget::VersionOf(id.clone())),
        _ => None,
    }
}

fn text(value: Option<&Val>) -> Option<&str> {
    match value {
        Some(Val::String(text)) => Some(text),
        _ => None,
    }
}

fn option(value: Option<Val>) -> Val {
    Val::Option(value.map(Box::new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actions, Call};

    #[test]
    fn bytes_are_lists_for_other_components_wherever_they_are() {
        let shapes = r#"[{"shape":"bytes"},{"shape":{"option":0}},{"shape":{"list":1}},
            {"shape":{"record":[{"name":"a","type":2}]}},{"shape":{"variant":[{"name":"x","type":3},{"name":"y"}]}},
            {"shape":{"tuple":[4,0]}},{"shape":{"result":{"ok":5,"error":0}}}]"#;
        let types: Types = serde_json::from_str(shapes).unwrap();
        let id: TypeId = serde_json::from_str("6").unwrap();
        let nested = |bytes: [Val; 2]| {
            let [first, second] = bytes;
            let list = Val::List(vec![option(Some(first)), option(None)]);
            let record = Val::Record(vec![("a".to_owned(), list)]);
            let variant = Val::Variant("x".to_owned(), Some(Box::new(record)));
            Val::Result(Ok(Some(Box::new(Val::Tuple(vec![variant, second])))))
        };
        let base64 = nested([value(b"hi"), value(b"")]);
        assert_eq!(listed(&types, id, base64), nested([list(b"hi"), Val::List(Vec::new())]));
        let error = Val::Result(Err(Some(Box::new(value(b"\xff")))));
        assert_eq!(listed(&types, id, error), Val::Result(Err(Some(Box::new(list(b"\xff"))))));
    }

    #[test]
    fn a_file_is_a_call_by_its_types() {
        let own = Actions::of_connector();
        for input in [
            r#"{"object":"ContentVersion","id":"068","field":"VersionData"}"#,
            r#"{"object":"ContentVersion","id":"068","field":"VersionData","range":{"offset":1,"length":2}}"#,
        ] {
            let call = Call::parse(own, "download-blob", input).unwrap();
            assert!(call.file().is_some(), "{input}");
        }
        for target in [r#""unlinked""#, r#"{"linked_to":"001"}"#, r#"{"version_of":"069"}"#] {
            let input = format!(r#"{{"file_name":"a","data":"aGk=","target":{target},"title":"t","fields":{{}}}}"#);
            let call = Call::parse(own, "upload-file", &input).unwrap();
            let Some(FileCall::Upload { data, title, content_type, fields, .. }) = call.file() else {
                panic!("{input}")
            };
            assert_eq!(
                (decoded(data).as_slice(), title, content_type, fields),
                (&b"hi"[..], Some("t"), None, Some("{}"))
            );
        }
        let link = r#"{"document_id":"069","record_id":"001","share_type":"viewer"}"#;
        assert!(Call::parse(own, "link-file", link).unwrap().file().is_none());
    }

    #[test]
    fn a_call_shows_bytes_as_a_list_and_of_many_how_many() {
        let wave = |data: &[u8]| {
            let data = BASE64_STANDARD.encode(data);
            let input = format!(r#"{{"file_name":"a","data":"{data}","target":"unlinked"}}"#);
            Call::parse(Actions::of_connector(), "upload-file", &input).unwrap().wave()
        };
        assert!(wave(b"hi").contains("  [104, 105],\n"), "{}", wave(b"hi"));
        assert!(wave(&[0; 33]).contains("  [33 bytes],\n"));
    }
}
