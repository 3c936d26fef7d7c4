//! `/console/connections/{id}/edit`: a connection's values, without its secrets. It keeps its id.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::page::{Path, Section, csrf_field, page, page_again};
use super::request::Posted;
use super::session::Session;
use super::setup::{error_of, login_host, text_field};
use crate::app::App;
use crate::connections::{Change, ChangeDraft, ConnectionError, ConnectionRecord, ConnectionState};
use crate::field::FieldErrors;
use crate::ids::ConnectionId;
use salesforce_runtime::secret::Secret;

pub(super) fn router() -> Router<App> {
    Router::new().route("/console/connections/{id}/edit", get(ask).post(save))
}

#[derive(Deserialize)]
struct Form {
    name: String,
    /// Left out where it cannot be changed.
    login_url: Option<String>,
    client_id: String,
    client_secret: Secret,
    #[serde(default)]
    no_secret: String,
    api_version: String,
    scopes: String,
    #[serde(default)]
    apex_rest: String,
}

impl Form {
    fn of(record: &ConnectionRecord) -> Form {
        Form {
            name: record.name.clone(),
            login_url: Some(record.login_url.clone()),
            client_id: record.client_id.clone(),
            client_secret: Secret::from(String::new()),
            no_secret: String::new(),
            api_version: record.api_version.clone().unwrap_or_default(),
            scopes: record.requested_scopes.join(" "),
            apex_rest: if record.apex_rest { "on".to_owned() } else { String::new() },
        }
    }

    fn draft(&self) -> ChangeDraft {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let secret = if !self.no_secret.is_empty() {
            Some(None)
        } else if self.client_secret.expose().is_empty() {
            None
        } else {
            Some(Some(self.client_secret.clone()))
        };
        ChangeDraft {
            name: Some(self.name.clone()),
            login_url: self.login_url.clone(),
            client_id: Some(self.client_id.trim().to_owned()),
            client_secret: secret,
            api_version: Some(text(self.api_version.trim())),
            scopes: Some(self.scopes.split_whitespace().map(str::to_owned).collect()),
            apex_rest: Some(!self.apex_rest.is_empty()),
        }
    }
}

async fn ask(State(app): State<App>, session: Session, Path(id): Path<ConnectionId>) -> Response {
    let asking = async {
        let record = app.connections.find(&session.tenant.id, &id).await?;
        let content = edit(&session, &record, &Form::of(&record), &FieldErrors::default());
        Ok(page(&session, Section::Connections, "Edit a connection", content))
    };
    session.shown(asking).await
}

async fn save(State(app): State<App>, Path(id): Path<ConnectionId>, Posted(session, form): Posted<Form>) -> Response {
    let saving = async {
        let record = app.connections.find(&session.tenant.id, &id).await?;
        let mut errors = FieldErrors::default();
        let saved = match Change::try_from(form.draft()) {
            Ok(change) => app.connections.update(&session.tenant.id, &id, change).await,
            Err(wrong) => {
                let content = edit(&session, &record, &form, &wrong);
                return Ok(page_again(&session, Section::Connections, "Edit a connection", content));
            }
        };
        match saved {
            Ok(_) => return Ok(Redirect::to(&format!("/console/connections/{id}?note=saved")).into_response()),
            Err(error @ ConnectionError::NameTaken) => errors.add("name", error.to_string()),
            Err(error @ (ConnectionError::Loopback | ConnectionError::LoginHost(_))) => {
                errors.add("login_url", error.to_string());
            }
            Err(ConnectionError::StillConnected) => errors.add("login_url", "revoke the connection first"),
            Err(ConnectionError::SecretOfAnotherApp) => {
                errors.add("client_secret", "enter the secret of the other app, or say that it has none");
            }
            Err(error) => return Err(error.into()),
        }
        let content = edit(&session, &record, &form, &errors);
        Ok(page_again(&session, Section::Connections, "Edit a connection", content))
    };
    session.shown(saving).await
}

fn edit(session: &Session, record: &ConnectionRecord, form: &Form, errors: &FieldErrors) -> Markup {
    let is_active = record.state == ConnectionState::Active;
    let login_url = form.login_url.as_deref().unwrap_or(&record.login_url);
    let key_hint = if is_active {
        "With another app's key, the tokens are removed here and the connection has to be authorized again."
    } else {
        "The connected app's, also called client id."
    };
    html! {
        h1 { "Edit " (record.name) }
        @if !errors.is_empty() {
            p id="form-error" class="error" role="alert" { "Nothing was saved. Correct the marked fields." }
        }
        form id="edit-connection" class="stack" method="post" action={ "/console/connections/" (record.id) "/edit" } {
            (csrf_field(session))
            (text_field("name", "Name", &form.name, "What you call it. Up to 100 characters.", true, errors))
            @if is_active {
                p id="login-url-fixed" class="hint" {
                    "The login host, " strong { (record.login_url) } ", cannot be changed while the connection is active: revoke it first."
                }
                (error_of("login_url", errors))
            } @else {
                (login_field(login_url, errors))
            }
            (text_field("client_id", "Consumer key", &form.client_id, key_hint, true, errors))
            (secret(record, form, errors))
            (text_field("scopes", "Scopes to ask for", &form.scopes, "Separated by spaces; empty for api refresh_token. They apply from the next authorization on.", false, errors))
            (text_field("api_version", "API version (optional)", &form.api_version, "Written like v67.0.", false, errors))
            div class="field" {
                label class="choice" {
                    input type="checkbox" name="apex_rest" id="apex_rest" checked[!form.apex_rest.is_empty()]
                        aria-describedby="apex_rest-hint";
                    span { "Executions may call Apex REST" }
                }
                p id="apex_rest-hint" class="hint" {
                    "These are the org's own classes, below /services/apexrest/, and do whatever their authors wrote. It applies from the next execution on."
                }
            }
            div class="row" {
                button id="save" type="submit" { "Save" }
                a id="back" href={ "/console/connections/" (record.id) } { "Cancel" }
            }
        }
    }
}

fn login_field(login_url: &str, errors: &FieldErrors) -> Markup {
    html! {
        div class="field" {
            label for="login_url" { "Login host" }
            input id="login_url" name="login_url" type="text" inputmode="url" autocomplete="off" autocapitalize="none"
                spellcheck="false" value=(login_url) required maxlength="300" data-login-host="login-host"
                aria-invalid=[errors.of("login_url").map(|_| "true")]
                aria-describedby="login_url-hint login-host login_url-error";
            p id="login_url-hint" class="hint" { "The org's My Domain, such as acme; or login, or test for a sandbox." }
            (login_host())
            (error_of("login_url", errors))
        }
    }
}

fn secret(record: &ConnectionRecord, form: &Form, errors: &FieldErrors) -> Markup {
    let kept =
        if record.has_client_secret { "Leave it empty to keep the one that is stored." } else { "None is stored now." };
    html! {
        div class="field" {
            label for="client_secret" { "New consumer secret" }
            input id="client_secret" name="client_secret" type="password" autocomplete="off" maxlength="500"
                aria-invalid=[errors.of("client_secret").map(|_| "true")]
                aria-describedby="client_secret-hint client_secret-error";
            p id="client_secret-hint" class="hint" {
                (kept) " The tokens stay, and the next refresh uses the new secret."
                @if !errors.is_empty() { strong { " Enter it again." } }
            }
            (error_of("client_secret", errors))
            @if record.has_client_secret {
                label class="choice" {
                    input type="checkbox" name="no_secret" id="no_secret" checked[!form.no_secret.is_empty()];
                    span { "The app has no secret: remove the stored one" }
                }
            }
        }
    }
}
