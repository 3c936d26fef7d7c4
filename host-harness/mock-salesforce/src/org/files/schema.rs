//! A schema out of files: the mock's own objects, and what the files say of these and of others.
//!
//! A describe answer is the whole of an object: it replaces one of the mock's own. A project's files are a part of one: they
//! extend it, and a custom object that only they know gets the fields that every custom object has.

use std::collections::HashMap;
use std::path::Path;

use super::base_fields;
use super::described::{self, Children};
use super::metadata::{self, RECORD_FILE, VALIDATION_FILE};
use super::name::ApiName;
use super::object::{Draft, MOST_FIELDS};
use super::project::{self, FIELD_FILE, OBJECT_FILE, RECORD_TYPE_FILE, Told};
use super::value_sets::{GLOBAL_FILE, STANDARD_FILE, ValueSets};
use super::{DEEPEST, FileError, Source, has_ending};
use crate::org::id::RecordId;
use crate::org::person_accounts;
use crate::org::schema::{Field, Kind, Object, OnDelete, RecordType, Schema, intern, record_types};

/// The most objects of an org.
const MOST_OBJECTS: usize = 10_000;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Schema {
    /// Whether a file in a folder would be read; others are passed over.
    pub(crate) fn reads(path: &Path) -> bool {
        OF_PROJECT.iter().chain([&DESCRIBED]).any(|ending| has_ending(path, ending))
    }

    /// The mock's own standard objects, replaced and extended by what files say.
    ///
    /// A path is a file with describe answers (JSON), an object file of a Salesforce DX project (`*.object-meta.xml`,
    /// `*.field-meta.xml`, `*.recordType-meta.xml`, `*.globalValueSet-meta.xml`, `*.standardValueSet-meta.xml`,
    /// `*.md-meta.xml`), or a folder: of a project, or of JSON files with describe answers.
    ///
    /// # Errors
    /// The first thing that is wrong, with its file and line. Nothing is taken then.
    pub fn read(paths: &[impl AsRef<Path>], person_accounts: bool) -> Result<Self, FileError> {
        let mut sources = Vec::new();
        for path in paths {
            sources.extend(read(path.as_ref())?);
        }
        Self::of_sources(&sources, person_accounts)
    }

    /// [`Schema::read`] of files that are read already.
    ///
    /// # Errors
    /// The same.
    pub fn of_sources(sources: &[Source], person_accounts: bool) -> Result<Self, FileError> {
        Self::without_custom(person_accounts).with(sources)
    }

    /// These objects, replaced and extended by what files say.
    ///
    /// # Errors
    /// The same.
    pub fn with(self, sources: &[Source]) -> Result<Self, FileError> {
        let mut merging = Merging::new(self);
        let mut children = Vec::new();
        let mut notes = Vec::new();
        for source in sources.iter().filter(|source| !is_of_project(&source.path)) {
            let (drafts, of_file) = described::objects(source, &mut notes)?;
            for draft in drafts {
                merging.replace(draft)?;
            }
            children.extend(of_file);
        }
        let value_sets = ValueSets::read(sources.iter().filter(|source| is_value_set(&source.path)))?;
        merging.objects.iter_mut().for_each(|object| value_sets.apply(object.name, &mut object.fields));
        // What an object is, its own file tells; so that one is read before those of its fields.
        let of_objects = sources.iter().filter(|source| is_of_object(&source.path));
        let (whole, parts): (Vec<_>, Vec<_>) = of_objects.partition(|source| has_ending(&source.path, OBJECT_FILE));
        for source in whole.into_iter().chain(parts) {
            merging.extend(source, &project::read(source, &value_sets)?)?;
        }
        let mut schema = Self::new(merging.finish(&children));
        schema.notes = notes.iter().map(ToString::to_string).collect();
        let named = |ending| sources.iter().filter(move |source| has_ending(&source.path, ending));
        metadata::note_validation_rules(&mut schema, named(VALIDATION_FILE))?;
        metadata::add_records(&mut schema, named(RECORD_FILE))?;
        Ok(schema)
    }
}

fn is_of_project(path: &Path) -> bool {
    OF_PROJECT.iter().any(|ending| has_ending(path, ending))
}

fn is_of_object(path: &Path) -> bool {
    [OBJECT_FILE, FIELD_FILE, RECORD_TYPE_FILE].iter().any(|ending| has_ending(path, ending))
}

fn is_value_set(path: &Path) -> bool {
    has_ending(path, GLOBAL_FILE) || has_ending(path, STANDARD_FILE)
}

/// Files of a project that say something; others in its folders are passed over.
const OF_PROJECT: [&str; 7] =
    [OBJECT_FILE, FIELD_FILE, RECORD_TYPE_FILE, GLOBAL_FILE, STANDARD_FILE, RECORD_FILE, VALIDATION_FILE];
/// Files of describe answers.
const DESCRIBED: &str = ".json";

fn read(path: &Path) -> Result<Vec<Source>, FileError> {
    if !path.is_dir() {
        return Ok(vec![Source::read(path)?]);
    }
    let mut found = Source::read_below(path, &OF_PROJECT, DEEPEST)?;
    if found.is_empty() {
        found = Source::read_below(path, &[DESCRIBED], 1)?;
    }
    if found.is_empty() {
        let problem = format!("expected *{OBJECT_FILE} or *{FIELD_FILE} below it, or *.json in it");
        return Err(FileError::of_file(path, problem));
    }
    Ok(found)
}

/// How names of objects end that a project makes.
const CUSTOM_ENDINGS: [&str; 5] = ["__c", "__e", "__x", "__b", "__mdt"];
/// Which fields of files lead to records of any object; objects in lower case.
const LOOKUPS_OF_FILES: [(&str, &str); 3] = [
    ("contentdocumentlink", "LinkedEntityId"),
    ("contentversion", "FirstPublishLocationId"),
    ("attachment", "ParentId"),
];

/// Objects on their way to a schema, in its order.
struct Merging {
    objects: Vec<Object>,
    by_name: HashMap<String, usize>,
    /// Which of them a file has described.
    described: HashMap<String, (std::path::PathBuf, usize)>,
    /// Whose key prefix a file has told.
    prefixes: HashMap<&'static str, &'static str>,
    /// Whose record types have these Ids.
    record_types: HashMap<RecordId, &'static str>,
    /// What files of a project have told of fields, by object and name in lower case.
    told: HashMap<(String, String), (std::path::PathBuf, Field)>,
    next_prefix: usize,
    /// How many are the mock's own, or in the place of one.
    own: usize,
}

impl Merging {
    fn new(schema: Schema) -> Self {
        let objects = schema.into_objects();
        let by_name = objects.iter().enumerate().map(|(place, object)| (object.name.to_lowercase(), place)).collect();
        let own = objects.len();
        let told = objects.iter().filter(|object| object.described.is_some());
        let prefixes = told.map(|object| (object.key_prefix, object.name)).collect();
        Self {
            objects,
            by_name,
            described: HashMap::new(),
            prefixes,
            record_types: HashMap::new(),
            told: HashMap::new(),
            next_prefix: 1,
            own,
        }
    }

    fn known(&self, name: &str) -> Option<&Object> {
        self.objects.get(*self.by_name.get(&name.to_lowercase())?)
    }

    fn put(&mut self, object: Object) -> Result<(), String> {
        let place = *self.by_name.entry(object.name.to_lowercase()).or_insert(self.objects.len());
        match self.objects.get_mut(place) {
            Some(known) => *known = object,
            None => self.objects.push(object),
        }
        if self.objects.len() > MOST_OBJECTS { Err(format!("expected at most {MOST_OBJECTS} objects")) } else { Ok(()) }
    }

    fn replace(&mut self, draft: Draft) -> Result<(), FileError> {
        let (path, line) = (draft.path.clone(), draft.line);
        let wrong = |problem: String| FileError { path: path.clone(), line: Some(line), problem };
        if let Some((other, at)) = self.described.insert(draft.name.to_lowercase(), (path.clone(), line)) {
            return Err(wrong(format!("{} is described already, in {}:{at}", draft.name, other.display())));
        }
        if let Some(told) = draft.key_prefix
            && let Some(other) = self.prefixes.insert(told, draft.name)
            && !other.eq_ignore_ascii_case(draft.name)
        {
            let name = draft.name;
            return Err(wrong(format!(
                "key prefix {told} of {name} is that of {other} already: expected one of its own"
            )));
        }
        for id in draft.record_types.iter().filter_map(|known| known.id) {
            if let Some(other) = self.record_types.insert(id, draft.name)
                && !other.eq_ignore_ascii_case(draft.name)
            {
                let name = draft.name;
                return Err(wrong(format!(
                    "record type {id} of {name} is one of {other} already: expected another Id"
                )));
            }
        }
        let of_own = self.known(draft.name).map(|known| known.key_prefix);
        let prefix = match draft.key_prefix.or(of_own) {
            Some(prefix) => prefix,
            None => self.free_prefix(),
        };
        let object = draft.finish(prefix)?;
        let is_in_its_way = |other: &Object| other.key_prefix == prefix && other.name != object.name;
        if let Some(place) = self.objects.iter().position(is_in_its_way) {
            let free = self.free_prefix();
            self.objects.get_mut(place).into_iter().for_each(|other| other.key_prefix = free);
        }
        self.put(object).map_err(wrong)
    }

    /// Extends the objects that a file is about.
    fn extend(&mut self, source: &Source, told: &Told) -> Result<(), FileError> {
        if told.object.0 != "Activity" {
            return self.extend_one(source, told.clone());
        }
        // What tasks and events share; it has no records of its own.
        for name in ["Task", "Event"] {
            self.extend_one(source, Told { object: ApiName(name), label: None, plural: None, ..told.clone() })?;
        }
        Ok(())
    }

    fn extend_one(&mut self, source: &Source, told: Told) -> Result<(), FileError> {
        let wrong = |problem: String| FileError::of_file(&source.path, problem);
        let Told { object: name, label, plural, name_field, custom_setting, fields, record_types } = told;
        let mut object = match self.known(name.0) {
            Some(known) => known.clone(),
            None if CUSTOM_ENDINGS.iter().any(|ending| name.0.ends_with(ending)) => {
                let fields = base_fields::of(name.0, custom_setting);
                let mut object = Object::new(name.0, name.0, name.0, self.free_prefix(), fields);
                object.custom_setting = custom_setting.is_some();
                if name.0.ends_with("__mdt") { object.closed() } else { object }
            }
            // A file of settings adds nothing.
            None if fields.is_empty() && record_types.is_empty() => return Ok(()),
            None => {
                let name = name.0;
                return Err(wrong(format!(
                    "the mock has no standard object {name}: expected its describe answer beside the project: \
                     sf sobject describe --sobject {name} --json > {name}.json, and --schema {name}.json"
                )));
            }
        };
        for field in &fields {
            let key = (name.0.to_lowercase(), field.name.to_lowercase());
            if let Some((path, known)) = self.told.insert(key, (source.path.clone(), field.clone()))
                && known != *field
            {
                let (field, path) = (field.name, path.display());
                return Err(wrong(format!("{field} of {} differs from that in {path}: expected one of them", name.0)));
            }
        }
        object.label = label.map_or(object.label, |label| label.0);
        object.plural = plural.or(label).map_or(object.plural, |label| label.0);
        let mut all = object.fields.clone();
        for field in name_field.into_iter().chain(fields) {
            match all.iter_mut().find(|known| known.name.eq_ignore_ascii_case(field.name)) {
                Some(known) => *known = field,
                None => all.push(field),
            }
        }
        for told in record_types {
            match object.record_types.iter_mut().find(|known| known.developer_name == told.developer_name) {
                Some(known) => *known = RecordType { id: known.id, default: known.default, ..told },
                None => object.record_types.push(told),
            }
        }
        if !object.record_types.is_empty() && object.place("RecordTypeId").is_none() {
            all.push(record_types::lookup());
        }
        // What has a master is owned by whoever owns that.
        if object.is_custom() && all.iter().any(is_master) {
            all.retain(|field| field.name != "OwnerId");
        }
        if all.len() > MOST_FIELDS {
            return Err(wrong(format!("{} has {} fields: expected at most {MOST_FIELDS}", name.0, all.len())));
        }
        self.put(object.with_fields(all)).map_err(wrong)
    }

    /// A key prefix that no object has, as custom objects have them.
    fn free_prefix(&mut self) -> &'static str {
        loop {
            let digit = |number: usize| char::from(DIGITS.get(number % 62).copied().unwrap_or(b'0'));
            let first = char::from(b'a' + u8::try_from(self.next_prefix / (62 * 62) % 26).unwrap_or_default());
            let prefix: String = [first, digit(self.next_prefix / 62), digit(self.next_prefix)].iter().collect();
            self.next_prefix += 1;
            if self.objects.iter().all(|object| object.key_prefix != prefix) {
                return intern::text(&prefix);
            }
        }
    }

    /// Lets files hang on records of the objects that the mock does not have of its own.
    fn hang_files(&mut self) {
        let new = self.objects.get(self.own..).unwrap_or_default().iter().filter(|object| !object.is_event());
        let new: Vec<_> = new.map(|object| object.name).collect();
        for (name, field) in LOOKUPS_OF_FILES {
            let place = self.by_name.get(name).filter(|_| !self.described.contains_key(name));
            let Some(object) = place.and_then(|place| self.objects.get_mut(*place)) else { continue };
            let Some(place) = object.place(field) else { continue };
            if let Some(Field { kind: Kind::Reference(lookup), .. }) = object.fields.get_mut(place) {
                lookup.also = intern::list(&[lookup.also, new.as_slice()].concat());
            }
        }
    }

    /// Lets accounts that can be people have the custom fields of contacts, unless a file has described them.
    fn share_custom_fields(&mut self) {
        let place = |name: &str| self.by_name.get(name).copied().filter(|_| !self.described.contains_key(name));
        let (Some(account), Some(contact)) = (place("account"), self.by_name.get("contact")) else { return };
        let (Some(accounts), Some(contacts)) = (self.objects.get(account), self.objects.get(*contact)) else { return };
        let shared = person_accounts::share_custom_fields(contacts, accounts);
        let fields = [accounts.fields.clone(), shared].concat();
        let extended = accounts.clone().with_fields(fields);
        if let Some(accounts) = self.objects.get_mut(account) {
            *accounts = extended;
        }
    }

    /// The objects, their lookups named from the parents' side too.
    fn finish(mut self, children: &[Children]) -> Vec<Object> {
        self.hang_files();
        self.share_custom_fields();
        for told in children {
            let Some(object) =
                self.by_name.get(&told.child.to_lowercase()).and_then(|place| self.objects.get_mut(*place))
            else {
                continue;
            };
            let Some(place) = object.place(told.field) else { continue };
            if let Some(Field { kind: Kind::Reference(lookup), .. }) = object.fields.get_mut(place)
                && lookup.leads_to(told.parent)
            {
                lookup.children = lookup.children.or(told.name);
                lookup.on_delete = match (told.cascades, told.restricts) {
                    (true, _) => OnDelete::Cascade,
                    (false, true) => OnDelete::Restrict,
                    (false, false) => lookup.on_delete,
                };
            }
        }
        self.objects
    }
}

fn is_master(field: &Field) -> bool {
    matches!(&field.kind, Kind::Reference(lookup) if lookup.on_delete == OnDelete::Cascade && field.required)
}
