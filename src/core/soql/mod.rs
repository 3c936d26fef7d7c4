//! SOQL: binding values into a query, running it, and following its pages.

mod batch_size;
mod bind;
mod cursor;
mod literal;
mod moment;
mod number;
mod page;
mod pages;
mod query;

pub use batch_size::BatchSize;
pub(super) use bind::Binding;
pub use bind::{Argument, Parameter, bind};
pub use cursor::Cursor;
pub use literal::{LikeMatch, Value};
pub(super) use moment::datetime;
pub use page::{ChildCursor, Page};
pub use pages::{Pages, Records, Summary};
pub use query::{Query, explain, next_page, soql_query};
pub(super) use query::{first_page, read_first_page};
