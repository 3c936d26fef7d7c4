//! What objects and fields an org has, for the pickers of the console: Salesforce's describe, read by the host with the
//! stored access token, and kept for a few minutes.
//!
//! What a refusal means is read as the connector reads it: an expired session is refreshed once, as for an action, and
//! Salesforce's words are told. See "Describe Global" and "sObject Describe" in the REST API
//! Developer Guide.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use salesforce_connector::core::api_version::ApiVersion;
use salesforce_connector::core::error::ErrorKind;
use salesforce_connector::core::name::ObjectName;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::connections::{ConnectionError, ConnectionKey, Connections, Tokens};
use salesforce_actions::display::json::readable;
use salesforce_runtime::Runtime;
use salesforce_runtime::egress::GetError;

/// How long a description is kept.
const KEPT: Duration = Duration::from_secs(5 * 60);
/// How many are.
const MOST: usize = 128;
/// Bytes of the largest one that is read.
const LARGEST: u64 = 32 << 20;

/// Describes orgs.
#[derive(Clone)]
pub(crate) struct Describe {
    connections: Connections,
    runtime: Runtime,
    objects: Arc<Recent<Vec<ObjectSummary>>>,
    fields: Arc<Recent<ObjectDescription>>,
}

/// An object in the list of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(crate) struct ObjectSummary {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) queryable: bool,
    pub(crate) createable: bool,
    pub(crate) updateable: bool,
}

/// An object with its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObjectDescription {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) label: String,
    #[serde(deserialize_with = "readable_ones")]
    pub(crate) fields: Vec<FieldDescription>,
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct FieldDescription {
    pub(crate) name: String,
    pub(crate) label: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) nillable: bool,
    pub(crate) createable: bool,
    pub(crate) updateable: bool,
    pub(crate) external_id: bool,
    /// Whether records are found by it, as by an external Id: `Email` of a contact, `Name` of a custom object.
    pub(crate) id_lookup: bool,
    #[serde(deserialize_with = "readable_ones")]
    pub(crate) picklist_values: Vec<PicklistValue>,
    /// Of a lookup: what its parent is called in a path, e.g. `Owner`.
    pub(crate) relationship_name: Option<String>,
    /// Of a lookup: the objects that it leads to.
    #[serde(deserialize_with = "readable_ones")]
    pub(crate) reference_to: Vec<String>,
}

/// A value of a picklist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PicklistValue {
    pub(crate) value: String,
    pub(crate) label: Option<String>,
    pub(crate) active: bool,
}

/// An org was not described.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DescribeError {
    /// The org has no such object, or its user does not see it.
    #[error("the org has no object of this name, or the connection's user does not see it")]
    NoSuchObject,
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The request to the org.
    #[error("the org was not described: {0}")]
    Get(#[from] GetError),
    /// The answer is none of Salesforce's.
    #[error("expected Salesforce's description, as JSON, but the org answered with something else")]
    Answer,
}

impl Describe {
    pub(crate) fn new(connections: Connections, runtime: Runtime) -> Describe {
        Describe { connections, runtime, objects: Arc::default(), fields: Arc::default() }
    }

    /// All objects that the connection's user sees, in the order of their names.
    pub(crate) async fn objects(
        &self,
        tenant: &str,
        connection: &str,
    ) -> Result<Arc<Vec<ObjectSummary>>, DescribeError> {
        #[derive(Deserialize)]
        struct Global {
            #[serde(deserialize_with = "readable_ones")]
            sobjects: Vec<ObjectSummary>,
        }
        let (connection, tokens) = self.tokens(tenant, connection).await?;
        if let Some(known) = self.objects.find(&key(&connection, &tokens, ""), Instant::now()) {
            return Ok(known);
        }
        let (tokens, body) = self.read(&connection, tokens, "sobjects").await?;
        let mut objects = read_json::<Global>(&body)?.sobjects;
        objects.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(self.objects.keep(key(&connection, &tokens, ""), objects, Instant::now()))
    }

    /// One object with its fields.
    pub(crate) async fn object(
        &self,
        tenant: &str,
        connection: &str,
        object: &ObjectName,
    ) -> Result<Arc<ObjectDescription>, DescribeError> {
        let (connection, tokens) = self.tokens(tenant, connection).await?;
        let object = object.as_str();
        if let Some(known) = self.fields.find(&key(&connection, &tokens, object), Instant::now()) {
            return Ok(known);
        }
        let read = self.read(&connection, tokens, &format!("sobjects/{object}/describe")).await;
        let (tokens, body) = read.map_err(|error| match error {
            DescribeError::Get(error) if means(&error, ErrorKind::NotFound) => DescribeError::NoSuchObject,
            error => error,
        })?;
        let description = read_json(&body)?;
        Ok(self.fields.keep(key(&connection, &tokens, object), description, Instant::now()))
    }

    /// The tokens of a tenant's connection. They are asked for even if the answer is known: a connection that was ended
    /// tells nothing more.
    async fn tokens(&self, tenant: &str, connection: &str) -> Result<(ConnectionKey, Tokens), DescribeError> {
        let key = ConnectionKey { tenant: tenant.to_owned(), id: connection.to_owned() };
        let tokens = self.connections.tokens(&key).await?;
        Ok((key, tokens))
    }

    async fn read(
        &self,
        connection: &ConnectionKey,
        tokens: Tokens,
        path: &str,
    ) -> Result<(Tokens, bytes::Bytes), DescribeError> {
        let refused = match self.read_once(&tokens, path).await {
            Err(error) if means(&error, ErrorKind::SessionExpired) => error.to_string(),
            other => return Ok((tokens, other?)),
        };
        let tokens = self.connections.refreshed(connection, tokens.revision, Some(refused), false).await?;
        let body = self.read_once(&tokens, path).await?;
        Ok((tokens, body))
    }

    async fn read_once(&self, tokens: &Tokens, path: &str) -> Result<bytes::Bytes, GetError> {
        let version = tokens.api_version.clone().unwrap_or_else(|| ApiVersion::DEFAULT.to_string());
        let url = format!("{}/services/data/{version}/{path}", tokens.instance_url);
        let policy = self.connections.policy([tokens.instance_url.clone()]);
        self.runtime.get_json(&policy, &url, &tokens.access_token, LARGEST).await
    }
}

fn means(error: &GetError, kind: ErrorKind) -> bool {
    matches!(error, GetError::Answered(error) if error.kind == kind)
}

/// Labels are written by people, and half of a character in one of them is no reason to know nothing of the org.
fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DescribeError> {
    serde_json::from_str(&readable(&String::from_utf8_lossy(body))).map_err(|_| DescribeError::Answer)
}

/// Another token set may be for another org, and another user.
fn key(connection: &ConnectionKey, tokens: &Tokens, object: &str) -> String {
    format!("{} {} {}", connection.id, tokens.revision, object.to_ascii_lowercase())
}

/// The elements that can be read, of a list or of null: one that is odd is no reason to know nothing of the others.
fn readable_ones<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let elements: Option<Vec<Box<RawValue>>> = Option::deserialize(deserializer)?;
    Ok(elements.into_iter().flatten().filter_map(|element| serde_json::from_str(element.get()).ok()).collect())
}

/// What was read in the last minutes, the oldest first.
struct Recent<T>(Mutex<Vec<Entry<T>>>);

struct Entry<T> {
    key: String,
    read_at: Instant,
    value: Arc<T>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Recent<T> {
    fn find(&self, key: &str, now: Instant) -> Option<Arc<T>> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| now.duration_since(entry.read_at) < KEPT);
        entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.clone())
    }

    fn keep(&self, key: String, value: T, now: Instant) -> Arc<T> {
        let value = Arc::new(value);
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| entry.key != key);
        let surplus = (entries.len() + 1).saturating_sub(MOST);
        entries.drain(..surplus);
        entries.push(Entry { key, read_at: now, value: value.clone() });
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_grows_old_and_stays_bounded() {
        let (recent, start) = (Recent::default(), Instant::now());
        recent.keep("a".to_owned(), 1, start);
        assert_eq!(recent.find("a", start + KEPT / 2).as_deref(), Some(&1));
        assert_eq!(recent.find("b", start), None);
        recent.keep("a".to_owned(), 2, start);
        assert_eq!(recent.find("a", start).as_deref(), Some(&2));
        assert_eq!(recent.find("a", start + KEPT), None);
        for number in 0..MOST + 3 {
            recent.keep(number.to_string(), number, start);
        }
        assert_eq!(recent.0.lock().unwrap().len(), MOST);
        assert_eq!(recent.find("2", start), None);
        assert_eq!(recent.find("3", start).as_deref(), Some(&3));
    }

    #[test]
    fn a_description_is_read_with_nulls_and_unknown_members() {
        let text = r#"{"name":"Lead","label":"Lead","urls":{},"fields":[{"name":"Email","idLookup":true},{"name":"OwnerId","label":"Owner","type":"reference",
            "nillable":false,"updateable":true,"externalId":false,"picklistValues":null,"relationshipName":"Owner",
            "referenceTo":["Group","User"]},{"name":"Status","type":"picklist","relationshipName":null,
            "picklistValues":[{"active":true,"label":null,"value":"Open"}]}]}"#;
        let lead: ObjectDescription = serde_json::from_str(text).unwrap();
        let [email, owner, status] = lead.fields.as_slice() else { panic!("{lead:?}") };
        assert!(email.id_lookup && !email.external_id && !owner.id_lookup);
        assert_eq!(owner.reference_to, ["Group", "User"]);
        assert_eq!(owner.relationship_name.as_deref(), Some("Owner"));
        assert!(owner.updateable && owner.picklist_values.is_empty());
        assert_eq!(status.picklist_values[0].value, "Open");
    }

    #[test]
    fn f106_of_a_description_that_is_odd_in_places_the_rest_is_read() {
        let text = br#"{"name":"Lead","fields":[null,7,{"name":"Email","label":"\ud83d"},{"name":[]},
            {"name":"Status","picklistValues":[null,{"value":"Open"},"x"],"referenceTo":["User",null]}]}"#;
        let lead: ObjectDescription = read_json(text).unwrap();
        let [email, status] = lead.fields.as_slice() else { panic!("{lead:?}") };
        assert_eq!((email.name.as_str(), email.label.as_str()), ("Email", "\u{fffd}"));
        assert_eq!((status.picklist_values.len(), status.reference_to.as_slice()), (1, ["User".to_owned()].as_slice()));
        for text in ["{}", "null", "[]", "<html>", r#"{"name":"Lead"}"#, r#"{"fields":[]}"#] {
            let error = read_json::<ObjectDescription>(text.as_bytes()).unwrap_err();
            assert!(error.to_string().starts_with("expected Salesforce's description"), "{text}");
        }
    }
}
