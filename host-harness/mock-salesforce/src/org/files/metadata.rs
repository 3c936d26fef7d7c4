//! What a project's files tell beside objects and fields: records of custom metadata types, `customMetadata/X.Y.md-meta.xml`, and
//! validation rules, whose formulas the mock does not evaluate.
//!
//! Source: Metadata API Developer Guide, "CustomMetadata", "ValidationRule".

use std::path::Path;

use serde_json::json;

use super::xml::{child, children, text};
use super::{FileError, Source};
use crate::org::schema::{MetadataRecord, Schema};
use crate::org::{EPOCH, Org, Record};

pub(super) const RECORD_FILE: &str = ".md-meta.xml";
pub(super) const VALIDATION_FILE: &str = ".validationRule-meta.xml";

/// The most names in one note.
const MOST_NAMES: usize = 5;

/// Gives a schema the records that files tell. A note names each that the org could not hold.
pub(super) fn add_records<'a>(schema: &mut Schema, sources: impl Iterator<Item = &'a Source>) -> Result<(), FileError> {
    let mut told = Vec::new();
    for source in sources {
        told.push((source, record(source)?));
    }
    if told.is_empty() {
        return Ok(());
    }
    let mut org = Org::without_samples(schema.clone(), EPOCH);
    for (source, record) in told {
        match org.add_record(&record.object, &record.fields) {
            Ok(_) => schema.metadata.push(record),
            Err(error) => {
                let reason = if org.object(&record.object).is_ok() {
                    format!("{}: {}", error.code, error.message)
                } else {
                    format!("the org has no object {}", record.object)
                };
                let note = FileError::of_file(&source.path, format!("the record is left out: {reason}"));
                schema.notes.push(note.to_string());
            }
        }
    }
    Ok(())
}

/// Notes which active validation rules refuse nothing.
pub(super) fn note_validation_rules<'a>(
    schema: &mut Schema,
    sources: impl Iterator<Item = &'a Source>,
) -> Result<(), FileError> {
    let mut names = Vec::new();
    for source in sources {
        let document = source.document("ValidationRule")?;
        if text(document.root_element(), "active") == Some("true") {
            names.push(rule_name(&source.path));
        }
    }
    if names.is_empty() {
        return Ok(());
    }
    let count = names.len();
    let more = if count > MOST_NAMES { ", ..." } else { "" };
    names.truncate(MOST_NAMES);
    let (rules, they) =
        if count == 1 { ("validation rule", "it refuses") } else { ("validation rules", "they refuse") };
    schema.notes.push(format!(
        "the mock evaluates no formulas: {count} active {rules} ({}{more}): {they} nothing. A test makes its own with PUT \
         /__mock/validation-rules/{{name}}",
        names.join(", ")
    ));
    Ok(())
}

/// `Account.Rule` of `Account/validationRules/Rule.validationRule-meta.xml`.
fn rule_name(path: &Path) -> String {
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let object = path.parent().and_then(Path::parent).map(name).unwrap_or_default();
    let rule = name(path);
    let rule = rule.strip_suffix(VALIDATION_FILE).unwrap_or(&rule);
    format!("{object}.{rule}")
}

/// The record that a file tells.
fn record(source: &Source) -> Result<MetadataRecord, FileError> {
    let name = source.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let (object, developer_name) = name
        .strip_suffix(RECORD_FILE)
        .and_then(|name| name.split_once('.'))
        .ok_or_else(|| FileError::of_file(&source.path, format!("expected a name like Type.Record{RECORD_FILE}")))?;
    let document = source.document("CustomMetadata")?;
    let root = document.root_element();
    let mut fields = Record::new();
    fields.insert("DeveloperName".to_owned(), json!(developer_name));
    fields.insert("QualifiedApiName".to_owned(), json!(developer_name));
    for label in ["Label", "MasterLabel"] {
        fields.insert(label.to_owned(), json!(text(root, "label").unwrap_or(developer_name)));
    }
    for value in children(root, "values") {
        let field = text(value, "field").ok_or_else(|| source.error_at(value, "expected <field>"))?;
        // White space is a part of it.
        let told = child(value, "value").and_then(|value| value.text());
        fields.insert(field.to_owned(), json!(told));
    }
    Ok(MetadataRecord { object: format!("{object}__mdt"), fields })
}
