//! Calls of the plugin.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use extism::convert::Json;
use extism::{CompiledPlugin, FromBytesOwned, Manifest, Plugin, PluginBuilder, Wasm};
use peer::{ALL, Org, Work, new_account, one_page};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Linear memory that an instance may have, in pages of 64 KiB: 64 MiB, as ours.
const MEMORY_PAGES: u32 = 1_024;
/// How long a call may take, as ours.
const TIMEOUT: Duration = Duration::from_secs(90);

/// The plugin, compiled.
pub(crate) struct Calls {
    compiled: CompiledPlugin,
    connection: Value,
}

/// One page of a query. Its records stay the text that a caller passes on.
#[derive(Deserialize)]
struct Page {
    count: usize,
    next: Option<String>,
    records: Box<RawValue>,
}

impl Calls {
    /// Compiles it for this organisation: it is the one host that the plugin may ask.
    pub(crate) fn compile(plugin: &Path, org: Org) -> Result<Self> {
        let Some(host) = org.url.strip_prefix("http://").and_then(|rest| rest.rsplit_once(':')) else {
            bail!("expected http://HOST:PORT, got {}: this peer speaks plain HTTP", org.url)
        };
        let bytes = fs::read(plugin).with_context(|| format!("cannot read {}", plugin.display()))?;
        let manifest = Manifest::new([Wasm::data(bytes)])
            .with_allowed_host(host.0)
            .with_memory_max(MEMORY_PAGES)
            .with_timeout(TIMEOUT);
        // Compiled code on disk would make the first start faster and no call.
        let compiled = PluginBuilder::new(manifest).with_cache_disabled().compile()?;
        Ok(Self { compiled, connection: json!({"url": org.url, "token": org.token}) })
    }

    /// Does the work once.
    pub(crate) fn once(&self, work: Work) -> Result<()> {
        match work {
            Work::Create => self.create(),
            Work::GetFields => self.get_fields(),
            Work::Page => self.page(),
            Work::Pages => self.pages(),
            Work::Version => Ok(()),
        }
    }

    fn create(&self) -> Result<()> {
        let id: String = self.call("create", json!({"object": "Account", "record": new_account()}))?;
        ensure!(matches!(id.len(), 15 | 18), "{id} is no id");
        Ok(())
    }

    fn get_fields(&self) -> Result<()> {
        let fields = ["Id", "Name", "Industry", "Phone", "AnnualRevenue"];
        let record: String =
            self.call("get_fields", json!({"object": "Account", "id": "001Kp00000AbCdEIAV", "fields": fields}))?;
        ensure!(record.starts_with('{'), "no fields: {record}");
        Ok(())
    }

    fn page(&self) -> Result<()> {
        let page = self.query(&one_page())?;
        ensure!(page.count > 0 && page.next.is_none(), "a page of {}", page.count);
        black_box(page.records);
        Ok(())
    }

    /// All pages of a query, each in an instance of its own and dropped when it has come.
    fn pages(&self) -> Result<()> {
        let mut page = self.query(ALL)?;
        let mut records = page.count;
        while let Some(next) = page.next.take() {
            drop(page);
            page = self.call::<Json<Page>>("next_page", json!({"next": next}))?.0;
            records += page.count;
        }
        ensure!(records == 100_000, "expected 100,000 records, got {records}");
        Ok(())
    }

    fn query(&self, soql: &str) -> Result<Page> {
        Ok(self.call::<Json<Page>>("query", json!({"soql": soql}))?.0)
    }

    /// One call in an instance of its own.
    fn call<T: FromBytesOwned>(&self, function: &str, mut arguments: Value) -> Result<T> {
        if let Some(arguments) = arguments.as_object_mut() {
            arguments.insert("connection".to_owned(), self.connection.clone());
        }
        Plugin::new_from_compiled(&self.compiled)?.call(function, arguments.to_string())
    }
}
