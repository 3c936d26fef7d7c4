//! What a write of unknown outcome would have left at Salesforce, and a query that finds it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::clock::rfc3339;
use salesforce_actions::Call;

/// Conditions of a query.
const MOST_CONDITIONS: usize = 4;
/// Characters of a text or a number that is compared.
const MOST_CHARACTERS: usize = 200;
/// How far this server's clock and Salesforce's may differ, in milliseconds.
const CLOCKS_DIFFER: i64 = 5 * 60 * 1000;

/// Where to look.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LookFor {
    /// In words, without an end.
    pub(super) what: String,
    /// SOQL; none if the object has no name that fits a query.
    pub(super) query: Option<String>,
}

/// Input of `create-or-update-record`.
#[derive(Deserialize)]
struct Saving {
    object: String,
    target: Target,
    fields: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Target {
    Create,
    Update(String),
    Upsert { external_id: ExternalId },
}

#[derive(Deserialize)]
struct ExternalId {
    field: String,
    value: String,
}

/// What to look for after a write that began at this moment; none where nothing is known of what it leaves.
pub(super) fn look_for(call: &Call, started_at: i64) -> Option<LookFor> {
    if call.action().name != "create-or-update-record" {
        return None;
    }
    let Saving { object, target, fields } = serde_json::from_str(call.input()).ok()?;
    let fields: Map<String, Value> = if let Value::Object(fields) = fields { fields } else { Map::new() };
    let object = Some(object.as_str()).filter(|name| is_name(name));
    let named = object.unwrap_or("record");
    let query =
        |select: &str, condition: String| object.map(|from| format!("SELECT {select} FROM {from} WHERE {condition}"));
    let changed = || {
        let names = fields.keys().filter(|name| is_name(name) && *name != "Id").take(MOST_CONDITIONS);
        ["Id", "LastModifiedDate"].into_iter().chain(names.map(String::as_str)).collect::<Vec<_>>().join(", ")
    };
    Some(match target {
        Target::Create => {
            let conditions = fields.iter().filter_map(|(name, value)| condition(name, value)).take(MOST_CONDITIONS);
            let since = format!("CreatedDate >= {}", rfc3339(started_at - CLOCKS_DIFFER));
            let conditions: Vec<_> = conditions.chain([since]).collect();
            LookFor {
                what: format!("a new {named} with these values: if there is one, it was created"),
                query: query("Id, CreatedDate", conditions.join(" AND ")),
            }
        }
        Target::Update(id) => LookFor {
            what: format!("the {named} with this Id: if it has these values, it was updated"),
            query: query(&changed(), format!("Id = {}", literal(&id)?)),
        },
        Target::Upsert { external_id: id } => {
            let condition = Some(&id.field).filter(|field| is_name(field)).zip(literal(&id.value));
            LookFor {
                what: format!(
                    "the {named} with this external Id (a number stands without quotes): if it has these values, it was \
                     saved"
                ),
                query: condition.and_then(|(field, value)| query(&changed(), format!("{field} = {value}"))),
            }
        }
    })
}

/// A comparison, of what SOQL compares without knowing the field's type: no dates, which take no quotes, and no long
/// texts, which are not compared.
fn condition(name: &str, value: &Value) -> Option<String> {
    let value = match value {
        Value::String(text) if !is_date(text) => literal(text)?,
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => {
            let fits = |digits: &String| digits.len() <= MOST_CHARACTERS && !digits.contains(['e', 'E']);
            Some(number.to_string()).filter(fits)?
        }
        _ => return None,
    };
    is_name(name).then(|| format!("{name} = {value}"))
}

/// A text in quotes (SOQL reference, "Quoted String Escape Sequences").
fn literal(text: &str) -> Option<String> {
    let fits = !text.is_empty() && text.chars().count() <= MOST_CHARACTERS && !text.chars().any(char::is_control);
    fits.then(|| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")))
}

fn is_name(text: &str) -> bool {
    (1..=80).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `2026-11-24`, with a time behind it or not; `09:30:00`.
fn is_date(text: &str) -> bool {
    let shape: String = text.chars().take(10).map(|one| if one.is_ascii_digit() { '0' } else { one }).collect();
    shape == "0000-00-00" || shape.starts_with("00:00:00")
}

#[cfg(test)]
mod tests {
    use super::*;
    use salesforce_actions::Actions;

    fn call(action: &str, input: &str) -> Call {
        Call::parse(Actions::of_connector(), action, input).unwrap()
    }

    fn query(input: &str) -> Option<String> {
        look_for(&call("create-or-update-record", input), 1_795_513_800_000)?.query
    }

    #[test]
    fn a_create_is_looked_for_by_what_it_set() {
        let input = r#"{"object":"Account","target":"create","fields":{"Name":"O'Neil \\ Sons","N__c":0.10,"B__c":true,"D":"2026-11-24",
            "T":"09:30:00Z","E":1e5,"Z":null,"Owner":{"Email":"x"},"x y":"z","L":"a\nb"}}"#;
        let expected = r"SELECT Id, CreatedDate FROM Account WHERE Name = 'O\'Neil \\ Sons' AND N__c = 0.10 AND B__c = true AND CreatedDate >= 2026-11-24T09:45:00.000Z";
        assert_eq!(query(input).unwrap(), expected);
    }

    #[test]
    fn a_number_without_measure_is_not_compared() {
        let input = format!(r#"{{"object":"A","target":"create","fields":{{"N":1{},"M":2}}}}"#, "0".repeat(1_000_000));
        assert!(query(&input).unwrap().contains("WHERE M = 2 AND CreatedDate"));
    }

    #[test]
    fn other_writes_are_looked_for_by_their_id() {
        let update = r#"{"object":"Account","target":{"update":"001000000000001"},"fields":{"Name":"x"}}"#;
        let expected = "SELECT Id, LastModifiedDate, Name FROM Account WHERE Id = '001000000000001'";
        assert_eq!(query(update).unwrap(), expected);
        let upsert = r#"{"object":"Account","target":{"upsert":{"external_id":{"field":"ERP__c","value":"4'2"}}},"fields":{"Name":"x"}}"#;
        let expected = r"SELECT Id, LastModifiedDate, Name FROM Account WHERE ERP__c = '4\'2'";
        assert_eq!(query(upsert).unwrap(), expected);
    }

    #[test]
    fn a_read_leaves_nothing_and_odd_names_enter_no_query() {
        assert_eq!(look_for(&call("next-page", r#"{"cursor":"c"}"#), 0), None);
        assert_eq!(query(r#"{"object":"A, B","target":"create","fields":{}}"#), None);
        assert!(query(r#"{"object":"A","target":"create","fields":7}"#).is_some());
    }
}
