//! From a component's request to the component's response.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, SET_COOKIE};
use http::uri::{PathAndQuery, Uri};
use http::{HeaderMap, HeaderValue, Method, Request, Response, response};
use http_body_util::{BodyExt, Full};
use rustls::pki_types::CertificateDer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::address::is_public;
use super::body::{Lender, ResponseBody};
use super::client::PooledClient;
use super::echo::{self, Searched};
use super::exchange::Exchange;
use super::journal::{Entry, Journal};
use super::limits::EgressLimits;
use super::observed::{ExchangeObserver, Observed};
use super::origin::{Host, Origin};
use super::policy::{EgressPolicy, Refusal};
use super::proxy::Proxy;
use super::request_body::{RequestBody, collect_request};
use super::resolver::Hosts;

/// Bytes of a request's body that are held before the component has sent the request off. It may prepare hundreds.
const BODY_BEFORE_SENDING: usize = 64 << 10;

/// How bodies go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bodies {
    /// A request's is held until it is complete.
    Held,
    /// As they come, in both directions.
    Streamed,
}

/// Egress of a runtime: shared by all its executions.
pub(crate) struct Egress {
    pub(super) client: PooledClient,
    pub(super) limits: EgressLimits,
    bodies: Bodies,
    observer: Option<ExchangeObserver>,
}

/// Egress of one execution.
pub(crate) struct ExecutionEgress {
    pub(super) egress: Arc<Egress>,
    policy: Arc<EgressPolicy>,
    pub(super) journal: Journal,
    open: Arc<Semaphore>,
    /// Bytes of request bodies that may still be held.
    room: Arc<Semaphore>,
}

type SendFuture = Box<dyn Future<Output = Result<(Response<WasiBody>, IoFuture), Error>> + Send>;
type IoFuture = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl Egress {
    pub(crate) fn new(
        limits: EgressLimits,
        bodies: Bodies,
        extra_roots: &[CertificateDer<'static>],
        (hosts, proxy): (Hosts, Option<Proxy>),
        observer: Option<ExchangeObserver>,
    ) -> Result<Self, rustls::Error> {
        Ok(Self { client: PooledClient::new(&limits, extra_roots, hosts, proxy)?, limits, bodies, observer })
    }

    /// Closes the connections that wait for a request, so that the next one goes where its name leads now.
    pub(crate) fn close_idle(&self) {
        self.client.idle().close();
    }

    async fn send(
        &self,
        request: Request<WasiBody>,
        options: RequestOptions,
        policy: &EgressPolicy,
        journal: Journal,
        permit: Result<OwnedSemaphorePermit, Error>,
        room: &Arc<Semaphore>,
    ) -> Result<Response<WasiBody>, Error> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let admitted = async { Ok((permit?, self.admit(request, policy, &journal, room).await?)) };
        let (permit, (origin, request, _held)) = admitted.await.inspect_err(|error: &Error| {
            tracing::debug!(%method, host = ?uri.host(), %error, "request refused");
        })?;
        let seal = policy.seal();
        let cap = match self.bodies {
            Bodies::Held => self.limits.response_body_bytes,
            Bodies::Streamed => self.limits.streamed_body_bytes,
        };
        let entry = Entry::of(&request, seal.is_some());
        let sent = self.exchange(&origin, request, (journal.clone(), entry), &options, cap, Some(permit));
        let (mut head, body) = sent.await?;
        if seal.is_none_or(|seal| seal.is_for(&origin)) {
            journal.lock().note_usage(&head.headers);
        }
        let Some(seal) = seal else { return Ok(Response::from_parts(head, body.boxed_unsync())) };
        echo::inspect(&head.headers, &seal.mark())?;
        // A cookie can be a session of its own.
        head.headers.remove(SET_COOKIE);
        Ok(Response::from_parts(head, Searched::new(body, seal.mark()).boxed_unsync()))
    }

    /// A component's request, if it may be made, ready to go out.
    async fn admit(
        &self,
        request: Request<WasiBody>,
        policy: &EgressPolicy,
        journal: &Journal,
        room: &Arc<Semaphore>,
    ) -> Result<(Origin, Request<RequestBody>, Option<OwnedSemaphorePermit>), Error> {
        let origin = destination(request.uri(), policy)?;
        if let Some(advice) = policy.withholds(request.uri().path()) {
            journal.lock().withhold(advice);
            return Err(Error::HttpRequestDenied);
        }
        let seal = policy.seal();
        let (head, body) = request.into_parts();
        if head.method == Method::CONNECT || seal.is_some_and(|seal| !seal.admits(&origin, &head)) {
            return Err(Error::HttpRequestDenied);
        }
        let (mut request, held) = self.complete(Request::from_parts(head, body), &origin, room).await?;
        if let Some(seal) = seal {
            seal.open(&origin, request.headers_mut())?;
        }
        Ok((origin, request, held))
    }

    /// Sends a request and waits for the head of its answer. The body will be within its cap.
    pub(super) async fn exchange(
        &self,
        origin: &Origin,
        request: Request<RequestBody>,
        (journal, entry): (Journal, Entry),
        options: &RequestOptions,
        cap: u64,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<(response::Parts, ResponseBody), Error> {
        let limit = |asked: Option<Duration>, most: Duration| asked.map_or(most, |asked| asked.min(most));
        let mut observed = Observed::begin(self.observer.clone(), origin.clone(), request.method());
        let exchanged = Exchange::new(
            &self.client,
            &mut observed,
            request,
            (journal.clone(), entry),
            (
                limit(options.connect_timeout, self.limits.connect_timeout),
                limit(options.first_byte_timeout, self.limits.first_byte_timeout),
            ),
            &self.limits,
        )
        .await;
        let (response, connection) = exchanged.inspect_err(|error| observed.fail(error))?;
        let between_bytes = limit(options.between_bytes_timeout, self.limits.between_bytes_timeout);
        let (head, incoming) = response.into_parts();
        let header_bytes = section_bytes(&head.headers);
        if header_bytes > self.limits.response_header_bytes {
            let error = Error::HttpResponseHeaderSectionSize(u32::try_from(header_bytes).ok());
            observed.fail(&error);
            return Err(error);
        }
        let lender = Lender { idle: self.client.idle().clone(), observed };
        Ok((head, ResponseBody::new(incoming, connection, lender, journal, cap, between_bytes, permit)?))
    }

    /// The request with its body, and with the authority as the policy knows it, in origin form (RFC 9112 section 3.2.1).
    /// A byte of a body that is held takes a permit of `room`, until what is returned with the request is dropped.
    pub(super) async fn complete(
        &self,
        request: Request<WasiBody>,
        origin: &Origin,
        room: &Arc<Semaphore>,
    ) -> Result<(Request<RequestBody>, Option<OwnedSemaphorePermit>), Error> {
        let (mut head, body) = request.into_parts();
        let (body, held) = match self.bodies {
            Bodies::Held => whole(&mut head.headers, body, room).await?,
            Bodies::Streamed => {
                let limits = &self.limits;
                let cap = limits.streamed_body_bytes;
                (RequestBody::begin(&mut head.headers, body, cap, limits.body_timeout).await?, None)
            }
        };
        let authority = HeaderValue::from_maybe_shared(Bytes::from(origin.authority()));
        head.headers.insert(HOST, authority.map_err(|_| Error::HttpRequestUriInvalid)?);
        head.uri = head.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/")).into();
        Ok((Request::from_parts(head, body), held))
    }
}

/// A body that is held, as long as was announced.
async fn whole(
    headers: &mut HeaderMap,
    body: WasiBody,
    room: &Arc<Semaphore>,
) -> Result<(RequestBody, Option<OwnedSemaphorePermit>), Error> {
    let (body, held) = collect_request(body, room).await?;
    if let Some(announced) = headers.remove(CONTENT_LENGTH)
        && announced.as_bytes() != body.len().to_string().as_bytes()
    {
        return Err(Error::HttpRequestBodySize(Some(body.len() as u64)));
    }
    Ok((RequestBody::Whole(Full::new(body)), held))
}

/// Bytes of a header section on the wire. hyper's own limit ends a read that never finishes; it lets up to twice as
/// much through if that arrives at once.
fn section_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + ": \r\n".len() + value.len()).sum()
}

/// Where a request goes, if it may.
pub(super) fn destination(uri: &Uri, policy: &EgressPolicy) -> Result<Origin, Error> {
    let origin = Origin::of(uri).map_err(|_| Error::HttpRequestDenied)?;
    policy.check(&origin).map_err(|refusal| match refusal {
        Refusal::NotListed => Error::HttpRequestDenied,
        Refusal::Loopback => Error::DestinationIpProhibited,
    })?;
    match origin.host() {
        Host::Ip(address) if !origin.is_loopback() && !is_public(*address) => Err(Error::DestinationIpProhibited),
        _ => Ok(origin),
    }
}

impl ExecutionEgress {
    pub(crate) fn new(egress: Arc<Egress>, policy: Arc<EgressPolicy>, journal: Journal) -> Self {
        let open = Arc::new(Semaphore::new(egress.limits.requests_at_once));
        let most = usize::try_from(egress.limits.request_body_bytes).unwrap_or(usize::MAX);
        let room = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        Self { egress, policy, journal, open, room }
    }

    /// The head of the answer, and its body as it comes.
    pub(super) fn sending(
        &self,
        request: Request<WasiBody>,
        options: RequestOptions,
    ) -> impl Future<Output = Result<Response<WasiBody>, Error>> + Send + use<> {
        let (egress, policy, journal) = (self.egress.clone(), self.policy.clone(), self.journal.clone());
        let room = self.room.clone();
        let permit = self.open.clone().try_acquire_owned().map_err(|_| Error::ConnectionLimitReached);
        async move {
            let uri = request.uri().clone();
            let sent = egress.send(request, options, &policy, journal, permit, &room).await;
            if let Err(Error::HttpRequestDenied | Error::DestinationIpProhibited) = sent {
                policy.note_refusal(uri.host().unwrap_or_default());
            }
            sent
        }
    }
}

impl WasiHttpHooks for ExecutionEgress {
    fn send_request(&mut self, request: Request<WasiBody>, options: Option<RequestOptions>, _: IoFuture) -> SendFuture {
        let sending = self.sending(request, options.unwrap_or_default());
        let sending = async { Ok((sending.await?, Box::new(async { Ok(()) }) as IoFuture)) };
        // Another task may poll it.
        Box::new(sending.in_current_span())
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_BEFORE_SENDING
    }
}
