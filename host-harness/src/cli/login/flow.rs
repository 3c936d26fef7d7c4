//! The three ways to a token set. Each ends with the connection in its file.

use salesforce_actions::bounded::Whole;
use salesforce_runtime::egress::{EgressPolicy, LoginUrl};
use salesforce_runtime::{Connector, Execution, ExecutionError};

use super::BrowserOptions;
use super::callback::Callback;
use crate::cli::failure::Failure;
use salesforce_connections::uninterrupted;
use salesforce_connections::{ConnectionFile, Document, Grant, Lock};
use salesforce_runtime::bindings::oauth::{AuthorizationRequest, ConnectedApp, PendingAuthorization, TokenSet};
use salesforce_runtime::bindings::types::CallOptions;

/// The registered callback's port.
pub(super) const DEFAULT_PORT: u16 = 8712;

/// A login under way.
pub(super) struct Flow {
    pub(super) connector: Connector,
    pub(super) login_url: LoginUrl,
    pub(super) app: ConnectedApp,
    pub(super) api_version: Option<String>,
    pub(super) file: ConnectionFile,
    pub(super) options: CallOptions,
}

/// What is exchanged for tokens.
enum Exchange {
    Code { pending: PendingAuthorization, query: String },
    ClientCredentials,
    Jwt { assertion: String },
}

/// The stored connection, and whether Salesforce's signature was there and right.
type Stored = Result<(Document, bool), Failure>;

impl Flow {
    /// Authorization code with PKCE: the user logs in with a browser.
    ///
    /// # Errors
    /// The callback's port, the component's errors, the connection file.
    pub(super) async fn authorization_code(self, browser: BrowserOptions) -> Stored {
        let port = browser.port.map_or(DEFAULT_PORT, Whole::get);
        let callback = Callback::listen(port)
            .await
            .map_err(|error| Failure::Local(format!("cannot listen on port {port} for the callback: {error}")))?;
        let request = AuthorizationRequest {
            redirect_uri: callback.url(),
            scopes: browser.scopes,
            prompt: browser.prompt,
            login_hint: browser.login_hint,
        };
        let authorization =
            self.execution().begin_authorization(&self.app, &request).await.map_err(Failure::reading)?;
        send_to(&authorization.url, !browser.no_browser);
        let query =
            callback.query().await.map_err(|error| Failure::Local(format!("cannot receive the callback: {error}")))?;
        self.finish(Exchange::Code { pending: authorization.pending, query }).await
    }

    /// Client credentials: the app acts as the user it is set up with.
    ///
    /// # Errors
    /// The component's errors, the connection file.
    pub(super) async fn client_credentials(self) -> Stored {
        self.finish(Exchange::ClientCredentials).await
    }

    /// JWT bearer, with an assertion that is signed already.
    ///
    /// # Errors
    /// The component's errors, the connection file.
    pub(super) async fn jwt_bearer(self, assertion: String) -> Stored {
        self.finish(Exchange::Jwt { assertion }).await
    }

    /// Gets the tokens and stores them, whatever becomes of the caller: a code works once.
    async fn finish(self, exchange: Exchange) -> Stored {
        uninterrupted(async move {
            let tokens = self.exchange(exchange).await.map_err(Failure::writing)?;
            let grant = Grant { app: &self.app, tokens: &tokens, api_version: self.api_version.clone() };
            let document = Document::new(grant).map_err(Failure::NotStored)?;
            let path = self.file.path();
            let _lock = Lock::acquire(path)
                .await
                .map_err(|error| Failure::NotStored(format!("cannot lock {}: {error}", path.display())))?;
            self.file.write(&document).map_err(|error| Failure::NotStored(error.to_string()))?;
            Ok((document, tokens.signature_verified))
        })
        .await
    }

    async fn exchange(&self, exchange: Exchange) -> Result<TokenSet, ExecutionError> {
        let (execution, app, options) = (self.execution(), &self.app, self.options);
        match exchange {
            Exchange::Code { pending, query } => execution.complete_authorization(app, &pending, &query, options).await,
            Exchange::ClientCredentials => execution.client_credentials(app, options).await,
            Exchange::Jwt { assertion } => execution.jwt_bearer(app, &assertion, options).await,
        }
    }

    fn execution(&self) -> Execution {
        let policy = EgressPolicy::origins([self.login_url.origin().clone()]);
        let policy = if self.login_url.is_loopback() { policy.allow_loopback() } else { policy };
        self.connector.execution(policy)
    }
}

/// Tells the user where to go, and goes there if a browser can be opened.
pub(crate) fn send_to(url: &str, open_browser: bool) {
    let opened = open_browser && open::that_detached(url).is_ok();
    let what =
        if opened { "Log in in your browser. If it did not open, go to" } else { "To log in, open in your browser" };
    anstream::eprintln!("{what}:\n\n  {url}\n\nWaiting for Salesforce's answer (Ctrl-C to give up) ...");
}
