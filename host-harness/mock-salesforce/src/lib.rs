//! A Salesforce org in memory behind real sockets: OAuth, REST and SOQL, for tests and demonstrations.

pub mod api_error;
pub mod org;
pub mod soql;

pub use api_error::ApiError;
