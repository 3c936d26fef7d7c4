//! What a price and a line item have from the product and the price that they look up to.
//!
//! Source: Object Reference, "PricebookEntry", "OpportunityLineItem".

use crate::org::Org;
use crate::org::schema::Object;
use crate::org::table::Row;
use crate::org::value::Value;

use super::value;

/// Fields, and what the record that is looked up to calls them.
const FROM_PRODUCT: [(&str, &str); 2] = [("Name", "Name"), ("ProductCode", "ProductCode")];
const FROM_PRICE: [(&str, &str); 3] =
    [("Product2Id", "Product2Id"), ("ProductCode", "ProductCode"), ("ListPrice", "UnitPrice")];

impl Org {
    /// Fills what a new record has from those that it looks up to.
    pub(in crate::org) fn fill_prices(&self, object: &Object, values: &mut [Value]) {
        match object.name {
            "PricebookEntry" => {
                let product = self.looked_up(object, values, "Product2Id", "Product2");
                self.copy("Product2", product, object, values, &FROM_PRODUCT);
            }
            "OpportunityLineItem" => {
                let price = self.looked_up(object, values, "PricebookEntryId", "PricebookEntry");
                self.copy("PricebookEntry", price, object, values, &FROM_PRICE);
                if held(object, values, "UnitPrice").is_null() && held(object, values, "TotalPrice").is_null() {
                    self.copy("PricebookEntry", price, object, values, &[("UnitPrice", "UnitPrice")]);
                }
                let opportunity = self.looked_up(object, values, "OpportunityId", "Opportunity");
                let name = |of: &str, row: Option<&Row>| match (self.find_table(of), row) {
                    (Some(table), Some(row)) => value(&table.object, row, "Name").as_text().map(str::to_owned),
                    _ => None,
                };
                let names = [name("Opportunity", opportunity), name("PricebookEntry", price)];
                let names: Vec<_> = names.into_iter().flatten().collect();
                set(object, values, "Name", Value::text(names.join(" ")));
            }
            _ => {}
        }
    }

    fn looked_up(&self, object: &Object, values: &[Value], lookup: &str, to: &str) -> Option<&Row> {
        self.find_table(to)?.row(held(object, values, lookup).as_id()?)
    }

    fn copy(&self, of: &str, row: Option<&Row>, object: &Object, values: &mut [Value], fields: &[(&str, &str)]) {
        let (Some(table), Some(row)) = (self.find_table(of), row) else { return };
        for (to, from) in fields {
            set(object, values, to, value(&table.object, row, from).clone());
        }
    }
}

fn held<'a>(object: &Object, values: &'a [Value], name: &str) -> &'a Value {
    static NULL: Value = Value::Null;
    object.place(name).and_then(|place| values.get(place)).unwrap_or(&NULL)
}

fn set(object: &Object, values: &mut [Value], name: &str, value: Value) {
    if let Some(held) = object.place(name).and_then(|place| values.get_mut(place)).filter(|_| !value.is_null()) {
        *held = value;
    }
}
