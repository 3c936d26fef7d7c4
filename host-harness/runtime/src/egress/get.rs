//! A request of the host itself, such as for a description of an org's objects: with the client, the policy and the
//! limits of a component's requests.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request, StatusCode, Uri, response};
use http_body::Body;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use salesforce_connector::core::error::Error as OrgError;
use salesforce_connector::core::http::Response;
use salesforce_connector::core::{refusal, secret};
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, RequestOptions};

use super::bearer::bearer;
use super::journal::{Entry, Journal};
use super::policy::EgressPolicy;
use super::request::{Egress, destination};
use crate::secret::Secret;

/// Bytes that are read of an answer that is not the one asked for.
const LONGEST_REFUSAL: usize = 64 << 10;

/// A request of the host gave nothing. Holds neither the token nor a body, but for Salesforce's words, which are bounded.
#[derive(Debug, thiserror::Error)]
pub enum GetError {
    /// The text is not a URL.
    #[error("expected an absolute URL")]
    Url,
    /// The token cannot stand in a header.
    #[error("expected an access token of visible ASCII")]
    Token,
    /// The policy does not let it go there. Nothing was sent.
    #[error("the policy does not allow requests to this URL")]
    Refused,
    /// An answer with another status than 200, read as the connector reads those to its own requests.
    #[error("{}", .0.message)]
    Answered(Box<OrgError>),
    /// The answer's body is too large.
    #[error("expected an answer of at most {0} bytes")]
    TooLarge(u64),
    /// There is no whole answer.
    #[error("the request failed: {0}")]
    Failed(String),
    /// There was none within the runtime's deadline.
    #[error("there was no whole answer within the host's deadline")]
    DeadlineExceeded,
}

impl Egress {
    /// See [`Runtime::get_json`](crate::Runtime::get_json).
    pub(crate) async fn get_json(
        &self,
        policy: &EgressPolicy,
        url: &str,
        token: &Secret,
        max_bytes: u64,
    ) -> Result<Bytes, GetError> {
        let url: Uri = url.parse().map_err(|_| GetError::Url)?;
        let origin = destination(&url, policy).map_err(|_| GetError::Refused)?;
        let mut request = Request::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
        *request.uri_mut() = url;
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        request.headers_mut().insert(AUTHORIZATION, bearer(token).map_err(|_| GetError::Token)?);
        let told = |error| match error {
            Error::HttpResponseBodySize(_) => GetError::TooLarge(max_bytes),
            Error::DestinationIpProhibited => GetError::Refused,
            error => GetError::Failed(error.to_string()),
        };
        let cap = max_bytes.max(LONGEST_REFUSAL as u64);
        let (request, _held) = self.complete(request, &origin, &Arc::new(Semaphore::new(0))).await.map_err(told)?;
        let options = RequestOptions::default();
        let entry = (Journal::default(), Entry::of(&request, false));
        let sent = self.exchange(&origin, request, entry, &options, cap, None).await;
        let (head, body) = sent.map_err(told)?;
        if head.status != StatusCode::OK {
            return Err(refused(head, body, token).await);
        }
        match Limited::new(body, usize::try_from(max_bytes).unwrap_or(usize::MAX)).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(GetError::TooLarge(max_bytes)),
            Err(error) => {
                Err(error.downcast().map_or_else(|error| GetError::Failed(error.to_string()), |error| told(*error)))
            }
        }
    }
}

/// What an answer with another status means. Without a body that can be read, its status alone says.
async fn refused(head: response::Parts, body: impl Body<Data = Bytes, Error = Error>, token: &Secret) -> GetError {
    let Ok(token) = secret::Secret::parse("token", token.expose()) else { return GetError::Token };
    let body = Limited::new(body, LONGEST_REFUSAL).collect().await.map(|body| body.to_bytes().to_vec());
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    let response = Response { status: head.status.as_u16(), headers, body: body.unwrap_or_default() };
    GetError::Answered(refusal::of_get(&response, &token))
}
