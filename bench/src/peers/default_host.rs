//! Our component in the host that wasmtime's documentation leads to: all of WASI 0.2, and wasmtime's own `send_request`,
//! which opens a connection for each request. The pooling allocator and pre-linking are there; limits are not.

use anyhow::{Result, anyhow, bail};
use salesforce_runtime::bindings::records::{FieldValues, Saved};
use salesforce_runtime::bindings::soql::{Cursor, Page, Query};
use salesforce_runtime::bindings::types::Error as ConnectorError;
use salesforce_runtime::bindings::{Connector, ConnectorPre};
use salesforce_runtime::component;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView, default_hooks};

use super::host::{Arguments, Host, Paged, Ran, Read, page_by_page};
use crate::machine;

/// The component, linked.
pub(crate) struct DefaultHost {
    engine: Engine,
    connector: ConnectorPre<State>,
    arguments: Arguments,
}

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
}

impl DefaultHost {
    pub(crate) fn new(url: &str, token: &str) -> Result<Self> {
        Self::link(url, token).map_err(failed)
    }

    fn link(url: &str, token: &str) -> wasmtime::Result<Self> {
        let pool = PoolingAllocationConfig::new();
        let engine = Engine::new(Config::new().allocation_strategy(InstanceAllocationStrategy::Pooling(pool)))?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        let connector = linker.instantiate_pre(&Component::new(&engine, component::CONNECTOR)?)?;
        Ok(Self { connector: ConnectorPre::new(connector)?, engine, arguments: Arguments::new(url, token) })
    }

    async fn instance(&self) -> Result<(Store<State>, Connector)> {
        let state = State { table: ResourceTable::new(), wasi: WasiCtx::default(), http: WasiHttpCtx::new() };
        let mut store = Store::new(&self.engine, state);
        let connector = self.connector.instantiate_async(&mut store).await.map_err(failed)?;
        Ok((store, connector))
    }
}

fn failed(error: wasmtime::Error) -> anyhow::Error {
    anyhow!("{error:#}")
}

/// This host does not count memory.
fn ran<T>(answer: wasmtime::Result<Result<T, ConnectorError>>) -> Result<Ran<T>> {
    match answer.map_err(failed)? {
        Ok(result) => Ok(Ran { result, guest_memory: None }),
        Err(error) => bail!("{}", error.message),
    }
}

impl Host for DefaultHost {
    fn version(&self) -> String {
        format!("the same component in wasmtime {} as its documentation shows it", machine::wasmtime_version())
    }

    fn compile(&self, _threads: Option<usize>) -> Result<u64> {
        bail!("it compiles as the harness does")
    }

    fn load(&self) -> Result<()> {
        bail!("it has no cache of compiled code")
    }

    fn code_size(&self) -> Result<u64> {
        bail!("it has no cache of compiled code")
    }

    async fn instantiate(&self) -> Result<()> {
        self.instance().await.map(drop)
    }

    async fn create(&self) -> Result<Ran<Saved>> {
        let Arguments { connection, options, target, record, save, .. } = &self.arguments;
        let (mut store, connector) = self.instance().await?;
        let records = connector.workflow_salesforce_records();
        let call =
            records.call_create_or_update_record(&mut store, connection, "Account", target, record, save, *options);
        ran(call.await)
    }

    async fn fields(&self) -> Result<Ran<FieldValues>> {
        let Arguments { connection, options, key, fields, .. } = &self.arguments;
        let (mut store, connector) = self.instance().await?;
        let records = connector.workflow_salesforce_records();
        ran(records.call_get_record_field_values(&mut store, connection, "Account", key, fields, *options).await)
    }

    async fn read(&self, query: &Query) -> Result<Read> {
        page_by_page(self, query).await
    }
}

impl Paged for DefaultHost {
    async fn query(&self, query: &Query) -> Result<Ran<Page>> {
        let Arguments { connection, options, .. } = &self.arguments;
        let (mut store, connector) = self.instance().await?;
        ran(connector.workflow_salesforce_soql().call_soql_query(&mut store, connection, query, *options).await)
    }

    async fn next_page(&self, cursor: &Cursor) -> Result<Ran<Page>> {
        let Arguments { connection, options, .. } = &self.arguments;
        let (mut store, connector) = self.instance().await?;
        ran(connector.workflow_salesforce_soql().call_next_page(&mut store, connection, cursor, *options).await)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: default_hooks(), table: &mut self.table, ctx: &mut self.http }
    }
}
