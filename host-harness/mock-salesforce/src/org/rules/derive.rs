//! What the org works out itself from other values of a record.
//!
//! Source: Object Reference, "Opportunity", "Event", "OpportunityLineItem", "Task", "Case".

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::org::content;
use crate::org::schema::{Field, Kind, Object, ValueMeaning};
use crate::org::table::Row;
use crate::org::value::Value;

/// What follows from a field that a write changes: object, field, followers.
const FOLLOWERS: &[(&str, &str, &[&str])] = &[
    ("Opportunity", "StageName", &["ForecastCategoryName", "Probability"]),
    ("Event", "StartDateTime", &["ActivityDateTime", "EndDateTime"]),
    ("Event", "ActivityDateTime", &["StartDateTime", "EndDateTime"]),
    ("Event", "DurationInMinutes", &["EndDateTime"]),
    ("Event", "EndDateTime", &["DurationInMinutes"]),
    ("OpportunityLineItem", "Quantity", &["TotalPrice"]),
    ("OpportunityLineItem", "UnitPrice", &["TotalPrice"]),
    ("OpportunityLineItem", "TotalPrice", &["UnitPrice"]),
];

/// Forecast categories, and what people read for each.
const FORECASTS: [(&str, &str); 6] = [
    ("Omitted", "Omitted"),
    ("Pipeline", "Pipeline"),
    ("BestCase", "Best Case"),
    ("MostLikely", "Most Likely"),
    ("Forecast", "Commit"),
    ("Closed", "Closed"),
];

/// Empties what follows from the fields that a write changes and is not in the write itself, so that it is worked out anew. A date
/// that moves takes the end with it only where the length is known.
pub(in crate::org) fn forget_followers(object: &Object, old: &Row, given: &[(usize, Value)], values: &mut [Value]) {
    let is_given = |place: usize| given.iter().any(|(known, _)| *known == place);
    for (_, field, followers) in FOLLOWERS.iter().filter(|(name, ..)| *name == object.name) {
        let Some(place) = object.place(field).filter(|place| is_given(*place)) else { continue };
        if values.get(place) == Some(old.value(place)) {
            continue;
        }
        for follower in followers.iter().filter_map(|name| object.place(name)).filter(|place| !is_given(*place)) {
            if let Some(value) = values.get_mut(follower) {
                *value = Value::Null;
            }
        }
    }
}

/// Works out what follows from the other values.
pub(in crate::org) fn derive(object: &Object, values: &mut [Value], now: Timestamp) {
    let mut record = Draft { object, values };
    match object.name {
        "Contact" | "User" | "Lead" => record.set("Name", record.full_name()),
        "Opportunity" => opportunity(&mut record),
        "OpportunityLineItem" => price(&mut record),
        "Event" => event(&mut record),
        "Task" => {
            record.set("IsClosed", Value::Boolean(record.meaning("Status").closed));
            record.set("IsHighPriority", Value::Boolean(record.meaning("Priority").high_priority));
        }
        "CampaignMember" => record.set("HasResponded", Value::Boolean(record.text("Status") == "Responded")),
        // A person account has a last name, and its name is the person's.
        "Account" if !record.text("LastName").is_empty() => {
            record.set("Name", record.full_name());
            record.set("IsPersonAccount", Value::Boolean(true));
        }
        "Case" => {
            let closed = record.meaning("Status").closed;
            if closed != (record.get("IsClosed") == &Value::Boolean(true)) {
                record.set("IsClosed", Value::Boolean(closed));
                record.set("ClosedDate", if closed { Value::DateTime(now) } else { Value::Null });
            }
        }
        _ => {}
    }
    content::derive(object, values);
    name_by_id(object, values);
    object.compose(values);
}

static NULL: Value = Value::Null;

/// A record whose values are worked out.
struct Draft<'a> {
    object: &'a Object,
    values: &'a mut [Value],
}

impl Draft<'_> {
    fn get(&self, name: &str) -> &Value {
        self.object.place(name).and_then(|place| self.values.get(place)).unwrap_or(&NULL)
    }

    fn text(&self, name: &str) -> &str {
        self.get(name).as_text().unwrap_or_default()
    }

    fn number(&self, name: &str) -> Option<Decimal> {
        match self.get(name) {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn moment(&self, name: &str) -> Option<Timestamp> {
        match self.get(name) {
            Value::DateTime(moment) => Some(*moment),
            _ => None,
        }
    }

    fn full_name(&self) -> Value {
        Value::text(format!("{} {}", self.text("FirstName"), self.text("LastName")).trim())
    }

    fn meaning(&self, name: &str) -> ValueMeaning {
        let value = self.text(name);
        match self.object.place(name).and_then(|place| self.object.fields.get(place)?.meanings.as_ref()) {
            Some(told) => told.iter().find(|meaning| meaning.value == value).cloned().unwrap_or_default(),
            None => ValueMeaning::usual(self.object.name, value),
        }
    }

    fn set(&mut self, name: &str, value: Value) {
        if let Some(held) = self.object.place(name).and_then(|place| self.values.get_mut(place)) {
            *held = value;
        }
    }

    fn set_if_null(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value.filter(|_| self.get(name).is_null()) {
            self.set(name, value);
        }
    }

    /// Whether a field may have this value.
    fn takes(&self, name: &str, value: &str) -> bool {
        let field = self.object.place(name).and_then(|place| self.object.fields.get(place));
        field.is_some_and(|field| match &field.kind {
            Kind::Picklist { values, restricted } => !restricted || values.contains(&value),
            _ => true,
        })
    }
}

/// A stage says how likely it is, and in which forecast it counts.
fn opportunity(record: &mut Draft<'_>) {
    let stage = record.meaning("StageName");
    let category = stage.forecast.unwrap_or("Pipeline");
    let label = FORECASTS.iter().find(|(known, _)| *known == category).map_or(category, |(_, label)| *label);
    let label = record.takes("ForecastCategoryName", label).then(|| Value::text(label));
    record.set_if_null("ForecastCategoryName", label);
    record.set_if_null("Probability", stage.probability.map(|percent| Value::Number(Decimal::from(percent))));
    let told = record.text("ForecastCategoryName");
    let category = FORECASTS.iter().find(|(_, label)| *label == told).map_or(category, |(known, _)| *known);
    record.set("ForecastCategory", Value::text(category));
    record.set("IsWon", Value::Boolean(stage.won));
    record.set("IsClosed", Value::Boolean(stage.closed));
}

/// The price of all and that of one follow from one another.
fn price(record: &mut Draft<'_>) {
    let Some(quantity) = record.number("Quantity") else { return };
    let cents = |number: Decimal| Value::Number(number.round_dp(2).normalize());
    let of_all = record.number("UnitPrice").and_then(|unit| unit.checked_mul(quantity)).map(cents);
    record.set_if_null("TotalPrice", of_all);
    let of_one = record.number("TotalPrice").and_then(|total| total.checked_div(quantity)).map(cents);
    record.set_if_null("UnitPrice", of_one);
}

/// The beginning, the length and the end of an event follow from one another.
fn event(record: &mut Draft<'_>) {
    if record.get("IsAllDayEvent") == &Value::Boolean(true) {
        return;
    }
    let Some(start) = record.moment("StartDateTime").or(record.moment("ActivityDateTime")) else { return };
    record.set("StartDateTime", Value::DateTime(start));
    record.set("ActivityDateTime", Value::DateTime(start));
    record.set("ActivityDate", Value::Date(start.to_zoned(TimeZone::UTC).date()));
    let minutes = record.number("DurationInMinutes").and_then(|minutes| minutes.to_i64());
    let end = minutes.and_then(|minutes| start.checked_add(SignedDuration::from_mins(minutes)).ok());
    record.set_if_null("EndDateTime", end.map(Value::DateTime));
    let length = record.moment("EndDateTime").map(|end| end.duration_since(start).as_mins());
    record.set_if_null("DurationInMinutes", length.map(|minutes| Value::Number(Decimal::from(minutes))));
}

/// Calls a record by its Id that nobody named, where its object allows that.
fn name_by_id(object: &Object, values: &mut [Value]) {
    let Some(place) = object.fields.iter().position(Field::is_optional_name) else { return };
    let id = object.place("Id").and_then(|place| values.get(place)?.as_id());
    if let (Some(name @ Value::Null), Some(id)) = (values.get_mut(place), id) {
        *name = Value::text(id.as_str());
    }
}
