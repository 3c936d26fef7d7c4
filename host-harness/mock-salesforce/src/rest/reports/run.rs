//! A run: from the rows of a report to groups, totals and cells.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::definition::Definition;
use crate::ApiError;
use crate::org::Org;
use crate::org::value::parse_number;
use crate::soql::QueryOptions;
use crate::soql::cursor::Cursor;

/// The most detail rows that are told, whatever a report finds.
pub(super) const DETAIL_ROWS: usize = 2_000;
/// Rows that are read at once.
const AT_ONCE: usize = 2_000;

/// What a group has, and the groups within it by the label of their value.
#[derive(Default)]
struct Group {
    /// That of the column; of all rows together: null.
    value: Value,
    count: u64,
    sums: Vec<Decimal>,
    /// Detail rows, of the innermost groups alone.
    rows: Vec<Value>,
    within: BTreeMap<String, Group>,
}

impl Definition {
    /// Runs it. Totals are of all rows, though only the first 2,000 are told (that totals are so is not verified).
    pub(super) fn run(
        self,
        org: &Org,
        options: &QueryOptions<'_>,
        include_details: bool,
    ) -> Result<Map<String, Value>, ApiError> {
        let Self { query, columns, groups, sums } = self;
        let cursor = Cursor::open(org, query, options)?;
        let mut all = Group::new(Value::Null, sums.len());
        let (mut from, mut told) = (0, 0);
        while from < cursor.len() {
            for record in cursor.records(from..from + AT_ONCE)? {
                let cells: Vec<Value> = columns.iter().map(|column| cell(&record, column)).collect();
                let numbers: Vec<Decimal> = sums.iter().map(|place| number(cells.get(*place))).collect();
                let mut group = &mut all;
                group.add(&numbers);
                for place in &groups {
                    let value = cells.get(*place).cloned().unwrap_or_default();
                    let inner = group.within.entry(label(&value));
                    group = inner.or_insert_with(|| Group::new(value, sums.len()));
                    group.add(&numbers);
                }
                if include_details && told < DETAIL_ROWS {
                    told += 1;
                    let shown = cells.iter().enumerate().filter(|(place, _)| !groups.contains(place));
                    group.rows.push(json!({"dataCells": shown.map(|(_, value)| labelled(value)).collect::<Vec<_>>()}));
                }
            }
            from += AT_ONCE;
        }
        let mut facts = Map::new();
        let down = all.tell(&mut facts, "", include_details);
        let ran = json!({
            "allData": !include_details || cursor.len() <= DETAIL_ROWS,
            "hasDetailRows": include_details,
            "groupingsDown": {"groupings": down},
            "groupingsAcross": {"groupings": []},
            "factMap": facts,
        });
        match ran {
            Value::Object(ran) => Ok(ran),
            _ => Ok(Map::new()),
        }
    }
}

impl Group {
    fn new(value: Value, sums: usize) -> Self {
        Self { value, sums: vec![Decimal::ZERO; sums], ..Self::default() }
    }

    fn add(&mut self, numbers: &[Decimal]) {
        self.count += 1;
        for (sum, number) in self.sums.iter_mut().zip(numbers) {
            *sum = sum.saturating_add(*number);
        }
    }

    /// Adds what it and the groups within have to the facts; told are the groups within.
    fn tell(self, facts: &mut Map<String, Value>, key: &str, include_details: bool) -> Vec<Value> {
        let count = Value::from(self.count);
        let sums = self.sums.iter().map(|sum| serde_json::from_str(&sum.to_string()).unwrap_or_default());
        let aggregates: Vec<Value> = sums.chain([count]).map(|value| labelled(&value)).collect();
        let mut fact = Map::from_iter([("aggregates".to_owned(), Value::Array(aggregates))]);
        if include_details {
            fact.insert("rows".to_owned(), Value::Array(self.rows));
        }
        facts.insert(format!("{}!T", if key.is_empty() { "T" } else { key }), Value::Object(fact));
        let within = self.within.into_iter().enumerate().map(|(number, (label, mut group))| {
            let key = if key.is_empty() { number.to_string() } else { format!("{key}_{number}") };
            let value = std::mem::take(&mut group.value);
            let groupings = group.tell(facts, &key, include_details);
            json!({"key": key, "label": label, "value": value, "groupings": groupings})
        });
        within.collect()
    }
}

/// The value of `Account.Name` in a record, in any case.
fn cell(record: &Value, column: &str) -> Value {
    let step = |value: &Value, name: &str| {
        let mut members = value.as_object()?.iter();
        members.find(|(member, _)| member.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    };
    column.split('.').try_fold(record.clone(), |value, name| step(&value, name)).unwrap_or_default()
}

fn number(cell: Option<&Value>) -> Decimal {
    let number = cell.and_then(Value::as_number);
    number.and_then(|number| parse_number(&number.to_string())).unwrap_or_default()
}

fn label(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn labelled(value: &Value) -> Value {
    json!({"label": label(value), "value": value})
}
