//! What the org has by name: each kind is listed, put in the place of its namesake, and deleted. The OpenAPI document tells each kind.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, put};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::openapi::path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn, Paths};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder};
use utoipa::openapi::{Content, HttpMethod, Ref, Required, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::UtoipaMethodRouter;

use super::Steering;
use super::input::{self, Body, Path};
use super::problem::Problem;

/// The longest text for people, in characters: Salesforce's own bound for the message of a validation rule.
const LONGEST_MESSAGE: usize = 255;

/// A kind of things with names. As JSON, one has its name among its members; a body may leave it out, because the path names it.
pub(super) trait Named: Serialize + DeserializeOwned + ToSchema + Send + 'static {
    /// Such as `/__mock/validation-rules`.
    const PATH: &'static str;
    /// Such as `a validation rule`.
    const ONE: &'static str;
    /// Such as `the validation rules`.
    const ALL: &'static str;
    const TAG: &'static str;

    /// All of them, in the order they were made.
    fn all(steering: &Steering) -> Vec<Self>;

    /// Its name: empty, if a body leaves it out.
    fn own_name(&mut self) -> &mut String;

    /// Checks it, and puts it in the place of its namesake.
    fn put(self, steering: &Steering) -> Result<(), Problem>;

    /// False if there is none of this name.
    fn delete(steering: &Steering, name: &str) -> bool;
}

#[derive(Serialize)]
struct List<T> {
    items: Vec<T>,
}

async fn list<T: Named>(State(steering): State<Arc<Steering>>) -> Json<List<T>> {
    Json(List { items: T::all(&steering) })
}

async fn set<T: Named>(
    State(steering): State<Arc<Steering>>,
    Path(name): Path<String>,
    Body(mut new): Body<T>,
) -> Result<StatusCode, Problem> {
    let name = input::name("path.name", &name)?;
    let told = std::mem::replace(new.own_name(), name.clone());
    if !told.is_empty() && told != name {
        return Err(Problem::wrong("body.name", told, format!("{name}, as in the path, or nothing")));
    }
    new.put(&steering)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete<T: Named>(
    State(steering): State<Arc<Steering>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    if T::delete(&steering, &name) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("path.name", name, format!("a name that GET {} lists", T::PATH)))
    }
}

/// The list of a kind.
pub(super) fn of_all<T: Named>() -> UtoipaMethodRouter<Arc<Steering>> {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    let items = ArrayBuilder::new().items(Ref::from_schema_name(T::name()));
    let listed = ObjectBuilder::new().property("items", items).required("items").build();
    let listed = ResponseBuilder::new().content("application/json", Content::new(Some(listed))).build();
    let operation = operation::<T>("list", T::ALL, "Lists").response("200", listed);
    let mut paths = Paths::new();
    paths.add_path_operation(T::PATH, vec![HttpMethod::Get], operation.build());
    (schemas, paths, get(list::<T>))
}

/// One of a kind, by its name.
pub(super) fn of_one<T: Named>() -> UtoipaMethodRouter<Arc<Steering>> {
    let path = format!("{}/{{name}}", T::PATH);
    let body = Content::new(Some(Ref::from_schema_name(T::name())));
    let body = RequestBodyBuilder::new().content("application/json", body).required(Some(Required::True)).build();
    let replace = operation::<T>("set", T::ONE, "Puts").request_body(Some(body)).response("409", refused());
    let mut paths = Paths::new();
    paths.add_path_operation(&path, vec![HttpMethod::Put], of_name(replace));
    let delete_one = operation::<T>("delete", T::ONE, "Deletes").response("404", refused());
    paths.add_path_operation(&path, vec![HttpMethod::Delete], of_name(delete_one));
    (Vec::new(), paths, put(set::<T>).delete(delete::<T>))
}

fn operation<T: Named>(verb: &str, what: &str, does: &str) -> OperationBuilder {
    let (_, noun) = what.split_once(' ').unwrap_or_default();
    let id = format!("{verb}_{}", noun.to_lowercase().replace(' ', "_"));
    let ending = if verb == "set" { ", in the place of one of this name" } else { "" };
    OperationBuilder::new().tag(T::TAG).operation_id(Some(id)).summary(Some(format!("{does} {what}{ending}")))
}

fn of_name(operation: OperationBuilder) -> Operation {
    let name = ParameterBuilder::new()
        .name("name")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("1 to 80 letters, digits, '-', '_' or '.'."))
        .schema(Some(String::schema()));
    let done = ResponseBuilder::new().build();
    operation.parameter(name).response("204", done).response("400", refused()).build()
}

fn refused() -> Response {
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().content("application/json", problem).build()
}

/// Checks a text for people.
pub(super) fn message(place: &str, text: &str) -> Result<(), Problem> {
    if (1..=LONGEST_MESSAGE).contains(&text.chars().count()) {
        Ok(())
    } else {
        Err(Problem::wrong(place, text, format!("1 to {LONGEST_MESSAGE} characters")))
    }
}
