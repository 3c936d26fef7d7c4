//! The protocol's requests, answered with a host.

use std::sync::Arc;

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CustomRequest, CustomResult, ErrorCode, ErrorData,
    Implementation, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};
use tokio_util::sync::CancellationToken;

use crate::answer::{answer, refused};
use crate::arguments;
use crate::host::{Ended, Host, Ran, Refusal};
use crate::texts::instructions;
use crate::tools::{LIST_CONNECTIONS, Place};
use salesforce_actions::Effect;

/// Serves the tools of a host.
pub(crate) struct Agent<H>(pub(crate) Arc<H>);

impl<H: Host> ServerHandler for Agent<H> {
    fn get_info(&self) -> ServerConfig {
        let tools = self.0.tools();
        let this = Implementation::new("salesforce-connector", env!("CARGO_PKG_VERSION")).with_title("Salesforce");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(this)
            .with_instructions(instructions(tools.writes, tools.how_to_write))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.0.tools().listed()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.call(request, context.ct).await.map(CallToolResponse::from)
    }

    /// A request of no known form is one of these, too.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        if request.method == "tools/call" {
            let expected = "tools/call: expected params with `name`, a text, and `arguments`, an object";
            return Err(ErrorData::invalid_params(expected, None));
        }
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "there is no such method", None))
    }
}

impl<H: Host> Agent<H> {
    async fn call(
        &self,
        request: CallToolRequestParams,
        cancelled: CancellationToken,
    ) -> Result<CallToolResult, ErrorData> {
        let tools = self.0.tools();
        let arguments = request.arguments.unwrap_or_default();
        if tools.place == Place::Server && request.name == LIST_CONNECTIONS {
            let listing = self.0.connections().await;
            return Ok(listing.map_or_else(|refusal| refused(&refusal), |connections| connections.result()));
        }
        let Some(entry) = tools.named(&request.name) else {
            let expected = format!("there is no such tool; expected one of {}", tools.names().join(", "));
            return Err(ErrorData::invalid_params(expected, None));
        };
        if entry.effect == Effect::Writes && !tools.writes {
            return Ok(refused(&Refusal {
                kind: "writes-switched-off".to_owned(),
                message: format!("{} writes, and agents may only read here", entry.tool.name),
                retryable: false,
                retry_after_ms: None,
                advice: format!("Tell the user. {}", tools.how_to_write),
            }));
        }
        let call = match arguments::parse(entry, arguments) {
            Ok(call) => call,
            Err(refusal) => return Ok(refused(&refusal)),
        };
        let ran = tokio::select! {
            biased;
            ran = self.0.run(call, cancelled.clone()) => ran,
            // Nobody reads the answer any more.
            () = cancelled.cancelled() => Ran { ended: Ended::Cancelled, execution: None, replayed: false },
        };
        Ok(answer(entry, ran))
    }
}
