//! Object files of a Salesforce DX project: `objects/X/X.object-meta.xml` and `objects/X/fields/Y.field-meta.xml`.
//!
//! Source: Metadata API Developer Guide, "CustomObject", "CustomField", "ValueSet".

use std::path::Path;

use roxmltree::Node;

use super::name::{ApiName, Label};
use super::value_sets::{ValueSets, Values};
use super::xml::{child, children, is_true, text};
use super::{FileError, Source};
use crate::org::schema::{AutoNumber, Dependency, Field, Kind, Labels, Lookup, OnDelete, RecordType, Unit, intern};
use crate::org::value::parse_number;

pub(super) const OBJECT_FILE: &str = ".object-meta.xml";
pub(super) const FIELD_FILE: &str = ".field-meta.xml";
pub(super) const RECORD_TYPE_FILE: &str = ".recordType-meta.xml";

/// What no field is longer than.
const LONGEST_TEXT: usize = 131_072;

/// What no number of a record begins with.
const HIGHEST_NUMBER: usize = 1_000_000_000;

/// Whose values a custom setting has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// The org's, by name.
    List,
    /// The org's, a profile's or a user's.
    Hierarchy,
}

/// What a file of a project tells of one object.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) object: ApiName,
    pub(super) label: Option<Label>,
    pub(super) plural: Option<Label>,
    pub(super) name_field: Option<Field>,
    /// Whether it is a custom setting, and one with a value for each user or profile.
    pub(super) custom_setting: Option<Setting>,
    /// Custom fields, compound ones after their parts.
    pub(super) fields: Vec<Field>,
    pub(super) record_types: Vec<RecordType>,
}

/// Reads a file of either kind, given the value sets that its fields may name.
pub(super) fn read(source: &Source, value_sets: &ValueSets) -> Result<Told, FileError> {
    let is_field = source.has_name(FIELD_FILE);
    let is_record_type = source.has_name(RECORD_TYPE_FILE);
    let root = match (is_field, is_record_type) {
        (true, _) => "CustomField",
        (_, true) => "RecordType",
        _ => "CustomObject",
    };
    let document = source.document(root)?;
    let file = File { source, value_sets, object: object_of(source)? };
    let root = document.root_element();
    if !is_field && !is_record_type {
        return file.object(root);
    }
    let fields = if is_field { file.fields(root)? } else { Vec::new() };
    let record_types = if is_record_type { vec![file.record_type(root)?] } else { Vec::new() };
    Ok(Told {
        object: file.object,
        label: None,
        plural: None,
        name_field: None,
        custom_setting: None,
        fields,
        record_types,
    })
}

/// The object that a path is about: the folder that its file, or the folder `fields` of its file, is in.
fn object_of(source: &Source) -> Result<ApiName, FileError> {
    let parts = if source.has_name(RECORD_TYPE_FILE) { "recordTypes" } else { "fields" };
    let folder = source.path.parent().filter(|folder| source.has_name(OBJECT_FILE) || is_called(folder, parts));
    let folder = if source.has_name(OBJECT_FILE) { folder } else { folder.and_then(Path::parent) };
    let name = folder.and_then(Path::file_name).and_then(|name| name.to_str());
    let name = name.ok_or_else(|| {
        FileError::of_file(
            &source.path,
            format!(
                "expected a path like objects/X/{parts}/Y{}",
                if parts == "fields" { FIELD_FILE } else { RECORD_TYPE_FILE }
            ),
        )
    })?;
    ApiName::parse(name).map_err(|problem| FileError::of_file(&source.path, problem))
}

fn is_called(folder: &Path, name: &str) -> bool {
    folder.file_name().is_some_and(|known| known == name)
}

struct File<'a> {
    source: &'a Source,
    value_sets: &'a ValueSets,
    object: ApiName,
}

impl File<'_> {
    fn error(&self, node: Node<'_, '_>, problem: impl Into<String>) -> FileError {
        self.source.error_at(node, problem)
    }

    fn object(&self, root: Node<'_, '_>) -> Result<Told, FileError> {
        let label = text(root, "label").map(Label::new);
        let plural = text(root, "pluralLabel").map(Label::new);
        let name_field = child(root, "nameField").map(|node| self.name_field(node)).transpose()?;
        let mut fields = Vec::new();
        for node in children(root, "fields") {
            fields.extend(self.fields(node)?);
        }
        let record_types =
            children(root, "recordTypes").map(|node| self.record_type(node)).collect::<Result<_, _>>()?;
        let custom_setting = match text(root, "customSettingsType") {
            Some("List") => Some(Setting::List),
            Some(_) => Some(Setting::Hierarchy),
            None => None,
        };
        Ok(Told { object: self.object, label, plural, name_field, custom_setting, fields, record_types })
    }

    fn record_type(&self, node: Node<'_, '_>) -> Result<RecordType, FileError> {
        let name = text(node, "fullName").ok_or_else(|| self.error(node, "expected <fullName>"))?;
        let developer_name = ApiName::parse(name).map_err(|problem| self.error(node, problem))?.0;
        let name = text(node, "label").map_or(developer_name, |label| Label::new(label).0);
        let active = text(node, "active") != Some("false");
        Ok(RecordType { id: None, developer_name, name, active, default: false })
    }

    /// What people call a custom object's records by.
    fn name_field(&self, node: Node<'_, '_>) -> Result<Field, FileError> {
        let label = text(node, "label").map_or("Name", |label| Label::new(label).0);
        let field = Field::new("Name", label, Kind::Text(80)).name_field().id_lookup();
        match text(node, "type") {
            Some("AutoNumber") => Ok(field.auto_number(self.auto_number(node)?)),
            Some("Text") | None => Ok(field),
            Some(other) => Err(self.error(node, format!("name field of type {other}: expected Text or AutoNumber"))),
        }
    }

    fn auto_number(&self, node: Node<'_, '_>) -> Result<AutoNumber, FileError> {
        let format = text(node, "displayFormat").unwrap_or("{0}");
        let start = self.number(node, "startingNumber", HIGHEST_NUMBER)?.unwrap_or(1);
        Ok(AutoNumber::new(Label::new(format).0, u64::try_from(start).unwrap_or(1)))
    }

    /// The field that an element declares, and the parts of a compound one.
    fn fields(&self, node: Node<'_, '_>) -> Result<Vec<Field>, FileError> {
        let name = text(node, "fullName").ok_or_else(|| self.error(node, "expected <fullName>"))?;
        let name = ApiName::parse(name).map_err(|problem| self.error(node, problem))?.0;
        // Of a standard field a project tells a few settings, and no type that could be relied on.
        if !name.ends_with("__c") {
            return Ok(Vec::new());
        }
        let label = text(node, "label").map_or(name, |label| Label::new(label).0);
        let type_name = text(node, "type").ok_or_else(|| self.error(node, format!("{name}: expected <type>")))?;
        let (kind, described_as) = self.kind(node, name, type_name)?;
        let is_calculated = child(node, "formula").is_some() || type_name == "Summary";
        let is_detail = type_name == "MasterDetail";
        let default = match &kind {
            Kind::Boolean => is_true(node, "defaultValue").then_some("true"),
            Kind::Picklist { .. } => self.values(node)?.and_then(|(values, _)| values.default),
            Kind::Integer | Kind::Number { .. } if !is_calculated => {
                let literal = text(node, "defaultValue").filter(|text| parse_number(text).is_some());
                literal.map(intern::text)
            }
            _ => None,
        };
        let controller = child(node, "valueSet").and_then(|set| text(set, "controllingField"));
        let controller = controller.map(|name| ApiName::parse(name).map_err(|problem| self.error(node, problem)));
        let labels = self.values(node)?.map_or(Labels::default(), |(values, _)| values.labels);
        let is_auto_number = type_name == "AutoNumber";
        let is_own = matches!(kind, Kind::Boolean);
        let parts = parts(name, label, &kind);
        let field = Field {
            required: is_own || is_detail || is_true(node, "required"),
            writable: !is_calculated && !kind.is_compound(),
            set_once: is_detail && !is_true(node, "reparentableMasterDetail"),
            external_id: is_true(node, "externalId"),
            unique: is_true(node, "unique"),
            case_sensitive: is_true(node, "caseSensitive"),
            calculated: is_calculated,
            default,
            controller: controller.transpose()?.map(|name| name.0),
            dependency: dependency(node),
            labels,
            described_as,
            ..Field::new(name, label, kind)
        };
        let field = if is_auto_number { field.auto_number(self.auto_number(node)?) } else { field };
        Ok(parts.into_iter().chain([field]).collect())
    }

    fn kind(&self, node: Node<'_, '_>, name: &str, type_name: &str) -> Result<(Kind, Option<&'static str>), FileError> {
        let unit = |unit| {
            let precision = self.number(node, "precision", 28)?.unwrap_or(18);
            let scale = self.number(node, "scale", precision)?.unwrap_or(0);
            let (precision, scale) = (u32::try_from(precision).unwrap_or(18), u32::try_from(scale).unwrap_or(0));
            Ok(Kind::Number { unit, precision, scale })
        };
        let length = |usual| Ok(self.number(node, "length", LONGEST_TEXT)?.unwrap_or(usual));
        let kind = match type_name {
            "Text" => Kind::Text(length(255)?),
            "TextArea" => return Ok((Kind::Text(255), Some("textarea"))),
            "LongTextArea" | "Html" => Kind::LongText(length(32_768)?),
            "EncryptedText" => return Ok((Kind::Text(length(175)?), Some("encryptedstring"))),
            "AutoNumber" => Kind::Text(30),
            "Email" => Kind::Email,
            "Phone" => Kind::Phone,
            "Url" => Kind::Url,
            "Checkbox" => Kind::Boolean,
            "Number" => unit(Unit::Plain)?,
            "Summary" => Kind::Number { unit: Unit::Plain, precision: 18, scale: 2 },
            "Currency" => unit(Unit::Currency)?,
            "Percent" => unit(Unit::Percent)?,
            "Date" => Kind::Date,
            "DateTime" => Kind::DateTime,
            "Time" => Kind::Time,
            "Location" => Kind::Location,
            "Address" => Kind::Address,
            "Picklist" => match self.values(node)? {
                Some((Values { values, .. }, restricted)) => Kind::Picklist { values, restricted },
                None => Kind::Picklist { values: &[], restricted: false },
            },
            // Chosen values are always held against the list, so an unknown list is text.
            "MultiselectPicklist" => match self.values(node)? {
                Some((Values { values, .. }, _)) => Kind::MultiPicklist(values),
                None => return Ok((Kind::Text(4099), Some("multipicklist"))),
            },
            "Lookup" | "MasterDetail" | "Hierarchy" => Kind::Reference(self.lookup(node, name, type_name)?),
            "ExternalLookup" | "IndirectLookup" | "MetadataRelationship" => {
                return Ok((Kind::Text(255), Some("reference")));
            }
            "File" => Kind::Base64,
            unknown => {
                let shown: String = unknown.chars().take(40).collect();
                let problem = format!(
                    "{name}: type {shown:?}: expected a field type of the Metadata API, such as Text or Lookup"
                );
                return Err(self.error(child(node, "type").unwrap_or(node), problem));
            }
        };
        Ok((kind, None))
    }

    fn lookup(&self, node: Node<'_, '_>, name: &str, type_name: &str) -> Result<Lookup, FileError> {
        let to = match (text(node, "referenceTo"), type_name) {
            (Some(to), _) => ApiName::parse(to).map_err(|problem| self.error(node, problem))?,
            (None, "Hierarchy") => ApiName("User"),
            (None, _) => return Err(self.error(node, format!("{name}: expected <referenceTo>"))),
        };
        let relationship = |text: &str| intern::text(&format!("{text}__r"));
        let children = text(node, "relationshipName").map(|name| {
            ApiName::parse(name).map(|name| relationship(name.0)).map_err(|problem| self.error(node, problem))
        });
        let on_delete = match (type_name, text(node, "deleteConstraint")) {
            ("MasterDetail", _) | (_, Some("Cascade")) => OnDelete::Cascade,
            (_, Some("Restrict")) => OnDelete::Restrict,
            _ => OnDelete::Clear,
        };
        let own = relationship(name.strip_suffix("__c").unwrap_or(name));
        Ok(Lookup { children: children.transpose()?, on_delete, ..Lookup::new(to.0, own) })
    }

    /// The values of a picklist, and whether others are refused. None if they are those of a value set that no file tells.
    fn values(&self, node: Node<'_, '_>) -> Result<Option<(Values, bool)>, FileError> {
        let Some(set) = child(node, "valueSet") else { return Ok(None) };
        let values = match (child(set, "valueSetDefinition"), text(set, "valueSetName")) {
            (Some(definition), _) => Some(Values::read(self.source, definition, "value")?),
            (None, Some(name)) => self.value_sets.find(name).cloned(),
            (None, None) => None,
        };
        Ok(values.map(|values| (values, is_true(set, "restricted"))))
    }

    fn number(&self, node: Node<'_, '_>, name: &str, most: usize) -> Result<Option<usize>, FileError> {
        let Some(found) = child(node, name) else { return Ok(None) };
        let text = found.text().unwrap_or_default().trim();
        match text.parse() {
            Ok(number) if number <= most => Ok(Some(number)),
            _ => Err(self.error(found, format!("<{name}>{text}</{name}>: expected a whole number up to {most}"))),
        }
    }
}

/// Which values of a dependent picklist can be chosen with which values of its controlling field.
fn dependency(field: Node<'_, '_>) -> Dependency {
    let settings = child(field, "valueSet").into_iter().flat_map(|set| children(set, "valueSettings"));
    Dependency::new(settings.flat_map(|setting| {
        let value = text(setting, "valueName").map(|value| Label::new(value).0);
        let controlling = children(setting, "controllingFieldValue").filter_map(|value| value.text());
        let controlling: Vec<_> = controlling.map(|value| Label::new(value.trim()).0).collect();
        value.into_iter().flat_map(move |value| controlling.clone().into_iter().map(move |with| (value, with)))
    }))
}

/// The fields that a compound one is made of.
fn parts(name: &'static str, label: &'static str, kind: &Kind) -> Vec<Field> {
    let degrees = || Kind::Number { unit: Unit::Plain, precision: 18, scale: 15 };
    let parts: Vec<(&str, Kind)> = match kind {
        Kind::Location => vec![("Latitude", degrees()), ("Longitude", degrees())],
        Kind::Address => vec![
            ("Street", Kind::Text(255)),
            ("City", Kind::Text(40)),
            ("PostalCode", Kind::Text(20)),
            ("StateCode", Kind::Text(10)),
            ("CountryCode", Kind::Text(10)),
            ("Latitude", degrees()),
            ("Longitude", degrees()),
            ("GeocodeAccuracy", Kind::Text(40)),
        ],
        _ => Vec::new(),
    };
    let stem = name.strip_suffix("__c").unwrap_or(name);
    let part = |(part, kind): (&str, Kind)| Field {
        part_of: Some(name),
        ..Field::new(intern::text(&format!("{stem}__{part}__s")), intern::text(&format!("{label} ({part})")), kind)
    };
    parts.into_iter().map(part).collect()
}
