//! The wasmtime command line as a host: every call is a process, and this program is the runtime around it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::program;
use super::stage::Stage;
use super::told::Told;
use super::wave;

/// As in `examples/`.
const OPTIONS: &str = "{deadline-ms: some(12000)}";

/// The installed program.
#[derive(Debug)]
pub(crate) struct CommandLine(pub(crate) PathBuf);

/// One host's work on a stage.
struct Work<'a> {
    wasmtime: &'a CommandLine,
    stage: &'a Stage,
    stored: Value,
    lines: Vec<Value>,
}

/// What a call gave: `Err` is the component's own error.
type Answer = Result<Value, Value>;

/// What is told of a step, or how the host's work ended there.
type Step<T = ()> = Result<T, String>;

impl CommandLine {
    /// E.g. `48.0.8`.
    pub(crate) fn version(&self) -> String {
        program::version(&self.0).split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// Takes the same steps as the programs in `examples/`.
    pub(crate) fn tell(&self, stage: &Stage, digest: &str) -> Told {
        let stored = serde_json::from_str(&fs::read_to_string(&stage.connection).unwrap()).unwrap();
        let mut work = Work { wasmtime: self, stage, stored, lines: Vec::new() };
        work.lines.push(json!({"did": "component", "sha256": digest}));
        let ended = work.all();
        Told { lines: work.lines, ended }
    }
}

impl Work<'_> {
    fn all(&mut self) -> Step {
        let pattern = ("pattern", "%a%");
        let soql = "SELECT Name FROM Account WHERE Name LIKE :pattern ORDER BY Name LIMIT 3";
        let mut page = self.query(soql, Some(pattern))?;
        if page.as_ref().is_err_and(is_expired) {
            self.refresh()?;
            page = self.query(soql, Some(pattern))?;
        }
        let page = succeeded(page)?;
        let records: Vec<Value> = serde_json::from_str(text(&page, "records")?)
            .map_err(|error| format!("the records are no JSON: {error}"))?;
        let names: Vec<_> = records.iter().map(|record| record.get("Name")).collect();
        let (count, total) = (page.get("count"), page.get("total-size"));
        self.lines.push(json!({"did": "soql-query", "count": count, "total": total, "names": names}));

        let created =
            succeeded(self.save("Account", "create", json!({"Name": "Example", "AccountNumber": "CLI-1"}))?)?;
        let id = text(&created, "id")?.to_owned();
        self.lines.push(json!({"did": "create-or-update-record", "id": id, "created": created.get("created")}));
        let values = succeeded(self.read(&id, &["Name", "AccountNumber", "Owner.Name"])?)?;
        let values: Value = serde_json::from_str(text(&values, "values")?)
            .map_err(|error| format!("the values are no JSON: {error}"))?;
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

    fn query(&self, soql: &str, parameter: Option<(&str, &str)>) -> Step<Answer> {
        let parameter = parameter
            .map(|(name, value)| format!("{{name: {}, argument: one(text({}))}}", wave::text(name), wave::text(value)));
        let query = format!(
            "{{soql: {}, parameters: [{}], include-deleted: false}}",
            wave::text(soql),
            parameter.unwrap_or_default()
        );
        self.call("soql.soql-query", &[&self.connection()?, &query, OPTIONS])
    }

    fn read(&self, id: &str, fields: &[&str]) -> Step<Answer> {
        let fields: Vec<_> = fields.iter().map(|field| wave::text(field)).collect();
        let (key, fields) = (format!("id({})", wave::text(id)), format!("[{}]", fields.join(", ")));
        let arguments = [&self.connection()?, &wave::text("Account"), &key, &fields, OPTIONS];
        self.call("records.get-record-field-values", &arguments)
    }

    fn save(&self, object: &str, target: &str, fields: Value) -> Step<Answer> {
        let (object, fields) = (wave::text(object), wave::text(&fields.to_string()));
        // Without any of its fields, a record is `{:}`.
        let arguments = [&self.connection()?, &object, target, &fields, "{:}", OPTIONS];
        self.call("records.create-or-update-record", &arguments)
    }

    /// Exchanges the refresh token, and stores what came before anything else happens.
    fn refresh(&mut self) -> Step {
        let before = text(&self.stored, "refresh_token")?.to_owned();
        let tokens = succeeded(self.refresh_with(&before)?)?;
        for name in ["instance_url", "access_token", "refresh_token"] {
            self.stored[name] = json!(tokens.get(name.replace('_', "-")));
        }
        fs::write(&self.stage.connection, self.stored.to_string()).unwrap();
        let rotated = text(&self.stored, "refresh_token")? != before;
        self.lines.push(json!({"did": "refresh", "because": "session-expired", "rotated": rotated}));
        Ok(())
    }

    fn refresh_with(&self, token: &str) -> Step<Answer> {
        let field = |name| Ok::<_, String>(wave::text(text(&self.stored, name)?));
        let app = format!(
            "{{login-url: {}, client-id: {}, client-secret: some({})}}",
            field("login_url")?,
            field("client_id")?,
            field("client_secret")?
        );
        self.call("oauth.refresh", &[&app, &wave::text(token), OPTIONS])
    }

    fn connection(&self) -> Step<String> {
        let field = |name| Ok::<_, String>(wave::text(text(&self.stored, name)?));
        Ok(format!("{{instance-url: {}, access-token: {}}}", field("instance_url")?, field("access_token")?))
    }

    /// Calls e.g. `soql.soql-query`. The process has no files, no environment and nothing on its standard input.
    fn call(&self, function: &str, arguments: &[&str]) -> Step<Answer> {
        let call = format!("workflow:salesforce/{function}@0.2.1({})", arguments.join(", "));
        let mut command = Command::new(&self.wasmtime.0);
        command.args(["run", "-S", "http", "--invoke", &call]).arg(&self.stage.component);
        let output = program::output(command).map_err(|error| format!("run wasmtime: {error}"))?;
        let told = String::from_utf8_lossy(&output.stdout);
        let answer = wave::parse(&told).filter(|_| output.status.success()).ok_or_else(|| {
            let complaint = String::from_utf8_lossy(&output.stderr);
            format!("`wasmtime run --invoke` of {function} failed: {}", complaint.trim())
        })?;
        match (answer.get("ok"), answer.get("err")) {
            (Some(result), None) => Ok(Ok(result.clone())),
            (None, Some(error)) => Ok(Err(error.clone())),
            _ => Err(format!("expected {function} to give ok(...) or err(...)")),
        }
    }

    fn refused(&mut self, did: &str, answer: Answer) -> Step {
        let Err(error) = answer else { return Err(format!("{did} succeeded")) };
        self.lines.push(json!({"did": did, "kind": error.get("kind"), "outcome": error.get("outcome")}));
        Ok(())
    }
}

fn is_expired(error: &Value) -> bool {
    text(error, "kind").is_ok_and(|kind| kind == "session-expired")
        && text(error, "outcome").is_ok_and(|outcome| outcome == "rejected")
}

fn succeeded(answer: Answer) -> Step<Value> {
    answer.map_err(|error| format!("a call failed: {error}"))
}

fn text<'a>(value: &'a Value, name: &str) -> Step<&'a str> {
    value.get(name).and_then(Value::as_str).ok_or_else(|| format!("expected a text `{name}`"))
}
