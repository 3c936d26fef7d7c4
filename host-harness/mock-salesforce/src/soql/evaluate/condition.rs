//! `WHERE` and `HAVING`: which values a condition takes.
//!
//! A condition is either true or false, never unknown: what is null is less and greater than nothing, equal to null
//! alone, and different from everything else.
//!
//! Source: SOQL and SOSL Reference, "Comparison Operators" and "Logical Operators".

use std::{borrow::Cow, cmp::Ordering, collections::HashSet};

use super::{
    super::ast::{Comparison, Condition, Literal, Operand, PatternPart, Position, Select},
    Context, like,
    literal::{Subject, Wanted, wrong_type},
};
use crate::{
    ApiError,
    org::{
        schema::Kind,
        value::{Key, Value},
    },
};

/// A condition over values that are found by a `T`: a term of a record or a cell of a group.
#[derive(Debug, Clone)]
pub(super) enum Filter<T> {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Test(T, Test),
}

/// What one value must be.
#[derive(Debug, Clone)]
pub(super) struct Test {
    case_sensitive: bool,
    demand: Demand,
}

#[derive(Debug, Clone)]
enum Demand {
    OneOf(HashSet<Key>),
    /// The value has a place to what is wanted, and it is a right one.
    Compare(fn(Ordering) -> bool, Wanted),
    Like(Vec<PatternPart>),
    /// For one of the lists, all of it is chosen.
    Includes(Vec<Vec<Key>>),
}

/// What an index looks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sought<'t> {
    /// Each of these.
    Keys(&'t HashSet<Key>),
    /// Those with a right place to what is wanted. They follow each other.
    Between(fn(Ordering) -> bool, &'t Wanted),
}

/// What operands mean where the condition stands.
pub(super) trait Operands<'a> {
    /// How an operand's value is found.
    type Place;

    fn resolve(&mut self, operand: &Operand) -> Result<(Self::Place, Subject<'a>), ApiError>;

    /// Where an operand is found in the corporate currency, for a comparison with an amount that names its own.
    fn in_corporate_currency(&self, place: Self::Place, at: Position) -> Result<Self::Place, ApiError>;

    /// The values that a semi-join's sub-select finds for an operand.
    fn join(&self, place: &Self::Place, select: &'a Select, within: Within) -> Result<HashSet<Key>, ApiError>;
}

/// What joins the conditions above the one at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    And,
    Or,
    Not,
}

impl<T: Clone> Filter<T> {
    pub(super) fn compile<'a, O: Operands<'a, Place = T>>(
        context: Context<'a>,
        condition: &'a Condition,
        operands: &mut O,
    ) -> Result<Self, ApiError> {
        Compiler { context, operands }.filter(condition, Within::And)
    }

    /// The condition that a value is this one.
    pub(super) fn equals(place: T, key: Key) -> Self {
        Self::Test(place, Test { case_sensitive: false, demand: Demand::OneOf(HashSet::from([key])) })
    }

    /// Whether the condition is true of these values.
    pub(super) fn takes<'v>(&self, value: &dyn Fn(&T) -> Cow<'v, Value>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|filter| filter.takes(value)),
            Self::Any(any) => any.iter().any(|filter| filter.takes(value)),
            Self::Not(filter) => !filter.takes(value),
            Self::Test(place, test) => test.takes(&value(place)),
        }
    }
}

impl Test {
    fn takes(&self, value: &Value) -> bool {
        let key = || value.key(self.case_sensitive);
        let text = || value.as_text().unwrap_or_default();
        match &self.demand {
            Demand::OneOf(keys) => keys.contains(&key()),
            Demand::Compare(is_right, wanted) => wanted.place(&key()).is_some_and(is_right),
            Demand::Like(pattern) => !value.is_null() && like::fits(pattern, text(), self.case_sensitive),
            Demand::Includes(lists) => {
                let chosen = choices(text(), self.case_sensitive);
                lists.iter().any(|list| list.iter().all(|choice| chosen.contains(choice)))
            }
        }
    }

    /// What an index can look for to find the values it takes; none when it cannot.
    pub(super) fn sought(&self) -> Option<Sought<'_>> {
        match &self.demand {
            Demand::OneOf(keys) => Some(Sought::Keys(keys)),
            Demand::Compare(is_right, wanted) => Some(Sought::Between(*is_right, wanted)),
            Demand::Like(_) | Demand::Includes(_) => None,
        }
    }
}

struct Compiler<'a, 'o, O> {
    context: Context<'a>,
    operands: &'o mut O,
}

impl<'a, T: Clone, O: Operands<'a, Place = T>> Compiler<'a, '_, O> {
    fn filter(&mut self, condition: &'a Condition, within: Within) -> Result<Filter<T>, ApiError> {
        match condition {
            Condition::And(all) => Ok(Filter::All(self.filters(all, within)?)),
            Condition::Or(any) => Ok(Filter::Any(self.filters(any, Within::Or)?)),
            Condition::Not(condition) => Ok(Filter::Not(Box::new(self.filter(condition, Within::Not)?))),
            Condition::Compare(operand, comparison, literal) => self.compare(operand, *comparison, literal),
            Condition::Like(operand, pattern) => {
                let (place, subject) = self.place(operand)?;
                let takes_patterns = matches!(
                    subject.kind,
                    Kind::Text(_) | Kind::Email | Kind::Phone | Kind::Url | Kind::Picklist { .. }
                );
                if !takes_patterns {
                    return Err(self.invalid_operator(subject));
                }
                Ok(test(place, subject, Demand::Like(pattern.clone())))
            }
            Condition::In(operand, positive, literals) => {
                let (place, subject) = self.place(operand)?;
                Ok(negated_unless(*positive, self.one_of(place, subject, literals)?))
            }
            Condition::InSelect(operand, positive, select) => {
                let (place, subject) = self.place(operand)?;
                let keys = self.operands.join(&place, select, within)?;
                Ok(negated_unless(*positive, test(place, subject, Demand::OneOf(keys))))
            }
            Condition::Includes(operand, positive, literals) => {
                let (place, subject) = self.place(operand)?;
                if !matches!(subject.kind, Kind::MultiPicklist(_)) {
                    return Err(self.invalid_operator(subject));
                }
                let list = |literal: &Literal| match literal {
                    Literal::Text(text) if !text.is_empty() => Ok(choices(text, subject.case_sensitive)),
                    _ => Err(wrong_type(self.context, subject)),
                };
                let lists = literals.iter().map(list).collect::<Result<_, _>>()?;
                Ok(negated_unless(*positive, test(place, subject, Demand::Includes(lists))))
            }
        }
    }

    fn filters(&mut self, conditions: &'a [Condition], within: Within) -> Result<Vec<Filter<T>>, ApiError> {
        conditions.iter().map(|condition| self.filter(condition, within)).collect()
    }

    fn compare(&mut self, operand: &Operand, comparison: Comparison, literal: &Literal) -> Result<Filter<T>, ApiError> {
        let (place, subject) = self.place(operand)?;
        if matches!(operand, Operand::Distance(_)) && !matches!(comparison, Comparison::Less | Comparison::Greater) {
            let message = "DISTANCE() takes the operators < and > alone";
            return Err(self.context.source.error("INVALID_QUERY_FILTER_OPERATOR", subject.at, message));
        }
        let wanted = Wanted::new(self.context, subject, literal)?;
        let place = if is_money(literal) { self.operands.in_corporate_currency(place, subject.at)? } else { place };
        let is_right = match comparison {
            Comparison::Equal | Comparison::NotEqual => {
                let demand = match wanted {
                    Wanted::Value(value) => Demand::OneOf(HashSet::from([value])),
                    span @ Wanted::Span(..) => Demand::Compare(Ordering::is_eq, span),
                };
                return Ok(negated_unless(comparison == Comparison::Equal, test(place, subject, demand)));
            }
            Comparison::Less => Ordering::is_lt,
            Comparison::LessOrEqual => Ordering::is_le,
            Comparison::Greater => Ordering::is_gt,
            Comparison::GreaterOrEqual => Ordering::is_ge,
        };
        if matches!(subject.kind, Kind::Boolean | Kind::MultiPicklist(_)) {
            return Err(self.invalid_operator(subject));
        }
        if wanted == Wanted::Value(Key::Null) {
            return Err(self.context.source.malformed(subject.at, "null can be compared by = and != alone"));
        }
        Ok(test(place, subject, Demand::Compare(is_right, wanted)))
    }

    fn place(&mut self, operand: &Operand) -> Result<(T, Subject<'a>), ApiError> {
        let (place, subject) = self.operands.resolve(operand)?;
        if matches!(operand, Operand::Converted(_)) {
            let message = "convertCurrency() cannot stand in a condition: compare with an amount such as USD5000";
            return Err(self.context.source.malformed(subject.at, message));
        }
        if !subject.kind.is_filterable() {
            let message = format!("field '{}' can not be filtered in a query call", subject.name);
            return Err(self.context.source.error("INVALID_FIELD", subject.at, &message));
        }
        Ok((place, subject))
    }

    /// One of a list: a value, or a day of a span such as `TODAY`.
    fn one_of(&self, mut place: T, subject: Subject<'a>, literals: &[Literal]) -> Result<Filter<T>, ApiError> {
        if literals.iter().any(is_money) {
            if literals.iter().any(|literal| matches!(literal, Literal::Number(_))) {
                let message = "IN takes amounts with currency codes or without, and not both";
                return Err(self.context.source.malformed(subject.at, message));
            }
            place = self.operands.in_corporate_currency(place, subject.at)?;
        }
        let mut keys = HashSet::new();
        let mut any = Vec::new();
        for literal in literals {
            match Wanted::new(self.context, subject, literal)? {
                Wanted::Value(value) => {
                    keys.insert(value);
                }
                span @ Wanted::Span(..) => {
                    any.push(test(place.clone(), subject, Demand::Compare(Ordering::is_eq, span)))
                }
            }
        }
        let values = test(place, subject, Demand::OneOf(keys));
        if any.is_empty() {
            return Ok(values);
        }
        any.push(values);
        Ok(Filter::Any(any))
    }

    fn invalid_operator(&self, subject: Subject<'_>) -> ApiError {
        let message = format!("invalid operator on {} field", subject.kind.type_name());
        self.context.source.error("INVALID_QUERY_FILTER_OPERATOR", subject.at, &message)
    }
}

fn test<T>(place: T, subject: Subject<'_>, demand: Demand) -> Filter<T> {
    Filter::Test(place, Test { case_sensitive: subject.case_sensitive, demand })
}

fn negated_unless<T>(positive: bool, filter: Filter<T>) -> Filter<T> {
    if positive { filter } else { Filter::Not(Box::new(filter)) }
}

/// Whether it names its currency.
fn is_money(literal: &Literal) -> bool {
    matches!(literal, Literal::Money(..))
}

/// The values chosen in a multi-select picklist.
fn choices(text: &str, case_sensitive: bool) -> Vec<Key> {
    text.split(';').map(|choice| Value::text(choice.trim()).key(case_sensitive)).collect()
}
