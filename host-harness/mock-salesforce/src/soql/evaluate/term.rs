//! Values of records: of their fields, and made of these by functions.

use std::borrow::Cow;

use jiff::tz::TimeZone;

use super::{
    super::{
        ast::{DatePart, Operand, Position, Zone},
        unknown::Unknown,
    },
    Context,
    distance::DistanceTo,
    format::Format,
    literal::Subject,
    money::{Money, Shown, Whose},
    path::{Column, Scope, Step},
};
use crate::{
    ApiError,
    org::{
        schema::{Kind, Unit},
        table::Row,
        value::Value,
    },
};

static INTEGER: Kind = Kind::Integer;
static DATE: Kind = Kind::Date;
static TEXT: Kind = Kind::Text(255);
static NUMBER: Kind = Kind::Number { unit: Unit::Plain, precision: 18, scale: 15 };

/// A value of a record.
#[derive(Debug, Clone)]
pub(super) enum Term<'a> {
    /// A field's.
    Field(Column<'a>),
    /// A part of a date's.
    Date(DatePart, TimeZone, Column<'a>),
    /// The text of a field's.
    Format(Format, Column<'a>),
    /// An amount's in a currency.
    Money(Money<'a>),
    /// How far its place is.
    Distance(DistanceTo<'a>),
}

impl<'a> Scope<'a> {
    /// What an operand means for a record.
    pub(super) fn term(&self, operand: &Operand) -> Result<Term<'a>, ApiError> {
        match operand {
            Operand::Field(path) => Ok(Term::Field(self.column(path)?)),
            Operand::Label(path) => {
                let column = self.column(path)?;
                if matches!(column.field.kind, Kind::Picklist { .. } | Kind::MultiPicklist(_)) {
                    let labels = column.field.labels;
                    // Where every value is its own label, an index serves.
                    return Ok(if labels.is_empty() {
                        Term::Field(column)
                    } else {
                        Term::Format(Format::Label(labels), column)
                    });
                }
                let message = format!("toLabel() takes picklists, and '{}' is none", column.field.name);
                Err(self.malformed(path.at, &message))
            }
            Operand::Date(part, zone, path) => {
                let column = self.column(path)?;
                if !part.is_of(&column.field.kind)
                    || *zone == Zone::User && !matches!(column.field.kind, Kind::DateTime)
                {
                    let message = format!("field {} does not support the date function", column.field.name);
                    return Err(self.malformed(path.at, &message));
                }
                let zone = if *zone == Zone::User { self.context.time_zone() } else { TimeZone::UTC };
                Ok(Term::Date(*part, zone, column))
            }
            Operand::Converted(path) => Ok(Term::Money(self.converted(path, Shown::Converted)?)),
            Operand::Format(inner) => {
                let path = match &**inner {
                    Operand::Field(path) => path,
                    Operand::Converted(path) => return Ok(Term::Money(self.converted(path, Shown::ConvertedText)?)),
                    other => return Err(self.unknown_format(other.path().at)),
                };
                let column = self.column(path)?;
                if let Some(money) = self.context.money(&column, Whose::User, Shown::Text) {
                    return Ok(Term::Money(money));
                }
                let format = Format::of(&column.field.kind, || self.context.time_zone());
                let format = format.ok_or_else(|| self.unknown_format(path.at))?;
                Ok(Term::Format(format, column))
            }
            Operand::Distance(distance) => Ok(Term::Distance(DistanceTo::resolve(*self, distance)?)),
            Operand::Aggregate(_, path) | Operand::Grouping(path) => {
                let message = "an aggregate can stand in SELECT, HAVING and the ORDER BY of groups alone";
                Err(self.malformed(path.at, message))
            }
        }
    }

    pub(super) fn unknown_format(&self, at: Position) -> ApiError {
        Unknown::Format.error(self.context.source, at)
    }
}

impl<'a> Term<'a> {
    /// The value; null when a lookup on the way is empty.
    pub(super) fn value(&self, row: &'a Row) -> Cow<'a, Value> {
        match self {
            Self::Field(column) => column.value(row),
            Self::Format(format, column) => Cow::Owned(format.of_value(&column.value(row))),
            Self::Money(money) => Cow::Owned(money.value(row)),
            Self::Date(part, zone, column) => Cow::Owned(part.of(&column.value(row), zone)),
            Self::Distance(distance) => Cow::Owned(distance.value(row)),
        }
    }

    /// What a condition on the value asks about.
    pub(super) fn subject(&self) -> Subject<'a> {
        let kind = match self {
            Self::Field(column) => return column.subject(),
            Self::Date(DatePart::DayOnly, ..) => &DATE,
            Self::Date(..) => &INTEGER,
            Self::Money(money) if !money.is_text() => return money.amount().subject(),
            Self::Format(..) | Self::Money(_) => &TEXT,
            Self::Distance(_) => &NUMBER,
        };
        Subject { kind, ..self.column().subject() }
    }

    /// The field that it is, or the first that it is made of.
    pub(super) fn column(&self) -> &Column<'a> {
        match self {
            Self::Field(column) | Self::Date(_, _, column) | Self::Format(_, column) => column,
            Self::Money(money) => money.amount(),
            Self::Distance(distance) => distance.column(),
        }
    }

    /// An amount in the corporate currency, in an org with several; everything else as it is.
    pub(super) fn in_corporate_currency(self, context: Context<'a>) -> Self {
        match &self {
            Self::Field(column) => context.money(column, Whose::Org, Shown::Converted).map_or(self, Self::Money),
            _ => self,
        }
    }

    /// Takes the lookups that lead to the record of a field's text: the same text from there on.
    pub(super) fn take_steps(&mut self) -> Vec<Step<'a>> {
        match self {
            Self::Format(_, column) => std::mem::take(&mut column.steps),
            Self::Money(money) => money.take_steps(),
            Self::Field(_) | Self::Date(..) | Self::Distance(_) => Vec::new(),
        }
    }

    /// Whether both are the same value of the same record.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let is_same = match (self, other) {
            (Self::Field(_), Self::Field(_)) => true,
            (Self::Date(part, zone, _), Self::Date(other_part, other_zone, _)) => {
                part == other_part && zone == other_zone
            }
            (Self::Format(one, _), Self::Format(other, _)) => one == other,
            (Self::Money(one), Self::Money(other)) => return one.is_same(other),
            (Self::Distance(one), Self::Distance(other)) => return one.is_same(other),
            _ => false,
        };
        is_same && self.column().is_same(other.column())
    }
}
