//! Plans: they find what a look at every record finds, in the same order, and look at fewer.

use serde_json::json;

use super::*;
use crate::{
    org::{EPOCH, Org, WriteOptions, files::Source, value::Value},
    soql::{
        self, QueryOptions,
        evaluate::{Context, plan::LOOKED_AT},
    },
};

/// What a query finds along its plan and by a look at every record, and how many records the plan looked at.
fn found(org: &Org, soql: &str, include_deleted: bool) -> (Vec<RecordId>, Vec<RecordId>, usize) {
    let query = soql::parse(soql).unwrap_or_else(|error| panic!("{soql}: {}", error.message));
    let options = QueryOptions { include_deleted, version: "v60.0", user_id: "0055g0000000000" };
    let context = Context { org, source: &query.source, options };
    let scope = Scope::of_object(context, &query.select).unwrap();
    let selection =
        Selection::compile(scope, &query.select, true).unwrap_or_else(|error| panic!("{soql}: {}", error.message));
    let ids = |rows: Vec<&Row>| rows.into_iter().map(|row| row.id).collect();
    LOOKED_AT.set(0);
    let planned = ids(selection.rows());
    let looked_at = LOOKED_AT.get();
    let all = scope.table.rows().iter().filter(|row| takes(selection.filter.as_ref(), include_deleted, row));
    (planned, ids(selection.arrange(all.collect())), looked_at)
}

/// A number below this one, the next of a sequence.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// A value that a record has in a field, as a query writes it.
    fn literal(&mut self, table: &Table, field: &str) -> String {
        let row = table.rows().get(self.below(table.rows().len())).unwrap();
        match row.value(table.object.place(field).unwrap()) {
            Value::Null => "null".to_owned(),
            Value::DateTime(moment) => moment.to_string(),
            Value::Id(id) => format!("'{id}'"),
            Value::Text(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n")),
            value => value.to_json().to_string(),
        }
    }

    fn condition(&mut self, table: &Table, fields: &[&str], depth: usize) -> String {
        match self.below(if depth == 0 { 5 } else { 8 }) {
            0 | 1 => {
                let field = self.one_of(fields);
                let count = 1 + self.below(4);
                let values: Vec<_> = (0..count).map(|_| self.literal(table, field)).collect();
                let not = self.one_of(&["", "NOT "]);
                format!("{field} {not}IN ({})", values.join(", "))
            }
            2..5 => {
                let field = self.one_of(fields);
                let value = self.literal(table, field);
                let operator =
                    self.one_of(if value == "null" { &["=", "!="] } else { &["=", "!=", "<", "<=", ">", ">="] });
                format!("{field} {operator} {value}")
            }
            5 => format!("(NOT ({}))", self.condition(table, fields, depth - 1)),
            joined => {
                let joins = self.one_of(if joined == 6 { &[" AND "] } else { &[" OR "] });
                let parts: Vec<_> = (0..2 + self.below(2)).map(|_| self.condition(table, fields, depth - 1)).collect();
                format!("({})", parts.join(joins))
            }
        }
    }

    fn query(&mut self, table: &Table, fields: &[&str]) -> String {
        let mut query = format!("SELECT Id FROM {}", table.object.name);
        if self.below(8) > 0 {
            query += &format!(" WHERE {}", self.condition(table, fields, 2));
        }
        let keys: Vec<_> = (0..self.below(3))
            .map(|_| {
                let (field, direction) = (self.one_of(fields), self.one_of(&["", " ASC", " DESC"]));
                format!("{field}{direction}{}", self.one_of(&["", "", " NULLS FIRST", " NULLS LAST"]))
            })
            .collect();
        if !keys.is_empty() {
            query += &format!(" ORDER BY {}", keys.join(", "));
        }
        match self.below(4) {
            0 => query,
            1 => query + &format!(" LIMIT {}", self.below(30)),
            2 => query + &format!(" LIMIT {} OFFSET {}", 1 + self.below(300), self.below(100)),
            _ => query + &format!(" OFFSET {}", self.below(100)),
        }
    }
}

/// The org with two currencies, and an index on amounts. Every third invoice is in euros.
fn in_two_currencies() -> Org {
    let mut org = Org::seeded(EPOCH);
    let mut described = org.describe("Invoice__c", "v60.0", "http://mock").unwrap();
    let amount =
        described["fields"].as_array_mut().unwrap().iter_mut().find(|field| field["name"] == "Amount__c").unwrap();
    amount["externalId"] = json!(true);
    let source = Source { path: "Invoice__c.json".into(), text: described.to_string() };
    org.reshape(org.schema().with(&[source]).unwrap()).unwrap();
    org.set_currencies(&"USD=1,EUR=0.9".parse().unwrap());
    let options = WriteOptions::new("0055g0000000000", "v60.0");
    let euros = json!({"CurrencyIsoCode": "EUR"}).as_object().unwrap().clone();
    let ids: Vec<_> =
        org.table("Invoice__c").unwrap().rows().iter().filter(|row| !row.deleted).map(|row| row.id).collect();
    for id in ids.into_iter().step_by(3) {
        org.update("Invoice__c", id.as_str(), &euros, &options).unwrap();
    }
    org
}

#[test]
fn a_plan_finds_what_a_look_at_every_record_finds() {
    let (one, two) = (Org::seeded(EPOCH), in_two_currencies());
    let mut dice = Dice(1);
    let mut saved = 0;
    for (org, object, fields) in [
        (&one, "Account", &["Id", "Name", "OwnerId", "ParentId", "SystemModstamp", "ERP_Id__c", "Industry"][..]),
        (
            &one,
            "Invoice__c",
            &["Id", "Name", "Account__c", "CreatedDate", "Legacy_Number__c", "Status__c", "Amount__c"],
        ),
        (&one, "User", &["Id", "Name", "ManagerId", "Username", "ProfileId"]),
        (&two, "Invoice__c", &["Id", "Account__c", "CurrencyIsoCode", "Amount__c"]),
    ] {
        let table = org.table(object).unwrap();
        for _ in 0..150 {
            let query = dice.query(table, fields);
            for include_deleted in [false, true] {
                let (planned, expected, looked_at) = found(org, &query, include_deleted);
                assert_eq!(planned, expected, "{query}");
                assert!(looked_at <= table.rows().len(), "{query}");
                saved += usize::from(looked_at < table.rows().len());
            }
        }
    }
    assert!(saved > 300, "indexes serve {saved} of 1,200 queries");
}

#[test]
fn as_many_records_are_looked_at_as_an_index_leaves() {
    let org = Org::seeded(EPOCH);
    let all = org.table("Account").unwrap().rows().len();
    let (moment, id) = ("2026-05-01T00:00:00Z", "0015g00000000G0");
    for (query, expected) in [
        ("Account WHERE Id = '0015g0000000000'", 1),
        ("Account WHERE Id IN ('0015g0000000000', '0015g0000000001')", 2),
        ("Account WHERE ERP_Id__c = 'ERP-000007'", 1),
        ("Account WHERE ERP_Id__c = 'erp-000007' AND Name LIKE '%'", 1),
        ("Account WHERE OwnerId = '0055g0000000000' AND ERP_Id__c IN ('ERP-000007', 'ERP-000008')", 2),
        ("Account WHERE Id = '0015g0000000000' OR Name = 'x'", all),
        ("Account WHERE Id = '0015g0000000000' OR Id = '0015g0000000001'", 2),
        ("Account WHERE Name = 'No such name'", 0),
        ("Account WHERE ERP_Id__c = null", 22),
        ("Account WHERE Industry = 'Energy'", all),
        ("Account WHERE Id != '0015g0000000000'", all),
        ("Account WHERE Parent.ERP_Id__c = 'ERP-000007'", all),
        ("Account LIMIT 200", 203),
        ("Account ORDER BY Id LIMIT 200", 203),
        ("Account ORDER BY Id DESC LIMIT 200", 202),
        ("Account ORDER BY CreatedDate DESC LIMIT 10", 10),
        ("Account ORDER BY Industry LIMIT 10", all),
        (&format!("Account WHERE SystemModstamp > {moment} ORDER BY SystemModstamp, Id LIMIT 50"), 51),
        (
            &format!(
                "Account WHERE SystemModstamp > {moment} OR (SystemModstamp = {moment} AND Id > '{id}') ORDER BY \
                 SystemModstamp, Id LIMIT 50"
            ),
            51,
        ),
        (&format!("Account WHERE Id > '{id}' AND Name LIKE '%' ORDER BY Id LIMIT 90"), 91),
        ("Invoice__c WHERE Legacy_Number__c = 'L-0001'", 2),
        ("Contact WHERE AccountId = '0015g0000000000'", 260),
    ] {
        let (planned, expected_rows, looked_at) = found(&org, &format!("SELECT Id FROM {query}"), false);
        assert_eq!((looked_at, planned), (expected, expected_rows), "{query}");
    }
}

#[test]
fn no_index_on_amounts_serves_what_they_are_worth() {
    let org = in_two_currencies();
    let all = org.table("Invoice__c").unwrap().rows().len();
    for (query, expected) in [
        ("Invoice__c WHERE Amount__c = 110", false),
        ("Invoice__c WHERE Amount__c = USD110", true),
        ("Invoice__c ORDER BY Amount__c LIMIT 5", true),
    ] {
        let (planned, expected_rows, looked_at) = found(&org, &format!("SELECT Id FROM {query}"), false);
        assert_eq!((looked_at == all, planned), (expected, expected_rows), "{query}");
    }
}
