//! Records out of files, all or none of them.
//!
//! What each must be is said at [`Org::add_record`]. References may lead to records of any file, before or after.

mod members;
mod parent;
mod plan;
mod table;
mod tree;

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value as Json;

use super::name::ApiName;
use super::{FileError, Source, has_ending};
use crate::ApiError;
use crate::org::schema::Kind;
use crate::org::{Org, Record, RecordId};

/// The most records of all files.
const MOST_RECORDS: usize = 1_000_000;
/// How often records are tried again because what they refer to was not there yet.
const MOST_ROUNDS: usize = 64;

/// A file of records.
#[derive(Debug, Clone)]
pub struct Seed {
    /// The file: JSON as `sf data export tree` writes it (`*.json`), or a table in CSV.
    pub source: Source,
    /// The API name of the object, of a table and of records that do not say it themselves. That of a table is the file's name
    /// unless it is told.
    pub object: Option<String>,
}

/// A record to be.
struct Draft {
    /// The place of its file.
    file: usize,
    /// The byte where it begins.
    at: usize,
    object: String,
    /// What other records call it: a reference id with `@`, or the Id that it had elsewhere.
    names: Vec<String>,
    body: Record,
}

/// By what a lookup may name a record.
struct Names {
    /// What records of the files are called, and the Id of each that is written.
    ids: HashMap<String, Option<String>>,
    /// Whether names of people's are looked for too: not before all records that need none are written.
    by_name: bool,
}

/// Which of the files, and the byte.
type Place = (usize, usize);

impl Draft {
    fn place(&self) -> Place {
        (self.file, self.at)
    }
}

/// Why a record was not written.
enum Refusal {
    /// It refers to a record that is not there yet.
    Waits(String),
    Wrong(String),
}

impl Refusal {
    fn refers_back(field: &str, name: &str) -> Self {
        Self::Waits(format!("{field}: {name} refers back to this record"))
    }

    fn problem(self) -> String {
        match self {
            Self::Waits(problem) | Self::Wrong(problem) => problem,
        }
    }
}

impl Seed {
    /// Reads `PATH`, or `OBJECT=PATH` where the file does not say which object it is about. A plan, as `sf data export tree
    /// --plan` writes it, stands for the files that it names.
    ///
    /// # Errors
    /// Those of [`Source::read`], of any of the files.
    pub fn read(argument: &str) -> Result<Vec<Self>, FileError> {
        let seed = match argument.split_once('=') {
            Some((object, path)) if !Path::new(argument).exists() => {
                let wrong = |problem| FileError::of_file(Path::new(path), problem);
                let object = ApiName::parse(object).map_err(wrong)?.0.to_owned();
                Self { source: Source::read(Path::new(path))?, object: Some(object) }
            }
            _ => Self { source: Source::read(Path::new(argument))?, object: None },
        };
        Ok(plan::read(&seed.source)?.unwrap_or_else(|| vec![seed]))
    }
}

impl Org {
    /// Adds the records of files, and answers their Ids (18 characters) in the order of the files, a parent before its children.
    ///
    /// # Errors
    /// The first thing that is wrong, with its file and line. The org is then as it was.
    pub fn load(&mut self, seeds: &[Seed]) -> Result<Vec<String>, FileError> {
        let mut drafts = Vec::new();
        for (file, seed) in seeds.iter().enumerate() {
            if has_ending(&seed.source.path, ".json") {
                tree::read(self, file, seed, &mut drafts)?;
            } else {
                table::read(self, file, seed, &mut drafts)?;
            }
            if drafts.len() > MOST_RECORDS {
                let problem = format!("expected at most {MOST_RECORDS} records in all files");
                return Err(FileError::of_file(&seed.source.path, problem));
            }
        }
        let line = |(file, byte): Place| seeds.get(file).map_or(1, |seed| seed.source.line_at(byte));
        let at = |(place, problem): (Place, String)| match seeds.get(place.0) {
            Some(seed) => seed.source.error(line(place), problem),
            None => FileError::of_file(Path::new(""), problem),
        };
        check_names(&drafts, line).map_err(at)?;
        let mut loaded = self.clone();
        let ids = loaded.write_all(drafts).map_err(at)?;
        *self = loaded;
        Ok(ids)
    }

    /// Writes records, each as soon as those that it refers to are there.
    fn write_all(&mut self, drafts: Vec<Draft>) -> Result<Vec<String>, (Place, String)> {
        let named = drafts.iter().flat_map(|draft| draft.names.iter().cloned().map(|name| (name, None)));
        let mut names = Names { ids: named.collect(), by_name: false };
        let mut made = vec![String::new(); drafts.len()];
        let mut waiting: Vec<_> = made.iter_mut().zip(drafts).collect();
        for _ in 0..MOST_ROUNDS {
            let before = waiting.len();
            let mut failed = Vec::new();
            for (made, draft) in waiting {
                match self.write_one(&draft, &names) {
                    Ok(id) => {
                        names.ids.extend(draft.names.into_iter().map(|name| (name, Some(id.clone()))));
                        *made = id;
                    }
                    Err(refusal) => failed.push((made, draft, refusal)),
                }
            }
            if failed.is_empty() {
                return Ok(made);
            }
            if failed.len() == before && names.by_name {
                // What waits is the fault of another, if there is one.
                let wrong = failed.iter().position(|(.., refusal)| matches!(refusal, Refusal::Wrong(_)));
                let (_, draft, refusal) = failed.swap_remove(wrong.unwrap_or(0));
                return Err((draft.place(), refusal.problem()));
            }
            names.by_name = failed.len() == before;
            waiting = failed.into_iter().map(|(made, draft, _)| (made, draft)).collect();
        }
        let problem =
            format!("references lead on more than {MOST_ROUNDS} times: expected parents before their children");
        let stuck = waiting.into_iter().next().map(|(_, draft)| draft.place());
        stuck.map_or(Ok(made), |place| Err((place, problem)))
    }

    fn write_one(&mut self, draft: &Draft, names: &Names) -> Result<String, Refusal> {
        let body = self.resolved(draft, names)?;
        if let Some(known) = self.known_record_type(&draft.object, &body) {
            return Ok(known.to_string());
        }
        self.add_record(&draft.object, &body).map_err(|error| Refusal::Wrong(self.told(&draft.object, &body, &error)))
    }

    /// The record with Ids of the org for what its lookups call records by.
    fn resolved(&self, draft: &Draft, names: &Names) -> Result<Record, Refusal> {
        let object =
            self.object(&draft.object).map_err(|error| Refusal::Wrong(format!("{}: {}", error.code, error.message)))?;
        let mut body = draft.body.clone();
        let mut parents = Record::new();
        for (name, value) in &mut body {
            let field = object.field(name).map(|(_, field)| &field.kind);
            match (field, value) {
                (Some(Kind::Reference(_)), Json::String(text)) => match names.ids.get(known_as(text).as_str()) {
                    Some(Some(id)) => id.clone_into(text),
                    Some(None) => return Err(Refusal::refers_back(name, text)),
                    None if text.starts_with('@') => {
                        return Err(Refusal::Wrong(format!("{name}: no record has the referenceId {text}")));
                    }
                    None => {}
                },
                (None, Json::Object(told)) => {
                    let Some((_, field, lookup)) = object.lookup(name) else { continue };
                    if let Some(id) = self.find_parent(object, lookup, told, names)? {
                        parents.insert(field.name.to_owned(), Json::String(id));
                    }
                }
                _ => {}
            }
        }
        if !parents.is_empty() {
            body.retain(|name, _| object.lookup(name).is_none_or(|(_, field, _)| !parents.contains_key(field.name)));
            body.extend(parents);
        }
        Ok(body)
    }

    /// What is wrong with a record, and with which of its fields.
    fn told(&self, object: &str, body: &Record, error: &ApiError) -> String {
        let ApiError { code, message, .. } = error;
        let is_cause = |name: &String, value: &Json| {
            let alone = Record::from_iter([(name.clone(), value.clone())]);
            let refused = self.object(object).and_then(|object| self.parse_body(object, &alone));
            refused.is_err_and(|refusal| refusal == *error)
        };
        match body.iter().find(|(name, value)| is_cause(name, value)) {
            Some((name, value)) if *code == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY" => {
                format!("{name}: no record has the Id {value}: seed that record too, or leave {name} out ({code})")
            }
            Some((name, _)) if !message.contains(name.as_str()) => format!("{name}: {code}: {message}"),
            _ => format!("{code}: {message}"),
        }
    }
}

/// What a record is known by: of an Id the 18-character form, of anything else itself.
fn known_as(name: &str) -> String {
    RecordId::parse(name).map_or_else(|| name.to_owned(), |id| id.to_string())
}

/// No two records may be called alike.
fn check_names(drafts: &[Draft], line: impl Fn(Place) -> usize) -> Result<(), (Place, String)> {
    let mut known = HashMap::new();
    for draft in drafts {
        for name in &draft.names {
            if let Some(other) = known.insert(name, draft.place()) {
                return Err((draft.place(), format!("{name} is the record of line {} already", line(other))));
            }
        }
    }
    Ok(())
}
