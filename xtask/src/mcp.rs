//! `cargo xtask mcp`: the official clients of the Model Context Protocol against `harness mcp` and a server.

use std::fs;
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome};
use crate::installed::{node, node_packages, python};
use crate::serve::connected::Connected;
use crate::{built, workspace};

/// Starts a server with an org beside it, and runs the clients that the pins name.
pub(crate) fn run() -> Outcome {
    let (node, python) = (node()?, python()?);
    let harness = built::harness()?;
    let sources = workspace::root().join("tests/mcp");
    let folder = workspace::target_folder("mcp")?;
    let packages = folder.join("clients");
    node_packages(&sources, &packages)?;
    // Node.js looks for packages beside the file.
    let test = "agents.test.js";
    fs::copy(sources.join(test), packages.join(test)).map_err(Failure::io(format!("copy {test}")))?;

    let server = Connected::start(&harness, &python, &folder)?;
    let mut clients = Command::new(node);
    clients
        .args(["--test", test])
        .current_dir(&packages)
        .stdin(Stdio::null())
        .env("HARNESS", &harness)
        .env("MCP_URL", &server.url)
        .env("MCP_TOKEN", server.tenant_token()?);
    workspace::run(&mut clients)
}
