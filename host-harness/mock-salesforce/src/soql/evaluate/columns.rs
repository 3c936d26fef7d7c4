//! `columns=true`: what a query would return, in place of its records.
//!
//! Source: Tooling API, "Query", `columns`; recorded answers in the tests of Salesforce's command line. `apexType` of other than
//! text and Ids is not verified.

use serde::Serialize;

use super::{super::ast::Select, Context, aggregate, is_aggregate, path::Scope, rows};
use crate::{
    ApiError,
    org::schema::{Field, Kind},
};

/// The columns of a query.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Columns {
    column_metadata: Vec<ColumnMetadata>,
    entity_name: String,
    group_by: bool,
    id_selected: bool,
    key_prefix: Option<String>,
}

/// One of them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ColumnMetadata {
    /// Whether it is a function's or holds records.
    aggregate: bool,
    apex_type: Option<&'static str>,
    boolean_type: bool,
    column_name: String,
    custom: bool,
    display_name: String,
    /// The lookup field that leads to the record whose columns are joined.
    foreign_key_name: Option<&'static str>,
    insertable: bool,
    join_columns: Vec<ColumnMetadata>,
    number_type: bool,
    text_type: bool,
    updatable: bool,
}

impl ColumnMetadata {
    /// A field of a record.
    pub(super) fn field(field: &Field) -> Self {
        Self {
            aggregate: false,
            apex_type: apex_type(&field.kind),
            custom: field.is_custom(),
            insertable: field.writable,
            updatable: field.writable && !field.set_once,
            ..Self::new(field.name.to_owned(), Some(&field.kind))
        }
    }

    /// What a function gives.
    pub(super) fn function(name: &str, kind: &Kind, written: String) -> Self {
        Self { display_name: written, ..Self::new(name.to_owned(), Some(kind)) }
    }

    /// Columns of the record that a lookup leads to.
    pub(super) fn parent(name: &str, lookup: &'static str, join_columns: Vec<Self>) -> Self {
        Self { aggregate: false, foreign_key_name: Some(lookup), join_columns, ..Self::new(name.to_owned(), None) }
    }

    /// Columns of a sub-query.
    pub(super) fn children(name: &str, join_columns: Vec<Self>) -> Self {
        Self { join_columns, ..Self::new(name.to_owned(), None) }
    }

    fn new(name: String, kind: Option<&Kind>) -> Self {
        let is = |apex_types: &[&str]| kind.and_then(apex_type).is_some_and(|known| apex_types.contains(&known));
        Self {
            aggregate: true,
            apex_type: None,
            boolean_type: is(&["Boolean"]),
            column_name: name.clone(),
            custom: false,
            display_name: name,
            foreign_key_name: None,
            insertable: false,
            join_columns: Vec::new(),
            number_type: is(&["Decimal", "Integer"]),
            text_type: is(&["String"]),
            updatable: false,
        }
    }
}

/// The columns of a query.
pub(super) fn columns<'a>(context: Context<'a>, select: &'a Select) -> Result<Columns, ApiError> {
    let object = &Scope::of_object(context, select)?.table.object;
    let column_metadata =
        if is_aggregate(select) { aggregate::columns(context, select)? } else { rows::columns(context, select)? };
    Ok(Columns {
        id_selected: column_metadata.iter().any(|column| column.column_name == "Id"),
        column_metadata,
        entity_name: object.name.to_owned(),
        group_by: !select.group_by.is_empty(),
        key_prefix: Some(object.key_prefix.to_owned()).filter(|prefix| !prefix.is_empty()),
    })
}

fn apex_type(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Id | Kind::Reference(_) => Some("Id"),
        Kind::Text(_) | Kind::LongText(_) | Kind::Email | Kind::Phone | Kind::Url => Some("String"),
        Kind::Picklist { .. } | Kind::MultiPicklist(_) => Some("String"),
        Kind::Boolean => Some("Boolean"),
        Kind::Integer => Some("Integer"),
        Kind::Number { .. } => Some("Decimal"),
        Kind::Date => Some("Date"),
        Kind::DateTime => Some("Datetime"),
        Kind::Time => Some("Time"),
        Kind::Base64 => Some("Blob"),
        Kind::Address | Kind::Location => None,
    }
}
