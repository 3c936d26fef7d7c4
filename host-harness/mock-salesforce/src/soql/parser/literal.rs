//! Literal values: text, numbers, dates, `null`, `true`, `false`, `TODAY` and its kin.
//!
//! Source: SOQL and SOSL Reference, "Date Formats and Date Literals".

use super::{
    super::{
        ast::{DateRange, Literal},
        escapes,
        lexer::{Kind, Token},
    },
    Parser,
};
use crate::{
    ApiError,
    org::value::{parse_day, parse_moment, parse_number},
};

impl Parser<'_> {
    pub(super) fn literal(&mut self) -> Result<Literal, ApiError> {
        let token = self.peek();
        let literal = match token.kind {
            Kind::Text => {
                let text = escapes::text(token.text).map_err(|message| self.source.malformed(token.at, &message))?;
                Some(Literal::Text(text))
            }
            Kind::Number => parse_number(token.text.strip_prefix('+').unwrap_or(token.text)).map(Literal::Number),
            Kind::Date => parse_day(token.text).map(Literal::Date),
            Kind::DateTime => parse_moment(token.text).map(Literal::DateTime),
            Kind::Name => return self.word(token),
            Kind::Symbol if token.text == ":" => {
                return Err(self.source.malformed(token.at, "Bind variables only allowed in Apex code"));
            }
            Kind::Symbol | Kind::End => None,
        };
        let literal = literal.ok_or_else(|| self.unexpected())?;
        self.advance();
        Ok(literal)
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
        if DateRange::named(token.text, Some(0)).is_none() {
            return Err(self.unexpected());
        }
        self.advance();
        self.expect_symbol(":")?;
        let number = self.peek();
        let range = number.text.parse().ok().and_then(|number: u32| DateRange::named(token.text, Some(number.into())));
        match range {
            Some(range) if number.kind == Kind::Number => {
                self.advance();
                Ok(Literal::DateRange(range))
            }
            _ => Err(self.unexpected()),
        }
    }
}
