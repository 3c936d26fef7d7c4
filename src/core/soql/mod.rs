//! SOQL: binding values into a query, running it, and following its pages.

mod batch_size;
mod bind;
mod cursor;
mod literal;
mod moment;
mod number;
mod page;
mod query;

pub use batch_size::BatchSize;
pub use bind::{Argument, Parameter, bind};
pub use cursor::Cursor;
pub use literal::{LikeMatch, Value};
pub use page::{ChildCursor, Page};
pub(in crate::core) use query::first_page;
pub use query::{Query, explain, next_page, soql_query};
