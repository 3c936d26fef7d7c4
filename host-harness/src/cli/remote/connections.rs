//! The server's connections: which one is meant, and the commands around them.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Server;
use super::client::Call;
use super::failure::ServerFailure;
use super::update::Update;
use crate::cli::App;
use crate::cli::failure::{Effect, Failure};
use crate::cli::output::write_table;

/// List the connections of a server, or change one
///
/// Prints a JSON array of {"id":..,"name":..,"state":..,"username":..,"instance_url":..,...}; no token. Needs --server.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:\n  harness connections --server http://127.0.0.1:8713 --table\n  \
                        harness connections | jq -r '.[].name'    # with HARNESS_SERVER\n  \
                        harness connections update acme --client-secret-file new.txt")]
pub(crate) struct Connections {
    #[command(subcommand)]
    command: Option<ConnectionsCommand>,
    /// Print them as a table, for people
    #[arg(long, conflicts_with = "json")]
    table: bool,
}

#[derive(Debug, Subcommand)]
enum ConnectionsCommand {
    Update(Update),
}

/// What is needed of a connection.
#[derive(Debug, Deserialize)]
pub(super) struct Connection {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) login_url: String,
    pub(super) client_id: String,
    pub(super) generation: i64,
    pub(super) refusal: Option<Refusal>,
}

/// An authorization that failed.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Refusal {
    pub(super) reason: String,
    at: String,
}

#[derive(Serialize, Deserialize)]
struct Row {
    name: String,
    state: String,
    username: Option<String>,
    instance_url: Option<String>,
    id: String,
}

impl Connections {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let server = app.needed_server("connections")?;
        if let Some(ConnectionsCommand::Update(update)) = self.command {
            return app.output.write(&update.run(&server).await?);
        }
        let items = server.list("/v1/connections?", usize::MAX).await?;
        if self.table { write_table::<Row>(&items) } else { app.output.write(&items) }
    }
}

impl Connection {
    pub(super) fn is_active(&self) -> bool {
        self.state == "active"
    }
}

impl Server {
    /// The connection that is meant: the one that was named, else the only one that is active.
    ///
    /// # Errors
    /// There is none, or there are several; the message lists them.
    pub(super) async fn connection(&self) -> Result<Connection, Failure> {
        match &self.connection_name {
            Some(name) => self.connection_named(name).await,
            None => the_active_one(self.connections().await?),
        }
    }

    /// The connection of this name or id.
    ///
    /// # Errors
    /// There is none; the message lists those that there are.
    pub(super) async fn connection_named(&self, name: &str) -> Result<Connection, Failure> {
        named(self.connections().await?, name)
    }

    /// All of them.
    pub(super) async fn connections(&self) -> Result<Vec<Connection>, Failure> {
        let items = self.list("/v1/connections?", usize::MAX).await?;
        let connections = items.iter().map(|item| serde_json::from_str(item.get())).collect::<Result<_, _>>();
        connections.map_err(|error| self.client.strange(&error, Effect::Read))
    }

    /// Refreshes a connection's tokens; the connection as JSON.
    ///
    /// # Errors
    /// The problem that the server told.
    pub(crate) async fn refresh(&self, again: bool) -> Result<Box<RawValue>, Failure> {
        self.change("refresh", if again { r#"{"again":true}"# } else { "" }, Effect::Read).await
    }

    /// Revokes a connection's tokens; the connection as JSON.
    ///
    /// # Errors
    /// The problem that the server told.
    pub(crate) async fn revoke(&self) -> Result<Box<RawValue>, Failure> {
        self.change("revoke", "", Effect::Write).await
    }

    async fn change(&self, what: &str, body: &'static str, effect: Effect) -> Result<Box<RawValue>, Failure> {
        let path = format!("/v1/connections/{}/{what}", self.connection().await?.id);
        self.read(Call::post(&path, body, effect)).await
    }
}

fn named(connections: Vec<Connection>, name: &str) -> Result<Connection, Failure> {
    let said = match connections.as_slice() {
        [] => "it has none".to_owned(),
        some => format!("it has {}", list(some)),
    };
    let at = connections.iter().position(|connection| connection.id == name);
    let at = at.or_else(|| connections.iter().position(|connection| connection.name == name));
    at.and_then(|at| connections.into_iter().nth(at))
        .ok_or_else(|| Failure::Usage(format!("the server has no connection with the name or id {name}: {said}")))
}

fn the_active_one(connections: Vec<Connection>) -> Result<Connection, Failure> {
    let (mut active, others): (Vec<_>, Vec<_>) = connections.into_iter().partition(Connection::is_active);
    match (active.pop(), active.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            active.push(last);
            let said = list(&active);
            Err(Failure::Usage(format!("several connections are active: choose one with --connection-name: {said}")))
        }
        (None, _) if others.is_empty() => {
            Err(ServerFailure::no_connection("the server has no connection yet".to_owned()).into())
        }
        (None, _) => {
            let said = list(&others);
            Err(ServerFailure::no_connection(format!("no connection of the server is active: {said}")).into())
        }
    }
}

/// `ACME (active), Test (revoked)`.
fn list(connections: &[Connection]) -> String {
    let one = |connection: &Connection| format!("{} ({})", connection.name, connection.state);
    connections.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(id: &str, name: &str, state: &str) -> Connection {
        let [id, name, state] = [id, name, state].map(str::to_owned);
        let (login_url, client_id) = (String::new(), String::new());
        Connection { id, name, state, login_url, client_id, generation: 0, refusal: None }
    }

    #[test]
    fn the_only_active_connection_needs_no_name() {
        let two = || vec![connection("1", "A", "active"), connection("2", "B", "revoked")];
        assert_eq!(the_active_one(two()).unwrap().id, "1");
        assert_eq!(named(two(), "B").unwrap().id, "2");
        assert_eq!(named(two(), "1").unwrap().name, "A");
    }

    #[test]
    fn otherwise_they_are_listed() {
        let two = || vec![connection("1", "A", "active"), connection("2", "B", "active")];
        for failure in [the_active_one(two()).unwrap_err(), named(two(), "C").unwrap_err()] {
            assert!(format!("{failure:?}").contains("A (active), B (active)"), "{failure:?}");
        }
        let three = two().into_iter().chain([connection("3", "C", "revoked")]).collect();
        let several = format!("{:?}", the_active_one(three).unwrap_err());
        assert!(several.contains(": A (active), B (active)\""), "{several}");
        let revoked = the_active_one(vec![connection("1", "A", "revoked")]).unwrap_err();
        assert!(format!("{revoked:?}").contains("A (revoked)"), "{revoked:?}");
    }
}
