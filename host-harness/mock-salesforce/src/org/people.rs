//! Whose org it is: what tells one org from another, where it matters that nobody can.

use jiff::tz::TimeZone;

use super::table::Row;
use super::value::Value;
use super::{Org, RecordId};

impl Org {
    /// Gives the org the Id with this number, of 62^5.
    pub(crate) fn set_number(&mut self, number: u64) {
        if let Some(id) = RecordId::numbered("00D", number % 62_u64.pow(5)) {
            self.organization_id = id;
        }
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
    }
}
