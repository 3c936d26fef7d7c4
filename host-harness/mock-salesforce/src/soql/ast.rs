//! The syntax tree of a query: names as written, literals as values. Not for what the names mean in an org.

use jiff::{Timestamp, civil::Date};

/// A query and the text it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The text, for error messages.
    pub source: Source,
    /// What it selects.
    pub select: Select,
}

/// The text of a query. Equal to every other text: two queries are equal when they mean the same.
#[derive(Debug, Clone)]
pub struct Source(pub String);

impl PartialEq for Source {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Where something stands in the source, in bytes. Equal to every other place: it is not part of the meaning.
#[derive(Debug, Clone, Copy, Default)]
pub struct Position(pub usize);

impl PartialEq for Position {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// One `SELECT`: the query itself, a child sub-query or the right side of a semi-join.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// What it returns.
    pub items: Vec<Item>,
    /// The object, or the child relationship in a child sub-query.
    pub from: Name,
    /// The object's alias.
    pub alias: Option<Name>,
    /// `WHERE`.
    pub condition: Option<Condition>,
    /// `GROUP BY`.
    pub group_by: Vec<Path>,
    /// `HAVING`.
    pub having: Option<Condition>,
    /// `ORDER BY`.
    pub order_by: Vec<Order>,
    /// `LIMIT`.
    pub limit: Option<u64>,
    /// `OFFSET`.
    pub offset: Option<u64>,
}

/// A name and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// As written.
    pub text: String,
    /// Where.
    pub at: Position,
}

/// A field, reached over any number of lookups: `Account.Owner.Name`.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The names between the dots; never empty.
    pub names: Vec<String>,
    /// Where the first begins.
    pub at: Position,
}

/// One thing a `SELECT` returns.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A field or an aggregate, with its alias.
    Value(Operand, Option<Name>),
    /// `COUNT()`.
    Count,
    /// `FIELDS(ALL)` and its kin.
    Fields(FieldSet, Position),
    /// A child sub-query.
    Children(Box<Select>),
}

/// Which fields `FIELDS(...)` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldSet {
    /// `FIELDS(ALL)`.
    All,
    /// `FIELDS(STANDARD)`.
    Standard,
    /// `FIELDS(CUSTOM)`.
    Custom,
}

/// A value of a record or of a group.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A field.
    Field(Path),
    /// An aggregate of a field.
    Aggregate(Aggregate, Path),
}

/// An aggregate function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// `COUNT(field)`: how many are not null.
    Count,
    /// `COUNT_DISTINCT(field)`.
    CountDistinct,
    /// `SUM(field)`.
    Sum,
    /// `AVG(field)`.
    Avg,
    /// `MIN(field)`.
    Min,
    /// `MAX(field)`.
    Max,
}

/// What `WHERE` and `HAVING` ask.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// All of them.
    And(Vec<Condition>),
    /// Any of them.
    Or(Vec<Condition>),
    /// Not this one.
    Not(Box<Condition>),
    /// `operand operator literal`.
    Compare(Operand, Comparison, Literal),
    /// `LIKE` a pattern, its escapes resolved.
    Like(Operand, Vec<PatternPart>),
    /// `IN` (true) and `NOT IN` (false) a list.
    In(Operand, bool, Vec<Literal>),
    /// `IN` (true) and `NOT IN` (false) what a sub-select finds.
    InSelect(Operand, bool, Box<Select>),
    /// `INCLUDES` (true) and `EXCLUDES` (false): each text is values joined by `;`, all of which must be chosen.
    Includes(Operand, bool, Vec<Literal>),
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=` and `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A literal value.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number, exactly.
    Number(rust_decimal::Decimal),
    /// Text, its escapes resolved.
    Text(String),
    /// `2026-11-24`
    Date(Date),
    /// `2026-11-24T10:00:00Z`
    DateTime(Timestamp),
    /// `TODAY`, `LAST_N_DAYS:7` and their kin.
    DateRange(DateRange),
}

/// One part of a `LIKE` pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternPart {
    /// This character, in any case.
    Char(char),
    /// `_`: any one character.
    One,
    /// `%`: any characters, or none.
    Any,
}

/// A span of days relative to today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateRange {
    /// The unit that holds today, moved by so many units: `TODAY` is `(Day, 0)`, `LAST_MONTH` `(Month, -1)`.
    Single(DateUnit, i64),
    /// So many whole units before the current one; days include today: `LAST_N_WEEKS:2`.
    Last(DateUnit, i64),
    /// So many whole units after the current one: `NEXT_N_DAYS:7`.
    Next(DateUnit, i64),
}

/// The unit of a [`DateRange`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateUnit {
    /// From midnight.
    Day,
    /// From Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months.
    Quarter,
    /// A calendar year.
    Year,
}

/// One key of `ORDER BY`.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// What to sort by.
    pub operand: Operand,
    /// `DESC`.
    pub descending: bool,
    /// `NULLS LAST`.
    pub nulls_last: bool,
}
