//! A client that has started this process: a message a line on standard input and output.

use std::io;
use std::sync::Arc;

use rmcp::service::{ServerInitializeError, serve_server};
use rmcp::transport::stdio_pipes;

use crate::agent::Agent;
use crate::host::Host;

/// Serves until standard input ends. Nothing else may write to standard output meanwhile.
///
/// # Errors
/// The first message is none of the protocol, or an answer cannot be written.
pub async fn serve_stdio<H: Host>(host: H) -> io::Result<()> {
    let serving = match serve_server(Agent(Arc::new(host)), stdio_pipes()).await {
        Ok(serving) => serving,
        // A client that leaves before it has begun is no failure.
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => return Ok(()),
        Err(ServerInitializeError::TransportError { error, .. }) => return Err(io::Error::other(error)),
        Err(_) => {
            let words =
                "expected a client of the Model Context Protocol on standard input: its first message is `initialize`";
            return Err(io::Error::new(io::ErrorKind::InvalidData, words));
        }
    };
    serving.waiting().await.map(|_| ()).map_err(io::Error::other)
}
