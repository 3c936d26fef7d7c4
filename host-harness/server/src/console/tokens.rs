//! Tokens in the console: a tenant's and the administrators', for administrators; and for everybody the renewal of their own.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::page::{Path, Section, csrf_field, page, time};
use super::request::Posted;
use super::session::{self, Session};
use super::tenants::find;
use crate::api::{Problem, ProblemKind, revoked};
use crate::app::App;
use crate::field;
use crate::ids::{TenantId, TokenId};
use crate::tenants::{ApiToken, TokenRecord};

/// The page of the administrators' tokens.
const ADMINISTRATOR: &str = "/console/administrator";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/console/tenants/{id}/tokens", post(create))
        .route("/console/tenants/{id}/tokens/{token}/revoke", get(ask_revoke).post(revoke))
        .route(ADMINISTRATOR, get(administrators))
        .route("/console/administrator/tokens", post(create_of_administrator))
        .route(
            "/console/administrator/tokens/{token}/revoke",
            get(ask_revoke_of_administrator).post(revoke_of_administrator),
        )
        .route("/console/account/token", get(ask_renew).post(renew))
}

#[derive(Deserialize)]
struct TokenForm {
    name: String,
}

#[derive(Deserialize)]
struct Nothing {}

/// The tokens of the owner whose page this is.
pub(super) fn table(owner: &str, tokens: &[TokenRecord]) -> Markup {
    html! {
        @if tokens.is_empty() { p id="no-tokens" { "There is no token yet. Make one below for each program that uses the API." } } @else {
            div class="scroll" tabindex="0" role="region" aria-label="Tokens" {
                table id="tokens" {
                    thead { tr { th scope="col" { "For" } th scope="col" { "Created" } th scope="col" { "Revoked" } th scope="col" { "Id" } } }
                    tbody { @for token in tokens { tr {
                        td { (token.name) }
                        td class="keep" { (time(token.created_at)) }
                        td class="keep" {
                            @match token.revoked_at {
                                Some(moment) => (time(moment)),
                                None => a id={ "revoke-" (token.id) } href={ (owner) "/tokens/" (token.id) "/revoke" } { "Revoke" },
                            }
                        }
                        td { code { (token.id) } }
                    } } }
                }
            }
        }
    }
}

/// The form that makes a token of the owner whose page this is.
pub(super) fn new_form(session: &Session, owner: &str) -> Markup {
    html! {
        form id="new-token-form" class="filters" method="post" action={ (owner) "/tokens" } {
            (csrf_field(session))
            div class="field" {
                label for="token-name" { "What the new token is for" }
                input id="token-name" name="name" type="text" autocomplete="off" maxlength="100" required;
            }
            button id="create-token" type="submit" { "New token" }
        }
    }
}

async fn create(
    State(app): State<App>,
    Path(id): Path<TenantId>,
    Posted(session, form): Posted<TokenForm>,
) -> Response {
    let creating = async {
        session.require_administrator()?;
        let tenant = find(&app, id).await?;
        let token = app.tenants.create_token(Some(tenant.id.clone()), name(&form)?).await?;
        let back = format!("/console/tenants/{}", tenant.id);
        Ok(shown_once(&session, Section::Tenants, &format!("A new token of {}", tenant.name), &token, &back))
    };
    session.shown(creating).await
}

async fn ask_revoke(
    State(app): State<App>,
    session: Session,
    Path((id, token)): Path<(TenantId, TokenId)>,
) -> Response {
    let asking = async {
        session.require_administrator()?;
        let tenant = find(&app, id).await?;
        let tokens = app.tenants.tokens(Some(tenant.id.clone())).await?;
        sure(&session, &format!("/console/tenants/{}", tenant.id), tokens, &token)
    };
    session.shown(asking).await
}

async fn revoke(
    State(app): State<App>,
    Path((id, token)): Path<(TenantId, TokenId)>,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    let revoking = async {
        session.require_administrator()?;
        if app.tenants.revoke_token(id.clone().into(), token.into()).await? {
            Ok(Redirect::to(&format!("/console/tenants/{id}")).into_response())
        } else {
            Err(Problem::not_found("token"))
        }
    };
    session.shown(revoking).await
}

async fn administrators(State(app): State<App>, session: Session) -> Response {
    let listing = async {
        session.require_administrator()?;
        let tokens = app.tenants.tokens(None).await?;
        let content = html! {
            h1 { "Administrators' tokens" }
            p { "An administrator's token can create tenants and tokens, and see everything but secrets. You logged in with " code { (session.token) } "." }
            (table(ADMINISTRATOR, &tokens))
            (new_form(&session, ADMINISTRATOR))
            p { a id="renew" class="button quiet" href="/console/account/token" { "Renew my token" } }
        };
        Ok(page(&session, Section::Tenants, "Administrators' tokens", content))
    };
    session.shown(listing).await
}

async fn create_of_administrator(State(app): State<App>, Posted(session, form): Posted<TokenForm>) -> Response {
    let creating = async {
        session.require_administrator()?;
        let token = app.tenants.create_token(None, name(&form)?).await?;
        Ok(shown_once(&session, Section::Tenants, "A new token of an administrator", &token, ADMINISTRATOR))
    };
    session.shown(creating).await
}

async fn ask_revoke_of_administrator(State(app): State<App>, session: Session, Path(token): Path<TokenId>) -> Response {
    let asking = async {
        session.require_administrator()?;
        sure(&session, ADMINISTRATOR, app.tenants.tokens(None).await?, &token)
    };
    session.shown(asking).await
}

async fn revoke_of_administrator(
    State(app): State<App>,
    Path(token): Path<TokenId>,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    let revoking = async {
        session.require_administrator()?;
        revoked(app.tenants.revoke_administrator_token(token.into()).await?)?;
        Ok(Redirect::to(ADMINISTRATOR).into_response())
    };
    session.shown(revoking).await
}

async fn ask_renew(session: Session) -> Response {
    let content = html! {
        h1 { "Renew the token that you logged in with?" }
        p {
            "A new token takes its place and is shown once. The old one stops working at once, for every program that uses it. You "
            "stay logged in."
        }
        div class="row" {
            form id="renew" method="post" action="/console/account/token" {
                (csrf_field(&session))
                button id="confirm" class="danger" type="submit" { "Renew" }
            }
            a id="back" href="/console/account" { "Cancel" }
        }
    };
    page(&session, Section::Account, "Renew a token", content)
}

async fn renew(State(app): State<App>, headers: HeaderMap, Posted(session, Nothing {}): Posted<Nothing>) -> Response {
    let renewing = async {
        let owner = (!session.is_administrator).then(|| session.tenant.id.clone());
        let renewed = app.tenants.renew_token(owner, session.token.clone(), session::hash(&headers)).await?;
        let gone = || Problem::new(ProblemKind::Unauthorized, "the token was revoked in the meantime");
        let renewed = renewed.ok_or_else(gone)?;
        Ok(shown_once(&session, Section::Account, "Your new token", &renewed.token, "/console/account"))
    };
    session.shown(renewing).await
}

fn name(form: &TokenForm) -> Result<String, Problem> {
    field::name(&form.name).map_err(|expected| Problem::invalid(format!("name: {expected}")))
}

fn shown_once(session: &Session, here: Section, title: &str, token: &ApiToken, back: &str) -> Response {
    let content = html! {
        h1 { (title) }
        (to_copy_now("new-token", &token.reveal(), "Only its hash is kept."))
        p { a id="back" href=(back) { "Back" } }
    };
    page(session, here, "New token", content)
}

/// A secret on the one page that has it.
pub(super) fn to_copy_now(id: &str, secret: &str, kept: &str) -> Markup {
    html! {
        div class="note warn" { p { "Copy it now: it is not shown again. " (kept) } }
        div class="copy sheet" {
            code id=(id) { (secret) }
            button type="button" class="quiet" hidden data-copy=(id) id={ (id) "-button" } { "Copy" }
        }
    }
}

/// A page that asks before a token ends.
fn sure(session: &Session, owner: &str, tokens: Vec<TokenRecord>, id: &str) -> Result<Response, Problem> {
    let token = tokens.into_iter().find(|known| known.id == id).ok_or_else(|| Problem::not_found("token"))?;
    let content = html! {
        h1 { "Revoke the token " (token.name) "?" }
        p { "Programs that use it are refused from then on, and console sessions that were opened with it end." }
        div class="row" {
            form id="revoke" method="post" action={ (owner) "/tokens/" (token.id) "/revoke" } {
                (csrf_field(session))
                button id="confirm" class="danger" type="submit" { "Revoke" }
            }
            a id="back" href=(owner) { "Cancel" }
        }
    };
    Ok(page(session, Section::Tenants, "Revoke a token", content))
}
