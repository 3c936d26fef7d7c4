//! Date literals: which days `TODAY`, `LAST_N_DAYS:7` and their kin stand for. Weeks begin on Sunday, the day at
//! midnight UTC. The fiscal year is the calendar's, as in an org that was never told otherwise.
//!
//! Source: SOQL and SOSL Reference, "Date Formats and Date Literals".

use jiff::{Span, civil::Date};

use super::ast::{DateRange, DateUnit};

impl DateRange {
    /// The literal of this name, in any case, without or with a number.
    #[must_use]
    pub fn named(name: &str, number: Option<i64>) -> Option<Self> {
        let name = name.to_ascii_uppercase();
        match number {
            None => Self::plain(&name),
            Some(number) => Self::counted(&name, number),
        }
    }

    fn plain(name: &str) -> Option<Self> {
        match name {
            "TODAY" => return Some(Self::Single(DateUnit::Day, 0)),
            "YESTERDAY" => return Some(Self::Single(DateUnit::Day, -1)),
            "TOMORROW" => return Some(Self::Single(DateUnit::Day, 1)),
            "LAST_90_DAYS" => return Some(Self::Last(DateUnit::Day, 90)),
            "NEXT_90_DAYS" => return Some(Self::Next(DateUnit::Day, 90)),
            _ => {}
        }
        let (relation, unit) = name.split_once('_')?;
        let distance = match relation {
            "LAST" => -1,
            "THIS" => 0,
            "NEXT" => 1,
            _ => return None,
        };
        let unit = match unit {
            "WEEK" => DateUnit::Week,
            "MONTH" => DateUnit::Month,
            "QUARTER" | "FISCAL_QUARTER" => DateUnit::Quarter,
            "YEAR" | "FISCAL_YEAR" => DateUnit::Year,
            _ => return None,
        };
        Some(Self::Single(unit, distance))
    }

    fn counted(name: &str, number: i64) -> Option<Self> {
        let unit = |name: &str| match name {
            "DAYS" => Some(DateUnit::Day),
            "WEEKS" => Some(DateUnit::Week),
            "MONTHS" => Some(DateUnit::Month),
            "QUARTERS" | "FISCAL_QUARTERS" => Some(DateUnit::Quarter),
            "YEARS" | "FISCAL_YEARS" => Some(DateUnit::Year),
            _ => None,
        };
        if let Some(name) = name.strip_prefix("LAST_N_") {
            Some(Self::Last(unit(name)?, number))
        } else if let Some(name) = name.strip_prefix("NEXT_N_") {
            Some(Self::Next(unit(name)?, number))
        } else {
            let name = name.strip_prefix("N_")?.strip_suffix("_AGO")?;
            Some(Self::Single(unit(name)?, number.checked_neg()?))
        }
    }

    /// The first day, and the day after the last. None when they are out of the calendar.
    #[must_use]
    pub fn days(self, today: Date) -> Option<(Date, Date)> {
        match self {
            Self::Single(unit, distance) => {
                let start = shift(start(unit, today)?, unit, distance)?;
                Some((start, shift(start, unit, 1)?))
            }
            // The span of days ends with today, the others before the current unit.
            Self::Last(DateUnit::Day, number) => {
                Some((shift(today, DateUnit::Day, number.checked_neg()?)?, shift(today, DateUnit::Day, 1)?))
            }
            Self::Last(unit, number) => {
                let end = start(unit, today)?;
                Some((shift(end, unit, number.checked_neg()?)?, end))
            }
            Self::Next(unit, number) => {
                let start = shift(start(unit, today)?, unit, 1)?;
                Some((start, shift(start, unit, number)?))
            }
        }
    }
}

/// The first day of the unit that holds a day.
fn start(unit: DateUnit, day: Date) -> Option<Date> {
    match unit {
        DateUnit::Day => Some(day),
        DateUnit::Week => shift(day, DateUnit::Day, -i64::from(day.weekday().to_sunday_zero_offset())),
        DateUnit::Month => Some(day.first_of_month()),
        DateUnit::Quarter => Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).ok(),
        DateUnit::Year => Some(day.first_of_year()),
    }
}

fn shift(day: Date, unit: DateUnit, number: i64) -> Option<Date> {
    let span = match unit {
        DateUnit::Day => Span::new().try_days(number),
        DateUnit::Week => Span::new().try_weeks(number),
        DateUnit::Month => Span::new().try_months(number),
        DateUnit::Quarter => Span::new().try_months(number.checked_mul(3)?),
        DateUnit::Year => Span::new().try_years(number),
    };
    day.checked_add(span.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_literal_stands_for_its_days() {
        // A Tuesday.
        let today: Date = "2026-11-24".parse().unwrap();
        for (name, number, first, after) in [
            ("TODAY", None, "2026-11-24", "2026-11-25"),
            ("yesterday", None, "2026-11-23", "2026-11-24"),
            ("TOMORROW", None, "2026-11-25", "2026-11-26"),
            ("THIS_WEEK", None, "2026-11-22", "2026-11-29"),
            ("LAST_WEEK", None, "2026-11-15", "2026-11-22"),
            ("NEXT_WEEK", None, "2026-11-29", "2026-12-06"),
            ("THIS_MONTH", None, "2026-11-01", "2026-12-01"),
            ("NEXT_MONTH", None, "2026-12-01", "2027-01-01"),
            ("LAST_QUARTER", None, "2026-07-01", "2026-10-01"),
            ("THIS_QUARTER", None, "2026-10-01", "2027-01-01"),
            ("LAST_YEAR", None, "2025-01-01", "2026-01-01"),
            ("LAST_90_DAYS", None, "2026-08-26", "2026-11-25"),
            ("NEXT_90_DAYS", None, "2026-11-25", "2027-02-23"),
            ("LAST_N_DAYS", Some(1), "2026-11-23", "2026-11-25"),
            ("NEXT_N_DAYS", Some(2), "2026-11-25", "2026-11-27"),
            ("N_DAYS_AGO", Some(3), "2026-11-21", "2026-11-22"),
            ("LAST_N_WEEKS", Some(2), "2026-11-08", "2026-11-22"),
            ("NEXT_N_WEEKS", Some(1), "2026-11-29", "2026-12-06"),
            ("N_WEEKS_AGO", Some(1), "2026-11-15", "2026-11-22"),
            ("LAST_N_MONTHS", Some(2), "2026-09-01", "2026-11-01"),
            ("N_MONTHS_AGO", Some(9), "2026-02-01", "2026-03-01"),
            ("LAST_N_QUARTERS", Some(1), "2026-07-01", "2026-10-01"),
            ("NEXT_N_YEARS", Some(2), "2027-01-01", "2029-01-01"),
            ("N_YEARS_AGO", Some(1), "2025-01-01", "2026-01-01"),
            ("THIS_FISCAL_QUARTER", None, "2026-10-01", "2027-01-01"),
            ("LAST_FISCAL_YEAR", None, "2025-01-01", "2026-01-01"),
            ("next_n_fiscal_quarters", Some(2), "2027-01-01", "2027-07-01"),
            ("LAST_N_FISCAL_YEARS", Some(2), "2024-01-01", "2026-01-01"),
            ("N_FISCAL_QUARTERS_AGO", Some(1), "2026-07-01", "2026-10-01"),
        ] {
            let range = DateRange::named(name, number).unwrap_or_else(|| panic!("{name}"));
            let expected = (first.parse().unwrap(), after.parse().unwrap());
            assert_eq!(range.days(today), Some(expected), "{name}");
        }
    }

    #[test]
    fn other_names_stand_for_nothing() {
        for (name, number) in [("TODAY", Some(1)), ("LAST_N_DAYS", None), ("FISCAL_YEAR", None), ("N_DAYS", Some(1))] {
            assert_eq!(DateRange::named(name, number), None, "{name}");
        }
    }

    #[test]
    fn numbers_beyond_the_calendar_give_no_days() {
        let today: Date = "2026-11-24".parse().unwrap();
        for number in [i64::MAX, i64::MIN, 10_000_000] {
            for name in ["LAST_N_DAYS", "NEXT_N_QUARTERS", "LAST_N_YEARS"] {
                assert_eq!(DateRange::named(name, Some(number)).unwrap().days(today), None, "{name}:{number}");
            }
        }
    }
}
