//! The result of an action, as JSON or as rows: a table, or CSV. Some of several results are errors, and then it is no plain
//! success.

use std::io;

use clap::Args;
use salesforce_actions::display::line;
use salesforce_actions::table::{Bounds, Source, Table, Tally};
use salesforce_actions::types::Shape;
use salesforce_actions::{Action, Actions};
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::App;
use super::super::csv::Csv;
use super::super::failure::Failure;
use super::super::output::{terminal_width, write_line};

/// Entries of a list that are told beside rows.
const FEW: usize = 20;

/// In which form rows are printed, if not as JSON.
#[derive(Debug, Default, Args)]
pub(super) struct Form {
    /// Print the rows as a table, for people
    #[arg(long, conflicts_with = "json")]
    pub(super) table: bool,
    /// Print the rows as CSV: the names of the columns, then a row a line
    #[arg(long, conflicts_with_all = ["json", "pretty", "table"])]
    pub(super) csv: bool,
}

/// Whether what an action gives can be rows: a record or a list, or JSON that may be either.
pub(super) fn has_rows(actions: &Actions, action: &Action) -> bool {
    let types = actions.types();
    let shape = action.result.map(|id| match types.shape(id) {
        Shape::Option(of) => types.shape(*of),
        shape => shape,
    });
    matches!(shape, Some(Shape::Record(_) | Shape::List(_) | Shape::Variant(_) | Shape::Json))
}

/// Prints what an action gave.
///
/// # Errors
/// Standard output, what no row can show, or results that are errors.
pub(super) fn print(app: &App, answer: &RawValue, form: &Form) -> Result<(), Failure> {
    if form.table {
        let text = format!("{}{}", Table::of_result(answer, Bounds::NONE).to_text(terminal_width()), beside(answer));
        write_line(&mut anstream::stdout().lock(), text.trim_end())?;
    } else if form.csv {
        let mut csv = Csv::new();
        csv.add(&Source::of_result(answer))?;
        csv.finish(io::stdout().lock())?;
        anstream::eprint!("{}", beside(answer));
    } else {
        app.output.write_text(answer.get())?;
    }
    match Tally::of_result(answer) {
        Some(tally) if tally.failed > 0 => Err(Failure::Results(tally)),
        _ => Ok(()),
    }
}

/// What is not in the rows, a line each. Of what is long it is only told that it is there.
fn beside(answer: &RawValue) -> String {
    let told = Source::beside(answer).into_iter().map(|(name, value)| {
        let value = match serde_json::from_str(value.get()) {
            Ok(Value::String(text)) => text,
            Ok(Value::Array(entries)) if entries.len() <= FEW && entries.iter().all(Value::is_string) => {
                entries.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            Ok(Value::Array(entries)) => format!("{} entries, which JSON has", entries.len()),
            Ok(Value::Object(_)) | Err(_) => "in JSON".to_owned(),
            Ok(value) => value.to_string(),
        };
        format!("{}: {}\n", line(&name), line(&value))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_with_rows_are_known_by_their_types() {
        let own = Actions::of_connector();
        for name in ["create-records", "org-limits", "list-objects", "explain", "create-or-update-record"] {
            assert!(has_rows(own, own.named(name).unwrap()), "{name}");
        }
    }

    #[test]
    fn what_is_not_in_the_rows_is_told() {
        let told = |json: &str| beside(&RawValue::from_string(json.to_owned()).unwrap());
        assert_eq!(told(r#"{"counts":[{"object":"A"}],"missing":["B","C"]}"#), "missing: B, C\n");
        let described = r#"{"fields":[{"name":"A"}],"object":{"name":"B"},"children":[{"a":1},{"a":2}]}"#;
        assert_eq!(told(described), "children: 2 entries, which JSON has\nobject: in JSON\n");
        assert_eq!(told(r#"{"records":[],"more":true,"position":"a\nb"}"#), "more: true\nposition: a\\nb\n");
        assert_eq!(told(r#"{"id":"001"}"#), "");
    }
}
