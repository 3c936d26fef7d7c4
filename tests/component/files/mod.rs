//! Files: up, linked, down, in parts, and in bounds.

mod bounds;
mod ranges;
mod transfer;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use salesforce_runtime::bindings::types::CallOptions;
use serde_json::{Value, json};

use crate::calls::DEFAULTS;
use crate::fixture::Fixture;

const TEN_TIMES: CallOptions = CallOptions { attempts: Some(10), ..DEFAULTS };
const VERSIONS: &str = "/services/data/v67.0/sobjects/ContentVersion";

/// Every byte that there is, and what looks like the end of a part.
fn awkward() -> Vec<u8> {
    [&(0..=255).collect::<Vec<u8>>()[..], b"\r\n--0000000000000000\r\n--\r\n"].concat()
}

fn file(name: &str, bytes: &[u8], target: &Value) -> Value {
    json!({"file_name": name, "data": STANDARD.encode(bytes), "target": target})
}

fn blob(version: &str) -> Value {
    json!({"object": "ContentVersion", "id": version, "field": "VersionData"})
}

fn part(version: &str, offset: u64, length: u64) -> Value {
    let mut input = blob(version);
    input["range"] = json!({"offset": offset, "length": length});
    input
}

/// The bytes of a result.
fn data(result: &Value) -> Vec<u8> {
    STANDARD.decode(result["data"].as_str().unwrap()).unwrap()
}

impl Fixture {
    /// Uploads a file that cannot be wrong: the Id of its version.
    async fn upload_a_file(&self, input: &Value) -> String {
        let uploaded = self.act("upload-file", input, DEFAULTS).await.unwrap();
        let id = uploaded["version_id"].as_str().unwrap().to_owned();
        self.told.created("ContentVersion", &id);
        id
    }

    /// Fields of a version, as the org has them.
    fn version(&self, id: &str, fields: &[&str]) -> Value {
        Value::Object(self.mock.org(|org| org.row("ContentVersion", id, Some(fields), "v67.0").unwrap()))
    }

    fn document(&self, version: &str) -> String {
        self.version(version, &["ContentDocumentId"])["ContentDocumentId"].as_str().unwrap().to_owned()
    }
}
