//! Versions, documents and links; how long the bytes are kept.

use serde_json::{Value, json};

use super::*;

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
