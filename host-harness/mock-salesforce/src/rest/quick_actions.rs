//! Quick actions that create a record: global ones, and those on a record of an object.
//!
//! Source: REST API Developer Guide, "Quick Actions"; SOAP API Developer Guide, "QuickActionResult". The status and form of a failure
//! are not verified: those of a create.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::Rest;
use super::body::JsonObject;
use super::call::Call;
use super::collections::request::object_of;
use super::rows::{record_url, wrote};
use super::saved::Saved;
use crate::lock::lock;
use crate::{ApiError, answer};

const VERSION: &str = "/services/data/{version}";

/// A quick action that creates a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuickAction {
    /// `LogACall`, which is global, or `Account.NewContact`, which is on records of an object.
    #[serde(default)]
    #[schema(read_only)]
    pub name: String,
    /// The object whose record it creates.
    pub creates: String,
    /// The field of the new record that gets the Id of the record that it is run on.
    #[serde(default)]
    pub parent_field: Option<String>,
    /// Values that the new record has unless a call says otherwise.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
}

pub(super) fn routes() -> Router<Arc<Rest>> {
    let of_all = |at: &str, router: Router<Arc<Rest>>| {
        router
            .route(at, get(list))
            .route(&format!("{at}/{{name}}"), get(describe).post(run))
            .route(&format!("{at}/{{name}}/describe"), get(describe))
            .route(&format!("{at}/{{name}}/defaultValues"), get(default_values))
            .route(&format!("{at}/{{name}}/defaultValues/{{context}}"), get(default_values))
    };
    let global = of_all(&format!("{VERSION}/quickActions"), Router::new());
    of_all(&format!("{VERSION}/sobjects/{{object}}/quickActions"), global)
}

/// What a path says: which object's, which one, on which record. A global one has no object.
#[derive(Debug, Deserialize)]
struct At {
    object: Option<String>,
    #[serde(default)]
    name: String,
    context: Option<String>,
}

impl QuickAction {
    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.name.len() + self.creates.len() + json!(self.values).to_string().len()
    }

    /// The object on whose records it is; none: it is global.
    pub(crate) fn object(&self) -> Option<&str> {
        self.name.split_once('.').map(|(object, _)| object)
    }

    fn told(&self, call: &Call) -> Value {
        let below = self.name.split_once('.').map_or("", |(_, below)| below);
        let url = match self.object() {
            Some(object) => format!("/services/data/{}/sobjects/{object}/quickActions/{below}", call.version),
            None => format!("/services/data/{}/quickActions/{}", call.version, self.name),
        };
        json!({"actionEnumOrId": self.name, "label": self.name, "name": self.name, "type": "Create",
            "urls": {"quickAction": url, "describe": format!("{url}/describe"), "defaultValues": format!("{url}/defaultValues")}})
    }

    /// The values of a new record on this one.
    fn values_on(&self, context: Option<&str>) -> Map<String, Value> {
        let mut values = self.values.clone();
        if let (Some(field), Some(context)) = (&self.parent_field, context) {
            values.insert(field.clone(), json!(context));
        }
        values
    }
}

/// `GET /quickActions` and `GET /sobjects/{object}/quickActions`, which has the global ones too.
async fn list(State(rest): State<Arc<Rest>>, call: Call, Path(at): Path<At>) -> Result<Response, ApiError> {
    let object = at.object.map(|object| rest.site.org().object(&object).map(|object| object.name.to_owned()));
    let object = object.transpose()?;
    let actions = lock(&rest.quick_actions);
    let listed = actions.iter().filter(|action| action.object().is_none() || action.object() == object.as_deref());
    Ok(answer::json(StatusCode::OK, &listed.map(|action| action.told(&call)).collect::<Vec<_>>()))
}

/// `GET .../quickActions/{name}` and `.../quickActions/{name}/describe`.
async fn describe(State(rest): State<Arc<Rest>>, call: Call, Path(at): Path<At>) -> Result<Response, ApiError> {
    let action = find(&rest, &at)?;
    let mut told = action.told(&call);
    if let Some(told) = told.as_object_mut() {
        told.insert("contextSobjectType".to_owned(), json!(action.object()));
        told.insert("targetSobjectType".to_owned(), json!(action.creates));
        told.insert("targetParentField".to_owned(), json!(action.parent_field));
    }
    Ok(answer::json(StatusCode::OK, &told))
}

/// `GET .../quickActions/{name}/defaultValues` and, for one on a record, `.../defaultValues/{id}`.
async fn default_values(State(rest): State<Arc<Rest>>, Path(at): Path<At>) -> Result<Response, ApiError> {
    let action = find(&rest, &at)?;
    let context = at.context.map(|id| object_of(&rest.site.org(), &id)).transpose()?.map(|(_, id)| id);
    let mut told = Map::from_iter([("attributes".to_owned(), json!({"type": action.creates}))]);
    told.extend(action.values_on(context.as_deref()));
    Ok(answer::json(StatusCode::OK, &told))
}

/// `POST .../quickActions/{name}` with `{"contextId": "001...", "record": {...}}`.
async fn run(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path(at): Path<At>,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    let action = find(&rest, &at)?;
    let record = body.get("record").and_then(Value::as_object);
    let record = record.ok_or_else(|| ApiError::bad_request("JSON_PARSER_ERROR", "record must be an object"))?;
    let mut org = rest.site.org();
    let context = body.get("contextId").filter(|id| !id.is_null()).map(|id| {
        let (object, id) = object_of(&org, id.as_str().unwrap_or_default())?;
        org.last_modified(&object, &id)?;
        Ok::<_, ApiError>((object, id))
    });
    let context = context.transpose()?;
    if let Some(object) = action.object()
        && context.as_ref().is_none_or(|(of, _)| of != object)
    {
        let message = format!("{} takes the Id of a record of {object} as contextId", action.name);
        return Err(ApiError::bad_request("INVALID_INPUT", message));
    }
    let context = context.map(|(_, id)| id);
    let mut values = action.values_on(context.as_deref());
    values.extend(record.iter().map(|(name, value)| (name.clone(), value.clone())));
    let saved = Saved::create(&mut org, &action.creates, &values, &call.writes)?;
    rest.recent.see(&call, &saved.write.object, &saved.write.id);
    let body = json!({"contextId": context, "created": true, "errors": [], "feedItemIds": [], "ids": [saved.write.id],
        "success": true, "successMessage": null});
    let mut response = answer::json(StatusCode::CREATED, &body);
    if let Ok(location) = record_url(&call, &saved.write.object, &saved.write.id).parse() {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(wrote(response, saved))
}

/// One of an object is known by its name after the point too.
fn find(rest: &Rest, at: &At) -> Result<QuickAction, ApiError> {
    let name = match &at.object {
        Some(object) => format!("{}.{}", rest.site.org().object(object)?.name, at.name),
        None => at.name.clone(),
    };
    let actions = lock(&rest.quick_actions);
    let is_global = |action: &&QuickAction| at.object.is_some() && action.object().is_none() && action.name == at.name;
    let found = actions.iter().find(|action| action.name == name).or_else(|| actions.iter().find(is_global));
    found.cloned().ok_or_else(ApiError::not_found)
}
