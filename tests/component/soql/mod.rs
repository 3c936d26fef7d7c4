//! SOQL query through the component.

mod binding;
mod paging;
mod refusals;
mod results;
