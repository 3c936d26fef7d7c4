//! What the script fills pickers with: an org's objects, and an object's fields.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::super::queried::Queried;
use super::super::session::Session;
use crate::api::{Problem, ProblemKind};
use crate::app::App;
use crate::describe::DescribeError;
use crate::ids::ConnectionId;
use salesforce_runtime::bindings::types::ErrorKind;

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

/// `GET /console/playground/objects?connection=`: what `list-objects` gives.
pub(super) async fn objects(
    session: Session,
    State(app): State<App>,
    Queried(asked): Queried<Objects>,
) -> Result<Response, Problem> {
    let objects = app.describe.objects(&session.tenant, &asked.connection).await?;
    Ok(answer(&objects))
}

/// `GET /console/playground/fields?connection=&object=`: what `describe-object` gives.
pub(super) async fn fields(
    session: Session,
    State(app): State<App>,
    Queried(asked): Queried<Fields>,
) -> Result<Response, Problem> {
    let object = app.describe.object(&session.tenant, &asked.connection, &asked.object).await?;
    Ok(answer(&object))
}

fn answer(described: &str) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (headers, described.to_owned()).into_response()
}

impl From<DescribeError> for Problem {
    fn from(error: DescribeError) -> Problem {
        let words = error.to_string();
        match error {
            DescribeError::Input(error) => error.into(),
            DescribeError::NoSuchObject => Problem::new(ProblemKind::NotFound, words),
            DescribeError::Refused(refused) => refused.into(),
            DescribeError::Execution(error) if error.kind() == Some(ErrorKind::InvalidArgument) => {
                Problem::invalid(words)
            }
            DescribeError::Execution(_) => Problem::new(ProblemKind::SalesforceFailed, words),
        }
    }
}
