//! `/__mock/users`: who can log in, and what they may see and do.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Steering;
use super::input::{Body, Path};
use super::problem::Problem;
use crate::org::{FieldPermissions, ObjectPermissions, PermissionError, Permissions};

/// How many objects and fields the permissions of a user name.
const MOST_NAMED: usize = 10_000;
const LONGEST_USERNAME: usize = 80;

/// Somebody who can log in.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct UserView {
    id: String,
    username: String,
    name: String,
}

/// Everybody who can log in.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct UserList {
    users: Vec<UserView>,
}

/// What shall be otherwise about a user.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeUser {
    /// The new login name, 1 to 80 characters.
    username: String,
}

/// What a user may do. Whatever is not named is allowed.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PermissionsForm {
    /// Whether the user writes nothing at all.
    #[serde(default)]
    read_only: bool,
    /// By the API name of the object.
    #[serde(default)]
    objects: BTreeMap<String, ObjectForm>,
    /// By the API names of object and field, as in `Account.AnnualRevenue`.
    #[serde(default)]
    fields: BTreeMap<String, FieldForm>,
}

/// What a user may do with the records of an object.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectForm {
    /// Without it the object is not there; true, if left out.
    read: Option<bool>,
    /// As `read`, if left out.
    create: Option<bool>,
    /// As `read`, if left out.
    edit: Option<bool>,
    /// As `edit`, if left out.
    delete: Option<bool>,
}

/// What a user may do with a field.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldForm {
    /// Without it the field is not there; true, if left out.
    readable: Option<bool>,
    /// As `readable`, if left out.
    editable: Option<bool>,
}

/// Tells who can log in
#[utoipa::path(get, path = "/__mock/users", tag = "users", operation_id = "list_users",
    responses((status = 200, body = UserList)))]
pub(super) async fn list(State(steering): State<Arc<Steering>>) -> Json<UserList> {
    let users = steering.site.org().users().into_iter();
    let view = |user: crate::org::User| UserView { id: user.id, username: user.username, name: user.name };
    Json(UserList { users: users.map(view).collect() })
}

/// Gives a user another login name
#[utoipa::path(patch, path = "/__mock/users/{username}", tag = "users", operation_id = "rename_user",
    params(("username" = String, Path, description = "The login name.")), request_body = ChangeUser,
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn rename(
    State(steering): State<Arc<Steering>>,
    Path(username): Path<String>,
    Body(ChangeUser { username: new }): Body<ChangeUser>,
) -> Result<StatusCode, Problem> {
    if new.is_empty() || new.chars().count() > LONGEST_USERNAME {
        return Err(Problem::wrong("body.username", new, format!("1 to {LONGEST_USERNAME} characters")));
    }
    let mut org = steering.site.org();
    if org.users().iter().any(|user| user.username.eq_ignore_ascii_case(&new)) {
        return Err(Problem::conflict("body.username", new, "a login name that nobody has"));
    }
    if org.rename_user(&username, &new) { Ok(StatusCode::NO_CONTENT) } else { Err(unknown(&username)) }
}

/// Tells what a user may see and do
#[utoipa::path(get, path = "/__mock/users/{username}/permissions", tag = "users", operation_id = "read_permissions",
    params(("username" = String, Path, description = "The login name.")),
    responses((status = 200, body = PermissionsForm), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn permissions(
    State(steering): State<Arc<Steering>>,
    Path(username): Path<String>,
) -> Result<Json<PermissionsForm>, Problem> {
    let permissions = steering.site.org().permissions(&username);
    Ok(Json(permissions.map_err(|_| unknown(&username))?.into()))
}

/// Sets what a user may see and do, in place of what it was
#[utoipa::path(put, path = "/__mock/users/{username}/permissions", tag = "users", operation_id = "set_permissions",
    params(("username" = String, Path, description = "The login name.")), request_body = PermissionsForm,
    responses((status = 200, body = PermissionsForm), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn set_permissions(
    State(steering): State<Arc<Steering>>,
    Path(username): Path<String>,
    Body(form): Body<PermissionsForm>,
) -> Result<Json<PermissionsForm>, Problem> {
    let named = form.objects.len() + form.fields.len();
    if named > MOST_NAMED {
        return Err(Problem::wrong(
            "body",
            format!("{named} names"),
            format!("at most {MOST_NAMED} objects and fields"),
        ));
    }
    let permissions = Permissions::from(form);
    let set = steering.site.org().set_permissions(&username, permissions.clone());
    set.map_err(|error| {
        let words = error.to_string();
        match error {
            PermissionError::User(username) => unknown(&username),
            PermissionError::Object(name) => Problem::wrong("body.objects", name, "an object of the org"),
            PermissionError::Needs(name, ..) if !name.contains('.') => Problem::wrong("body.objects", name, words),
            PermissionError::Field(name) | PermissionError::Required(name) | PermissionError::Needs(name, ..) => {
                Problem::wrong("body.fields", name, words)
            }
        }
    })?;
    Ok(Json(permissions.into()))
}

fn unknown(username: &str) -> Problem {
    Problem::not_found("path.username", username, "the login name of a user: GET /__mock/users lists them")
}

impl From<PermissionsForm> for Permissions {
    fn from(form: PermissionsForm) -> Self {
        let object = |form: ObjectForm| {
            let read = form.read.unwrap_or(true);
            let edit = form.edit.unwrap_or(read);
            ObjectPermissions { read, create: form.create.unwrap_or(read), edit, delete: form.delete.unwrap_or(edit) }
        };
        let field = |form: FieldForm| {
            let readable = form.readable.unwrap_or(true);
            FieldPermissions { readable, editable: form.editable.unwrap_or(readable) }
        };
        Self {
            read_only: form.read_only,
            objects: form.objects.into_iter().map(|(name, form)| (name, object(form))).collect(),
            fields: form.fields.into_iter().map(|(name, form)| (name, field(form))).collect(),
        }
    }
}

impl From<Permissions> for PermissionsForm {
    fn from(permissions: Permissions) -> Self {
        let object = |given: ObjectPermissions| ObjectForm {
            read: Some(given.read),
            create: Some(given.create),
            edit: Some(given.edit),
            delete: Some(given.delete),
        };
        let field =
            |given: FieldPermissions| FieldForm { readable: Some(given.readable), editable: Some(given.editable) };
        Self {
            read_only: permissions.read_only,
            objects: permissions.objects.into_iter().map(|(name, given)| (name, object(given))).collect(),
            fields: permissions.fields.into_iter().map(|(name, given)| (name, field(given))).collect(),
        }
    }
}
