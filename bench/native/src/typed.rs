//! reqwest with `serde_json::Value`, the way most Rust programs talk to such an API.

use std::fs;
use std::hint::black_box;

use anyhow::{Context, Result, ensure};
use reqwest::Certificate;
use serde_json::Value;

use peer::{ALL, Org, Work, new_account, one_page};

/// reqwest, with its default pool.
pub(crate) struct Client {
    org: Org,
    client: reqwest::Client,
}

impl Client {
    /// One client for the whole program, as reqwest recommends.
    pub(crate) fn new(org: Org) -> Result<Self> {
        let mut client = reqwest::Client::builder().no_proxy();
        if let Some(ca) = &org.ca {
            let pem = fs::read(ca).with_context(|| format!("could not read {}", ca.display()))?;
            client = client.tls_certs_only(Certificate::from_pem_bundle(&pem)?);
        }
        Ok(Self { client: client.build()?, org })
    }

    /// Does the work once.
    pub(crate) async fn once(&self, work: Work) -> Result<()> {
        match work {
            Work::Create => self.create().await,
            Work::GetFields => self.get_fields().await,
            Work::Page => self.page().await,
            Work::Pages => self.pages().await,
            Work::Version => Ok(()),
        }
    }

    /// Creates a record and reads its id.
    async fn create(&self) -> Result<()> {
        let request = self.client.post(self.org.accounts()).bearer_auth(&self.org.token).json(&new_account());
        let answer: Value = request.send().await?.error_for_status()?.json().await?;
        let id = answer.get("id").and_then(Value::as_str).context("the answer to a create has no id")?;
        ensure!(matches!(id.len(), 15 | 18), "{id} is no id");
        Ok(())
    }

    /// Reads fields of a record, given back as an object.
    async fn get_fields(&self) -> Result<()> {
        let mut record = self.get(&self.org.account(), &[]).await?;
        if let Some(fields) = record.as_object_mut() {
            fields.remove("attributes");
        }
        ensure!(record.get("Name").is_some_and(Value::is_string), "the record has no Name");
        black_box(record.to_string());
        Ok(())
    }

    /// Reads one page and writes its records as text: what a connector has to hand over.
    async fn page(&self) -> Result<()> {
        let page = self.get(&self.org.query(), &[("q", &one_page())]).await?;
        ensure!(handed_over(&page)? > 0, "the page has no records");
        Ok(())
    }

    /// Reads page after page, each written as text and dropped.
    async fn pages(&self) -> Result<()> {
        let mut page = self.get(&self.org.query(), &[("q", ALL)]).await?;
        let mut records = handed_over(&page)?;
        while let Some(next) = page.get("nextRecordsUrl").and_then(Value::as_str) {
            let url = format!("{}{next}", self.org.url);
            // Before the next page is read, for two at once would count twice.
            drop(page);
            page = self.get(&url, &[]).await?;
            records += handed_over(&page)?;
        }
        let total = page.get("totalSize").and_then(Value::as_u64).context("the last page has no totalSize")?;
        ensure!(records as u64 == total, "{records} records came, but there are {total}");
        Ok(())
    }

    async fn get(&self, url: &str, query: &[(&str, &str)]) -> Result<Value> {
        let request = self.client.get(url).bearer_auth(&self.org.token).query(query);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}

/// Writes the records as text and counts them.
fn handed_over(page: &Value) -> Result<usize> {
    let records = page.get("records").context("the page has no records")?;
    black_box(records.to_string());
    Ok(records.as_array().context("records is no array")?.len())
}
