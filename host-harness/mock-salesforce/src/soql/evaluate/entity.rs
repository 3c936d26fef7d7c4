//! What a path is about: the records of one object, or, after a polymorphic lookup, `Name`: what is known of a record that may
//! be of several objects.
//!
//! Source: Object Reference, "Name"; SOQL and SOSL Reference, "Understanding Relationship Fields and Polymorphic Fields".

use std::{borrow::Cow, sync::LazyLock};

use crate::org::{
    Org,
    id::RecordId,
    schema::{Field, Kind, Lookup, Object},
    table::{Row, Table},
    value::Value,
};

static NULL: Value = Value::Null;

static NAME: LazyLock<Object> = LazyLock::new(|| {
    let lookup = |to, relationship| Kind::Reference(Lookup::new(to, relationship));
    let fields = [
        ("Id", Kind::Id),
        ("Name", Kind::Text(255)),
        ("Type", Kind::Text(40)),
        ("FirstName", Kind::Text(40)),
        ("MiddleName", Kind::Text(40)),
        ("LastName", Kind::Text(80)),
        ("Suffix", Kind::Text(40)),
        ("Title", Kind::Text(128)),
        ("Email", Kind::Email),
        ("Phone", Kind::Phone),
        ("Alias", Kind::Text(8)),
        ("NameOrAlias", Kind::Text(80)),
        ("Username", Kind::Text(80)),
        ("IsActive", Kind::Boolean),
        ("ProfileId", lookup("Profile", "Profile")),
        ("UserRoleId", lookup("UserRole", "UserRole")),
        ("RecordTypeId", lookup("RecordType", "RecordType")),
        ("LastReferencedDate", Kind::DateTime),
        ("LastViewedDate", Kind::DateTime),
    ];
    Object::new("Name", "Name", "Names", "", fields.map(|(name, kind)| Field::new(name, name, kind)).into())
});

/// What records there may be at a place of a path.
#[derive(Debug, Clone)]
pub(super) enum Entity<'a> {
    /// Records of this object.
    Object(&'a Table),
    /// Records of any of these.
    Name(Vec<&'a Table>),
}

impl<'a> Entity<'a> {
    /// What a lookup leads to, as far as whoever asks may see it.
    pub(super) fn led_to(org: &'a Org, lookup: &Lookup) -> Option<Self> {
        if !lookup.is_polymorphic() {
            return org.find_table(lookup.to).map(Self::Object);
        }
        let tables: Vec<_> = lookup.targets().filter_map(|name| org.find_table(name)).collect();
        (!tables.is_empty()).then_some(Self::Name(tables))
    }

    /// The object that says which fields there are.
    pub(super) fn object(&self) -> &'a Object {
        match self {
            Self::Object(table) => &table.object,
            Self::Name(_) => &NAME,
        }
    }

    /// The record with the Id that a lookup holds.
    pub(super) fn row(&self, id: &Value) -> Option<&'a Row> {
        let id = id.as_id()?;
        match self {
            Self::Object(table) => table.row(id),
            Self::Name(tables) => of_id(tables, id)?.row(id),
        }
    }

    /// The object that a record is of.
    pub(super) fn object_of(&self, row: &Row) -> &'a Object {
        match self {
            Self::Object(table) => &table.object,
            Self::Name(tables) => of_id(tables, row.id).map_or(&NAME, |table| &table.object),
        }
    }

    /// The value of the field at this place of [`Entity::object`].
    pub(super) fn value(&self, row: &'a Row, place: usize) -> Cow<'a, Value> {
        let Self::Name(_) = self else { return Cow::Borrowed(row.value(place)) };
        let object = self.object_of(row);
        let of = |name: &str| object.field(name).map(|(place, _)| row.value(place)).filter(|value| !value.is_null());
        let own_name = || object.fields.iter().position(|field| field.is_name).map(|place| row.value(place));
        let value = match NAME.fields.get(place).map_or("", |field| field.name) {
            // Of a queue it tells that, and not its object.
            "Type" if object.name == "Group" && of("Type").and_then(Value::as_text) == Some("Queue") => of("Type"),
            "Type" => return Cow::Owned(Value::text(object.name)),
            "Name" => own_name(),
            "NameOrAlias" => of("Alias").or_else(own_name),
            name => of(name),
        };
        Cow::Borrowed(value.unwrap_or(&NULL))
    }
}

/// The one whose records have Ids that begin like this.
fn of_id<'a>(tables: &[&'a Table], id: RecordId) -> Option<&'a Table> {
    tables.iter().copied().find(|table| table.object.key_prefix == id.key_prefix())
}
