//! The handle on a running mock: how to start one, reach it, look inside and make it misbehave.

mod builder;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use crate::ApiError;
use crate::control::ControlPlane;
use crate::fault::{Fault, Matcher};
use crate::ledger::Ledger;
use crate::lock::lock;
use crate::oauth::OAuth;
use crate::oauth::refresh_gate::HeldRefreshes;
use crate::oauth::shortcuts::{IssueError, Tokens};
use crate::org::{Org, PermissionError, Permissions};
use crate::pipeline::Pipeline;
use crate::rest::Rest;
use crate::rest::actions::Action;
use crate::rest::apex_rest::ApexResource;
use crate::rest::approvals::ApprovalProcess;
use crate::rest::locators::Paging;
use crate::rest::quick_actions::QuickAction;
use crate::rest::reports::Report;
use crate::site::Site;

pub use builder::{Builder, StartError};

/// A running mock. Dropping it ends all its connections and frees its port.
#[derive(Debug)]
pub struct MockSalesforce {
    site: Arc<Site>,
    oauth: Arc<OAuth>,
    rest: Arc<Rest>,
    pipeline: Arc<Pipeline>,
    ca_pem: Option<String>,
    address: SocketAddr,
    local_url: String,
    control: Option<ControlPlane>,
    listeners: JoinSet<()>,
}

impl MockSalesforce {
    /// A mock on a free port of 127.0.0.1, in plain HTTP and without connected apps, until told otherwise.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Login host and instance in one, as with My Domain: scheme, host and port without a trailing slash. It is the
    /// audience of a JWT. Listening on loopback, the same port also answers as `localhost`, `127.0.0.1` and `[::1]`
    /// where the machine has them; a client that comes by another name is told that name.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.site.url
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL by which this machine reaches it, whatever [`Builder::public_url`] says that it is called.
    #[must_use]
    pub fn local_url(&self) -> &str {
        &self.local_url
    }

    /// Where other processes steer it: below [`MockSalesforce::local_url`]; none unless [`Builder::control`] asked for it.
    #[must_use]
    pub fn control(&self) -> Option<&ControlPlane> {
        self.control.as_ref()
    }

    /// The certificate authority that a client has to trust, in PEM; none without TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// All requests and writes so far.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        lock(&self.pipeline.ledger).clone()
    }

    /// Looks inside the org, or changes it. No request is answered meanwhile.
    pub fn org<T>(&self, look: impl FnOnce(&mut Org) -> T) -> T {
        look(&mut self.site.org())
    }

    /// What the mock's clock says.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.site.now()
    }

    /// Moves the mock's clock forward, or back when negative.
    pub fn advance_clock(&self, by: SignedDuration) {
        self.site.clock.advance(by);
    }

    /// Stops the mock's clock at this moment, or at the one it says now.
    pub fn freeze_clock(&self, at: Option<Timestamp>) {
        self.site.clock.freeze(at);
    }

    /// Lets the mock's clock run on from the moment it says.
    pub fn thaw_clock(&self) {
        self.site.clock.thaw();
    }

    /// Ends all sessions: their access tokens answer 401 `INVALID_SESSION_ID`. Refresh tokens stay good.
    pub fn expire_access_tokens(&self) {
        lock(&self.oauth.tokens).expire_access_tokens();
    }

    /// Ends all query locators: they answer 400 `INVALID_QUERY_LOCATOR`.
    pub fn expire_query_locators(&self) {
        lock(&self.rest.locators).expire();
    }

    /// Changes what the org does with the pages of queries from now on.
    pub fn set_paging(&self, paging: Paging) {
        lock(&self.rest.locators).paging = paging;
    }

    /// Answers a `Range` on a blob with that part (206) from now on, or as Salesforce is known to, with the whole (200).
    pub fn grant_ranges(&self, granted: bool) {
        self.rest.grants_ranges.store(granted, Ordering::Relaxed);
    }

    /// Lets the search index be this far behind the records: what changed since is not found. Nothing unless told otherwise.
    pub fn lag_search_index(&self, by: SignedDuration) {
        self.rest.search_index.lag(by);
    }

    /// Lets each job of the Bulk API take this long by the mock's clock; one second unless told otherwise.
    pub fn bulk_jobs_take(&self, time: SignedDuration) {
        lock(&self.rest.jobs).takes = time;
    }

    /// Gives the org an action, in place of one of the same kind and name.
    pub fn add_action(&self, action: Action) {
        self.rest.add_action(action);
    }

    /// Gives the org a resource of Apex REST, in place of one of the same name, or with the same method and path.
    pub fn add_apex_resource(&self, resource: ApexResource) {
        self.rest.add_apex_resource(resource);
    }

    /// Gives an object an approval process of one step. The name is as the org spells it.
    pub fn add_approval_process(&self, object: &str) {
        self.rest.approvals.add(ApprovalProcess { name: format!("{object} approval"), object: object.to_owned() });
    }

    /// Gives the org a quick action, in place of one of the same name. Its names are as the org spells them.
    pub fn add_quick_action(&self, action: QuickAction) {
        self.rest.add_quick_action(action);
    }

    /// Gives the org a report, in place of one of the same name. Its Id.
    ///
    /// # Errors
    /// It is none that the org can run.
    pub fn add_report(&self, report: Report) -> Result<String, ApiError> {
        report.check(&self.site.org())?;
        Ok(lock(&self.rest.reports).add(report))
    }

    /// Makes tokens as if this user had allowed the app all of its scopes.
    ///
    /// # Errors
    /// When there is no such app or user.
    pub fn issue_tokens(&self, client_id: &str, username: &str) -> Result<Tokens, IssueError> {
        self.oauth.issue_tokens(client_id, username)
    }

    /// What a browser brings back to the callback URL if this user logs in and allows all that an authorization URL asks
    /// for: the query string, with the code. For tests that are not about the pages in between.
    ///
    /// # Errors
    /// In words: why Salesforce would not take the request, or that there is no such user.
    pub fn allow(&self, authorization_url: &str, username: &str) -> Result<String, String> {
        self.oauth.allow(authorization_url, username)
    }

    /// Takes this assertion of the JWT bearer flow as if the app's key had signed it. Its claims must hold all the same.
    ///
    /// # Errors
    /// When there is no such app.
    pub fn trust_assertion(&self, client_id: &str, assertion: &str) -> Result<(), IssueError> {
        let known = lock(&self.oauth.apps).trust_assertion(client_id, assertion);
        if known { Ok(()) } else { Err(IssueError::App(client_id.to_owned())) }
    }

    /// Switches refresh-token rotation of an app on or off.
    ///
    /// # Errors
    /// When there is no such app.
    pub fn set_rotation(&self, client_id: &str, on: bool) -> Result<(), IssueError> {
        let known = lock(&self.oauth.apps).set_rotation(client_id, on);
        if known { Ok(()) } else { Err(IssueError::App(client_id.to_owned())) }
    }

    /// Whether a refresh token with this [fingerprint](crate::fingerprint) would be taken now.
    #[must_use]
    pub fn honours_refresh_token(&self, fingerprint: &str) -> bool {
        lock(&self.oauth.tokens).honours(fingerprint)
    }

    /// How often a refresh token came back after rotation had replaced it, which ended its grant.
    #[must_use]
    pub fn refresh_tokens_that_came_back(&self) -> u64 {
        lock(&self.oauth.tokens).came_back()
    }

    /// Keeps refreshes from finishing until the answer is dropped.
    pub fn hold_refreshes(&self) -> HeldRefreshes {
        self.oauth.refreshes.hold()
    }

    /// Changes how many calls of the REST API are answered, counting from the start, before 403
    /// `REQUEST_LIMIT_EXCEEDED`.
    pub fn allow_api_requests(&self, allowed: u64) {
        self.rest.usage.allow(allowed);
    }

    /// Says how many calls of the REST API were made today.
    pub fn set_api_requests(&self, used: u64) {
        self.rest.usage.set_used(used);
    }

    /// Forgets the entries of the ledger. Their sequence numbers go on counting.
    pub fn clear_ledger(&self) {
        lock(&self.pipeline.ledger).clear();
    }

    /// Gives a user these permissions in place of those they had: the org answers them as Salesforce would.
    ///
    /// # Errors
    /// When user, object or field are unknown, or a permission lacks another that it needs.
    pub fn set_permissions(&self, username: &str, permissions: Permissions) -> Result<(), PermissionError> {
        self.site.org().set_permissions(username, permissions)
    }

    /// Queues a fault for the next request that fits. Several faults for the same request happen one request each, in
    /// the order they were queued.
    pub fn push_fault(&self, matcher: Matcher, fault: Fault) {
        lock(&self.pipeline.faults).push(matcher, fault);
    }

    /// Takes back all faults that still wait.
    pub fn forget_faults(&self) {
        lock(&self.pipeline.faults).forget();
    }

    /// How many faults still wait for their request.
    #[must_use]
    pub fn faults_waiting(&self) -> usize {
        lock(&self.pipeline.faults).waiting().len()
    }

    /// Ends all connections and frees the port before it returns.
    pub async fn stop(mut self) {
        self.listeners.shutdown().await;
    }
}
