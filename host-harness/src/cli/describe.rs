//! `harness describe`: the fields of an object, or the org's objects, as a table.

use std::io::{self, IsTerminal};

use clap::Args;
use salesforce_actions::Call;
use salesforce_actions::table::Source;
use serde_json::{Value, json};

use super::App;
use super::action::{Caller, actions};
use super::csv::Csv;
use super::failure::Failure;
use super::output::{table_of, terminal_width, write_line};

/// Values of a picklist that a table shows.
const SHOWN_VALUES: usize = 8;

/// Show the fields of an object, or without one the objects of the org
///
/// On a terminal and with --table it is a table, with --csv the same as CSV. In a pipe and with --json it is what the actions
/// describe-object and list-objects give.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  harness describe\n  harness describe Account --csv > account.csv")]
pub(crate) struct Describe {
    /// API name of the object
    object: Option<String>,
    /// Print a table, for people
    #[arg(long, conflicts_with = "json")]
    table: bool,
    /// Print the table as CSV
    #[arg(long, conflicts_with_all = ["json", "pretty", "table"])]
    csv: bool,
}

impl Describe {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let (action, input) = match &self.object {
            Some(object) => ("describe-object", json!({ "object": object })),
            None => ("list-objects", json!({})),
        };
        let call = Call::parse(actions(), action, &input.to_string());
        let call = call.map_err(|error| Failure::Usage(error.to_string()))?;
        let described = Caller::new(app)?.json(&call, None).await?;
        if !(self.table || self.csv || io::stdout().is_terminal() && !app.wants_json()) {
            return app.output.write_text(described.get());
        }
        let read = |error| Failure::Local(format!("{action} gave another result: {error}"));
        let described: Value = serde_json::from_str(described.get()).map_err(read)?;
        let rows = if self.object.is_some() {
            list(member(&described, "fields")).iter().map(field).collect()
        } else {
            let mut objects: Vec<_> = list(member(&described, "objects")).iter().map(object).collect();
            objects.sort_by(|one, other| member(one, "name").as_str().cmp(&member(other, "name").as_str()));
            objects
        };
        let rows = Value::from(rows).to_string();
        if self.csv {
            let mut csv = Csv::new();
            csv.add(&Source::Array(&rows))?;
            return csv.finish(io::stdout().lock()).map(|_| ());
        }
        write_line(&mut anstream::stdout().lock(), table_of(&rows, terminal_width()).trim_end())
    }
}

fn object(described: &Value) -> Value {
    let can = [("createable", "create"), ("updateable", "update"), ("deletable", "delete"), ("queryable", "query")];
    json!({
        "name": member(described, "name"),
        "label": member(described, "label"),
        "prefix": member(described, "key_prefix"),
        "can": words(described, &can),
    })
}

fn field(described: &Value) -> Value {
    let is = [
        ("required", "required"),
        ("createable", "create"),
        ("updateable", "update"),
        ("unique", "unique"),
        ("external_id", "external Id"),
        ("calculated", "formula"),
    ];
    json!({
        "name": member(described, "name"),
        "type": type_of(described),
        "label": member(described, "label"),
        "is": words(described, &is),
        "values": values(described),
    })
}

/// `string(255)`, `currency(16,2)`, `reference(User, Group)`.
fn type_of(described: &Value) -> String {
    let name = member(described, "type").as_str().unwrap_or_default();
    let number = |name: &str| member(described, name).as_u64().unwrap_or_default();
    let references: Vec<_> = list(member(described, "reference_to")).iter().filter_map(Value::as_str).collect();
    if !references.is_empty() {
        return format!("{name}({})", references.join(", "));
    }
    match (number("length"), number("precision"), number("scale")) {
        (0, 0, _) => name.to_owned(),
        (0, precision, scale) => format!("{name}({precision},{scale})"),
        (length, ..) => format!("{name}({length})"),
    }
}

fn values(described: &Value) -> Option<String> {
    let values: Vec<_> =
        list(member(described, "picklist_values")).iter().filter_map(|value| value.get("value")?.as_str()).collect();
    let shown = values
        .get(..SHOWN_VALUES)
        .map(|shown| format!("{} and {} more", shown.join(", "), values.len() - SHOWN_VALUES));
    let all = || (!values.is_empty()).then(|| values.join(", "));
    shown.filter(|_| values.len() > SHOWN_VALUES).or_else(all)
}

fn words(described: &Value, flags: &[(&str, &str)]) -> String {
    let is_set = |(name, _): &&(&str, &str)| *member(described, name) == true;
    flags.iter().filter(is_set).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}

fn member<'a>(described: &'a Value, name: &str) -> &'a Value {
    described.get(name).unwrap_or(&Value::Null)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_says_what_it_holds_and_what_it_is() {
        let owner = json!({"name": "OwnerId", "label": "Owner", "type": "reference", "length": 18, "precision": 0, "scale": 0,
            "reference_to": ["User", "Group"], "required": false, "createable": true, "updateable": true,
            "picklist_values": []});
        let told = json!({"name": "OwnerId", "type": "reference(User, Group)", "label": "Owner", "is": "create, update", "values": null});
        assert_eq!(field(&owner), told);
        for (length, precision, scale, told) in [(255, 0, 0, "x(255)"), (0, 16, 2, "x(16,2)"), (0, 0, 0, "x")] {
            let described = json!({"type": "x", "length": length, "precision": precision, "scale": scale});
            assert_eq!(type_of(&described), told);
        }
        let picklist = |count: usize| {
            let values: Vec<_> = (0..count).map(|number| json!({"value": format!("v{number}")})).collect();
            values_of(&values)
        };
        assert_eq!(picklist(2).as_deref(), Some("v0, v1"));
        assert_eq!(picklist(8).as_deref(), Some("v0, v1, v2, v3, v4, v5, v6, v7"));
        assert_eq!(picklist(10).as_deref(), Some("v0, v1, v2, v3, v4, v5, v6, v7 and 2 more"));
    }

    fn values_of(values: &[Value]) -> Option<String> {
        super::values(&json!({ "picklist_values": values }))
    }

    #[test]
    fn an_object_says_what_can_be_done_with_it() {
        let described = json!({"name": "Account", "label": "Account", "key_prefix": "001", "createable": true, "queryable": true,
            "updateable": false, "deletable": false});
        let told = json!({"name": "Account", "label": "Account", "prefix": "001", "can": "create, query"});
        assert_eq!(object(&described), told);
    }
}
