//! Several requests in one: `composite` in order, `graph` as graphs of records that are saved together or not at all.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm> and
//! `resources_composite_graph.htm` beside it.
//!
//! ```text
//! Action --Parts::push--> Part (method, path, body, what is expected) --write--> one request
//! one answer --answer::read--> an answer for each part --> a result for each part, by the readers of `records` and `soql`
//! ```

mod action;
mod answer;
mod call;
mod halted;
mod parts;
mod reference;

pub use action::{Action, ReferringField, Which};
pub use answer::Gave;
pub use call::{Composed, Graph, GraphResult, Graphs, composite, graph};
pub use parts::Parts;
pub use reference::Reference;

#[cfg(test)]
mod tests;
