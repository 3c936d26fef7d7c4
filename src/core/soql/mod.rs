//! SOQL: binding values into a query, running it, and following its pages.

mod bind;
mod cursor;
mod literal;
mod page;
mod query;

pub use bind::{Argument, Parameter, bind};
pub use cursor::Cursor;
pub use literal::{LikeMatch, Value};
pub use page::{ChildCursor, Page};
pub use query::{Query, explain, next_page, soql_query};
