//! What a user may see and do: objects and fields, as profiles and permission sets grant them. Not for sharing of single records:
//! everybody who sees an object sees all its records.
//!
//! A compound field and its parts have one permission: whoever may not see `BillingCity` sees no `BillingAddress` either, for it
//! holds the city. The strictest that any of them is given counts.
//!
//! Whoever calls sees the org through a mask: objects and fields that they may not read are not there, and what they may not edit is
//! not writable. Rules, flows and what the org does itself go without the mask.
//!
//! Source: SOAP API Developer Guide, "ObjectPermissions", "FieldPermissions". Who may not create is answered as real orgs
//! were seen to; the status of the answer to who may not edit or delete is not verified.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{
    Org, Record, RecordId,
    schema::{Field, Object},
    table::Table,
    value::Value,
};
use crate::ApiError;

/// What one user may do. Whatever is not named is allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Whether the user writes nothing at all.
    pub read_only: bool,
    /// By the API name of the object.
    pub objects: BTreeMap<String, ObjectPermissions>,
    /// By the API names of object and field, as in `Account.AnnualRevenue`.
    pub fields: BTreeMap<String, FieldPermissions>,
}

/// What a user may do with the records of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectPermissions {
    /// Without it, the object is not there for the user.
    pub read: bool,
    /// Needs `read`.
    pub create: bool,
    /// Needs `read`.
    pub edit: bool,
    /// Needs `read` and `edit`.
    pub delete: bool,
}

/// What a user may do with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldPermissions {
    /// Without it, the field is not there for the user.
    pub readable: bool,
    /// Needs `readable`.
    pub editable: bool,
}

/// Permissions that were given, and the org's objects as they show them, in the order of its tables.
#[derive(Debug)]
pub(super) struct Granted {
    permissions: Permissions,
    seen: Vec<Arc<Object>>,
}

/// Why permissions cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermissionError {
    /// Nobody has this user name.
    #[error("no user has the user name {0}")]
    User(String),
    /// The org has no such object.
    #[error("{0}: the org has no such object")]
    Object(String),
    /// The org has no such field.
    #[error("{0}: expected object and field of the org, such as Account.AnnualRevenue")]
    Field(String),
    /// Everybody sees and edits required fields, and names with their parts; the org's own are never edited.
    #[error("{0}: a required field is always readable and editable")]
    Required(String),
    /// One permission needs another.
    #[error("{0}: {1} needs {2}")]
    Needs(String, &'static str, &'static str),
}

impl ObjectPermissions {
    /// All of them.
    pub const ALL: Self = Self { read: true, create: true, edit: true, delete: true };
    /// None of them: the object is not there.
    pub const NONE: Self = Self { read: false, create: false, edit: false, delete: false };
    /// Reading alone.
    pub const READ: Self = Self { read: true, ..Self::NONE };
}

impl Org {
    /// Gives a user these permissions in place of those they had.
    ///
    /// # Errors
    /// When user, object or field are unknown, or a permission lacks another that it needs. Then the old ones stay.
    pub fn set_permissions(&mut self, username: &str, permissions: Permissions) -> Result<(), PermissionError> {
        let user = self.user_id(username)?;
        for (name, given) in &permissions.objects {
            self.table(name).map_err(|_| PermissionError::Object(name.clone()))?;
            let needs = |what, needed| Err(PermissionError::Needs(name.clone(), what, needed));
            match given {
                ObjectPermissions { read: false, create: true, .. } => return needs("create", "read"),
                ObjectPermissions { read: false, edit: true, .. } => return needs("edit", "read"),
                ObjectPermissions { edit: false, delete: true, .. } => return needs("delete", "edit"),
                _ => {}
            }
        }
        for (name, given) in &permissions.fields {
            let unknown = || PermissionError::Field(name.clone());
            let (object, field) = name.split_once('.').ok_or_else(unknown)?;
            let object = &self.table(object).map_err(|_| unknown())?.object;
            let (_, field) = object.field(field).ok_or_else(unknown)?;
            let whole = whole_of(object, field);
            if field.required || whole.required || whole.is_name {
                return Err(PermissionError::Required(name.clone()));
            }
            if given.editable && !given.readable {
                return Err(PermissionError::Needs(name.clone(), "editable", "readable"));
            }
        }
        let seen = self.tables.iter().map(|table| Arc::new(permissions.applied(&table.object))).collect();
        self.permissions.insert(user, Arc::new(Granted { permissions, seen }));
        Ok(())
    }

    /// Gives users their permissions again as far as the org still has what they name.
    pub(super) fn set_permissions_again(&mut self) {
        let granted = std::mem::take(&mut self.permissions);
        for (user, granted) in granted {
            let mut permissions = granted.permissions.clone();
            permissions.objects.retain(|name, _| self.table(name).is_ok());
            permissions.fields.retain(|name, _| {
                let named = name.split_once('.').and_then(|(object, field)| Some((self.find_table(object)?, field)));
                named.is_some_and(|(table, name)| table.object.field(name).is_some_and(|(_, field)| !field.required))
            });
            let seen = self.tables.iter().map(|table| Arc::new(permissions.applied(&table.object))).collect();
            self.permissions.insert(user, Arc::new(Granted { permissions, seen }));
        }
    }

    /// The permissions of a user.
    ///
    /// # Errors
    /// When nobody has this user name.
    pub fn permissions(&self, username: &str) -> Result<Permissions, PermissionError> {
        let user = self.user_id(username)?;
        Ok(self.permissions.get(&user).map(|granted| granted.permissions.clone()).unwrap_or_default())
    }

    fn user_id(&self, username: &str) -> Result<RecordId, PermissionError> {
        let unknown = || PermissionError::User(username.to_owned());
        let table = self.table("User").map_err(|_| unknown())?;
        let place = table.object.place("Username").ok_or_else(unknown)?;
        let mut found = table.find(place, &Value::text(username)).into_iter().flatten();
        found.next().map(|row| row.id).ok_or_else(unknown)
    }

    /// Shows the org to the user with this Id as they may see it; without one, as it is.
    pub(crate) fn look_as(&mut self, user: Option<&str>) {
        let granted = user.and_then(RecordId::parse).and_then(|id| self.permissions.get(&id)).cloned();
        self.mask(granted);
    }

    /// The object of a table as the user with this Id may see it, whoever looks now.
    pub(super) fn seen_by<'a>(&'a self, user: &str, table: &'a Table) -> &'a Object {
        let granted = RecordId::parse(user).and_then(|id| self.permissions.get(&id));
        let place = self.by_name.get(&table.object.name.to_lowercase());
        let seen = granted.zip(place).and_then(|(granted, place)| granted.seen.get(*place));
        seen.unwrap_or(&table.object)
    }

    /// Does what the org does itself: without the mask.
    pub(super) fn as_system<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let granted = self.mask.clone();
        self.mask(None);
        let done = work(self);
        self.mask(granted);
        done
    }

    fn mask(&mut self, granted: Option<Arc<Granted>>) {
        if self.mask.take().is_some() {
            self.tables.iter_mut().for_each(|table| Arc::make_mut(table).unmask());
        }
        if let Some(granted) = &granted {
            for (table, seen) in self.tables.iter_mut().zip(&granted.seen) {
                Arc::make_mut(table).mask(Arc::clone(seen));
            }
        }
        self.mask = granted;
    }
}

impl Permissions {
    /// The object as a user with these permissions sees it.
    fn applied(&self, object: &Object) -> Object {
        let mut object = object.clone();
        let is_named = |name: &&String| name.eq_ignore_ascii_case(object.name);
        let named = self.objects.keys().find(is_named).and_then(|name| self.objects.get(name));
        let access = named.copied().unwrap_or(ObjectPermissions::ALL);
        object.access =
            if self.read_only { ObjectPermissions { read: access.read, ..ObjectPermissions::NONE } } else { access };
        let ObjectPermissions { create, edit, delete, .. } = object.access;
        withhold(&mut object.described, [("createable", create), ("updateable", edit), ("deletable", delete)]);
        for (name, given) in &self.fields {
            let field = name.split_once('.').filter(|(of, _)| of.eq_ignore_ascii_case(object.name));
            let field = field.and_then(|(_, field)| object.fields.get(object.place(field)?));
            let Some(whole) = field.map(|field| whole_of(&object, field).name) else { continue };
            let is_of = |field: &&mut Field| field.name == whole || field.part_of == Some(whole);
            for field in object.fields.iter_mut().filter(is_of) {
                field.hidden |= !given.readable;
                field.writable &= given.editable;
                withhold(&mut field.described, [("createable", given.editable), ("updateable", given.editable)]);
            }
        }
        object
    }
}

/// The compound field that a field is a part of, or else the field.
fn whole_of<'a>(object: &'a Object, field: &'a Field) -> &'a Field {
    let whole = field.part_of.and_then(|whole| object.fields.get(object.place(whole)?));
    whole.unwrap_or(field)
}

/// Takes rights that the user does not have out of what another org told of an object or a field.
fn withhold<const N: usize>(described: &mut Option<Arc<Record>>, rights: [(&str, bool); N]) {
    let Some(told) = described else { return };
    for (name, _) in rights.into_iter().filter(|(_, has)| !has) {
        Arc::make_mut(told).insert(name.to_owned(), Json::Bool(false));
    }
}

/// The error of a write that the user may not make on records of this object.
pub(super) fn insufficient_access() -> ApiError {
    ApiError::bad_request("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::EPOCH;

    fn set(permissions: Permissions) -> Result<(), PermissionError> {
        Org::seeded(EPOCH).set_permissions("alind@example.org", permissions)
    }

    fn object(name: &str, given: ObjectPermissions) -> Permissions {
        Permissions { objects: [(name.to_owned(), given)].into(), ..Permissions::default() }
    }

    fn field(name: &str, readable: bool, editable: bool) -> Permissions {
        let given = FieldPermissions { readable, editable };
        Permissions { fields: [(name.to_owned(), given)].into(), ..Permissions::default() }
    }

    #[test]
    fn permissions_that_do_not_go_together_are_refused() {
        let all = ObjectPermissions::ALL;
        assert_eq!(set(object("Account", ObjectPermissions::READ)), Ok(()));
        for (permissions, words) in [
            (object("Thing", all), "Thing: the org has no such object"),
            (object("Account", ObjectPermissions { read: false, ..all }), "Account: create needs read"),
            (object("Account", ObjectPermissions { edit: false, ..all }), "Account: delete needs edit"),
            (
                field("Account", true, true),
                "Account: expected object and field of the org, such as Account.AnnualRevenue",
            ),
            (field("Account.Name", true, false), "Account.Name: a required field is always readable and editable"),
            (
                field("Contact.FirstName", false, false),
                "Contact.FirstName: a required field is always readable and editable",
            ),
            (field("Account.Industry", false, true), "Account.Industry: editable needs readable"),
        ] {
            assert_eq!(set(permissions).unwrap_err().to_string(), words);
        }
        let nobody = Org::seeded(EPOCH).set_permissions("nobody", Permissions::default());
        assert_eq!(nobody, Err(PermissionError::User("nobody".to_owned())));
    }

    #[test]
    fn a_compound_field_and_its_parts_have_one_permission() {
        for name in ["Account.BillingCity", "Account.BillingAddress"] {
            let seen = field(name, false, false).applied(Org::seeded(EPOCH).object("Account").unwrap());
            for hidden in ["BillingCity", "BillingAddress", "BillingLatitude"] {
                assert!(seen.field(hidden).is_none(), "{hidden}");
            }
            assert!(seen.field("ShippingCity").is_some());
        }
    }

    #[test]
    fn a_mask_comes_off_again() {
        let mut org = Org::seeded(EPOCH);
        let mut permissions = object("Contact", ObjectPermissions::NONE);
        permissions.fields = field("account.industry", false, false).fields;
        org.set_permissions("alind@example.org", permissions).unwrap();
        let user = org.user_id("alind@example.org").unwrap();
        org.look_as(Some(user.as_str()));
        assert!(org.object("Contact").is_err());
        assert!(org.object("Account").unwrap().field("Industry").is_none());
        org.as_system(|org| assert!(org.object("Contact").is_ok()));
        assert!(org.object("Contact").is_err());
        org.look_as(None);
        assert!(org.object("Contact").is_ok() && org.object("Account").unwrap().field("Industry").is_some());
    }
}
