//! One call of one export in a fresh instance.

use std::sync::Arc;
use std::time::Duration;

use tracing::Instrument;
use wasmtime::Store;
use wasmtime::component::{ComponentNamedList, InstancePre, Lift, Lower, Val};

use super::Shared;
use super::answer::{self, Examiner};
use super::evidence::Evidence;
use super::exports::{self, Exports, NotExported};
use super::failure::{ExecutionError, HostFailure};
use super::memory_use::MemoryUse;
use super::sandbox::Sandbox;
use super::store::State;
use super::{told, values};
use crate::bindings::files::{Blob, ByteRange, FileTarget, Uploaded};
use crate::bindings::oauth::{
    Authorization, AuthorizationRequest, ConnectedApp, Introspection, PendingAuthorization, TokenSet, TokenType,
    UserIdentity,
};
use crate::bindings::records::{FieldValues, RecordKey, SaveOptions, Saved, Target};
use crate::bindings::soql::{Cursor, Page, Query};
use crate::bindings::types::{self, ApiUsage, CallOptions, Connection, Json};
use crate::egress::{EgressPolicy, Entries};

/// One execution, ready to start. Every method is an export of the component and uses the execution up.
///
/// All of them fail with [`ExecutionError::Connector`] if the component answers with an error (`wit/` names which), and
/// with [`ExecutionError::Host`] if it does not come to an answer. Dropping the future of a method cancels the
/// execution; what was sent is sent.
#[must_use = "an execution does nothing until one of its methods is called"]
pub struct Execution {
    sandbox: Sandbox,
    instances: InstancePre<State>,
    exports: Arc<Exports>,
    verbatim: bool,
}

type Answer<T> = Result<T, types::Error>;

/// What [`Execution::act`] gave, as the component gave it, and what the host knows better.
#[derive(Debug)]
pub struct ActionResult {
    /// Of the function's type; none if its result has no value.
    pub value: Option<Val>,
    /// Use of the org's API allowance, from the last response that told it.
    pub usage: Option<ApiUsage>,
    /// Whether a request may have left the host.
    pub may_have_left: bool,
}

impl Execution {
    pub(super) fn new(
        shared: Arc<Shared>,
        instances: InstancePre<State>,
        exports: Arc<Exports>,
        policy: EgressPolicy,
    ) -> Self {
        Self { sandbox: Sandbox::new(shared, policy), instances, exports, verbatim: false }
    }

    /// Replaces the runtime's outer deadline ([`Limits::deadline`](super::Limits::deadline)) for this execution.
    pub fn within(mut self, deadline: Duration) -> Self {
        self.sandbox.set_deadline(deadline);
        self
    }

    /// Lowers the bound on linear memory ([`Limits::memory_bytes`](super::Limits::memory_bytes)) for this execution. A
    /// bound above the runtime's changes nothing.
    pub fn with_memory(mut self, bytes: usize) -> Self {
        self.sandbox.lower_memory(bytes);
        self
    }

    /// Charges its processor time to this tenant, where a [`Scheduler`](super::Scheduler) shares that. Without one it is the
    /// host's own, which is always next.
    pub fn on_behalf_of(mut self, tenant: &str) -> Self {
        self.sandbox.charge(tenant);
        self
    }

    /// Lowers the bound on a result ([`Limits::result_bytes`](super::Limits::result_bytes)) for this execution. A bound
    /// above the runtime's changes nothing.
    pub fn with_result(mut self, bytes: usize) -> Self {
        self.sandbox.lower_result(bytes);
        self
    }

    /// Passes on errors and claims as the component makes them, neither cleaned nor corrected: for a verification, which
    /// judges them.
    pub fn verbatim(mut self) -> Self {
        self.verbatim = true;
        self
    }

    /// Also tells there what leaves the host and which answers come.
    pub fn noting(mut self, evidence: &Evidence) -> Self {
        self.sandbox.note(evidence);
        self
    }

    /// Also tells there how much linear memory it takes.
    pub fn reporting_memory(mut self, to: &MemoryUse) -> Self {
        self.sandbox.report_memory(to);
        self
    }

    /// `oauth.begin-authorization`: where to send the user's browser. Sends nothing.
    pub async fn begin_authorization(
        self,
        app: &ConnectedApp,
        request: &AuthorizationRequest,
    ) -> Result<Authorization, ExecutionError> {
        self.call("begin-authorization", (app.clone(), request.clone())).await
    }

    /// `oauth.complete-authorization`: from the callback's query string to tokens.
    pub async fn complete_authorization(
        self,
        app: &ConnectedApp,
        pending: &PendingAuthorization,
        callback_query: &str,
        options: CallOptions,
    ) -> Result<TokenSet, ExecutionError> {
        self.call("complete-authorization", (app.clone(), pending.clone(), callback_query.to_owned(), options)).await
    }

    /// `oauth.refresh`: a new token set for a refresh token.
    pub async fn refresh(
        self,
        app: &ConnectedApp,
        refresh_token: &str,
        options: CallOptions,
    ) -> Result<TokenSet, ExecutionError> {
        self.call("refresh", (app.clone(), refresh_token.to_owned(), options)).await
    }

    /// `oauth.client-credentials`: a token set for the app itself.
    pub async fn client_credentials(
        self,
        app: &ConnectedApp,
        options: CallOptions,
    ) -> Result<TokenSet, ExecutionError> {
        self.call("client-credentials", (app.clone(), options)).await
    }

    /// `oauth.jwt-bearer`: a token set for an assertion that the host signed.
    pub async fn jwt_bearer(
        self,
        app: &ConnectedApp,
        assertion: &str,
        options: CallOptions,
    ) -> Result<TokenSet, ExecutionError> {
        self.call("jwt-bearer", (app.clone(), assertion.to_owned(), options)).await
    }

    /// `oauth.revoke`: ends a token.
    pub async fn revoke(self, app: &ConnectedApp, token: &str, options: CallOptions) -> Result<(), ExecutionError> {
        self.call("revoke", (app.clone(), token.to_owned(), options)).await
    }

    /// `oauth.introspect`: whether a token is active.
    pub async fn introspect(
        self,
        app: &ConnectedApp,
        token: &str,
        token_type: TokenType,
        options: CallOptions,
    ) -> Result<Introspection, ExecutionError> {
        self.call("introspect", (app.clone(), token.to_owned(), token_type, options)).await
    }

    /// `oauth.user-info`: who a connection belongs to.
    pub async fn user_info(
        self,
        connection: &Connection,
        options: CallOptions,
    ) -> Result<UserIdentity, ExecutionError> {
        self.call("user-info", (connection.clone(), options)).await
    }

    /// `soql.soql-query`: the first page of a query, or several.
    pub async fn soql_query(
        self,
        connection: &Connection,
        query: &Query,
        options: CallOptions,
    ) -> Result<Page, ExecutionError> {
        self.call("soql-query", (connection.clone(), query.clone(), options)).await
    }

    /// `soql.next-page`: the page behind a cursor.
    pub async fn next_page(
        self,
        connection: &Connection,
        cursor: &Cursor,
        options: CallOptions,
    ) -> Result<Page, ExecutionError> {
        self.call("next-page", (connection.clone(), cursor.clone(), options)).await
    }

    /// `soql.explain`: how Salesforce would run a query, as JSON text.
    pub async fn explain(
        self,
        connection: &Connection,
        query: &Query,
        options: CallOptions,
    ) -> Result<Json, ExecutionError> {
        self.call("explain", (connection.clone(), query.clone(), options)).await
    }

    /// `records.get-record-field-values`: chosen fields of one record.
    pub async fn get_record_field_values(
        self,
        connection: &Connection,
        object: &str,
        key: &RecordKey,
        fields: &[String],
        options: CallOptions,
    ) -> Result<FieldValues, ExecutionError> {
        self.call(
            "get-record-field-values",
            (connection.clone(), object.to_owned(), key.clone(), fields.to_vec(), options),
        )
        .await
    }

    /// `records.create-or-update-record`: creates, updates or upserts one record; `fields` is a JSON object.
    pub async fn create_or_update_record(
        self,
        connection: &Connection,
        object: &str,
        target: &Target,
        fields: &Json,
        save: &SaveOptions,
        options: CallOptions,
    ) -> Result<Saved, ExecutionError> {
        self.call(
            "create-or-update-record",
            (connection.clone(), object.to_owned(), target.clone(), fields.clone(), save.clone(), options),
        )
        .await
    }

    /// `files.download-blob`: the bytes of a blob field, or a part of them.
    pub async fn download_blob(
        self,
        connection: &Connection,
        object: &str,
        id: &str,
        field: &str,
        range: Option<ByteRange>,
        options: CallOptions,
    ) -> Result<Blob, ExecutionError> {
        let parameters = (connection.clone(), object.to_owned(), id.to_owned(), field.to_owned(), range, options);
        self.call("download-blob", parameters).await
    }

    /// `files.upload-file`: a new file, or a new version of one; `fields` is a JSON object.
    #[expect(clippy::too_many_arguments, reason = "those of the WIT")]
    pub async fn upload_file(
        self,
        connection: &Connection,
        file_name: &str,
        data: Vec<u8>,
        target: &FileTarget,
        title: Option<&str>,
        content_type: Option<&str>,
        fields: Option<&str>,
        options: CallOptions,
    ) -> Result<Uploaded, ExecutionError> {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let (connection, name, target) = (connection.clone(), file_name.to_owned(), target.clone());
        let parameters = (connection, name, data, target, text(title), text(content_type), text(fields), options);
        self.call("upload-file", parameters).await
    }

    /// Any function of the form of an action, by the name of its interface, version included, and its own: `func(connection,
    /// ..., options: call-options) -> result<T, error>`, with the types of `workflow:salesforce/types`. `arguments` are those
    /// between.
    ///
    /// The value is what the component gave: all of it together has at most
    /// [`Limits::result_bytes`](super::Limits::result_bytes) and 2 MiB, and nothing else was looked at.
    ///
    /// # Errors
    /// As all methods; [`HostFailureKind::NotExported`](super::HostFailureKind::NotExported) moreover.
    pub async fn act(
        self,
        interface: &str,
        function: &str,
        connection: &Connection,
        arguments: Vec<Val>,
        options: CallOptions,
    ) -> Result<ActionResult, ExecutionError> {
        let mut parameters = vec![values::connection(connection)];
        parameters.extend(arguments);
        parameters.push(values::call_options(options));
        let (name, function) = (function, exports::find(self.instances.component(), interface, function));
        let work = async move |mut store: Store<State>, instances: InstancePre<State>| {
            let instance = instances.instantiate_async(&mut store).await?;
            let function = instance.get_func(&mut store, function?).ok_or(NotExported)?;
            let mut results = [Val::Bool(false)];
            function.call_async(&mut store, &parameters, &mut results).await?;
            let [result] = results;
            values::result(result).ok_or_else(|| wasmtime::format_err!("a result of another type than an action's"))
        };
        let (value, seen) = self.run(name, work).await?;
        Ok(ActionResult { value, usage: seen.usage(), may_have_left: seen.may_have_left() })
    }

    async fn call<P, T>(self, export: &'static str, parameters: P) -> Result<T, ExecutionError>
    where
        P: ComponentNamedList + Lower + Send + 'static,
        T: answer::Answer + Send + 'static,
        (Answer<T>,): ComponentNamedList + Lift,
    {
        let (exports, verbatim, result_bytes) = (self.exports.clone(), self.verbatim, self.sandbox.result_bytes());
        let work = async move |mut store: Store<State>, instances: InstancePre<State>| {
            let instance = instances.instantiate_async(&mut store).await?;
            let function = instance.get_typed_func::<P, (Answer<T>,)>(&mut store, exports.get(export)?)?;
            let (answer,) = function.call_async(&mut store, parameters).await?;
            Ok(answer)
        };
        let (mut answer, seen) = self.run(export, work).await?;
        Examiner::examine(&answer, result_bytes).map_err(|refused| {
            ExecutionError::Host(HostFailure::refused(refused, result_bytes, seen.may_have_left()))
        })?;
        if !verbatim {
            answer.correct(seen.usage());
        }
        Ok(answer)
    }

    /// Runs `work` in a fresh instance. With what it gave comes what was seen on the wire.
    async fn run<T, F>(
        self,
        export: &str,
        work: impl FnOnce(Store<State>, InstancePre<State>) -> F,
    ) -> Result<(T, Entries), ExecutionError>
    where
        T: Send + 'static,
        F: Future<Output = wasmtime::Result<Answer<T>>> + Send + 'static,
    {
        let Self { sandbox, instances, verbatim, .. } = self;
        let journal = sandbox.journal().clone();
        let run = sandbox.run(|store| work(store, instances));
        let answer = run.instrument(tracing::debug_span!("execution", export)).await.map_err(ExecutionError::Host)?;
        let seen = journal.close();
        match answer {
            Ok(value) => Ok((value, seen)),
            Err(error) if verbatim => Err(ExecutionError::Connector(error)),
            Err(error) => Err(ExecutionError::Connector(told::settled(error, &seen))),
        }
    }
}
