//! Uploading a file: a ContentVersion with its bytes, sent once.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_sobject_insert_update_blob.htm>

use super::multipart;
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::{Body, Method, Request, Response, Transport};
use crate::core::json::{Json, quoted};
use crate::core::record_id::RecordId;
use crate::core::records::read_saved_id;
use crate::core::send::{Repeat, send};

/// Fields that have an argument of their own.
const OWN: [&str; 5] = ["PathOnClient", "Title", "VersionData", "FirstPublishLocationId", "ContentDocumentId"];

/// The field that has the bytes.
const BLOB: &str = "VersionData";

/// What becomes of the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A new file on nothing.
    Unlinked,
    /// A new file on this record.
    LinkedTo(RecordId),
    /// A new version of the file with this document.
    VersionOf(RecordId),
}

/// What a new file is called, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    name: String,
    content_type: String,
    /// The record, JSON text.
    record: String,
}

impl NewFile {
    /// `fields` is the text of a JSON object.
    pub fn parse(
        name: String,
        target: &Target,
        title: Option<&str>,
        content_type: Option<String>,
        fields: Option<&str>,
    ) -> Result<Self> {
        let is_name = (1..=255).contains(&name.chars().take(256).count())
            && !name.chars().any(|character| character.is_control() || matches!(character, '/' | '\\'));
        if !is_name {
            let expected = "the name of a file: 1 to 255 characters without /, \\ and control characters";
            return Err(Error::invalid_argument("file-name", expected));
        }
        let content_type = content_type.unwrap_or_else(|| "application/octet-stream".into());
        if !is_content_type(&content_type) {
            return Err(Error::invalid_argument("content-type", "a type and a subtype, such as application/pdf"));
        }
        let mut record = ["{\"PathOnClient\":", &quoted(&name)].concat();
        let mut add = |field: &str, value: &str| record.push_str(&[",\"", field, "\":", &quoted(value)].concat());
        if let Some(title) = title {
            add("Title", title);
        }
        match target {
            Target::Unlinked => {}
            Target::LinkedTo(id) => add("FirstPublishLocationId", id.as_str()),
            Target::VersionOf(id) => add("ContentDocumentId", id.as_str()),
        }
        if let Some(fields) = fields {
            let (fields, members) = Json::parse_members("fields", fields)?;
            for (key, _) in members.iter() {
                if OWN.iter().any(|own| key.eq_ignore_ascii_case(own)) {
                    return Err(Error::invalid_argument(
                        "fields",
                        &["no ", key, ", which another argument gives"].concat(),
                    ));
                }
            }
            if members.iter().next().is_some() {
                record.push(',');
                record.push_str(
                    fields.as_str().strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default(),
                );
            }
        }
        record.push('}');
        Ok(Self { name, content_type, record })
    }

    /// What goes before its bytes in a request, and behind them.
    pub(super) fn around(&self, boundary: &str) -> (String, String) {
        multipart::around(&self.record, BLOB, &self.name, &self.content_type, boundary)
    }
}

/// A value of a header with a slash in it, at most 200 characters.
fn is_content_type(text: &str) -> bool {
    text.len() <= 200
        && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        && crate::core::text::contains(text.trim_matches(['/', ' ']), "/")
}

/// Uploads a file. Gives the Id of its version.
pub fn upload(
    transport: &mut dyn Transport,
    connection: &Connection,
    file: &NewFile,
    data: &[u8],
    options: &CallOptions,
) -> Result<(String, Option<ApiUsage>)> {
    if data.is_empty() {
        return Err(Error::invalid_argument("data", "at least 1 byte"));
    }
    let body = multipart::body(&file.record, BLOB, &file.name, &file.content_type, data, &mut || transport.random());
    read(&send(transport, &request(connection, body), Repeat::Never, options)?)
}

/// The request that makes a version of this body.
pub(super) fn request(connection: &Connection, body: Body) -> Request<'_> {
    Request::send_body(connection, Method::Post, "/sobjects/ContentVersion", body)
}

/// Reads its answer: the Id of the version.
pub(super) fn read(response: &Response) -> Result<(String, Option<ApiUsage>)> {
    let saved = read_saved_id(response, true).map_err(|error| error.with_answer(response))?;
    Ok((saved.id, saved.usage))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::Failure;
    use crate::core::script::{Script, answer};

    const CREATED: &str = r#"{"id":"068D00000000001IAA","success":true,"errors":[]}"#;

    fn id(text: &str) -> RecordId {
        RecordId::parse("id", text).unwrap()
    }

    fn run(script: &mut Script, file: &NewFile, data: &[u8]) -> Result<(String, Option<ApiUsage>)> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        upload(script, &connection, file, data, &CallOptions::parse(None, None, Some(10)).unwrap())
    }

    fn record(target: &Target, title: Option<&str>, fields: Option<&str>) -> String {
        NewFile::parse("a.pdf".into(), target, title, None, fields).unwrap().record
    }

    #[test]
    fn the_record_has_what_the_arguments_say() {
        let name = r#"{"PathOnClient":"a.pdf""#;
        assert_eq!(record(&Target::Unlinked, None, None), format!("{name}}}"));
        assert_eq!(record(&Target::Unlinked, None, Some(" {} ")), format!("{name}}}"));
        assert_eq!(
            record(&Target::LinkedTo(id("001D000000IqhSL")), Some("A \"b\""), Some(r#"{ "Rating__c" : 1.50 }"#)),
            format!(r#"{name},"Title":"A \"b\"","FirstPublishLocationId":"001D000000IqhSL", "Rating__c" : 1.50 }}"#)
        );
        assert_eq!(
            record(&Target::VersionOf(id("069D0000000IqhS")), None, None),
            format!(r#"{name},"ContentDocumentId":"069D0000000IqhS"}}"#)
        );
    }

    #[test]
    fn a_file_is_sent_once_and_its_version_told() {
        let file =
            NewFile::parse("a.pdf".into(), &Target::Unlinked, None, Some("application/pdf".into()), None).unwrap();
        let mut script = Script::new([Ok(answer(201, CREATED)), Err(Failure::Interrupted)]);
        let (version, usage) = run(&mut script, &file, b"%PDF").unwrap();
        assert_eq!((version.as_str(), usage.unwrap().used), ("068D00000000001IAA", 18));
        let (method, url, body) = &script.requests[0];
        assert_eq!(*method, Method::Post);
        assert!(url.ends_with("/services/data/v67.0/sobjects/ContentVersion"));
        assert!(body.contains("\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--"), "{body}");
        let length = ("content-length", body.len().to_string().into_bytes());
        assert!(script.headers[0].contains(&length), "{:?}", script.headers[0]);

        let error = run(&mut script, &file, b"%PDF").unwrap_err();
        assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 2));
        let mut unsent = Script::new([Err(Failure::Unreachable), Ok(answer(201, CREATED))]);
        assert!(run(&mut unsent, &file, b"%PDF").is_ok());
        let mut large = Script::new([Err(Failure::RequestTooLarge)]);
        let error = run(&mut large, &file, b"%PDF").unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::RequestTooLarge, Outcome::NotSent));
    }

    #[test]
    fn an_answer_that_does_not_confirm_leaves_it_open() {
        let file = NewFile::parse("a".into(), &Target::Unlinked, None, None, None).unwrap();
        for (status, body) in [(200, CREATED), (201, "{}"), (204, ""), (201, "<html>")] {
            let error = run(&mut Script::new([Ok(answer(status, body))]), &file, b"x").unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{status} {body}");
        }
    }

    #[test]
    fn what_no_file_can_be_is_refused_before_sending() {
        let words = |name: &str, content_type: Option<&str>, fields: Option<&str>| {
            let content_type = content_type.map(Into::into);
            NewFile::parse(name.into(), &Target::Unlinked, None, content_type, fields).unwrap_err().message
        };
        for name in ["", "a/b", "a\\b", "a\r\nb", "\u{9b}", &"x".repeat(256)] {
            assert!(words(name, None, None).starts_with("file-name: expected the name of a file"), "{name:?}");
        }
        for content_type in ["", "pdf", "/", "a/", "a/b\r\nX: y", "a/é"] {
            assert!(
                words("a", Some(content_type), None).starts_with("content-type: expected a type"),
                "{content_type}"
            );
        }
        assert_eq!(
            words("a", None, Some(r#"{"title":"x"}"#)),
            "fields: expected no title, which another argument gives"
        );
        assert!(words("a", None, Some("[]")).starts_with("fields: expected one JSON object"));
        assert!(words("a", None, Some(r#"{"A":1,"a":2}"#)).starts_with("fields: expected a once"));
        let file =
            NewFile::parse("é".repeat(255), &Target::Unlinked, None, Some("text/csv; charset=utf-8".into()), None);
        let error = run(&mut Script::new([]), &file.unwrap(), b"").unwrap_err();
        assert_eq!(error.message, "data: expected at least 1 byte");
    }
}
