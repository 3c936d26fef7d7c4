//! The bytes of files and attachments, and how many of them there may be. Not for what the records around them tell,
//! which is `content`.
//!
//! Source: REST API Developer Guide, "Insert or Update Blob Data", "sObject Blob Retrieve"; SOAP API Developer Guide,
//! "ExceptionCode", for a message that is too large.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{
    Org,
    input::{not_writable, wrong_kind},
    parse_id,
    schema::{Field, Kind, Object},
    table::Row,
    value::Value,
};
use crate::ApiError;

/// The most bytes that all blobs may have, whatever is said. Salesforce takes 2 GB for one.
pub(crate) const MOST_BYTES: usize = 512 * 1024 * 1024;
/// The most bytes that JSON may bring in base64: 37.5 MB, which are 50 MB of text.
const MOST_IN_JSON: usize = 37_500_000;
/// How much of a text that is not base64 an error repeats, in characters.
const SHOWN: usize = 40;

/// The bytes of a field of type `base64`. They take room in the file storage until the last record, deleted record or
/// snapshot that has them is gone.
pub struct Blob {
    bytes: Arc<[u8]>,
    storage: FileStorage,
}

/// The bytes of a blob field that came beside a record's JSON: the second part of a multipart request.
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    /// The API name of the field.
    pub field: String,
    /// What it shall hold.
    pub bytes: Arc<[u8]>,
}

/// A blob as it is read.
pub(crate) struct Download {
    pub(crate) bytes: Arc<[u8]>,
    /// The record's `ContentType`.
    pub(crate) content_type: Option<String>,
}

/// How many bytes the blobs of an org have and may have, those of its copies included.
#[derive(Debug, Clone)]
pub(super) struct FileStorage(Arc<Room>);

#[derive(Debug)]
struct Room {
    used: AtomicUsize,
    most: AtomicUsize,
}

impl Blob {
    /// The bytes, which are shared.
    pub(crate) fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    pub(crate) fn base64(&self) -> String {
        STANDARD.encode(&self.bytes)
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        self.storage.0.used.fetch_sub(self.bytes.len(), Ordering::SeqCst);
    }
}

impl PartialEq for Blob {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Blob({} bytes)", self.bytes.len())
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Upload({}, {} bytes)", self.field, self.bytes.len())
    }
}

impl Default for FileStorage {
    fn default() -> Self {
        Self(Arc::new(Room { used: AtomicUsize::new(0), most: AtomicUsize::new(MOST_BYTES) }))
    }
}

impl FileStorage {
    /// The value of a field that holds these bytes; null when there are none.
    fn keep(&self, bytes: Arc<[u8]>) -> Result<Value, ApiError> {
        let most = self.0.most.load(Ordering::SeqCst);
        let grown = |used: usize| used.checked_add(bytes.len()).filter(|sum| *sum <= most);
        if self.0.used.fetch_update(Ordering::SeqCst, Ordering::SeqCst, grown).is_err() {
            let message = format!("storage limit exceeded: {most} bytes of files are the most that the org holds");
            return Err(ApiError::bad_request("STORAGE_LIMIT_EXCEEDED", message).on(&[]));
        }
        let blob = Blob { bytes, storage: self.clone() };
        Ok(if blob.bytes.is_empty() { Value::Null } else { Value::Blob(Arc::new(blob)) })
    }
}

impl Object {
    /// Whether it has a field that holds a file's bytes.
    pub(crate) fn has_blob(&self) -> bool {
        self.blobs().next().is_some()
    }

    /// Whether the field of this name, in any case, is one.
    pub(crate) fn is_blob(&self, name: &str) -> bool {
        self.field(name).is_some_and(|(_, field)| field.is_blob())
    }

    fn blobs(&self) -> impl Iterator<Item = &Field> {
        self.seen_fields().map(|(_, field)| field).filter(|field| field.is_blob())
    }
}

impl Field {
    /// Whether it holds a file's bytes.
    pub(crate) fn is_blob(&self) -> bool {
        matches!(self.kind, Kind::Base64)
    }
}

impl Org {
    /// Says how many bytes its blobs may have, and those of its snapshots and deleted records with them: at most, and unless
    /// told otherwise, 512 MiB. A write beyond answers 400 `STORAGE_LIMIT_EXCEEDED`.
    /// No reset or snapshot changes it.
    pub fn limit_file_storage(&mut self, bytes: usize) {
        self.file_storage.0.most.store(bytes.min(MOST_BYTES), Ordering::SeqCst);
    }

    /// How many bytes its blobs have, those of its snapshots and deleted records included.
    #[must_use]
    pub fn file_storage_used(&self) -> usize {
        self.file_storage.0.used.load(Ordering::SeqCst)
    }

    /// A blob out of a record's JSON.
    pub(super) fn parse_base64(&self, field: &Field, text: &str) -> Result<Value, ApiError> {
        if text.len() / 4 * 3 > MOST_IN_JSON {
            let message = format!(
                "{}: base64 of more than {MOST_IN_JSON} bytes in JSON: send the file as the second part of a multipart request",
                field.label
            );
            return Err(ApiError::bad_request("EXCEEDED_MAX_SIZE_REQUEST", message).on(&[field.name]));
        }
        match STANDARD.decode(text) {
            Ok(bytes) => self.file_storage.keep(bytes.into()),
            Err(_) => Err(wrong_kind("base64", &text.chars().take(SHOWN).collect::<String>().into())),
        }
    }

    /// The blob that came beside a record's JSON, for its field.
    pub(super) fn parse_upload(&self, object: &Object, upload: &Upload) -> Result<(usize, Value), ApiError> {
        let Some((place, field)) = object.field(&upload.field).filter(|(_, field)| field.is_blob()) else {
            let blobs: Vec<_> = object.blobs().map(|field| field.name).collect();
            let message = format!(
                "the part with the bytes is called {:?}: expected the name of a blob field of {} ({})",
                upload.field.chars().take(SHOWN).collect::<String>(),
                object.name,
                if blobs.is_empty() { "it has none".to_owned() } else { blobs.join(", ") }
            );
            return Err(ApiError::bad_request("INVALID_MULTIPART_REQUEST", message));
        };
        if !field.writable {
            return Err(not_writable(&[field.name]));
        }
        Ok((place, self.file_storage.keep(Arc::clone(&upload.bytes))?))
    }

    /// The bytes of a blob field; none if the object has no such field, or the field is no blob.
    ///
    /// # Errors
    /// 404 `NOT_FOUND` for an unknown or deleted record, and for one without bytes; 400 `MALFORMED_ID`.
    pub(crate) fn blob(&self, object: &str, id: &str, field: &str) -> Result<Option<Download>, ApiError> {
        let table = self.table(object)?;
        let Some((place, _)) = table.object.field(field).filter(|(_, field)| field.is_blob()) else {
            return Ok(None);
        };
        let row = table.row(parse_id(id)?).filter(|row| !row.deleted).ok_or_else(ApiError::not_found)?;
        let Value::Blob(blob) = row.value(place) else { return Err(ApiError::not_found()) };
        let content_type = table.object.place("ContentType").and_then(|place| row.value(place).as_text());
        Ok(Some(Download { bytes: Arc::clone(blob.bytes()), content_type: content_type.map(str::to_owned) }))
    }
}

impl Row {
    /// A field as a record's JSON tells it. A blob is told by the path that its bytes are read from, `version` being that of
    /// the request.
    pub(crate) fn json(&self, object: &Object, place: usize, version: &str) -> serde_json::Value {
        match (self.value(place), object.fields.get(place)) {
            (Value::Blob(_), Some(field)) => {
                format!("/services/data/{version}/sobjects/{}/{}/{}", object.name, self.id, field.name).into()
            }
            (value, _) => value.to_json(),
        }
    }
}
