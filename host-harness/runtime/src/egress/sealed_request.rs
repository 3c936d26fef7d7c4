//! What a sealed component may send: a list of methods and headers.
//!
//! A header that is not here could make the org read the request in another way than the host did (`X-HTTP-Method-Override`,
//! `X-Original-URL`, `Forwarded`), act for another session (`Cookie`), or answer in a form that is not searched. Such a
//! request is refused and not mended: without its `If-Range` or its override it would be another request.

use http::header::{
    ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_RANGE,
    RANGE, TE,
};
use http::{Method, request};

/// Those of Salesforce's REST API. Not TRACE, which repeats headers.
const METHODS: [Method; 6] = [Method::GET, Method::HEAD, Method::POST, Method::PATCH, Method::PUT, Method::DELETE];

/// What our connector sends, what any client does, and the options that Salesforce documents
/// (<https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers.htm>).
const HEADERS: [&str; 18] = [
    "accept",
    "accept-language",
    "authorization",
    "content-length",
    "content-type",
    // wasmtime adds it, no component can, and the egress writes its own.
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "sforce-auto-assign",
    "sforce-call-options",
    "sforce-duplicate-rule-header",
    "sforce-limit-info",
    "sforce-mru",
    "sforce-query-options",
    "user-agent",
    "x-prettyprint",
];
/// `x-sfdc-packageversion-[namespace]`
const PACKAGE_VERSION: &str = "x-sfdc-packageversion-";

/// Headers that only ask for a form of the answer in which the token would not be found: compressed, in another encoding,
/// or cut in two. They are left out, for servers may always ignore them.
const LEFT_OUT: [HeaderName; 5] = [ACCEPT_ENCODING, ACCEPT_CHARSET, TE, RANGE, IF_RANGE];

/// Bytes of a value, and Salesforce's limit on a URI and on a section of headers.
const VALUE: usize = 1_024;
pub(super) const SECTION: usize = 16_384;

/// True if a sealed component may send this, wherever it goes. `credentials` are the one value of `Authorization`.
pub(super) fn admits(head: &request::Parts, credentials: &str) -> bool {
    let headers = &head.headers;
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    METHODS.contains(&head.method)
        && bytes <= SECTION
        && headers.keys().all(|name| {
            LEFT_OUT.contains(name)
                || (is_listed(name)
                    && headers.get_all(name).iter().count() == 1
                    && headers.get(name).is_some_and(|value| admits_value(name, value, credentials)))
        })
}

/// Takes out what only asks for a form of the answer.
pub(super) fn leave_out(headers: &mut HeaderMap) {
    for name in &LEFT_OUT {
        headers.remove(name);
    }
}

fn is_listed(name: &HeaderName) -> bool {
    HEADERS.contains(&name.as_str()) || name.as_str().starts_with(PACKAGE_VERSION)
}

fn admits_value(name: &HeaderName, value: &HeaderValue, credentials: &str) -> bool {
    // Visible ASCII, blanks and tabs.
    let Ok(value) = value.to_str() else { return false };
    if *name == AUTHORIZATION {
        return value == credentials;
    }
    let charset_is_utf_8 = |value: &str| {
        let mut charsets = value.split([';', ',']).filter_map(|part| part.trim().split_once('='));
        charsets.all(|(name, value)| {
            !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
    };
    value.len() <= VALUE && ((*name != ACCEPT && *name != CONTENT_TYPE) || charset_is_utf_8(value))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn admitted(method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        admits(&request.body(()).unwrap().into_parts().0, "Bearer sealed!x")
    }

    #[test]
    fn s10_what_the_connector_sends_is_admitted() {
        assert!(admitted(
            "POST",
            &[
                ("host", "example.my.salesforce.com"),
                ("accept", "application/json"),
                ("accept-encoding", "identity"),
                ("user-agent", "salesforce-connector/0.2.1"),
                ("authorization", "Bearer sealed!x"),
                ("content-type", "application/json"),
                ("content-length", "13"),
                ("sforce-auto-assign", "FALSE"),
                ("sforce-duplicate-rule-header", "allowSave=true; includeRecordDetails=false; runAsCurrentUser=false"),
                ("if-unmodified-since", "Tue, 24 Nov 2026 09:30:00 GMT"),
                ("sforce-query-options", "batchSize=200"),
            ],
        ));
        assert!(admitted("GET", &[("accept", "application/json;charset=UTF-8, */*;q=0.8"), ("x-prettyprint", "1")]));
        assert!(admitted("PATCH", &[("content-type", "application/json; charset=\"utf-8\"")]));
    }

    #[test]
    fn s10_other_headers_values_and_methods_are_refused() {
        let long = "x".repeat(VALUE + 1);
        for header in [
            ("x-original-url", "/services/oauth2/userinfo"),
            ("x-rewrite-url", "/"),
            ("x-http-method-override", "DELETE"),
            ("x-method-override", "DELETE"),
            ("forwarded", "for=127.0.0.1"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-for", "127.0.0.1"),
            ("cookie", "sid=x"),
            ("proxy-authorization", "Bearer sealed!x"),
            ("content-encoding", "gzip"),
            ("transfer-encoding", "chunked"),
            ("expect", "100-continue"),
            ("upgrade", "h2c"),
            ("x-token", "sealed!x"),
            ("accept", "application/json;charset=utf-16"),
            ("accept", "text/plain ; Charset = \"utf-7\""),
            ("content-type", "application/json;charset=utf-16le"),
            ("user-agent", &long),
            ("authorization", "Bearer 00D!other"),
            ("authorization", "bearer sealed!x"),
            ("authorization", "OAuth sealed!x"),
        ] {
            assert!(!admitted("GET", &[header]), "{header:?}");
        }
        assert!(
            !admitted("GET", &[("accept", "application/json"), ("accept", "text/plain")]),
            "one may be added to the other"
        );
        for method in ["TRACE", "OPTIONS", "CONNECT", "get", "PURGE", "COPY"] {
            assert!(!admitted(method, &[]), "{method}");
        }
    }
}
