//! What currencies make of an org: `CurrencyType` with a record for each, and a currency of every record.
//!
//! Source: Object Reference, "CurrencyType", and `CurrencyIsoCode` of the objects that have it.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::{
    super::{
        Org,
        id::RecordId,
        objects,
        schema::{Field, Kind, Object, Schema, intern},
        table::{Row, Table, blank, overlay},
        value::Value,
    },
    Currencies, Currency,
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
    pub(in crate::org) fn tell_currency(&self, table: &Table, values: &mut [Value], user: RecordId) {
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
