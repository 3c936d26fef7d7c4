//! The currencies of an org that has several. Their rates are records of `CurrencyType`, which clients may change; the org has one
//! currency when it has none of these.
//!
//! Source: Object Reference, "CurrencyType"; Salesforce Help, "Manage Multiple Currencies".

use std::str::FromStr;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{
    Org,
    id::RecordId,
    objects,
    schema::{Field, Kind, Object, Schema, intern},
    table::{Row, Table, blank, overlay},
    value::{Value, parse_number},
};

/// What tells the currency of a record's amounts.
const ISO_CODE: &str = "CurrencyIsoCode";
/// What tells the currency of a user.
const USERS_ISO_CODE: &str = "DefaultCurrencyIsoCode";
/// Objects whose records have no currency.
const WITHOUT: [&str; 8] = [
    "Attachment",
    "ContentDocument",
    "ContentDocumentLink",
    "CurrencyType",
    "Document",
    "Group",
    "Profile",
    "RecordType",
];
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

impl Schema {
    /// The same objects in an org with these currencies: with `CurrencyType`, and with `CurrencyIsoCode` on every object whose
    /// records have a currency.
    fn with_currencies(self, currencies: &Currencies) -> Self {
        let mut objects = self.into_objects();
        if !objects.iter().any(|object| object.name == "CurrencyType") {
            objects.push(objects::currency_type());
        }
        let with_codes = |object: Object| {
            let mut fields = object.fields.clone();
            set(&mut fields, field(ISO_CODE, "Currency ISO Code", currencies));
            if object.name == "User" {
                set(&mut fields, field(USERS_ISO_CODE, "Default Currency ISO Code", currencies));
            }
            object.with_fields(fields)
        };
        let objects = objects.into_iter();
        Self::new(objects.map(|object| if has_currency(&object) { with_codes(object) } else { object }).collect())
    }
}

/// External objects, big objects, events and custom metadata have none.
fn has_currency(object: &Object) -> bool {
    !WITHOUT.contains(&object.name) && (!object.is_custom() || object.name.ends_with("__c"))
}

fn field(name: &'static str, label: &'static str, currencies: &Currencies) -> Field {
    Field::new(name, label, Kind::Picklist { values: intern::list(&currencies.codes()), restricted: true })
}

fn set(fields: &mut Vec<Field>, field: Field) {
    match fields.iter_mut().find(|known| known.name.eq_ignore_ascii_case(field.name)) {
        Some(known) => *known = field,
        None => fields.push(field),
    }
}

impl Org {
    /// The currencies that the org has; none if it has but one.
    #[must_use]
    pub fn currencies(&self) -> Option<Currencies> {
        // Whoever asks need not see them.
        let table = self.tables.get(*self.by_name.get("currencytype")?)?;
        Currencies::of(table.rows().iter().filter_map(|row| currency(table, row)).collect())
    }

    /// Gives the org these currencies. Records that tell none are in the corporate one, and so are users.
    pub fn set_currencies(&mut self, currencies: &Currencies) {
        let Some(administrator) = self.first_user() else { return };
        let corporate = Value::text(currencies.corporate.code.as_str());
        self.take_shape(self.schema().with_currencies(currencies));
        for table in self.tables.iter_mut().filter(|table| has_currency(&table.object)) {
            fill(Arc::make_mut(table), &corporate);
        }
        if let Ok(table) = self.table_mut("CurrencyType") {
            table.clear();
        }
        for currency in currencies.all.iter() {
            self.add_currency(currency, administrator);
        }
    }

    fn add_currency(&mut self, currency: &Currency, administrator: RecordId) {
        let row = self.table("CurrencyType").and_then(|table| {
            let mut values = blank(table);
            let placed = |(name, value)| Some((table.object.place(name)?, value));
            overlay(&mut values, members(currency).into_iter().filter_map(placed));
            self.new_row(table, values, administrator, self.now)
        });
        if let (Ok(row), Ok(table)) = (row, self.table_mut("CurrencyType")) {
            table.put(row);
        }
    }

    /// Tells the currency of a new record that tells none: that of the user who makes it. A user's own is the corporate one.
    pub(super) fn tell_currency(&self, table: &Table, values: &mut [Value], user: RecordId) {
        let mut tell = |name, currency: &dyn for<'c> Fn(&'c Currencies) -> &'c Currency| {
            let value =
                table.object.place(name).and_then(|place| values.get_mut(place)).filter(|value| value.is_null());
            if let Some((value, currencies)) = value.and_then(|value| Some((value, self.currencies()?))) {
                *value = Value::text(currency(&currencies).code.as_str());
            }
        };
        tell(ISO_CODE, &|all| self.currency_of(Some(user), all));
        tell(USERS_ISO_CODE, &Currencies::corporate);
    }

    /// The currency of a user; the corporate one if the user has none.
    pub(crate) fn currency_of<'c>(&self, user: Option<RecordId>, currencies: &'c Currencies) -> &'c Currency {
        let code = || {
            let users = self.tables.get(*self.by_name.get("user")?)?;
            users.row(user?)?.value(users.object.place(USERS_ISO_CODE)?).as_text()
        };
        code().and_then(|code| currencies.named(code)).unwrap_or_else(|| currencies.corporate())
    }
}

/// What a record of `CurrencyType` says; none if its rate is none. That of the corporate currency is 1, whatever it says.
fn currency(table: &Table, row: &Row) -> Option<Currency> {
    let value = |name: &str| Some(row.value(table.object.place(name)?));
    let number = |name: &str| match value(name)? {
        Value::Number(number) => Some(*number),
        _ => None,
    };
    let is_corporate = value("IsCorporate")? == &Value::Boolean(true);
    let told = number("ConversionRate").filter(|rate| *rate > Decimal::ZERO);
    Some(Currency {
        code: value("IsoCode")?.as_text()?.to_owned(),
        rate: if is_corporate { Decimal::ONE } else { told? },
        decimal_places: number("DecimalPlaces").and_then(|number| u32::try_from(number).ok()).unwrap_or(2),
        is_corporate,
        is_active: value("IsActive")? == &Value::Boolean(true),
    })
    .filter(|_| !row.deleted)
}

fn members(currency: &Currency) -> [(&'static str, Value); 5] {
    [
        ("IsoCode", Value::text(currency.code.as_str())),
        ("ConversionRate", Value::Number(currency.rate)),
        ("DecimalPlaces", Value::Number(currency.decimal_places.into())),
        ("IsActive", Value::Boolean(currency.is_active)),
        ("IsCorporate", Value::Boolean(currency.is_corporate)),
    ]
}

/// Tells the currency of every record that tells none.
fn fill(table: &mut Table, code: &Value) {
    let places: Vec<_> = [ISO_CODE, USERS_ISO_CODE].into_iter().filter_map(|name| table.object.place(name)).collect();
    let rows: Vec<_> = table.rows().iter().cloned().collect();
    for row in rows {
        let missing = places.iter().filter(|place| row.value(**place).is_null());
        let missing: Vec<_> = missing.map(|place| (*place, code.clone())).collect();
        if !missing.is_empty() {
            let mut values = row.values();
            overlay(&mut values, missing);
            table.put(Row::new(&table.object, row.id, values));
            if row.deleted {
                table.bury(row.id);
            }
        }
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
