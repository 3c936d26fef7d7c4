//! The tool that tells which connections there are.

use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;

/// The connections that a call can name.
#[derive(Debug, Default, Serialize)]
pub struct Connections {
    /// In the order in which they were made.
    pub connections: Vec<ConnectionItem>,
    /// There are others beside these.
    pub more: bool,
}

/// A connection as agents see it.
#[derive(Debug, Serialize)]
pub struct ConnectionItem {
    /// What calls name it by.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `active`: calls can use it.
    pub state: String,
    /// The user at Salesforce whom calls act for.
    pub username: Option<String>,
    /// The org.
    pub instance_url: Option<String>,
}

impl Connections {
    pub(crate) fn result(&self) -> CallToolResult {
        // Texts and booleans alone: this cannot fail.
        CallToolResult::success(vec![ContentBlock::text(serde_json::to_string(self).unwrap_or_default())])
    }
}
