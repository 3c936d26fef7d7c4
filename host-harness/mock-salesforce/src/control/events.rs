//! `/__mock/events`: the platform events that were published.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::Steering;
use super::input::{Query, within};
use super::problem::Problem;
use crate::org::Record;

const USUAL: u64 = 100;
const MOST: u64 = 1_000;

/// Which events.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// `next` of the page before.
    after: Option<u64>,
    /// Events, 1 to 1,000; 100 unless told otherwise.
    limit: Option<u64>,
}

/// An event that subscribers would see.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct EventView {
    /// The API name of its object.
    object: String,
    event_uuid: String,
    /// What it says, as the client sent it.
    #[schema(value_type = Object)]
    fields: Record,
}

/// Events in the order they were published.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct EventsPage {
    events: Vec<EventView>,
    /// For `after`; null when these were the last so far.
    next: Option<u64>,
}

/// Tells which platform events were published
#[utoipa::path(get, path = "/__mock/events", tag = "events", operation_id = "read_events", params(EventsQuery),
    responses((status = 200, body = EventsPage), (status = 400, body = Problem)))]
pub(super) async fn read(
    State(steering): State<Arc<Steering>>,
    Query(query): Query<EventsQuery>,
) -> Result<Json<EventsPage>, Problem> {
    let limit = within("query.limit", query.limit.unwrap_or(USUAL), 1, MOST)?;
    let after = query.after.unwrap_or(0);
    let org = steering.site.org();
    let (skipped, most) = (usize::try_from(after).unwrap_or(usize::MAX), usize::try_from(limit).unwrap_or(usize::MAX));
    let events: Vec<_> = org.published().iter().skip(skipped).take(most).collect();
    let end = after.saturating_add(events.len() as u64);
    let view = |event: &crate::org::PublishedEvent| EventView {
        object: event.object.to_string(),
        event_uuid: event.event_uuid.clone(),
        fields: event.fields.clone(),
    };
    let next = (end < org.published().len() as u64).then_some(end);
    Ok(Json(EventsPage { events: events.into_iter().map(view).collect(), next }))
}
