//! Functions of fields.

use rust_decimal::Decimal;

use super::Path;

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

/// What a date function tells of a day, or of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatePart {
    /// `CALENDAR_YEAR`
    CalendarYear,
    /// `CALENDAR_QUARTER`: 1 to 4.
    CalendarQuarter,
    /// `CALENDAR_MONTH`: 1 to 12.
    CalendarMonth,
    /// `FISCAL_YEAR`
    FiscalYear,
    /// `FISCAL_QUARTER`: 1 to 4.
    FiscalQuarter,
    /// `FISCAL_MONTH`: 1 to 12.
    FiscalMonth,
    /// `WEEK_IN_YEAR`: 1 for the first seven days.
    WeekInYear,
    /// `WEEK_IN_MONTH`: 1 for the first seven days.
    WeekInMonth,
    /// `DAY_IN_YEAR`: 1 to 366.
    DayInYear,
    /// `DAY_IN_MONTH`: 1 to 31.
    DayInMonth,
    /// `DAY_IN_WEEK`: 1 for Sunday.
    DayInWeek,
    /// `DAY_ONLY`: the day of a moment.
    DayOnly,
    /// `HOUR_IN_DAY` of a moment: 0 to 23.
    HourInDay,
}

/// In which time zone a date function reads a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// UTC.
    Utc,
    /// The user's: `convertTimezone(field)`.
    User,
}

/// How far a place is from another.
#[derive(Debug, Clone, PartialEq)]
pub struct Distance {
    /// The compound field that holds the one place.
    pub of: Path,
    /// The other's degrees north.
    pub latitude: Decimal,
    /// The other's degrees east.
    pub longitude: Decimal,
    /// What it is measured in.
    pub unit: LengthUnit,
}

/// The unit of a [`Distance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthUnit {
    /// `'km'`
    Kilometre,
    /// `'mi'`
    Mile,
}
