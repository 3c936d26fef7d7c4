//! Literal values: text, numbers, dates, `null`, `true`, `false`, `TODAY` and its kin.
//!
//! Source: SOQL and SOSL Reference, "Date Formats and Date Literals".

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{
    super::{
        ast::{DateRange, Literal},
        escapes,
        lexer::{Kind, Token},
        unknown::Unknown,
    },
    Parser,
};
use crate::{
    ApiError,
    org::value::{parse_day, parse_moment, parse_number},
};

const NANOSECOND_DIGITS: usize = 9;

impl Parser<'_> {
    pub(super) fn literal(&mut self) -> Result<Literal, ApiError> {
        let token = self.peek();
        let literal = match token.kind {
            Kind::Text => return self.text().map(Literal::Text),
            Kind::Date => parse_day(token.text).map(Literal::Date),
            Kind::DateTime => moment(token.text).map(Literal::DateTime),
            Kind::Time => Some(Literal::Time(token.text.to_owned())),
            Kind::Name => return self.word(token),
            Kind::Symbol if token.text == ":" => {
                return Err(self.source.malformed(token.at, "Bind variables only allowed in Apex code"));
            }
            Kind::Integer | Kind::Decimal | Kind::Symbol => return self.number().map(Literal::Number),
            Kind::Comment | Kind::End => None,
        };
        let literal = literal.ok_or_else(|| self.unexpected())?;
        self.advance();
        Ok(literal)
    }

    /// A string.
    pub(super) fn text(&mut self) -> Result<String, ApiError> {
        let token = self.peek();
        if token.kind != Kind::Text {
            return Err(self.unexpected());
        }
        self.advance();
        escapes::text(token.text).map_err(|message| self.source.malformed(token.at, &message))
    }

    /// A number with or without a sign.
    pub(super) fn number(&mut self) -> Result<Decimal, ApiError> {
        let at = self.peek().at;
        let negative = self.symbol("-");
        if !negative {
            self.symbol("+");
        }
        let token = self.peek();
        if !matches!(token.kind, Kind::Integer | Kind::Decimal) {
            return Err(self.unexpected());
        }
        self.advance();
        let number = parse_number(token.text).unwrap_or_else(|| {
            let message = "the number has more digits than a number can have";
            let source = self.source;
            self.refusal.get_or_insert_with(|| source.error("NUMBER_OUTSIDE_VALID_RANGE", at, message));
            Decimal::ZERO
        });
        Ok(if negative { -number } else { number })
    }

    fn word(&mut self, token: Token<'_>) -> Result<Literal, ApiError> {
        let plain = match token.text.to_ascii_lowercase().as_str() {
            "null" => Some(Literal::Null),
            "true" => Some(Literal::Boolean(true)),
            "false" => Some(Literal::Boolean(false)),
            _ => DateRange::named(token.text, None).map(Literal::DateRange),
        };
        if let Some(literal) = plain {
            self.advance();
            return Ok(literal);
        }
        if is_money(token.text) {
            self.unknown(Unknown::Money, token.at);
            self.advance();
            return Ok(Literal::Null);
        }
        if DateRange::named(token.text, Some(0)).is_none() {
            return Err(self.unexpected());
        }
        self.advance();
        self.expect_symbol(":")?;
        let number = self.peek();
        // However many there are, they lie beyond the calendar.
        let range = DateRange::named(token.text, Some(number.text.parse().unwrap_or(i64::MAX)));
        match range {
            Some(range) if number.kind == Kind::Integer => {
                self.advance();
                Ok(Literal::DateRange(range))
            }
            _ => Err(self.unexpected()),
        }
    }
}

/// A moment with letters in any case, to the nanosecond.
fn moment(text: &str) -> Option<Timestamp> {
    let (start, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = rest.find(|one: char| !one.is_ascii_digit()).unwrap_or(rest.len());
    let (fraction, offset) = rest.split_at(digits);
    let fraction = fraction.get(..NANOSECOND_DIGITS).unwrap_or(fraction);
    let point = if fraction.is_empty() { "" } else { "." };
    parse_moment(&format!("{start}{point}{fraction}{offset}").to_ascii_uppercase())
}

/// A currency's code and an amount.
fn is_money(text: &str) -> bool {
    let is_code = text.len() > 3 && text.bytes().take(3).all(|byte| byte.is_ascii_alphabetic());
    let amount = text.get(3..).filter(|_| is_code).unwrap_or_default();
    let after_digits = amount.trim_start_matches(|character: char| character.is_ascii_digit());
    let fraction = after_digits.trim_start_matches('.');
    amount.len() > after_digits.len() && fraction.bytes().all(|byte| byte.is_ascii_digit())
}
