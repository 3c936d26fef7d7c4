//! What every page has: head, headers, navigation, and the form in which problems are told.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use serde::de::DeserializeOwned;

use super::assets::{ICON, SCRIPT, STYLE, TIMES};
use super::session::Session;
use crate::api::{Problem, ProblemKind};
use crate::clock::rfc3339;

/// Headers of every page. Nothing is loaded from elsewhere, nothing inline runs, nobody may frame it. With a stricter
/// referrer policy browsers would send forms without saying from which origin.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The product, as pages call it.
const PRODUCT: &str = "Salesforce connector";

/// The parts of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Overview,
    Connections,
    Playground,
    Executions,
    Components,
    /// An administrator's.
    Tenants,
    /// What the tenant may use. Its name leads there.
    Account,
}

impl Section {
    const ALL: [Section; 6] = [
        Section::Overview,
        Section::Connections,
        Section::Playground,
        Section::Executions,
        Section::Components,
        Section::Tenants,
    ];

    fn name_and_path(self) -> (&'static str, &'static str) {
        match self {
            Section::Overview => ("Overview", "/console/"),
            Section::Connections => ("Connections", "/console/connections"),
            Section::Playground => ("Playground", "/console/playground"),
            Section::Executions => ("Executions", "/console/executions"),
            Section::Components => ("Components", "/console/components"),
            Section::Tenants => ("Tenants", "/console/tenants"),
            Section::Account => ("Account", "/console/account"),
        }
    }
}

/// A page for a browser that is not logged in to the console.
pub(crate) fn plain_page(status: StatusCode, title: &str, content: &Markup) -> Response {
    let body = html! {
        main id="main" class="plain" {
            p class="mark" { (mark()) }
            (content)
        }
    };
    document(status, title, &body)
}

/// A page of the console. The content begins with its `h1`.
pub(super) fn page(session: &Session, here: Section, title: &str, content: Markup) -> Response {
    framed(session, Some(here), StatusCode::OK, title, &content)
}

/// A page that was asked for with something that is not right; the content says what.
pub(super) fn page_again(session: &Session, here: Section, title: &str, content: Markup) -> Response {
    framed(session, Some(here), StatusCode::UNPROCESSABLE_ENTITY, title, &content)
}

/// A page that says what was wrong and what to do.
pub(super) fn problem_page(session: &Session, problem: &Problem) -> Response {
    problem_page_with(session, problem, &html! {})
}

/// The same, with what else there is to do here.
pub(super) fn problem_page_with(session: &Session, problem: &Problem, next: &Markup) -> Response {
    framed(session, None, problem.kind().status(), problem.kind().title(), &html! { (told(problem)) (next) })
}

impl Session {
    /// Answers with what was made, or with a page that says what was wrong.
    pub(crate) async fn shown(&self, making: impl Future<Output = Result<Response, Problem>>) -> Response {
        making.await.unwrap_or_else(|problem| problem_page(self, &problem))
    }
}

/// A problem where nobody is logged in.
pub(super) fn failed_page(problem: &Problem) -> Response {
    plain_page(problem.kind().status(), problem.kind().title(), &told(problem))
}

/// A request that is not taken from this browser.
pub(super) fn forbidden_page(why: &str) -> Response {
    let content = html! {
        h1 { "Nothing was changed" }
        p id="error" { (why) }
        p { a id="back-to-console" href="/console/" { "Open the console" } " and try again there." }
    };
    plain_page(StatusCode::FORBIDDEN, "Nothing was changed", &content)
}

/// What the path names; a text that is no name is at no page.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(named)| Path(named)).map_err(|_| failed_page(&Problem::not_found("page")))
    }
}

/// A moment, in UTC; `times.js` shows it in the browser's zone.
pub(super) fn time(milliseconds: i64) -> Markup {
    let text = rfc3339(milliseconds);
    let (day, rest) = text.split_once('T').unwrap_or((&text, ""));
    let (second, _) = rest.split_once('.').unwrap_or((rest, ""));
    html! { time datetime=(text) { (day) " " (second) " UTC" } }
}

/// The field that every form has.
pub(super) fn csrf_field(session: &Session) -> Markup {
    html! { input type="hidden" name="csrf" value=(session.csrf); }
}

/// The product's mark and name.
fn mark() -> Markup {
    html! { img src=(ICON.url()) alt="" width="24" height="24"; span { (PRODUCT) } }
}

fn told(problem: &Problem) -> Markup {
    if problem.kind().status().is_server_error() {
        tracing::error!(kind = problem.kind().name(), detail = problem.detail(), "a page could not be made");
    }
    html! {
        h1 { (problem.kind().title()) }
        p id="error" { (problem.detail()) }
        p id="advice" { (advice(problem.kind())) }
    }
}

/// What a person does; a program is told [`ProblemKind::advice`].
fn advice(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::ConnectionNotActive => "Open the connection and authorize it again.",
        ProblemKind::SalesforceFailed => {
            "The reason is Salesforce's own, or that of the network on the way. Nothing else was changed."
        }
        ProblemKind::Internal => {
            "Try again. If it fails again, tell the operator the time: the server's log has the reason."
        }
        ProblemKind::Unauthorized | ProblemKind::Forbidden => "Log out, and log in with the other token.",
        ProblemKind::TenantSuspended => "Ask the operator of this server.",
        ProblemKind::RateLimited => "Wait a minute and try again.",
        other => other.advice(),
    }
}

fn framed(session: &Session, here: Option<Section>, status: StatusCode, title: &str, content: &Markup) -> Response {
    let shown = |section: &Section| *section != Section::Tenants || session.is_administrator;
    let body = html! {
        a class="skip" href="#main" { "Skip to the content" }
        header class="top" {
            a class="brand" href="/console/" { (mark()) }
            nav aria-label="Console" {
                @for section in Section::ALL.into_iter().filter(shown) {
                    @let (name, path) = section.name_and_path();
                    a id={ "nav-" (name.to_lowercase()) } href=(path)
                        aria-current=[(here == Some(section)).then_some("page")] { (name) }
                }
            }
            div class="who" {
                a id="tenant" title="Account: limits and token" href=(Section::Account.name_and_path().1)
                    aria-current=[(here == Some(Section::Account)).then_some("page")] { (session.tenant.name) }
                @if session.is_administrator { " " span class="badge" id="administrator" { "administrator" } }
                form id="log-out-form" method="post" action="/console/logout" {
                    (csrf_field(session))
                    button id="log-out" class="quiet" type="submit" { "Log out" }
                }
            }
        }
        main id="main" tabindex="-1" data-csrf=(session.csrf) { (content) }
        footer { p id="zone" { "Times are in UTC." } }
    };
    document(status, title, &body)
}

fn document(status: StatusCode, title: &str, body: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (PRODUCT) }
                link rel="icon" href=(ICON.url());
                link rel="stylesheet" href=(STYLE.url());
                script src=(SCRIPT.url()) defer {}
                script src=(TIMES.url()) defer {}
            }
            body { (body) }
        }
    };
    let mut response = (status, Html(page.into_string())).into_response();
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
