//! The records of a result, one by one, as text and as values.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::results;
use crate::display::json::readable;

/// A record as Salesforce sent it.
pub type Record = Map<String, Value>;

/// The records of a result, as JSON text.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A page's, or those of an action that gives a list.
    Array(&'a str),
    /// One record's fields.
    One(&'a str),
    /// What was saved, and what its calls cost.
    Saved(&'a str),
    /// A result for each of several things, such as the records of a batch.
    Results(&'a str),
    /// Ids alone.
    Ids(&'a str),
}

/// The rows of a result that is an object, and what it has beside them.
#[derive(Default)]
struct Members<'a> {
    rows: Option<Source<'a>>,
    others: BTreeMap<String, &'a RawValue>,
}

impl<'a> Source<'a> {
    /// The records of what an action gave: a list, or an object with one. Its list is the member `records`, `values`, `ids` or
    /// `fields`, else the only one of results, else the only one of objects. What has none is one record.
    #[must_use]
    pub fn of_result(result: &'a RawValue) -> Source<'a> {
        let text = result.get();
        if text.starts_with('[') {
            return if results::is_list(text) { Source::Results(text) } else { Source::Array(text) };
        }
        Members::of(text).rows.unwrap_or(Source::Saved(text))
    }

    /// What an action gave beside the records of [`Source::of_result`]: names, and values as JSON. Left out are `usage`, `count`,
    /// and what is null or an empty list. One record has nothing beside it.
    #[must_use]
    pub fn beside(result: &'a RawValue) -> Vec<(String, &'a RawValue)> {
        let mut members = Members::of(result.get());
        if members.rows.is_none() {
            return Vec::new();
        }
        let is_told =
            |name: &str, value: &str| !(["usage", "count"].contains(&name) || ["null", "[]"].contains(&value));
        members.others.retain(|name, value| is_told(name, value.get()));
        members.others.into_iter().collect()
    }

    /// Hands out the records as JSON text, one after the other, until told to stop.
    pub fn each(&self, visit: impl FnMut(&'a str) -> ControlFlow<()>) {
        let mut visit = visit;
        match *self {
            Source::One(record) | Source::Saved(record) => {
                let _ = visit(record);
            }
            Source::Array(array) | Source::Results(array) | Source::Ids(array) => {
                // Its text was checked to be JSON: only a stop ends it early.
                let _ = serde_json::Deserializer::from_str(array).deserialize_seq(Each(visit));
            }
        }
    }

    /// Hands out the records as values, one after the other, until told to stop: all at once would take many times as much
    /// memory as their text. Null, which stands where a record is not there, is one without members. False if one is none that
    /// [`Source::read`] reads; it ends there.
    pub fn records(&self, most: usize, mut visit: impl FnMut(Record) -> ControlFlow<()>) -> bool {
        let (mut are_read, mut index) = (true, 0);
        self.each(|text| {
            let record = if text == "null" { Some(Record::new()) } else { self.read(text, index, most) };
            index += 1;
            are_read = record.is_some();
            record.map_or(ControlFlow::Break(()), &mut visit)
        });
        are_read
    }

    /// The members of the record with this index; none if it is no object, longer than `most` bytes, or nested too deep to be
    /// read.
    #[must_use]
    pub fn read(&self, record: &str, index: usize, most: usize) -> Option<Record> {
        let text = Some(record).filter(|text| text.len() <= most)?;
        match self {
            Source::Results(_) => return results::read(text, index),
            Source::Ids(_) => {
                return serde_json::from_str(text).ok().map(|id: Value| [("id".to_owned(), id)].into_iter().collect());
            }
            _ => {}
        }
        let mut record: Record = serde_json::from_str(&readable(text)).ok()?;
        if matches!(self, Source::Saved(_)) {
            record.shift_remove("usage");
            results::leave_out_no_event(&mut record);
        }
        Some(record)
    }
}

impl<'a> Members<'a> {
    /// Of an object; of anything else, none.
    fn of(text: &'a str) -> Members<'a> {
        let Ok(mut others) = serde_json::from_str::<BTreeMap<String, &'a RawValue>>(text) else {
            return Members::default();
        };
        let named = |name: &str, is: fn(&str) -> bool| {
            others.get_key_value(name).map(|(name, value)| (name, value.get())).filter(|(_, value)| is(value))
        };
        let only = |is: fn(&str) -> bool| {
            let mut lists = others.iter().map(|(name, value)| (name, value.get())).filter(|(_, value)| is(value));
            lists.next().filter(|_| lists.next().is_none())
        };
        let found = None
            .or_else(|| named("records", is_list).map(|(name, list)| (name, Source::Array(list))))
            .or_else(|| named("values", |_| true).map(|(name, record)| (name, Source::One(record))))
            .or_else(|| named("ids", is_list).map(|(name, list)| (name, Source::Ids(list))))
            .or_else(|| named("fields", is_list_of_objects).map(|(name, list)| (name, Source::Array(list))))
            .or_else(|| only(results::is_list).map(|(name, list)| (name, Source::Results(list))))
            .or_else(|| only(is_list_of_objects).map(|(name, list)| (name, Source::Array(list))))
            .or_else(|| empty(&others).map(|name| (name, Source::Array("[]"))));
        let found = found.map(|(name, rows)| (name.clone(), rows));
        let rows = found.map(|(name, rows)| {
            others.remove(&name);
            rows
        });
        Members { rows, others }
    }
}

/// The list of a result that has nothing else, and nothing in it.
fn empty<'a>(members: &'a BTreeMap<String, &RawValue>) -> Option<&'a String> {
    let mut own = members.iter().filter(|(name, value)| *name != "usage" && value.get() != "null");
    own.next().filter(|(_, value)| value.get() == "[]" && own.next().is_none()).map(|(name, _)| name)
}

fn is_list(text: &str) -> bool {
    text.starts_with('[')
}

/// Whether there are entries, and the first is an object.
fn is_list_of_objects(text: &str) -> bool {
    text.strip_prefix('[').is_some_and(|entries| entries.trim_start().starts_with('{'))
}

struct Each<F>(F);

impl<'de, F: FnMut(&'de str) -> ControlFlow<()>> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut records: A) -> Result<(), A::Error> {
        while let Some(record) = records.next_element::<&RawValue>()? {
            if (self.0)(record.get()).is_break() {
                return Err(serde::de::Error::custom("enough"));
            }
        }
        Ok(())
    }
}
