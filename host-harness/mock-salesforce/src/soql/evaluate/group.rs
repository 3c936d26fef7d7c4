//! Aggregate functions: one value from many. Nulls are passed over.
//!
//! Source: SOQL and SOSL Reference, "Aggregate Functions" and "Support for Field Types in Aggregate Functions".

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::{
    super::ast::Aggregate,
    order::{Rank, choices, rank},
};
use crate::org::{
    schema::{Kind, Unit},
    value::{Key, Value},
};

/// How many digits an average is told with, those of a double.
const AVERAGE_DIGITS: u32 = 17;
static INTEGER: Kind = Kind::Integer;
static NUMBER: Kind = Kind::Number { unit: Unit::Plain, precision: 18, scale: 0 };

impl Aggregate {
    /// Its name in a query.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Count => "COUNT",
            Self::CountDistinct => "COUNT_DISTINCT",
            Self::Sum => "SUM",
            Self::Avg => "AVG",
            Self::Min => "MIN",
            Self::Max => "MAX",
        }
    }

    /// Whether it can be taken of fields of a type.
    pub(super) fn supports(self, kind: &Kind) -> bool {
        let is_number = matches!(kind, Kind::Integer | Kind::Number { .. });
        kind.is_aggregatable() && (is_number || !matches!(self, Self::Sum | Self::Avg))
    }

    /// The type of what it gives.
    pub(super) fn kind(self, of: &Kind) -> &Kind {
        match self {
            Self::Count | Self::CountDistinct => &INTEGER,
            Self::Sum | Self::Avg => &NUMBER,
            Self::Min | Self::Max => of,
        }
    }
}

/// An aggregate under way.
#[derive(Debug)]
pub(super) enum Tally {
    Count(u64),
    CountDistinct(HashSet<Key>),
    /// None once the sum has more digits than a number can have.
    Sum {
        sum: Option<Decimal>,
        count: u64,
        average: bool,
    },
    Extreme {
        best: Option<(Rank, Value)>,
        choices: &'static [&'static str],
        largest: bool,
    },
}

impl Tally {
    pub(super) fn new(aggregate: Aggregate, kind: &Kind) -> Self {
        match aggregate {
            Aggregate::Count => Self::Count(0),
            Aggregate::CountDistinct => Self::CountDistinct(HashSet::new()),
            Aggregate::Sum => Self::Sum { sum: Some(Decimal::ZERO), count: 0, average: false },
            Aggregate::Avg => Self::Sum { sum: Some(Decimal::ZERO), count: 0, average: true },
            Aggregate::Min => Self::Extreme { best: None, choices: choices(kind), largest: false },
            Aggregate::Max => Self::Extreme { best: None, choices: choices(kind), largest: true },
        }
    }

    /// Takes a value in.
    pub(super) fn add(&mut self, value: &Value, case_sensitive: bool) {
        if value.is_null() {
            return;
        }
        match self {
            Self::Count(count) => *count += 1,
            Self::CountDistinct(seen) => {
                seen.insert(value.key(case_sensitive));
            }
            Self::Sum { sum, count, .. } => {
                if let Value::Number(number) = value {
                    *sum = sum.and_then(|sum| sum.checked_add(*number));
                    *count += 1;
                }
            }
            Self::Extreme { best, choices, largest } => {
                let rank = rank(value, choices);
                let is_better =
                    best.as_ref().is_none_or(|(held, _)| if *largest { rank > *held } else { rank < *held });
                if is_better {
                    *best = Some((rank, value.clone()));
                }
            }
        }
    }

    /// What came out of it; none when it has more digits than a number can have.
    pub(super) fn value(self) -> Option<Value> {
        Some(match self {
            Self::Count(count) => Value::Number(count.into()),
            Self::CountDistinct(seen) => Value::Number(seen.len().into()),
            Self::Sum { count: 0, .. } => Value::Null,
            Self::Sum { sum, count, average: true } => {
                let average = sum?.checked_div(count.into())?;
                Value::Number(average.round_sf(AVERAGE_DIGITS).unwrap_or(average).normalize())
            }
            Self::Sum { sum, .. } => Value::Number(sum?.normalize()),
            Self::Extreme { best, .. } => best.map_or(Value::Null, |(_, value)| value),
        })
    }
}
