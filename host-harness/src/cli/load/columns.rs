//! The columns of a CSV file: what each is for, and what JSON its cells become. Texts alone would do for Salesforce in most places,
//! but one cell that it cannot take for a number or a checkbox is the end of all records of its request.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::operation::{Operation, object};

/// What sets a field to null; an empty cell leaves it alone (Bulk API 2.0 Developer Guide, "Valid CSV Record Rows").
const NULL: &str = "#N/A";
/// What names of columns begin with that Salesforce, and `--failed`, write of a row: they are no fields.
pub(super) const TOLD: &str = "sf__";

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
pub(super) struct Columns(Vec<Column>);

/// What is needed of what `describe-object` gives.
#[derive(Deserialize)]
pub(super) struct Described {
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

impl Described {
    /// None if it is something else.
    pub(super) fn of(result: &RawValue) -> Option<Described> {
        serde_json::from_str(result.get()).ok()
    }
}

impl Columns {
    /// What the names in the first row mean.
    ///
    /// # Errors
    /// What was expected of which.
    pub(super) fn of(
        names: &[String],
        operation: &Operation,
        described: Option<&Described>,
    ) -> Result<Columns, String> {
        let mut known = HashSet::new();
        for name in names {
            if name.is_empty() {
                return Err("expected a name for each column, the API name of a field".to_owned());
            }
            if !known.insert(name.to_ascii_lowercase()) {
                return Err(format!("expected each column once, but {name} is there twice"));
            }
        }
        let needed = match operation {
            Operation::Create { .. } => None,
            Operation::Update { .. } | Operation::Delete => Some("Id"),
            Operation::Upsert { external_id, .. } => Some(external_id.as_str()),
        };
        if let Some(needed) = needed.filter(|needed| !known.contains(&needed.to_ascii_lowercase())) {
            return Err(format!("expected a column {needed}"));
        }
        names.iter().map(|name| Column::of(name, operation, described)).collect::<Result<_, _>>().map(Columns)
    }

    /// The members of a row: names, and values as JSON.
    ///
    /// # Errors
    /// What was expected of which column.
    pub(super) fn members<'a>(&self, row: impl Iterator<Item = &'a str>) -> Result<Vec<(&str, String)>, String> {
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
    fn of(name: &str, operation: &Operation, described: Option<&Described>) -> Result<Column, String> {
        let is_id = name.eq_ignore_ascii_case("Id");
        if name.starts_with(TOLD) || *operation == Operation::Delete && !is_id {
            return Ok(Column::Ignored);
        }
        if is_id && !operation.goes_by_id() {
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
        let may_be_set = match operation {
            Operation::Create { .. } => field.createable,
            Operation::Update { .. } | Operation::Delete => field.updateable,
            Operation::Upsert { .. } => field.createable || field.updateable,
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

    fn columns(names: &[&str], operation: &Operation) -> Result<Columns, String> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Columns::of(&names, operation, Some(&described()))
    }

    fn create() -> Operation {
        Operation::Create { object: "Task".to_owned() }
    }

    fn update() -> Operation {
        Operation::Update { object: "Task".to_owned() }
    }

    #[test]
    fn a_cell_becomes_what_its_field_holds() {
        let columns = columns(&["name", "Amount", "Done__c", "Parent.Key__c", "sf__Error"], &create()).unwrap();
        let members = |cells: [&str; 5]| {
            columns
                .members(cells.into_iter())
                .map(|members| object(members.iter().map(|(name, value)| (*name, &**value))))
        };
        let all = r#"{"name":"1.0","Amount":9007199254740993.10,"Done__c":true,"Parent":{"Key__c":"7"}}"#;
        assert_eq!(members(["1.0", "9007199254740993.10", "TRUE", "7", "no"]).unwrap(), all);
        assert_eq!(members(["", "#N/A", "0", "", ""]).unwrap(), r#"{"Amount":null,"Done__c":false}"#);
        for (cells, told) in [
            (["", "1,5", "", "", ""], "column Amount: expected a number such as 1250.5, digits and a point alone"),
            (["", "", "maybe", "", ""], "column Done__c: expected true or false"),
            (["", "", "", "#N/A", ""], "column Parent.Key__c: expected a value: to empty a lookup, name its field"),
        ] {
            assert_eq!(members(cells).unwrap_err(), told);
        }
    }

    #[test]
    fn a_column_that_cannot_be_set_is_told() {
        let upsert = Operation::Upsert { object: "Task".to_owned(), external_id: "Key__c".to_owned() };
        for (names, operation, told) in [
            (&["Name", "NAME"][..], create(), "expected each column once, but NAME is there twice"),
            (&["Name", ""], create(), "expected a name for each column, the API name of a field"),
            (&["Id", "Name"], create(), "expected no column Id: update and delete go by Id"),
            (&["Name"], update(), "expected a column Id"),
            (&["Name"], upsert.clone(), "expected a column Key__c"),
            (&["Nothing"], create(), "column Nothing: expected a field that the user may see"),
            (&["Id", "Key__c"], update(), "column Key__c: expected a field that the user may set"),
            (&["Other.Key__c"], create(), "column Other.Key__c: expected the name of a relationship before the point"),
            (
                &["What.Key__c"],
                create(),
                "column What.Key__c: expected WhatId, for What leads to records of several objects",
            ),
        ] {
            assert_eq!(columns(names, &operation).unwrap_err(), told);
        }
        assert_eq!(columns(&["key__c"], &upsert).unwrap().0, [Column::Field("key__c".to_owned(), Kind::Text)]);
        let of_a_query = columns(&["Name", "ID", "Whatever"], &Operation::Delete).unwrap().0;
        assert_eq!(of_a_query, [Column::Ignored, Column::Field("ID".to_owned(), Kind::Text), Column::Ignored]);
    }
}
