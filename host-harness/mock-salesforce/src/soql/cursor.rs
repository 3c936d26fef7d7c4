//! The result of a query at one moment: which records, and the org as it was. Records are written when they are asked for.
//! Not for pages, nor for how long it is kept.

use std::ops::Range;

use serde_json::Value as Json;

use super::{
    QueryOptions, QueryRows,
    ast::Query,
    evaluate::{self, Answer, found::Found},
};
use crate::{ApiError, org::Org};

/// A result.
#[derive(Debug)]
pub(crate) struct Cursor {
    total_size: i64,
    records: Records,
}

#[derive(Debug)]
enum Records {
    Written(Vec<Json>),
    Found(Box<Unwritten>),
}

/// A copy of an org shares whatever does not change afterwards.
#[derive(Debug)]
struct Unwritten {
    org: Org,
    query: Query,
    include_deleted: bool,
    version: String,
    user_id: String,
    found: Found,
}

impl Cursor {
    /// Evaluates a query.
    ///
    /// # Errors
    /// Those of [`super::evaluate()`].
    pub(crate) fn open(org: &Org, query: Query, options: &QueryOptions<'_>) -> Result<Self, ApiError> {
        Ok(match evaluate::find(org, &query, options)? {
            Answer::Groups(groups) => groups.into(),
            Answer::Records(total_size, found) => {
                let QueryOptions { include_deleted, version, user_id } = *options;
                let (version, user_id) = (version.to_owned(), user_id.to_owned());
                let unwritten = Unwritten { org: org.clone(), query, include_deleted, version, user_id, found };
                Self { total_size, records: Records::Found(Box::new(unwritten)) }
            }
        })
    }

    /// How many records matched, as `totalSize` tells it.
    pub(crate) fn total_size(&self) -> i64 {
        self.total_size
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        match &self.records {
            Records::Written(records) => records.len(),
            Records::Found(unwritten) => unwritten.found.len(),
        }
    }

    /// About how much memory it takes beside the org, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match &self.records {
            Records::Written(records) => records.iter().map(|record| record.to_string().len()).sum(),
            Records::Found(unwritten) => unwritten.found.bytes(),
        }
    }

    /// The records at these positions.
    ///
    /// # Errors
    /// None that [`Cursor::open`] would not have had.
    pub(crate) fn records(&self, positions: Range<usize>) -> Result<Vec<Json>, ApiError> {
        match &self.records {
            Records::Written(records) => {
                let end = positions.end.min(records.len());
                Ok(records.get(positions.start..end).unwrap_or_default().to_vec())
            }
            Records::Found(unwritten) => {
                let Unwritten { org, query, include_deleted, version, user_id, found } = &**unwritten;
                let options = QueryOptions { include_deleted: *include_deleted, version, user_id };
                evaluate::write(org, query, &options, found, positions)
            }
        }
    }
}

impl From<QueryRows> for Cursor {
    fn from(QueryRows { total_size, records }: QueryRows) -> Self {
        Self { total_size, records: Records::Written(records) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::org::{EPOCH, WriteOptions};

    #[test]
    fn later_writes_change_nothing_of_a_result() {
        let mut org = Org::seeded(EPOCH);
        let user = org.users()[0].id.clone();
        let options = QueryOptions { include_deleted: false, version: "v60.0", user_id: &user };
        let soql = "SELECT Id, Name, Owner.Name, (SELECT LastName FROM Contacts) FROM Account ORDER BY ERP_Id__c";
        let query = || super::super::parse(soql).unwrap();
        let expected = super::super::evaluate(&org, &query(), &options).unwrap();
        let cursor = Cursor::open(&org, query(), &options).unwrap();
        let writes = WriteOptions::new(user.clone(), "v60.0");
        let ids: Vec<_> = expected.records.iter().map(|record| record["Id"].as_str().unwrap().to_owned()).collect();
        let other = json!({"Name": "Other", "ERP_Id__c": "0"}).as_object().unwrap().clone();
        org.update("Account", &ids[2_000], &other, &writes).unwrap();
        org.create("Account", &json!({"Name": "New"}).as_object().unwrap().clone(), &writes).unwrap();
        org.clear_records();
        assert_eq!(cursor.total_size(), expected.total_size);
        assert_eq!(cursor.records(0..cursor.len()).unwrap(), expected.records);
        assert_eq!(cursor.records(1_999..2_002).unwrap(), expected.records[1_999..2_002]);
        assert!(cursor.records(3_000..4_000).unwrap().is_empty());
    }
}
