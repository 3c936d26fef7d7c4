//! What the script fills pickers with: an org's objects, and an object's fields.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::super::queried::Queried;
use super::super::session::Session;
use crate::api::{Problem, ProblemKind};
use crate::app::App;
use crate::describe::DescribeError;
use crate::ids::ConnectionId;
use salesforce_connector::core::name::ObjectName;

/// Of which connection.
#[derive(Deserialize)]
pub(super) struct Objects {
    connection: ConnectionId,
}

/// Of which object.
#[derive(Deserialize)]
pub(super) struct Fields {
    connection: ConnectionId,
    object: String,
}

/// `GET /console/playground/objects?connection=`: `[{"name", "label", "queryable", "createable", "updateable"}]`.
pub(super) async fn objects(
    session: Session,
    State(app): State<App>,
    Queried(asked): Queried<Objects>,
) -> Result<Response, Problem> {
    let objects = app.describe.objects(&session.tenant.id, &asked.connection).await?;
    Ok(answer(&*objects))
}

/// `GET /console/playground/fields?connection=&object=`: `{"name", "label", "fields": [..]}`.
pub(super) async fn fields(
    session: Session,
    State(app): State<App>,
    Queried(asked): Queried<Fields>,
) -> Result<Response, Problem> {
    let object = ObjectName::parse(&asked.object).map_err(|error| Problem::invalid(error.message))?;
    let object = app.describe.object(&session.tenant.id, &asked.connection, &object).await?;
    Ok(answer(&*object))
}

fn answer(described: &impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(described)).into_response()
}

impl From<DescribeError> for Problem {
    fn from(error: DescribeError) -> Problem {
        let words = error.to_string();
        match error {
            DescribeError::NoSuchObject => Problem::new(ProblemKind::NotFound, words),
            DescribeError::Connection(error) => error.into(),
            DescribeError::Get(_) | DescribeError::Answer => Problem::new(ProblemKind::SalesforceFailed, words),
        }
    }
}
