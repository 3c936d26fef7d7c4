//! Our streams component in its host: the records of all pages come from one execution, as one stream.

use anyhow::{Result, bail};
use salesforce_runtime::bindings::records::{FieldValues, Saved};
use salesforce_runtime::bindings::soql::Query;
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{MemoryUse, RuntimeOptions};
use salesforce_streams::{COMPONENT, Component, Runtime};

use super::host::{Arguments, Host, Ran, Read};

/// The streams component in its runtime.
pub(crate) struct StreamsHost {
    component: Component,
    policy: EgressPolicy,
    arguments: Arguments,
}

impl StreamsHost {
    pub(crate) fn new(url: &str, token: &str) -> Result<Self> {
        let component = Runtime::new(RuntimeOptions::default())?.load(COMPONENT)?;
        let policy = EgressPolicy::origins([url.parse()?]).allow_loopback();
        Ok(Self { component, policy, arguments: Arguments::new(url, token) })
    }
}

impl Host for StreamsHost {
    fn version(&self) -> String {
        format!("component of {} bytes in salesforce-streams {}", COMPONENT.len(), env!("CARGO_PKG_VERSION"))
    }

    fn compile(&self, _threads: Option<usize>) -> Result<u64> {
        bail!("it is measured at reading alone")
    }

    fn load(&self) -> Result<()> {
        bail!("it is measured at reading alone")
    }

    fn code_size(&self) -> Result<u64> {
        bail!("it is measured at reading alone")
    }

    async fn instantiate(&self) -> Result<()> {
        bail!("it is measured at reading alone")
    }

    async fn create(&self) -> Result<Ran<Saved>> {
        bail!("it has no such action")
    }

    async fn fields(&self) -> Result<Ran<FieldValues>> {
        bail!("it has no such action")
    }

    async fn read(&self, query: &Query) -> Result<Read> {
        let Arguments { connection, options, .. } = &self.arguments;
        let memory = MemoryUse::default();
        let instance = self.component.execution(self.policy.clone()).reporting_memory(&memory).start();
        let mut stream = instance.query_records(connection.clone(), query.soql.as_str().into(), *options);
        let mut records = 0;
        while let Some(piece) = stream.next_piece().await {
            records += piece.len();
        }
        stream.finish().await?;
        Ok(Read { records, guest_memory: vec![memory.bytes()] })
    }
}
