//! This program as a client of a running `harness serve`: the same commands, run as executions of the server.
//!
//! ```text
//! commands ── actions ────┐
//!          ├─ connections ┼── Server (which connection, which token) ── client ── HTTP
//!          ├─ executions  │                                              │
//!          ├─ webhook     │                                              │
//!          ├─ health      │                                              │
//!          └─ verify ─────┘                                          failure
//! ```
//!
//! The token comes from the environment or a file, and is sent to the server that was named, over TLS or on loopback.

mod actions;
mod client;
mod connections;
mod executions;
mod failure;
mod health;
mod login;
mod update;
mod verify;
mod webhook;

use std::path::{Path, PathBuf};

use clap::Args;
use salesforce_runtime::egress::{Origin, OriginError};
use salesforce_runtime::secret::Secret;
use serde::Deserialize;
use serde_json::value::RawValue;

use self::client::{Call, Client};
use super::failure::Failure;
use super::{App, input};

pub(crate) use actions::PageStream;
pub(crate) use connections::Connections;
pub(crate) use executions::Executions;
pub(crate) use failure::ServerFailure;
pub(crate) use health::Health;
pub(crate) use login::NewConnection;
pub(crate) use webhook::Webhook;

/// Names of the environment variables.
const SERVER: &str = "HARNESS_SERVER";
const TOKEN: &str = "HARNESS_TOKEN";
const DATA: &str = "HARNESS_DATA";

/// Options that lead to a server.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options for a server")]
pub(crate) struct ServerOptions {
    /// Run this at a server that `harness serve` started, e.g. http://127.0.0.1:8713, instead of in this program
    /// [env: HARNESS_SERVER]
    #[arg(long, global = true, value_name = "URL")]
    server: Option<String>,
    /// With a server: its connection [default: the only one that is active]
    #[arg(long, global = true, hide_short_help = true, value_name = "NAME_OR_ID")]
    connection_name: Option<String>,
    /// With a server: file with a token of it [default: what HARNESS_TOKEN holds; for a server on this machine
    /// tenant-token in its data directory]
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// A server, ready to be asked.
pub(crate) struct Server {
    client: Client,
    connection_name: Option<String>,
}

impl ServerOptions {
    /// The address of the server; none: this program does it.
    fn address(&self) -> Option<String> {
        let from_environment = || std::env::var(SERVER).ok();
        self.server.clone().or_else(from_environment).filter(|address| !address.is_empty())
    }

    /// Whether there is a server to ask.
    pub(crate) fn is_named(&self) -> bool {
        self.address().is_some()
    }

    /// The token: from the file that was named, else the environment, else the data directory of a server on this machine.
    fn token(&self, server: &Origin) -> Result<Secret, Failure> {
        if let Some(path) = &self.token_file {
            return token_of(path);
        }
        if let Some(token) = std::env::var(TOKEN).ok().filter(|token| !token.is_empty()) {
            return Ok(Secret::from(token.trim().to_owned()));
        }
        let missing = |tried: String| {
            let message =
                format!("no token for {server}: put one into {TOKEN}, or name its file with --token-file{tried}");
            Failure::from(ServerFailure::no_token(message))
        };
        // A token of this machine's server is nothing for another one.
        if !server.is_loopback() {
            return Err(missing(String::new()));
        }
        let data = std::env::var_os(DATA).map(PathBuf::from);
        let path = super::serve::data_directory(data.as_deref())?.join("tenant-token");
        token_of(&path).map_err(|_| missing(format!(" ({} cannot be read)", path.display())))
    }
}

impl Server {
    /// The server that the options name; none: this program does it.
    ///
    /// # Errors
    /// The address, the token, or the certificates of `--ca`.
    pub(crate) fn named(options: &ServerOptions, app: &App) -> Result<Option<Server>, Failure> {
        let Some(address) = options.address() else { return Ok(None) };
        let server = parsed(&address)?;
        let token = options.token(&server)?;
        let client = Client::new(server, &token, &app.extra_roots()?)?;
        Ok(Some(Server { client, connection_name: options.connection_name.clone() }))
    }

    /// Which connection of which server actions are for.
    ///
    /// # Errors
    /// The server, or it has no such connection.
    pub(crate) async fn org(&self) -> Result<String, Failure> {
        Ok(format!("connection {} of {}", self.connection().await?.id, self.client.server()))
    }

    /// Entries of a list of the server, as many as are there or `most`. `path` has a query already.
    async fn list(&self, path: &str, most: usize) -> Result<Vec<Box<RawValue>>, Failure> {
        #[derive(Deserialize)]
        struct Page {
            items: Vec<Box<RawValue>>,
            next: Option<String>,
        }
        let (mut items, mut after) = (Vec::new(), String::new());
        loop {
            let piece = format!("{path}&limit={}{after}", most.saturating_sub(items.len()).clamp(1, 200));
            let page: Page = self.read(Call::get(&piece)).await?;
            items.extend(page.items);
            match page.next {
                Some(next) if items.len() < most => after = format!("&after={}", query_value(&next)),
                _ => return Ok(items),
            }
        }
    }

    /// The JSON that a request is answered with.
    async fn read<T: serde::de::DeserializeOwned>(&self, call: Call<'_>) -> Result<T, Failure> {
        let effect = call.effect;
        let answer = self.client.call(call).await?;
        serde_json::from_str(&answer.body).map_err(|error| self.client.strange(&error, effect))
    }
}

/// The address of a server, as it was typed.
fn parsed(address: &str) -> Result<Origin, Failure> {
    let wrong = |error: OriginError| {
        Failure::Usage(format!(
            "--server, or {SERVER}: {}; expected the URL of a server, such as http://127.0.0.1:8713 on this machine or \
             https://workflow.example.com, without a path",
            error.reason()
        ))
    };
    address.parse().map_err(wrong)
}

fn token_of(path: &Path) -> Result<Secret, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::Local(format!("cannot read the token file {}: {error}", path.display()))
    };
    let text = input::text_bytes(path).map_err(|error| wrong(&error))?;
    let text = String::from_utf8(text).map_err(|_| wrong(&"expected UTF-8 text"))?;
    Ok(Secret::from(text.trim().to_owned()))
}

/// A text as the value of a query's parameter.
fn query_value(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
