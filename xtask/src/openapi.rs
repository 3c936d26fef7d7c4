//! `cargo xtask openapi`: the running API against its own description.
//!
//! Schemathesis makes requests from the OpenAPI document, good and bad ones, and holds every answer against it: no status,
//! content type, header or body that is not described, nothing wrong that is taken, and no 5xx.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::clients::installed;
use crate::failure::{Failure, Outcome, passed_on};
use crate::serve::program::Program;
use crate::workspace;

/// What a run may take, for each of the two tokens.
const PATIENCE: Duration = Duration::from_secs(240);
/// How often the run is looked after.
const LOOK: Duration = Duration::from_millis(200);
/// Cases an operation that are made at random, beside those that are made from every bound.
const CASES: &str = "10";
/// What ends the token that the cases are sent with. `hooks.py` keeps it from being revoked by its id.
const RENEWALS: [&str; 2] = ["renew_own_token", "renew_own_administrator_token"];

/// Builds what is needed, starts the server with an org beside it, and runs the cases with a tenant's token and with an
/// administrator's.
pub(crate) fn run(seed: u32) -> Outcome {
    let python = installed::python()?;
    let harness = workspace::harness()?;
    let sources = workspace::root().join("tests/openapi");
    let folder = workspace::target_folder("openapi")?;
    let interpreter =
        installed::python_packages(&python, &sources.join("requirements.txt"), &folder.join("schemathesis"))?;

    let data = folder.join("data");
    if data.exists() {
        fs::remove_dir_all(&data).map_err(Failure::io("delete the data of the run before"))?;
    }
    let mut serve = Command::new(&harness);
    serve.args(["serve", "--allow-loopback-orgs", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    // What it logs would hide the report.
    serve.stderr(fs::File::create(folder.join("server.log")).map_err(Failure::io("create the server's log"))?);
    let (_server, reach) = Program::start("the server", &mut serve)?;
    let text = |name: &str| {
        let told = reach.get(name).and_then(Value::as_str);
        told.ok_or_else(|| Failure::new(format!("the server did not tell its {name} when it was ready")))
    };
    let (url, callback) = (text("url")?, text("callback_url")?);
    let mut mock = Command::new(&harness);
    mock.args(["mock", "--listen", "127.0.0.1:0", "--callback-url", callback]);
    let (_org, org) = Program::start("the mock Salesforce", &mut mock)?;
    let connection = connected(&interpreter, &sources, url, &data, &org)?;

    let mut failed = Vec::new();
    for (whose, token, paths) in [
        ("a tenant's token", "tenant-token", ["--exclude-path-regex", "^/v1/(tenants|administrator)"]),
        ("an administrator's token", "admin-token", ["--include-path-regex", "^/v1/(tenants|administrator)"]),
    ] {
        println!("\nWith {whose}:");
        let token = fs::read_to_string(data.join(token)).map_err(Failure::io(format!("read {whose}")))?;
        let mut cases = Command::new(&interpreter);
        cases
            .args(["-m", "schemathesis.cli", "--config-file"])
            .arg(sources.join("schemathesis.toml"))
            .args(["run", "--no-color", "--continue-on-failure"])
            .args([
                "--seed",
                &seed.to_string(),
                "--max-examples",
                CASES,
                "--generation-database",
                "none",
                "--request-timeout",
                "20",
            ])
            .args(paths)
            .args(RENEWALS.iter().flat_map(|operation| ["--exclude-operation-id", operation]))
            .arg("--header")
            .arg(format!("Authorization: Bearer {}", token.trim()))
            .arg(format!("{url}/openapi.json"))
            .env("OPENAPI_TOKEN", token.trim())
            .env("OPENAPI_CONNECTION", &connection)
            .env("SCHEMATHESIS_HOOKS", "hooks")
            .env("PYTHONPATH", &sources)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(&folder);
        if !passed(&mut cases, whose)? {
            failed.push(whose);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the API did not answer as {url}/openapi.json says, with {}: each failure above has the request that shows it; the \
         same cases again: cargo xtask openapi --seed {seed}",
        failed.join(" and with ")
    )))
}

/// Connects the tenant to the mock, and tells the connection's id.
fn connected(interpreter: &Path, sources: &Path, url: &str, data: &Path, org: &Value) -> Outcome<String> {
    let token = fs::read_to_string(data.join("tenant-token")).map_err(Failure::io("read the tenant's token"))?;
    let output = Command::new(interpreter)
        .arg(sources.join("org.py"))
        .args([url, token.trim(), &org.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(Failure::io("start Python"))?;
    passed_on(output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether all cases passed. A run that does not end in time is ended.
fn passed(cases: &mut Command, whose: &str) -> Outcome<bool> {
    let mut child = cases.stdin(Stdio::null()).spawn().map_err(Failure::io("start Schemathesis"))?;
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(Failure::io("look after Schemathesis"))? {
            return Ok(status.success());
        }
        if begun.elapsed() > PATIENCE {
            // Both fail only when the process has ended already, and then there is nothing left to end.
            let _ = child.kill();
            let _ = child.wait();
            let seconds = PATIENCE.as_secs();
            return Err(Failure::new(format!("the cases with {whose} did not end within {seconds} seconds")));
        }
        thread::sleep(LOOK);
    }
}
