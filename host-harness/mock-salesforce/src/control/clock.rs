//! `/__mock/clock`: sessions, query locators and everything else that expires go by it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::Steering;
use super::input::Body;
use super::problem::Problem;
use crate::plain_words::MOMENT;

/// How far a clock is moved at once, in seconds: a hundred years.
const FARTHEST: i64 = 100 * 366 * 24 * 60 * 60;

/// What the org's clock says.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ClockView {
    #[schema(format = DateTime)]
    now: String,
    /// Whether it stands still.
    frozen: bool,
}

/// When to stop the clock.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Freeze {
    /// The moment it shall say; what it says now, if left out.
    #[serde(default, deserialize_with = "moment")]
    #[schema(format = DateTime, value_type = Option<String>)]
    at: Option<Timestamp>,
}

/// How far to move the clock.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    /// Forward, or back when negative; at most a hundred years.
    seconds: i64,
}

/// Tells what the org's clock says
#[utoipa::path(get, path = "/__mock/clock", tag = "clock", operation_id = "read_clock",
    responses((status = 200, body = ClockView)))]
pub(super) async fn read(State(steering): State<Arc<Steering>>) -> Json<ClockView> {
    Json(view(&steering))
}

/// Stops the org's clock
#[utoipa::path(post, path = "/__mock/clock/freeze", tag = "clock", operation_id = "freeze_clock", request_body = Freeze,
    responses((status = 200, body = ClockView), (status = 400, body = Problem)))]
pub(super) async fn freeze(
    State(steering): State<Arc<Steering>>,
    Body(Freeze { at }): Body<Freeze>,
) -> Json<ClockView> {
    steering.site.clock.freeze(at);
    Json(view(&steering))
}

/// Moves the org's clock, standing or running
#[utoipa::path(post, path = "/__mock/clock/advance", tag = "clock", operation_id = "advance_clock", request_body = Advance,
    responses((status = 200, body = ClockView), (status = 400, body = Problem)))]
pub(super) async fn advance(
    State(steering): State<Arc<Steering>>,
    Body(Advance { seconds }): Body<Advance>,
) -> Result<Json<ClockView>, Problem> {
    if !(-FARTHEST..=FARTHEST).contains(&seconds) {
        let expected = format!("seconds from -{FARTHEST} to {FARTHEST}");
        return Err(Problem::wrong("body.seconds", seconds.to_string(), expected));
    }
    steering.site.clock.advance(SignedDuration::from_secs(seconds));
    Ok(Json(view(&steering)))
}

/// Lets a clock that stands run on from the moment it says
#[utoipa::path(post, path = "/__mock/clock/thaw", tag = "clock", operation_id = "thaw_clock",
    responses((status = 200, body = ClockView)))]
pub(super) async fn thaw(State(steering): State<Arc<Steering>>) -> Json<ClockView> {
    steering.site.clock.thaw();
    Json(view(&steering))
}

/// A moment, refused in the words of this API.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(|_| D::Error::custom(MOMENT))).transpose()
}

fn view(steering: &Steering) -> ClockView {
    ClockView { now: steering.site.now().to_string(), frozen: steering.site.clock.is_frozen() }
}
