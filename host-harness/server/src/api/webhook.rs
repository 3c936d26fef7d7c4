//! `/v1/tenant/webhook`: where the tenant is told what needs somebody.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::principal::ByTenant;
use super::problem::{Body, Problem, ProblemBody};
use crate::app::App;
use crate::clock::rfc3339;
use crate::webhook::{Attempted, LastAttempt, NewWebhook, Percent, Set, Webhook};

/// What a webhook is set to.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetWebhook {
    /// `https`, to a host with a public address; at most 2,000 characters. What it has of secrets is shown to this tenant alone.
    #[schema(min_length = 1, max_length = 2000)]
    url: String,
    /// Used percent of an org's daily API requests from which on `connection.allowance-passed` is sent; 80 unless told otherwise.
    #[schema(inline)]
    allowance_percent: Option<Percent>,
    /// Makes a new secret though the URL stays. The old one ends at once.
    #[serde(default)]
    new_secret: bool,
}

/// A tenant's webhook.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct WebhookView {
    url: String,
    /// `whsec_...`, with which the receiver verifies messages (Standard Webhooks). Only if it was just made: it is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    allowance_percent: u32,
    /// Events that wait to be delivered.
    waiting: u32,
    /// Events that were given up: after eight attempts, or because more than 1,000 waited.
    dropped: u32,
    /// Since when nothing is sent, for the receiver answered 410 Gone. Setting the webhook again ends it.
    #[schema(format = DateTime)]
    disabled_at: Option<String>,
    last_attempt: Option<LastAttemptView>,
    #[schema(format = DateTime)]
    created_at: String,
}

/// The last attempt to deliver an event, or the last test.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct LastAttemptView {
    #[schema(format = DateTime)]
    at: String,
    /// The event's type.
    event: String,
    delivered: bool,
    /// HTTP status, if the receiver answered.
    status: Option<u16>,
    /// Why it was not delivered: `refused` or `redirected` by its status, or why there is none, e.g. `timed-out`,
    /// `not-connected`, `tls-failed`, `name-not-resolved` and `address-not-allowed`.
    failure: Option<String>,
}

/// What came of a test.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct WebhookTest {
    delivered: bool,
    /// HTTP status, if the receiver answered.
    status: Option<u16>,
    /// Why it was not delivered, in the words of `last_attempt`.
    failure: Option<&'static str>,
}

/// Shows the tenant's webhook.
#[utoipa::path(get, path = "/v1/tenant/webhook", tag = "tenant", operation_id = "get_webhook",
    responses((status = 200, body = WebhookView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody)))]
pub(super) async fn find(State(app): State<App>, ByTenant(tenant): ByTenant) -> Result<Json<WebhookView>, Problem> {
    let webhook = app.webhooks.find(&tenant.id).await?.ok_or_else(|| Problem::not_found("webhook"))?;
    Ok(Json(webhook.into()))
}

/// Sets the tenant's webhook. It has a new secret if there was none, the URL is another, or `new_secret` asks for one.
#[utoipa::path(put, path = "/v1/tenant/webhook", tag = "tenant", operation_id = "set_webhook", request_body = SetWebhook,
    responses((status = 200, body = WebhookView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody)))]
pub(super) async fn set(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Body(body): Body<SetWebhook>,
) -> Result<Json<WebhookView>, Problem> {
    let url = app.webhooks.url(&body.url).map_err(|error| Problem::invalid(format!("url: {error}")))?;
    let Set { webhook, secret } = app
        .webhooks
        .set(&tenant.id, NewWebhook { url, allowance: body.allowance_percent, new_secret: body.new_secret })
        .await?;
    Ok(Json(WebhookView { secret: secret.map(|secret| secret.expose().to_owned()), ..webhook.into() }))
}

/// Removes the tenant's webhook. Events that wait are not sent.
#[utoipa::path(delete, path = "/v1/tenant/webhook", tag = "tenant", operation_id = "delete_webhook",
    responses((status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody)))]
pub(super) async fn delete(State(app): State<App>, ByTenant(tenant): ByTenant) -> Result<StatusCode, Problem> {
    let deleted = app.webhooks.delete(&tenant.id).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("webhook")) }
}

/// Sends a message of the type `webhook.test` once, and says what came of it.
#[utoipa::path(post, path = "/v1/tenant/webhook/test", tag = "tenant", operation_id = "test_webhook",
    responses((status = 200, body = WebhookTest), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub(super) async fn test(State(app): State<App>, ByTenant(tenant): ByTenant) -> Result<Json<WebhookTest>, Problem> {
    let Attempted { status, failure } = app.webhooks.test(&tenant.id).await?;
    Ok(Json(WebhookTest { delivered: failure.is_none(), status, failure }))
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> WebhookView {
        WebhookView {
            url: webhook.url.expose().to_owned(),
            secret: None,
            allowance_percent: webhook.allowance_percent,
            waiting: webhook.waiting,
            dropped: webhook.dropped,
            disabled_at: webhook.disabled_at.map(rfc3339),
            last_attempt: webhook.last_attempt.map(LastAttemptView::from),
            created_at: rfc3339(webhook.created_at),
        }
    }
}

impl From<LastAttempt> for LastAttemptView {
    fn from(LastAttempt { at, event, status, failure }: LastAttempt) -> LastAttemptView {
        LastAttemptView { at: rfc3339(at), event, delivered: failure.is_none(), status, failure }
    }
}
