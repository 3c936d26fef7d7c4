//! From records to groups, subtotals among them.
//!
//! Source: SOQL and SOSL Reference, "GROUP BY ROLLUP", "GROUP BY CUBE", "GROUPING(fieldName)".

use std::{borrow::Cow, collections::HashMap};

use super::{
    super::{
        super::ast::{Select, Subtotals},
        group::Tally,
        path::Scope,
        term::Term,
    },
    cells::{Cell, Cells},
};
use crate::{
    ApiError,
    org::{
        table::Row,
        value::{Key, Value},
    },
};

/// The values of a group.
#[derive(Debug)]
pub(super) struct Group {
    keys: Vec<Value>,
    measures: Vec<Value>,
    derived: Vec<Value>,
}

impl Group {
    pub(super) fn value(&self, cell: Cell) -> &Value {
        static NULL: Value = Value::Null;
        let value = match cell {
            Cell::Key(place) => self.keys.get(place),
            Cell::Measure(place) => self.measures.get(place),
            Cell::Derived(place) => self.derived.get(place),
        };
        value.unwrap_or(&NULL)
    }
}

/// A group that records are added to.
struct Open {
    keys: Vec<Value>,
    tallies: Vec<Tally>,
}

impl<'a> Cells<'a> {
    /// The groups, in the order of their first records; subtotals follow what they are of. Without keys all records are
    /// one group, and none are one too.
    pub(super) fn groups(&self, scope: Scope<'a>, select: &Select, rows: &[&'a Row]) -> Result<Vec<Group>, ApiError> {
        let mut groups = Vec::new();
        for kept in self.grouping_sets() {
            for open in self.groups_by(&kept, rows) {
                groups.push(self.closed(open, &kept));
            }
        }
        groups.into_iter().collect::<Option<_>>().ok_or_else(|| {
            let message = "a sum has more digits than a number can have";
            scope.context.source.error("NUMBER_OUTSIDE_VALID_RANGE", select.from.at, message)
        })
    }

    /// Which keys each kind of group keeps: all of them, then those of the subtotals, fewer and fewer.
    fn grouping_sets(&self) -> Vec<Vec<bool>> {
        let count = self.keys.len();
        let mut sets: Vec<Vec<bool>> = match self.subtotals {
            Subtotals::None => vec![vec![true; count]],
            Subtotals::Rollup => (0..=count).rev().map(|kept| (0..count).map(|key| key < kept).collect()).collect(),
            Subtotals::Cube => {
                (0..1_usize << count).map(|left_out| (0..count).map(|key| left_out >> key & 1 == 0).collect()).collect()
            }
        };
        sets.sort_by_key(|kept| kept.iter().filter(|kept| !**kept).count());
        sets
    }

    fn groups_by(&self, kept: &[bool], rows: &[&'a Row]) -> Vec<Open> {
        let tallies =
            || self.measures.iter().map(|(aggregate, term)| Tally::new(*aggregate, term.subject().kind)).collect();
        let mut places = HashMap::new();
        let mut groups: Vec<Open> = Vec::new();
        if self.keys.is_empty() {
            places.insert(Vec::new(), 0);
            groups.push(Open { keys: Vec::new(), tallies: tallies() });
        }
        for row in rows {
            let value = |(key, kept): (&Term<'a>, &bool)| if *kept { key.value(row) } else { Cow::Owned(Value::Null) };
            let values: Vec<Cow<'_, Value>> = self.keys.iter().zip(kept).map(value).collect();
            let is_case_sensitive = |place: usize| self.keys.get(place).is_some_and(|key| key.subject().case_sensitive);
            let key: Vec<Key> =
                values.iter().enumerate().map(|(place, value)| value.key(is_case_sensitive(place))).collect();
            let place = *places.entry(key).or_insert(groups.len());
            if place == groups.len() {
                let keys = values.into_iter().map(Cow::into_owned).collect();
                groups.push(Open { keys, tallies: tallies() });
            }
            let Some(group) = groups.get_mut(place) else { continue };
            for (tally, (_, term)) in group.tallies.iter_mut().zip(&self.measures) {
                tally.add(&term.value(row), term.column().field.case_sensitive);
            }
        }
        groups
    }

    /// The values of a group; none when one of them has more digits than a number can have.
    fn closed(&self, Open { keys, tallies }: Open, kept: &[bool]) -> Option<Group> {
        let derived = self.derived.iter().map(|derived| derived.value(&keys, kept)).collect();
        let measures = tallies.into_iter().map(Tally::value).collect::<Option<_>>()?;
        Some(Group { keys, measures, derived })
    }
}
