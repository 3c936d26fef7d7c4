//! Several results of one call, such as one for each record of a batch: printed, and no plain success if some are errors.

use salesforce_actions::table::{Bounds, Table, Tally};
use salesforce_actions::types::Shape;
use salesforce_actions::{Action, Actions};
use serde_json::value::RawValue;

use super::super::App;
use super::super::failure::Failure;
use super::super::output::{terminal_width, write_line};

/// Whether an action gives a list of results, or a record with one.
pub(super) fn gives(actions: &Actions, action: &Action) -> bool {
    let types = actions.types();
    let is_list = |shape: &Shape| match shape {
        Shape::List(of) => matches!(types.shape(*of), Shape::Result { .. }),
        _ => false,
    };
    match action.result.map(|id| types.shape(id)) {
        Some(Shape::Record(fields)) => fields.iter().any(|field| is_list(types.shape(field.ty))),
        Some(shape) => is_list(shape),
        None => false,
    }
}

/// Prints what an action gave.
///
/// # Errors
/// Standard output, or results that are errors.
pub(super) fn print(app: &App, answer: &RawValue, as_table: bool) -> Result<(), Failure> {
    if as_table {
        let text = Table::of_result(answer, Bounds::NONE).to_text(terminal_width());
        write_line(&mut anstream::stdout().lock(), text.trim_end())?;
    } else {
        app.output.write_text(answer.get())?;
    }
    match Tally::of_result(answer) {
        Some(tally) if tally.failed > 0 => Err(Failure::Results(tally)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_known_by_their_types() {
        let own = Actions::of_connector();
        let giving: Vec<_> =
            own.iter().filter(|action| gives(own, action)).map(|action| action.name.as_str()).collect();
        for name in ["create-records", "update-records", "upsert-records", "delete-records"] {
            assert!(giving.contains(&name), "{giving:?}");
        }
        assert!(!giving.contains(&"get-records") && !giving.contains(&"soql-query"), "{giving:?}");
    }
}
