//! Functions of files. Bytes are made up anew, and told in base64.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use mock_salesforce::org::WriteOptions;
use serde_json::{Value as Json, json};

use super::{Seen, Trial, account};
use crate::conformance::bench::Bench;
use crate::conformance::expect::{Checked, Miss, expect};
use crate::conformance::material::{letters, pick, word};

/// Who may make files.
const ADMINISTRATOR: &str = "0055g0000000000AAA";

/// Characters of base64: three bytes for each four.
fn base64() -> String {
    letters(40)
}

fn create(bench: &Bench<'_>, object: &str, fields: &Json) -> Checked<String> {
    let fields = fields.as_object().cloned().unwrap_or_default();
    let options = WriteOptions::new(ADMINISTRATOR, "v67.0");
    let created = bench.mock.org(|org| org.create(object, &fields, &options));
    created.map_err(|error| Miss(format!("{error:?}")))
}

/// The Id of a file of the org.
fn document(bench: &Bench<'_>) -> Checked<String> {
    let fields = json!({"PathOnClient": format!("{}.txt", word()), "VersionData": base64()});
    let version = create(bench, "ContentVersion", &fields)?;
    let row = bench.mock.org(|org| org.row("ContentVersion", &version, Some(&["ContentDocumentId"]), "v67.0"));
    let row = row.map_err(|error| Miss(format!("{error:?}")))?;
    Ok(row.get("ContentDocumentId").and_then(Json::as_str).unwrap_or_default().to_owned())
}

/// Text, for the host searches what comes with a sealed token.
pub(super) async fn download_blob(trial: &Trial<'_>) -> Checked<Seen> {
    let (bench, text) = (trial.bench, letters(30));
    let data = BASE64_STANDARD.encode(&text);
    let parent = account(bench);
    let id = create(
        bench,
        "Attachment",
        &json!({"ParentId": parent, "Name": word(), "ContentType": "text/plain", "Body": data}),
    )?;
    // The mock grants no range, as Salesforce may not: the whole comes.
    let range = if pick(&[true, false]) { json!({"offset": 1, "length": 5}) } else { Json::Null };
    let input = json!({"object": "Attachment", "id": id, "field": "Body", "range": range});
    let told = bench.done("download-blob", trial.act("download-blob", &input).await)?;
    let member = |name: &str| told.json.get(name).cloned().unwrap_or_default();
    let is_whole = member("data") == json!(data) && member("offset") == json!(0) && member("total_size") == json!(30);
    expect(is_whole, || "the bytes of the file, from the first to the last".to_owned())?;
    let path = trial.data(&format!("sobjects/Attachment/{id}/Body"));
    Ok(Seen { sent: vec![("GET", path)], gave: String::new() })
}

pub(super) async fn upload_file(trial: &Trial<'_>) -> Checked<Seen> {
    let (bench, data, name) = (trial.bench, base64(), format!("{} \"{}\".txt", word(), letters(5)));
    let target = match pick(&["unlinked", "linked_to", "version_of"]) {
        "linked_to" => json!({"linked_to": account(bench)}),
        "version_of" => json!({"version_of": document(bench)?}),
        unlinked => json!(unlinked),
    };
    let input = json!({"file_name": name, "data": data, "target": target, "fields": {"Description": letters(9)}});
    let told = bench.done("upload-file", trial.act("upload-file", &input).await)?;
    let id = told.json.get("version_id").and_then(Json::as_str).unwrap_or_default();
    let fields = ["PathOnClient", "ContentSize"];
    let row = bench.mock.org(|org| org.row("ContentVersion", id, Some(&fields), "v67.0"));
    let is_there = row.is_ok_and(|row| {
        let held = |name: &str| row.get(name).cloned().unwrap_or_default();
        held("PathOnClient") == json!(name) && held("ContentSize") == json!(30)
    });
    expect(is_there, || "the file in the org, by the Id that it gives".to_owned())?;
    Ok(Seen { sent: vec![("POST", trial.data("sobjects/ContentVersion"))], gave: String::new() })
}

pub(super) async fn link_file(trial: &Trial<'_>) -> Checked<Seen> {
    let document = document(trial.bench)?;
    let record = account(trial.bench);
    let input = json!({"document_id": document, "record_id": record, "share_type": pick(&["viewer", "inferred"])});
    let told = trial.bench.done("link-file", trial.act("link-file", &input).await)?;
    let id = told.json.get("id").and_then(Json::as_str).unwrap_or_default();
    let fields = ["LinkedEntityId"];
    let row = trial.bench.mock.org(|org| org.row("ContentDocumentLink", id, Some(&fields), "v67.0"));
    let is_there = row.is_ok_and(|row| row.get("LinkedEntityId") == Some(&json!(record)));
    expect(is_there, || "the link in the org, by the Id that it gives".to_owned())?;
    Ok(Seen { sent: vec![("POST", trial.data("sobjects/ContentDocumentLink"))], gave: String::new() })
}
