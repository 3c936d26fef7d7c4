//! A call as a line for a shell: the same request to this server's API.

use serde::Serialize;
use serde_json::value::RawValue;

use super::submission::Submission;

/// Body of the request.
#[derive(Serialize)]
struct Body<'a> {
    connection: &'a str,
    action: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<&'a str>,
    input: &'a RawValue,
}

/// The command. It takes the token from the environment, so that none is in a shell's history.
pub(super) fn command(public_url: &str, submission: &Submission) -> String {
    let Submission { connection, component, call, idempotency_key } = submission;
    let Ok(input) = serde_json::from_str(call.input()) else { return String::new() };
    let body = Body { connection, action: &call.action().name, component: component.as_deref(), input };
    let body = serde_json::to_string(&body).unwrap_or_default();
    let mut lines = vec![
        format!("curl -sS {}", quoted(&format!("{public_url}/v1/executions"))),
        "-H \"Authorization: Bearer $HARNESS_TOKEN\"".to_owned(),
        "-H 'Content-Type: application/json'".to_owned(),
    ];
    if let Some(key) = idempotency_key {
        lines.push(format!("-H {}", quoted(&format!("Idempotency-Key: {}", key.as_str()))));
    }
    lines.push(format!("--data-raw {}", quoted(&body)));
    lines.join(" \\\n  ")
}

/// One word of a POSIX shell (XCU 2.2.2: nothing is special between single quotes).
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::executions::IdempotencyKey;
    use salesforce_actions::{Actions, Call};

    /// The words that a shell makes of a command, one a line, ended by NUL.
    fn words(command: &str) -> Vec<String> {
        let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{command}");
        let run = Command::new("sh").args(["-c", &script]).env("HARNESS_TOKEN", "t o'k").output().unwrap();
        let text = String::from_utf8(run.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn a_shell_reads_back_what_was_meant() {
        let soql = "SELECT Id FROM Account WHERE Name = 'O\\'Reilly' AND X = \"$HOME `id` !! \\ \n é\"";
        let input = serde_json::json!({"query": {"soql": soql}}).to_string();
        let (connection, component) = ("019abcde-0000-7000-8000-000000000001", "ab".repeat(32));
        let submission = Submission {
            connection: connection.parse().unwrap(),
            component: component.parse().ok(),
            call: Call::parse(Actions::of_connector(), "soql-query", &input).unwrap(),
            idempotency_key: IdempotencyKey::parse(b"it's"),
        };
        let body = format!(
            r#"{{"connection":"{connection}","action":"soql-query","component":"{component}","input":{input}}}"#
        );
        let expected = [
            "-sS",
            "http://127.0.0.1:1/v1/executions",
            "-H",
            "Authorization: Bearer t o'k",
            "-H",
            "Content-Type: application/json",
            "-H",
            "Idempotency-Key: it's",
            "--data-raw",
            &body,
        ];
        assert_eq!(words(&command("http://127.0.0.1:1", &submission)), expected);
    }
}
