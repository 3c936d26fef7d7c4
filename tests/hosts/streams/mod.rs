//! The component with streams in other hosts: large results, whole or told not to be.

mod org;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use self::org::{Org, Written};
use super::expected::{Check, equal};
use super::middle::DELAY;
use super::program;
use super::wasmtime::CommandLine;
use super::wave;

/// All accounts of the mock, which the programs ask for in pages of 500.
const QUERY: &str = "SELECT Id, Name FROM Account";
const ACCOUNTS: usize = 2_086;
const PAGE: usize = 500;
const PAGES: usize = 5;
/// How often a page is asked for at most.
const ATTEMPTS: usize = 3;

/// Builds the component into a folder, as the package has it.
pub(crate) fn component(folder: &Path) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::create_dir_all(folder).unwrap();
    // Beside the programs of this build.
    let own = std::env::current_exe().unwrap();
    let target = own.ancestors().nth(3).unwrap().join(componentize::TARGET_FOLDER);
    let built = componentize::component(&workspace, componentize::STREAMS, &[], &target);
    let file = folder.join("streams.wasm");
    fs::write(&file, built.unwrap_or_else(|error| panic!("{error}"))).unwrap();
    file
}

/// Runs scripts: `large.mjs` of examples/node, which writes results to its standard output, and `leaves.mjs`, which leaves a result early
/// and then asks an org which its host does not allow.
pub(crate) fn checks(folder: &Path, harness: &Path, component: &Path, node: &Path, scripts: &[PathBuf]) -> Vec<Check> {
    let [large, leaves] = scripts else { panic!("expected two scripts") };
    let org = Org::start(folder, harness, component);
    let by_the_connector = org.by_the_connector(QUERY);
    let first_page: String = by_the_connector.split_inclusive('\n').take(PAGE).collect();
    let run = |script: &Path, arguments: &[&str]| org.run(&[node, script], arguments);
    let query = |soql| run(large, &["query", soql]);
    let mut checks = Vec::new();

    let before = org.requests();
    let written = query(QUERY);
    checks.push(equal("has as many records as the org", &written.text.lines().count(), &ACCOUNTS));
    checks.push(written.is("all records of a query, as the connector gives them", &by_the_connector, &whole()));
    checks.push(equal("a request for each page, and no other", &(org.requests() - before), &PAGES));

    org.break_pages(ATTEMPTS - 1);
    checks.push(query(QUERY).is("a page that breaks is asked for again", &by_the_connector, &whole()));
    org.break_pages(ATTEMPTS);
    checks.push(query(QUERY).is("a result that is cut is told", &first_page, &refused("interrupted", "unknown")));

    org.delay_a_query(DELAY);
    let no_such_field = query("SELECT NoSuchField FROM Account");
    checks.push(no_such_field.is(
        "an error, after 10.5 seconds: no such field",
        "",
        &refused("invalid-query", "rejected"),
    ));

    let job = org.job(QUERY);
    let rows = run(large, &["results", &job]);
    checks.push(equal("the rows of a bulk job, as one file", &rows.text.lines().count(), &(1 + ACCOUNTS)));
    let first_line: String = rows.text.split_inclusive('\n').take(1).collect();
    checks.push(equal("with its header once", &first_line, &"\"Id\",\"Name\"\n".to_owned()));
    checks.push(rows.ended("and its end", &json!({"count": ACCOUNTS})));

    let before = org.requests();
    let left = run(leaves, &[QUERY]);
    let denied = refused("denied-by-host", "not-sent");
    checks.push(left.ended("an error: an org that the host does not allow", denied.as_ref().unwrap_err()));
    checks.push(equal("a reader that leaves is followed by no page", &(org.requests() - before), &1));

    checks.extend(files(folder, &run, large));

    org.expire_sessions();
    checks.push(query(QUERY).is("an error: a session that has expired", "", &refused("session-expired", "rejected")));
    checks
}

/// Runs a script with its arguments.
type Run<'a> = dyn Fn(&Path, &[&str]) -> Written + 'a;

/// Bytes go up as a stream, and come down as one.
fn files(folder: &Path, run: &Run<'_>, large: &Path) -> Vec<Check> {
    let text: String = (0..100_000).map(|line| format!("{line}\n")).collect();
    let file = folder.join("numbers.txt");
    fs::write(&file, &text).unwrap();
    let uploaded = run(large, &["upload", file.to_str().unwrap()]);
    let version = uploaded.told["versionId"].as_str().unwrap_or_default();
    let downloaded = run(large, &["download", version]);
    vec![
        equal("a file goes up", &(uploaded.whole, version.len()), &(true, 18)),
        downloaded.is("and comes down as it was", &text, &Ok(json!({"count": text.len(), "totalSize": text.len()}))),
    ]
}

/// What the wasmtime command line makes of it: docs/HOSTS.md says the same.
pub(crate) fn of_the_command_line(
    folder: &Path,
    harness: &Path,
    component: &Path,
    wasmtime: &CommandLine,
) -> Vec<Check> {
    let org = Org::start(folder, harness, component);
    let stored: Value = serde_json::from_str(&fs::read_to_string(&org.connection).unwrap()).unwrap();
    let field = |name: &str| wave::text(stored[name].as_str().unwrap());
    let connection = format!("{{instance-url: {}, access-token: {}}}", field("instance_url"), field("access_token"));
    let query = format!("{{soql: {}, parameters: [], include-deleted: false}}", wave::text(QUERY));
    let call = format!("workflow:salesforce-streams/queries.query-records@0.1.0({connection}, {query}, {{:}})");
    let mut command = Command::new(&wasmtime.0);
    command.args(["run", "-W", "component-model-async", "-S", "p3,http", "--invoke", &call]).arg(component);
    let output = program::output(command).expect("run wasmtime");
    let complaint = String::from_utf8_lossy(&output.stderr);
    let cannot = complaint.contains("unsupported value type").then_some(()).ok_or_else(|| complaint.trim().to_owned());
    vec![
        ("makes the call, and has no text for a stream".to_owned(), cannot),
        equal("writes nothing that could be taken for a result", &output.stdout.len(), &0),
    ]
}

/// How a program ends: with the summary, or with the error.
type End = Result<Value, Value>;

fn whole() -> End {
    Ok(json!({"count": ACCOUNTS, "totalSize": ACCOUNTS}))
}

fn refused(kind: &str, outcome: &str) -> End {
    Err(json!({"kind": kind, "outcome": outcome}))
}

impl Written {
    /// Whether it wrote this text and ended so.
    fn is(&self, what: &str, text: &str, end: &End) -> Check {
        let (Ok(told) | Err(told)) = end;
        if self.text != text {
            let lines = (self.text.lines().count(), text.lines().count());
            return (
                what.to_owned(),
                Err(format!("{} lines in place of {}, or others: {}", lines.0, lines.1, self.complaint)),
            );
        }
        if self.whole != end.is_ok() {
            return (what.to_owned(), Err(format!("whole: {}: {}", self.whole, self.complaint)));
        }
        self.ended(what, told)
    }

    /// Whether it told this last; more is allowed in it.
    fn ended(&self, what: &str, told: &Value) -> Check {
        let holds = told.as_object().unwrap().iter().all(|(name, value)| self.told.get(name) == Some(value));
        (what.to_owned(), holds.then_some(()).ok_or_else(|| format!("expected {told}, but {}", self.complaint)))
    }
}
