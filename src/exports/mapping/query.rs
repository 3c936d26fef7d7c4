//! A query with its values, and where to go on in its answer.

use super::wit;
use crate::core::error::Result;
use crate::core::soql::{ChildCursor, Parameter, Query};

pub(crate) fn query(query: wit::Query) -> Result<Query> {
    let parameters: Vec<Parameter> = query.parameters.into_iter().map(Into::into).collect();
    Query::parse(&query.soql, &parameters, query.include_deleted, query.batch_size, query.max_records)
}

impl From<ChildCursor> for wit::ChildCursor {
    fn from(child: ChildCursor) -> Self {
        Self {
            record_index: child.record_index,
            relationship: child.relationship,
            count: child.count,
            total_size: child.total_size,
            next: child.next.text(),
        }
    }
}
