//! `/v1/connections`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer, Serialize};

use super::page::{Page, PageQuery};
use super::principal::ByTenant;
use super::problem::{Body, Path, Problem, ProblemBody, Query};
use crate::app::App;
use crate::clock::rfc3339;
use crate::connections::{Change, ChangeDraft, ConnectionKey, ConnectionRecord, ConnectionState, Draft, NewConnection};
use crate::ids::ConnectionId;
use crate::local_path::LocalPath;
use crate::sso;
use salesforce_actions::bounded::{List, Text};
use salesforce_runtime::secret::Secret;

/// Names of scopes.
type Scopes = List<Text<1, 100>, 0, 30>;

/// A connection. Its tokens and client secret never leave the server.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Connection {
    id: String,
    name: String,
    state: ConnectionState,
    /// Why it is in this state, where that is not plain.
    reason: Option<String>,
    /// The last authorization, if it failed; null again once one has succeeded.
    refusal: Option<Refusal>,
    login_url: String,
    client_id: String,
    has_client_secret: bool,
    api_version: Option<String>,
    /// Scopes that an authorization asks for, as they were given; empty: `api` and `refresh_token`.
    requested_scopes: Vec<String>,
    /// Whether executions may call Apex REST with it, the org's own classes below `/services/apexrest/`.
    apex_rest: bool,
    /// Where the org is, once it is active.
    instance_url: Option<String>,
    /// Scopes that Salesforce granted.
    scopes: Vec<String>,
    username: Option<String>,
    organization_id: Option<String>,
    /// How many token sets it has had.
    generation: i64,
    api_usage: Option<UsageSeen>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// Why an authorization connected nothing.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Refusal {
    reason: String,
    #[schema(format = DateTime)]
    at: String,
}

/// Use of the org's daily API allowance.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct UsageSeen {
    #[schema(format = Int64)]
    used: u32,
    #[schema(format = Int64)]
    allowed: u32,
    /// When Salesforce told it.
    #[schema(format = DateTime)]
    seen_at: String,
}

/// A new connection.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateConnection {
    /// 1 to 100 characters, unlike those of the tenant's other connections.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// `https://login.salesforce.com` unless told otherwise; `https://test.salesforce.com` for sandboxes, or the org's My
    /// Domain: its name (`acme`, `acme--dev` of a sandbox), its host, or an address of the org from a browser. The answer has the URL
    /// that is used. A host that is not on Salesforce's domains must be one that the operator lists.
    #[schema(max_length = 300)]
    login_url: Option<String>,
    /// Consumer key of the connected app.
    #[schema(min_length = 1, max_length = 500)]
    client_id: String,
    /// Consumer secret of a confidential client.
    #[schema(value_type = Option<String>, max_length = 500)]
    client_secret: Option<Secret>,
    /// E.g. `v67.0`; the connector's default unless told otherwise.
    #[schema(max_length = 6)]
    api_version: Option<String>,
    /// `api` and `refresh_token` unless told otherwise, and of an empty list too; each up to 100 characters.
    #[serde(default)]
    #[schema(value_type = Scopes, inline)]
    scopes: Vec<String>,
    /// Whether executions may call Apex REST with it, the org's own classes below `/services/apexrest/`; not unless told so.
    #[serde(default)]
    apex_rest: bool,
}

/// What to change of a connection; what is left out stays (RFC 7396).
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeConnection {
    /// 1 to 100 characters, unlike those of the tenant's other connections.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Only of a connection that is not active: revoke it first. What was known of the org is forgotten.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, max_length = 300)]
    login_url: Option<String>,
    /// Consumer key of another connected app. The tokens are the old app's: they are removed here, and the connection needs
    /// its user again.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 500)]
    client_id: Option<String>,
    /// The new consumer secret; null: the app has none. The tokens stay, and the next refresh is made with it. It must come
    /// with a new `client_id` or `login_url`, unless there was none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    client_secret: Option<Option<Secret>>,
    /// E.g. `v67.0`; null: the connector's default.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 6)]
    api_version: Option<Option<String>>,
    /// What the next authorization asks for, each up to 100 characters; an empty list: `api` and `refresh_token`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Scopes, inline, required = false)]
    scopes: Option<Vec<String>>,
    /// Whether executions may call Apex REST with it, from the next one on: the org's own classes below `/services/apexrest/`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = bool, required = false)]
    apex_rest: Option<bool>,
}

/// Where a connection's user allows access.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Authorization {
    /// Send the user's browser here. It works once, in one browser.
    url: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

/// What to send the browser to afterwards.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Authorize {
    /// A path of this server, beginning with `/`; a plain page unless told otherwise.
    #[schema(max_length = 2000)]
    return_to: String,
}

/// How to refresh.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Refresh {
    /// Send the stored refresh token though an earlier refresh with it never finished, and the app has no secret to ask what
    /// became of that. If Salesforce has replaced the token since, this ends the connection.
    again: bool,
}

/// Lists the tenant's connections.
#[utoipa::path(get, path = "/v1/connections", tag = "connections", operation_id = "list_connections", params(PageQuery),
    responses((status = 200, body = Page<Connection>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody)))]
pub(super) async fn list(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Connection>>, Problem> {
    let (limit, after) = query.read();
    let rows = app.connections.list(&tenant.id, after, limit.saturating_add(1)).await?;
    Ok(Json(Page::new(rows, limit, |row| row.id.clone(), Connection::from)))
}

/// Makes a connection that waits for its user.
#[utoipa::path(post, path = "/v1/connections", tag = "connections", operation_id = "create_connection",
    request_body = CreateConnection,
    responses((status = 201, body = Connection), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "There is a connection of this name, or the tenant has reached its quota.")))]
pub(super) async fn create(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Body(body): Body<CreateConnection>,
) -> Result<Response, Problem> {
    let new = NewConnection::try_from(Draft::from(body))?;
    let created = Connection::from(app.connections.create(&tenant.id, new).await?);
    let location = HeaderValue::from_str(&format!("/v1/connections/{}", created.id));
    let mut response = (StatusCode::CREATED, Json(created)).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// One connection.
#[utoipa::path(get, path = "/v1/connections/{id}", tag = "connections", operation_id = "get_connection", params(ConnectionId),
    responses((status = 200, body = Connection), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn find(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(id): Path<ConnectionId>,
) -> Result<Json<Connection>, Problem> {
    Ok(Json(app.connections.find(&tenant.id, &id).await?.into()))
}

/// Changes a connection, which keeps its id. Without effect on its tokens but for `client_id`: a new secret is used by the next
/// refresh, so a connection whose secret was rotated works again.
#[utoipa::path(patch, path = "/v1/connections/{id}", tag = "connections", operation_id = "change_connection", params(ConnectionId),
    request_body = ChangeConnection,
    responses((status = 200, body = Connection), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "There is a connection of this name, or it is active and its login URL would change.")))]
pub(super) async fn change(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(id): Path<ConnectionId>,
    Body(body): Body<ChangeConnection>,
) -> Result<Json<Connection>, Problem> {
    let change = Change::try_from(ChangeDraft::from(body))?;
    Ok(Json(app.connections.update(&tenant.id, &id, change).await?.into()))
}

/// Forgets a connection and its tokens, without asking Salesforce: revoke it first to end them there too.
#[utoipa::path(delete, path = "/v1/connections/{id}", tag = "connections", operation_id = "delete_connection", params(ConnectionId),
    responses((status = 204), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn delete(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(id): Path<ConnectionId>,
) -> Result<StatusCode, Problem> {
    app.connections.delete(&tenant.id, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins an authorization: the first one, or again for a connection that needs it.
#[utoipa::path(post, path = "/v1/connections/{id}/authorize", tag = "connections", operation_id = "authorize_connection", params(ConnectionId),
    request_body = Option<Authorize>,
    responses((status = 201, body = Authorization), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)))]
pub(super) async fn authorize(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(id): Path<ConnectionId>,
    body: Option<Body<Authorize>>,
) -> Result<(StatusCode, Json<Authorization>), Problem> {
    let Authorize { return_to } = body.map(|Body(body)| body).unwrap_or_default();
    if !return_to.is_empty() {
        return_to.parse::<LocalPath>().map_err(|error| Problem::invalid(format!("return_to: {error}")))?;
    }
    let begun = app.connections.begin(&tenant.id, &id, &return_to).await?;
    let url = sso::start_url(&app, &begun.ticket);
    Ok((StatusCode::CREATED, Json(Authorization { url, expires_at: rfc3339(begun.expires_at) })))
}

/// Refreshes a connection's tokens now. Executions do it by themselves when a session has expired.
#[utoipa::path(post, path = "/v1/connections/{id}/refresh", tag = "connections", operation_id = "refresh_connection", params(ConnectionId),
    request_body = Option<Refresh>,
    responses((status = 200, body = Connection), (status = 400, body = ProblemBody, description = "Its login host is not allowed."),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "It has no refresh token, needs its user, or is being refreshed elsewhere."),
        (status = 502, body = ProblemBody)))]
pub(super) async fn refresh(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(id): Path<ConnectionId>,
    body: Option<Body<Refresh>>,
) -> Result<Json<Connection>, Problem> {
    let Refresh { again } = body.map(|Body(body)| body).unwrap_or_default();
    let record = app.connections.find(&tenant.id, &id).await?;
    let key = ConnectionKey { tenant: record.tenant, id: record.id };
    app.connections.refreshed(&key, record.generation, None, again).await?;
    Ok(Json(app.connections.find(&tenant.id, &id).await?.into()))
}

/// Revokes a connection's tokens at Salesforce and removes them here.
#[utoipa::path(post, path = "/v1/connections/{id}/revoke", tag = "connections", operation_id = "revoke_connection", params(ConnectionId),
    responses((status = 200, body = Connection), (status = 400, body = ProblemBody, description = "Its login host is not allowed."),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 502, body = ProblemBody, description = "Salesforce could not be asked; nothing was changed.")))]
pub(super) async fn revoke(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(id): Path<ConnectionId>,
) -> Result<Json<Connection>, Problem> {
    Ok(Json(app.connections.revoke(&tenant.id, &id).await?.into()))
}

impl From<CreateConnection> for Draft {
    fn from(body: CreateConnection) -> Draft {
        let CreateConnection { name, login_url, client_id, client_secret, api_version, scopes, apex_rest } = body;
        Draft { name, login_url, client_id, client_secret, api_version, scopes, apex_rest }
    }
}

impl From<ChangeConnection> for ChangeDraft {
    fn from(body: ChangeConnection) -> ChangeDraft {
        let ChangeConnection { name, login_url, client_id, client_secret, api_version, scopes, apex_rest } = body;
        ChangeDraft { name, login_url, client_id, client_secret, api_version, scopes, apex_rest }
    }
}

/// A member that is there, though it be null where it may be.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl From<ConnectionRecord> for Connection {
    fn from(record: ConnectionRecord) -> Connection {
        Connection {
            id: record.id,
            name: record.name,
            state: record.state,
            reason: record.reason,
            refusal: record.refusal.map(|refusal| Refusal { reason: refusal.reason, at: rfc3339(refusal.at) }),
            login_url: record.login_url,
            client_id: record.client_id,
            has_client_secret: record.has_client_secret,
            api_version: record.api_version,
            requested_scopes: record.requested_scopes,
            apex_rest: record.apex_rest,
            instance_url: record.instance_url,
            scopes: record.scopes,
            username: record.username,
            organization_id: record.organization_id,
            generation: record.generation,
            api_usage: record.usage.map(|usage| UsageSeen {
                used: usage.used,
                allowed: usage.allowed,
                seen_at: rfc3339(usage.seen_at),
            }),
            created_at: rfc3339(record.created_at),
            updated_at: rfc3339(record.updated_at),
        }
    }
}
