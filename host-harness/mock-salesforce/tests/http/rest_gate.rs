//! What every request meets first: versions, sessions, sizes, methods, media types, limits.

use mock_salesforce::{Fault, Matcher, MockSalesforce};
use serde_json::json;

use crate::client::call;
use crate::fixture::*;

#[tokio::test]
async fn versions_need_no_token() {
    let mock = mock().await;
    let answer = call(&mock, "GET", "/services/data").send().await;
    assert_eq!(answer.status, 200);
    let versions = answer.json();
    assert_eq!(versions[0], json!({"label": "Summer '14", "url": "/services/data/v31.0", "version": "31.0"}));
    let last = versions.as_array().unwrap().last().unwrap();
    assert_eq!(last["version"], "67.0");
    assert_eq!(answer.header("sforce-limit-info"), "");
    assert_eq!(call(&mock, "GET", "/services/data/").send().await.json(), versions);
}

#[tokio::test]
async fn a_version_lists_its_resources() {
    let mock = mock().await;
    let resources = rest(&mock, "GET", "").send().await.json();
    assert_eq!(resources["query"], "/services/data/v67.0/query");
    let (organization, user) = mock.org(|org| (org.organization_id().to_owned(), org.users()[0].id.clone()));
    assert_eq!(resources["identity"], format!("{}/id/{organization}/{user}", mock.url()));
    for (_, path) in resources.as_object().unwrap().iter().filter(|(name, _)| *name != "identity") {
        assert!(path.as_str().unwrap().starts_with("/services/data/v67.0/"));
    }
    let jobs = json!({"ingest": "/services/data/v67.0/jobs/ingest", "query": "/services/data/v67.0/jobs/query"});
    assert_eq!(rest(&mock, "GET", "jobs").send().await.json(), jobs);
    assert_eq!(
        rest(&mock, "GET", "actions").send().await.json(),
        json!({"custom": "/services/data/v67.0/actions/custom"})
    );
    let process = json!({"approvals": "/services/data/v67.0/process/approvals"});
    assert_eq!(rest(&mock, "GET", "process").send().await.json(), process);
}

#[tokio::test]
async fn retired_and_unknown_versions_are_told_apart() {
    let mock = mock().await;
    let token = access_token(&mock);
    for (version, status, code) in [
        ("v30.0", 410, "UNSUPPORTED_API_VERSION"),
        ("v21.0", 410, "UNSUPPORTED_API_VERSION"),
        ("v99.0", 404, "NOT_FOUND"),
        ("v67", 404, "NOT_FOUND"),
    ] {
        let answer = call(&mock, "GET", &format!("/services/data/{version}/limits")).token(&token).send().await;
        assert_eq!(answer.error(), (status, code.to_owned()), "{version}");
    }
    let old = call(&mock, "GET", "/services/data/v40.0/limits").token(&token).send().await;
    assert!(old.header("warning").starts_with("299 - \""));
    let new = call(&mock, "GET", "/services/data/v41.0/limits").token(&token).send().await;
    assert_eq!(new.header("warning"), "");
}

#[tokio::test]
async fn without_a_good_session_nothing_is_told() {
    let mock = mock().await;
    for path in ["limits", "sobjects/Account", "nonsense"] {
        let target = format!("/services/data/v67.0/{path}");
        assert_eq!(call(&mock, "GET", &target).send().await.error(), (401, "INVALID_SESSION_ID".to_owned()));
        let answer = call(&mock, "GET", &target).token("00D!wrong").send().await;
        assert_eq!(answer.error(), (401, "INVALID_SESSION_ID".to_owned()));
        assert_eq!(answer.message(), "Session expired or invalid");
        assert_eq!(answer.header("www-authenticate"), "Token");
    }
    let basic = call(&mock, "GET", "/services/data/v67.0/limits").header("authorization", "Basic abc").send().await;
    assert_eq!(basic.error(), (401, "INVALID_AUTH_HEADER".to_owned()));
    let older = format!("OAuth {}", access_token(&mock));
    let older = call(&mock, "GET", "/services/data/v67.0/limits").header("authorization", &older).send().await;
    assert_eq!(older.status, 200);
}

#[tokio::test]
async fn a_token_without_the_api_scope_is_not_for_the_rest_api() {
    let mock = mock().await;
    let tokens = mock.issue_tokens(API_ONLY_APP, &username(&mock)).unwrap();
    let token = tokens.access_token.expose();
    let answer = call(&mock, "GET", "/services/data/v67.0/limits").token(token).send().await;
    assert_eq!(answer.error(), (401, "INVALID_SESSION_ID".to_owned()));
    assert_eq!(answer.message(), "This session is not valid for use with the REST API");
}

#[tokio::test]
async fn every_answer_has_the_headers_of_a_real_one() {
    let mock = mock().await;
    let answer = rest(&mock, "GET", "limits").send().await;
    assert_eq!(answer.header("content-type"), "application/json;charset=UTF-8");
    assert_eq!(answer.header("transfer-encoding"), "chunked");
    assert_eq!(answer.header("vary"), "Accept-Encoding");
    assert_eq!(answer.header("date"), "Mon, 15 Jun 2026 12:00:00 GMT");
    assert_eq!(answer.header("x-sfdc-request-id").len(), 32);
    assert!(answer.headers.get_all("set-cookie").iter().count() > 1);
    assert_eq!(answer.header("sforce-limit-info"), "api-usage=1/15000");
    let second = rest(&mock, "GET", "limits").send().await;
    assert_eq!(second.header("sforce-limit-info"), "api-usage=2/15000");
    assert_ne!(second.header("x-sfdc-request-id"), answer.header("x-sfdc-request-id"));
    assert_eq!(second.json()["DailyApiRequests"], json!({"Max": 15000, "Remaining": 14998}));
}

#[tokio::test]
async fn the_daily_limit_ends_everything() {
    let mock = mock().await;
    mock.allow_api_requests(1);
    assert_eq!(rest(&mock, "GET", "limits").send().await.status, 200);
    let answer = rest(&mock, "GET", "limits").send().await;
    assert_eq!(answer.error(), (403, "REQUEST_LIMIT_EXCEEDED".to_owned()));
}

#[tokio::test]
async fn wrong_methods_and_unknown_resources_answer_in_json() {
    let mock = mock().await;
    let answer = rest(&mock, "POST", "query").json(&json!({})).send().await;
    assert_eq!(answer.error(), (405, "METHOD_NOT_ALLOWED".to_owned()));
    assert!(answer.message().starts_with("HTTP Method 'POST' not allowed. Allowed are "));
    assert!(answer.header("allow").contains("GET"));
    for (method, path, allowed) in [
        ("PUT", "sobjects/Account/0015g0000000000AAA", "GET,HEAD,PATCH,DELETE"),
        ("GET", "composite/sobjects", "POST,PATCH,DELETE"),
        ("PATCH", "composite/batch", "POST"),
        ("PUT", "jobs/query", "GET,HEAD,POST"),
    ] {
        let answer = rest(&mock, method, path).json(&json!({})).send().await;
        let message = format!("HTTP Method '{method}' not allowed. Allowed are {allowed}");
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow"), answer.message()),
            (405, allowed, message),
            "{path}"
        );
    }
    for path in ["nonsense", "query/a/b", "sobjects/Account/a/b/c"] {
        assert_eq!(rest(&mock, "GET", path).send().await.error(), (404, "NOT_FOUND".to_owned()), "{path}");
    }
    assert_eq!(rest(&mock, "GET", "sobjects/%ff").send().await.error(), (404, "NOT_FOUND".to_owned()));
    for (method, path, what) in [
        ("GET", "tooling/query?q=SELECT+Id+FROM+ApexClass", "tooling (Tooling API)"),
        ("POST", "graphql", "graphql (GraphQL)"),
        ("GET", "actions/standard", "actions/standard (standard invocable actions)"),
        ("GET", "sobjects/Invoice_Paid__e/eventSchema", "sobjects/{object}/eventSchema (schemas of platform events)"),
        ("GET", "sobjects/Account/describe/layouts/012000000000000", "sobjects/{object}/describe/layouts (layouts)"),
    ] {
        let answer = rest(&mock, method, path).json(&json!({})).send().await;
        assert_eq!(answer.error(), (404, "NOT_FOUND".to_owned()), "{path}");
        let message = format!("The mock does not know the resource {what}: its page lists what it knows");
        assert_eq!(answer.message(), message);
    }
    let bulk = || call(&mock, "POST", "/services/async/67.0/job");
    let told = bulk().json(&json!({"operation": "insert"})).send().await;
    let message = "The mock does not know the resource /services/async (Bulk API 1.0): its page lists what it knows";
    let body = json!({"exceptionCode": "NOT_FOUND", "exceptionMessage": message});
    assert_eq!((told.status.as_u16(), told.json()), (404, body));
    let told = bulk().raw("application/xml; charset=utf-8", "<jobInfo/>").send().await.text();
    assert!(told.contains(&format!("<exceptionMessage>{message}</exceptionMessage>")), "{told}");
    let streaming = call(&mock, "POST", "/cometd/67.0/handshake").json(&json!([])).send().await;
    assert!(streaming.message().contains("(Streaming API)"));
    assert_eq!(call(&mock, "GET", "/elsewhere").send().await.error(), (404, "NOT_FOUND".to_owned()));
}

/// Salesforce's command line keeps an instance URL with a slash at its end, and puts its paths behind it.
#[tokio::test]
async fn a_path_may_begin_with_more_than_one_slash() {
    let mock = mock().await;
    let token = access_token(&mock);
    let versions = call(&mock, "GET", "/services/data").send().await.json();
    assert_eq!(call(&mock, "GET", "//services/data").send().await.json(), versions);
    assert_eq!(call(&mock, "GET", "///services/data/").send().await.json(), versions);
    let query = "//services/data/v67.0/query?q=SELECT+COUNT()+FROM+Account";
    assert_eq!(call(&mock, "GET", query).token(&token).send().await.json()["totalSize"], 2086);
    // Faults are told of the path as the org takes it, the ledger tells it as it came.
    mock.push_fault(Matcher::under("/services/data").method("GET"), Fault::status(503, &[]));
    assert_eq!(call(&mock, "GET", "//services/data").send().await.status, 503);
    assert_eq!(mock.ledger().entries().last().unwrap().path, "//services/data");
    assert_eq!(call(&mock, "GET", "/services//data").send().await.status, 404);
}

#[tokio::test]
async fn only_json_goes_in_and_comes_out() {
    let mock = mock().await;
    let xml = rest(&mock, "GET", "limits").header("accept", "application/xml").send().await;
    assert_eq!(xml.error(), (406, "NOT_ACCEPTABLE".to_owned()));
    let text = rest(&mock, "POST", "sobjects/Account").raw("text/plain", "{}").send().await;
    assert_eq!(text.error(), (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()));
    let broken = rest(&mock, "POST", "sobjects/Account").raw("application/json", "{\"Name\":").send().await;
    assert_eq!(broken.error(), (400, "JSON_PARSER_ERROR".to_owned()));
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let deep = rest(&mock, "POST", "sobjects/Account").raw("application/json", &deep).send().await;
    assert_eq!(deep.error(), (400, "JSON_PARSER_ERROR".to_owned()));
    let empty = rest(&mock, "POST", "sobjects/Account").raw("application/json", "").send().await;
    assert_eq!(empty.error(), (400, "JSON_PARSER_ERROR".to_owned()));
}

#[tokio::test]
async fn long_uris_and_headers_are_refused_in_html() {
    let mock = mock().await;
    let target = |length: usize| {
        let start = "/services/data/v67.0/query?q=";
        format!("{start}{}", "a".repeat(length - start.len()))
    };
    let answer = call(&mock, "GET", &target(16_385)).send().await;
    assert_eq!(answer.status, 414);
    assert!(answer.text().starts_with("<h1>Bad Message 414</h1>"));
    assert!(answer.header("content-type").starts_with("text/html"));
    let answer = call(&mock, "GET", &target(16_384)).send().await;
    assert_eq!(answer.status, 431, "URI and headers together");
    assert!(answer.text().starts_with("<h1>Bad Message 431</h1>"));
    let answer = call(&mock, "GET", &target(10_000)).send().await;
    assert_eq!(answer.status, 401);
    let answer = call(&mock, "GET", "/services/data").header("x-long", &"a".repeat(16_384)).send().await;
    assert_eq!(answer.status, 431);
}

#[tokio::test]
async fn localhost_and_the_other_family_reach_the_same_mock() {
    let mock = MockSalesforce::builder().start().await.unwrap();
    let port = mock.address().port();
    let other = std::net::TcpListener::bind(("::1", port));
    let has_other_family = std::net::TcpListener::bind("[::1]:0").is_ok();
    assert!(!has_other_family || other.is_err(), "[::1]:{port} is the mock's where there is IPv6");
}

#[tokio::test]
async fn a_stopped_mock_frees_its_port() {
    let mock = MockSalesforce::builder().start().await.unwrap();
    let address = mock.address();
    mock.stop().await;
    let again = MockSalesforce::builder().listen(address).start().await.unwrap();
    assert_eq!(again.address(), address);
    let taken = MockSalesforce::builder().listen(address).start().await.unwrap_err();
    assert!(taken.to_string().starts_with(&format!("the mock cannot listen on {address}: ")));
}

#[tokio::test]
async fn compressed_bodies_are_refused_by_name() {
    let mock = mock().await;
    let request = rest(&mock, "POST", "sobjects/Account").header("content-encoding", "gzip");
    let refused = request.raw("application/json", [0x1f, 0x8b]).send().await;
    assert_eq!(refused.error(), (501, "UNKNOWN_TO_THE_MOCK".to_owned()));
    assert!(refused.message().contains("Content-Encoding: gzip"), "{}", refused.message());
}
