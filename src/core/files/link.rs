//! Linking a file to a record: a ContentDocumentLink, sent once.
//! <https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentdocumentlink.htm>

use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::Result;
use crate::core::http::{Method, Request, Transport};
use crate::core::record_id::RecordId;
use crate::core::records::read_saved_id;
use crate::core::send::{Repeat, send};

/// What somebody who sees the record may do with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareType {
    /// Read it.
    Viewer,
    /// Change it.
    Collaborator,
    /// As the record.
    Inferred,
}

/// Who sees the file on the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody.
    AllUsers,
    /// The org's own users.
    InternalUsers,
    /// Those with whom it is shared.
    SharedUsers,
}

/// A link to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The file's document.
    pub document: RecordId,
    /// The record, user, group or library.
    pub record: RecordId,
    /// What may be done with it.
    pub share_type: ShareType,
    /// Who sees it.
    pub visibility: Option<Visibility>,
}

impl Link {
    fn json(&self) -> String {
        let share_type = match self.share_type {
            ShareType::Viewer => "V",
            ShareType::Collaborator => "C",
            ShareType::Inferred => "I",
        };
        let visibility = match self.visibility {
            None => "",
            Some(Visibility::AllUsers) => ",\"Visibility\":\"AllUsers\"",
            Some(Visibility::InternalUsers) => ",\"Visibility\":\"InternalUsers\"",
            Some(Visibility::SharedUsers) => ",\"Visibility\":\"SharedUsers\"",
        };
        [
            "{\"ContentDocumentId\":\"",
            self.document.as_str(),
            "\",\"LinkedEntityId\":\"",
            self.record.as_str(),
            "\",\"ShareType\":\"",
            share_type,
            "\"",
            visibility,
            "}",
        ]
        .concat()
    }
}

/// Makes a link. Gives its Id.
pub fn link(
    transport: &mut dyn Transport,
    connection: &Connection,
    link: &Link,
    options: &CallOptions,
) -> Result<(String, Option<ApiUsage>)> {
    let request = Request::write(connection, Method::Post, "/sobjects/ContentDocumentLink", link.json());
    let response = send(transport, &request, Repeat::Never, options)?;
    let saved = read_saved_id(&response, true).map_err(|error| error.with_answer(&response))?;
    Ok((saved.id, saved.usage))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::{Failure, Response};
    use crate::core::script::{Script, answer};

    fn run(
        answer: Result<Response, Failure>,
        share_type: ShareType,
        visibility: Option<Visibility>,
    ) -> (Result<(String, Option<ApiUsage>)>, String) {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let id = |text: &str| RecordId::parse("id", text).unwrap();
        let wanted = Link { document: id("069D0000000IqhS"), record: id("001D000000IqhSL"), share_type, visibility };
        let mut script = Script::new([answer]);
        let result = link(&mut script, &connection, &wanted, &CallOptions::parse(None, None, Some(10)).unwrap());
        assert_eq!(script.sent(), 1);
        assert!(script.requests[0].1.ends_with("/sobjects/ContentDocumentLink"));
        (result, script.requests[0].2.clone())
    }

    #[test]
    fn a_link_is_one_record() {
        let created = || Ok(answer(201, r#"{"id":"06AD00000000001MAA","success":true,"errors":[]}"#));
        let ids = r#"{"ContentDocumentId":"069D0000000IqhS","LinkedEntityId":"001D000000IqhSL""#;
        for (share_type, visibility, rest) in [
            (ShareType::Viewer, None, r#","ShareType":"V"}"#),
            (ShareType::Collaborator, Some(Visibility::AllUsers), r#","ShareType":"C","Visibility":"AllUsers"}"#),
            (ShareType::Inferred, Some(Visibility::InternalUsers), r#","ShareType":"I","Visibility":"InternalUsers"}"#),
            (ShareType::Viewer, Some(Visibility::SharedUsers), r#","ShareType":"V","Visibility":"SharedUsers"}"#),
        ] {
            let (result, body) = run(created(), share_type, visibility);
            assert_eq!(body, format!("{ids}{rest}"));
            assert_eq!(result.unwrap().0, "06AD00000000001MAA");
        }
    }

    #[test]
    fn a_link_is_never_made_twice() {
        let (result, _) = run(Err(Failure::Interrupted), ShareType::Viewer, None);
        let error = result.unwrap_err();
        assert_eq!((error.outcome, error.retryable), (Outcome::Unknown, false));
        let twice = r#"[{"errorCode":"DUPLICATE_VALUE","message":"m","fields":["LinkedEntityId"]}]"#;
        let (result, _) = run(Ok(answer(400, twice)), ShareType::Viewer, None);
        assert_eq!(result.unwrap_err().kind, ErrorKind::Duplicate);
    }
}
