//! Whatever is wrong with a request, the answer is a problem in JSON (RFC 9457).

use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::Client;
use crate::fixture::{Connected, Fixture};

/// Method and path of every operation in the document, with ids that are nobody's.
async fn operations(fixture: &Fixture) -> Vec<(Method, String)> {
    let document = fixture.tenant.get("/openapi.json").await.json(200);
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "none").replace("{token_id}", "none").replace("{digest}", "none");
        assert!(!path.contains('{'), "{path}");
        for method in methods.as_object().unwrap().keys() {
            operations.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    assert!(operations.len() > 20, "{operations:?}");
    operations
}

fn is_administrators(path: &str) -> bool {
    path.starts_with("/v1/tenants") || path.starts_with("/v1/administrator")
}

#[tokio::test]
async fn every_operation_asks_for_the_right_kind_of_token() {
    let fixture = Fixture::start().await;
    let anybody = Client::new(fixture.server.url(), None);
    for (method, path) in operations(&fixture).await {
        if !path.starts_with("/v1/") {
            assert_eq!(anybody.send(method, &path, &[], "".into()).await.status, 200, "{path}");
            continue;
        }
        let wrong = if is_administrators(&path) { &fixture.tenant } else { &fixture.administrator };
        let reply = anybody.send(method.clone(), &path, &[], "".into()).await;
        assert!(reply.problem(401, "unauthorized").contains("Bearer"), "{method} {path}");
        wrong.send(method, &path, &[], "".into()).await.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn every_path_of_the_document_is_there() {
    let fixture = Fixture::start().await;
    for (method, path) in operations(&fixture).await {
        let right = if is_administrators(&path) { &fixture.administrator } else { &fixture.tenant };
        let reply = right.send(method.clone(), &path, &[], "".into()).await;
        assert!(!reply.text().contains("nothing at this path"), "{method} {path}");
        assert_ne!(reply.status, 405, "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let fixture = Fixture::start().await;
    for path in ["/v1", "/v1/", "/v1/nothing", "/v2/connections", "/v1/connections/a/b/c", "/v1/connections/"] {
        let detail = fixture.tenant.get(path).await.problem(404, "not-found");
        assert!(detail.contains("/openapi.json"), "{path}: {detail}");
    }
    fixture.tenant.get("/v1/connections/%FF").await.problem(404, "not-found");
    fixture.tenant.get("/v1/connections/%00").await.problem(404, "not-found");
    let reply = fixture.tenant.send(Method::PATCH, "/v1/connections", &[], "".into()).await;
    assert!(reply.problem(405, "method-not-allowed").contains("PATCH"));
    let allowed = reply.header("allow").unwrap();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
}

#[tokio::test]
async fn a_body_that_is_not_what_was_expected_is_a_problem() {
    let connected = Connected::start().await;
    let authorize = format!("/v1/connections/{}/authorize", connected.connection);
    let json = "application/json";
    for (path, content_type, body, status, kind) in [
        ("/v1/connections", json, "{", 400, "invalid-request"),
        ("/v1/connections", json, "[]", 400, "invalid-request"),
        ("/v1/connections", json, "", 400, "invalid-request"),
        ("/v1/connections", json, "{\"name\":\"\u{0}\"}", 400, "invalid-request"),
        ("/v1/connections", "text/plain", "{}", 415, "unsupported-media-type"),
        ("/v1/executions", "application/x-www-form-urlencoded", "a=b", 415, "unsupported-media-type"),
        ("/v1/executions", json, r#"{"connection":"c","action":"x","input":{}}"#, 400, "invalid-request"),
        (authorize.as_str(), json, "{", 400, "invalid-request"),
        (authorize.as_str(), "text/plain", "{}", 415, "unsupported-media-type"),
    ] {
        let headers = [("content-type", content_type)];
        connected.tenant.send(Method::POST, path, &headers, body.into()).await.problem(status, kind);
    }
    connected
        .tenant
        .send(Method::POST, "/v1/executions", &[], "{}".into())
        .await
        .problem(415, "unsupported-media-type");
    let headers = [("content-type", "text/plain")];
    let upload = connected.tenant.send(Method::PUT, "/v1/components?name=n", &headers, "(component)".into()).await;
    assert!(upload.problem(415, "unsupported-media-type").contains("application/wasm"));
}

/// A body that is announced too large is refused before it is sent.
async fn too_large(fixture: &Fixture, request_line: &str, content_type: &str) -> String {
    let mut stream = TcpStream::connect(fixture.server.address()).await.unwrap();
    let head = format!(
        "{request_line} HTTP/1.1\r\nhost: server\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
        fixture.tenant_token(),
        1_u64 << 40
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_body_that_is_too_large_is_a_problem() {
    let fixture = Fixture::start().await;
    for (line, content_type) in [
        ("POST /v1/connections", "application/json"),
        ("POST /v1/executions", "application/json"),
        ("PUT /v1/components?name=large", "application/wasm"),
    ] {
        let answer = too_large(&fixture, line, content_type).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{line}: {answer}");
        assert!(answer.contains("application/problem+json") && answer.contains("/problems#too-large"), "{answer}");
    }
}

#[tokio::test]
async fn a_problem_links_to_what_it_means_and_every_answer_has_an_id() {
    let fixture = Fixture::start().await;
    let reply = fixture.tenant.get("/v1/connections/none").await;
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    let (page, anchor) = body["type"].as_str().unwrap().split_once('#').unwrap();
    let page = fixture.tenant.get(page).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains(&format!("id=\"{anchor}\"")), "{page:?}");
    assert_eq!(body["title"], json!("Not found"));
    let ids: Vec<_> = [&reply, &page].map(|reply| reply.header("x-request-id").unwrap().to_owned()).into();
    assert_ne!(ids[0], ids[1]);
}
