//! Fields and functions of fields.
//!
//! Source: SOQL and SOSL Reference, "Aggregate Functions", "Date Functions", "toLabel()", "convertCurrency()", "Location-Based SOQL Queries".

use super::{
    super::{
        ast::{Aggregate, DatePart, Distance, LengthUnit, Name, Operand, Zone},
        unknown::Unknown,
    },
    Parser, is_name, is_symbol, path,
};
use crate::ApiError;

impl Parser<'_> {
    /// A field, or a function of one.
    pub(super) fn operand(&mut self) -> Result<Operand, ApiError> {
        self.operand_or_format(false)
    }

    /// What `SELECT` may name: `FORMAT()` too.
    pub(super) fn selected(&mut self) -> Result<Operand, ApiError> {
        self.operand_or_format(true)
    }

    fn operand_or_format(&mut self, formats: bool) -> Result<Operand, ApiError> {
        let name = self.name()?;
        if !self.symbol("(") {
            return Ok(Operand::Field(path(&name)));
        }
        let inner = self.name()?;
        let of = if self.symbol("(") {
            let of = self.name()?;
            self.expect_symbol(")")?;
            Some(of)
        } else {
            None
        };
        self.expect_symbol(")")?;
        Ok(match of {
            None if formats && is_format(&name) => Operand::Format(Box::new(Operand::Field(path(&inner)))),
            Some(of) if formats && is_format(&name) => Operand::Format(Box::new(self.formatted(&inner, &of))),
            None => self.call(&name, &inner),
            Some(of) => self.call_of_call(&name, &inner, &of),
        })
    }

    pub(super) fn operand_or_distance(&mut self) -> Result<Operand, ApiError> {
        if self.at_distance() { self.distance().map(Operand::Distance) } else { self.operand() }
    }

    pub(super) fn at_distance(&self) -> bool {
        self.at_keyword("DISTANCE")
            && is_symbol(self.ahead(1), "(")
            && is_name(self.ahead(2))
            && is_symbol(self.ahead(3), ",")
    }

    fn call(&mut self, function: &Name, of: &Name) -> Operand {
        let name = function.text.to_ascii_uppercase();
        if let Some(aggregate) = aggregate(&name) {
            return Operand::Aggregate(aggregate, path(of));
        }
        if let Some(part) = date_part(&name) {
            return Operand::Date(part, Zone::Utc, path(of));
        }
        match name.as_str() {
            "CONVERTCURRENCY" => return Operand::Converted(path(of)),
            "TOLABEL" => return Operand::Label(path(of)),
            "GROUPING" => return Operand::Grouping(path(of)),
            _ => self.unknown(unknown(&name), function.at),
        }
        Operand::Field(path(of))
    }

    fn call_of_call(&mut self, function: &Name, inner: &Name, of: &Name) -> Operand {
        let (name, inner_name) = (function.text.to_ascii_uppercase(), inner.text.to_ascii_uppercase());
        match date_part(&name) {
            Some(part) if inner_name == "CONVERTTIMEZONE" => return Operand::Date(part, Zone::User, path(of)),
            _ => self.unknown(unknown(&name), function.at),
        }
        Operand::Field(path(of))
    }

    /// The aggregate or the converted amount that is formatted.
    fn formatted(&mut self, function: &Name, of: &Name) -> Operand {
        let name = function.text.to_ascii_uppercase();
        match (aggregate(&name), unknown(&name)) {
            (Some(aggregate), _) => return Operand::Aggregate(aggregate, path(of)),
            (None, _) if name == "CONVERTCURRENCY" => return Operand::Converted(path(of)),
            (None, Unknown::Function) => self.unknown(Unknown::Format, function.at),
            (None, unknown) => self.unknown(unknown, function.at),
        }
        Operand::Field(path(of))
    }

    fn distance(&mut self) -> Result<Distance, ApiError> {
        self.expect_keyword("DISTANCE")?;
        self.expect_symbol("(")?;
        let of = self.path()?;
        self.expect_symbol(",")?;
        self.expect_keyword("GEOLOCATION")?;
        self.expect_symbol("(")?;
        let latitude = self.number()?;
        self.expect_symbol(",")?;
        let longitude = self.number()?;
        self.expect_symbol(")")?;
        self.expect_symbol(",")?;
        let at = self.peek().at;
        let unit = match self.text()?.to_ascii_lowercase().as_str() {
            "mi" => LengthUnit::Mile,
            "km" => LengthUnit::Kilometre,
            other => {
                let message = format!("invalid distance unit '{other}': it must be 'mi' or 'km'");
                let source = self.source;
                self.refusal.get_or_insert_with(|| source.error("INVALID_QUERY_FILTER_OPERATOR", at, &message));
                LengthUnit::Kilometre
            }
        };
        self.expect_symbol(")")?;
        Ok(Distance { of, latitude, longitude, unit })
    }
}

fn is_format(function: &Name) -> bool {
    function.text.eq_ignore_ascii_case("FORMAT")
}

fn aggregate(name: &str) -> Option<Aggregate> {
    Some(match name {
        "COUNT" => Aggregate::Count,
        "COUNT_DISTINCT" => Aggregate::CountDistinct,
        "SUM" => Aggregate::Sum,
        "AVG" => Aggregate::Avg,
        "MIN" => Aggregate::Min,
        "MAX" => Aggregate::Max,
        _ => return None,
    })
}

fn date_part(name: &str) -> Option<DatePart> {
    Some(match name {
        "CALENDAR_YEAR" => DatePart::CalendarYear,
        "CALENDAR_QUARTER" => DatePart::CalendarQuarter,
        "CALENDAR_MONTH" => DatePart::CalendarMonth,
        "FISCAL_YEAR" => DatePart::FiscalYear,
        "FISCAL_QUARTER" => DatePart::FiscalQuarter,
        "FISCAL_MONTH" => DatePart::FiscalMonth,
        "WEEK_IN_YEAR" => DatePart::WeekInYear,
        "WEEK_IN_MONTH" => DatePart::WeekInMonth,
        "DAY_IN_YEAR" => DatePart::DayInYear,
        "DAY_IN_MONTH" => DatePart::DayInMonth,
        "DAY_IN_WEEK" => DatePart::DayInWeek,
        "DAY_ONLY" => DatePart::DayOnly,
        "HOUR_IN_DAY" => DatePart::HourInDay,
        _ => return None,
    })
}

fn unknown(name: &str) -> Unknown {
    match name {
        "FORMAT" => Unknown::Format,
        "CONVERTTIMEZONE" => Unknown::ConvertTimezone,
        "FIELDS" => Unknown::Fields,
        _ => Unknown::Function,
    }
}
