//! Where a browser is sent on this server afterwards.

use std::str::FromStr;

const LONGEST: usize = 2_000;

/// A path of this server, with a query perhaps: nothing that a browser would take for another host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

/// The text is no path of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a path of this server, beginning with one `/`, up to 2,000 characters")]
pub(crate) struct LocalPathError;

impl LocalPath {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LocalPath {
    type Err = LocalPathError;

    fn from_str(text: &str) -> Result<LocalPath, LocalPathError> {
        // Browsers read `\` as `/`, and skip tabs and line breaks.
        let is_path = text.starts_with('/') && !text.starts_with("//");
        if is_path && text.len() <= LONGEST && !text.contains('\\') && !text.chars().any(char::is_control) {
            Ok(LocalPath(text.to_owned()))
        } else {
            Err(LocalPathError)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_on_this_server() {
        for path in ["/", "/console/connections?after=1", "/a//b"] {
            assert_eq!(path.parse::<LocalPath>().unwrap().as_str(), path);
        }
        assert!(format!("/{}", "a".repeat(LONGEST)).parse::<LocalPath>().is_err());
        for elsewhere in
            ["", "console", "//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example"]
        {
            assert_eq!(elsewhere.parse::<LocalPath>(), Err(LocalPathError), "{elsewhere:?}");
        }
    }
}
