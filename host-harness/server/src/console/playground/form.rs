//! The forms of the three actions, filled in with what was sent before.

use maud::{Markup, html};

use super::super::page::csrf_field;
use super::super::session::Session;
use super::fields::Fields;
use super::input::{FIELD, FIELD_TYPES, PARAMETER};
use crate::components::ComponentRecord;
use crate::connections::ConnectionRecord;
use salesforce_actions::ActionName;
use salesforce_actions::parameters::TYPE_NAMES;

/// Rows that are there without script.
const ROWS: usize = 3;

/// What can be chosen.
pub(super) struct Choices {
    /// Active ones.
    pub(super) connections: Vec<ConnectionRecord>,
    /// Accepted uploads.
    pub(super) components: Vec<ComponentRecord>,
}

/// Links to the form of each action, which keep the connection and the component.
pub(super) fn tabs(here: ActionName, fields: &Fields) -> Markup {
    let tabs = [
        (ActionName::SoqlQuery, "SOQL query"),
        (ActionName::GetRecordFieldValues, "Get record field values"),
        (ActionName::CreateOrUpdateRecord, "Create or update record"),
    ];
    let link = |action: ActionName| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("action", action.as_str());
        for name in ["connection", "component", "object"] {
            if let Some(value) = fields.given(name) {
                query.append_pair(name, value);
            }
        }
        format!("/console/playground?{}", query.finish())
    };
    html! {
        nav id="playground-actions" class="tabs" aria-label="Actions" {
            @for (action, words) in tabs {
                a id={ "action-" (action) } href=(link(action)) aria-current=[(action == here).then_some("page")] { (words) }
            }
        }
    }
}

/// The form of an action.
pub(super) fn form(session: &Session, choices: &Choices, action: ActionName, fields: &Fields) -> Markup {
    html! {
        form id="playground-form" class="stack playground" method="post" action="/console/playground" {
            (csrf_field(session))
            input type="hidden" name="action" value=(action);
            div class="pair" { (connection(choices, fields)) (component(choices, fields)) }
            @match action {
                ActionName::GetRecordFieldValues => (get(fields)),
                ActionName::CreateOrUpdateRecord => (save(fields)),
                _ => (query(fields)),
            }
            details open[fields.given("idempotency-key").is_some()] {
                summary id="more-options" { "Idempotency key" }
                (line("idempotency-key", "Idempotency key", fields, "The same key again gets the recorded result, and nothing is sent."))
            }
            button id="run" type="submit" disabled[choices.connections.is_empty()] { "Run" }
            p id="playground-status" class="hint" role="status" {}
            datalist id="objects" {}
            datalist id="object-fields" {}
            datalist id="external-fields" {}
        }
    }
}

fn connection(choices: &Choices, fields: &Fields) -> Markup {
    let only = choices.connections.len() == 1;
    let chosen = |id: &str| fields.one("connection") == id || only;
    html! {
        div class="field" {
            label for="connection" { "Connection" }
            select id="connection" name="connection" required {
                @if !only { option value="" { "Choose a connection" } }
                @for connection in &choices.connections {
                    option value=(connection.id) selected[chosen(&connection.id)] {
                        (connection.name) @if let Some(user) = &connection.username { " – " (user) }
                    }
                }
            }
        }
    }
}

fn component(choices: &Choices, fields: &Fields) -> Markup {
    html! {
        div class="field" {
            label for="component" { "Component" }
            select id="component" name="component" {
                option value="" { "The connector" }
                @for component in &choices.components {
                    option value=(component.digest) selected[fields.one("component") == component.digest] {
                        (component.name) " (" (component.digest.get(..12).unwrap_or_default()) "…)"
                    }
                }
            }
        }
    }
}

fn query(fields: &Fields) -> Markup {
    html! {
        div class="field" {
            label for="soql" { "SOQL" }
            textarea id="soql" name="soql" rows="6" required spellcheck="false" autocapitalize="off" class="mono"
                aria-describedby="soql-hint" { (start_of_text(&fields.text("soql"))) }
            p id="soql-hint" class="hint" { code { ":name" } " is a placeholder for a parameter. Ctrl+Enter runs the query." }
        }
        div id="soql-pickers" class="pair" hidden {
            div class="field" { label for="pick-object" { "Object" } input id="pick-object" list="objects" autocomplete="off"; }
            div class="field" { label for="pick-field" { "Field to insert" } input id="pick-field" list="object-fields" autocomplete="off"; }
            button id="insert-field" class="quiet" type="button" { "Insert" }
        }
        fieldset id="parameters" class="rows" data-rows="parameter" {
            legend { "Parameters" }
            p class="hint" { "The values of a list are separated by commas; " code { "\\," } " is a comma in a value." }
            @for (number, [name, kind, many, value]) in filled(fields.rows(PARAMETER)).into_iter().enumerate() {
                (parameter_row(number + 1, name, kind, many, value))
            }
            button id="add-parameter" class="quiet add" type="button" hidden { "Add a parameter" }
        }
        div class="pair" {
            (number("batch-size", "Records a page", fields, "200 to 2,000; a wish."))
            (number("max-records", "Records at most", fields, "Several pages in one call, as long as they stay within it."))
        }
        (tick("include-deleted", "Also deleted and archived records", fields))
    }
}

fn parameter_row(number: usize, name: &str, kind: &str, many: &str, value: &str) -> Markup {
    let id = |part: &str| format!("{part}-{number}");
    let [name_field, type_field, many_field, value_field] = PARAMETER;
    html! {
        div class="line" role="group" aria-label={ "Parameter " (number) } {
            div class="field" { label for=(id(name_field)) { "Name" }
                input id=(id(name_field)) name=(name_field) value=(name) autocomplete="off" autocapitalize="off" spellcheck="false"; }
            div class="field" { label for=(id(type_field)) { "Type" }
                select id=(id(type_field)) name=(type_field) {
                    @for known in TYPE_NAMES { option value=(known) selected[known == kind] { (known) } }
                } }
            div class="field" { label for=(id(many_field)) { "List" }
                select id=(id(many_field)) name=(many_field) {
                    option value="one" { "no" }
                    option value="list" selected[many == "list"] { "yes" }
                } }
            div class="field wide" { label for=(id(value_field)) { "Value" }
                input id=(id(value_field)) name=(value_field) value=(value) autocomplete="off"; }
            button id={ "remove-parameter-" (number) } class="quiet remove" type="button" hidden
                aria-label={ "Remove parameter " (number) } { "Remove" }
        }
    }
}

fn get(fields: &Fields) -> Markup {
    html! {
        (object(fields))
        fieldset id="key" {
            legend { "Record" }
            (choice("key", "id", "By Id", fields.one("key") != "external-id"))
            (choice("key", "external-id", "By external Id", fields.one("key") == "external-id"))
            (record_id(fields))
            (external_id(fields))
        }
        div class="field" {
            label for="fields" { "Fields" }
            textarea id="fields" name="fields" rows="2" required class="mono" spellcheck="false" autocapitalize="off"
                aria-describedby="fields-hint" { (start_of_text(&fields.text("fields"))) }
            p id="fields-hint" class="hint" { "API names, separated by commas; paths such as " code { "Owner.Name" } " are allowed." }
        }
        div id="field-picker" class="pair" hidden {
            div class="field" { label for="pick-field" { "Field to add" } input id="pick-field" list="object-fields" autocomplete="off"; }
            button id="insert-field" class="quiet" type="button" { "Add" }
        }
    }
}

fn save(fields: &Fields) -> Markup {
    let (target, is_json) = (fields.one("target"), fields.one("fields-as") == "json");
    html! {
        (object(fields))
        fieldset id="target" {
            legend { "What to do" }
            (choice("target", "create", "Create a record", !matches!(target, "update" | "upsert")))
            (choice("target", "update", "Update by Id", target == "update"))
            (choice("target", "upsert", "Create or update by external Id", target == "upsert"))
            (record_id(fields))
            (external_id(fields))
            div class="for-external-id" { (tick("update-only", "Never create", fields)) }
        }
        fieldset id="values" {
            legend { "Field values" }
            div class="row" {
                (choice("fields-as", "rows", "As rows", !is_json))
                (choice("fields-as", "json", "As JSON", is_json))
            }
            div id="field-rows" class="rows for-rows" data-rows="field" {
                @for (number, [name, kind, value]) in filled(fields.rows(FIELD)).into_iter().enumerate() {
                    (field_row(number + 1, name, kind, value))
                }
                button id="add-field" class="quiet add" type="button" hidden { "Add a field" }
            }
            div class="field for-json" {
                label for="fields-json" { "Fields as a JSON object" }
                textarea id="fields-json" name="fields-json" rows="6" class="mono" spellcheck="false" autocapitalize="off"
                    placeholder="{\"Name\": \"Acme\"}" { (start_of_text(&fields.text("fields-json"))) }
            }
        }
        details id="save-options" {
            summary id="save-options-summary" { "Options of the save" }
            div class="stack" {
                (line("assignment-rule", "Assignment rule", fields, "off, or the Id of a rule; empty: the active rule runs."))
                (line("if-unmodified-since", "Only if unmodified since", fields, "Tue, 24 Nov 2026 09:30:00 GMT; not for create."))
                fieldset id="duplicate-rule" {
                    legend { "When a duplicate rule finds a match" }
                    (tick("allow-save", "Save all the same, if the rule only alerts", fields))
                    (tick("include-record-details", "Put the matching records' fields into the error", fields))
                    (tick("run-as-current-user", "Apply the sharing rules of the connection's user", fields))
                }
            }
        }
    }
}

fn field_row(number: usize, name: &str, kind: &str, value: &str) -> Markup {
    let id = |part: &str| format!("{part}-{number}");
    let [name_field, type_field, value_field] = FIELD;
    html! {
        div class="line" role="group" aria-label={ "Field " (number) } {
            div class="field" { label for=(id(name_field)) { "Field" }
                input id=(id(name_field)) name=(name_field) value=(name) list="object-fields" autocomplete="off" autocapitalize="off" spellcheck="false"; }
            div class="field" { label for=(id(type_field)) { "Type" }
                select id=(id(type_field)) name=(type_field) {
                    @for known in FIELD_TYPES { option value=(known) selected[known == kind] { (known) } }
                } }
            div class="field wide" { label for=(id(value_field)) { "Value" }
                input id=(id(value_field)) name=(value_field) value=(value) autocomplete="off"; }
            button id={ "remove-field-" (number) } class="quiet remove" type="button" hidden aria-label={ "Remove field " (number) } { "Remove" }
        }
    }
}

fn object(fields: &Fields) -> Markup {
    html! {
        div class="field" {
            label for="object" { "Object" }
            input id="object" name="object" value=(fields.one("object")) list="objects" required autocomplete="off"
                autocapitalize="off" spellcheck="false" placeholder="Account";
        }
    }
}

fn record_id(fields: &Fields) -> Markup {
    html! { div class="for-id" { (line("record-id", "Record Id", fields, "15 or 18 characters.")) } }
}

fn external_id(fields: &Fields) -> Markup {
    html! {
        div class="pair for-external-id" {
            div class="field" {
                label for="external-field" { "External Id field" }
                input id="external-field" name="external-field" value=(fields.one("external-field")) list="external-fields"
                    autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="external-field-hint";
                p id="external-field-hint" class="hint" { "Or another field that records are found by: " code { "Email" } " of a contact." }
            }
            div class="field" {
                label for="external-value" { "Its value" }
                input id="external-value" name="external-value" value=(fields.one("external-value")) autocomplete="off";
            }
        }
    }
}

fn line(name: &str, words: &str, fields: &Fields, hint: &str) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (words) }
            input id=(name) name=(name) value=(fields.one(name)) autocomplete="off" autocapitalize="off" spellcheck="false"
                aria-describedby={ (name) "-hint" };
            p id={ (name) "-hint" } class="hint" { (hint) }
        }
    }
}

fn number(name: &str, words: &str, fields: &Fields, hint: &str) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (words) }
            input id=(name) name=(name) value=(fields.one(name)) inputmode="numeric" autocomplete="off" aria-describedby={ (name) "-hint" };
            p id={ (name) "-hint" } class="hint" { (hint) }
        }
    }
}

fn choice(name: &str, value: &str, words: &str, chosen: bool) -> Markup {
    let id = format!("{name}-{value}");
    html! {
        div class="choice" { input type="radio" id=(id) name=(name) value=(value) checked[chosen]; label for=(id) { (words) } }
    }
}

fn tick(name: &str, words: &str, fields: &Fields) -> Markup {
    html! {
        div class="choice" {
            input type="checkbox" id=(name) name=(name) value="yes" checked[fields.is_ticked(name)];
            label for=(name) { (words) }
        }
    }
}

/// HTML drops a line break right after `<textarea>`.
fn start_of_text(text: &str) -> String {
    if text.starts_with('\n') { format!("\n{text}") } else { text.to_owned() }
}

/// At least as many rows as there are without script.
fn filled<const N: usize>(mut rows: Vec<[&str; N]>) -> Vec<[&str; N]> {
    while rows.len() < ROWS {
        rows.push([""; N]);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenants::{Tenant, TenantLimits};

    const ACTIONS: [ActionName; 3] =
        [ActionName::SoqlQuery, ActionName::GetRecordFieldValues, ActionName::CreateOrUpdateRecord];

    fn page(action: ActionName, fields: &Fields) -> String {
        let tenant = Tenant {
            id: "t".to_owned(),
            name: "t".to_owned(),
            limits: TenantLimits::default(),
            suspended_at: None,
            created_at: 0,
        };
        let session = Session { tenant, csrf: "c".to_owned(), is_administrator: false, token: String::new() };
        let choices = Choices { connections: Vec::new(), components: Vec::new() };
        html! { (tabs(action, fields)) (form(&session, &choices, action, fields)) }.into_string()
    }

    fn all<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
        page.split(&format!(" {attribute}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn every_id_is_there_once_and_every_label_has_its_input() {
        for action in ACTIONS {
            let page = page(action, &Fields::default());
            let ids = all(&page, "id");
            for id in &ids {
                assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{action}: {id}");
            }
            for target in all(&page, "for").iter().chain(&all(&page, "aria-describedby")) {
                assert!(ids.contains(target), "{action}: {target}");
            }
        }
    }

    #[test]
    fn what_was_typed_comes_back_escaped() {
        let evil = "\"><script>alert(1)</script>";
        let names =
            ["soql", "fields", "object", "record-id", "fields-json", "parameter-name", "field-value", "connection"];
        let fields = Fields::of(&names.map(|name| (name, evil)));
        for action in ACTIONS {
            let page = page(action, &fields);
            assert!(!page.contains("<script>"), "{page}");
            assert!(page.contains("&quot;&gt;&lt;script&gt;") || page.contains("&lt;script&gt;alert"), "{page}");
        }
    }

    #[test]
    fn rows_stay_and_there_are_always_three() {
        let page_of = |pairs: &[(&str, &str)]| page(ActionName::SoqlQuery, &Fields::of(pairs));
        assert_eq!(page_of(&[]).matches("class=\"line\"").count(), ROWS);
        let rows: Vec<_> = ["a", "b", "c", "d"].map(|name| ("parameter-name", name)).to_vec();
        assert_eq!(page_of(&rows).matches("class=\"line\"").count(), 4);
    }
}
