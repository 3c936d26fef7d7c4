//! The types of `wit/streams/`, but for those that it shares with the connector: [`salesforce_runtime::bindings`] has them.

use salesforce_runtime::bindings::files::FileTarget;
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

/// A job to make. See `new-ingest-job` in `wit/streams/bulk.wit`.
#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
pub struct NewIngestJob {
    /// API name of the object.
    pub object: String,
    /// What becomes of the rows.
    pub operation: IngestOperation,
    /// The Id of an assignment rule.
    #[component(name = "assignment-rule-id")]
    pub assignment_rule_id: Option<String>,
    /// None: [`LineEnding::Lf`].
    #[component(name = "line-ending")]
    pub line_ending: Option<LineEnding>,
    /// None: [`ColumnDelimiter::Comma`].
    #[component(name = "column-delimiter")]
    pub column_delimiter: Option<ColumnDelimiter>,
}

/// What a job does with its rows. See `ingest-operation` in `wit/streams/bulk.wit`.
#[derive(Clone, Debug, ComponentType, Lower)]
#[component(variant)]
#[expect(missing_docs, reason = "each case is documented once, in wit/streams/bulk.wit")]
pub enum IngestOperation {
    #[component(name = "insert")]
    Insert,
    #[component(name = "update")]
    Update,
    #[component(name = "upsert")]
    Upsert(String),
    #[component(name = "delete")]
    Delete,
    #[component(name = "hard-delete")]
    HardDelete,
}

/// What ends the lines of the data. See `line-ending` in `wit/streams/bulk.wit`.
#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
#[expect(missing_docs, reason = "each case is documented once, in wit/streams/bulk.wit")]
pub enum LineEnding {
    #[component(name = "lf")]
    Lf,
    #[component(name = "crlf")]
    Crlf,
}

/// What separates the columns of the data. See `column-delimiter` in `wit/streams/bulk.wit`.
#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
#[expect(missing_docs, reason = "each case is documented once, in wit/streams/bulk.wit")]
pub enum ColumnDelimiter {
    #[component(name = "comma")]
    Comma,
    #[component(name = "tab")]
    Tab,
    #[component(name = "pipe")]
    Pipe,
    #[component(name = "semicolon")]
    Semicolon,
    #[component(name = "caret")]
    Caret,
    #[component(name = "backquote")]
    Backquote,
}

/// A job that has its data and was closed. See `loaded-job` in `wit/streams/bulk.wit`.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct LoadedJob {
    /// The job's id; 18 characters.
    #[component(name = "job-id")]
    pub job_id: String,
    /// Its rows.
    pub rows: u64,
    /// Bytes of its data.
    pub bytes: u64,
}

/// What was loaded, once all of it was. See `load-summary` in `wit/streams/bulk.wit`.
#[derive(Clone, Copy, Debug, ComponentType, Lift, Lower)]
#[component(record)]
pub struct LoadSummary {
    /// How many jobs were made and closed.
    pub jobs: u64,
    /// Rows of all of them.
    pub rows: u64,
    /// Use of the org's API allowance.
    pub usage: Option<ApiUsage>,
}

/// A file to upload. See `upload` in `wit/streams/files.wit`.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// The name, with its extension.
    pub name: String,
    /// How many bytes the data have.
    pub size: u64,
    /// What becomes of the bytes.
    pub target: FileTarget,
    /// What people see. None: the name without its extension.
    pub title: Option<String>,
    /// The type of the content. None: `application/octet-stream`.
    pub content_type: Option<String>,
    /// A JSON object of further fields of the ContentVersion.
    pub fields: Option<String>,
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

impl NewIngestJob {
    /// With an object and an operation, and the rest as Salesforce has it.
    #[must_use]
    pub fn new(object: &str, operation: IngestOperation) -> Self {
        Self {
            object: object.to_owned(),
            operation,
            assignment_rule_id: None,
            line_ending: None,
            column_delimiter: None,
        }
    }
}

impl NewFile {
    /// With a name and a size, on nothing, and the rest as Salesforce has it.
    #[must_use]
    pub fn new(name: &str, size: u64) -> Self {
        Self {
            name: name.to_owned(),
            size,
            target: FileTarget::Unlinked,
            title: None,
            content_type: None,
            fields: None,
        }
    }
}
