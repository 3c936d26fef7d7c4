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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_for_agents_names_the_clients_that_are_run() {
        let read = |file: &str| fs::read_to_string(workspace::root().join(file)).unwrap();
        let (page, package) = (read("docs/AGENTS.md"), read("tests/mcp/package.json"));
        let package: serde_json::Value = serde_json::from_str(&package).unwrap();
        for (name, version) in package["dependencies"].as_object().unwrap() {
            let named = format!("`{name}` {}", version.as_str().unwrap());
            assert!(page.contains(&named), "docs/AGENTS.md lacks {named}");
        }
    }
}
