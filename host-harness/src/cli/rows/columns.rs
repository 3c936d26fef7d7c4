//! The columns of a CSV file: what each is for, and what JSON its cells become. Texts alone would do for Salesforce in most places,
//! but one cell that it cannot take for a number or a checkbox is the end of all records of its request.

use std::collections::HashSet;

use salesforce_actions::Call;
use serde::Deserialize;
use serde_json::json;

use super::super::action::{Caller, actions};
use super::super::failure::Failure;
use super::object;

/// What sets a field to null; an empty cell leaves it alone (Bulk API 2.0 Developer Guide, "Valid CSV Record Rows").
pub(crate) const NULL: &str = "#N/A";
/// What names of columns begin with that Salesforce, and `--failed`, write of a row: they are no fields.
pub(crate) const TOLD: &str = "sf__";

/// What rows are for, as far as it decides which columns they may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose<'a> {
    Create,
    Update,
    /// By this external Id.
    Upsert(&'a str),
    Delete,
}

/// What a column is for.
#[derive(Debug, PartialEq, Eq)]
enum Column {
    /// Nothing.
    Ignored,
    /// A field, or the Id.
    Field(String, Kind),
    /// A record that a lookup leads to, by the value of an external Id: `Parent.ERP_Id__c`.
    Lookup { relationship: String, field: String },
}

/// What JSON a cell becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Checkbox,
}

/// All columns of a file.
#[derive(Debug)]
pub(crate) struct Columns(Vec<Column>);

/// What is needed of what `describe-object` gives.
#[derive(Deserialize)]
pub(crate) struct Described {
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    createable: bool,
    updateable: bool,
    relationship_name: Option<String>,
    polymorphic_foreign_key: bool,
}

impl<'a> Purpose<'a> {
    /// Whether rows name their record by its Id.
    pub(crate) fn goes_by_id(self) -> bool {
        matches!(self, Purpose::Update | Purpose::Delete)
    }

    /// The column that names the record of a row.
    pub(crate) fn key(self) -> Option<&'a str> {
        match self {
            Purpose::Create => None,
            Purpose::Update | Purpose::Delete => Some("Id"),
            Purpose::Upsert(external_id) => Some(external_id),
        }
    }
}

impl Described {
    /// Asks the org.
    ///
    /// # Errors
    /// The call, or its result is something else.
    pub(crate) async fn ask(caller: &Caller<'_>, object: &str) -> Result<Described, Failure> {
        let call = Call::parse(actions(), "describe-object", &json!({ "object": object }).to_string());
        let call = call.map_err(|error| Failure::Usage(error.to_string()))?;
        let described = caller.json(&call, None).await?;
        let wrong = |_| Failure::Local("describe-object gave another result".to_owned());
        serde_json::from_str(described.get()).map_err(wrong)
    }
}

impl Columns {
    /// What the names in the first row mean.
    ///
    /// # Errors
    /// What was expected of which.
    pub(crate) fn of(names: &[String], purpose: Purpose<'_>, described: Option<&Described>) -> Result<Columns, String> {
        let mut known = HashSet::new();
        for name in names {
            if name.is_empty() {
                return Err("expected a name for each column, the API name of a field".to_owned());
            }
            if !known.insert(name.to_ascii_lowercase()) {
                return Err(format!("expected each column once, but {name} is there twice"));
            }
        }
        if let Some(needed) = purpose.key().filter(|needed| !known.contains(&needed.to_ascii_lowercase())) {
            return Err(format!("expected a column {needed}"));
        }
        names.iter().map(|name| Column::of(name, purpose, described)).collect::<Result<_, _>>().map(Columns)
    }

    /// Of each column, whether anything is done with it.
    pub(crate) fn are_used(&self) -> impl Iterator<Item = bool> {
        self.0.iter().map(|column| *column != Column::Ignored)
    }

    /// The members of a row: names, and values as JSON.
    ///
    /// # Errors
    /// What was expected of which column.
    pub(crate) fn members<'a>(&self, row: impl Iterator<Item = &'a str>) -> Result<Vec<(&str, String)>, String> {
        let mut members = Vec::new();
        for (column, cell) in self.0.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
            match column {
                Column::Ignored => {}
                Column::Field(name, _) if cell == NULL => members.push((name.as_str(), "null".to_owned())),
                Column::Field(name, kind) => {
                    let value =
                        kind.json(cell).ok_or_else(|| format!("column {name}: expected {}", kind.expected()))?;
                    members.push((name.as_str(), value));
                }
                Column::Lookup { relationship, field } if cell == NULL => {
                    let words = "expected a value: to empty a lookup, name its field";
                    return Err(format!("column {relationship}.{field}: {words}"));
                }
                Column::Lookup { relationship, field } => {
                    members.push((relationship.as_str(), object([(field.as_str(), &*json!(cell).to_string())])));
                }
            }
        }
        Ok(members)
    }
}

impl Column {
    fn of(name: &str, purpose: Purpose<'_>, described: Option<&Described>) -> Result<Column, String> {
        let is_id = name.eq_ignore_ascii_case("Id");
        if purpose == Purpose::Delete && !is_id {
            return Ok(Column::Ignored);
        }
        if is_id && !purpose.goes_by_id() {
            return Err("expected no column Id: update and delete go by Id".to_owned());
        }
        let (Some(described), false) = (described, is_id) else {
            return Ok(Column::Field(name.to_owned(), Kind::Text));
        };
        if let Some((relationship, field)) = name.split_once('.') {
            let is_lookup = |known: &&Field| known.relationship_name.as_deref() == Some(relationship);
            return match described.fields.iter().find(is_lookup) {
                Some(lookup) if !lookup.polymorphic_foreign_key => {
                    Ok(Column::Lookup { relationship: relationship.to_owned(), field: field.to_owned() })
                }
                Some(lookup) => Err(format!(
                    "column {name}: expected {}, for {relationship} leads to records of several objects",
                    lookup.name
                )),
                None => Err(format!("column {name}: expected the name of a relationship before the point")),
            };
        }
        let field = described.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name));
        let Some(field) = field else { return Err(format!("column {name}: expected a field that the user may see")) };
        let may_be_set = match purpose {
            Purpose::Create => field.createable,
            Purpose::Update | Purpose::Delete => field.updateable,
            Purpose::Upsert(_) => field.createable || field.updateable,
        };
        if !may_be_set {
            return Err(format!("column {name}: expected a field that the user may set"));
        }
        Ok(Column::Field(name.to_owned(), Kind::of(&field.kind)))
    }
}

impl Kind {
    /// Of a type as Salesforce names it.
    fn of(name: &str) -> Kind {
        match name {
            "int" | "long" | "double" | "currency" | "percent" => Kind::Number,
            "boolean" => Kind::Checkbox,
            _ => Kind::Text,
        }
    }

    fn json(self, cell: &str) -> Option<String> {
        match self {
            Kind::Text => Some(json!(cell).to_string()),
            Kind::Number => serde_json::from_str::<serde_json::Number>(cell).ok().map(|_| cell.trim().to_owned()),
            Kind::Checkbox => {
                let is = |words: [&str; 2]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
                if is(["true", "1"]) {
                    return Some("true".to_owned());
                }
                is(["false", "0"]).then(|| "false".to_owned())
            }
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Kind::Text => "a text",
            Kind::Number => "a number such as 1250.5, digits and a point alone",
            Kind::Checkbox => "true or false",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described() -> Described {
        let field = |name: &str, kind: &str, relationship: Option<&str>| {
            json!({"name": name, "type": kind, "createable": true, "updateable": name != "Key__c",
                "relationship_name": relationship, "polymorphic_foreign_key": name == "WhatId"})
        };
        let fields = [
            field("Name", "string", None),
            field("Amount", "currency", None),
            field("Done__c", "boolean", None),
            field("Key__c", "string", None),
            field("ParentId", "reference", Some("Parent")),
            field("WhatId", "reference", Some("What")),
        ];
        serde_json::from_value(json!({ "fields": fields })).unwrap()
    }

    fn columns(names: &[&str], purpose: Purpose<'_>) -> Result<Columns, String> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Columns::of(&names, purpose, Some(&described()))
    }

    #[test]
    fn a_cell_becomes_what_its_field_holds() {
        let columns = columns(&["name", "Amount", "Done__c", "Parent.Key__c"], Purpose::Create).unwrap();
        let members = |cells: [&str; 4]| {
            columns
                .members(cells.into_iter())
                .map(|members| object(members.iter().map(|(name, value)| (*name, &**value))))
        };
        let all = r#"{"name":"1.0","Amount":9007199254740993.10,"Done__c":true,"Parent":{"Key__c":"7"}}"#;
        assert_eq!(members(["1.0", "9007199254740993.10", "TRUE", "7"]).unwrap(), all);
        assert_eq!(members(["", "#N/A", "0", ""]).unwrap(), r#"{"Amount":null,"Done__c":false}"#);
        for (cells, told) in [
            (["", "1,5", "", ""], "column Amount: expected a number such as 1250.5, digits and a point alone"),
            (["", "", "maybe", ""], "column Done__c: expected true or false"),
            (["", "", "", "#N/A"], "column Parent.Key__c: expected a value: to empty a lookup, name its field"),
        ] {
            assert_eq!(members(cells).unwrap_err(), told);
        }
    }

    #[test]
    fn a_column_that_cannot_be_set_is_told() {
        let upsert = Purpose::Upsert("Key__c");
        for (names, purpose, told) in [
            (&["Name", "NAME"][..], Purpose::Create, "expected each column once, but NAME is there twice"),
            (&["Name", ""], Purpose::Create, "expected a name for each column, the API name of a field"),
            (&["Id", "Name"], Purpose::Create, "expected no column Id: update and delete go by Id"),
            (&["Name"], Purpose::Update, "expected a column Id"),
            (&["Name"], upsert, "expected a column Key__c"),
            (&["Nothing"], Purpose::Create, "column Nothing: expected a field that the user may see"),
            (&["Id", "Key__c"], Purpose::Update, "column Key__c: expected a field that the user may set"),
            (
                &["Other.Key__c"],
                Purpose::Create,
                "column Other.Key__c: expected the name of a relationship before the point",
            ),
            (
                &["What.Key__c"],
                Purpose::Create,
                "column What.Key__c: expected WhatId, for What leads to records of several objects",
            ),
        ] {
            assert_eq!(columns(names, purpose).unwrap_err(), told);
        }
        assert_eq!(columns(&["key__c"], upsert).unwrap().0, [Column::Field("key__c".to_owned(), Kind::Text)]);
        let of_a_query = columns(&["Name", "ID", "Whatever"], Purpose::Delete).unwrap().0;
        assert_eq!(of_a_query, [Column::Ignored, Column::Field("ID".to_owned(), Kind::Text), Column::Ignored]);
    }
}
