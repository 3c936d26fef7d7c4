//! What a poll asks for.

use super::wit;
use crate::core::changes::{Filter, Request};
use crate::core::connection::Connection;
use crate::core::error::Result;
use crate::core::name::ObjectName;
use crate::core::soql::Parameter;

pub(crate) fn changes_request(connection: &Connection, object: &str, request: wit::ChangesRequest) -> Result<Request> {
    let filter = request.filter.map(|filter| {
        let parameters: Vec<Parameter> = filter.parameters.into_iter().map(Into::into).collect();
        Filter::parse(&filter.condition, &parameters)
    });
    Request::parse(
        connection,
        ObjectName::parse(object)?,
        &request.fields,
        filter.transpose()?,
        request.include_deleted,
        request.position.as_deref(),
        request.since.as_deref(),
        request.overlap_seconds,
        request.max_records,
    )
}
