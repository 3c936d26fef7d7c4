//! What tells a repetition of a request from another request with the same idempotency key.
//!
//! JSON is compared by its values: white space, the order of members and how a text is escaped make no difference, for a client
//! may write its request anew before it repeats it. A number is compared as it is written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use sha2::{Digest, Sha256};

use salesforce_runtime::bindings::types::CallOptions;

/// Of a request, whether or not its action can read it.
pub(crate) fn digest(
    connection: &str,
    component: Option<&str>,
    action: &str,
    input: &str,
    options: CallOptions,
) -> [u8; 32] {
    let CallOptions { deadline_ms, max_response_bytes, attempts } = options;
    let mut digest = Sha256::new();
    for part in [connection, action, component.unwrap_or("")] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    // What nests too deep to be read is compared as it came.
    match serde_json::from_str(input) {
        Ok(Json(value)) => digest.update(value),
        Err(_) => digest.update(input),
    }
    digest.update(format!("{deadline_ms:?} {max_response_bytes:?} {attempts:?}"));
    digest.finalize().into()
}

/// The digest of a value.
struct Json([u8; 32]);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::of("null", ""))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::of("boolean", if value { "true" } else { "false" }))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::of("number", &value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::of("number", &value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::of("number", &value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::of("string", value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut digest = Sha256::new_with_prefix("array ");
        while let Some(Json(value)) = list.next_element()? {
            digest.update(value);
        }
        Ok(Json(digest.finalize().into()))
    }

    /// The sum of what its members are, in whatever order. A number beyond all types comes as a member of a name of serde_json's.
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let mut sum = [0_u64; 4];
        while let Some(Json(name)) = object.next_key()? {
            let Json(value) = object.next_value()?;
            let member: [u8; 32] = Sha256::digest([name, value].concat()).into();
            for (part, word) in sum.iter_mut().zip(member.as_chunks().0) {
                *part = part.wrapping_add(u64::from_le_bytes(*word));
            }
        }
        let mut digest = Sha256::new_with_prefix("object ");
        sum.iter().for_each(|part| digest.update(part.to_le_bytes()));
        Ok(Json(digest.finalize().into()))
    }
}

impl Json {
    fn of(kind: &str, value: &str) -> Json {
        let mut digest = Sha256::new_with_prefix(kind);
        digest.update(" ");
        digest.update(value);
        Json(digest.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: CallOptions = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };

    fn of(input: &str) -> [u8; 32] {
        digest("c", None, "a", input, OPTIONS)
    }

    #[test]
    fn a_request_that_is_written_anew_is_the_same() {
        let one = of(r#"{"object":"Account","target":{"update":"001"},"fields":{"Name":"Idem","N":1.50}}"#);
        for same in [
            r#"{"object": "Account", "target": {"update": "001"}, "fields": {"Name": "Idem", "N": 1.50}}"#,
            r#"{"fields":{"N":1.50,"Name":"\u0049dem"},"target":{"update":"001"},"object":"Account"}"#,
        ] {
            assert_eq!(of(same), one, "{same}");
        }
    }

    #[test]
    fn another_value_is_another_request() {
        let values = [
            "1",
            "1.0",
            "1e400",
            "2e400",
            "-1",
            r#""1""#,
            "true",
            "null",
            r#""null""#,
            "[]",
            "{}",
            "[1,2]",
            "[2,1]",
            "[[1],2]",
            "[1,[2]]",
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"b":1}"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a":1,"b":2}"#,
            r#"{"a":2,"b":1}"#,
        ];
        for (place, one) in values.iter().enumerate() {
            for other in &values[place + 1..] {
                assert_ne!(of(one), of(other), "{one} {other}");
            }
        }
        assert_ne!(of("1"), digest("c", None, "b", "1", OPTIONS));
        assert_ne!(of("1"), digest("c", Some("d"), "a", "1", OPTIONS));
        assert_ne!(of("1"), digest("c", None, "a", "1", CallOptions { attempts: Some(2), ..OPTIONS }));
        let deep = "[".repeat(200) + &"]".repeat(200);
        assert_ne!(of(&deep), of(&format!(" {deep}")));
    }
}
