//! Names of objects and fields in files of strangers.

use serde::{Deserialize, Deserializer, de::Error};

use crate::org::schema::intern;

/// The most characters: 40 of the name, 15 of a namespace, and what joins them.
const LONGEST: usize = 80;
const LONGEST_LABEL: usize = 255;

/// An API name: letters, digits and underscores, a letter first. It lives as long as the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ApiName(pub(super) &'static str);

/// A label for people, cut to what a label can be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label(pub(super) &'static str);

impl ApiName {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let is_name = text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_name && text.len() <= LONGEST {
            return Ok(Self(intern::text(text)));
        }
        let shown: String = text.chars().take(LONGEST).collect();
        Err(format!(
            "{shown:?} is no API name: expected letters, digits and underscores, a letter first, at most {LONGEST}"
        ))
    }
}

impl Label {
    pub(super) fn new(text: &str) -> Self {
        let end = text.char_indices().nth(LONGEST_LABEL).map_or(text.len(), |(end, _)| end);
        Self(intern::text(text.get(..end).unwrap_or_default()))
    }
}

impl<'de> Deserialize<'de> for ApiName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(&String::deserialize(deserializer)?))
    }
}
