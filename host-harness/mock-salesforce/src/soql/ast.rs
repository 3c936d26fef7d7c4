//! The syntax tree of a query: names as written, literals as values. Not for what the names mean in an org.

mod function;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

pub use function::{Aggregate, DatePart, Distance, LengthUnit, Zone};

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
    /// What `FROM` names beside the object: lookups from it, or from those before.
    pub related: Vec<Related>,
    /// `USING SCOPE`.
    pub scope: Option<FilterScope>,
    /// `WHERE`.
    pub condition: Option<Condition>,
    /// `GROUP BY`.
    pub group_by: Vec<Operand>,
    /// The subtotals of `GROUP BY`.
    pub subtotals: Subtotals,
    /// `HAVING`.
    pub having: Option<Condition>,
    /// `ORDER BY`.
    pub order_by: Vec<Order>,
    /// `LIMIT`.
    pub limit: Option<u64>,
    /// `OFFSET`.
    pub offset: Option<u64>,
    /// `FOR UPDATE`.
    pub for_update: Option<Position>,
}

/// A lookup that `FROM` gives an alias: `c.Account a`.
#[derive(Debug, Clone, PartialEq)]
pub struct Related {
    /// The relationship, led to from the object, its alias or another alias.
    pub path: Path,
    /// Its alias.
    pub alias: Option<Name>,
}

/// Whose records `USING SCOPE` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterScope {
    /// Everybody's.
    Everything,
    /// Those that the user owns.
    Mine,
}

/// Which subtotals `GROUP BY` adds to the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subtotals {
    /// None.
    None,
    /// `ROLLUP`: of each beginning of the keys, the empty one too.
    Rollup,
    /// `CUBE`: of each choice of keys.
    Cube,
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
    /// `TYPEOF`.
    TypeOf(TypeOf),
}

/// `TYPEOF Owner WHEN User THEN Name, Email ELSE Name END`: fields that depend on what a lookup leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeOf {
    /// The lookup.
    pub relationship: Path,
    /// An object, and the fields told of its records.
    pub when: Vec<(Name, Vec<Path>)>,
    /// The fields told of the records of other objects.
    pub otherwise: Vec<Path>,
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
    /// A part of a date or of a moment.
    Date(DatePart, Zone, Path),
    /// `toLabel(field)`: the value as its user reads it.
    Label(Path),
    /// `convertCurrency(field)`: an amount in its user's currency.
    Converted(Path),
    /// `FORMAT(...)` of a field, an aggregate or a converted amount, in `SELECT` alone: the text that a user reads.
    Format(Box<Operand>),
    /// `GROUPING(field)`: 1 in the subtotals of a key, else 0.
    Grouping(Path),
    /// `DISTANCE(field, GEOLOCATION(latitude, longitude), 'km')`.
    Distance(Distance),
}

impl Operand {
    /// The field that it is, or is made of.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Field(path) | Self::Aggregate(_, path) | Self::Date(_, _, path) | Self::Label(path) => path,
            Self::Converted(path) => path,
            Self::Format(inner) => inner.path(),
            Self::Grouping(path) | Self::Distance(Distance { of: path, .. }) => path,
        }
    }
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
    Number(Decimal),
    /// `USD5000`: an amount, and the code of its currency in capital letters.
    Money(String, Decimal),
    /// Text, its escapes resolved.
    Text(String),
    /// `2026-11-24`
    Date(Date),
    /// `2026-11-24T10:00:00Z`
    DateTime(Timestamp),
    /// `10:00:00Z`, as written. No field of the mock has such values.
    Time(String),
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
    /// Three calendar months. A fiscal quarter is the same.
    Quarter,
    /// A calendar year. The fiscal year is the same.
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
