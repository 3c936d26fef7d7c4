//! What a connection asks for, beside what it was granted.

use super::ConnectionRecord;

/// What the connector asks for where nothing is named.
const DEFAULT: [&str; 2] = ["api", "refresh_token"];

impl ConnectionRecord {
    /// What an authorization asks for.
    pub(crate) fn asked_scopes(&self) -> Vec<&str> {
        match &self.requested_scopes[..] {
            [] => DEFAULT.to_vec(),
            named => named.iter().map(String::as_str).collect(),
        }
    }

    /// What was asked for and not granted, once anything was granted.
    pub(crate) fn scopes_not_granted(&self) -> Vec<&str> {
        not_granted(self.asked_scopes(), &self.scopes)
    }
}

fn not_granted<'a>(asked: Vec<&'a str>, granted: &[String]) -> Vec<&'a str> {
    // Two names of one scope.
    let is_refresh = |scope: &str| matches!(scope, "refresh_token" | "offline_access");
    let covers = |granted: &str, asked: &str| match is_refresh(asked) {
        true => is_refresh(granted),
        false => granted == asked || granted == "full",
    };
    let is_granted = |asked: &str| granted.is_empty() || granted.iter().any(|granted| covers(granted, asked));
    asked.into_iter().filter(|asked| !is_granted(asked)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_granted_is_what_no_granted_scope_covers() {
        let missing = |asked: &[&'static str], granted: &[&str]| {
            not_granted(asked.to_vec(), &granted.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(missing(&["api", "refresh_token", "web"], &["api", "offline_access"]), ["web"]);
        assert_eq!(missing(&["api", "refresh_token"], &["full"]), ["refresh_token"]);
        assert_eq!(missing(&["api", "id"], &["id", "api", "refresh_token"]), Vec::<&str>::new());
        assert_eq!(missing(&["api"], &[]), Vec::<&str>::new(), "nothing was granted yet");
    }
}
