//! What a component can ask of its host, read off the component itself, and where it sends tokens, from the constants
//! that it was compiled with.

use serde_json::{Value, json};

use crate::failure::{Failure, Outcome};
use crate::package::Component;
use salesforce_domains::SALESFORCE_DOMAINS;

#[path = "../../../src/core/salesforce_domains.rs"]
#[expect(unreachable_pub, reason = "it is a module of the connector's core")]
mod salesforce_domains;

/// What each import is for, by the beginning of its name.
const PURPOSES: [(&str, &str); 5] = [
    ("wasi:http/", "requests to Salesforce"),
    ("wasi:io/", "bodies of requests and answers, and waiting for them"),
    ("wasi:clocks/monotonic-clock@", "the deadline of a call"),
    ("wasi:clocks/types@", "the type of a duration; it has no function"),
    ("wasi:random/random@", "spreading repeated reads; with OAuth, also state and PKCE verifier"),
];

/// What a component may import elsewhere, by the beginning of the names that it has in WASI 0.2 and 0.3.
const CAPABILITIES: [(&str, &[&str]); 9] = [
    ("files and folders", &["wasi:filesystem/"]),
    ("sockets and name look-up", &["wasi:sockets/"]),
    ("environment variables and arguments", &["wasi:cli/environment@"]),
    ("standard input", &["wasi:cli/stdin@"]),
    ("standard output", &["wasi:cli/stdout@"]),
    ("standard error", &["wasi:cli/stderr@"]),
    ("the date and time of day", &["wasi:clocks/wall-clock@", "wasi:clocks/system-clock@"]),
    ("requests from outside", &["wasi:http/incoming-handler@", "wasi:http/handler@"]),
    ("key-value stores", &["wasi:keyvalue/"]),
];

/// The list, for whoever decides whether it may run.
pub(super) fn of(component: &Component) -> Outcome<Value> {
    let imports = component.imports.iter().map(|import| {
        let purpose = PURPOSES.iter().find(|(prefix, _)| import.starts_with(prefix));
        let (_, purpose) =
            purpose.ok_or_else(|| Failure::new(format!("the component imports {import}, and nobody says what for")))?;
        Ok(json!({ "import": import, "for": purpose }))
    });
    let imports = imports.collect::<Outcome<Vec<_>>>()?;
    let lacks = |prefixes: &[&str]| {
        !component.imports.iter().any(|import| prefixes.iter().any(|prefix| import.starts_with(prefix)))
    };
    let cannot: Vec<_> =
        CAPABILITIES.iter().filter(|(_, prefixes)| lacks(prefixes)).map(|(capability, _)| capability).collect();
    let exports = |interface: &str| component.exports.iter().any(|export| export.starts_with(interface));
    let credentials = match exports("workflow:salesforce/oauth@") {
        true => json!({
            "sent_to": "the origin of `connected-app.login-url`: an https host name that the operator chooses",
            "usual_hosts": ["login.salesforce.com", "test.salesforce.com", "the org's My Domain"],
        }),
        false => json!({ "sent_to": "nowhere: no function takes them" }),
    };
    let state = match exports("workflow:salesforce-streams/") {
        true => "none outlives a call's stream; calls that run in one instance at once share none",
        false => "none outlives a call; a host gives every call a fresh instance",
    };
    Ok(json!({
        "component": component.file,
        "sha256": component.sha256,
        "imports": imports,
        "exports": component.exports,
        "cannot_reach": cannot,
        "network": {
            "scheme": "https",
            "access_token": {
                "sent_to": "the origin of `connection.instance-url`, whose host must be one of these domains or below one",
                "domains": SALESFORCE_DOMAINS,
            },
            "credentials_and_refresh_token": credentials,
            "other_hosts": "none: redirects are not followed, and addresses in answers are taken only as paths",
            "loopback": "literal loopback is taken as well, http or https, for development; the host decides whether it \
                         can be reached",
        },
        "state": state,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Built;

    #[test]
    fn every_import_says_what_it_is_for_and_what_is_not_imported_cannot_be_reached() {
        let Built { connector, streams, .. } = Built::example();
        for component in [connector, streams] {
            let permissions = of(&component).unwrap();
            assert_eq!(permissions["imports"][0]["for"], "requests to Salesforce");
            assert_eq!(permissions["imports"].as_array().unwrap().len(), 2);
            assert_eq!(permissions["cannot_reach"].as_array().unwrap().len(), CAPABILITIES.len());
            assert_eq!(permissions["network"]["access_token"]["domains"][0], "salesforce.com");
        }
    }

    #[test]
    fn a_component_without_oauth_takes_no_credentials() {
        let Built { connector, streams, .. } = Built::example();
        let sent_to = |component| {
            let permissions = of(component).unwrap();
            permissions["network"]["credentials_and_refresh_token"]["sent_to"].as_str().unwrap().to_owned()
        };
        assert!(sent_to(&connector).contains("login-url"));
        assert!(sent_to(&streams).starts_with("nowhere"));
    }

    #[test]
    fn an_import_that_reaches_more_is_found_out() {
        for import in ["wasi:filesystem/types@0.2.2", "wasi:filesystem/types@0.3.0"] {
            let Built { mut connector, .. } = Built::example();
            connector.imports.push(import.to_owned());
            let failure = of(&connector).unwrap_err();
            assert!(failure.message().unwrap().contains(import), "{failure:?}");
        }
    }
}
