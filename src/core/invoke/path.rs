//! Where a resource of Apex REST is: below `/services/apexrest/`, in one spelling.

use crate::core::encoding::{form, step};
use crate::core::error::{Error, Result};

/// Steps below `/services/apexrest/`, encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestPath(String);

/// A parameter of the query string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Needs no encoding.
    name: String,
    /// Any text.
    value: String,
}

impl RestPath {
    /// Plain text: what could be read as encoded already, as another step or as the end of the path is refused.
    pub fn parse(path: &str) -> Result<Self> {
        let steps = path.strip_prefix('/').unwrap_or(path);
        let is_plain = |character: char| !character.is_control() && !matches!(character, '%' | '\\' | ';' | '?' | '#');
        let is_step = |step: &str| !matches!(step.trim_ascii(), "" | "." | "..");
        if path.chars().count() > 2_000 || !steps.chars().all(is_plain) || !steps.split('/').all(is_step) {
            return Err(Error::invalid_argument(
                "path",
                "what follows /services/apexrest/, at most 2,000 characters of plain text: steps that are neither empty nor . or \
                 .., with slashes between them, without control characters and any of % \\ ; ? #",
            ));
        }
        if steps.starts_with("services/") {
            return Err(Error::invalid_argument("path", "only what follows /services/apexrest/"));
        }
        let mut path = String::from("/services/apexrest");
        for each in steps.split('/') {
            path.push('/');
            path.push_str(&step(each));
        }
        Ok(Self(path))
    }

    /// With parameters behind it.
    pub(super) fn with(&self, query: &[Parameter]) -> String {
        if query.is_empty() {
            return self.0.clone();
        }
        let pairs: Vec<_> = query.iter().map(|pair| (pair.name.as_str(), pair.value.as_str())).collect();
        [&self.0, "?", &form(&pairs)].concat()
    }
}

impl Parameter {
    /// `index` is its place. A name that begins with an underscore could steer the server (`_HttpMethod`).
    pub fn parse(index: usize, name: String, value: String) -> Result<Self> {
        let is_name = name.len() <= 100
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if is_name {
            Ok(Self { name, value })
        } else {
            Err(Error::invalid_argument(
                &format!("query[{index}].name"),
                "a letter, then letters, digits, hyphens, underscores and points, at most 100",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> String {
        RestPath::parse(text).unwrap().0
    }

    #[test]
    fn a_path_is_encoded_exactly_once() {
        for (text, encoded) in [
            ("orders", "orders"),
            ("/orders/v1.0/ACME 7", "orders/v1.0/ACME%207"),
            ("a+b/@x:y,z~_-/(1)=&é\"", "a%2Bb/@x:y,z~_-/%281%29%3D%26%C3%A9%22"),
            ("...", "..."),
            (".a/b..", ".a/b.."),
        ] {
            assert_eq!(path(text), format!("/services/apexrest/{encoded}"));
        }
    }

    #[test]
    fn nothing_leads_anywhere_else() {
        let long = "a".repeat(2_001);
        for text in [
            "",
            "/",
            "//orders",
            "orders/",
            "orders//7",
            ".",
            "..",
            "../data/v67.0/query",
            "orders/../../data",
            "orders/./7",
            "orders/%2e%2e/x",
            "orders/%2F",
            "..\\data",
            "orders;x=1",
            "..;/data",
            "orders?x=1",
            "orders#x",
            "a\0",
            "a\r\nb",
            "a/ .. /b",
            "services/apexrest/orders",
            "/services/data/v67.0/query",
            &long,
        ] {
            let error = RestPath::parse(text).unwrap_err();
            assert!(error.message.starts_with("path: expected"), "{text:?}");
        }
    }

    #[test]
    fn a_query_has_plain_names_and_encoded_values() {
        let pair = |index, name: &str, value: &str| Parameter::parse(index, name.into(), value.into());
        let query = [pair(0, "a-b_c.d", "x&y=z #é").unwrap(), pair(1, "a", "").unwrap(), pair(2, "a", "2").unwrap()];
        assert_eq!(
            RestPath::parse("o").unwrap().with(&query),
            "/services/apexrest/o?a-b_c.d=x%26y%3Dz+%23%C3%A9&a=&a=2"
        );
        assert_eq!(RestPath::parse("o").unwrap().with(&[]), "/services/apexrest/o");
        for name in ["", "_HttpMethod", "1a", "a b", "a=b", "a&b", "é", &"a".repeat(101)] {
            assert!(pair(7, name, "").unwrap_err().message.starts_with("query[7].name: expected a letter"), "{name}");
        }
    }
}
