//! `/__mock/schema`: the org's objects and fields, as describe tells them to an administrator.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::Steering;
use super::input::{Body, Path, within};
use super::problem::Problem;
use super::upload::{self, Upload};
use crate::lock::lock;
use crate::org::files::{MOST_FILES, Source};
use crate::org::schema::intern;
use crate::org::{Org, Schema, ShapeError};

/// The version that the URLs in it name.
const VERSION: &str = "v67.0";
/// Bytes of names that live as long as the process.
const MOST_NAMES: usize = 256 * 1024 * 1024;

/// What `harness mock --schema` takes.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the loader of files reads it, and the OpenAPI document tells it")]
pub(super) enum SchemaForm {
    /// Files of a Salesforce DX project, or of describe answers (`*.json`).
    Files {
        /// Their text by path, such as `objects/Pump__c/fields/Flow__c.field-meta.xml`.
        files: BTreeMap<String, String>,
    },
    /// Describe answers.
    #[schema(value_type = Vec<Object>)]
    List(Vec<Value>),
    /// A describe answer.
    One {
        name: String,
        #[schema(value_type = Vec<Object>)]
        fields: Vec<Value>,
    },
    /// What `sf sobject describe --json` tells.
    Result {
        #[schema(value_type = Object)]
        result: Value,
    },
}

/// Tells all objects, as `GET /services/data/v67.0/sobjects` does
#[utoipa::path(get, path = "/__mock/schema", tag = "schema", operation_id = "read_schema",
    responses((status = 200, body = Object)))]
pub(super) async fn objects(State(steering): State<Arc<Steering>>) -> Json<Value> {
    Json(steering.site.org().describe_global(VERSION))
}

/// Makes the org what `harness mock --schema` starts with: the mock's standard objects, replaced by these describe answers (one, or
/// a list) or extended by these files of a project; users, profiles and record types, no other records, no rules
#[utoipa::path(put, path = "/__mock/schema", tag = "schema", operation_id = "replace_schema",
    request_body = SchemaForm,
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn replace(
    State(steering): State<Arc<Steering>>,
    Body(json): Body<Value>,
) -> Result<Json<Value>, Problem> {
    has_room_for_names()?;
    let has_person_accounts =
        steering.start.org.object("Account").is_ok_and(|it| it.place("IsPersonAccount").is_some());
    let read = |sources: &[Source]| Schema::of_sources(sources, has_person_accounts);
    let schema = match json.get("files") {
        Some(files) => {
            let sources = files_of(files)?;
            read(&sources).map_err(|error| upload::problem_of_file("body.files", &sources, &error))?
        }
        None => {
            if json.as_array().is_some_and(Vec::is_empty) {
                return Err(Problem::wrong("body", "[]", "at least one describe answer"));
            }
            let upload = Upload::of(json);
            read(std::slice::from_ref(&upload.source)).map_err(|error| upload.problem(&error))?
        }
    };
    let mut org = steering.site.org();
    org.start_over(schema);
    Ok(Json(changed(&steering, &org)))
}

/// Tells an object with its fields, as `GET /services/data/v67.0/sobjects/{object}/describe` does
#[utoipa::path(get, path = "/__mock/schema/{object}", tag = "schema", operation_id = "read_object",
    params(("object" = String, Path, description = "API name.")),
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn object(
    State(steering): State<Arc<Steering>>,
    Path(object): Path<String>,
) -> Result<Json<Value>, Problem> {
    let described = steering.site.org().describe(&object, VERSION, &steering.site.url);
    Ok(Json(described.map_err(|_| unknown(&object))?))
}

/// Adds an object, or puts it in the place of the one of this name: a describe answer. Its records keep their values where it still
/// has a field of the same name and type
#[utoipa::path(put, path = "/__mock/schema/{object}", tag = "schema", operation_id = "set_object",
    params(("object" = String, Path, description = "API name.")), request_body = Object,
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn set(
    State(steering): State<Arc<Steering>>,
    Path(object): Path<String>,
    Body(json): Body<Value>,
) -> Result<Json<Value>, Problem> {
    has_room_for_names()?;
    let (answer, place) = json.get("result").map_or((&json, "body.name"), |result| (result, "body.result.name"));
    match answer.get("name") {
        Some(Value::String(name)) if name.eq_ignore_ascii_case(&object) => {}
        told => {
            let got = told.map_or_else(|| "nothing".to_owned(), Value::to_string);
            return Err(Problem::wrong(place, got, format!("{object}, as in the path")));
        }
    }
    let upload = Upload::of(json);
    let mut org = steering.site.org();
    let schema = org.schema().with(std::slice::from_ref(&upload.source)).map_err(|error| upload.problem(&error))?;
    org.reshape(schema).map_err(|error| refused(&error))?;
    changed(&steering, &org);
    let described = org.describe(&object, VERSION, &steering.site.url);
    Ok(Json(described.map_err(|_| unknown(&object))?))
}

/// Deletes a custom object with its records
#[utoipa::path(delete, path = "/__mock/schema/{object}", tag = "schema", operation_id = "delete_object",
    params(("object" = String, Path, description = "API name.")),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn delete(
    State(steering): State<Arc<Steering>>,
    Path(object): Path<String>,
) -> Result<StatusCode, Problem> {
    let mut org = steering.site.org();
    if !org.remove_object(&object).map_err(|error| refused(&error))? {
        return Err(unknown(&object));
    }
    changed(&steering, &org);
    Ok(StatusCode::NO_CONTENT)
}

/// Ends what was read in the shape before, and tells the objects.
fn changed(steering: &Steering, org: &Org) -> Value {
    lock(&steering.rest.locators).expire();
    lock(&steering.rest.jobs).clear();
    org.describe_global(VERSION)
}

fn files_of(files: &Value) -> Result<Vec<Source>, Problem> {
    let files = files.as_object().ok_or_else(|| Problem::wrong("body.files", files.to_string(), "texts by path"))?;
    within("body.files: how many", files.len() as u64, 1, MOST_FILES as u64)?;
    let source = |(path, text): (&String, &Value)| match text {
        Value::String(text) => Ok(Source { path: PathBuf::from(path), text: text.clone() }),
        other => Err(Problem::wrong(format!("body.files[{path:?}]"), other.to_string(), "the text of a file")),
    };
    let sources: Vec<_> =
        files.iter().filter(|(path, _)| Schema::reads(path.as_ref())).map(source).collect::<Result<_, _>>()?;
    if sources.is_empty() {
        let got = files.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(Problem::wrong("body.files", got, "at least one *.object-meta.xml, *.field-meta.xml or *.json"));
    }
    Ok(sources)
}

/// Names of objects and fields are never forgotten, so that there is an end to new ones.
fn has_room_for_names() -> Result<(), Problem> {
    let held = intern::bytes();
    if held <= MOST_NAMES {
        return Ok(());
    }
    let expected = format!("at most {MOST_NAMES}: start another mock");
    Err(Problem::conflict("body", format!("names after {held} bytes of them"), expected))
}

fn refused(error: &ShapeError) -> Problem {
    match error {
        ShapeError::KeyPrefix { .. } => Problem::conflict("body.keyPrefix", "another key prefix", error.to_string()),
        ShapeError::Standard(name) => Problem::conflict("path.object", *name, error.to_string()),
    }
}

fn unknown(object: &str) -> Problem {
    Problem::not_found("path.object", object, "an object of the org: GET /__mock/schema lists them")
}
