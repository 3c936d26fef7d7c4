//! A running instance. Its store stays in `run_concurrent` until the last stream has ended, for nothing moves outside of it, and
//! the sandbox's deadline is around all of that: inside, a timer may not be polled for as long as the component computes.

use std::pin::Pin;
use std::sync::Arc;

use salesforce_runtime::bindings::files::{FileTarget, Uploaded};
use salesforce_runtime::bindings::types::{self, CallOptions, Connection};
use salesforce_runtime::{Evidence, ExecutionError, HostFailure, Sandbox, State};
use tokio::io::AsyncRead;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;
use tracing::Instrument;
use wasmtime::Store;
use wasmtime::component::{
    Access, Accessor, AccessorTask, ComponentNamedList, ComponentType, FutureReader, Lift, Lower, StreamReader,
    TypedFunc,
};

use crate::Component;
use crate::bindings::{Downloaded, LoadSummary, LoadedJob, NewFile, NewIngestJob, Query, ResultSummary, Summary};
use crate::giver::{Given, give, give_bytes};
use crate::reading::{Blob, Jobs, Reading, Records, Rows};
use crate::taker::{Taker, ToldEnd};

type End<S> = Result<S, types::Error>;
/// What each function gives.
type Results<T, S> = ((StreamReader<T>, FutureReader<End<S>>),);
type QueryRecords = TypedFunc<(Connection, Query, CallOptions), Results<String, Summary>>;
type BulkResults = TypedFunc<(Connection, String, Option<u32>, CallOptions), Results<u8, ResultSummary>>;
type BulkLoad = TypedFunc<LoadParameters, Results<LoadedJob, LoadSummary>>;
type LoadParameters =
    (Connection, NewIngestJob, StreamReader<u8>, FutureReader<Result<(), ()>>, Option<u32>, CallOptions);
type Upload = TypedFunc<UploadParameters, (End<Uploaded>,)>;
type UploadParameters = (
    Connection,
    String,
    u64,
    StreamReader<u8>,
    FileTarget,
    Option<String>,
    Option<String>,
    Option<String>,
    CallOptions,
);
type Download = TypedFunc<(Connection, String, String, String, CallOptions), Results<u8, Downloaded>>;

/// Items that the host takes at once.
const RECORDS: usize = 64;
const BYTES: usize = 64 << 10;
const JOBS: usize = 1;

/// One instance of the component, and what may be called of it, any number of calls at once. It ends when it and all its
/// streams are dropped: what was sent is sent.
pub struct Instance {
    calls: mpsc::UnboundedSender<Call>,
    running: Arc<Running>,
}

/// The task of an instance, which ends with the last handle to it.
pub(crate) struct Running {
    task: AbortHandle,
    /// How it ended, if it did not come to its end: told once.
    failure: watch::Receiver<Option<HostFailure>>,
    evidence: Evidence,
}

/// The functions of an instance.
struct Functions {
    query_records: QueryRecords,
    bulk_results: BulkResults,
    bulk_load: BulkLoad,
    download: Download,
    upload: Upload,
}

/// A call that has not begun: how to begin it. `open` is dropped when its stream and its future have ended.
type Call = Box<dyn FnOnce(&Accessor<State>, &Functions, mpsc::Sender<()>) -> wasmtime::Result<()> + Send>;

/// What a function is called with, made when there is a store to make it in.
type Parameters<P> = Box<dyn FnOnce(Access<'_, State>) -> wasmtime::Result<P> + Send>;

/// A call, as a task beside the others.
struct Calling<P: 'static, T: 'static, S: 'static> {
    function: TypedFunc<P, Results<T, S>>,
    parameters: Parameters<P>,
    taker: Taker<T>,
    end: ToldEnd<End<S>>,
}

impl Instance {
    pub(crate) fn start(component: Component, mut sandbox: Sandbox) -> Self {
        let evidence = Evidence::default();
        sandbox.note(&evidence);
        let (calls, waiting) = mpsc::unbounded_channel();
        let (failed, failure) = watch::channel(None);
        let run = async move {
            let run = sandbox.run(|store| serve(component, store, waiting));
            if let Err(failure) = run.await {
                _ = failed.send(Some(failure));
            }
        };
        let task = tokio::spawn(run.instrument(tracing::debug_span!("streams"))).abort_handle();
        Self { calls, running: Arc::new(Running { task, failure, evidence }) }
    }

    /// `queries.query-records`: the records of all pages of a query, each as JSON text.
    pub fn query_records(&self, connection: Connection, query: Query, options: CallOptions) -> Records {
        self.call(known((connection, query, options)), |functions| functions.query_records, RECORDS)
    }

    /// `bulk.bulk-results`: the results of a query job from this cursor on, as one CSV file. `max_records` is how many rows the
    /// component asks for at once.
    pub fn bulk_results(
        &self,
        connection: Connection,
        cursor: &str,
        max_records: Option<u32>,
        options: CallOptions,
    ) -> Rows {
        let parameters = (connection, cursor.to_owned(), max_records, options);
        self.call(known(parameters), |functions| functions.bulk_results, BYTES)
    }

    /// `bulk.bulk-load`: loads CSV of any length, as many jobs of at most `job_bytes` as it takes. The data are read as fast as
    /// Salesforce takes them. They are whole if they end, and not if reading them fails: then the open job is aborted.
    pub fn bulk_load(
        &self,
        connection: Connection,
        job: NewIngestJob,
        data: impl AsyncRead + Send + 'static,
        job_bytes: Option<u32>,
        options: CallOptions,
    ) -> Jobs {
        let parameters = move |store: Access<'_, State>| {
            let (data, whole): Given = give(store, Box::pin(data))?;
            Ok((connection, job, data, whole, job_bytes, options))
        };
        self.call(Box::new(parameters), |functions| functions.bulk_load, JOBS)
    }

    /// `files.download`: a blob field of a record.
    pub fn download(&self, connection: Connection, object: &str, id: &str, field: &str, options: CallOptions) -> Blob {
        let parameters = (connection, object.to_owned(), id.to_owned(), field.to_owned(), options);
        self.call(known(parameters), |functions| functions.download, BYTES)
    }

    /// `files.upload`: uploads data of this size as a file. They are read as fast as Salesforce takes them. It goes on if nobody waits
    /// for it, until the instance is dropped.
    ///
    /// # Errors
    ///
    /// [`ExecutionError::Connector`] if the component says that nothing was uploaded, or that nobody knows; [`ExecutionError::Host`] if
    /// the instance ended before.
    pub async fn upload(
        &self,
        connection: Connection,
        file: NewFile,
        data: impl AsyncRead + Send + 'static,
        options: CallOptions,
    ) -> Result<Uploaded, ExecutionError> {
        let (told, answer) = oneshot::channel();
        let call = move |accessor: &Accessor<State>, functions: &Functions, open| {
            let upload =
                Uploading { function: functions.upload, connection, file, data: Box::pin(data), options, told, open };
            accessor.spawn(upload).map(drop)
        };
        // An instance that has ended says why in the place of an answer.
        _ = self.calls.send(Box::new(call));
        self.running.settle(answer.await.ok()).await
    }

    fn call<P, T, S>(
        &self,
        parameters: Parameters<P>,
        function: fn(&Functions) -> TypedFunc<P, Results<T, S>>,
        piece: usize,
    ) -> Reading<T, S>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        T: Lift + Send + Sync + 'static,
        S: ComponentType + Lift + Send + Sync + 'static,
    {
        let (taker, pieces) = Taker::new(piece);
        let (end, ended) = oneshot::channel();
        let call = move |accessor: &Accessor<State>, functions: &Functions, open| {
            let end = ToldEnd::new(end, open);
            accessor.spawn(Calling { function: function(functions), parameters, taker, end }).map(drop)
        };
        // An instance that has ended says why in the place of the stream's end.
        _ = self.calls.send(Box::new(call));
        Reading::new(pieces, ended, self.running.clone())
    }
}

/// An upload, as a task beside the calls that give streams.
struct Uploading {
    function: Upload,
    connection: Connection,
    file: NewFile,
    data: Pin<Box<dyn AsyncRead + Send>>,
    options: CallOptions,
    told: oneshot::Sender<End<Uploaded>>,
    open: mpsc::Sender<()>,
}

impl AccessorTask<State> for Uploading {
    async fn run(self, accessor: &Accessor<State>) -> wasmtime::Result<()> {
        let Self { function, connection, file, data, options, told, open } = self;
        let data = accessor.with(|store| give_bytes(store, data))?;
        let NewFile { name, size, target, title, content_type, fields } = file;
        let parameters = (connection, name, size, data, target, title, content_type, fields, options);
        let (end,) = function.call_concurrent(accessor, parameters).await?;
        // Nobody may wait for it any more.
        _ = told.send(end);
        drop(open);
        Ok(())
    }
}

/// Parameters that need no store.
fn known<P: Send + 'static>(parameters: P) -> Parameters<P> {
    Box::new(|_| Ok(parameters))
}

impl Running {
    /// Why there is no end of a stream.
    async fn failure(&self) -> HostFailure {
        let mut failure = self.failure.clone();
        let told = failure.wait_for(Option::is_some).await.ok().and_then(|failure| failure.clone());
        told.unwrap_or_else(|| HostFailure::breach("a stream without an end", self.evidence.requests() > 0))
    }

    /// How something ended of which the component has said this, if it has.
    pub(crate) async fn settle<S>(&self, told: Option<End<S>>) -> Result<S, ExecutionError> {
        match told {
            Some(end) => end.map_err(|error| ExecutionError::Connector(self.evidence.settle(error))),
            None => Err(ExecutionError::Host(self.failure().await)),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Makes the instance, begins calls as they come, and waits until all have ended.
async fn serve(
    component: Component,
    mut store: Store<State>,
    mut calls: mpsc::UnboundedReceiver<Call>,
) -> wasmtime::Result<()> {
    let instance = component.instances.instantiate_async(&mut store).await?;
    let functions = Functions {
        query_records: instance.get_typed_func(&mut store, component.exports.query_records)?,
        bulk_results: instance.get_typed_func(&mut store, component.exports.bulk_results)?,
        bulk_load: instance.get_typed_func(&mut store, component.exports.bulk_load)?,
        download: instance.get_typed_func(&mut store, component.exports.download)?,
        upload: instance.get_typed_func(&mut store, component.exports.upload)?,
    };
    let run = store.run_concurrent(async |accessor: &Accessor<State>| -> wasmtime::Result<()> {
        let (open, mut all) = mpsc::channel(1);
        while let Some(call) = calls.recv().await {
            call(accessor, &functions, open.clone())?;
        }
        drop(open);
        // Nothing is sent on it: it ends when nobody holds it.
        while all.recv().await.is_some() {}
        Ok(())
    });
    run.await?
}

impl<P, T, S> AccessorTask<State> for Calling<P, T, S>
where
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    T: Lift + Send + Sync + 'static,
    S: ComponentType + Lift + Send + Sync + 'static,
{
    async fn run(self, accessor: &Accessor<State>) -> wasmtime::Result<()> {
        let Self { function, parameters, taker, end } = self;
        let parameters = accessor.with(parameters)?;
        let ((stream, future),) = function.call_concurrent(accessor, parameters).await?;
        accessor.with(|mut store| {
            stream.pipe(&mut store, taker)?;
            future.pipe(&mut store, end)
        })
    }
}
