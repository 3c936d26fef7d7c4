//! Objects whose records are generated when they are read: a pure function of their number, kept nowhere. An object is
//! either stored or generated.
//!
//! A query that a few numbers answer (by `Id`, by a text or by when records were made) is answered from the numbers. For any
//! other, the records it has to look at are put into a [`Table`] of their own, which is then an object like all others.

use std::borrow::Cow;
use std::str::FromStr;

use super::{
    Org,
    id::RecordId,
    rules,
    schema::{Field, Kind, Object},
    table::{Row, Table},
    value::{Key, Value},
};
use crate::ApiError;
use jiff::{SignedDuration, Timestamp, civil::Date, civil::Time};
use rust_decimal::Decimal;

/// How many records an object can have: as many as there are Ids.
const MOST: usize = 62_usize.pow(5);
/// When the first record was made, 2000-01-01T00:00:00Z. Each other was made a second after the one before it.
const FIRST: Timestamp = Timestamp::constant(946_684_800, 0);
const FIRST_DAY: Date = Date::constant(2000, 1, 1);
/// The digits of a number in texts: so many that texts are in the order of their numbers.
const DIGITS: usize = 9;
/// Records that are put into a table for one query, at most.
const MOST_AT_ONCE: usize = 20_000;

/// How many records of an object are to be generated: `Lead=10000000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generate {
    /// The object's API name, in any case.
    pub object: String,
    /// How many, from 1 to 916,132,832.
    count: usize,
}

/// Why nothing is generated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{got}: expected {expected}")]
pub struct GenerateError {
    got: String,
    expected: String,
}

impl FromStr for Generate {
    type Err = GenerateError;

    fn from_str(text: &str) -> Result<Self, GenerateError> {
        let wrong = || GenerateError {
            got: text.chars().take(100).collect(),
            expected: format!("OBJECT=COUNT with a count from 1 to {MOST}, such as Lead=10000000"),
        };
        let (object, count) = text.split_once('=').filter(|(object, _)| !object.is_empty()).ok_or_else(wrong)?;
        let count = count.parse().ok().filter(|count| (1..=MOST).contains(count)).ok_or_else(wrong)?;
        Ok(Self { object: object.to_owned(), count })
    }
}

/// What the records of an object are made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Generator {
    pub(super) count: usize,
    /// Who made and owns them.
    user: RecordId,
}

impl Org {
    /// Lets an object have so many records that are made when they are read, and that nobody can write.
    ///
    /// # Errors
    /// When the org has no such object, or has records of it, generates it already, or keeps none: events, and what another system keeps.
    pub fn generate(&mut self, generate: &Generate) -> Result<(), GenerateError> {
        let Generate { object, count } = generate;
        let wrong = |expected: &str| GenerateError { got: object.clone(), expected: expected.to_owned() };
        let user = self.first_user().ok_or_else(|| wrong("an org with a user"))?;
        let table = self.table_mut(object).map_err(|_| wrong("an object of the org"))?;
        if table.object.is_event() || !table.object.is_counted() {
            return Err(wrong("an object whose records the org keeps"));
        }
        if table.is_generated() {
            return Err(wrong("an object that is generated once"));
        }
        if table.rows().len() > 0 {
            return Err(wrong(
                "an object without records, for one is either stored or generated: --schema starts without the samples",
            ));
        }
        table.generator = Some(Generator { count: *count, user });
        Ok(())
    }

    /// The same org, in which an object holds the generated records of these numbers, and no others.
    pub(crate) fn with_generated(&self, object: &str, numbers: impl Iterator<Item = usize>) -> Result<Self, ApiError> {
        let mut org = self.clone();
        let table = org.table_mut(object)?;
        *table = table.with_generated(numbers);
        Ok(org)
    }
}

/// Refuses what needs stored records.
pub(crate) fn check_stored(table: &Table, what: &str) -> Result<(), ApiError> {
    match &table.generator {
        None => Ok(()),
        Some(_) => Err(unknown(table, what, "Start the mock without --generate for it, and load records by --seed")),
    }
}

/// Refuses a query that looks at more generated records than the mock makes at once.
pub(crate) fn check_few(table: &Table, count: usize) -> Result<(), ApiError> {
    if count <= MOST_AT_ONCE {
        return Ok(());
    }
    let what = format!("a query that has to look at {count} of them, with at most {MOST_AT_ONCE} looked at");
    let advice = "Restrict Id, CreatedDate or SystemModstamp to fewer as well, and order by nothing else";
    Err(unknown(table, &what, advice))
}

fn unknown(table: &Table, what: &str, advice: &str) -> ApiError {
    let name = table.object.name;
    let message = format!("the records of {name} are generated: the mock does not know {what}. {advice}");
    ApiError::new(501, "UNKNOWN_TO_THE_MOCK", message)
}

impl Table {
    /// Whether the values of a field are in the order of the records, each once: that of `Id`, and if they are generated those
    /// of texts and of the moments at which they were made.
    pub(crate) fn is_by_number(&self, place: usize) -> bool {
        let Some(field) = self.object.fields.get(place) else { return false };
        let is_derived = field.name == "Name" && self.object.place("LastName").is_some();
        match field.kind {
            Kind::Id => true,
            Kind::DateTime => {
                let is_of_making = matches!(field.name, "CreatedDate" | "LastModifiedDate" | "SystemModstamp");
                self.generator.is_some() && is_of_making
            }
            Kind::Text(length) => self.generator.is_some() && length >= DIGITS && !is_derived,
            _ => false,
        }
    }

    /// How many records come before, in the order of a field that [is in their order](Table::is_by_number).
    pub(crate) fn partition_point(&self, place: usize, comes_before: impl Fn(&Key) -> bool) -> usize {
        match self.generator {
            Some(generator) => generator.partition_point(&self.object, place, comes_before),
            None => self.rows().partition_point(|row| comes_before(&Key::Id(row.id))),
        }
    }

    /// The number of the generated record with this Id.
    pub(crate) fn number(&self, id: RecordId) -> Option<usize> {
        self.generated_by(self.object.place("Id")?, &Value::Id(id))
    }

    /// The table, or if it is generated one that stores the record with this Id alone, if there is one.
    pub(super) fn around(&self, id: &str) -> Cow<'_, Self> {
        if !self.is_generated() {
            return Cow::Borrowed(self);
        }
        let number = RecordId::parse(id).and_then(|id| self.number(id));
        Cow::Owned(self.with_generated(number.into_iter()))
    }

    /// The table that stores the generated records of these numbers.
    pub(super) fn with_generated(&self, numbers: impl Iterator<Item = usize>) -> Self {
        let Some(generator) = self.generator else { return self.clone() };
        self.holding(numbers.filter_map(|number| generator.row(&self.object, number)))
    }

    /// The number of the generated record that has this value in a field.
    pub(super) fn generated_by(&self, place: usize, value: &Value) -> Option<usize> {
        let generator = self.generator?;
        let field = self.object.fields.get(place).filter(|_| self.is_by_number(place))?;
        let key = |value: &Value| value.key(field.case_sensitive);
        let wanted = key(value);
        let number = generator.partition_point(&self.object, place, |known| *known < wanted);
        let found = generator.value(&self.object, field, number).filter(|found| key(found) == wanted);
        found.filter(|_| number < generator.count).map(|_| number)
    }
}

impl Generator {
    /// How many records come before, in the order of a field whose values are in the order of the records.
    pub(super) fn partition_point(self, object: &Object, place: usize, comes_before: impl Fn(&Key) -> bool) -> usize {
        let Some(field) = object.fields.get(place) else { return 0 };
        let (mut start, mut end) = (0, self.count);
        while start < end {
            let middle = start + (end - start) / 2;
            let key = self.value(object, field, middle).map_or(Key::Null, |value| value.key(field.case_sensitive));
            if comes_before(&key) {
                start = middle + 1;
            } else {
                end = middle;
            }
        }
        start
    }

    pub(super) fn id(self, object: &Object, number: usize) -> Option<RecordId> {
        RecordId::numbered(object.key_prefix, u64::try_from(number).ok()?)
    }

    fn row(self, object: &Object, number: usize) -> Option<Row> {
        if number >= self.count {
            return None;
        }
        #[cfg(test)]
        MADE.with(|made| made.set(made.get() + 1));
        let value = |field: &Field| self.value(object, field, number).unwrap_or(Value::Null);
        let mut values: Vec<Value> = object.fields.iter().map(value).collect();
        rules::derive(object, &mut values, made(number));
        Some(Row::new(object, self.id(object, number)?, values))
    }

    /// What a record has in a field, before the org works out what it derives from others.
    fn value(self, object: &Object, field: &Field, number: usize) -> Option<Value> {
        let texts = |before: &str, after: &str| Value::text(format!("{before}{number:0DIGITS$}{after}"));
        let one_of = |values: &[&str]| values.get(number % values.len().max(1)).map(|value| Value::text(*value));
        Some(match &field.kind {
            Kind::Id => Value::Id(self.id(object, number)?),
            Kind::Reference(_) if ["OwnerId", "CreatedById", "LastModifiedById"].contains(&field.name) => {
                Value::Id(self.user)
            }
            Kind::Text(_) if field.auto_number.is_some() => {
                field.auto_number.map(|numbers| texts(numbers.prefix(), ""))?
            }
            Kind::Text(length) if *length > DIGITS + field.label.len() => texts(&format!("{} ", field.label), ""),
            Kind::Text(length) if *length >= DIGITS => texts("", ""),
            Kind::Email => texts("person", "@example.com"),
            Kind::Phone => texts("+1 555 ", ""),
            Kind::Url => texts("https://www.example.com/", ""),
            Kind::Picklist { values, .. } | Kind::MultiPicklist(values) => one_of(values)?,
            Kind::Boolean => Value::Boolean(number % 2 == 1 && field.writable),
            Kind::Integer => Value::Number(Decimal::from(number)),
            // The parts of a place on earth are empty.
            Kind::Number { precision, scale, .. } if field.part_of.is_none() => {
                let digits = precision.saturating_sub(*scale).min(9);
                Value::Number(Decimal::from(number % 10_usize.pow(digits)))
            }
            Kind::Date => {
                let days = SignedDuration::from_hours(24 * i64::try_from(number % 10_000).ok()?);
                Value::Date(FIRST_DAY.checked_add(days).ok()?)
            }
            Kind::DateTime => Value::DateTime(made(number)),
            Kind::Time => Value::Time(Time::new(i8::try_from(number % 24).ok()?, 0, 0, 0).ok()?),
            Kind::Reference(_)
            | Kind::Text(_)
            | Kind::LongText(_)
            | Kind::Number { .. }
            | Kind::Address
            | Kind::Location
            | Kind::Base64 => return None,
        })
    }
}

#[cfg(test)]
thread_local! {
    /// How many records were made.
    static MADE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

fn made(number: usize) -> Timestamp {
    let seconds = SignedDuration::from_secs(i64::try_from(number).unwrap_or(i64::MAX));
    FIRST.checked_add(seconds).unwrap_or(FIRST)
}

#[cfg(test)]
mod tests;
