//! Errors of the API: `application/problem+json` (RFC 9457). A problem means that nothing was begun and nothing changed,
//! unless it says otherwise.

use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::Serialize;

pub(super) use super::body::{Body, JsonText, Path, Query};
use crate::components::UploadError;
use crate::connections::ConnectionError;
use crate::console::plain_page;
use crate::database::StoreError;
use crate::executions::{NotCancelled, Refused};
use crate::field::FieldErrors;
use crate::transit::TooMany;
use crate::webhook::TestRefused;
use salesforce_actions::InputError;
use salesforce_actions::json::ErrorView;
use salesforce_runtime::ExecutionError;

/// Characters of a detail that are told.
const LONGEST_DETAIL: usize = 1_000;

macro_rules! kinds {
    ($($kind:ident $name:literal $status:ident $title:literal $advice:literal,)+) => {
        /// What kinds of problem there are. The names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in crate) enum ProblemKind {
            $(#[doc = $title] $kind,)+
        }

        impl ProblemKind {
            /// All of them.
            pub(in crate) const ALL: &[ProblemKind] = &[$(ProblemKind::$kind,)+];

            /// Stable name, e.g. `invalid-request`.
            pub(in crate) fn name(self) -> &'static str {
                match self { $(ProblemKind::$kind => $name,)+ }
            }

            pub(in crate) fn status(self) -> StatusCode {
                match self { $(ProblemKind::$kind => StatusCode::$status,)+ }
            }

            pub(in crate) fn title(self) -> &'static str {
                match self { $(ProblemKind::$kind => $title,)+ }
            }

            /// What the caller may do next.
            pub(in crate) fn advice(self) -> &'static str {
                match self { $(ProblemKind::$kind => $advice,)+ }
            }
        }
    };
}

kinds! {
    InvalidRequest "invalid-request" BAD_REQUEST "The request is invalid" "Correct what the detail names, and send it again.",
    Unauthorized "unauthorized" UNAUTHORIZED "No valid token" "Send Authorization: Bearer with a token of this server.",
    Forbidden "forbidden" FORBIDDEN "The token does not permit this" "Use a tenant's token for a tenant's resources, and an administrator's token for tenants.",
    TenantSuspended "tenant-suspended" FORBIDDEN "The tenant is suspended" "Ask the operator of this server. Nothing was started.",
    NotFound "not-found" NOT_FOUND "Not found" "Check the id or name. Another tenant's resources are not found either.",
    MethodNotAllowed "method-not-allowed" METHOD_NOT_ALLOWED "Method not allowed" "See /openapi.json for the methods of this path.",
    Conflict "conflict" CONFLICT "Already exists, or is in a conflicting state" "Read the resource again before you change it.",
    ConnectionNotActive "connection-not-active" CONFLICT "The connection has no valid tokens" "Send its user through the authorization: POST /v1/connections/{id}/authorize.",
    StillRunning "still-running" CONFLICT "The execution is still running" "Send the request again in a moment, with the same idempotency key if it had one.",
    TooLarge "too-large" PAYLOAD_TOO_LARGE "The body is too large" "Send no more than the detail allows.",
    UnsupportedMediaType "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "The body has the wrong content type" "Send the content type that the detail names.",
    KeyReused "key-reused" UNPROCESSABLE_ENTITY "The idempotency key belongs to another request" "To repeat the first request, send it with the same values and options. For another request use a new key.",
    ComponentRefused "component-refused" UNPROCESSABLE_ENTITY "The component may not run" "Read its report in `error`, and correct what failed.",
    QuotaExceeded "quota-exceeded" CONFLICT "The tenant has reached its quota" "Delete what is not needed, or ask the operator for a larger quota.",
    RateLimited "rate-limited" TOO_MANY_REQUESTS "The tenant has reached a limit" "Send the request again after Retry-After.",
    Internal "internal" INTERNAL_SERVER_ERROR "The server failed" "Tell the operator the x-request-id of the answer: the server's log has the reason.",
    SalesforceFailed "salesforce-failed" BAD_GATEWAY "Salesforce did not do what was asked" "Act on `error.kind`, as for an action. Without one, `detail` says what the org answered.",
    TooManyConnections "too-many-connections" SERVICE_UNAVAILABLE "The server has no free connection" "Connect again in a moment. Nothing was started.",
    StorageUnavailable "storage-unavailable" SERVICE_UNAVAILABLE "The server cannot store anything" "Send the request again after Retry-After. Nothing was started. The operator has to free disk space, or make the data directory writable.",
    ShuttingDown "shutting-down" SERVICE_UNAVAILABLE "The server is shutting down" "Send the request again. Nothing was started.",
}

/// An error as it is answered.
#[derive(Debug)]
pub(crate) struct Problem {
    kind: ProblemKind,
    detail: String,
    error: Option<Box<serde_json::value::RawValue>>,
    retry_after: Option<u64>,
}

/// Body of an error (RFC 9457).
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ProblemBody<'a> {
    /// `/problems#` and a stable name; the page there says what to do.
    #[serde(rename = "type")]
    #[schema(example = "/problems#invalid-request")]
    kind: String,
    title: &'static str,
    status: u16,
    /// What was expected, and what came instead.
    detail: &'a str,
    /// What the caller may do next.
    advice: &'static str,
    /// Salesforce's or the component's own error, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    error: Option<&'a serde_json::value::RawValue>,
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, detail: impl Into<String>) -> Problem {
        Problem { kind, detail: told(&detail.into()), error: None, retry_after: None }
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Problem {
        Problem::new(ProblemKind::InvalidRequest, detail)
    }

    pub(crate) fn not_found(what: &str) -> Problem {
        Problem::new(ProblemKind::NotFound, format!("there is no such {what}"))
    }

    pub(crate) fn suspended() -> Problem {
        Problem::new(ProblemKind::TenantSuspended, ConnectionError::Suspended.to_string())
    }

    pub(super) fn storage_unavailable(detail: impl Into<String>) -> Problem {
        Problem { retry_after: Some(5), ..Problem::new(ProblemKind::StorageUnavailable, detail) }
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    pub(crate) fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// Seconds after which the same request may be taken.
    pub(super) fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    pub(super) fn with_report(mut self, report: &impl Serialize) -> Problem {
        self.error = serde_json::value::to_raw_value(report).ok();
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        if status.is_server_error() {
            tracing::error!(kind = self.kind.name(), detail = self.detail, "a request failed");
        }
        let body = ProblemBody {
            kind: format!("/problems#{}", self.kind.name()),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: &self.detail,
            advice: self.kind.advice(),
            error: self.error.as_deref(),
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind == ProblemKind::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        if error.is_of_storage() {
            return Problem::storage_unavailable("the server's disk is full or not writable: nothing was changed");
        }
        tracing::error!(%error, "the database failed");
        Problem::new(ProblemKind::Internal, "the server could not read or write its database")
    }
}

impl From<ConnectionError> for Problem {
    fn from(error: ConnectionError) -> Problem {
        let words = error.to_string();
        match error {
            ConnectionError::NotFound => Problem::not_found("connection"),
            ConnectionError::NameTaken => Problem::new(ProblemKind::Conflict, words),
            ConnectionError::NotActive { .. } => Problem::new(ProblemKind::ConnectionNotActive, words),
            ConnectionError::Loopback | ConnectionError::LoginHost(_) => {
                Problem::invalid(format!("login_url: {words}"))
            }
            ConnectionError::UnknownAuthorization
            | ConnectionError::OtherIssuer
            | ConnectionError::SecretOfAnotherApp => Problem::invalid(words),
            ConnectionError::TooMany { .. } => Problem::new(ProblemKind::QuotaExceeded, words),
            ConnectionError::StillConnected
            | ConnectionError::ChangedMeanwhile
            | ConnectionError::NoRefreshToken
            | ConnectionError::RefreshUnfinished => Problem::new(ProblemKind::Conflict, words),
            ConnectionError::Suspended => Problem::suspended(),
            ConnectionError::OrgHost => Problem::new(ProblemKind::SalesforceFailed, words),
            ConnectionError::RefreshUnderWay => {
                Problem { retry_after: Some(5), ..Problem::new(ProblemKind::Conflict, words) }
            }
            ConnectionError::TokensWait => Problem::storage_unavailable(words),
            ConnectionError::OAuth(ExecutionError::Connector(error)) => {
                Problem::new(ProblemKind::SalesforceFailed, words).with_report(&ErrorView::new(&error))
            }
            ConnectionError::OAuth(ExecutionError::Host(_))
            | ConnectionError::NotSealed(_)
            | ConnectionError::RefreshBroken => Problem::new(ProblemKind::Internal, words),
            ConnectionError::Store(error) => error.into(),
        }
    }
}

impl From<TooMany> for Problem {
    fn from(TooMany { at_once }: TooMany) -> Problem {
        let words =
            format!("this tenant has {at_once} requests in transit, which is its limit: read the answer of one first");
        Problem { retry_after: Some(1), ..Problem::new(ProblemKind::RateLimited, words) }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        let words = refused.to_string();
        match refused {
            Refused::TooFast { retry_after, .. } => Problem {
                retry_after: Some(retry_after.as_secs().saturating_add(1)),
                ..Problem::new(ProblemKind::RateLimited, words)
            },
            Refused::NotRecording => Problem::storage_unavailable(words),
            Refused::TooMany { .. } | Refused::TooManyStreams { .. } => {
                Problem { retry_after: Some(1), ..Problem::new(ProblemKind::RateLimited, words) }
            }
            Refused::KeyReused => Problem::new(ProblemKind::KeyReused, words),
            Refused::StillRunning { .. } => {
                Problem { retry_after: Some(1), ..Problem::new(ProblemKind::StillRunning, words) }
            }
            Refused::Component(_) | Refused::NotAQuery | Refused::StreamWithKey => Problem::invalid(words),
            Refused::NoRows(_) => Problem::new(ProblemKind::Conflict, words),
            Refused::ShuttingDown => Problem { retry_after: Some(1), ..Problem::new(ProblemKind::ShuttingDown, words) },
            Refused::Upload(error) => error.into(),
            Refused::Connection(error) => error.into(),
            Refused::Store(error) => error.into(),
        }
    }
}

impl From<NotCancelled> for Problem {
    fn from(error: NotCancelled) -> Problem {
        let kind = match error {
            NotCancelled::HasEnded => ProblemKind::Conflict,
            NotCancelled::NotRunning => ProblemKind::NotFound,
        };
        Problem::new(kind, error.to_string())
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Problem {
        let words = error.to_string();
        match error {
            UploadError::TooMany { .. } | UploadError::TooManyArrive { .. } => {
                Problem { retry_after: Some(5), ..Problem::new(ProblemKind::RateLimited, words) }
            }
            UploadError::TooLarge { .. } => Problem::new(ProblemKind::TooLarge, words),
            UploadError::Full { .. } | UploadError::TooManyKept { .. } => {
                Problem::new(ProblemKind::QuotaExceeded, words)
            }
            UploadError::Gone | UploadError::Damaged(_) => Problem::new(ProblemKind::Conflict, words),
            UploadError::Store(error) => error.into(),
            UploadError::Verify(_) | UploadError::Keep(_) => Problem::new(ProblemKind::Internal, words),
        }
    }
}

impl From<TestRefused> for Problem {
    fn from(refused: TestRefused) -> Problem {
        let words = refused.to_string();
        match refused {
            TestRefused::NoWebhook => Problem::not_found("webhook"),
            TestRefused::Disabled => Problem::new(ProblemKind::Conflict, words),
            TestRefused::Busy => Problem { retry_after: Some(5), ..Problem::new(ProblemKind::RateLimited, words) },
            TestRefused::Store(error) => error.into(),
        }
    }
}

impl From<FieldErrors> for Problem {
    fn from(errors: FieldErrors) -> Problem {
        Problem::invalid(errors.to_string())
    }
}

impl From<InputError> for Problem {
    fn from(error: InputError) -> Problem {
        Problem::invalid(error.to_string())
    }
}

/// A detail as it is told: of bounded length, in one line.
fn told(detail: &str) -> String {
    let mut characters = detail.chars();
    let clean = |character: char| if character.is_control() { '\u{fffd}' } else { character };
    let mut told: String = characters.by_ref().take(LONGEST_DETAIL).map(clean).collect();
    if characters.next().is_some() {
        told.push('…');
    }
    told
}

/// Answers a path that nothing is at.
pub(super) async fn no_such_path() -> Problem {
    Problem::new(ProblemKind::NotFound, "there is nothing at this path: see /openapi.json")
}

/// A method of HTTP; of another nothing is told.
pub(super) fn known(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    if known.contains(method) { method.as_str() } else { "this method" }
}

/// Answers a method that a path does not take.
pub(super) async fn no_such_method(method: Method) -> Problem {
    Problem::new(
        ProblemKind::MethodNotAllowed,
        format!("this path does not take {}: see /openapi.json", known(&method)),
    )
}

/// `GET /problems`: what each kind means.
pub(super) async fn list() -> Response {
    let content = html! {
        h1 { "Problems" }
        p { "An error of the API names one of these in " code { "type" } ". Each says what to do." }
        dl {
            @for kind in ProblemKind::ALL {
                dt id=(kind.name()) { code { (kind.name()) } " " (kind.status().as_u16()) " – " (kind.title()) }
                dd { (kind.advice()) }
            }
        }
    };
    plain_page(StatusCode::OK, "Problems", &content)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_detail_is_one_line_of_bounded_length() {
        assert_eq!(told("a\nb\u{1b}[31m"), "a\u{fffd}b\u{fffd}[31m");
        assert_eq!(told(&"ä".repeat(LONGEST_DETAIL)).chars().count(), LONGEST_DETAIL);
        assert_eq!(told(&"ä".repeat(LONGEST_DETAIL + 1)).chars().count(), LONGEST_DETAIL + 1);
    }

    #[test]
    fn kinds_have_names_of_their_own_and_advice() {
        let names: HashSet<_> = ProblemKind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), ProblemKind::ALL.len());
        for kind in ProblemKind::ALL {
            assert!(kind.status().is_client_error() || kind.status().is_server_error());
            assert!(kind.advice().ends_with('.'), "{}", kind.name());
        }
    }
}
