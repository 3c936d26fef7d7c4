//! Bytes on their way in, in base64 and in parts, and on their way out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mock_salesforce::MockSalesforce;
use mock_salesforce::org::files::{Seed, Source};
use mock_salesforce::org::{FieldPermissions, Permissions, Schema};
use serde_json::json;

use super::*;

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
async fn parts_are_granted_where_a_test_asks_for_it() {
    let mock = mock().await;
    let id = created(&upload(&mock, json!({"PathOnClient": "a.txt"}), b"0123456789").await);
    let path = format!("sobjects/ContentVersion/{id}/VersionData");
    mock.grant_ranges(true);
    for (asked, status, told, body) in [
        ("bytes=0-3", 206, "bytes 0-3/10", "0123"),
        ("bytes=8-20", 206, "bytes 8-9/10", "89"),
        ("bytes=10-12", 416, "bytes */10", ""),
        ("bytes=-3", 200, "", "0123456789"),
        ("bytes=3-1", 200, "", "0123456789"),
        ("lines=0-3", 200, "", "0123456789"),
    ] {
        let answer = rest(&mock, "GET", &path).header("range", asked).send().await;
        let content_range = answer.headers.get("content-range").map_or("", |value| value.to_str().unwrap());
        assert_eq!((answer.status.as_u16(), content_range, answer.text().as_str()), (status, told, body), "{asked}");
    }
    mock.grant_ranges(false);
    let whole = rest(&mock, "GET", &path).header("range", "bytes=0-3").send().await;
    assert_eq!((whole.status.as_u16(), whole.body.len()), (200, 10));
}

/// As Salesforce's own command line sends them, whatever the type of the file.
#[tokio::test]
async fn the_file_may_come_before_the_record() {
    let mock = mock().await;
    let body = "--boundary\r\nContent-Disposition: form-data; name=\"VersionData\"; filename=\"a.json\"\r\n\
                Content-Type: application/json\r\n\r\n[1]\r\n--boundary\r\nContent-Type: application/json\r\n\
                Content-Disposition: form-data; name=\"entity\"\r\n\r\n{\"PathOnClient\": \"a.json\"}\r\n--boundary--";
    let id = created(&multipart(&mock, "POST", "sobjects/ContentVersion", body.as_bytes()).send().await);
    let path = format!("sobjects/ContentVersion/{id}/VersionData");
    assert_eq!(download(&mock, &path).await.text(), "[1]");
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
        (format!("{record_alone}\r\n--boundary--"), "the bytes of its blob field; the multipart body has 1"),
        (blob_first.to_owned(), "Multipart message must include a non-binary part"),
        (
            good.replace("name=\"VersionData\"", "name=\"Title\""),
            "expected the name of a blob field of ContentVersion (VersionData)",
        ),
        (good.replace("name=\"VersionData\"", "name=\"file\""), "the part with the bytes is called \"file\""),
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
async fn json_is_bounded_where_parts_are_not() {
    let mock = mock().await;
    for bytes in [37_500_003, 40_000_000, 90_000_000] {
        let record = json!({"PathOnClient": "a.bin", "VersionData": STANDARD.encode(vec![0; bytes])});
        let refused = post(&mock, "ContentVersion", record).await;
        assert_eq!(refused.error(), (400, "EXCEEDED_MAX_SIZE_REQUEST".to_owned()), "{bytes}");
    }
    let large = vec![0; 51 * 1024 * 1024];
    let id = created(&upload(&mock, json!({"PathOnClient": "a.bin"}), &large).await);
    assert_eq!(row(&mock, "ContentVersion", &id).await["ContentSize"], 51 * 1024 * 1024);
    let body = parts(&json!({"Name": "x"}), "Body", &large);
    assert_eq!(multipart(&mock, "POST", "sobjects/Account", &body).send().await.status, 413);
}
