//! Whose org it is: what tells one org from another, where it matters that nobody can.

use jiff::tz::TimeZone;

use super::table::{Row, overlay};
use super::value::Value;
use super::{Org, Record, RecordId};
use crate::ApiError;

/// The object whose one record is the org's own.
pub(super) const ORGANIZATION: &str = "Organization";

impl Org {
    /// Gives the org the Id with this number, of 62^5.
    pub(crate) fn set_number(&mut self, number: u64) {
        if let Some(id) = RecordId::numbered("00D", number % 62_u64.pow(5)) {
            self.identify(id);
        }
    }

    /// Gives the org this Id, and its own record too.
    pub(super) fn identify(&mut self, id: RecordId) {
        self.organization_id = id;
        let Ok(table) = self.table_mut(ORGANIZATION) else { return };
        let Some(mut values) = table.rows().iter().next().map(Row::values) else { return };
        overlay(&mut values, table.object.place("Id").map(|place| (place, Value::Id(id))));
        let row = Row::new(&table.object, id, values);
        table.clear();
        table.put(row);
    }

    /// Makes the org's own record say this. No client could say all of it: whoever sets an org up says what it is. The Id stays.
    pub(super) fn describe_organization(&mut self, body: &Record) -> Result<String, ApiError> {
        let table = self.table(ORGANIZATION)?;
        let mut open = table.object.as_ref().clone();
        let is_open = |field: &&mut super::Field| field.name != "Id" && !field.kind.is_compound();
        open.fields.iter_mut().filter(is_open).for_each(|field| field.writable = true);
        let given = self.parse_body(&open, body)?;
        let row = table.rows().iter().next().ok_or_else(ApiError::not_found)?;
        let (id, mut values) = (row.id, row.values());
        overlay(&mut values, given);
        table.object.compose(&mut values);
        let row = Row::new(&table.object, id, values);
        self.table_mut(ORGANIZATION)?.put(row);
        Ok(id.to_string())
    }

    /// The time zone of the user with this Id, who need not see it.
    pub(crate) fn time_zone(&self, user: &str) -> Option<TimeZone> {
        let users = self.tables.get(*self.by_name.get("user")?)?;
        let user = users.row(RecordId::parse(user)?)?;
        TimeZone::get(user.value(users.object.place("TimeZoneSidKey")?).as_text()?).ok()
    }

    /// Whether this is the Id of a user who can log in. Nobody's permissions change that.
    pub(crate) fn is_active_user(&self, id: &str) -> bool {
        let is_active = || {
            let users = self.tables.get(*self.by_name.get("user")?)?;
            let user = users.row(RecordId::parse(id)?).filter(|user| !user.deleted)?;
            Some(*user.value(users.object.place("IsActive")?) == Value::Boolean(true))
        };
        is_active().unwrap_or(false)
    }

    /// Changes the login name of a user. False if nobody has the first.
    pub fn rename_user(&mut self, from: &str, to: &str) -> bool {
        let renamed = |table: &super::Table| {
            let place = table.object.place("Username")?;
            let row = table.rows().iter().find(|row| row.value(place).as_text() == Some(from))?;
            let mut values = row.values();
            *values.get_mut(place)? = Value::text(to);
            Some(Row::new(&table.object, row.id, values))
        };
        let Ok(table) = self.table_mut("User") else { return false };
        renamed(table).map(|row| table.put(row)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use crate::org::{EPOCH, Org};

    #[test]
    fn a_renamed_user_is_found_by_the_new_name_alone() {
        let mut org = Org::seeded(EPOCH);
        assert!(org.rename_user("alind@example.org", "new@example.com"));
        assert!(!org.rename_user("alind@example.org", "other@example.com"));
        let names: Vec<_> = org.users().into_iter().map(|user| user.username).collect();
        assert!(names.contains(&"new@example.com".to_owned()) && !names.contains(&"alind@example.org".to_owned()));
    }

    #[test]
    fn orgs_of_other_numbers_have_other_ids() {
        let mut org = Org::seeded(EPOCH);
        let first = org.organization_id().to_owned();
        org.set_number(u64::MAX);
        assert!(first != org.organization_id() && org.organization_id().starts_with("00D"));
        let records = org.records("Organization", None, 10, true).unwrap();
        assert_eq!((records.len(), records[0]["Id"].as_str()), (1, Some(org.organization_id())));
    }
}
