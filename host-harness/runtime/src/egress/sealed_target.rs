//! Where a sealed token may go: paths of the org, in one spelling.
//!
//! Of one path in two spellings one server may think one thing, and another server another: what is not in the spelling that
//! needs no reading is refused.

use http::Method;
use percent_encoding::percent_decode_str;

use super::sealed_request::SECTION;

/// Where a sealed token may go: the REST API, and not OAuth, SOAP or the pages that make a session of it.
const BELOW: &str = "/services/data/";
/// And Apex REST, where a seal says so.
pub(super) const APEX_REST: &str = "/services/apexrest/";
/// And the one read of OAuth's that takes a token and gives none: whose it is. In this spelling, with GET, without a query.
const USER_INFO: &str = "/services/oauth2/userinfo";

/// True if a sealed token may go there: below the data API, in the one spelling of which every server must think the same, or
/// to user info.
pub(super) fn admits_target(method: &Method, path: &str, query: Option<&str>) -> bool {
    admits_data(path, query) || (method == Method::GET && path == USER_INFO && query.is_none())
}

/// True if it is below Apex REST, in the one spelling of which every server must think the same. What its steps are called is
/// the org's own affair.
pub(super) fn admits_apex_rest(path: &str, query: Option<&str>) -> bool {
    path.len() + query.map_or(0, str::len) <= SECTION
        && path.strip_prefix(APEX_REST).is_some_and(|steps| steps.split('/').all(is_value))
        && query.is_none_or(admits_query)
        && !climbs(path)
}

fn admits_data(path: &str, query: Option<&str>) -> bool {
    path.len() + query.map_or(0, str::len) <= SECTION
        && path.strip_prefix(BELOW).is_some_and(admits_below)
        && query.is_none_or(admits_query)
        && !climbs(path)
}

/// `v67.0/sobjects/Account/ERP_Id__c/a%2Fb`: segments of plain characters, but for the value of an external Id.
fn admits_below(path: &str) -> bool {
    let segments: Vec<_> = path.split('/').collect();
    let (last, others) = segments.split_last().unwrap_or((&"", &[]));
    let is_version = |version: &str| {
        let digits = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        version
            .strip_prefix('v')
            .and_then(|version| version.split_once('.'))
            .is_some_and(|(a, b)| digits(a) && digits(b))
    };
    let is_segment = |(at, segment): (usize, &&str)| match at {
        0 => is_version(segment),
        4 if segments.get(1) == Some(&"sobjects") => is_value(segment),
        _ => is_plain(segment),
    };
    others.iter().enumerate().all(is_segment) && (last.is_empty() || is_segment((others.len(), last)))
}

fn is_plain(segment: &str) -> bool {
    !segment.is_empty()
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_~.,:@".contains(&byte))
        && segment.bytes().any(|byte| byte != b'.')
}

/// Encoded where that is needed, once, and text.
fn is_value(segment: &str) -> bool {
    let Ok(value) = percent_decode_str(segment).decode_utf8() else { return false };
    !segment.is_empty() && is_encoded(segment, b"-_~.,:@!'()*$&+=") && !value.chars().any(char::is_control)
}

/// Every parameter has a plain name, and none is one that steers the server, as `_HttpMethod` does.
fn admits_query(query: &str) -> bool {
    query.split('&').all(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && is_encoded(value, b"-_~.,:@!'()*$+=/?")
    })
}

/// Letters, digits, `plain`, and other bytes as `%` and two digits. What needs no encoding has none, but for a mark.
fn is_encoded(text: &str, plain: &[u8]) -> bool {
    let mut rest = text.as_bytes();
    while let Some((byte, following)) = rest.split_first() {
        rest = match (byte, following) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let byte = std::str::from_utf8(&digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
                if digits.contains(&b'+') || byte.is_none_or(|byte| byte.is_ascii_alphanumeric()) {
                    return false;
                }
                after
            }
            (byte, _) if byte.is_ascii_alphanumeric() || plain.contains(byte) => following,
            _ => return false,
        };
    }
    true
}

/// True if a server could read the path as one that goes up: a dot segment, percent-encoded, set apart by an
/// encoded slash or a backslash, with parameters (`..;x`) or blanks. What is encoded more than twice counts as one.
fn climbs(path: &str) -> bool {
    let mut path = path.to_owned();
    for _ in 0..3 {
        let segment = |part: &str| {
            let name = part.split(';').next().unwrap_or_default();
            matches!(name.trim_matches(|blank: char| blank.is_whitespace() || blank.is_control()), "." | "..")
        };
        if path.split(['/', '\\']).any(segment) {
            return true;
        }
        let Ok(decoded) = percent_decode_str(&path).decode_utf8() else { return true };
        if decoded == path {
            return false;
        }
        path = decoded.into_owned();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s10_paths_below_the_data_api_are_admitted_in_one_spelling() {
        for target in [
            "/services/data/",
            "/services/data/v67.0",
            "/services/data/v67.0/",
            "/services/data/v67.0/query/01g5g000004XyzA-2000",
            "/services/data/v67.0/query?q=SELECT+Id+FROM+Account+WHERE+Name+LIKE+'%25a%25'",
            "/services/data/v67.0/queryAll?q=SELECT+COUNT(Id),+Owner.Name+FROM+A+WHERE+D+%3E%3D+2026-01-01T00:00:00%2B01:00",
            "/services/data/v67.0/sobjects/Account/Ext__c/a%2Fb.c",
            "/services/data/v67.0/sobjects/Account/Ext__c/100%2525?updateOnly=true",
            "/services/data/v67.0/sobjects/Account/Ext__c/Z%C3%BCrich%20%3F%2Epng?fields=Name,Owner.Name",
            "/services/data/v67.0/ui-api/records/batch/001,002",
        ] {
            let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
            assert!(admits_data(path, query), "{target}");
        }
        for path in [
            "/",
            "/services/data",
            "/services/oauth2/userinfo",
            "/services/Soap/u/67.0",
            "/services/apexrest/x",
            "/secur/frontdoor.jsp",
            "//services/data/v67.0",
            "/Services/Data/v67.0",
            "/services/data/67.0/query",
            "/services/data/v67.0//query",
            "/services/data/v67.0/%71uery",
            "/services/data/v67.0/query%2F01g",
            "/services/data/v67.0/query;x=1",
            "/services/data/v67.0/quer\u{fd}",
            "/services/data/v67.0/query\\x",
            "/services/data/v67.0/...",
            "/services/data/v67.0/sobjects/Account/Ext__c/%41",
            "/services/data/v67.0/sobjects/Account/Ext__c/a%2",
            "/services/data/v67.0/sobjects/Account/Ext__c/a%00",
            "/services/data/v67.0/sobjects/Account/Ext__c/a%0D%0Ab",
            "/services/data/v67.0/sobjects/Account/Ext__c/%FF",
            "/services/data/v67.0/sobjects/Account/Ext__c/..%2F..%2Foauth2",
            "/services/data/v67.0/sobjects/Account/Ext__c/x%5C..%5C..",
            "/services/data/v67.0/sobjects/Account%2F..%2FExt__c",
            "/services/data/../oauth2/token",
            "/services/data/./x",
            "/services/data/v67.0/..",
            "/services/data/%2e%2e/oauth2/token",
            "/services/data/.%2E/oauth2/token",
            "/services/data/%252e%252e/oauth2/token",
            "/services/data/%25252e%25252e/oauth2/token",
            "/services/data/v67.0/..%2f..%2Foauth2/token",
            "/services/data/v67.0/sobjects/A/B/%25252e%25252e",
            "/services/data/..\\oauth2",
            "/services/data/..%5coauth2",
            "/services/data/..;/oauth2/token",
            "/services/data/..%3bx/oauth2/token",
            "/services/data/..%00/oauth2/token",
            "/services/data/..%20/oauth2/token",
            "/services/data/%c0%ae%c0%ae/oauth2/token",
        ] {
            assert!(!admits_data(path, None), "{path}");
        }
        for query in [
            "_HttpMethod=DELETE",
            "q=x&_httpmethod=PATCH",
            "%5FHttpMethod=DELETE",
            "q=x;_HttpMethod=DELETE",
            "q=%53ELECT",
            "q=\u{e9}",
            "",
            "q=x&",
            "=x",
            "q=%zz",
            "q=%+1",
            "q=\"x\"",
        ] {
            assert!(!admits_data("/services/data/v67.0/query", Some(query)), "{query}");
        }
        let long = format!("q={}", "x".repeat(SECTION));
        assert!(!admits_data("/services/data/v67.0/query", Some(&long)));
    }

    #[test]
    fn s10_paths_below_apex_rest_are_admitted_in_one_spelling() {
        for target in [
            "/services/apexrest/orders",
            "/services/apexrest/acme/orders/v1.0/ACME%207",
            "/services/apexrest/a%2Bb/@x:y,z~_-/%281%29%3D%26%C3%A9%22",
            "/services/apexrest/orders?a-b_c.d=x%26y%3Dz+%23%C3%A9&a=&a=2",
        ] {
            let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
            assert!(admits_apex_rest(path, query), "{target}");
            assert!(!admits_target(&Method::GET, path, query), "{target}");
        }
        for path in [
            "/services/apexrest",
            "/services/apexrest/",
            "/services/apexrest/orders/",
            "/services/apexrest//orders",
            "/services/apexrest/orders//7",
            "/services/Apexrest/orders",
            "/services/data/v67.0/query",
            "/services/apexrestx/orders",
            "//services/apexrest/orders",
            "/services/apexrest/.",
            "/services/apexrest/../oauth2/token",
            "/services/apexrest/orders/../../oauth2/token",
            "/services/apexrest/%2e%2e/oauth2/token",
            "/services/apexrest/%252e%252e/oauth2/token",
            "/services/apexrest/..%2foauth2",
            "/services/apexrest/..%5Coauth2",
            "/services/apexrest/..\\oauth2",
            "/services/apexrest/..;/oauth2",
            "/services/apexrest/..%3Bx/oauth2",
            "/services/apexrest/..%20/oauth2",
            "/services/apexrest/orders;x=1",
            "/services/apexrest/%6Frders",
            "/services/apexrest/a%00",
            "/services/apexrest/a%0Ab",
            "/services/apexrest/%FF",
            "/services/apexrest/a%2",
            "/services/apexrest/a b",
        ] {
            assert!(!admits_apex_rest(path, None), "{path}");
        }
        for query in ["_HttpMethod=DELETE", "a=x&_httpmethod=PATCH", "a=%53", "", "=x", "a=\"x\""] {
            assert!(!admits_apex_rest("/services/apexrest/orders", Some(query)), "{query}");
        }
    }

    #[test]
    fn s10_of_oauth_only_user_info_is_admitted_and_only_to_be_read() {
        assert!(admits_target(&Method::GET, USER_INFO, None));
        for method in [Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert!(!admits_target(&method, USER_INFO, None), "{method}");
            assert!(admits_target(&method, "/services/data/v67.0/query", None), "{method}");
        }
        for query in ["", "format=json", "access_token=x", "callback=x"] {
            assert!(!admits_target(&Method::GET, USER_INFO, Some(query)), "{query}");
        }
        for path in [
            "/services/oauth2/userinfo/",
            "/services/oauth2/userinfo;x",
            "/services/oauth2/UserInfo",
            "/services/oauth2/%75serinfo",
            "//services/oauth2/userinfo",
            "/services/oauth2/./userinfo",
            "/services/oauth2/userinfo/../token",
            "/services/oauth2/token",
            "/services/oauth2/introspect",
            "/services/oauth2/revoke",
            "/id/00D5g000004XyzAEAS/0055g00000AbCdEAAV",
        ] {
            assert!(!admits_target(&Method::GET, path, None), "{path}");
        }
    }
}
