//! Where a token may go: an origin, or a place to go on in a query, means the same to everyone who reads it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salesforce_connector::core::oauth::PendingAuthorization;
use salesforce_connector::core::origin::{InstanceOrigin, LoginUrl, Origin};
use salesforce_connector::core::soql::Cursor;
use url::Url;

const SALESFORCE: [&str; 6] =
    ["salesforce.com", "force.com", "cloudforce.com", "salesforce.mil", "crmforce.mil", "sfcrmproducts.cn"];

fuzz_target!(|text: &str| {
    // A label that claims to be Punycode and is not is a name that does not resolve; the URL Standard refuses it sooner.
    if matches!(Url::parse(text), Err(url::ParseError::IdnaError)) {
        return;
    }
    if let Ok(origin) = InstanceOrigin::parse(text) {
        let url = reads_alike(text, &origin);
        let host = url.host_str().unwrap();
        let below = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
        assert!(origin.is_loopback() || (url.scheme() == "https" && SALESFORCE.into_iter().any(below)));
        assert_eq!((url.path(), LoginUrl::parse(text).is_ok()), ("/", true));
    }
    if let Ok(login) = LoginUrl::parse(text) {
        let url = reads_alike(text, &login);
        assert!(login.is_loopback() || url.scheme() == "https");
        let whole = Url::parse(&login.url()).unwrap();
        assert_eq!(url.path().trim_end_matches('/'), whole.path().trim_end_matches('/'), "{text:?}");
    }
    // What is asked of a browser is a URL to it, and leads where it says.
    if PendingAuthorization::parse(&"s".repeat(43), &"v".repeat(43), text).is_ok() {
        let url = Url::parse(text).expect("a callback is a URL");
        let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        assert!(url.scheme() == "https" || (url.scheme() == "http" && loopback), "{text:?}");
        assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none(), "{text:?}");
    }
    if let Ok(cursor) = Cursor::parse(text) {
        assert_eq!(cursor.text(), text);
        let path = text.split('?').next().unwrap();
        let url = Url::parse(&format!("https://fuzz.my.salesforce.com{path}")).unwrap();
        assert_eq!((url.host_str(), url.path()), (Some("fuzz.my.salesforce.com"), path));
        assert_eq!((url.query(), url.fragment()), (None, None));
        assert!(text.starts_with("/services/data/v"));
    }
});

/// The URL Standard sees the same scheme, host and port, and nothing beside them.
fn reads_alike(text: &str, origin: &Origin) -> Url {
    let url = Url::parse(text).expect("an origin is a URL");
    assert_eq!(url.origin().ascii_serialization(), Url::parse(&origin.url()).unwrap().origin().ascii_serialization());
    assert!(url.username().is_empty() && url.password().is_none());
    assert_eq!((url.query(), url.fragment()), (None, None), "{text:?}");
    assert_eq!(origin.is_loopback(), matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")));
    url
}
