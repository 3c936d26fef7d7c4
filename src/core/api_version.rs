//! The version of Salesforce's REST API.

use std::fmt;

use super::error::{Error, Result};

/// `vNN.N`, at least [`ApiVersion::OLDEST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion(u16);

impl ApiVersion {
    /// v46.0 (Summer '19): from here an upsert that updates answers with the record's Id.
    pub const OLDEST: Self = Self(46);
    /// v50.0 (Winter '21): from here there are composite graphs.
    pub const GRAPHS: Self = Self(50);
    /// v67.0 (Summer '26).
    pub const DEFAULT: Self = Self(67);

    /// `v67.0`. Salesforce has only ever published whole versions.
    pub fn parse(text: &str) -> Result<Self> {
        text.strip_prefix('v')
            .and_then(|rest| rest.strip_suffix(".0"))
            .filter(|number| (2..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|number| u16::try_from(number.parse::<u64>().ok()?).ok().map(Self))
            .filter(|version| *version >= Self::OLDEST)
            .ok_or_else(|| Error::invalid_argument("api-version", "v46.0 or later, written like v67.0"))
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "v{}.0", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_salesforce_writes_them() {
        assert_eq!(ApiVersion::parse("v67.0").unwrap(), ApiVersion::DEFAULT);
        assert_eq!(ApiVersion::parse("v101.0").unwrap().to_string(), "v101.0");
        for odd in ["", "67.0", "v67", "v67.1", "v45.0", "V67.0", "v6.0", "v067.0x", "v67.0/..", "v6\r.0", "v+67.0"] {
            assert!(ApiVersion::parse(odd).is_err(), "{odd:?}");
        }
    }
}
