//! sObject Collections: up to 200 records written, or 2,000 read, in one request.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm>
//!
//! ```text
//! arguments ──batch──► Batch ──write──► request ──► answer ──result──► one result for each record
//!           InvalidArgument                 no answer that fits: one error for all
//! ```

mod batch;
mod get;
mod result;
mod write;

pub use batch::{Batch, Given, Work};
pub use get::{Found, get, parse_ids};
pub use result::Written;
pub use write::{Results, write};

#[cfg(test)]
mod tests;
