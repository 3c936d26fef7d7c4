//! `/console/account/webhook`: where the tenant is told what needs somebody, and how that goes. Set by the tenant alone: the URL may be a
//! secret, which an administrator who looks at the page does not see.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::page::{Section, csrf_field, page, page_again, time};
use super::request::Posted;
use super::session::Session;
use super::setup::text_field;
use super::tokens::to_copy_now;
use crate::api::{Problem, ProblemKind};
use crate::app::App;
use crate::field::FieldErrors;
use crate::webhook::{LastAttempt, NewWebhook, Percent, USUAL_PERCENT, Webhook, Webhooks};

/// This page.
const HERE: &str = "/console/account/webhook";
const DELETE: &str = "/console/account/webhook/delete";
const TITLE: &str = "Webhook";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(HERE, get(show).post(save))
        .route("/console/account/webhook/test", post(test))
        .route(DELETE, get(ask_delete).post(delete))
}

#[derive(Deserialize)]
struct Form {
    url: String,
    allowance_percent: String,
    #[serde(default)]
    new_secret: String,
}

#[derive(Deserialize)]
struct Nothing {}

impl Form {
    fn of(webhook: Option<&Webhook>) -> Form {
        Form {
            url: webhook.map(|webhook| webhook.url.expose().to_owned()).unwrap_or_default(),
            allowance_percent: webhook.map_or(USUAL_PERCENT, |webhook| webhook.allowance_percent).to_string(),
            new_secret: String::new(),
        }
    }

    fn read(&self, webhooks: &Webhooks) -> Result<NewWebhook, FieldErrors> {
        let mut errors = FieldErrors::default();
        let url = errors.take("url", webhooks.url(self.url.trim()).map_err(|error| error.to_string()));
        let allowance: Result<Percent, _> = self.allowance_percent.trim().parse();
        let allowance = errors.take("allowance_percent", allowance.map_err(|error| error.to_string()));
        match (url, allowance) {
            (Some(url), Some(_)) => Ok(NewWebhook { url, allowance, new_secret: !self.new_secret.is_empty() }),
            _ => Err(errors),
        }
    }
}

/// What the account's page says of it.
pub(super) fn summary(webhook: Option<&Webhook>) -> Markup {
    let state = match webhook {
        None => "No webhook is set.",
        Some(webhook) if webhook.disabled_at.is_some() => "The webhook is off: its receiver is gone.",
        Some(_) => "A webhook is set.",
    };
    html! {
        h2 { "Webhook" }
        p {
            "A webhook tells a program of yours when a connection needs its user, an outcome is unknown, or an org's API requests run short. "
            span id="webhook-state" { (state) }
        }
        p { a id="webhook" class="button quiet" href=(HERE) { "Webhook settings" } }
    }
}

async fn show(State(app): State<App>, session: Session) -> Response {
    let showing = async {
        let webhook = app.webhooks.find(&session.tenant.id).await?;
        let content = content(&session, webhook.as_ref(), &Form::of(webhook.as_ref()), &FieldErrors::default());
        Ok(page(&session, Section::Account, TITLE, content))
    };
    session.shown(showing).await
}

async fn save(State(app): State<App>, Posted(session, form): Posted<Form>) -> Response {
    let saving = async {
        require_tenant(&session)?;
        let new = match form.read(&app.webhooks) {
            Ok(new) => new,
            Err(errors) => {
                let webhook = app.webhooks.find(&session.tenant.id).await?;
                let content = content(&session, webhook.as_ref(), &form, &errors);
                return Ok(page_again(&session, Section::Account, TITLE, content));
            }
        };
        let set = app.webhooks.set(&session.tenant.id, new).await?;
        let Some(secret) = set.secret else { return Ok(Redirect::to(HERE).into_response()) };
        let content = html! {
            h1 { "The webhook's secret" }
            p { "The receiver verifies with it that a message is from this server." }
            (to_copy_now("new-secret", secret.expose(), "A secret that there was before no longer works."))
            p { a id="back" href=(HERE) { "Back" } }
        };
        Ok(page(&session, Section::Account, "The webhook's secret", content))
    };
    session.shown(saving).await
}

async fn test(State(app): State<App>, Posted(session, Nothing {}): Posted<Nothing>) -> Response {
    let testing = async {
        require_tenant(&session)?;
        app.webhooks.test(&session.tenant.id).await?;
        Ok(Redirect::to(HERE).into_response())
    };
    session.shown(testing).await
}

async fn ask_delete(session: Session) -> Response {
    let content = html! {
        h1 { "Delete the webhook?" }
        p { "Nothing is sent any more, and events that wait are dropped. A webhook that is set later has another secret." }
        div class="row" {
            form id="delete" method="post" action=(DELETE) {
                (csrf_field(&session))
                button id="confirm" class="danger" type="submit" { "Delete" }
            }
            a id="back" href=(HERE) { "Cancel" }
        }
    };
    page(&session, Section::Account, "Delete the webhook", content)
}

async fn delete(State(app): State<App>, Posted(session, Nothing {}): Posted<Nothing>) -> Response {
    let deleting = async {
        require_tenant(&session)?;
        if app.webhooks.delete(&session.tenant.id).await? {
            Ok(Redirect::to(HERE).into_response())
        } else {
            Err(Problem::not_found("webhook"))
        }
    };
    session.shown(deleting).await
}

/// An administrator sees everything but secrets.
fn require_tenant(session: &Session) -> Result<(), Problem> {
    if session.is_administrator {
        return Err(Problem::new(
            ProblemKind::Forbidden,
            "a webhook is set by its tenant, logged in with its own token",
        ));
    }
    Ok(())
}

fn content(session: &Session, webhook: Option<&Webhook>, form: &Form, errors: &FieldErrors) -> Markup {
    html! {
        h1 { "Webhook" }
        p {
            "Each message names what needs somebody: a connection, an execution, and the request that shows more. No record's data is sent. "
            "An event that is not answered with 2xx is sent again, up to eight times within two days."
        }
        @if let Some(webhook) = webhook { (state(session, webhook)) }
        @if session.is_administrator {
            p id="not-yours" class="hint" { "It is set by the tenant, logged in with its own token." }
        } @else {
            (settings(session, webhook, form, errors))
        }
        p { a id="account" href="/console/account" { "Account" } }
    }
}

/// How it stands.
fn state(session: &Session, webhook: &Webhook) -> Markup {
    html! {
        @if let Some(since) = webhook.disabled_at {
            div class="note warn" id="disabled" { p {
                "The receiver answered 410 Gone, " (time(since)) ": nothing is sent until the webhook is set again."
            } }
        }
        div class="sheet" { dl class="facts" id="webhook-facts" {
            dt { "Last attempt" } dd id="last-attempt" {
                @match &webhook.last_attempt { Some(last) => (attempt(last)), None => "Nothing was sent yet." }
            }
            dt { "Events that wait" } dd id="waiting" { (webhook.waiting) }
            dt { "Events that were dropped" } dd id="dropped" { (webhook.dropped) }
            @if session.is_administrator {
                dt { "Notice from" } dd { (webhook.allowance_percent) " percent of the daily API requests" }
            }
        } }
        @if !session.is_administrator {
            div class="row" {
                form id="test" method="post" action="/console/account/webhook/test" {
                    (csrf_field(session))
                    button id="send-test" class="quiet" type="submit" { "Send a test" }
                }
                a id="delete" class="button quiet" href=(DELETE) { "Delete" }
            }
        }
    }
}

fn attempt(last: &LastAttempt) -> Markup {
    let answered = last.status.map(|status| format!(" (status {status})")).unwrap_or_default();
    html! {
        @match last.failure.as_deref() {
            None => span class="badge good" { "delivered" },
            Some(_) => span class="badge bad" { "failed" },
        }
        " " code { (last.event) } ", " (time(last.at))
        @if let Some(failure) = &last.failure { ": " (words(failure)) (answered) }
    }
}

/// A failure for people.
fn words(failure: &str) -> &str {
    match failure {
        "refused" => "the receiver did not answer with 2xx",
        "redirected" => "the receiver redirected, which is not followed",
        "name-not-resolved" => "the host's name has no address",
        "address-not-allowed" => "the host's address is not a public one",
        "not-connected" => "there was no connection to the host",
        "tls-failed" => "TLS failed, perhaps for the certificate",
        "timed-out" => "there was no answer within 10 seconds",
        "broken" => "the connection broke off, or the answer was not HTTP",
        other => other,
    }
}

fn settings(session: &Session, webhook: Option<&Webhook>, form: &Form, errors: &FieldErrors) -> Markup {
    html! {
        @if !errors.is_empty() {
            p id="form-error" class="error" role="alert" { "Nothing was saved. Correct the marked fields." }
        }
        form id="set-webhook" class="stack" method="post" action=(HERE) {
            (csrf_field(session))
            (text_field("url", "URL", &form.url, "Where messages are posted to, over https. Another URL has a new secret.", true, errors))
            (text_field("allowance_percent", "Percent of the daily API requests", &form.allowance_percent,
                "You are told once an org has used so many. From 1 to 100.", true, errors))
            @if webhook.is_some() {
                div class="field" {
                    label class="choice" {
                        input type="checkbox" name="new_secret" id="new_secret" aria-describedby="new_secret-hint";
                        span { "Make a new secret" }
                    }
                    p id="new_secret-hint" class="hint" { "The one that there is ends at once." }
                }
            }
            button id="save" type="submit" { @if webhook.is_some() { "Save" } @else { "Set the webhook" } }
        }
    }
}
