//! How the records of a `SELECT` are found: along which index, and which stretches of it.
//!
//! A plan decides how many records are looked at, never which are found: each of them is tested by the whole condition. Nor
//! does it change their order: records that do not come in the order asked for are sorted.

mod stretches;

use std::{cmp::Ordering, ops::Range, slice};

use self::stretches::{Stretches, intersection, union};
use super::{
    condition::{Filter, Sought, Test},
    order::SortKey,
    path::Column,
    term::Term,
};
use crate::org::{
    table::{Index, Row, Table},
    value::Key,
};

/// Keys of a list that are looked for one by one. Of more, every record is looked at.
const MOST_KEYS: usize = 2_000;

/// Which records are looked at, and in which order.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    way: Way<'a>,
    stretches: Stretches,
    /// How the stretches are walked; none when the records come in any order.
    walk: Option<Walk>,
    /// Whether the condition takes every record in the stretches.
    is_exact: bool,
}

/// What is walked along.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way<'a> {
    /// All records, by Id.
    Ids(&'a Table),
    /// An index on the field at this place.
    Index(&'a Table, usize, &'a Index),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walk {
    Up,
    Down,
    /// The values from the greatest down, and the records of each by Id.
    ValuesDown,
}

impl<'a> Plan<'a> {
    /// The way along which the fewest records have to be looked at for the first `wanted` that the condition takes.
    pub(super) fn new(
        table: &'a Table,
        filter: Option<&Filter<Term<'a>>>,
        order: &[SortKey<Term<'a>>],
        wanted: usize,
    ) -> Self {
        let ids = Way::Ids(table);
        let indexes = table.indexes().map(|(place, index)| Way::Index(table, place, index));
        let ways = std::iter::once(ids).chain(indexes);
        let plans: Vec<_> = ways.map(|way| Self::along(way, filter, order)).collect();
        let found_at_most = plans.iter().map(Self::len).min().unwrap_or(0);
        let best = plans.into_iter().min_by_key(|plan| (plan.cost(wanted, found_at_most), plan.walk.is_none()));
        best.unwrap_or_else(|| Self::along(ids, filter, order))
    }

    fn along(way: Way<'a>, filter: Option<&Filter<Term<'a>>>, order: &[SortKey<Term<'a>>]) -> Self {
        let stretches = filter.map_or_else(|| way.whole(), |filter| way.stretches(filter));
        let walk = way.walk(order, &stretches);
        let nulls_last = order.first().is_some_and(|key| key.nulls_last);
        let stretches = if walk.is_some() { way.arrange(stretches, walk, nulls_last) } else { stretches };
        let is_exact = filter.is_none_or(|filter| way.is_exact(filter));
        Self { way, stretches, walk, is_exact }
    }

    /// The way along all Ids.
    pub(super) fn by_id(table: &'a Table, filter: Option<&Filter<Term<'a>>>, order: &[SortKey<Term<'a>>]) -> Self {
        Self::along(Way::Ids(table), filter, order)
    }

    /// The only stretch, and whether it is walked down, if it has every record of the result and no other, in its order.
    pub(super) fn span(&self) -> Option<(Range<usize>, bool)> {
        match self.stretches.as_slice() {
            _ if !self.is_exact => None,
            [] => self.walk.map(|walk| (0..0, walk == Walk::Down)),
            [one] => self.walk.map(|walk| (one.clone(), walk == Walk::Down)),
            _ => None,
        }
    }

    /// How many records the condition takes, if none has to be looked at to know.
    pub(super) fn count(&self) -> Option<usize> {
        self.is_exact.then(|| self.len())
    }

    /// The places of all records to look at.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.stretches.iter().flat_map(Range::clone)
    }

    /// About how many records are looked at. Who walks in order stops at the last that is wanted, and meets those that the
    /// condition takes evenly on the way.
    fn cost(&self, wanted: usize, found_at_most: usize) -> usize {
        match self.walk {
            Some(_) if wanted < found_at_most => {
                self.len().saturating_mul(wanted).checked_div(found_at_most).unwrap_or(0)
            }
            _ => self.len(),
        }
    }

    /// How many records are in the stretches.
    pub(super) fn len(&self) -> usize {
        self.stretches.iter().map(ExactSizeIterator::len).sum()
    }

    /// The field of the index that leads to the records; none if all are looked at, one after the other.
    pub(super) fn leading_field(&self) -> Option<&'static str> {
        match self.way {
            Way::Ids(table) => (self.len() < table.len()).then_some("Id"),
            Way::Index(table, place, _) => Some(table.object.fields.get(place)?.name),
        }
    }

    /// Whether the records come in the order asked for.
    pub(super) fn is_in_order(&self) -> bool {
        self.walk.is_some()
    }

    /// The records to look at, each once.
    pub(super) fn rows(self) -> impl Iterator<Item = &'a Row> {
        let Self { way, stretches, walk, .. } = self;
        let rows = stretches.into_iter().flat_map(move |stretch| way.rows(stretch, walk.unwrap_or(Walk::Up)));
        #[cfg(test)]
        let rows = rows.inspect(|_| LOOKED_AT.with(|count| count.set(count.get() + 1)));
        rows
    }
}

#[cfg(test)]
thread_local! {
    /// How many records were looked at.
    pub(super) static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

impl<'a> Way<'a> {
    fn len(self) -> usize {
        match self {
            Self::Ids(table) => table.len(),
            Self::Index(_, _, index) => index.len(),
        }
    }

    fn whole(self) -> Stretches {
        std::iter::once(0..self.len()).collect()
    }

    /// How many entries come before, by the field at this place that it is a way of.
    fn position(self, place: usize, comes_before: impl Fn(&Key) -> bool) -> usize {
        match self {
            Self::Ids(table) => table.partition_point(place, comes_before),
            Self::Index(_, _, index) => index.partition_point(|(key, _)| comes_before(key)),
        }
    }

    /// Whether it is the way of this field of the record itself.
    fn is_of(self, column: &Column<'_>) -> bool {
        column.steps.is_empty()
            && match self {
                Self::Ids(table) => table.is_by_number(column.place),
                Self::Index(_, place, _) => column.place == place,
            }
    }

    /// Where all records are that the condition takes, and maybe others.
    fn stretches(self, filter: &Filter<Term<'a>>) -> Stretches {
        match filter {
            Filter::All(all) => {
                all.iter().fold(self.whole(), |common, filter| intersection(&common, &self.stretches(filter)))
            }
            Filter::Any(any) => union(any.iter().flat_map(|filter| self.stretches(filter)).collect()),
            Filter::Test(Term::Field(column), test) if self.is_of(column) => {
                self.sought(column.place, test).unwrap_or_else(|| self.whole())
            }
            Filter::Not(_) | Filter::Test(..) => self.whole(),
        }
    }

    /// Whether its stretches have no records but those that the condition takes.
    fn is_exact(self, filter: &Filter<Term<'a>>) -> bool {
        match filter {
            Filter::All(all) | Filter::Any(all) => all.iter().all(|filter| self.is_exact(filter)),
            Filter::Test(Term::Field(column), test) => self.is_of(column) && self.sought(column.place, test).is_some(),
            Filter::Not(_) | Filter::Test(..) => false,
        }
    }

    fn sought(self, place: usize, test: &Test) -> Option<Stretches> {
        match test.sought()? {
            Sought::Keys(keys) if keys.len() > MOST_KEYS => None,
            Sought::Keys(keys) => {
                let stretch =
                    |wanted: &Key| self.position(place, |key| key < wanted)..self.position(place, |key| key <= wanted);
                Some(union(keys.iter().map(stretch).collect()))
            }
            Sought::Between(is_right, wanted) => {
                let places = [Ordering::Less, Ordering::Equal, Ordering::Greater];
                let is_taken = |key: &Key| wanted.place(key).is_some_and(is_right);
                let comes_before = |key: &Key| {
                    wanted.place(key).is_none_or(|place| {
                        !is_right(place) && places.iter().any(|other| *other > place && is_right(*other))
                    })
                };
                let end = self.position(place, |key| comes_before(key) || is_taken(key));
                Some(std::iter::once(self.position(place, comes_before)..end).collect())
            }
        }
    }

    /// How the stretches are walked for the records to come in this order; none if they do not. What is equal comes by Id.
    fn walk(self, order: &[SortKey<Term<'a>>], stretches: &Stretches) -> Option<Walk> {
        let by_id = match order {
            [] => Some(Walk::Up),
            [key, ..] if Self::Ids(self.table()).sorts(key) => Some(up_or_down(key)),
            _ => None,
        };
        match (self, order) {
            (Self::Ids(_), _) => by_id,
            (Self::Index(..), [key, then @ ..]) if self.sorts(key) => match then {
                [] if key.descending => Some(Walk::ValuesDown),
                [] => Some(Walk::Up),
                [then, ..] if Self::Ids(self.table()).sorts(then) => match (up_or_down(key), up_or_down(then)) {
                    (Walk::Down, Walk::Up) => Some(Walk::ValuesDown),
                    (Walk::Up, Walk::Down) => None,
                    (walk, _) => Some(walk),
                },
                _ => None,
            },
            (Self::Index(_, _, index), _) => by_id.filter(|_| match stretches.as_slice() {
                [] => true,
                [one] => {
                    let key = |position: usize| index.get(position).map(|(key, _)| key);
                    one.is_empty() || key(one.start) == key(one.end - 1)
                }
                _ => false,
            }),
        }
    }

    fn table(self) -> &'a Table {
        match self {
            Self::Ids(table) | Self::Index(table, ..) => table,
        }
    }

    /// Whether its entries are in the order of this key: picklists sort by their values' places, and all text sorts in any
    /// case.
    fn sorts(self, key: &SortKey<Term<'_>>) -> bool {
        let Term::Field(column) = &key.place else { return false };
        self.is_of(column) && key.choices.is_empty() && !column.field.case_sensitive
    }

    /// The stretches as they are walked: those without a value first or last, the others from below or from above.
    fn arrange(self, stretches: Stretches, walk: Option<Walk>, nulls_last: bool) -> Stretches {
        let values = match self {
            Self::Ids(_) => 0,
            Self::Index(_, place, _) => self.position(place, |key| *key == Key::Null),
        };
        let mut nulls = intersection(&stretches, slice::from_ref(&(0..values)));
        let mut rest = intersection(&stretches, slice::from_ref(&(values..self.len())));
        if walk != Some(Walk::Up) {
            rest.reverse();
        }
        if walk == Some(Walk::Down) {
            nulls.reverse();
        }
        if nulls_last { [rest, nulls].concat() } else { [nulls, rest].concat() }
    }

    fn rows(self, stretch: Range<usize>, walk: Walk) -> Box<dyn Iterator<Item = &'a Row> + 'a> {
        match (self, walk) {
            (Self::Ids(table), Walk::Up) => Box::new(table.rows().range(stretch)),
            (Self::Ids(table), _) => Box::new(table.rows().range(stretch).rev()),
            (Self::Index(table, _, index), Walk::Up) => {
                Box::new(index.range(stretch).filter_map(|(_, id)| table.row(*id)))
            }
            (Self::Index(table, _, index), Walk::Down) => {
                Box::new(index.range(stretch).rev().filter_map(|(_, id)| table.row(*id)))
            }
            (Self::Index(table, _, index), Walk::ValuesDown) => {
                let mut entries = index.range(stretch).rev().peekable();
                let values = std::iter::from_fn(move || {
                    let (key, last) = entries.next()?;
                    let mut ids = vec![*last];
                    while let Some((_, id)) = entries.next_if(|(next, _)| next == key) {
                        ids.push(*id);
                    }
                    Some(ids.into_iter().rev())
                });
                Box::new(values.flatten().filter_map(|id| table.row(id)))
            }
        }
    }
}

fn up_or_down(key: &SortKey<Term<'_>>) -> Walk {
    if key.descending { Walk::Down } else { Walk::Up }
}
