//! The records of a result, one by one, as text and as values.

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
}

impl<'a> Source<'a> {
    /// The records of what an action gave.
    #[must_use]
    pub fn of_result(result: &'a RawValue) -> Source<'a> {
        #[derive(serde::Deserialize)]
        struct Parts<'a> {
            #[serde(borrow)]
            records: Option<&'a RawValue>,
            #[serde(borrow)]
            values: Option<&'a RawValue>,
        }
        // First of all: serde would read its entries as the members of a struct.
        if result.get().starts_with('[') {
            return results::list_of(result.get()).map_or(Source::Array(result.get()), Source::Results);
        }
        match serde_json::from_str(result.get()) {
            Ok(Parts { records: Some(records), .. }) if records.get().starts_with('[') => Source::Array(records.get()),
            Ok(Parts { values: Some(values), .. }) => Source::One(values.get()),
            _ => results::list_of(result.get()).map_or(Source::Saved(result.get()), Source::Results),
        }
    }

    /// Hands out the records as JSON text, one after the other, until told to stop.
    pub fn each(&self, visit: impl FnMut(&'a str) -> ControlFlow<()>) {
        let mut visit = visit;
        match *self {
            Source::One(record) | Source::Saved(record) => {
                let _ = visit(record);
            }
            Source::Array(array) | Source::Results(array) => {
                // Its text was checked to be JSON: only a stop ends it early.
                let _ = serde_json::Deserializer::from_str(array).deserialize_seq(Each(visit));
            }
        }
    }

    /// Hands out the records as values, one after the other, until told to stop: all at once would take many times as much
    /// memory as their text. False if one is none that [`Source::read`] reads; it ends there.
    pub fn records(&self, most: usize, mut visit: impl FnMut(Record) -> ControlFlow<()>) -> bool {
        let (mut are_read, mut index) = (true, 0);
        self.each(|text| {
            let record = self.read(text, index, most);
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
        if matches!(self, Source::Results(_)) {
            return results::read(text, index);
        }
        let mut record: Record = serde_json::from_str(&readable(text)).ok()?;
        if matches!(self, Source::Saved(_)) {
            record.shift_remove("usage");
            results::leave_out_no_event(&mut record);
        }
        Some(record)
    }
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
