//! Evaluation against the seeded org, on a clock that stands still.

mod aggregates;
mod conditions;
mod dates;
mod functions;
mod ordering;
mod records;
mod refusals;
mod relationships;
mod subtotals;

use std::{collections::HashMap, sync::LazyLock};

use serde_json::Value as Json;

use crate::{
    ApiError,
    org::{
        Org, Record,
        table::{Row, Table},
    },
    soql::{self, QueryOptions, QueryRows},
};

fn org() -> Org {
    Org::seeded("2026-06-15T12:00:00Z".parse().unwrap())
}

fn try_query(org: &Org, soql: &str) -> Result<QueryRows, ApiError> {
    soql::evaluate(
        org,
        &soql::parse(soql)?,
        &QueryOptions { include_deleted: false, version: "v60.0", user_id: "0055g0000000000" },
    )
}

fn query(org: &Org, soql: &str) -> Vec<Json> {
    try_query(org, soql).unwrap_or_else(|error| panic!("{soql}: {}", error.message)).records
}

fn query_all(org: &Org, soql: &str) -> Vec<Json> {
    let query = soql::parse(soql).unwrap();
    soql::evaluate(org, &query, &QueryOptions { include_deleted: true, version: "v60.0", user_id: "0055g0000000000" })
        .unwrap()
        .records
}

/// One member of every record.
fn column(records: &[Json], name: &str) -> Vec<Json> {
    records.iter().map(|record| record.get(name).unwrap_or_else(|| panic!("{record} has no {name}")).clone()).collect()
}

/// Every live record of an object at the start, with all its fields, found without any query.
fn table(object: &str) -> &'static [Record] {
    static TABLES: LazyLock<HashMap<&str, Vec<Record>>> = LazyLock::new(|| {
        let org = org();
        let names = org.objects().map(|object| object.name).collect::<Vec<_>>();
        names.into_iter().map(|object| (object, records(org.table(object).unwrap()))).collect()
    });
    &TABLES[object]
}

fn records(table: &Table) -> Vec<Record> {
    let record = |row: &Row| {
        let fields = table.object.fields.iter().enumerate();
        fields.map(|(place, field)| (field.name.to_owned(), row.value(place).to_json())).collect()
    };
    table.rows().iter().filter(|row| !row.deleted).map(record).collect()
}

/// A condition finds exactly the records that a test of their fields finds, in the order of their making: some of
/// them, and not all.
fn assert_finds(org: &Org, object: &str, condition: &str, is_right: &dyn Fn(&Record) -> bool) {
    let all = table(object);
    let expected: Vec<_> = all.iter().filter(|record| is_right(record)).map(|record| record["Id"].clone()).collect();
    let soql = format!("SELECT Id FROM {object} WHERE {condition}");
    assert_eq!(column(&query(org, &soql), "Id"), expected, "{soql}");
    assert!(!expected.is_empty() && expected.len() < all.len(), "{soql}: finds {} of {}", expected.len(), all.len());
}
