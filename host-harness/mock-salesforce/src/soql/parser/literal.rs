//! Literal values: text, numbers, dates, `null`, `true`, `false`, `TODAY` and its kin.
//!
//! Source: SOQL and SOSL Reference, "Date Formats and Date Literals", "convertCurrency()".

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{
    super::{
        ast::{DateRange, Literal, Position},
        escapes,
        lexer::{Kind, Token},
    },
    Parser,
};
use crate::{
    ApiError,
    org::value::{parse_day, parse_moment, parse_number},
};

const NANOSECOND_DIGITS: usize = 9;
/// Letters of a currency's code.
const CODE_LETTERS: usize = 3;

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
        let number = self.exactly(token.text, at);
        Ok(if negative { -number } else { number })
    }

    fn exactly(&mut self, digits: &str, at: Position) -> Decimal {
        parse_number(digits).unwrap_or_else(|| {
            let message = "the number has more digits than a number can have";
            let source = self.source;
            self.refusal.get_or_insert_with(|| source.error("NUMBER_OUTSIDE_VALID_RANGE", at, message));
            Decimal::ZERO
        })
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
        if let Some((code, amount)) = money(token.text) {
            self.advance();
            return Ok(Literal::Money(code.to_ascii_uppercase(), self.exactly(amount, token.at)));
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

/// A currency's code and the digits of an amount.
fn money(text: &str) -> Option<(&str, &str)> {
    let (code, amount) = text.split_at_checked(CODE_LETTERS)?;
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "0"));
    let are_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_amount = !whole.is_empty() && are_digits(whole) && are_digits(fraction);
    let amount = if fraction.is_empty() { whole } else { amount };
    (is_amount && code.bytes().all(|byte| byte.is_ascii_alphabetic())).then_some((code, amount))
}
