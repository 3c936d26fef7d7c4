//! The currencies of an org that has several. Their rates are records of `CurrencyType`, which clients may change; the org has one
//! currency when it has none of these. Not for what follows for its objects, which is in `records`.
//!
//! Source: Object Reference, "CurrencyType"; Salesforce Help, "Manage Multiple Currencies".

mod records;

use std::str::FromStr;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{schema::intern, value::parse_number};

/// What a double holds.
const DIGITS: u32 = 17;
/// Those of `CurrencyType.ConversionRate`, behind the point and in all.
const RATE_SCALE: u32 = 6;
const RATE_PRECISION: u32 = 18;
/// Currencies in circulation are fewer.
const MOST: usize = 200;
const EXPECTED: &str = "CODE=RATE,CODE=RATE with the corporate currency first and 1 for it, then what one of it is worth, such as \
                        USD=1,EUR=0.9,JPY=150";

/// A currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency {
    /// Its code of ISO 4217, such as `EUR`.
    pub code: String,
    /// What one unit of the corporate currency is worth.
    rate: Decimal,
    /// How many digits its amounts are told with behind the point.
    pub decimal_places: u32,
    is_corporate: bool,
    is_active: bool,
}

/// The currencies of an org, in the order of their making: `USD=1,EUR=0.9`. The first is the corporate one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currencies {
    all: Arc<[Currency]>,
    corporate: Currency,
}

/// Why these are no currencies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{got}: expected {expected}")]
pub struct CurrenciesError {
    got: String,
    expected: String,
}

impl FromStr for Currencies {
    type Err = CurrenciesError;

    fn from_str(text: &str) -> Result<Self, CurrenciesError> {
        let wrong = |got: &str, expected: &str| CurrenciesError {
            got: got.chars().take(100).collect(),
            expected: expected.to_owned(),
        };
        let mut all: Vec<Currency> = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (code, rate) = part.split_once('=').ok_or_else(|| wrong(part, EXPECTED))?;
            if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
                return Err(wrong(part, "a code of three capital letters, such as EUR"));
            }
            if all.iter().any(|known| known.code == code) {
                return Err(wrong(part, "each currency once"));
            }
            if all.len() == MOST {
                return Err(wrong(part, "at most 200 currencies"));
            }
            let rate = parse_number(rate).filter(is_rate).ok_or_else(|| {
                wrong(part, "a rate above 0 with at most 12 digits before the point and 6 behind it, such as EUR=0.9")
            })?;
            let is_corporate = all.is_empty();
            if is_corporate && rate != Decimal::ONE {
                return Err(wrong(part, EXPECTED));
            }
            let decimal_places = decimal_places(code);
            all.push(Currency { code: code.to_owned(), rate, decimal_places, is_corporate, is_active: true });
        }
        Self::of(all).ok_or_else(|| wrong(text, EXPECTED))
    }
}

fn is_rate(rate: &Decimal) -> bool {
    let beyond = Decimal::from(10_u64.pow(RATE_PRECISION - RATE_SCALE));
    *rate > Decimal::ZERO && *rate < beyond && rate.normalize().scale() <= RATE_SCALE
}

/// How many digits stand behind the point.
///
/// Source: ISO 4217, "minor unit".
fn decimal_places(code: &str) -> u32 {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

impl Currencies {
    /// These, if one of them is the corporate one.
    fn of(all: Vec<Currency>) -> Option<Self> {
        let corporate = all.iter().find(|currency| currency.is_corporate)?.clone();
        Some(Self { all: all.into(), corporate })
    }

    /// The corporate currency: what all rates are told against.
    #[must_use]
    pub fn corporate(&self) -> &Currency {
        &self.corporate
    }

    /// The currency of this code, in any case, active or not.
    pub(crate) fn named(&self, code: &str) -> Option<&Currency> {
        self.all.iter().find(|currency| currency.code.eq_ignore_ascii_case(code))
    }

    /// The currency of this code, if it is in use.
    pub(crate) fn active(&self, code: &str) -> Option<&Currency> {
        self.named(code).filter(|currency| currency.is_active)
    }

    /// The codes of those in use.
    fn codes(&self) -> Vec<&'static str> {
        self.all.iter().filter(|currency| currency.is_active).map(|currency| intern::text(&currency.code)).collect()
    }
}

impl Currency {
    /// An amount of it in another currency, with the digits of a double; none when it has more than a number can have.
    pub(crate) fn convert(&self, amount: Decimal, to: &Self) -> Option<Decimal> {
        if self.code == to.code {
            return Some(amount);
        }
        let converted = amount.checked_div(self.rate)?.checked_mul(to.rate)?;
        Some(converted.round_sf(DIGITS)?.normalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_are_read() {
        let currencies: Currencies = "USD=1, EUR=0.9,JPY=150.25".parse().unwrap();
        let told: Vec<_> =
            currencies.all.iter().map(|it| (it.code.as_str(), it.rate.to_string(), it.decimal_places)).collect();
        let text = |code, rate: &str, places| (code, rate.to_owned(), places);
        assert_eq!(told, [text("USD", "1", 2), text("EUR", "0.9", 2), text("JPY", "150.25", 0)]);
        assert_eq!(currencies.corporate().code, "USD");
    }

    #[test]
    fn what_is_no_currency_is_told() {
        for (text, got) in [
            ("", ""),
            ("USD", "USD"),
            ("USD=1,EUR", "EUR"),
            ("EUR=0.9,USD=1", "EUR=0.9"),
            ("USD=1,eur=0.9", "eur=0.9"),
            ("USD=1,EURO=0.9", "EURO=0.9"),
            ("USD=1,USD=2", "USD=2"),
            ("USD=1,EUR=0", "EUR=0"),
            ("USD=1,EUR=-1", "EUR=-1"),
            ("USD=1,EUR=0.1234567", "EUR=0.1234567"),
            ("USD=1,EUR=1000000000000", "EUR=1000000000000"),
            ("USD=1,EUR=x", "EUR=x"),
        ] {
            let error = text.parse::<Currencies>().unwrap_err();
            assert_eq!(error.got, got, "{text}: {error}");
        }
    }

    #[test]
    fn amounts_are_converted_over_the_corporate_currency() {
        let currencies: Currencies = "USD=1,EUR=0.9,JPY=150".parse().unwrap();
        let converted = |amount: &str, from: &str, to: &str| {
            let (from, to) = (currencies.named(from).unwrap(), currencies.named(to).unwrap());
            from.convert(amount.parse().unwrap(), to).unwrap().to_string()
        };
        assert_eq!(converted("90", "EUR", "USD"), "100");
        assert_eq!(converted("90", "EUR", "JPY"), "15000");
        assert_eq!(converted("100", "EUR", "USD"), "111.11111111111111");
        assert_eq!(converted("0.10", "EUR", "EUR"), "0.10");
    }
}
