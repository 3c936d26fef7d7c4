//! `ORDER BY`: nulls first unless told otherwise, text in any case, picklists in the order of their values.
//!
//! Source: SOQL and SOSL Reference, "ORDER BY".

use std::{borrow::Cow, cmp::Ordering};

use super::{
    super::ast::{Operand, Order},
    Context,
    condition::Operands,
};
use crate::{
    ApiError,
    org::{
        schema::Kind,
        value::{Key, Value},
    },
};

/// One key of an `ORDER BY` over values that are found by a `T`.
#[derive(Debug, Clone)]
pub(super) struct SortKey<T> {
    pub(super) place: T,
    /// The values of a picklist, in order.
    pub(super) choices: &'static [&'static str],
    pub(super) descending: bool,
    pub(super) nulls_last: bool,
}

/// What a value is sorted by; none for null.
pub(super) type Rank = Option<(usize, Key)>;

impl<T> SortKey<T> {
    pub(super) fn compile<'a, O: Operands<'a, Place = T>>(
        context: Context<'a>,
        order: &Order,
        operands: &mut O,
    ) -> Result<Self, ApiError> {
        let (place, subject) = operands.resolve(&order.operand)?;
        let refused = match order.operand {
            Operand::Label(_) => Some("toLabel() cannot stand in ORDER BY"),
            Operand::Converted(_) => {
                Some("convertCurrency() cannot stand in ORDER BY: amounts are sorted converted anyway")
            }
            _ => None,
        };
        if let Some(message) = refused {
            return Err(context.source.malformed(subject.at, message));
        }
        if !subject.kind.is_sortable() {
            let message = format!("field '{}' can not be sorted in a query call", subject.name);
            return Err(context.source.malformed(subject.at, &message));
        }
        let choices = choices(subject.kind);
        Ok(Self { place, choices, descending: order.descending, nulls_last: order.nulls_last })
    }

    /// Sorts by all keys; what is equal in all of them stays in its order.
    pub(super) fn sort<R>(keys: &[Self], rows: &mut Vec<R>, value: impl for<'r> Fn(&'r R, &T) -> Cow<'r, Value>) {
        if keys.is_empty() {
            return;
        }
        let ranks = |row: &R| keys.iter().map(|key| rank(&value(row, &key.place), key.choices)).collect::<Vec<_>>();
        let mut ranked: Vec<_> = std::mem::take(rows).into_iter().map(|row| (ranks(&row), row)).collect();
        ranked.sort_by(|(one, _), (other, _)| {
            let ranks = one.iter().zip(other);
            let mut differences = keys.iter().zip(ranks).map(|(key, (one, other))| key.compare(one, other));
            differences.find(|difference| difference.is_ne()).unwrap_or(Ordering::Equal)
        });
        rows.extend(ranked.into_iter().map(|(_, row)| row));
    }

    fn compare(&self, one: &Rank, other: &Rank) -> Ordering {
        let nulls = if self.nulls_last { Ordering::Greater } else { Ordering::Less };
        match (one, other) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => nulls,
            (Some(_), None) => nulls.reverse(),
            (Some(one), Some(other)) if self.descending => other.cmp(one),
            (Some(one), Some(other)) => one.cmp(other),
        }
    }
}

/// The values of a picklist, in order.
pub(super) fn choices(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::Picklist { values, .. } => values,
        _ => &[],
    }
}

/// What a value is sorted by: its place among the choices, then itself. What is no choice comes after them.
pub(super) fn rank(value: &Value, choices: &[&str]) -> Rank {
    let place = match value {
        Value::Null => return None,
        Value::Text(text) => choices.iter().position(|choice| choice.eq_ignore_ascii_case(text)),
        _ => None,
    };
    Some((place.unwrap_or(choices.len()), value.key(false)))
}
