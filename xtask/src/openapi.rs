//! `cargo xtask openapi`: the running API against its own description.
//!
//! Schemathesis makes requests from the OpenAPI document, good and bad ones, and holds every answer against it: no status,
//! content type, header or body that is not described, nothing wrong that is taken, and no 5xx.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};
use crate::serve::connected::Connected;
use crate::{built, installed, workspace};

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
    let harness = built::harness()?;
    let sources = workspace::root().join("tests/openapi");
    let folder = workspace::target_folder("openapi")?;
    let interpreter =
        installed::python_packages(&python, &sources.join("requirements.txt"), &folder.join("schemathesis"))?;

    let server = Connected::start(&harness, &python, &folder)?;
    let url = &server.url;

    let mut failed = Vec::new();
    for (whose, token, paths) in [
        ("a tenant's token", server.tenant_token()?, ["--exclude-path-regex", "^/v1/(tenants|administrator)"]),
        (
            "an administrator's token",
            server.administrator_token()?,
            ["--include-path-regex", "^/v1/(tenants|administrator)"],
        ),
    ] {
        println!("\nWith {whose}:");
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
            .arg(format!("Authorization: Bearer {token}"))
            .arg(format!("{url}/openapi.json"))
            .env("OPENAPI_TOKEN", &token)
            .env("OPENAPI_CONNECTION", &server.connection)
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
