//! Values of picklists: those that a field has to itself, and those of a project's value sets,
//! `globalValueSets/X.globalValueSet-meta.xml` and `standardValueSets/X.standardValueSet-meta.xml`.
//!
//! Source: Metadata API Developer Guide, "GlobalValueSet", "StandardValueSet", "StandardValueSet Names and Standard Picklist
//! Fields", "CustomValue", "StandardValue".

use std::collections::BTreeMap;
use std::path::PathBuf;

use roxmltree::Node;

use super::name::Label;
use super::object::MOST_VALUES;
use super::xml::{children, is_true, text};
use super::{FileError, Source};
use crate::org::schema::{Field, Kind, Labels, ValueMeaning, intern};

pub(super) const GLOBAL_FILE: &str = ".globalValueSet-meta.xml";
pub(super) const STANDARD_FILE: &str = ".standardValueSet-meta.xml";

/// The forecast categories beside `Pipeline`.
const FORECASTS: [&str; 5] = ["BestCase", "Closed", "Forecast", "MostLikely", "Omitted"];

/// The standard fields, of the objects that the mock has of its own, whose values a standard set tells.
const STANDARD_FIELDS: &[(&str, &[(&str, &str)])] = &[
    ("AccountOwnership", &[("Account", "Ownership")]),
    ("AccountRating", &[("Account", "Rating"), ("Lead", "Rating")]),
    ("AccountType", &[("Account", "Type")]),
    ("CampaignMemberStatus", &[("CampaignMember", "Status")]),
    ("CampaignStatus", &[("Campaign", "Status")]),
    ("CampaignType", &[("Campaign", "Type")]),
    ("CaseOrigin", &[("Case", "Origin")]),
    ("CasePriority", &[("Case", "Priority")]),
    ("CaseReason", &[("Case", "Reason")]),
    ("CaseStatus", &[("Case", "Status")]),
    ("CaseType", &[("Case", "Type")]),
    ("EventSubject", &[("Event", "Subject")]),
    ("EventType", &[("Event", "Type")]),
    ("Industry", &[("Account", "Industry"), ("Lead", "Industry")]),
    (
        "LeadSource",
        &[
            ("Account", "AccountSource"),
            ("Account", "PersonLeadSource"),
            ("CampaignMember", "LeadSource"),
            ("Contact", "LeadSource"),
            ("Lead", "LeadSource"),
            ("Opportunity", "LeadSource"),
        ],
    ),
    ("LeadStatus", &[("Lead", "Status")]),
    ("OpportunityStage", &[("Opportunity", "StageName")]),
    ("OpportunityType", &[("Opportunity", "Type")]),
    ("Product2Family", &[("Product2", "Family")]),
    (
        "Salutation",
        &[
            ("Account", "Salutation"),
            ("CampaignMember", "Salutation"),
            ("Contact", "Salutation"),
            ("Lead", "Salutation"),
        ],
    ),
    ("TaskPriority", &[("Task", "Priority")]),
    ("TaskStatus", &[("Task", "Status")]),
    ("TaskSubject", &[("Task", "Subject")]),
    ("TaskType", &[("Task", "Type")]),
];

/// Values to choose from.
#[derive(Debug, Clone)]
pub(super) struct Values {
    pub(super) values: &'static [&'static str],
    pub(super) default: Option<&'static str>,
    pub(super) labels: Labels,
    meanings: Vec<ValueMeaning>,
}

impl Values {
    /// The active ones among the values that an element has under this name.
    pub(super) fn read(source: &Source, node: Node<'_, '_>, name: &str) -> Result<Self, FileError> {
        let (mut names, mut labels) = (Vec::new(), Vec::new());
        let (mut default, mut meanings) = (None, Vec::new());
        for value in children(node, name).filter(|value| text(*value, "isActive") != Some("false")) {
            let Some(full_name) = text(value, "fullName") else {
                return Err(source.error_at(value, format!("<{name}>: expected <fullName>")));
            };
            let full_name = Label::new(full_name).0;
            names.push(full_name);
            labels.push((full_name, text(value, "label").map_or(full_name, |label| Label::new(label).0)));
            default = default.or(is_true(value, "default").then_some(full_name));
            let forecast = text(value, "forecastCategory");
            let forecast = FORECASTS.iter().copied().find(|category| forecast == Some(category));
            meanings.push(ValueMeaning {
                value: full_name,
                closed: is_true(value, "closed"),
                won: is_true(value, "won"),
                high_priority: is_true(value, "highPriority"),
                forecast,
                probability: text(value, "probability")
                    .and_then(|percent| percent.parse().ok())
                    .filter(|it| *it <= 100),
            });
        }
        if names.len() > MOST_VALUES {
            let problem = format!("{} values: expected at most {MOST_VALUES}", names.len());
            return Err(source.error_at(node, problem));
        }
        Ok(Self { values: intern::list(&names), default, labels: Labels::new(labels), meanings })
    }

    /// Puts the values in the place of those that a standard field has. It stays restricted or not.
    fn apply(&self, field: &mut Field) {
        if let Kind::Picklist { values, .. } = &mut field.kind {
            *values = self.values;
            field.default = self.default;
            field.labels = self.labels;
            field.meanings = Some(self.meanings.as_slice().into());
        }
    }
}

/// The value sets of a project, by name.
#[derive(Debug, Default)]
pub(super) struct ValueSets {
    global: BTreeMap<String, (PathBuf, Values)>,
    standard: BTreeMap<String, (PathBuf, Values)>,
}

impl ValueSets {
    /// Reads those of the files that are value sets.
    pub(super) fn read<'a>(sources: impl Iterator<Item = &'a Source>) -> Result<Self, FileError> {
        let mut sets = Self::default();
        for source in sources {
            for (of_kind, ending, root, value) in [
                (&mut sets.global, GLOBAL_FILE, "GlobalValueSet", "customValue"),
                (&mut sets.standard, STANDARD_FILE, "StandardValueSet", "standardValue"),
            ] {
                let name = source.path.file_name().and_then(|name| name.to_str());
                let Some(name) = name.and_then(|name| name.strip_suffix(ending)) else { continue };
                let values = Values::read(source, source.document(root)?.root_element(), value)?;
                if let Some((other, _)) = of_kind.insert(name.to_owned(), (source.path.clone(), values)) {
                    let problem = format!("the value set {name} is told already, in {}", other.display());
                    return Err(FileError::of_file(&source.path, problem));
                }
            }
        }
        Ok(sets)
    }

    /// The set that a custom field names.
    pub(super) fn find(&self, name: &str) -> Option<&Values> {
        self.global.get(name).or_else(|| self.standard.get(name)).map(|(_, values)| values)
    }

    /// Gives the standard fields of an object the values of their sets. Those that a describe answer told of stay as they are.
    pub(super) fn apply(&self, object: &str, fields: &mut [Field]) {
        for (name, places) in STANDARD_FIELDS {
            let Some((_, values)) = self.standard.get(*name) else { continue };
            for (_, name) in places.iter().filter(|(of, _)| *of == object) {
                let found = fields.iter_mut().find(|field| field.name == *name && field.described.is_none());
                found.into_iter().for_each(|field| values.apply(field));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::Schema;

    #[test]
    fn every_standard_field_is_a_picklist_of_the_mock() {
        let objects = Schema::standard(true).into_objects();
        for (set, places) in STANDARD_FIELDS {
            for (object, field) in *places {
                let found = objects.iter().find(|known| known.name == *object).and_then(|object| object.field(field));
                let is_choice = found.is_some_and(|(_, field)| matches!(field.kind, Kind::Picklist { .. }));
                assert!(is_choice, "{set}: {object}.{field}");
            }
        }
    }
}
