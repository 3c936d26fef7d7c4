//! Records as `sf data export tree` writes them, or a query's answer: children within their parents.
//!
//! Source: REST API Developer Guide, "sObject Tree"; "data export tree" in the Salesforce CLI Command Reference.

use serde::Deserialize;
use serde_json::{Value as Json, json, value::RawValue};

use super::super::{FileError, Source};
use super::members::Members;
use super::parent::id_of_url;
use super::{Draft, Seed, known_as};
use crate::org::{Org, Record};

/// How deep children may be nested; Salesforce takes 5 levels.
const DEEPEST: usize = 16;
const EXPECTED: &str =
    "expected {\"records\": [{\"attributes\": {\"type\": \"Account\"}, ...}]}, as sf data export tree writes it";

#[derive(Deserialize)]
struct Tree<'a> {
    #[serde(borrow)]
    records: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    #[serde(rename = "type")]
    object: Option<String>,
    reference_id: Option<String>,
    url: Option<String>,
}

/// Reads all records of a file.
pub(super) fn read(org: &Org, file: usize, seed: &Seed, drafts: &mut Vec<Draft>) -> Result<(), FileError> {
    let mut reader = Reader { org, file, source: &seed.source, object: seed.object.as_deref(), drafts };
    reader.records(&seed.source.text, None, DEEPEST)
}

struct Reader<'a> {
    org: &'a Org,
    file: usize,
    source: &'a Source,
    /// Of records that do not say it.
    object: Option<&'a str>,
    drafts: &'a mut Vec<Draft>,
}

/// The record that others are children of: the object of these, their lookup, and its name.
struct Parent {
    object: &'static str,
    lookup: &'static str,
    name: String,
}

impl Reader<'_> {
    fn records(&mut self, text: &str, parent: Option<&Parent>, depth: usize) -> Result<(), FileError> {
        if depth == 0 {
            let problem = format!("children nested more than {DEEPEST} deep");
            return Err(self.source.error(self.source.line_of(text), problem));
        }
        let start = text.trim_start();
        let records = if start.starts_with('[') {
            self.json::<Vec<&RawValue>>(text)?
        } else {
            let tree: Tree<'_> = self.json(text)?;
            match (tree.records, tree.result) {
                (Some(records), _) => records,
                (None, Some(result)) => return self.records(result.get(), parent, depth - 1),
                (None, None) => return Err(self.source.error(self.source.line_of(start), EXPECTED)),
            }
        };
        records.into_iter().try_for_each(|record| self.record(record.get(), parent, depth))
    }

    fn record(&mut self, text: &str, parent: Option<&Parent>, depth: usize) -> Result<(), FileError> {
        let wrong = |problem: String| self.source.error(self.source.line_of(text), problem);
        let Members(members) = self.json(text)?;
        let attributes = match members.get("attributes") {
            Some(attributes) => self.json(attributes.get())?,
            None => Attributes::default(),
        };
        let object = attributes.object.as_deref().or(parent.map(|parent| parent.object)).or(self.object);
        let object = object.ok_or_else(|| wrong(format!("a record without attributes.type: {EXPECTED}")))?;
        let table = self.org.find_table(object).ok_or_else(|| wrong(format!("the org has no object {object}")))?;
        let object = table.object.name;
        let mut body = Record::new();
        let mut names: Vec<_> = attributes.reference_id.iter().map(|id| format!("@{id}")).collect();
        // By this one its children know it.
        let own_name = format!("@{}:{}", self.file, self.drafts.len());
        let mut children = Vec::new();
        for (name, value) in members.iter().filter(|(name, _)| *name != "attributes") {
            let is_child = table.object.field(name).is_none() && table.object.lookup(name).is_none();
            let relationship = self.org.lookups_to(object).find(|(_, _, lookup)| {
                is_child && lookup.children.is_some_and(|known| known.eq_ignore_ascii_case(name))
            });
            match relationship {
                Some((child, place, _)) => {
                    let lookup = child.object.fields.get(place).map_or("", |field| field.name);
                    let parent = Parent { object: child.object.name, lookup, name: own_name.clone() };
                    children.push((parent, value.get()));
                }
                None if name.eq_ignore_ascii_case("Id") => {
                    names.extend(self.json::<Json>(value.get())?.as_str().map(known_as));
                }
                None => {
                    body.insert(name.clone(), self.json(value.get())?);
                }
            }
        }
        let id = attributes.url.as_deref().and_then(id_of_url).map(known_as);
        names.extend(id.filter(|id| !names.contains(id)));
        if let Some(parent) = parent {
            body.insert(parent.lookup.to_owned(), json!(parent.name));
        }
        if !children.is_empty() {
            names.push(own_name);
        }
        self.drafts.push(Draft {
            file: self.file,
            at: self.source.byte_of(text),
            object: object.to_owned(),
            names,
            body,
        });
        for (parent, text) in children.into_iter().filter(|(_, text)| *text != "null") {
            self.records(text, Some(&parent), depth - 1)?;
        }
        Ok(())
    }

    fn json<'t, T: Deserialize<'t>>(&self, text: &'t str) -> Result<T, FileError> {
        serde_json::from_str(text).map_err(|error| self.source.json_error(text, &error))
    }
}
