//! Another shape for an org that has records.

use std::sync::Arc;

use super::{
    Org,
    schema::{Field, Kind, Object, Schema},
    table::{Row, Table, blank},
    value::Value,
};

/// Why an org cannot have a shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// The Ids of records begin with the key prefix of their object.
    #[error(
        "{object} has records whose Ids begin with {had}: expected this key prefix or none for it, another for other objects, or no records"
    )]
    KeyPrefix {
        /// The API name of the object.
        object: &'static str,
        /// The key prefix that it has.
        had: &'static str,
    },
    /// Every org has its standard objects.
    #[error("{0} is a standard object: expected a custom one")]
    Standard(&'static str),
}

impl Org {
    /// The shape that it has.
    #[must_use]
    pub fn schema(&self) -> Schema {
        Schema::new(self.tables.iter().map(|table| Object::clone(&table.object)).collect())
    }

    /// Gives the org this shape and nothing else: its users, profiles and price book are those of [`Org::without_samples`]. It
    /// keeps its Id and its currencies.
    pub fn start_over(&mut self, schema: Schema) {
        let (organization_id, currencies) = (self.organization_id, self.currencies());
        *self = Self::without_samples(schema, self.now);
        self.identify(organization_id);
        if let Some(currencies) = currencies {
            self.set_currencies(&currencies);
        }
    }

    /// Gives the org another shape and leaves it its records. A record keeps its values where the object still has a field of this
    /// name and type; other fields are null, and checkboxes what a new record has. The records of an object that is gone go with
    /// it, and so do rules and permissions that name what is gone.
    ///
    /// # Errors
    /// When an object that has records gets another key prefix. The org is then as it was.
    pub fn reshape(&mut self, schema: Schema) -> Result<(), ShapeError> {
        for object in schema.objects() {
            let known = self.tables.iter().find(|table| table.object.name == object.name);
            if let Some(table) = known.filter(|table| table.object.key_prefix != object.key_prefix)
                && table.rows().iter().next().is_some()
            {
                return Err(ShapeError::KeyPrefix { object: object.name, had: table.object.key_prefix });
            }
        }
        self.take_shape(schema);
        Ok(())
    }

    /// [`Org::reshape`] to a schema in which every object has the key prefix that it had.
    pub(super) fn take_shape(&mut self, schema: Schema) {
        let mut tables = Vec::new();
        for object in schema.into_objects() {
            tables.push(match self.tables.iter().find(|table| table.object.name == object.name) {
                Some(table) if *table.object == object => Arc::clone(table),
                Some(table) => Arc::new(moved(table, object)),
                None => Arc::new(Table::new(object)),
            });
        }
        let lower = |(place, table): (usize, &Arc<Table>)| (table.object.name.to_lowercase(), place);
        self.by_name = Arc::new(tables.iter().enumerate().map(lower).collect());
        self.tables = tables;
        self.schema_since = self.now;
        self.add_record_types();
        self.set_rules_again();
        self.set_permissions_again();
    }

    /// Takes a custom object away, with its records. False if there is none of this name.
    ///
    /// # Errors
    /// When it is a standard object.
    pub fn remove_object(&mut self, name: &str) -> Result<bool, ShapeError> {
        let Ok(object) = self.object(name) else { return Ok(false) };
        let name = object.name;
        if !object.is_custom() {
            return Err(ShapeError::Standard(name));
        }
        let mut objects = self.schema().into_objects();
        objects.retain(|object| object.name != name);
        self.reshape(Schema::new(objects)).map(|()| true)
    }
}

/// The records of a table in the shape of this object.
fn moved(old: &Table, object: Object) -> Table {
    let mut table = Table::new(object);
    table.generator = old.generator;
    let source = |field: &Field| {
        let (place, known) = old.object.field(field.name)?;
        hold_alike(&known.kind, &field.kind).then_some(place)
    };
    let sources: Vec<_> = table.object.fields.iter().map(source).collect();
    let mut empty = blank(&table);
    for value in empty.iter_mut().filter(|value| !matches!(value, Value::Boolean(_))) {
        *value = Value::Null;
    }
    for row in old.rows().iter() {
        let mut values = empty.clone();
        for (value, source) in values.iter_mut().zip(&sources) {
            if let Some(place) = source {
                *value = row.value(*place).clone();
            }
        }
        table.object.compose(&mut values);
        let new = Row::new(&table.object, row.id, values);
        table.put(new);
        if row.deleted {
            table.bury(row.id);
        }
    }
    table
}

/// Whether the values of one type of field can stand in another.
fn hold_alike(one: &Kind, other: &Kind) -> bool {
    let is_number = |kind: &Kind| matches!(kind, Kind::Integer | Kind::Number { .. });
    one.is_text() && other.is_text()
        || is_number(one) && is_number(other)
        || std::mem::discriminant(one) == std::mem::discriminant(other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::org::{EPOCH, FieldPermissions, Permissions, WriteOptions};

    #[test]
    fn records_keep_what_has_a_place() {
        let mut org = Org::seeded(EPOCH);
        let mut objects = org.schema().into_objects();
        let account = objects.iter_mut().find(|object| object.name == "Account").unwrap();
        let mut fields = account.fields.clone();
        fields.retain(|field| field.name != "Industry");
        for field in &mut fields {
            match field.name {
                "AnnualRevenue" => field.kind = Kind::Text(20),
                "BillingCity" => field.kind = Kind::Picklist { values: &[], restricted: false },
                _ => {}
            }
        }
        fields.insert(1, Field::new("Vip__c", "VIP", Kind::Boolean).default("true"));
        fields.insert(1, Field::new("Tier__c", "Tier", Kind::Text(10)).default("Gold"));
        *account = account.clone().with_fields(fields);
        let names = Some(["Name", "BillingCity", "BillingAddress"].as_slice());
        let id = org.records("Account", None, 1, false).unwrap()[0]["Id"].as_str().unwrap().to_owned();
        let (before, deleted) = (org.row("Account", &id, names, "v67.0").unwrap(), org.size());
        org.reshape(Schema::new(objects)).unwrap();
        assert_eq!(org.row("Account", &id, names, "v67.0").unwrap(), before);
        let row = org.row("Account", &id, None, "v67.0").unwrap();
        assert_eq!(
            (&row["Vip__c"], &row["Tier__c"], &row["AnnualRevenue"]),
            (&json!(true), &json!(null), &json!(null))
        );
        assert!(!row.contains_key("Industry"));
        assert_eq!((org.count("Account"), org.size().0), (2_086, deleted.0));
        assert_eq!(org.rows_by_external_id("Account", "ERP_Id__c", "").unwrap_or_default(), Vec::<String>::new());
        let options = WriteOptions::new(org.users()[0].id.clone(), "v67.0");
        let body = [("Name".to_owned(), json!("New"))].into_iter().collect();
        let new = org.create("Account", &body, &options).unwrap();
        assert_eq!(org.row("Account", &new, None, "v67.0").unwrap()["Tier__c"], "Gold");
    }

    #[test]
    fn generated_records_are_generated_in_the_new_shape() {
        let mut org = Org::seeded(EPOCH);
        org.generate(&"Lead=1000".parse().unwrap()).unwrap();
        let mut objects = org.schema().into_objects();
        let lead = objects.iter_mut().find(|object| object.name == "Lead").unwrap();
        let mut fields = lead.fields.clone();
        fields.push(Field::new("Tier__c", "Tier", Kind::Text(10)));
        *lead = lead.clone().with_fields(fields);
        org.reshape(Schema::new(objects)).unwrap();
        assert_eq!(org.count("Lead"), 1_000);
        assert!(org.records("Lead", None, 1, false).unwrap()[0].contains_key("Tier__c"));
    }

    #[test]
    fn what_is_gone_takes_rules_and_permissions_with_it() {
        let mut org = Org::seeded(EPOCH);
        let field = FieldPermissions { readable: false, editable: false };
        let fields = [("Account.Industry".to_owned(), field), ("Invoice__c.Notes__c".to_owned(), field)].into();
        org.set_permissions("alind@example.org", Permissions { fields, ..Permissions::default() }).unwrap();
        assert_eq!(org.remove_object("invoice__C"), Ok(true));
        assert_eq!(org.remove_object("Invoice__c"), Ok(false));
        assert_eq!(org.remove_object("Account"), Err(ShapeError::Standard("Account")));
        assert_eq!(org.validation_rules().map(|rule| rule.object.as_str()).collect::<Vec<_>>(), ["Opportunity"]);
        let left = org.permissions("alind@example.org").unwrap();
        assert_eq!(left.fields.into_keys().collect::<Vec<_>>(), ["Account.Industry"]);
        let user = org.users().into_iter().find(|user| user.username == "alind@example.org").unwrap();
        org.look_as(Some(&user.id));
        assert!(org.object("Account").unwrap().field("Industry").is_none());
        assert!(org.object("Invoice_Paid__e").is_ok() && org.object("Invoice__c").is_err());
    }

    #[test]
    fn generated_records_take_the_new_shape() {
        let mut org = Org::seeded(EPOCH);
        org.generate(&"Lead=7".parse().unwrap()).unwrap();
        let mut objects = org.schema().into_objects();
        let lead = objects.iter_mut().find(|object| object.name == "Lead").unwrap();
        let tier = Field::new("Tier__c", "Tier", Kind::Text(10));
        *lead = lead.clone().with_fields(lead.fields.iter().cloned().chain([tier]).collect());
        org.reshape(Schema::new(objects)).unwrap();
        let leads = org.records("Lead", None, 10, false).unwrap();
        assert!(leads.len() == 7 && leads[6].contains_key("Tier__c"), "{leads:?}");
    }

    #[test]
    fn records_hold_their_object_to_its_key_prefix() {
        let mut org = Org::seeded(EPOCH);
        let mut objects = org.schema().into_objects();
        objects.iter_mut().find(|object| object.name == "Invoice__c").unwrap().key_prefix = "a77";
        let error = org.reshape(Schema::new(objects.clone())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Invoice__c has records whose Ids begin with a00: expected this key prefix or none for it, another for other objects, or no records"
        );
        assert_eq!(org.count("Invoice__c"), 800);
        org.clear_records();
        assert_eq!(org.reshape(Schema::new(objects)), Ok(()));
    }
}
