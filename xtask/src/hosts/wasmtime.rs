//! The wasmtime command line as a host: every call is a process, and xtask is the runtime around it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::expected::Told;
use super::stage::Stage;
use super::wave;
use crate::failure::{Failure, Outcome, passed_on};
use crate::workspace;

pub(super) const TITLE: &str = "The wasmtime command line 48.0.8";
const VERSION: &str = "48.0.8";
/// What `wasmtime run --invoke` takes for a component with HTTP, and nothing else.
const FEATURES: &str = "run,component-model,wasi-http,cranelift";

/// As in `examples/`.
const OPTIONS: &str = "{deadline-ms: some(12000)}";

/// The installed program.
#[derive(Debug)]
pub(super) struct CommandLine(PathBuf);

/// One host's work on a stage.
struct Work<'a> {
    wasmtime: &'a CommandLine,
    stage: &'a Stage,
    stored: Value,
    lines: Vec<Value>,
}

/// What a call gave: `Err` is the component's own error.
type Answer = Result<Value, Value>;

impl CommandLine {
    /// Builds it into cargo's target directory unless it is there.
    pub(super) fn install() -> Outcome<CommandLine> {
        let folder = workspace::target_folder("hosts/wasmtime/program")?;
        let program = folder.join("bin").join(format!("wasmtime{}", std::env::consts::EXE_SUFFIX));
        let version = Command::new(&program).arg("--version").output();
        if version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(VERSION)) {
            return Ok(CommandLine(program));
        }
        eprintln!(
            "Building the wasmtime command line {VERSION}, as much of it as is needed. It takes some minutes, once."
        );
        let build = folder.join("build");
        let status = workspace::cargo()
            .args(["install", "--locked", "--force", &format!("wasmtime-cli@{VERSION}")])
            .args(["--no-default-features", "--features", FEATURES, "--root"])
            .arg(&folder)
            .arg("--target-dir")
            .arg(&build)
            // A call then takes 3 seconds instead of half a second, and the build 7 minutes of processor time instead of 15
            // with the lowest optimisation.
            .envs([("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")])
            .status()
            .map_err(Failure::io("start cargo"))?;
        passed_on(status)?;
        fs::remove_dir_all(&build).map_err(Failure::io(format!("remove {}", build.display())))?;
        Ok(CommandLine(program))
    }

    /// Takes the same steps as the programs in `examples/`.
    pub(super) fn tell(&self, stage: &Stage, digest: &str) -> Outcome<Told> {
        let connection = fs::read_to_string(&stage.connection).map_err(Failure::io("read the connection"))?;
        let stored = serde_json::from_str(&connection)
            .map_err(|error| Failure::new(format!("the connection is no JSON: {error}")))?;
        let mut work = Work { wasmtime: self, stage, stored, lines: Vec::new() };
        work.lines.push(json!({"did": "component", "sha256": digest}));
        let ended = work.all();
        let ended = ended.map_err(|failure| failure.message().unwrap_or("it failed").to_owned());
        Ok(Told { lines: work.lines, ended })
    }
}

impl Work<'_> {
    fn all(&mut self) -> Outcome {
        let pattern = ("pattern", "%a%");
        let soql = "SELECT Name FROM Account WHERE Name LIKE :pattern ORDER BY Name LIMIT 3";
        let mut page = self.query(soql, Some(pattern))?;
        if page.as_ref().is_err_and(is_expired) {
            self.refresh()?;
            page = self.query(soql, Some(pattern))?;
        }
        let page = succeeded(page)?;
        let records: Vec<Value> = serde_json::from_str(text(&page, "records")?)
            .map_err(|error| Failure::new(format!("the records are no JSON: {error}")))?;
        let names: Vec<_> = records.iter().map(|record| record.get("Name")).collect();
        let (count, total) = (page.get("count"), page.get("total-size"));
        self.lines.push(json!({"did": "soql-query", "count": count, "total": total, "names": names}));

        let created =
            succeeded(self.save("Account", "create", json!({"Name": "Example", "AccountNumber": "CLI-1"}))?)?;
        let id = text(&created, "id")?.to_owned();
        self.lines.push(json!({"did": "create-or-update-record", "id": id, "created": created.get("created")}));
        let values = succeeded(self.read(&id, &["Name", "AccountNumber", "Owner.Name"])?)?;
        let values: Value = serde_json::from_str(text(&values, "values")?)
            .map_err(|error| Failure::new(format!("the values are no JSON: {error}")))?;
        self.lines.push(json!({"did": "get-record-field-values", "values": values}));
        let update = format!("update({})", wave::text(&id));
        let updated = succeeded(self.save("Account", &update, json!({"Name": "Example, renamed"}))?)?;
        let (id, created) = (updated.get("id"), updated.get("created"));
        self.lines.push(json!({"did": "create-or-update-record", "id": id, "created": created}));

        let answer = self.query("SELECT NoSuchField FROM Account", None)?;
        self.refused("soql-query", answer)?;
        let answer = self.read("001000000000000AAA", &["Name"])?;
        self.refused("get-record-field-values", answer)?;
        let answer = self.save("Contact", "create", json!({"FirstName": "Nobody"}))?;
        self.refused("create-or-update-record", answer)?;

        let answer = self.save("Account", "create", json!({"Name": "Example", "AccountNumber": "CLI-2"}))?;
        self.refused("create-or-update-record", answer)?;
        let soql = "SELECT Id FROM Account WHERE AccountNumber = :number";
        let found = succeeded(self.query(soql, Some(("number", "CLI-2")))?)?;
        self.lines.push(json!({"did": "soql-query", "count": found.get("count"), "number": "CLI-2"}));

        let answer = self.refresh_with("not-a-refresh-token")?;
        self.refused("refresh", answer)
    }

    fn query(&self, soql: &str, parameter: Option<(&str, &str)>) -> Outcome<Answer> {
        let parameter = parameter
            .map(|(name, value)| format!("{{name: {}, argument: one(text({}))}}", wave::text(name), wave::text(value)));
        let query = format!(
            "{{soql: {}, parameters: [{}], include-deleted: false}}",
            wave::text(soql),
            parameter.unwrap_or_default()
        );
        self.call("soql.soql-query", &[&self.connection()?, &query, OPTIONS])
    }

    fn read(&self, id: &str, fields: &[&str]) -> Outcome<Answer> {
        let fields: Vec<_> = fields.iter().map(|field| wave::text(field)).collect();
        let (key, fields) = (format!("id({})", wave::text(id)), format!("[{}]", fields.join(", ")));
        let arguments = [&self.connection()?, &wave::text("Account"), &key, &fields, OPTIONS];
        self.call("records.get-record-field-values", &arguments)
    }

    fn save(&self, object: &str, target: &str, fields: Value) -> Outcome<Answer> {
        let (object, fields) = (wave::text(object), wave::text(&fields.to_string()));
        // Without any of its fields, a record is `{:}`.
        let arguments = [&self.connection()?, &object, target, &fields, "{:}", OPTIONS];
        self.call("records.create-or-update-record", &arguments)
    }

    /// Exchanges the refresh token, and stores what came before anything else happens.
    fn refresh(&mut self) -> Outcome {
        let before = text(&self.stored, "refresh_token")?.to_owned();
        let tokens = succeeded(self.refresh_with(&before)?)?;
        let stored =
            self.stored.as_object_mut().ok_or_else(|| Failure::new("expected a connection to be an object"))?;
        for name in ["instance_url", "access_token", "refresh_token"] {
            stored.insert(name.to_owned(), json!(tokens.get(name.replace('_', "-"))));
        }
        fs::write(&self.stage.connection, self.stored.to_string()).map_err(Failure::io("store the new tokens"))?;
        let rotated = text(&self.stored, "refresh_token")? != before;
        self.lines.push(json!({"did": "refresh", "because": "session-expired", "rotated": rotated}));
        Ok(())
    }

    fn refresh_with(&self, token: &str) -> Outcome<Answer> {
        let field = |name| Ok::<_, Failure>(wave::text(text(&self.stored, name)?));
        let app = format!(
            "{{login-url: {}, client-id: {}, client-secret: some({})}}",
            field("login_url")?,
            field("client_id")?,
            field("client_secret")?
        );
        self.call("oauth.refresh", &[&app, &wave::text(token), OPTIONS])
    }

    fn connection(&self) -> Outcome<String> {
        let field = |name| Ok::<_, Failure>(wave::text(text(&self.stored, name)?));
        Ok(format!("{{instance-url: {}, access-token: {}}}", field("instance_url")?, field("access_token")?))
    }

    /// Calls e.g. `soql.soql-query`. The process has no files, no environment and nothing on its standard input.
    fn call(&self, function: &str, arguments: &[&str]) -> Outcome<Answer> {
        let call = format!("workflow:salesforce/{function}@0.2.0({})", arguments.join(", "));
        let output = Command::new(&self.wasmtime.0)
            .args(["run", "-S", "http", "--invoke", &call])
            .arg(&self.stage.component)
            .stdin(Stdio::null())
            .output()
            .map_err(Failure::io("start wasmtime"))?;
        let told = String::from_utf8_lossy(&output.stdout);
        let answer = wave::parse(&told).filter(|_| output.status.success()).ok_or_else(|| {
            let complaint = String::from_utf8_lossy(&output.stderr);
            Failure::new(format!("`wasmtime run --invoke` of {function} failed: {}", complaint.trim()))
        })?;
        match (answer.get("ok"), answer.get("err")) {
            (Some(result), None) => Ok(Ok(result.clone())),
            (None, Some(error)) => Ok(Err(error.clone())),
            _ => Err(Failure::new(format!("expected {function} to give ok(...) or err(...)"))),
        }
    }

    fn refused(&mut self, did: &str, answer: Answer) -> Outcome {
        let Err(error) = answer else { return Err(Failure::new(format!("{did} succeeded"))) };
        self.lines.push(json!({"did": did, "kind": error.get("kind"), "outcome": error.get("outcome")}));
        Ok(())
    }
}

fn is_expired(error: &Value) -> bool {
    text(error, "kind").is_ok_and(|kind| kind == "session-expired")
        && text(error, "outcome").is_ok_and(|outcome| outcome == "rejected")
}

fn succeeded(answer: Answer) -> Outcome<Value> {
    answer.map_err(|error| Failure::new(format!("a call failed: {error}")))
}

fn text<'a>(value: &'a Value, name: &str) -> Outcome<&'a str> {
    let missing = || Failure::new(format!("expected a text `{name}`"));
    value.get(name).and_then(Value::as_str).ok_or_else(missing)
}
