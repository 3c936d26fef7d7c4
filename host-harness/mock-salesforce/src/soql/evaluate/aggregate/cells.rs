//! What the operands of a query with groups mean: keys, and what is made of a group.

use std::collections::HashSet;

use jiff::tz::TimeZone;

use super::super::{
    super::ast::{Aggregate, DatePart, Operand, Path, Position, Select, Subtotals},
    condition::{Operands, Within},
    format::Format,
    literal::Subject,
    path::Scope,
    term::Term,
};
use crate::{
    ApiError,
    org::{
        schema::{Kind, Labels},
        value::{Key, Value},
    },
};

/// How many keys `ROLLUP` and `CUBE` take.
const MAX_SUBTOTALED: usize = 3;
static INTEGER: Kind = Kind::Integer;

/// Which value of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// That of a key.
    Key(usize),
    /// That of an aggregate.
    Measure(usize),
    /// What is made of a key.
    Derived(usize),
}

/// What is made of the key of this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Derived {
    /// `GROUPING(key)`.
    Grouping(usize),
    /// A date function of a day that is a key.
    Date(DatePart, usize),
    /// The label of a picklist's value that is a key.
    Label(Labels, usize),
}

/// The values that a group has.
pub(super) struct Cells<'a> {
    scope: Scope<'a>,
    pub(super) keys: Vec<Term<'a>>,
    /// Amounts in several currencies are told in the corporate one.
    pub(super) measures: Vec<(Aggregate, Term<'a>)>,
    pub(super) derived: Vec<Derived>,
    pub(super) subtotals: Subtotals,
}

impl<'a> Cells<'a> {
    /// The keys of a query.
    pub(super) fn group_by(scope: Scope<'a>, select: &Select) -> Result<Self, ApiError> {
        let subtotals = select.subtotals;
        let mut cells = Self { scope, keys: Vec::new(), measures: Vec::new(), derived: Vec::new(), subtotals };
        for operand in &select.group_by {
            let term = scope.term(operand)?;
            let subject = term.subject();
            if !subject.kind.is_groupable() {
                let message = format!("field '{}' can not be grouped in a query call", subject.name);
                return Err(scope.malformed(subject.at, &message));
            }
            cells.keys.push(term);
        }
        if subtotals != Subtotals::None && cells.keys.len() > MAX_SUBTOTALED {
            let message = format!("ROLLUP and CUBE take at most {MAX_SUBTOTALED} fields");
            return Err(scope.malformed(select.from.at, &message));
        }
        Ok(cells)
    }

    /// Which value of a group an operand means.
    pub(super) fn cell(&mut self, operand: &Operand) -> Result<(Cell, Subject<'a>), ApiError> {
        match operand {
            Operand::Aggregate(aggregate, path) => self.measure(*aggregate, path),
            Operand::Grouping(path) => self.grouping(path),
            _ => self.key(operand),
        }
    }

    fn key(&mut self, operand: &Operand) -> Result<(Cell, Subject<'a>), ApiError> {
        let term = self.scope.term(operand)?;
        let subject = term.subject();
        if let Some(key) = self.place(&term) {
            return Ok((Cell::Key(key), subject));
        }
        // A function of a day may stand where the day is grouped.
        if let Term::Date(part, _, column) = &term
            && matches!(column.field.kind, Kind::Date)
            && let Some(key) = self.place(&Term::Field(column.clone()))
        {
            return Ok((self.derive(Derived::Date(*part, key)), subject));
        }
        // So may the label of a value.
        if let Term::Format(Format::Label(labels), column) = &term
            && let Some(key) = self.place(&Term::Field(column.clone()))
        {
            return Ok((self.derive(Derived::Label(*labels, key)), subject));
        }
        let message = format!("Field must be grouped or aggregated: {}", subject.name);
        Err(self.scope.malformed(subject.at, &message))
    }

    fn grouping(&mut self, path: &Path) -> Result<(Cell, Subject<'a>), ApiError> {
        let column = self.scope.column(path)?;
        let subject = Subject { kind: &INTEGER, ..column.subject() };
        let key = self.place(&Term::Field(column)).filter(|_| self.subtotals != Subtotals::None);
        let message = format!("GROUPING() takes a field of GROUP BY ROLLUP or CUBE, and '{}' is none", subject.name);
        let key = key.ok_or_else(|| self.scope.malformed(path.at, &message))?;
        Ok((self.derive(Derived::Grouping(key)), subject))
    }

    fn measure(&mut self, aggregate: Aggregate, path: &Path) -> Result<(Cell, Subject<'a>), ApiError> {
        let column = self.scope.column(path)?;
        let subject = column.subject();
        let term = Term::Field(column);
        if self.place(&term).is_some() {
            let message = format!("Grouped field should not be aggregated: {}", subject.name);
            return Err(self.scope.malformed(path.at, &message));
        }
        if !aggregate.supports(subject.kind) {
            let message = format!("field {} does not support aggregate operator {}", subject.name, aggregate.name());
            return Err(self.scope.malformed(path.at, &message));
        }
        let counts = matches!(aggregate, Aggregate::Count | Aggregate::CountDistinct);
        let term = if counts { term } else { term.in_corporate_currency(self.scope.context) };
        let is_same = |(known, of): &(Aggregate, Term<'_>)| *known == aggregate && of.is_same(&term);
        let place = self.measures.iter().position(is_same).unwrap_or(self.measures.len());
        if place == self.measures.len() {
            self.measures.push((aggregate, term));
        }
        Ok((Cell::Measure(place), Subject { kind: aggregate.kind(subject.kind), ..subject }))
    }

    fn place(&self, term: &Term<'a>) -> Option<usize> {
        self.keys.iter().position(|key| key.is_same(term))
    }

    fn derive(&mut self, derived: Derived) -> Cell {
        let place = self.derived.iter().position(|known| *known == derived).unwrap_or(self.derived.len());
        if place == self.derived.len() {
            self.derived.push(derived);
        }
        Cell::Derived(place)
    }
}

impl<'a> Operands<'a> for Cells<'a> {
    type Place = Cell;

    fn resolve(&mut self, operand: &Operand) -> Result<(Cell, Subject<'a>), ApiError> {
        self.cell(operand)
    }

    fn in_corporate_currency(&self, _: Cell, at: Position) -> Result<Cell, ApiError> {
        let message = "an aggregate is compared with a plain number, which is in the org's default currency";
        Err(self.scope.malformed(at, message))
    }

    fn join(&self, _: &Cell, select: &'a Select, _: Within) -> Result<HashSet<Key>, ApiError> {
        Err(self.scope.malformed(select.from.at, "HAVING takes no sub-selects"))
    }
}

impl Derived {
    /// Its value in a group, given the keys that the group is of: the others are null.
    pub(super) fn value(self, keys: &[Value], kept: &[bool]) -> Value {
        match self {
            Self::Grouping(key) => Value::Number(u8::from(kept.get(key) == Some(&false)).into()),
            Self::Label(labels, key) => Format::Label(labels).of_value(keys.get(key).unwrap_or(&Value::Null)),
            Self::Date(part, key) => part.of(keys.get(key).unwrap_or(&Value::Null), &TimeZone::UTC),
        }
    }
}
