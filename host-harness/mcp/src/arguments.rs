//! From the arguments of a tool's call to a parsed call of its action.

use salesforce_actions::Call;
use serde_json::{Map, Value};

use crate::host::{Refusal, ToolCall};
use crate::tools::{CONNECTION, Entry, IDEMPOTENCY_KEY};

/// Takes out what is for the host; all else is the action's input.
///
/// # Errors
/// The argument that is not what was expected.
pub(crate) fn parse(entry: &Entry, mut arguments: Map<String, Value>) -> Result<ToolCall, Refusal> {
    let mut take = |name: &str, is_taken: bool, what: &str| {
        let is_of_action = !is_taken && entry.parameters.iter().any(|parameter| parameter == name);
        let value = if is_of_action { None } else { arguments.shift_remove(name) };
        match value {
            None | Some(Value::Null) => Ok(None),
            Some(_) if !is_taken => {
                Err(Refusal::of_input(format!("{name}: expected none, for this tool takes none here")))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::of_input(format!("{name}: expected {what}, a text"))),
        }
    };
    let connection = take(CONNECTION, entry.takes_connection, "the id of a connection")?;
    let idempotency_key = take(IDEMPOTENCY_KEY, entry.takes_key, "a name for this very call")?;
    let input = Value::Object(arguments).to_string();
    let call =
        Call::parse(&entry.actions, &entry.action, &input).map_err(|error| Refusal::of_input(error.to_string()))?;
    Ok(ToolCall { call, component: entry.component.clone(), connection, idempotency_key })
}
