//! The schema of a tool's input, complete in itself: what it refers to is in its `$defs`.

use std::collections::BTreeMap;

use salesforce_actions::schema::Schemas;
use serde_json::{Map, Value};

/// How the schemas of actions refer to one another.
const REFERENCE: &str = "#/components/schemas/";

/// The schemas of actions, of which those of tools are made.
pub(crate) struct InputSchemas {
    named: BTreeMap<String, Value>,
    inputs: BTreeMap<String, Value>,
}

impl InputSchemas {
    pub(crate) fn new(schemas: &Schemas) -> InputSchemas {
        // A schema is data: it can always be written.
        let json = |schema| serde_json::to_value(schema).unwrap_or_default();
        InputSchemas {
            named: schemas.named().map(|(name, schema)| (name.clone(), json(schema))).collect(),
            inputs: schemas.inputs().map(|(action, schema)| (action.to_owned(), json(schema))).collect(),
        }
    }

    /// The input of an action, an object.
    pub(crate) fn of(&self, action: &str) -> Map<String, Value> {
        let reference = self.inputs.get(action).and_then(|schema| referred_to(schema));
        let mut root = reference.and_then(|name| self.named.get(name)).cloned().unwrap_or_default();
        let mut definitions = BTreeMap::new();
        self.collect(&mut root, &mut definitions);
        let Value::Object(mut root) = root else { return nothing() };
        if !definitions.is_empty() {
            root.insert("$defs".to_owned(), Value::Object(definitions.into_iter().collect()));
        }
        root
    }

    /// Makes each reference lead into `$defs`, and what it leads to be there.
    fn collect(&self, schema: &mut Value, definitions: &mut BTreeMap<String, Value>) {
        match schema {
            Value::Object(members) => {
                if let Some(name) =
                    members.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(REFERENCE))
                {
                    let name = name.to_owned();
                    if !definitions.contains_key(&name) {
                        let mut definition = self.named.get(&name).cloned().unwrap_or_default();
                        // It may refer to itself.
                        definitions.insert(name.clone(), Value::Null);
                        self.collect(&mut definition, definitions);
                        definitions.insert(name.clone(), definition);
                    }
                    members.insert("$ref".to_owned(), Value::String(format!("#/$defs/{name}")));
                }
                members.values_mut().for_each(|member| self.collect(member, definitions));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.collect(item, definitions)),
            _ => {}
        }
    }
}

/// The schema of an object without members.
pub(crate) fn nothing() -> Map<String, Value> {
    let members = [
        ("type", Value::String("object".to_owned())),
        ("properties", Value::Object(Map::new())),
        ("additionalProperties", Value::Bool(false)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn referred_to(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(REFERENCE)
}
