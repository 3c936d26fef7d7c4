//! Names for things in the database, each kind a type of its own that holds its one form and nothing else.
//!
//! What comes from outside becomes one of these at the edge, by [`FromStr`](std::str::FromStr) or serde: so nothing
//! further in joins a text of a caller's to a path, or asks the database for it.

use uuid::Uuid;

/// A new name: a UUID of version 7 (RFC 9562), unique, and in the order in which names were made.
pub(crate) fn new() -> String {
    Uuid::now_v7().to_string()
}

/// A text is not the name of what it should name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {what}: {form}")]
pub(crate) struct NotAnId {
    what: &'static str,
    form: &'static str,
}

/// A form in words, as a pattern, and how many characters it has.
type Form = (&'static str, &'static str, usize);

const UUID: Form = (
    "a UUID in lower case with hyphens, such as 019abcde-0000-7000-8000-000000000001",
    "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    36,
);
const HEX_32: Form = ("32 hexadecimal digits in lower case", "^[0-9a-f]{32}$", 32);
const HEX_64: Form = ("64 hexadecimal digits in lower case", "^[0-9a-f]{64}$", 64);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $form:expr, $is:expr, $parameter:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $name(String);

        impl $name {
            /// The name as it is written.
            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let is: fn(&str) -> bool = $is;
                if is(text) { Ok(Self(text.to_owned())) } else { Err(NotAnId { what: $what, form: $form.0 }) }
            }
        }

        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let (_, pattern, characters) = $form;
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(pattern))
                    .min_length(Some(characters))
                    .max_length(Some(characters))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl utoipa::IntoParams for $name {
            fn into_params(
                place: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                let parameter = utoipa::openapi::path::ParameterBuilder::new()
                    .name($parameter)
                    .parameter_in(place().unwrap_or(utoipa::openapi::path::ParameterIn::Path))
                    .required(utoipa::openapi::Required::True)
                    .schema(Some(<$name as utoipa::PartialSchema>::schema()))
                    .build();
                vec![parameter]
            }
        }
    };
}

id!(
    /// Names a connection.
    ConnectionId, "the id of a connection", UUID, is_uuid, "id"
);
id!(
    /// Names an execution.
    ExecutionId, "the id of an execution", UUID, is_uuid, "id"
);
id!(
    /// Names a tenant.
    TenantId, "the id of a tenant", UUID, is_uuid, "id"
);
id!(
    /// Names the last entry of a piece of a list, whatever the list is of.
    Cursor, "`next` of the piece before", UUID, is_uuid, "after"
);
id!(
    /// Names a process of this server.
    ProcessId, "the id of a process", UUID, is_uuid, "id"
);
id!(
    /// Names a token of the API.
    TokenId, "the id of a token", HEX_32, |text| is_hex(text, 32), "token_id"
);
id!(
    /// Names a component by its bytes: their SHA-256.
    ComponentDigest, "the digest of a component", HEX_64, |text| is_hex(text, 64), "digest"
);

impl ProcessId {
    /// A new one.
    pub(crate) fn new() -> ProcessId {
        ProcessId(new())
    }
}

impl ComponentDigest {
    /// The digest itself.
    pub(crate) fn bytes(&self) -> [u8; 32] {
        std::array::from_fn(|at| {
            let digits = self.0.get(at * 2..at * 2 + 2);
            digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or_default()
        })
    }

    /// Of these bytes.
    pub(crate) fn of(wasm: &[u8]) -> ComponentDigest {
        use sha2::Digest;
        ComponentDigest(sha2::Sha256::digest(wasm).iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    text.split('-').count() == lengths.len()
        && text.split('-').zip(lengths).all(|(group, length)| is_hex(group, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn s01_an_id_has_one_form() {
        let id = new();
        assert_eq!(id.parse::<ConnectionId>().unwrap().as_str(), id);
        assert_eq!(serde_json::from_str::<TenantId>(&format!("{id:?}")).unwrap().as_str(), id);
        assert!(DIGEST.parse::<ComponentDigest>().is_ok() && DIGEST[..32].parse::<TokenId>().is_ok());
        let upper = id.to_uppercase();
        let wrong = [
            "",
            ".",
            "..",
            "../inside",
            "/abs",
            "\0",
            &upper,
            &id.replace('-', ""),
            &format!("{{{id}}}"),
            &format!("urn:uuid:{id}"),
            &format!(" {id}"),
            &format!("{id}\n"),
            &format!("./{id}"),
            &format!("{id}-"),
            &DIGEST[1..],
            &DIGEST.to_uppercase(),
            &format!("./{DIGEST}"),
            &format!("{DIGEST}0"),
            "ä",
        ];
        for text in wrong {
            assert!(text.parse::<ConnectionId>().is_err() && text.parse::<ProcessId>().is_err(), "{text}");
            assert!(
                text.parse::<ComponentDigest>().is_err() && text.parse::<TokenId>().is_err() || text.len() == 32,
                "{text}"
            );
        }
    }

    #[test]
    fn a_digest_is_its_bytes() {
        use sha2::Digest;
        assert_eq!(ComponentDigest::of(b"x").bytes().as_slice(), sha2::Sha256::digest(b"x").as_slice());
    }

    #[test]
    fn what_is_no_id_is_told_the_form() {
        let error = "x".parse::<ComponentDigest>().unwrap_err();
        assert_eq!(error.to_string(), "expected the digest of a component: 64 hexadecimal digits in lower case");
    }
}
