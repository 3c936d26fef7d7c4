//! Changes by polling: which records were changed or deleted in a span of time, and new versions of records as they come.

mod answer;
mod filter;
mod poll;
mod position;
mod request;
mod span;

pub use filter::Filter;
pub use poll::{Changes, changed_records};
pub use position::Position;
pub use request::Request;
pub use span::{DeletedRecords, Span, UpdatedRecords, deleted_records, updated_records};
