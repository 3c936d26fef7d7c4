//! All or none: what a failure undoes. Not for who else is served meanwhile.

use super::Org;

/// The org as it was.
#[derive(Debug)]
pub(crate) struct Savepoint(Org);

impl Org {
    /// The org as it is, to come back to.
    pub(crate) fn savepoint(&self) -> Savepoint {
        Savepoint(self.clone())
    }

    /// Undoes everything since.
    pub(crate) fn roll_back(&mut self, Savepoint(before): Savepoint) {
        *self = before;
    }

    /// Does some work, and undoes all of it if it fails.
    pub(crate) fn all_or_none<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        let before = self.savepoint();
        let done = work(self);
        if done.is_err() {
            self.roll_back(before);
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::org::{EPOCH, Org, Record, WriteOptions};

    #[test]
    fn a_failure_undoes_the_writes_before_it() {
        let mut org = Org::seeded(EPOCH);
        let options = WriteOptions::new(org.users()[0].id.clone(), "v67.0");
        let record = |name: &str| Record::from_iter([("Name".to_owned(), json!(name))]);
        let before = org.count("Account");
        let failed = org.all_or_none(|org| {
            org.create("Account", &record("One"), &options)?;
            org.create("Account", &record(""), &options)
        });
        assert_eq!(failed.unwrap_err().code, "REQUIRED_FIELD_MISSING");
        assert_eq!(org.count("Account"), before);
        let done = org.all_or_none(|org| org.create("Account", &record("One"), &options));
        assert!(done.is_ok());
        assert_eq!(org.count("Account"), before + 1);
    }
}
