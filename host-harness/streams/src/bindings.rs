//! The types of `wit/streams/`, but for those that it shares with the connector: [`salesforce_runtime::bindings`] has them.

use salesforce_runtime::bindings::soql::Parameter;
use salesforce_runtime::bindings::types::ApiUsage;
use wasmtime::component::{ComponentType, Lift, Lower};

/// A query. See `query` in `wit/streams/queries.wit`.
#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
pub struct Query {
    /// SOQL text, with placeholders.
    pub soql: String,
    /// A value for each placeholder.
    pub parameters: Vec<Parameter>,
    /// Also deleted and archived records.
    #[component(name = "include-deleted")]
    pub include_deleted: bool,
    /// Records a page, 200 to 2,000.
    #[component(name = "batch-size")]
    pub batch_size: Option<u16>,
}

/// What is known of a result once all of it was handed over. See `summary` in `wit/streams/queries.wit`.
#[derive(Clone, Copy, Debug, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Summary {
    /// How many records the stream had.
    pub count: u64,
    /// How many the query has, if Salesforce says.
    #[component(name = "total-size")]
    pub total_size: Option<u64>,
    /// Child sub-queries with more rows than their record holds.
    #[component(name = "cut-children")]
    pub cut_children: u64,
    /// Use of the org's API allowance.
    pub usage: Option<ApiUsage>,
}

/// What is known of a job's results once all of them were handed over. See `result-summary` in `wit/streams/bulk.wit`.
#[derive(Clone, Copy, Debug, ComponentType, Lift, Lower)]
#[component(record)]
pub struct ResultSummary {
    /// How many rows the stream had, without the header.
    pub count: u64,
    /// Use of the org's API allowance.
    pub usage: Option<ApiUsage>,
}

/// What is known of a blob once all of it was handed over. See `downloaded` in `wit/streams/files.wit`.
#[derive(Clone, Debug, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Downloaded {
    /// How many bytes the stream had.
    pub count: u64,
    /// How many the blob has, if the response said.
    #[component(name = "total-size")]
    pub total_size: Option<u64>,
    /// Value of `Content-Type`.
    #[component(name = "content-type")]
    pub content_type: Option<String>,
    /// Use of the org's API allowance.
    pub usage: Option<ApiUsage>,
}

impl From<&str> for Query {
    /// Without placeholders, options or deleted records.
    fn from(soql: &str) -> Self {
        Self { soql: soql.to_owned(), parameters: Vec::new(), include_deleted: false, batch_size: None }
    }
}
