//! API versions: which there are.
//!
//! Source: REST API Developer Guide, "Versions", "Resources by Version"; "API End-of-Life Policy".

use std::fmt;

use crate::ApiError;

/// Versions that are gone and say so.
const RETIRED: std::ops::RangeInclusive<u16> = 21..=30;
/// Versions that work.
const OFFERED: std::ops::RangeInclusive<u16> = 31..=67;
/// Of these, the ones that will be retired.
const DEPRECATED: std::ops::RangeInclusive<u16> = 31..=40;

/// An API version that works, such as `v67.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u16);

impl Version {
    /// Reads `vNN.N`.
    ///
    /// A retired version is 410 `UNSUPPORTED_API_VERSION`, everything else that is not offered 404 `NOT_FOUND`.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let number = text.strip_prefix('v').and_then(|rest| rest.strip_suffix(".0"));
        let number = number.filter(|digits| digits.len() == 2).and_then(|digits| digits.parse().ok());
        match number {
            Some(number) if OFFERED.contains(&number) => Ok(Self(number)),
            Some(number) if RETIRED.contains(&number) => {
                let message = format!(
                    "API version {number}.0 is retired. The earliest version in service is {}.0",
                    OFFERED.start()
                );
                Err(ApiError::new(410, "UNSUPPORTED_API_VERSION", message))
            }
            _ => Err(ApiError::not_found()),
        }
    }

    /// Those that work, oldest first.
    pub(crate) fn offered() -> impl Iterator<Item = Self> {
        OFFERED.map(Self)
    }

    /// Whether this is at least version `number`.0.
    pub(crate) fn since(self, number: u16) -> bool {
        self.0 >= number
    }

    /// The text of a `Warning` header, for a version that will be retired.
    pub(crate) fn warning(self) -> Option<String> {
        let deprecated = DEPRECATED.contains(&self.0);
        deprecated
            .then(|| format!("299 - \"API version {}.0 is deprecated and will be retired in Summer '28\"", self.0))
    }

    /// Such as `67.0`.
    pub(crate) fn number(self) -> String {
        format!("{}.0", self.0)
    }

    /// The release it came with: three a year since Summer '14, which was 31.
    pub(crate) fn label(self) -> String {
        let (season, year) = match self.0 % 3 {
            1 => ("Summer", 14 + (self.0 - 31) / 3),
            2 => ("Winter", 15 + (self.0 - 32) / 3),
            _ => ("Spring", 15 + (self.0 - 33) / 3),
        };
        format!("{season} '{year}")
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "v{}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_follow_the_releases() {
        for (number, label) in
            [(31, "Summer '14"), (32, "Winter '15"), (60, "Spring '24"), (62, "Winter '25"), (67, "Summer '26")]
        {
            assert_eq!(Version(number).label(), label);
        }
    }

    #[test]
    fn only_offered_versions_are_read() {
        assert_eq!(Version::parse("v67.0").unwrap().to_string(), "v67.0");
        for (text, status) in [
            ("v30.0", 410),
            ("v21.0", 410),
            ("v20.0", 404),
            ("v68.0", 404),
            ("67.0", 404),
            ("v67", 404),
            ("v67.1", 404),
            ("v+7.0", 404),
        ] {
            assert_eq!(Version::parse(text).unwrap_err().status, status, "{text}");
        }
    }

    #[test]
    fn old_versions_carry_a_warning() {
        assert!(Version::parse("v40.0").unwrap().warning().is_some());
        assert!(Version::parse("v41.0").unwrap().warning().is_none());
    }
}
