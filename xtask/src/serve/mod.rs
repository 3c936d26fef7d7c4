//! `cargo xtask serve`: the server with a Salesforce in memory beside it, and what to type into a browser.

pub(crate) mod connected;
pub(crate) mod program;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::{built, workspace};
use program::{Interrupts, Program, watch};

/// Where both are found unless somebody else is there.
const SERVER_PORT: u16 = 8713;
const MOCK_PORT: u16 = 8080;

/// Builds what is needed and runs both until Ctrl-C, or until one of them ends.
pub(crate) fn run(fresh: bool, arguments: &[String]) -> Outcome {
    let harness = built::harness()?;
    let data = workspace::target_folder("serve")?;
    if fresh {
        delete(&data)?;
    }
    let interrupts = Interrupts::listen()?;

    let mut command = Command::new(&harness);
    command.args(["serve", "--allow-loopback-orgs", "--data"]).arg(&data);
    if !arguments.iter().any(|argument| argument.starts_with("--listen")) {
        command.args(["--listen", &address("the server", SERVER_PORT)]);
    }
    let (server, reach) = Program::start("the server", command.args(arguments))?;
    let callback = text(&reach, "callback_url")?;
    let mut command = Command::new(&harness);
    command.args(["mock", "--listen", &address("the mock Salesforce", MOCK_PORT), "--callback-url", callback]);
    let (mock, org) = Program::start("the mock Salesforce", &mut command)?;
    println!("{}", told(&reach, &org, &harness, &data)?);
    watch(server, mock, &interrupts)
}

/// The address on loopback to listen on: the usual port, or any if that is taken.
fn address(who: &str, port: u16) -> String {
    let is_free = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    if !is_free {
        eprintln!("Port {port} is taken, so {who} listens on another one.");
    }
    format!("127.0.0.1:{}", if is_free { port } else { 0 })
}

fn delete(data: &Path) -> Outcome {
    match fs::remove_dir_all(data) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::io("delete the old data")(error)),
        _ => Ok(()),
    }
}

/// What a person needs to know of both.
fn told(reach: &Value, org: &Value, harness: &Path, data: &Path) -> Outcome<String> {
    let (harness, token) = (harness.display(), data.join("tenant-token"));
    let (url, token) = (text(reach, "url")?, token.display());
    let [login_url, client_id, client_secret, username, password] =
        ["url", "client_id", "client_secret", "username", "password"].map(|name| text(org, name));
    let (login_url, client_id, client_secret) = (login_url?, client_id?, client_secret?);
    Ok(format!(
        "
The server is at {url}  (Ctrl-C ends it and the mock Salesforce)
  log in to the console with the token in
    {token}

For a connection to the mock Salesforce:
  login URL      {login_url}
  client id      {client_id}
  client secret  {client_secret}
  user           {}
  password       {}

The same from another terminal, and then a query:
  export HARNESS_SERVER={url} HARNESS_DATA='{}'
  SALESFORCE_CLIENT_SECRET={client_secret} {harness} login --login-url {login_url} --client-id {client_id}
  {harness} soql-query 'SELECT Id, Name FROM Account LIMIT 5' --table
",
        username?,
        password?,
        data.display()
    ))
}

fn text<'a>(ready_line: &'a Value, name: &str) -> Outcome<&'a str> {
    let missing = || Failure::new(format!("the harness did not tell its {name} when it was ready"));
    ready_line.get(name).and_then(Value::as_str).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_port_that_is_taken_is_left_alone() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(address("the server", taken.local_addr().unwrap().port()), "127.0.0.1:0");
    }

    #[test]
    fn what_is_told_is_what_a_connection_needs() {
        let reach = json!({"url": "http://127.0.0.1:1", "callback_url": "c"});
        let org = json!({"url": "http://127.0.0.1:2", "client_id": "app", "client_secret": "hush",
                         "username": "u@example.org", "password": "pw"});
        let (harness, data) = (Path::new("target/debug/harness"), Path::new("target/serve"));
        let text = told(&reach, &org, harness, data).unwrap();
        for part in [
            "at http://127.0.0.1:1",
            "target/serve/tenant-token",
            "http://127.0.0.1:2",
            "app",
            "hush",
            "u@example.org",
            "pw",
            "export HARNESS_SERVER=http://127.0.0.1:1",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let failure = told(&reach, &json!({}), harness, data).unwrap_err();
        assert!(failure.message().unwrap().contains("did not tell its url"));
    }
}
