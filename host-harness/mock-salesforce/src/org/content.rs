//! Files: what the org works out of a file's bytes and name, and the document and links that a version brings about. Not
//! for the bytes themselves, which are [`super::blob`].
//!
//! Source: Object Reference, "ContentVersion", "ContentDocument", "ContentDocumentLink", "Attachment".

mod file_type;

use rust_decimal::Decimal;

use super::{
    Org,
    id::RecordId,
    rules::value,
    schema::Object,
    table::{Row, Table, blank, overlay},
    value::{Key, Value},
    write::stamp,
};
use crate::ApiError;

/// What a document tells as its latest version does.
const OF_LATEST_VERSION: [&str; 7] =
    ["Title", "Description", "ContentSize", "FileType", "FileExtension", "SharingOption", "SharingPrivacy"];

/// What a record tells of the bytes it has: how many, and what kind of file they are by its name.
pub(super) fn derive(object: &Object, values: &mut [Value]) {
    let held = |name: &str| object.place(name).and_then(|place| values.get(place));
    let size = |blob: &str| match held(blob) {
        Some(Value::Blob(blob)) => Value::Number(Decimal::from(blob.bytes().len())),
        _ => Value::Null,
    };
    let derived = match object.name {
        "ContentVersion" => {
            let path = held("PathOnClient").and_then(Value::as_text).unwrap_or_default();
            let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
            let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
            let is_link = held("ContentUrl").is_some_and(|url| !url.is_null());
            let title = held("Title").filter(|title| !title.is_null()).cloned();
            vec![
                ("Title", title.unwrap_or_else(|| Value::text(stem))),
                ("ContentSize", size("VersionData")),
                ("FileExtension", Value::text(extension)),
                ("FileType", Value::text(if is_link { "LINK" } else { file_type::of_extension(extension) })),
            ]
        }
        "Attachment" | "Document" => vec![("BodyLength", size("Body"))],
        _ => return,
    };
    overlay(values, placed(object, derived));
}

/// What a file or the link to one must satisfy: a version has content and a name, a document is linked to a record once.
pub(super) fn check(table: &Table, row: &Row) -> Result<(), ApiError> {
    let object = &*table.object;
    match object.name {
        "ContentVersion" if value(object, row, "ContentUrl").is_null() => {
            let missing: Vec<_> = ["VersionData", "PathOnClient"]
                .into_iter()
                .filter(|name| object.place(name).is_some_and(|place| row.value(place).is_null()))
                .collect();
            if missing.is_empty() {
                return Ok(());
            }
            let message = format!("Required fields are missing: [{}]", missing.join(", "));
            Err(ApiError::bad_request("REQUIRED_FIELD_MISSING", message).on(&missing))
        }
        "ContentDocumentLink" => {
            let (Some(document), Some(entity)) =
                (value(object, row, "ContentDocumentId").as_id(), value(object, row, "LinkedEntityId").as_id())
            else {
                return Ok(());
            };
            if links(table, document)
                .any(|link| link.id != row.id && value(object, link, "LinkedEntityId") == &Value::Id(entity))
            {
                let message =
                    format!("Document with ID: {document} is already linked with the entity with ID: {entity}");
                return Err(ApiError::bad_request("DUPLICATE_VALUE", message).on(&["LinkedEntityId"]));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

impl Org {
    /// Does what a written version of a file brings about. A new one becomes the latest of its document, which is made unless
    /// the version names one, and is linked to its owner and to the record that it is first published to. The document
    /// tells what its latest version does.
    pub(super) fn publish_version(
        &mut self,
        object: &str,
        id: RecordId,
        acting_user: RecordId,
    ) -> Result<(), ApiError> {
        let versions = self.table(object)?;
        if versions.object.name != "ContentVersion" {
            return Ok(());
        }
        // A schema of somebody's own may have versions without documents.
        let Some(documents) = self.find_table("ContentDocument") else { return Ok(()) };
        let Some(version) = versions.row(id) else { return Ok(()) };
        let known = value(&versions.object, version, "ContentDocumentId").as_id();
        if known.is_some() && value(&versions.object, version, "VersionNumber") != &Value::Null {
            return self.tell_of_latest(id, acting_user);
        }
        let owner = value(&versions.object, version, "OwnerId").as_id();
        let first_location = value(&versions.object, version, "FirstPublishLocationId").as_id();
        let document = match known {
            Some(document) => document,
            None => {
                let mut values = blank(documents);
                overlay(&mut values, placed(&documents.object, [("OwnerId", owner.map_or(Value::Null, Value::Id))]));
                let row = self.new_row(documents, values, acting_user, self.now)?;
                let document = row.id;
                self.table_mut("ContentDocument")?.put(row);
                document
            }
        };
        self.make_latest(id, document, acting_user)?;
        self.tell_of_latest(id, acting_user)?;
        if let Some(owner) = owner.filter(|_| known.is_none()) {
            self.link(document, owner, Some("I"), acting_user)?;
        }
        match first_location {
            Some(location) => self.link(document, location, None, acting_user),
            None => Ok(()),
        }
    }

    /// Numbers a new version of a document; the one before is the latest no longer.
    fn make_latest(&mut self, id: RecordId, document: RecordId, acting_user: RecordId) -> Result<(), ApiError> {
        let versions = self.table("ContentVersion")?;
        let object = &*versions.object;
        let Some(version) = versions.row(id) else { return Ok(()) };
        let others: Vec<_> = links(versions, document).filter(|row| row.id != id).collect();
        let number =
            |row: &&Row| value(object, row, "VersionNumber").as_text().and_then(|text| text.parse::<u64>().ok());
        let number = others.iter().filter_map(number).max().unwrap_or(0).saturating_add(1);
        let modified = match value(object, version, "ContentModifiedDate") {
            Value::Null => Value::DateTime(self.now),
            told => told.clone(),
        };
        let mut values = version.values();
        let latest = placed(
            object,
            [
                ("ContentDocumentId", Value::Id(document)),
                ("IsLatest", Value::Boolean(true)),
                ("VersionNumber", Value::text(number.to_string())),
                ("ContentModifiedDate", modified),
                ("ContentModifiedById", Value::Id(acting_user)),
            ],
        );
        overlay(&mut values, latest);
        let version = Row::new(object, id, values);
        let place = object.place("IsLatest");
        let is_latest = |row: &&&Row| value(object, row, "IsLatest") == &Value::Boolean(true);
        let before: Vec<_> = others.iter().filter(is_latest).map(|row| row.id).collect();
        if let Some(place) = place {
            for before in before {
                self.amend("ContentVersion", before, place, Value::Boolean(false), acting_user)?;
            }
        }
        self.table_mut("ContentVersion")?.put(version);
        Ok(())
    }

    /// Lets the document of a version tell what the version does, if it is the latest.
    fn tell_of_latest(&mut self, id: RecordId, acting_user: RecordId) -> Result<(), ApiError> {
        let (versions, documents) = (self.table("ContentVersion")?, self.table("ContentDocument")?);
        let Some(version) = versions.row(id) else { return Ok(()) };
        let told = |name| value(&versions.object, version, name).clone();
        if told("IsLatest") == Value::Boolean(false) {
            return Ok(());
        }
        let Some(document) = told("ContentDocumentId").as_id().and_then(|id| documents.row(id)) else { return Ok(()) };
        let mut values = document.values();
        overlay(&mut values, placed(&documents.object, OF_LATEST_VERSION.map(|name| (name, told(name)))));
        let latest =
            [("LatestPublishedVersionId", Value::Id(id)), ("ContentModifiedDate", told("ContentModifiedDate"))];
        overlay(&mut values, placed(&documents.object, latest));
        stamp(documents, &mut values, acting_user, self.now);
        let document = Row::new(&documents.object, document.id, values);
        self.table_mut("ContentDocument")?.put(document);
        Ok(())
    }

    /// Links a document to a record or a user, unless it is already. The share type is the field's default unless it is told.
    fn link(
        &mut self,
        document: RecordId,
        entity: RecordId,
        share_type: Option<&str>,
        acting_user: RecordId,
    ) -> Result<(), ApiError> {
        let Some(table) = self.find_table("ContentDocumentLink") else { return Ok(()) };
        let mut values = blank(table);
        let ends = [("ContentDocumentId", Value::Id(document)), ("LinkedEntityId", Value::Id(entity))];
        overlay(
            &mut values,
            placed(&table.object, ends.into_iter().chain(share_type.map(|told| ("ShareType", Value::text(told))))),
        );
        let row = self.new_row(table, values, acting_user, self.now)?;
        if check(table, &row).is_ok() {
            self.table_mut("ContentDocumentLink")?.put(row);
        }
        Ok(())
    }
}

/// The records that belong to a document: its versions or its links.
fn links(table: &Table, document: RecordId) -> impl Iterator<Item = &Row> {
    let place = table.object.place("ContentDocumentId").unwrap_or(usize::MAX);
    let rows = table.find_key(place, Key::Id(document));
    rows.into_iter().flatten().filter(|row| !row.deleted)
}

/// Values for the fields that the object has.
fn placed<'a>(
    object: &'a Object,
    values: impl IntoIterator<Item = (&'a str, Value)>,
) -> impl Iterator<Item = (usize, Value)> {
    values.into_iter().filter_map(|(name, value)| Some((object.place(name)?, value)))
}
