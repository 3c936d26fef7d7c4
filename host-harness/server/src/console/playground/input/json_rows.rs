//! Any JSON: an object as rows of its members, or text.

use std::collections::HashSet;

use maud::{Markup, html};
use serde_json::value::RawValue;

use super::super::fields::Fields;
use super::known::Meaning;
use super::read::json_text;
use super::show::{Elements, RowOf, at_least_three, start_of_text};
use super::{Field, Wrong, quoted};

/// What a row's value may be.
const TYPES: [&str; 5] = ["text", "number", "boolean", "null", "json"];

/// Of the elements of a row.
pub(super) fn names(field: &Field) -> [String; 3] {
    ["name", "type", "value"].map(|part| format!("{}.{part}", field.name))
}

/// Whether it is rows or text.
pub(super) fn form_name(field: &Field) -> String {
    format!("{}.as", field.name)
}

/// Of the text.
pub(super) fn text_name(field: &Field) -> String {
    format!("{}.json", field.name)
}

/// The object of the rows, or the text as it was written, every digit untouched. None if there is nothing.
pub(super) fn read(field: &Field, fields: &Fields) -> Result<Option<String>, Wrong> {
    match fields.one(&form_name(field)) {
        "json" => text(field, fields),
        "rows" | "" => rows(field, fields),
        other => Err(field.wrong(&format!("expected rows or json, found {other:?}"))),
    }
}

fn text(field: &Field, fields: &Fields) -> Result<Option<String>, Wrong> {
    let name = text_name(field);
    let text = fields.text(&name);
    if field.is_option() && text.trim().is_empty() {
        return Ok(None);
    }
    let text = json_text(&text);
    text.map(Some).map_err(|error| Wrong { element: format!("input.{name}"), ..field.wrong(&error) })
}

fn rows(field: &Field, fields: &Fields) -> Result<Option<String>, Wrong> {
    let names = names(field);
    let (mut members, mut seen) = (Vec::new(), HashSet::new());
    for [name, kind, value] in fields.rows(&names) {
        let name = name.trim();
        if name.is_empty() {
            if value.is_empty() {
                continue;
            }
            return Err(field.wrong(&format!("expected a name for the value {value:?}")));
        }
        if !seen.insert(name) {
            return Err(field.wrong(&format!("expected each name once, and {name} is there twice")));
        }
        let value = value_of(kind, value).map_err(|expected| field.wrong(&format!("{name}: {expected}")))?;
        members.push(format!("{}:{value}", quoted(name)));
    }
    Ok((!members.is_empty()).then(|| format!("{{{}}}", members.join(","))))
}

fn value_of(kind: &str, value: &str) -> Result<String, String> {
    let trimmed = value.trim();
    match kind {
        "number" => {
            let is_number = trimmed.starts_with(|first: char| first == '-' || first.is_ascii_digit());
            let is_json = serde_json::from_str::<&RawValue>(trimmed).is_ok();
            let number = (is_number && is_json).then(|| trimmed.to_owned());
            number.ok_or_else(|| format!("expected a number such as -12.50, found {value:?}"))
        }
        "boolean" if matches!(trimmed, "true" | "false") => Ok(trimmed.to_owned()),
        "boolean" => Err(format!("expected true or false, found {value:?}")),
        "null" if trimmed.is_empty() => Ok("null".to_owned()),
        "null" => Err(format!("expected no value for null, found {value:?}")),
        "json" => json_text(value),
        "text" | "" => Ok(quoted(value)),
        other => Err(format!("expected one of {}, found {other:?}", TYPES.join(", "))),
    }
}

pub(super) fn refill(field: &Field, json: &str) -> [(String, String); 2] {
    let text = json.replace("\r\n", "\n").replace('\r', "\n");
    [(form_name(field), "json".to_owned()), (text_name(field), text)]
}

pub(super) fn show(field: &Field, elements: &Elements<'_>) -> Markup {
    let fields = elements.fields;
    let (names, form, text) = (names(field), form_name(field), text_name(field));
    let is_json = fields.one(&form) == "json";
    let (rows_id, json_id, text_id) =
        (format!("{}:is-rows", field.id()), format!("{}:is-json", field.id()), format!("input.{text}"));
    html! {
        div class="case" {
            div class="choice" {
                input type="radio" id=(rows_id) name=(form) value="rows" checked[!is_json];
                label for=(rows_id) { "As rows" }
            }
            div class="part rows member-rows" data-rows {
                @for (index, values) in at_least_three(fields.rows(&names)).into_iter().enumerate() {
                    (row(field, &names, values, &RowOf { name: &field.name, what: "Field", number: index + 1 }))
                }
                button class="quiet add" type="button" hidden { "Add a field" }
            }
        }
        div class="case" {
            div class="choice" {
                input type="radio" id=(json_id) name=(form) value="json" checked[is_json];
                label for=(json_id) { "As JSON" }
            }
            div class="part field" {
                label for=(text_id) { (field.label) " as JSON" }
                textarea id=(text_id) name=(text) rows="6" class="mono" spellcheck="false" autocapitalize="off"
                    placeholder="{\"Name\": \"Acme\"}" aria-invalid=[elements.is_wrong(&text_id)] { (start_of_text(&fields.text(&text))) }
            }
        }
    }
}

fn row(field: &Field, names: &[String; 3], [name, kind, value]: [&str; 3], row: &RowOf<'_>) -> Markup {
    let [name_field, type_field, value_field] = names;
    let list = (field.meaning == Meaning::Fields).then_some("object-fields");
    row.show(&html! {
        div class="field" { label for=(row.id(name_field)) { "Field" }
            input id=(row.id(name_field)) name=(name_field) value=(name) list=[list] autocomplete="off" autocapitalize="off" spellcheck="false"; }
        div class="field" { label for=(row.id(type_field)) { "Type" }
            select id=(row.id(type_field)) name=(type_field) {
                @for known in TYPES { option value=(known) selected[known == kind] { (known) } }
            } }
        div class="field wide" { label for=(row.id(value_field)) { "Value" }
            input id=(row.id(value_field)) name=(value_field) value=(value) autocomplete="off"; }
    })
}
