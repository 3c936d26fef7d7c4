//! Texts from elsewhere, made fit for people: for a terminal, which obeys some characters, and for a page.
//!
//! - [`line()`], [`lines`]: a text without control and formatting characters; of several lines, with every caret in its place.
//! - [`own_words`]: the message of an error without Salesforce's words, which are shown below it line by line.
//! - [`json::readable`]: JSON text that every reader takes, for what becomes values.
//! - [`json::inert`]: JSON text with the same values that no terminal obeys.

pub mod json;
mod text;

pub use salesforce_runtime::text::line;
pub use text::{lines, own_words};
