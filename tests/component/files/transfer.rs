//! What is uploaded, linked and downloaded, and what is refused or lost.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::json;

use super::{TEN_TIMES, VERSIONS, awkward, blob, data, file};
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision, refused};

#[tokio::test]
async fn a_file_comes_back_as_it_went_up() {
    let fixture = Fixture::start().await;
    let account = fixture.new_account().await;
    let mut input = file("Angebot \"7\" für Müller.v1.PDF", &awkward(), &json!({"linked_to": account}));
    input["content_type"] = json!("application/pdf");
    input["fields"] = json!({"Description": "Zürich 東京"});
    let version = fixture.upload_a_file(&input).await;
    let stored = fixture.version(&version, &["Title", "PathOnClient", "Description", "ContentSize", "FileType"]);
    assert_eq!(stored["Title"], "Angebot \"7\" für Müller.v1");
    assert_eq!(stored["PathOnClient"], "Angebot \"7\" für Müller.v1.PDF");
    assert_eq!((&stored["Description"], &stored["FileType"]), (&json!("Zürich 東京"), &json!("PDF")));
    assert_eq!(stored["ContentSize"], awkward().len());

    let read = fixture.act("download-blob", &blob(&version), DEFAULTS).await.unwrap();
    assert_eq!(data(&read), awkward());
    assert_eq!((&read["offset"], &read["total_size"]), (&json!(0), &json!(awkward().len())));
    assert_eq!(read["content_type"], "application/octet-stream");
    assert_eq!(fixture.sent_header("accept").as_deref(), Some("*/*"));
    assert_eq!(fixture.sent_header("range"), None);
    let links = "SELECT LinkedEntityId FROM ContentDocumentLink WHERE LinkedEntityId = '";
    let rows = fixture.rows(&crate::calls::query(&format!("{links}{account}'"))).await;
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn a_file_has_versions_and_links() {
    let fixture = Fixture::start().await;
    let first = fixture.upload_a_file(&file("a.txt", b"one", &json!("unlinked"))).await;
    let document = fixture.document(&first);
    let mut second = file("b.txt", b"two", &json!({"version_of": document}));
    second["title"] = json!("Second");
    let second = fixture.upload_a_file(&second).await;
    let stored = fixture.version(&second, &["Title", "ContentDocumentId", "IsLatest", "VersionNumber"]);
    assert_eq!((&stored["Title"], &stored["IsLatest"]), (&json!("Second"), &json!(true)));
    assert_eq!((&stored["ContentDocumentId"], &stored["VersionNumber"]), (&json!(document), &json!("2")));

    let account = fixture.new_account().await;
    let link =
        json!({"document_id": document, "record_id": account, "share_type": "viewer", "visibility": "all-users"});
    let linked = fixture.act("link-file", &link, DEFAULTS).await.unwrap();
    let id = linked["id"].as_str().unwrap();
    fixture.told.created("ContentDocumentLink", id);
    let fields = ["LinkedEntityId", "ShareType", "Visibility"];
    let row = fixture.mock.org(|org| org.row("ContentDocumentLink", id, Some(&fields), "v67.0").unwrap());
    assert_eq!((&row["LinkedEntityId"], &row["ShareType"]), (&json!(account), &json!("V")));
    assert_eq!(row["Visibility"], "AllUsers");
    let error = refused(fixture.act("link-file", &link, TEN_TIMES).await);
    assert_eq!(decision(&error), (ErrorKind::Duplicate, Outcome::Rejected, false));
}

#[tokio::test]
async fn what_is_refused_is_told_as_that() {
    let fixture = Fixture::start().await;
    let missing = "068000000000000AAA";
    let error = refused(fixture.act("download-blob", &blob(missing), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false));
    let nowhere = file("a.txt", b"x", &json!({"linked_to": "001000000000000AAA"}));
    let error = refused(fixture.act("upload-file", &nowhere, TEN_TIMES).await);
    assert_eq!((error.kind, error.outcome), (ErrorKind::Forbidden, Outcome::Rejected), "{}", error.message);
    let unsent = fixture.requests();
    for (input, words) in [
        (file("a/b", b"x", &json!("unlinked")), "file_name: expected the name of a file"),
        (file("a", b"", &json!("unlinked")), "data: expected at least 1 byte"),
        (file("a", b"x", &json!({"version_of": "069"})), "target.version_of: expected a record Id"),
    ] {
        let error = refused(fixture.act("upload-file", &input, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
        assert!(error.message.starts_with(words), "{}", error.message);
    }
    assert_eq!(fixture.requests(), unsent);
}

#[tokio::test]
async fn an_upload_and_a_link_whose_answers_are_lost_are_sent_once() {
    let fixture = Fixture::start().await;
    fixture.fault(VERSIONS, Fault::CloseAfterWork);
    let input = file("a.txt", b"once", &json!("unlinked"));
    let error = refused(fixture.act("upload-file", &input, TEN_TIMES).await);
    fixture.told.unknown("ContentVersion");
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
    assert_eq!((fixture.requests(), fixture.mock.ledger().creates("ContentVersion")), (1, 1));

    let version = fixture.upload_a_file(&input).await;
    let (document, account) = (fixture.document(&version), fixture.new_account().await);
    let link = json!({"document_id": document, "record_id": account, "share_type": "inferred"});
    fixture.fault("/services/data/v67.0/sobjects/ContentDocumentLink", Fault::CloseAfterWork);
    let error = refused(fixture.act("link-file", &link, TEN_TIMES).await);
    fixture.told.unknown("ContentDocumentLink");
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
    // Made again it doubles nothing.
    let error = refused(fixture.act("link-file", &link, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::Duplicate, Outcome::Rejected, false));
    assert_eq!(fixture.mock.ledger().creates("ContentDocumentLink"), 1);

    fixture.fault(VERSIONS, Fault::Reset);
    assert_eq!(data(&fixture.act("download-blob", &blob(&version), DEFAULTS).await.unwrap()), b"once", "a read");
}
