//! The tools that a set of actions makes.

use std::collections::HashSet;
use std::sync::Arc;

use rmcp::model::{Tool, ToolAnnotations};
use salesforce_actions::schema::Schemas;
use salesforce_actions::types::member;
use salesforce_actions::{Action, Actions, Effect};
use serde_json::{Map, Value, json};

use crate::schema::{InputSchemas, nothing};
use crate::texts::{description, title};

/// The tool that tells which connections there are.
pub const LIST_CONNECTIONS: &str = "list-connections";

pub(crate) const CONNECTION: &str = "connection";
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency_key";

/// Characters of a tool's name. The protocol allows 128; some models' interfaces take no more than this, and neither dots nor
/// slashes.
const LONGEST_NAME: usize = 64;

/// The most tools of uploaded components, and bytes of their descriptions and schemas together.
const OWN_TOOLS: usize = 100;
const OWN_TOOLS_BYTES: usize = 1 << 20;

/// Where calls are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// With the one connection that the host has.
    OneConnection,
    /// At a server: calls name a connection of the tenant's, and writes can have an idempotency key.
    Server,
}

/// The tools of a client.
#[derive(Debug)]
pub struct Tools {
    pub(crate) place: Place,
    pub(crate) writes: bool,
    pub(crate) how_to_write: &'static str,
    entries: Vec<Arc<Entry>>,
    list_connections: Option<Tool>,
}

/// An uploaded component, of whose own actions tools are made.
#[derive(Clone, Debug)]
pub struct Component {
    /// What its calls name it by.
    pub digest: String,
    /// What its tenant calls it.
    pub name: String,
    /// All that it can be asked for.
    pub actions: Arc<Actions>,
}

/// One tool.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) tool: Tool,
    /// The actions that it is one of.
    pub(crate) actions: Arc<Actions>,
    /// Digest of the uploaded component that has it; none: it is the host's connector, or its component.
    pub(crate) component: Option<String>,
    /// The action's name, which the tool's may differ from.
    pub(crate) action: String,
    pub(crate) effect: Effect,
    /// Names of the action's parameters, as JSON has them.
    pub(crate) parameters: Vec<String>,
    /// Its result is a page of records.
    pub(crate) gives_page: bool,
    pub(crate) takes_connection: bool,
    pub(crate) takes_key: bool,
}

impl Tools {
    /// The tools of these actions. Those that write are there if `writes`; else `how_to_write` says, in a sentence, who
    /// switches them on and how.
    #[must_use]
    pub fn new(actions: Arc<Actions>, place: Place, writes: bool, how_to_write: &'static str) -> Tools {
        let schemas = InputSchemas::new(&Schemas::of(&actions));
        let mut taken = HashSet::from([LIST_CONNECTIONS.to_owned()]);
        let entry =
            |action: &Action| Arc::new(Entry::new(&actions, action, place, unique(&action.name, &mut taken), &schemas));
        let entries = actions.iter().map(entry).collect();
        let list_connections = (place == Place::Server).then(list_connections);
        Tools { place, writes, how_to_write, entries, list_connections }
    }

    /// These, and those of the components' own actions: not of what they have in place of the connector's. Where two have an action
    /// of one name, the first has the plain name. At most 100 of 1 MiB together; what is beyond is no tool.
    #[must_use]
    pub fn with(&self, components: impl IntoIterator<Item = Component>) -> Tools {
        let taken = self.entries.iter().map(|entry| entry.tool.name.to_string());
        let mut taken: HashSet<String> = taken.chain([LIST_CONNECTIONS.to_owned()]).collect();
        let mut own: Vec<Arc<Entry>> = Vec::new();
        let mut left = OWN_TOOLS_BYTES;
        'components: for component in components {
            let schemas = InputSchemas::new(&Schemas::of(&component.actions));
            for action in component.actions.iter().filter(|action| !action.is_own()) {
                let name = unique(&action.name, &mut taken);
                let entry = Entry::new(&component.actions, action, self.place, name, &schemas).of(&component);
                let bytes = serde_json::to_string(&entry.tool).map_or(usize::MAX, |text| text.len());
                left = match left.checked_sub(bytes) {
                    Some(left) if own.len() < OWN_TOOLS => left,
                    _ => break 'components,
                };
                own.push(Arc::new(entry));
            }
        }
        Tools {
            entries: self.entries.iter().cloned().chain(own).collect(),
            list_connections: self.list_connections.clone(),
            ..*self
        }
    }

    /// Those that are listed.
    pub(crate) fn listed(&self) -> Vec<Tool> {
        let of_actions = self.entries.iter().filter(|entry| self.writes || entry.effect == Effect::Reads);
        self.list_connections.iter().chain(of_actions.map(|entry| &entry.tool)).cloned().collect()
    }

    /// The tool of this name, listed or not.
    pub(crate) fn named(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tool.name == name).map(|entry| &**entry)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.listed().into_iter().map(|tool| tool.name.into_owned()).collect()
    }
}

impl Entry {
    fn new(actions: &Arc<Actions>, action: &Action, place: Place, name: String, schemas: &InputSchemas) -> Entry {
        let mut schema = schemas.of(&action.name);
        let parameters: Vec<_> = action.parameters.iter().map(|parameter| member(&parameter.name)).collect();
        let is_free = |member: &str| !parameters.iter().any(|parameter| parameter == member);
        let takes_connection = place == Place::Server && is_free(CONNECTION);
        let takes_key = place == Place::Server && action.writes() && is_free(IDEMPOTENCY_KEY);
        if takes_connection {
            add(&mut schema, CONNECTION, connection());
        }
        if takes_key {
            add(&mut schema, IDEMPOTENCY_KEY, idempotency_key());
        }
        let annotations = match action.effect {
            Effect::Reads => ToolAnnotations::new().read_only(true).destructive(false).idempotent(true),
            Effect::Writes => ToolAnnotations::new().read_only(false).destructive(true).idempotent(false),
        };
        let tool = Tool::new(name, description(action), schema);
        Entry {
            tool: tool.with_title(title(&action.name)).with_annotations(annotations.open_world(true)),
            actions: actions.clone(),
            component: None,
            action: action.name.clone(),
            effect: action.effect,
            parameters,
            gives_page: action.result.is_some_and(|id| actions.types().is_own(id, "soql", "page")),
            takes_connection,
            takes_key,
        }
    }

    /// The same, of this component.
    fn of(self, component: &Component) -> Entry {
        let Component { digest, name, .. } = component;
        let said = self.tool.description.as_deref().unwrap_or_default();
        let said = format!("{said}\n\nAn action of the uploaded component {name} ({digest}).");
        let mut tool = self.tool;
        tool.description = Some(said.into());
        Entry { tool, component: Some(digest.clone()), ..self }
    }
}

fn add(schema: &mut Map<String, Value>, member: &str, described: Value) {
    let properties = schema.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(properties) = properties {
        properties.insert(member.to_owned(), described);
    }
}

fn connection() -> Value {
    json!({
        "type": "string",
        "description": format!("Id of the connection to use; the tool {LIST_CONNECTIONS} tells which there are. It may be left \
            out while exactly one connection is active."),
    })
}

fn idempotency_key() -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": 200,
        "pattern": "^[!-~]+$",
        "description": "A name for this very call, 1 to 200 visible ASCII characters. The same call with the same key again is \
            answered with the recorded result, and nothing is sent. Use a new key for a new write.",
    })
}

fn list_connections() -> Tool {
    let said = "Lists the connections to Salesforce orgs that other tools can use, with their ids, names, states and users. \
        Only an active one can be used.";
    let annotations = ToolAnnotations::new().read_only(true).destructive(false).idempotent(true).open_world(false);
    Tool::new(LIST_CONNECTIONS, said, nothing()).with_title("List connections").with_annotations(annotations)
}

/// A name of the characters that every client takes, and of no other tool.
fn unique(action: &str, taken: &mut HashSet<String>) -> String {
    let plain =
        |character: char| if character.is_ascii_alphanumeric() || "_-".contains(character) { character } else { '_' };
    let plain: String = action.chars().map(plain).collect();
    // What tells tools apart is at the end of a long name: the function.
    let shortened = |suffix: &str| {
        let from = (plain.len() + suffix.len()).saturating_sub(LONGEST_NAME);
        format!("{}{suffix}", plain.get(from..).unwrap_or_default())
    };
    let mut name = shortened("");
    let mut number = 2;
    while name.is_empty() || taken.contains(&name) {
        name = shortened(&format!("_{number}"));
        number += 1;
    }
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tools(place: Place, writes: bool) -> Tools {
        Tools::new(Actions::of_connector().clone(), place, writes, "Ask somebody.")
    }

    #[test]
    fn every_action_of_the_table_is_a_tool_and_those_that_write_only_if_they_are_switched_on() {
        let all: Vec<_> = Actions::of_connector().iter().map(|action| action.name.clone()).collect();
        assert_eq!(tools(Place::OneConnection, true).names(), all);
        let reading = Actions::of_connector().iter().filter(|action| !action.writes());
        let reading: Vec<_> = reading.map(|action| action.name.clone()).collect();
        assert_eq!(tools(Place::OneConnection, false).names(), reading);
        assert_eq!(tools(Place::Server, false).names(), [&[LIST_CONNECTIONS.to_owned()], &reading[..]].concat());
        assert!(tools(Place::OneConnection, false).named("delete-record").is_some());
    }

    #[test]
    fn tools_of_components_are_those_of_their_own_actions_within_bounds() {
        let base = tools(Place::Server, true);
        let component = |actions| Component { digest: "d".to_owned(), name: "n".to_owned(), actions };
        assert_eq!(base.with([component(Actions::of_connector().clone())]).names(), base.names());
        let own = r#"{"types":[],"actions":[{"interface":"acme:quotes/actions@1.0.0","function":"list","name":"list",
            "parameters":[],"effect":"writes"}]}"#;
        let own: Arc<Actions> = Arc::new(serde_json::from_str(own).unwrap());
        let all = base.with((0..OWN_TOOLS + 5).map(|_| component(own.clone())));
        assert_eq!(all.names().len(), base.names().len() + OWN_TOOLS);
        assert_eq!(all.named("list").unwrap().component.as_deref(), Some("d"));
        assert_eq!(all.named("list_2").unwrap().action, "list");
        let said = all.named("list").unwrap().tool.description.clone().unwrap();
        assert!(said.ends_with("An action of the uploaded component n (d)."), "{said}");
    }

    #[test]
    fn names_are_of_characters_that_every_client_takes_and_of_one_tool() {
        let mut taken = HashSet::from(["list-connections".to_owned()]);
        let mut named = |action: &str| unique(action, &mut taken);
        assert_eq!(named("soql-query"), "soql-query");
        assert_eq!(named("acme:quotes/actions.soql-query"), "acme_quotes_actions_soql-query");
        assert_eq!(named("acme-quotes/actions.soql-query"), "acme-quotes_actions_soql-query");
        assert_eq!(named("acme_quotes/actions.soql-query"), "acme_quotes_actions_soql-query_2");
        assert_eq!(named("list-connections"), "list-connections_2");
        let long = format!("{}.quote", "a".repeat(500));
        assert_eq!((named(&long).len(), named(&long).ends_with("quote_2")), (64, true));
    }

    #[test]
    fn annotations_say_what_a_call_may_do() {
        for tool in tools(Place::Server, true).listed() {
            let hints = tool.annotations.unwrap();
            let writes = Actions::of_connector().named(&tool.name).is_some_and(|action| action.writes());
            assert_eq!((hints.read_only_hint, hints.destructive_hint), (Some(!writes), Some(writes)), "{}", tool.name);
            assert!(tool.title.is_some_and(|title| !title.is_empty() && title.len() < 60), "{}", tool.name);
        }
    }

    #[test]
    fn a_schema_is_complete_in_itself() {
        fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    members.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        for tool in tools(Place::Server, true).listed() {
            let schema = Value::Object((*tool.input_schema).clone());
            assert_eq!((&schema["type"], &schema["additionalProperties"]), (&json!("object"), &json!(false)));
            let mut found = Vec::new();
            references(&schema, &mut found);
            for reference in found {
                let name = reference.strip_prefix("#/$defs/").unwrap_or_else(|| panic!("{}: {reference}", tool.name));
                assert!(schema["$defs"][name].is_object(), "{}: {reference}", tool.name);
            }
            let writes = Actions::of_connector().named(&tool.name).is_some_and(|action| action.writes());
            assert_eq!(schema["properties"][IDEMPOTENCY_KEY].is_object(), writes, "{}", tool.name);
            assert_eq!(schema["properties"][CONNECTION].is_object(), tool.name != LIST_CONNECTIONS, "{}", tool.name);
            // An agent reads it with every conversation.
            let bytes = serde_json::to_string(&tool).unwrap().len();
            assert!(bytes <= 24 << 10, "{} has {bytes} bytes", tool.name);
        }
    }

    #[test]
    fn what_is_said_of_a_tool_names_members_as_json_has_them() {
        let tools = tools(Place::OneConnection, false);
        let said = tools.named("soql-query").unwrap().tool.description.clone().unwrap();
        assert!(said.contains("`max_records`") && !said.contains("`max-records`"), "{said}");
        assert_eq!(tools.named("soql-query").unwrap().tool.title.as_deref(), Some("Soql query"));
        assert!(tools.named("soql-query").unwrap().gives_page && !tools.named("user-info").unwrap().gives_page);
    }
}
