//! `/console/connections/new`: what to enter in Salesforce, and a form for what Salesforce gives back.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::assets::LOGIN_HOST;
use super::page::{Section, csrf_field, page, page_again};
use super::request::Posted;
use super::session::Session;
use crate::app::App;
use crate::connections::{ConnectionError, Draft, NewConnection, PRODUCTION, SANDBOX};
use crate::field::FieldErrors;
use salesforce_runtime::secret::Secret;

/// Scopes by the form's field, their name, their name in Salesforce's set-up, and what they are for.
const SCOPES: [(&str, &str, &str, &str); 3] = [
    ("scope_api", "api", "Manage user data via APIs (api)", "to read and write records"),
    (
        "scope_refresh_token",
        "refresh_token",
        "Perform requests at any time (refresh_token, offline_access)",
        "to stay connected",
    ),
    (
        "scope_id",
        "id",
        "Access the identity URL service (id, profile, email, address, phone)",
        "optional: the user's name",
    ),
];

/// The choice beside Salesforce's own login hosts.
const MY_DOMAIN: &str = "my-domain";

pub(super) fn router() -> Router<App> {
    Router::new().route("/console/connections/new", get(ask).post(create))
}

#[derive(Deserialize)]
struct Form {
    name: String,
    environment: String,
    #[serde(default)]
    my_domain: String,
    client_id: String,
    client_secret: Secret,
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    scope_api: String,
    #[serde(default)]
    scope_refresh_token: String,
    #[serde(default)]
    scope_id: String,
}

impl Form {
    fn empty() -> Form {
        Form {
            name: String::new(),
            environment: "production".to_owned(),
            my_domain: String::new(),
            client_id: String::new(),
            client_secret: Secret::from(String::new()),
            api_version: String::new(),
            scope_api: "on".to_owned(),
            scope_refresh_token: "on".to_owned(),
            scope_id: String::new(),
        }
    }

    fn has(&self, scope: &str) -> bool {
        match scope {
            "api" => !self.scope_api.is_empty(),
            "refresh_token" => !self.scope_refresh_token.is_empty(),
            _ => !self.scope_id.is_empty(),
        }
    }

    fn draft(&self) -> Draft {
        let login_url = match self.environment.as_str() {
            "production" => PRODUCTION,
            "sandbox" => SANDBOX,
            _ => self.my_domain.trim(),
        };
        let scopes = SCOPES.iter().map(|(_, name, ..)| *name).filter(|name| self.has(name));
        Draft {
            name: self.name.clone(),
            login_url: Some(login_url.to_owned()),
            client_id: self.client_id.trim().to_owned(),
            client_secret: Some(self.client_secret.clone()),
            api_version: Some(self.api_version.trim().to_owned()),
            scopes: scopes.map(str::to_owned).collect(),
            apex_rest: false,
        }
    }
}

async fn ask(State(app): State<App>, session: Session) -> Response {
    let content = set_up(&app, &session, &Form::empty(), &FieldErrors::default());
    page(&session, Section::Connections, "New connection", content)
}

async fn create(State(app): State<App>, Posted(session, form): Posted<Form>) -> Response {
    let creating = async {
        let mut errors = FieldErrors::default();
        if form.environment != MY_DOMAIN && !form.my_domain.trim().is_empty() {
            errors.add(
                "login_url",
                "a My Domain is filled in, but another choice is marked: mark My Domain, or empty the field",
            );
            let content = set_up(&app, &session, &form, &errors);
            return Ok(page_again(&session, Section::Connections, "New connection", content));
        }
        let created = match NewConnection::try_from(form.draft()) {
            Ok(new) => app.connections.create(&session.tenant.id, new).await,
            Err(wrong) => {
                let content = set_up(&app, &session, &form, &wrong);
                return Ok(page_again(&session, Section::Connections, "New connection", content));
            }
        };
        match created {
            Ok(record) => return Ok(Redirect::to(&format!("/console/connections/{}", record.id)).into_response()),
            Err(error @ ConnectionError::NameTaken) => errors.add("name", error.to_string()),
            Err(error @ (ConnectionError::Loopback | ConnectionError::LoginHost(_))) => {
                errors.add("login_url", error.to_string());
            }
            Err(error @ ConnectionError::TooMany { .. }) => errors.add("name", error.to_string()),
            Err(error) => return Err(error.into()),
        }
        let content = set_up(&app, &session, &form, &errors);
        Ok(page_again(&session, Section::Connections, "New connection", content))
    };
    session.shown(creating).await
}

fn set_up(app: &App, session: &Session, form: &Form, errors: &FieldErrors) -> Markup {
    html! {
        h1 { "New connection" }
        @if !errors.is_empty() {
            p id="form-error" class="error" role="alert" { "Nothing was saved. Correct the marked fields." }
        }
        (in_salesforce(app))
        h2 { "2. In this console" }
        form id="new-connection" class="stack" method="post" action="/console/connections/new" {
            (csrf_field(session))
            (text_field("name", "Name", &form.name, "What you call it. Up to 100 characters.", true, errors))
            (environment(form, errors))
            (text_field("client_id", "Consumer key", &form.client_id, "The connected app's, also called client id.", true, errors))
            div class="field" {
                label for="client_secret" { "Consumer secret" }
                input id="client_secret" name="client_secret" type="password" autocomplete="off"
                    aria-describedby="client_secret-hint client_secret-error" maxlength="500";
                (error_of("client_secret", errors))
                p id="client_secret-hint" class="hint" {
                    "It is stored encrypted and never shown again. Leave it empty for an app without one."
                    @if !errors.is_empty() { strong { " Enter it again." } }
                }
            }
            (text_field("api_version", "API version (optional)", &form.api_version, "Written like v67.0.", false, errors))
            (scopes(form, errors))
            button id="create" type="submit" { "Create and continue" }
        }
    }
}

fn in_salesforce(app: &App) -> Markup {
    html! {
        h2 { "1. In Salesforce" }
        div class="sheet" {
            p { "Make an external client app or a connected app with OAuth enabled, and enter these values there:" }
            dl class="facts" {
                dt { "Callback URL" }
                dd class="copy" {
                    code id="callback-url" { (app.connections.callback_url()) } (copy_button("callback-url", "callback URL"))
                }
                @for (field, _, words, purpose) in SCOPES {
                    dt { "OAuth scope, " (purpose) }
                    dd class="copy" { code id={ "copy-" (field) } { (words) } (copy_button(&format!("copy-{field}"), words)) }
                }
            }
            p class="hint" { "Leave “Require Proof Key for Code Exchange (PKCE)” on: this server uses it." }
        }
    }
}

fn copy_button(source: &str, what: &str) -> Markup {
    html! {
        button type="button" class="quiet" hidden data-copy=(source) id={ (source) "-button" }
            aria-label={ "Copy the " (what) } { "Copy" }
    }
}

fn environment(form: &Form, errors: &FieldErrors) -> Markup {
    let choices = [
        ("production", "Production or developer edition", PRODUCTION),
        ("sandbox", "Sandbox", SANDBOX),
        (MY_DOMAIN, "My Domain", "the org's own address, below"),
    ];
    html! {
        fieldset id="environment" {
            legend { "Where the user logs in" }
            @for (value, words, address) in choices {
                label class="choice" {
                    input type="radio" name="environment" id={ "environment-" (value) } value=(value)
                        checked[form.environment == value];
                    span { (words) " " span class="hint" { (address) } }
                }
            }
            div class="field" {
                label for="my_domain" { "My Domain" }
                input id="my_domain" name="my_domain" type="text" inputmode="url" autocomplete="off" autocapitalize="none"
                    spellcheck="false" value=(form.my_domain) maxlength="300" data-login-host="login-host"
                    aria-invalid=[errors.of("login_url").map(|_| "true")]
                    aria-describedby="my_domain-hint login-host login_url-error";
                p id="my_domain-hint" class="hint" { "Its name, such as acme or acme--dev, or any address of the org from your browser." }
                (login_host())
                (error_of("login_url", errors))
            }
        }
    }
}

fn scopes(form: &Form, errors: &FieldErrors) -> Markup {
    html! {
        fieldset id="scopes" {
            legend { "Scopes to ask for" }
            @for (field, name, _, purpose) in SCOPES {
                label class="choice" {
                    input type="checkbox" name=(field) id=(field) checked[form.has(name)];
                    span { code { (name) } " " span class="hint" { (purpose) } }
                }
            }
            (error_of("scopes", errors))
        }
    }
}

/// A labelled input, with what was expected of it if that is not what it holds.
pub(super) fn text_field(
    name: &str,
    label: &str,
    value: &str,
    hint: &str,
    required: bool,
    errors: &FieldErrors,
) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (label) }
            input id=(name) name=(name) type="text" autocomplete="off" value=(value) required[required]
                aria-invalid=[errors.of(name).map(|_| "true")] aria-describedby={ (name) "-hint " (name) "-error" };
            p id={ (name) "-hint" } class="hint" { (hint) }
            (error_of(name, errors))
        }
    }
}

/// Where the script says which address will be used.
pub(super) fn login_host() -> Markup {
    html! {
        p id="login-host" class="hint" role="status" {}
        script src=(LOGIN_HOST.url()) defer {}
    }
}

pub(super) fn error_of(field: &str, errors: &FieldErrors) -> Markup {
    html! { @if let Some(expected) = errors.of(field) { p id={ (field) "-error" } class="error" { (expected) } } }
}
