//! Date functions: parts of days and moments. The fiscal year is the calendar's.
//!
//! Source: SOQL and SOSL Reference, "Date Functions".

use jiff::{civil::Date, tz::TimeZone};

use super::super::ast::DatePart;
use crate::org::{schema::Kind, value::Value};

impl DatePart {
    /// Whether fields of a type have this part.
    pub(super) fn is_of(self, kind: &Kind) -> bool {
        let needs_moment = matches!(self, Self::DayOnly | Self::HourInDay);
        matches!(kind, Kind::DateTime) || matches!(kind, Kind::Date) && !needs_moment
    }

    /// The part of a day, or of a moment as clocks in a time zone show it. Null has none.
    pub(super) fn of(self, value: &Value, zone: &TimeZone) -> Value {
        let (day, hour) = match value {
            Value::Date(day) => (*day, 0),
            Value::DateTime(moment) => {
                let shown = moment.to_zoned(zone.clone());
                (shown.date(), shown.hour())
            }
            _ => return Value::Null,
        };
        match self {
            Self::DayOnly => Value::Date(day),
            Self::HourInDay => Value::Number(hour.into()),
            _ => Value::Number(self.of_day(day).into()),
        }
    }

    fn of_day(self, day: Date) -> i16 {
        let week = |day: i16| (day - 1) / 7 + 1;
        match self {
            Self::CalendarYear | Self::FiscalYear => day.year(),
            Self::CalendarQuarter | Self::FiscalQuarter => i16::from((day.month() - 1) / 3 + 1),
            Self::CalendarMonth | Self::FiscalMonth => day.month().into(),
            Self::WeekInYear => week(day.day_of_year()),
            Self::WeekInMonth => week(day.day().into()),
            Self::DayInYear => day.day_of_year(),
            Self::DayInMonth | Self::DayOnly | Self::HourInDay => day.day().into(),
            Self::DayInWeek => day.weekday().to_sunday_one_offset().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_day() {
        use DatePart::*;
        let parts = [
            CalendarYear,
            CalendarQuarter,
            CalendarMonth,
            FiscalYear,
            FiscalQuarter,
            FiscalMonth,
            WeekInYear,
            WeekInMonth,
            DayInYear,
            DayInMonth,
            DayInWeek,
        ];
        for (day, expected) in [
            // A Thursday, a Sunday, and the last day of a leap year, a Tuesday.
            ("2026-01-01", [2026, 1, 1, 2026, 1, 1, 1, 1, 1, 1, 5]),
            ("2026-02-08", [2026, 1, 2, 2026, 1, 2, 6, 2, 39, 8, 1]),
            ("2024-12-31", [2024, 4, 12, 2024, 4, 12, 53, 5, 366, 31, 3]),
        ] {
            let value = Value::Date(day.parse().unwrap());
            let found = parts.map(|part| part.of(&value, &TimeZone::UTC));
            assert_eq!(found, expected.map(|part: i64| Value::Number(part.into())), "{day}");
        }
    }

    #[test]
    fn a_moment_is_read_in_its_zone() {
        let moment = Value::DateTime("2026-06-30T22:30:00Z".parse().unwrap());
        let stockholm = TimeZone::get("Europe/Stockholm").unwrap();
        for (part, zone, expected) in [
            (DatePart::HourInDay, &TimeZone::UTC, Value::Number(22.into())),
            (DatePart::HourInDay, &stockholm, Value::Number(0.into())),
            (DatePart::DayOnly, &TimeZone::UTC, Value::Date("2026-06-30".parse().unwrap())),
            (DatePart::DayOnly, &stockholm, Value::Date("2026-07-01".parse().unwrap())),
            (DatePart::CalendarQuarter, &stockholm, Value::Number(3.into())),
        ] {
            assert_eq!(part.of(&moment, zone), expected, "{part:?}");
        }
        assert_eq!(DatePart::CalendarYear.of(&Value::Null, &TimeZone::UTC), Value::Null);
    }
}
