//! Amounts in an org with several currencies: each is in the currency of its record.
//!
//! Conversions, comparisons with amounts that name their currency, orders and aggregates go over the corporate currency. A plain
//! number is compared with the amount as it stands.
//!
//! Source: SOQL and SOSL Reference, "convertCurrency()"; Salesforce Help, "Parenthetical Currency Conversion".

use rust_decimal::Decimal;

use super::{
    super::{
        ast::{Path, Position},
        unknown::Unknown,
    },
    Context,
    format::amount_with_code,
    path::{Column, Scope, Step},
};
use crate::{
    ApiError,
    org::{
        Currencies, Currency, RecordId,
        schema::{Kind, Unit},
        table::Row,
        value::Value,
    },
};

/// An amount of a record, and the currency that it is asked for in.
#[derive(Debug, Clone)]
pub(super) struct Money<'a> {
    amount: Column<'a>,
    /// What tells the currency of its record.
    code: Option<Column<'a>>,
    currencies: Currencies,
    to: Currency,
    shown: Shown,
}

/// What of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// The amount in the other currency.
    Converted,
    /// Its text: `USD 1,000.00`.
    ConvertedText,
    /// The text of the amount as it stands, and in the other currency if that is another: `EUR 900.00 (USD 1,000.00)`.
    Text,
}

/// Whose currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// That of who asks.
    User,
    /// The corporate one.
    Org,
}

impl<'a> Context<'a> {
    /// An amount in a currency; none of what is no amount, and in an org with one currency.
    pub(super) fn money(&self, amount: &Column<'a>, whose: Whose, shown: Shown) -> Option<Money<'a>> {
        let currencies = self.org.currencies().filter(|_| is_amount(amount))?;
        let object = amount.entity.object();
        let code = object.place("CurrencyIsoCode").and_then(|place| Some((place, object.fields.get(place)?)));
        let code = code.map(|(place, field)| Column { place, field, ..amount.clone() });
        let to = match whose {
            Whose::User => self.org.currency_of(RecordId::parse(self.options.user_id), &currencies),
            Whose::Org => currencies.corporate(),
        };
        Some(Money { amount: amount.clone(), code, to: to.clone(), currencies, shown })
    }

    /// An amount that names its currency, in the corporate one.
    pub(super) fn literal_money(&self, code: &str, amount: Decimal, at: Position) -> Result<Decimal, ApiError> {
        let Some(currencies) = self.org.currencies() else { return Err(Unknown::Money.error(self.source, at)) };
        let Some(currency) = currencies.active(code) else {
            let message = format!("the org has no active currency {code}");
            return Err(self.source.malformed(at, &message));
        };
        currency.convert(amount, currencies.corporate()).ok_or_else(|| {
            let message = "the amount has more digits than a number can have";
            self.source.error("NUMBER_OUTSIDE_VALID_RANGE", at, message)
        })
    }
}

impl<'a> Scope<'a> {
    /// `convertCurrency()` of a field, or its text.
    pub(super) fn converted(&self, path: &Path, shown: Shown) -> Result<Money<'a>, ApiError> {
        let column = self.column(path)?;
        if let Some(money) = self.context.money(&column, Whose::User, shown) {
            return Ok(money);
        }
        if self.context.org.currencies().is_none() {
            return Err(Unknown::ConvertCurrency.error(self.context.source, path.at));
        }
        let message = format!("convertCurrency() takes currency fields, and '{}' is none", column.field.name);
        Err(self.malformed(path.at, &message))
    }
}

impl<'a> Money<'a> {
    /// Null when a lookup on the way is empty.
    pub(super) fn value(&self, row: &'a Row) -> Value {
        let Value::Number(amount) = *self.amount.value(row) else { return Value::Null };
        let code = self.code.as_ref().map(|code| code.value(row));
        let own = code.as_ref().and_then(|code| self.currencies.named(code.as_text()?));
        let own = own.unwrap_or_else(|| self.currencies.corporate());
        let Some(converted) = own.convert(amount, &self.to) else { return Value::Null };
        match self.shown {
            Shown::Converted => Value::Number(converted),
            Shown::Text if own.code != self.to.code => {
                Value::text(format!("{} ({})", text(own, amount), text(&self.to, converted)))
            }
            Shown::Text | Shown::ConvertedText => Value::text(text(&self.to, converted)),
        }
    }

    pub(super) fn amount(&self) -> &Column<'a> {
        &self.amount
    }

    /// Whether it is text.
    pub(super) fn is_text(&self) -> bool {
        self.shown != Shown::Converted
    }

    /// Whether both are the same of the same record.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.shown == other.shown && self.to == other.to && self.amount.is_same(&other.amount)
    }

    /// Takes the lookups that lead to its record: the same from there on.
    pub(super) fn take_steps(&mut self) -> Vec<Step<'a>> {
        self.code.iter_mut().for_each(|code| code.steps.clear());
        std::mem::take(&mut self.amount.steps)
    }
}

fn text(currency: &Currency, amount: Decimal) -> String {
    amount_with_code(&currency.code, amount, currency.decimal_places)
}

fn is_amount(column: &Column<'_>) -> bool {
    matches!(column.field.kind, Kind::Number { unit: Unit::Currency, .. })
}
