//! The parameters of a query: a row for each, with its type.

use std::str::FromStr;

use maud::{Markup, html};
use serde_json::{Map, Number, Value, json};

use super::super::fields::Fields;
use super::refill::escaped;
use super::show::{RowOf, at_least_three};
use super::{Field, Wrong};
use salesforce_actions::parameters::{TYPE_NAMES, from_file, split_list, written};
use salesforce_runtime::bindings::soql::{Argument, Parameter};

/// Of the elements of a row.
pub(super) fn names(field: &Field) -> [String; 4] {
    ["name", "type", "many", "value"].map(|part| format!("{}.{part}", field.name))
}

/// The rows that have a name, as a parameters file has them; none if there are none.
pub(super) fn read(field: &Field, fields: &Fields) -> Result<Option<String>, Wrong> {
    let mut parameters = Map::new();
    for [name, kind, many, value] in fields.rows(&names(field)) {
        let name = name.trim();
        if name.is_empty() {
            if value.is_empty() {
                continue;
            }
            return Err(field.wrong(&format!("expected a name for the parameter with the value {value:?}")));
        }
        let name = name.strip_prefix(':').unwrap_or(name);
        let value = match many {
            "list" => split_list(value).iter().map(|value| parameter(kind, value)).collect(),
            "one" | "" => parameter(kind, value),
            other => return Err(field.wrong(&format!("expected one or list for {name}, found {other:?}"))),
        };
        if parameters.insert(name.to_owned(), value).is_some() {
            return Err(field.wrong(&format!("expected each parameter once, and {name} is there twice")));
        }
    }
    Ok((!parameters.is_empty()).then(|| Value::Object(parameters).to_string()))
}

/// A value in the shortest form that a parameters file has for it. One that is not of its type is told by whoever reads it.
fn parameter(kind: &str, value: &str) -> Value {
    match (kind, value) {
        ("text" | "", _) => json!(value),
        ("null", "") => Value::Null,
        ("boolean", "true" | "false") => json!(value == "true"),
        ("integer", _) if value.parse::<i64>().is_ok_and(|number| number.to_string() == value) => {
            Number::from_str(value).map_or(Value::Null, Value::Number)
        }
        _ => json!({ kind: value }),
    }
}

/// The rows that say the same; none if there are none: a list has one type, and a row one line.
pub(super) fn refill(field: &Field, json: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for Parameter { name, argument } in from_file(json).ok()? {
        let (kind, many, value) = match &argument {
            Argument::One(value) => {
                let (kind, text) = written(value);
                (kind, "one", text)
            }
            Argument::Many(values) => {
                let values: Vec<_> = values.iter().map(written).collect();
                let kind = values.first()?.0;
                if values.iter().any(|(other, _)| *other != kind) {
                    return None;
                }
                let list: Vec<_> = values.iter().map(|(_, text)| escaped(text)).collect();
                (kind, "list", list.join(","))
            }
        };
        if value.contains('\n') {
            return None;
        }
        pairs.extend(names(field).into_iter().zip([name, kind.to_owned(), many.to_owned(), value]));
    }
    Some(pairs)
}

pub(super) fn show(field: &Field, fields: &Fields) -> Markup {
    let names = names(field);
    html! {
        p class="hint" { "The values of a list are separated by commas; " code { "\\," } " is a comma in a value." }
        div data-rows {
            @for (index, values) in at_least_three(fields.rows(&names)).into_iter().enumerate() {
                (row(&names, values, &RowOf { name: &field.name, what: "Parameter", number: index + 1 }))
            }
            button class="quiet add" type="button" hidden { "Add a parameter" }
        }
    }
}

fn row(names: &[String; 4], [name, kind, many, value]: [&str; 4], row: &RowOf<'_>) -> Markup {
    let [name_field, type_field, many_field, value_field] = names;
    row.show(&html! {
        div class="field" { label for=(row.id(name_field)) { "Name" }
            input id=(row.id(name_field)) name=(name_field) value=(name) autocomplete="off" autocapitalize="off" spellcheck="false"; }
        div class="field" { label for=(row.id(type_field)) { "Type" }
            select id=(row.id(type_field)) name=(type_field) {
                @for known in TYPE_NAMES { option value=(known) selected[known == kind] { (known) } }
            } }
        div class="field" { label for=(row.id(many_field)) { "List" }
            select id=(row.id(many_field)) name=(many_field) {
                option value="one" { "no" }
                option value="list" selected[many == "list"] { "yes" }
            } }
        div class="field wide" { label for=(row.id(value_field)) { "Value" }
            input id=(row.id(value_field)) name=(value_field) value=(value) autocomplete="off"; }
    })
}
