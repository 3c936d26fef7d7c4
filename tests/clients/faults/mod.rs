//! `cargo xtask clients --faults`: third-party clients and ours through the same faults, side by side.
//!
//! A scripted server (`tests/clients/faults`) plays each fault to each client and notes what arrives; each client tells
//! what its caller saw. No row is right or wrong for the others: only ours must keep its promises.

mod ours;
mod rows;
mod server;
mod table;

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::Client;
use rows::{ROWS, Row};
use server::FaultServer;
use table::{Cell, Table};

/// What a client's caller saw of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Result(String),
    Error(String),
    /// The script said nothing of this row.
    Nothing,
}

/// Takes every client through every row and prints what each did. The certificate and our connections go to `folder`.
pub(crate) fn run(harness: &Path, jsforce: &Client, simple_salesforce: &Client, folder: &Path) -> ExitCode {
    std::fs::create_dir_all(folder).unwrap();
    // The certificate takes a package that simple-salesforce brings.
    let mut server = FaultServer::start(&simple_salesforce.interpreter, folder);
    let mut told = vec![("ours", "this connector", ours::all_told(harness, &server, folder))];
    for client in [jsforce, simple_salesforce] {
        told.push((client.name, client.title, all_told(client, &server)));
    }
    let log = server.log();

    let cells = |row: &Row| {
        let cell = |(name, title, told): &(&str, &'static str, HashMap<String, Told>)| Cell {
            client: title,
            told: told.get(row.name).cloned().unwrap_or(Told::Nothing),
            arrived: log.of(name, row.name),
        };
        told.iter().map(cell).collect()
    };
    let table = Table { rows: ROWS.iter().map(|row| (row, cells(row))).collect() };
    println!("{table}");
    let broken = table.broken();
    if broken.is_empty() {
        println!("\nIn all {} rows this connector kept its promises.", ROWS.len());
        return ExitCode::SUCCESS;
    }
    println!("\nThis connector broke promises:\n  {}", broken.join("\n  "));
    ExitCode::FAILURE
}

/// What the script of a client tells of all rows.
fn all_told(client: &Client, server: &FaultServer) -> HashMap<String, Told> {
    let rows: Vec<_> = ROWS.iter().map(|row| json!({"name": row.name, "action": row.action.name()})).collect();
    let mut script = client.script("faults");
    script.env("FAULTS", server.ready_line()).env("ROWS", serde_json::Value::from(rows).to_string());
    let output = script.env("NODE_EXTRA_CA_CERTS", server.ca_file()).output().expect("start the client");
    let text = String::from_utf8_lossy(&output.stdout);
    let told: HashMap<_, _> = text.lines().filter_map(line).collect();
    assert!(!told.is_empty(), "{} told nothing of any row ({})", client.name, output.status);
    told
}

/// `ROW<TAB>result<TAB>WHAT` or `ROW<TAB>error<TAB>WHY`.
fn line(line: &str) -> Option<(String, Told)> {
    let mut parts = line.splitn(3, '\t');
    let (row, kind, what) = (parts.next()?, parts.next()?, parts.next()?.to_owned());
    let told = match kind {
        "result" => Told::Result(what),
        "error" => Told::Error(what),
        _ => return None,
    };
    Some((row.to_owned(), told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_script_are_told_from_noise() {
        assert_eq!(line("digits\tresult\t1\t2"), Some(("digits".into(), Told::Result("1\t2".into()))));
        assert_eq!(line("digits\terror\tX: y"), Some(("digits".into(), Told::Error("X: y".into()))));
        assert_eq!(line("some noise"), None);
        assert_eq!(line("digits\tnoise\tx"), None);
    }
}
