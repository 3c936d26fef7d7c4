//! What the component can ask of its host, read off the component itself, and where it sends tokens, from the constants
//! that it was compiled with.

use serde_json::{Value, json};

use crate::failure::{Failure, Outcome};
use crate::package::Built;
use salesforce_domains::SALESFORCE_DOMAINS;

#[path = "../../../src/core/salesforce_domains.rs"]
#[expect(unreachable_pub, reason = "it is a module of the connector's core")]
mod salesforce_domains;

/// What each import is for, by the beginning of its name.
const PURPOSES: [(&str, &str); 4] = [
    ("wasi:http/", "requests to Salesforce"),
    ("wasi:io/", "bodies of requests and answers, and waiting for them"),
    ("wasi:clocks/monotonic-clock@", "the deadline of a call"),
    ("wasi:random/random@", "OAuth state, PKCE verifier, and spreading repeated reads"),
];

/// What a component may import elsewhere, by the beginning of the name.
const CAPABILITIES: [(&str, &str); 9] = [
    ("files and folders", "wasi:filesystem/"),
    ("sockets and name look-up", "wasi:sockets/"),
    ("environment variables and arguments", "wasi:cli/environment@"),
    ("standard input", "wasi:cli/stdin@"),
    ("standard output", "wasi:cli/stdout@"),
    ("standard error", "wasi:cli/stderr@"),
    ("the date and time of day", "wasi:clocks/wall-clock@"),
    ("requests from outside", "wasi:http/incoming-handler@"),
    ("key-value stores", "wasi:keyvalue/"),
];

/// The list, for whoever decides whether it may run.
pub(super) fn of(built: &Built) -> Outcome<Value> {
    let imports = built.imports.iter().map(|import| {
        let purpose = PURPOSES.iter().find(|(prefix, _)| import.starts_with(prefix));
        let (_, purpose) =
            purpose.ok_or_else(|| Failure::new(format!("the component imports {import}, and nobody says what for")))?;
        Ok(json!({ "import": import, "for": purpose }))
    });
    let imports = imports.collect::<Outcome<Vec<_>>>()?;
    let lacks = |prefix: &str| !built.imports.iter().any(|import| import.starts_with(prefix));
    let cannot: Vec<_> =
        CAPABILITIES.iter().filter(|(_, prefix)| lacks(prefix)).map(|(capability, _)| capability).collect();
    Ok(json!({
        "component": built.component,
        "sha256": built.sha256,
        "imports": imports,
        "exports": built.exports,
        "cannot_reach": cannot,
        "network": {
            "scheme": "https",
            "access_token": {
                "sent_to": "the origin of `connection.instance-url`, whose host must be one of these domains or below one",
                "domains": SALESFORCE_DOMAINS,
            },
            "credentials_and_refresh_token": {
                "sent_to": "the origin of `connected-app.login-url`: an https host name that the operator chooses",
                "usual_hosts": ["login.salesforce.com", "test.salesforce.com", "the org's My Domain"],
            },
            "other_hosts": "none: redirects are not followed, and addresses in answers are taken only as paths",
            "loopback": "literal loopback is taken as well, http or https, for development; the host decides whether it \
                         can be reached",
        },
        "state": "none outlives a call; a host gives every call a fresh instance",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_import_says_what_it_is_for_and_what_is_not_imported_cannot_be_reached() {
        let permissions = of(&Built::example()).unwrap();
        assert_eq!(permissions["imports"][0]["for"], "requests to Salesforce");
        assert_eq!(permissions["imports"].as_array().unwrap().len(), 2);
        assert_eq!(permissions["cannot_reach"].as_array().unwrap().len(), CAPABILITIES.len());
        assert_eq!(permissions["network"]["access_token"]["domains"][0], "salesforce.com");
    }

    #[test]
    fn an_import_that_reaches_more_is_found_out() {
        let mut built = Built::example();
        built.imports.push("wasi:filesystem/types@0.2.2".to_owned());
        let failure = of(&built).unwrap_err();
        assert!(failure.message().unwrap().contains("wasi:filesystem/types@0.2.2"), "{failure:?}");
    }
}
