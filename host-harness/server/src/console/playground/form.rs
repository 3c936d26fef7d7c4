//! The form of an action, filled in with what was sent before, and links to those of the others.

use maud::{Markup, html};

use super::super::page::csrf_field;
use super::super::session::Session;
use super::fields::Fields;
use super::input::{Elements, Form, Wrong, marked, paragraph, words};
use crate::components::ComponentRecord;
use crate::connections::ConnectionRecord;
use salesforce_actions::{Action, Actions, Effect, summary};

/// What can be chosen.
pub(super) struct Choices {
    /// Active ones.
    pub(super) connections: Vec<ConnectionRecord>,
    /// Accepted uploads.
    pub(super) components: Vec<ComponentRecord>,
    /// The connection that the form, or else the browser, named last. It may be gone.
    pub(super) chosen: Option<String>,
}

impl Choices {
    /// One that is offered.
    pub(super) fn connection(&self, id: &str) -> Option<&ConnectionRecord> {
        self.connections.iter().find(|connection| connection.id == id)
    }
}

/// Links to the form of each action, which keep the connection and the component.
pub(super) fn menu(actions: &Actions, here: &Action, fields: &Fields) -> Markup {
    let link = |action: &Action| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("action", &action.name);
        for name in ["connection", "component", "object"] {
            if let Some(value) = fields.given(name) {
                query.append_pair(name, value);
            }
        }
        format!("/console/playground?{}", query.finish())
    };
    html! {
        details class="action-menu" {
            summary id="choose-action" { span class="dim" { "Action: " } (title(here)) }
            nav id="playground-actions" aria-label="Actions" {
                @for (interface, actions) in by_interface(actions) {
                    ul aria-label=(interface) {
                        li class="interface" aria-hidden="true" { (interface) }
                        @for action in actions {
                            li { a id={ "action-" (action.name) } href=(link(action)) aria-current=[(action == here).then_some("page")] {
                                (title(action))
                            } }
                        }
                    }
                }
            }
        }
    }
}

/// The actions of each interface, under its name in words.
fn by_interface(actions: &Actions) -> Vec<(String, Vec<&Action>)> {
    let mut groups: Vec<(String, Vec<&Action>)> = Vec::new();
    for action in actions.iter() {
        let interface = action.interface.rsplit('/').next().and_then(|name| name.split('@').next());
        let interface = words(interface.unwrap_or_default());
        match groups.iter_mut().find(|(name, _)| *name == interface) {
            Some((_, group)) => group.push(action),
            None => groups.push((interface, vec![action])),
        }
    }
    groups
}

/// The function in words, with its interface where the function alone does not name it.
fn title(action: &Action) -> String {
    match action.name.strip_suffix(&action.function).and_then(|interface| interface.strip_suffix('.')) {
        Some(interface) => format!("{} ({interface})", words(&action.function)),
        None => words(&action.function),
    }
}

/// Id of the field for the idempotency key.
const KEY: &str = "idempotency-key";

/// The form of an action.
pub(super) fn form(
    session: &Session,
    choices: &Choices,
    actions: &Actions,
    action: &Action,
    fields: &Fields,
    wrong: Option<&Wrong>,
) -> Markup {
    let (form, elements) = (Form::of(actions, action), Elements { fields, wrong });
    let options = form.options(&elements);
    let has_key = fields.given("idempotency-key").is_some() || wrong.is_some_and(|wrong| wrong.element == KEY);
    html! {
        form id="playground-form" class="stack playground" method="post" action="/console/playground" tabindex="-1"
            data-effect=(if action.effect == Effect::Writes { "writes" } else { "reads" }) {
            (csrf_field(session))
            input type="hidden" name="action" value=(action.name);
            div class="pair" { (connection(choices)) (component(choices, fields)) }
            (form.show(&elements))
            div class="run" {
                button id="run" type="submit" disabled[choices.connections.is_empty()] { "Run" }
                span class="hint with-script" hidden { "or Ctrl+Enter; on a Mac ⌘+Enter" }
                p id="playground-status" class="hint" role="status" {}
            }
            (options.folded)
            details open[options.are_used || has_key] {
                summary id="more-options" { "Options" }
                div class="group" {
                    (options.fields)
                    div class="field small" {
                        label for=(KEY) { "Idempotency key" }
                        input id=(KEY) name="idempotency-key" value=(fields.one("idempotency-key")) autocomplete="off"
                            autocapitalize="off" spellcheck="false" aria-describedby="idempotency-key-hint";
                        p id="idempotency-key-hint" class="hint" { "The same key again gets the recorded result, and nothing is sent." }
                    }
                }
            }
            datalist id="objects" {}
            datalist id="object-fields" {}
            datalist id="external-fields" {}
        }
    }
}

/// What the WIT says of the action.
pub(super) fn about(action: &Action) -> Markup {
    let Some(summary) = summary(&action.docs) else { return html! {} };
    let whole: Vec<_> = action.docs.split("\n\n").map(paragraph).collect();
    html! {
        p id="action-summary" { (marked(&paragraph(summary))) "." }
        @if whole.len() > 1 {
            details id="action-docs" { summary { "About this action" } @for paragraph in whole { p { (marked(&paragraph)) } } }
        }
    }
}

fn connection(choices: &Choices) -> Markup {
    let only = choices.connections.len() == 1;
    let chosen = |id: &str| choices.chosen.as_deref() == Some(id) || only;
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

/// Another component may have other actions: without script a button shows them.
fn component(choices: &Choices, fields: &Fields) -> Markup {
    if choices.components.is_empty() && fields.given("component").is_none() {
        return html! {};
    }
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
            @if !choices.components.is_empty() {
                button id="show-component" class="quiet" type="submit" name="show" value="component" formnovalidate { "Show its actions" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenants::{Tenant, TenantLimits};

    fn page(actions: &Actions, action: &Action, fields: &Fields) -> String {
        let tenant = Tenant::of_test("t", TenantLimits::default());
        let session = Session { tenant, csrf: "c".to_owned(), is_administrator: false, token: String::new() };
        let choices = Choices { connections: Vec::new(), components: Vec::new(), chosen: None };
        html! { (menu(actions, action, fields)) (about(action)) (form(&session, &choices, actions, action, fields, None)) }
            .into_string()
    }

    fn all<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
        page.split(&format!(" {attribute}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    fn assert_accessible(page: &str) {
        let ids = all(page, "id");
        for id in &ids {
            assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{id}");
        }
        let labels = all(page, "for");
        for target in labels.iter().chain(&all(page, "aria-describedby")) {
            assert!(ids.contains(target), "{target}");
        }
        for tag in ["<input ", "<select ", "<textarea "] {
            for element in page.split(tag).skip(1).filter_map(|rest| rest.split('>').next()) {
                let is_labelled = all(&format!(" {element}"), "id").first().is_some_and(|id| labels.contains(id));
                assert!(is_labelled || element.contains("type=\"hidden\""), "{element}");
            }
        }
    }

    #[test]
    fn every_id_is_there_once_and_every_input_has_its_label() {
        let own = Actions::of_connector();
        for action in own.iter() {
            assert_accessible(&page(own, action, &Fields::default()));
        }
    }

    #[test]
    fn a_tenants_own_action_gets_a_form() {
        let actions = super::super::input::of_quotes();
        let action = actions.named("quote").unwrap();
        let page = page(&actions, action, &Fields::default());
        assert_accessible(&page);
        for part in [
            "Prices an order.</p>",
            ">The shop's own order.</p>",
            "<option value=\"acme\">Acme</option>",
            "type=\"radio\" id=\"input.order.discount:is-percent\" name=\"order.discount\" value=\"percent\"",
            "type=\"checkbox\" id=\"input.order.extras:is-gift-wrap\" name=\"order.extras\" value=\"gift-wrap\"",
            "type=\"checkbox\" id=\"input.order.single\" name=\"order.single\"",
            "<textarea id=\"input.lines\" name=\"lines\"",
            "name=\".component\"",
            "<select id=\"input.order.tier\" name=\"order.tier\" required><option value=\"\">Choose…</option>",
            "name=\"order.note\" value=\"\" required",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }

    #[test]
    fn what_was_typed_comes_back_escaped() {
        let evil = "\"><script>alert(1)</script>";
        let inner = [
            "query.soql",
            ".cursor",
            "query.parameters.name",
            "fields.json",
            "fields.value",
            "key.id",
            "target.update",
            "connection",
            "job.object",
            ".action.flow",
            "request.submit.record-id",
        ];
        for action in Actions::of_connector().iter().filter(|action| !action.parameters.is_empty()) {
            let own = action.parameters.iter().map(|parameter| parameter.name.as_str());
            let fields = inner.into_iter().chain(own).map(|name| (name.to_owned(), evil.to_owned())).collect();
            let page = page(Actions::of_connector(), action, &fields);
            assert!(!page.contains("<script>"), "{page}");
            assert!(page.contains("&quot;&gt;&lt;script&gt;") || page.contains("&lt;script&gt;alert"), "{page}");
        }
    }

    #[test]
    fn rows_stay_and_there_are_always_three() {
        let own = Actions::of_connector();
        let page_of = |pairs: &[(&str, &str)]| page(own, own.named("soql-query").unwrap(), &Fields::of(pairs));
        assert_eq!(page_of(&[]).matches("class=\"line\"").count(), 3);
        let rows: Vec<_> = ["a", "b", "c", "d"].map(|name| ("query.parameters.name", name)).to_vec();
        assert_eq!(page_of(&rows).matches("class=\"line\"").count(), 4);
    }

    #[test]
    fn two_functions_of_one_name_have_two_titles() {
        let named = |name: &str| Action {
            interface: "acme:quotes/actions@1.0.0".to_owned(),
            function: "soql-query".to_owned(),
            name: name.to_owned(),
            docs: String::new(),
            parameters: Vec::new(),
            result: None,
            effect: Effect::Writes,
        };
        assert_eq!(title(&named("soql-query")), "SOQL query");
        assert_eq!(title(&named("acme:quotes/actions.soql-query")), "SOQL query (acme:quotes/actions)");
    }
}
