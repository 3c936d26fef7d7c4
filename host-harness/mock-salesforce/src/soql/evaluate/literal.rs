//! Literals as values of the field they are compared with.
//!
//! Source: SOQL and SOSL Reference, "fieldExpression Syntax" and "Using null in SOQL Queries".

use std::cmp::Ordering;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    super::ast::{Literal, Position},
    Context,
};
use crate::{
    ApiError,
    org::{
        id::RecordId,
        schema::{Kind, Unit},
        value::{Key, Value},
    },
};

/// What a condition asks about: a field, or an aggregate of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) name: &'a str,
    pub(super) kind: &'a Kind,
    pub(super) case_sensitive: bool,
    pub(super) at: Position,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    /// A value of the field's type, or null.
    Value(Key),
    /// The days or moments from the first up to, and without, the second.
    Span(Key, Key),
}

impl Wanted {
    /// The literal as a value of the subject's type.
    pub(super) fn new(context: Context<'_>, subject: Subject<'_>, literal: &Literal) -> Result<Self, ApiError> {
        let converted = match literal {
            Literal::Money(code, amount) => Some(context.literal_money(code, *amount, subject.at)?),
            _ => None,
        };
        let value = match (subject.kind, literal) {
            (Kind::Boolean, Literal::Null) => Value::Boolean(false),
            (_, Literal::Null) => Value::Null,
            (Kind::Boolean, Literal::Boolean(value)) => Value::Boolean(*value),
            (Kind::Integer, Literal::Number(number)) if number.is_integer() => Value::Number(*number),
            (Kind::Number { .. }, Literal::Number(number)) => Value::Number(*number),
            (Kind::Number { unit: Unit::Currency, .. }, Literal::Money(..)) => {
                converted.map_or(Value::Null, Value::Number)
            }
            (Kind::Date, Literal::Date(day)) => Value::Date(*day),
            (Kind::DateTime, Literal::DateTime(moment)) => Value::DateTime(*moment),
            (Kind::Date | Kind::DateTime, Literal::DateRange(range)) => {
                let today = context.org.now().to_zoned(TimeZone::UTC).date();
                let days = range.days(today).and_then(|days| span(subject.kind, days));
                let beyond = || context.source.malformed(subject.at, "the date literal lies beyond the calendar");
                return days.ok_or_else(beyond);
            }
            (Kind::Id | Kind::Reference(_), Literal::Text(text)) if text.is_empty() => Value::Null,
            (Kind::Id | Kind::Reference(_), Literal::Text(text)) => {
                let id = RecordId::parse(text).map(Value::Id);
                let no_id = || {
                    let message = format!("invalid ID field: {text}");
                    context.source.error("INVALID_QUERY_FILTER_OPERATOR", subject.at, &message)
                };
                id.ok_or_else(no_id)?
            }
            (kind, Literal::Text(text)) if kind.is_text() => Value::text(text),
            _ => return Err(wrong_type(context, subject)),
        };
        Ok(Self::Value(value.key(subject.case_sensitive)))
    }

    /// Where a value stands to this; none when there is no value, or nothing to stand to.
    pub(super) fn place(&self, value: &Key) -> Option<Ordering> {
        match (value, self) {
            (Key::Null, _) | (_, Self::Value(Key::Null)) => None,
            (_, Self::Value(wanted)) => Some(value.cmp(wanted)),
            (_, Self::Span(first, _)) if value < first => Some(Ordering::Less),
            (_, Self::Span(_, after)) if value < after => Some(Ordering::Equal),
            (_, Self::Span(..)) => Some(Ordering::Greater),
        }
    }
}

/// Days as values of a date or of a moment.
fn span(kind: &Kind, (first, after): (Date, Date)) -> Option<Wanted> {
    let midnight = |day: Date| -> Option<Timestamp> { Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp()) };
    Some(match kind {
        Kind::Date => Wanted::Span(Key::Date(first), Key::Date(after)),
        _ => Wanted::Span(Key::DateTime(midnight(first)?), Key::DateTime(midnight(after)?)),
    })
}

/// The error of a literal that the subject's type does not take.
pub(super) fn wrong_type(context: Context<'_>, subject: Subject<'_>) -> ApiError {
    let (name, quoted) = match subject.kind {
        Kind::Id | Kind::Reference(_) => ("ID", true),
        Kind::Boolean => ("boolean", false),
        Kind::Integer => ("int", false),
        Kind::Number { .. } => ("double", false),
        Kind::Date => ("date", false),
        Kind::DateTime => ("dateTime", false),
        _ => ("string", true),
    };
    let not = if quoted { "" } else { "not " };
    let message = format!(
        "value of filter criterion for field '{}' must be of type {name} and should {not}be enclosed in quotes",
        subject.name
    );
    context.source.error("INVALID_FIELD", subject.at, &message)
}
