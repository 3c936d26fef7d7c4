//! Files: bytes in base64 and in parts, versions, documents, links, and the way back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mock_salesforce::MockSalesforce;
use mock_salesforce::org::files::{Seed, Source};
use mock_salesforce::org::{FieldPermissions, Permissions, Schema};
use serde_json::{Value, json};

use crate::client::{Answer, Call};
use crate::fixture::*;

/// Every byte that there is, and what begins like the boundary of [`parts`].
fn awkward() -> Vec<u8> {
    [&(0..=255).collect::<Vec<u8>>()[..], b"\r\n--boundary\r\r\n--bound\r\n\r\n--boundary-x\r\n"].concat()
}

/// A multipart body of a record and a blob.
fn parts(record: &Value, field: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--boundary\r\nContent-Disposition: form-data; name=\"entity\"\r\nContent-Type: application/json\r\n\r\n{record}\r\n\
         --boundary\r\nContent-Type: application/pdf\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"a.pdf\"\r\n\r\n"
    );
    [head.as_bytes(), bytes, b"\r\n--boundary--\r\n"].concat()
}

fn multipart(mock: &MockSalesforce, method: &str, path: &str, body: &[u8]) -> Call {
    rest(mock, method, path).raw("multipart/form-data; boundary=\"boundary\"", body)
}

async fn upload(mock: &MockSalesforce, record: Value, bytes: &[u8]) -> Answer {
    multipart(mock, "POST", "sobjects/ContentVersion", &parts(&record, "VersionData", bytes)).send().await
}

fn created(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().expect("an id").to_owned()
}

async fn post(mock: &MockSalesforce, object: &str, body: Value) -> Answer {
    rest(mock, "POST", &format!("sobjects/{object}")).json(&body).send().await
}

async fn row(mock: &MockSalesforce, object: &str, id: &str) -> Value {
    rest(mock, "GET", &format!("sobjects/{object}/{id}")).send().await.json()
}

async fn download(mock: &MockSalesforce, path: &str) -> Answer {
    rest(mock, "GET", path).header("accept", "application/pdf").send().await
}

async fn document_of(mock: &MockSalesforce, version: &str) -> String {
    row(mock, "ContentVersion", version).await["ContentDocumentId"].as_str().expect("a document").to_owned()
}

#[tokio::test]
async fn bytes_come_back_as_they_went_in() {
    let mock = mock().await;
    let record = json!({"Title": "Plan", "PathOnClient": "C:\\plans\\Plan.v1.PDF"});
    let in_parts = created(&upload(&mock, record.clone(), &awkward()).await);
    let mut in_json = record;
    in_json["VersionData"] = json!(STANDARD.encode(awkward()));
    let in_json = created(&post(&mock, "ContentVersion", in_json).await);
    for id in [in_parts, in_json] {
        let path = format!("sobjects/ContentVersion/{id}/VersionData");
        let told = format!("/services/data/v67.0/{path}");
        let read = row(&mock, "ContentVersion", &id).await;
        assert_eq!((&read["VersionData"], &read["ContentSize"]), (&json!(told), &json!(296)));
        assert_eq!((&read["FileExtension"], &read["FileType"]), (&json!("PDF"), &json!("PDF")));
        assert_eq!((&read["VersionNumber"], &read["IsLatest"]), (&json!("1"), &json!(true)));
        let found = query(&mock, &format!("SELECT VersionData FROM ContentVersion WHERE Id = '{id}'")).await;
        assert_eq!(found["records"][0]["VersionData"], json!(told));
        let answer = download(&mock, &path.to_lowercase().replace(&id.to_lowercase(), &id)).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/octet-stream"));
        assert_eq!(answer.body, awkward());
        let ranged = rest(&mock, "GET", &path).header("range", "bytes=0-3").send().await;
        assert_eq!((ranged.status.as_u16(), ranged.body.len()), (200, 296));
        let head = rest(&mock, "HEAD", &path).send().await;
        assert_eq!((head.status.as_u16(), head.header("content-length"), head.body.len()), (200, "296", 0));
    }
    assert_eq!(mock.ledger().creates("ContentVersion"), 2);
    let job = json!({"operation": "query", "query": "SELECT Id, VersionData FROM ContentVersion"});
    let refused = rest(&mock, "POST", "jobs/query").json(&job).send().await;
    assert_eq!(refused.message(), "Blob fields not supported in Bulk Query");
}

#[tokio::test]
async fn a_link_is_a_file_without_bytes() {
    let mock = mock().await;
    let record = json!({"Title": "Elsewhere", "ContentUrl": "https://example.org/plan"});
    let id = created(&post(&mock, "ContentVersion", record).await);
    let read = row(&mock, "ContentVersion", &id).await;
    assert_eq!(
        (&read["FileType"], &read["VersionData"], &read["ContentSize"]),
        (&json!("LINK"), &json!(null), &json!(null))
    );
    let path = format!("sobjects/ContentVersion/{id}/VersionData");
    assert_eq!(rest(&mock, "GET", &path).send().await.error(), (404, "NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn a_new_file_has_a_document_and_links() {
    let mock = mock().await;
    let account = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let user = mock.org(|org| org.users()[0].id.clone());
    let record = json!({"PathOnClient": "notes.txt", "FirstPublishLocationId": account});
    let version = created(&upload(&mock, record, b"one").await);
    let document = document_of(&mock, &version).await;
    let read = row(&mock, "ContentDocument", &document).await;
    for (field, value) in [
        ("Title", json!("notes")),
        ("LatestPublishedVersionId", json!(version)),
        ("ContentSize", json!(3)),
        ("FileType", json!("TEXT")),
        ("FileExtension", json!("txt")),
        ("OwnerId", json!(user)),
    ] {
        assert_eq!(read[field], value, "{field}");
    }
    let soql = format!(
        "SELECT LinkedEntityId, ShareType FROM ContentDocumentLink WHERE ContentDocumentId = '{document}' ORDER BY Id"
    );
    let links = query(&mock, &soql).await["records"].clone();
    assert_eq!((&links[0]["LinkedEntityId"], &links[0]["ShareType"]), (&json!(user), &json!("I")));
    assert_eq!((&links[1]["LinkedEntityId"], &links[1]["ShareType"]), (&json!(account), &json!("V")));
    assert_eq!(links.as_array().unwrap().len(), 2);
    assert_eq!(post(&mock, "ContentDocument", json!({"Title": "x"})).await.error().0, 400);
}

#[tokio::test]
async fn a_second_version_takes_the_place_of_the_first() {
    let mock = mock().await;
    let first = created(&upload(&mock, json!({"PathOnClient": "plan.txt", "Title": "One"}), b"one").await);
    let document = document_of(&mock, &first).await;
    let record =
        json!({"ContentDocumentId": document, "PathOnClient": "plan.csv", "Title": "Two", "ReasonForChange": "x"});
    let second = created(&upload(&mock, record, b"three").await);
    let soql = format!(
        "SELECT Id, VersionNumber, IsLatest FROM ContentVersion WHERE ContentDocumentId = '{document}' ORDER BY VersionNumber"
    );
    let versions = query(&mock, &soql).await["records"].clone();
    let told = |record: &Value| (record["Id"].clone(), record["VersionNumber"].clone(), record["IsLatest"].clone());
    assert_eq!(told(&versions[0]), (json!(first), json!("1"), json!(false)));
    assert_eq!(told(&versions[1]), (json!(second), json!("2"), json!(true)));
    let read = row(&mock, "ContentDocument", &document).await;
    assert_eq!((&read["Title"], &read["FileType"], &read["ContentSize"]), (&json!("Two"), &json!("CSV"), &json!(5)));
    assert_eq!(read["LatestPublishedVersionId"], json!(second));
    assert_eq!(download(&mock, &format!("sobjects/ContentVersion/{first}/VersionData")).await.body, "one");

    let change =
        |id: &str, body: Value| rest(&mock, "PATCH", &format!("sobjects/ContentVersion/{id}")).json(&body).send();
    assert_eq!(change(&first, json!({"Title": "Old"})).await.status, 204);
    assert_eq!(row(&mock, "ContentDocument", &document).await["Title"], "Two");
    assert_eq!(change(&second, json!({"Title": "New"})).await.status, 204);
    assert_eq!(row(&mock, "ContentDocument", &document).await["Title"], "New");
    let refused = change(&second, json!({"VersionData": "AAAA"})).await;
    assert_eq!(refused.error(), (400, "INVALID_FIELD_FOR_INSERT_UPDATE".to_owned()));
}

#[tokio::test]
async fn a_file_is_linked_to_a_record_once() {
    let mock = mock().await;
    let version = created(&upload(&mock, json!({"PathOnClient": "a.txt"}), b"a").await);
    let document = document_of(&mock, &version).await;
    let opportunity = one_id(&mock, "SELECT Id FROM Opportunity LIMIT 1").await;
    let link = json!({"ContentDocumentId": document, "LinkedEntityId": opportunity, "ShareType": "V"});
    created(&post(&mock, "ContentDocumentLink", link.clone()).await);
    let twice = post(&mock, "ContentDocumentLink", link).await;
    assert_eq!(twice.error(), (400, "DUPLICATE_VALUE".to_owned()));
    let message = format!("Document with ID: {document} is already linked with the entity with ID: {opportunity}");
    assert_eq!((twice.message(), &twice.json()[0]["fields"]), (message, &json!(["LinkedEntityId"])));
    let soql = format!(
        "SELECT (SELECT ContentDocument.Title FROM ContentDocumentLinks) FROM Opportunity WHERE Id = '{opportunity}'"
    );
    let found = query(&mock, &soql).await["records"][0]["ContentDocumentLinks"].clone();
    assert_eq!((&found["totalSize"], &found["records"][0]["ContentDocument"]["Title"]), (&json!(1), &json!("a")));
}

#[tokio::test]
async fn a_deleted_document_takes_versions_and_links_along() {
    let mock = mock().await;
    let account = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let record = json!({"PathOnClient": "a.txt", "FirstPublishLocationId": account});
    let version = created(&upload(&mock, record, b"a").await);
    let document = document_of(&mock, &version).await;
    let delete = |path: String| rest(&mock, "DELETE", &path).send();
    let refused = delete(format!("sobjects/ContentVersion/{version}")).await;
    assert_eq!(refused.error(), (400, "INSUFFICIENT_ACCESS_OR_READONLY".to_owned()));
    assert_eq!(delete(format!("sobjects/ContentDocument/{document}")).await.status, 204);
    for object in ["ContentDocument", "ContentVersion", "ContentDocumentLink"] {
        assert_eq!(query(&mock, &format!("SELECT COUNT() FROM {object}")).await["totalSize"], 0, "{object}");
    }
    let gone = format!("sobjects/ContentVersion/{version}/VersionData");
    for path in [&gone, "sobjects/ContentVersion/068000000000000/VersionData", "sobjects/ContentVersion/x/VersionData"]
    {
        assert_eq!(rest(&mock, "GET", path).send().await.error(), (404, "NOT_FOUND".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn what_is_no_upload_is_refused() {
    let mock = mock().await;
    let record = json!({"PathOnClient": "a.txt"});
    let good = String::from_utf8(parts(&record, "VersionData", b"abc")).unwrap();
    let blob_first = "--boundary\r\nContent-Disposition: form-data; name=\"VersionData\"\r\n\r\nabc\r\n--boundary\r\n\
                      Content-Disposition: form-data; name=\"entity\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--boundary--";
    let (record_alone, _) = good.split_once("\r\n--boundary\r\nContent-Type: application/pdf").unwrap();
    for (body, words) in [
        (format!("{record_alone}\r\n--boundary--"), "the multipart body has 1 parts: expected two"),
        (blob_first.to_owned(), "Multipart message must include a non-binary part"),
        (
            good.replace("name=\"VersionData\"", "name=\"Title\""),
            "expected the name of a blob field of ContentVersion (VersionData)",
        ),
        (
            good.replace("name=\"VersionData\"", "name=\"file\""),
            "the second part of the multipart body is called \"file\"",
        ),
        (good.replace("{\"Path", "{\"VersionData\": \"AAAA\", \"Path"), "expected it once"),
        (good.replace("--boundary--", ""), "a part does not end"),
        (good.replace("boundary", "other"), "no boundary"),
    ] {
        let refused = multipart(&mock, "POST", "sobjects/ContentVersion", body.as_bytes()).send().await;
        assert_eq!(refused.error(), (400, "INVALID_MULTIPART_REQUEST".to_owned()), "{body}");
        assert!(refused.message().contains(words), "{}", refused.message());
    }
    let empty = upload(&mock, json!({}), b"").await;
    assert_eq!(empty.message(), "Required fields are missing: [VersionData, PathOnClient]");
    let broken = good.replace("{\"Path", "{\"Path\"");
    let broken = multipart(&mock, "POST", "sobjects/ContentVersion", broken.as_bytes()).send().await;
    assert_eq!(broken.error(), (400, "JSON_PARSER_ERROR".to_owned()));
    let no_base64 =
        post(&mock, "ContentVersion", json!({"PathOnClient": "a", "VersionData": "A.B".repeat(9_000)})).await;
    assert_eq!(no_base64.error(), (400, "JSON_PARSER_ERROR".to_owned()));
    assert!(no_base64.message().len() < 200, "{}", no_base64.message());
    let account = multipart(&mock, "POST", "sobjects/Account", good.as_bytes()).send().await;
    assert_eq!(account.error(), (400, "INVALID_FIELD".to_owned()));
    assert_eq!(mock.org(|org| (org.count("ContentVersion"), org.file_storage_used())), (0, 0));
}

#[tokio::test]
async fn collections_take_files_in_json_alone() {
    let mock = mock().await;
    let version =
        |name: &str| json!({"attributes": {"type": "ContentVersion"}, "PathOnClient": name, "VersionData": "b25l"});
    let body = json!({"records": [version("a.txt"), version("b.txt")]});
    let made = rest(&mock, "POST", "composite/sobjects").json(&body).send().await.json();
    let id = made[1]["id"].as_str().unwrap();
    assert_eq!(download(&mock, &format!("sobjects/ContentVersion/{id}/VersionData")).await.body, "one");
    for (method, path) in [("POST", "composite/sobjects"), ("PATCH", "composite/sobjects/Document/Id")] {
        let refused = multipart(&mock, method, path, b"--boundary--").send().await;
        assert_eq!(refused.error(), (501, "UNKNOWN_TO_THE_MOCK".to_owned()));
        assert!(refused.message().contains("sObject Collections"), "{}", refused.message());
    }
    let composite = json!({"compositeRequest": [
        {"method": "POST", "url": "/services/data/v67.0/sobjects/ContentVersion", "referenceId": "v",
         "body": {"PathOnClient": "c.txt", "VersionData": "b25l"}},
        {"method": "GET", "url": "/services/data/v67.0/sobjects/ContentVersion/@{v.id}", "referenceId": "r"},
    ]});
    let done = rest(&mock, "POST", "composite").json(&composite).send().await.json();
    assert_eq!(done["compositeResponse"][1]["body"]["ContentSize"], 3, "{done}");
}

#[tokio::test]
async fn attachments_and_documents_hold_bytes_that_change() {
    let mock = mock().await;
    let account = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let record = json!({"ParentId": account, "Name": "a.png", "ContentType": "image/png"});
    let body = parts(&record, "Body", &awkward());
    let id = created(&multipart(&mock, "POST", "sobjects/Attachment/", &body).send().await);
    let path = format!("sobjects/Attachment/{id}/Body");
    let answer = download(&mock, &path).await;
    assert_eq!((answer.header("content-type"), &answer.body[..]), ("image/png", &awkward()[..]));
    let changed = parts(&json!({"Name": "b.png"}), "Body", b"new");
    assert_eq!(multipart(&mock, "PATCH", &format!("sobjects/Attachment/{id}"), &changed).send().await.status, 204);
    let read = row(&mock, "Attachment", &id).await;
    assert_eq!((&read["Name"], &read["BodyLength"]), (&json!("b.png"), &json!(3)));
    assert_eq!(download(&mock, &path).await.body, "new");
    assert_eq!(mock.org(|org| org.file_storage_used()), 3, "the bytes before are gone");
    let soql = "SELECT (SELECT Name FROM Attachments) FROM Account LIMIT 1";
    assert_eq!(query(&mock, soql).await["records"][0]["Attachments"]["records"][0]["Name"], "b.png");
    let parent = rest(&mock, "GET", &format!("sobjects/Attachment/{id}/Parent")).send().await.json();
    assert_eq!(parent["Id"], json!(account));
    let missing = post(&mock, "Attachment", json!({"ParentId": account})).await;
    assert_eq!(missing.json()[0]["fields"], json!(["Name", "Body"]));

    let body = json!({"Name": "Logo", "FolderId": "00l000000000001AAA", "ContentType": "bad\u{1}", "Body": "b25l"});
    let id = created(&post(&mock, "Document", body).await);
    let answer = download(&mock, &format!("sobjects/Document/{id}/Body")).await;
    assert_eq!((answer.header("content-type"), &answer.body[..]), ("application/octet-stream", &b"one"[..]));
    let no_blob = rest(&mock, "GET", &format!("sobjects/Document/{id}/Name")).send().await;
    assert_eq!(no_blob.error(), (404, "NOT_FOUND".to_owned()));
    let fields = rest(&mock, "GET", "sobjects/ContentVersion/describe").send().await.json()["fields"].clone();
    let field = fields.as_array().unwrap().iter().find(|field| field["name"] == "VersionData").unwrap();
    assert_eq!(
        (&field["type"], &field["createable"], &field["updateable"]),
        (&json!("base64"), &json!(true), &json!(false))
    );
}

#[tokio::test]
async fn a_field_of_bytes_may_be_in_ones_own_schema_and_seed() {
    let object = json!({
        "name": "Scan__c", "label": "Scan", "labelPlural": "Scans", "keyPrefix": "a1S", "createable": true,
        "fields": [
            {"name": "Id", "label": "Record ID", "type": "id"},
            {"name": "Name", "label": "Name", "type": "string", "length": 80, "nameField": true, "createable": true, "updateable": true},
            {"name": "Image__c", "label": "Image", "type": "base64", "createable": true, "updateable": true},
        ],
    });
    let file = |path: &str, text: String| Source { path: path.into(), text };
    let schema = Schema::of_sources(&[file("Scan__c.json", object.to_string())], false)
        .unwrap_or_else(|error| panic!("{error}"));
    let seed = Seed { source: file("Scan__c.csv", "Name,Image__c\nSeeded,b25l\n".to_owned()), object: None };
    let mock = MockSalesforce::builder().schema(schema).seed([seed]).connected_app(app()).start().await.unwrap();
    let seeded = one_id(&mock, "SELECT Id FROM Scan__c").await;
    assert_eq!(download(&mock, &format!("sobjects/Scan__c/{seeded}/Image__c")).await.body, "one");
    let body = parts(&json!({"Name": "x"}), "Image__c", &awkward());
    let id = created(&multipart(&mock, "POST", "sobjects/Scan__c", &body).send().await);
    assert_eq!(download(&mock, &format!("sobjects/Scan__c/{id}/Image__c")).await.body, awkward());

    created(&upload(&mock, json!({"PathOnClient": "a.txt", "FirstPublishLocationId": id}), b"a").await);
    created(&post(&mock, "Attachment", json!({"ParentId": id, "Name": "a", "Body": "b25l"})).await);
    let soql = format!(
        "SELECT (SELECT Id FROM ContentDocumentLinks), (SELECT Id FROM Attachments) FROM Scan__c WHERE Id = '{id}'"
    );
    let scan = query(&mock, &soql).await["records"][0].clone();
    assert_eq!((&scan["ContentDocumentLinks"]["totalSize"], &scan["Attachments"]["totalSize"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn who_may_not_see_the_field_gets_no_bytes() {
    let mock = mock().await;
    let id = created(&upload(&mock, json!({"PathOnClient": "a.txt"}), b"secret").await);
    let hidden = FieldPermissions { readable: false, editable: false };
    let fields = [("ContentVersion.VersionData".to_owned(), hidden)].into();
    let permissions = Permissions { fields, ..Permissions::default() };
    mock.set_permissions(&username(&mock), permissions).unwrap();
    let path = format!("sobjects/ContentVersion/{id}/VersionData");
    assert_eq!(rest(&mock, "GET", &path).send().await.error(), (404, "NOT_FOUND".to_owned()));
    assert!(row(&mock, "ContentVersion", &id).await.get("VersionData").is_none());
    let refused = upload(&mock, json!({"PathOnClient": "a.txt"}), b"x").await;
    assert_eq!(refused.error(), (400, "INVALID_MULTIPART_REQUEST".to_owned()));
    let read_only = Permissions { read_only: true, ..Permissions::default() };
    mock.set_permissions(&username(&mock), read_only).unwrap();
    assert_eq!(download(&mock, &path).await.body, "secret");
    let refused = upload(&mock, json!({"PathOnClient": "a.txt"}), b"x").await;
    assert_eq!(refused.error(), (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY".to_owned()));
}

#[tokio::test]
async fn blobs_share_one_bound_with_snapshots_and_the_recycle_bin() {
    let mock = steered().await;
    mock.org(|org| org.limit_file_storage(10));
    let id = created(&upload(&mock, json!({"PathOnClient": "a.txt"}), b"123456").await);
    let full = upload(&mock, json!({"PathOnClient": "b.txt"}), b"12345").await;
    assert_eq!(full.error(), (400, "STORAGE_LIMIT_EXCEEDED".to_owned()));
    assert_eq!(control(&mock, "PUT", "snapshots/with-a").send().await.status, 200);
    assert_eq!(mock.org(|org| org.file_storage_used()), 6, "a snapshot shares the bytes");
    let document = document_of(&mock, &id).await;
    assert_eq!(rest(&mock, "DELETE", &format!("sobjects/ContentDocument/{document}")).send().await.status, 204);
    assert_eq!(mock.org(|org| org.file_storage_used()), 6, "so does the recycle bin");
    assert_eq!(control(&mock, "POST", "reset").send().await.status, 204);
    assert_eq!(mock.org(|org| (org.count("ContentVersion"), org.file_storage_used())), (0, 6));
    assert_eq!(control(&mock, "POST", "snapshots/with-a/restore").send().await.status, 204);
    assert_eq!(download(&mock, &format!("sobjects/ContentVersion/{id}/VersionData")).await.body, "123456");
    assert_eq!(control(&mock, "DELETE", "snapshots/with-a").send().await.status, 204);
    assert_eq!(control(&mock, "POST", "reset").send().await.status, 204);
    assert_eq!(mock.org(|org| org.file_storage_used()), 0);
    created(&upload(&mock, json!({"PathOnClient": "c.txt"}), b"1234567890").await);
}

#[tokio::test]
async fn files_are_added_by_the_control_plane_too() {
    let mock = steered().await;
    let record = json!({"attributes": {"type": "ContentVersion"}, "PathOnClient": "a.txt", "VersionData": "b25l"});
    let added = control(&mock, "POST", "records").json(&json!({"records": [record]})).send().await.json();
    let id = added["ids"][0].as_str().unwrap();
    let document = document_of(&mock, id).await;
    assert_eq!(row(&mock, "ContentDocument", &document).await["LatestPublishedVersionId"], json!(id));
    let told = control(&mock, "GET", "records/ContentVersion").send().await.json();
    let path = format!("/services/data/v67.0/sobjects/ContentVersion/{id}/VersionData");
    assert_eq!(told["records"][0]["VersionData"], json!(path));
}

#[tokio::test]
async fn json_is_bounded_where_parts_are_not() {
    let mock = mock().await;
    let large = vec![0; 37_500_003];
    let record = json!({"PathOnClient": "a.bin", "VersionData": STANDARD.encode(&large)});
    let refused = post(&mock, "ContentVersion", record).await;
    assert_eq!(refused.error(), (400, "EXCEEDED_MAX_SIZE_REQUEST".to_owned()));
    let large = vec![0; 51 * 1024 * 1024];
    let id = created(&upload(&mock, json!({"PathOnClient": "a.bin"}), &large).await);
    assert_eq!(row(&mock, "ContentVersion", &id).await["ContentSize"], 51 * 1024 * 1024);
    let body = parts(&json!({"Name": "x"}), "Body", &large);
    assert_eq!(multipart(&mock, "POST", "sobjects/Account", &body).send().await.status, 413);
}
