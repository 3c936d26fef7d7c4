//! `harness health`, for whoever starts and watches a server.

use mock_salesforce::wire::{Step, Wire};
use serde_json::json;

use crate::host::Host;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_can_work_is_healthy_without_a_token() {
    let host = Host::bare().await;
    let told = host.org.run(&["--server", host.server.url(), "health"]).done();
    assert_eq!(told, json!({"server": host.server.url(), "ready": true}));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_server_and_what_only_answers_is_not() {
    let answer = |head: &str, body: &str| {
        let length = body.len();
        vec![Step::Read, Step::write(format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}"))]
    };
    let other = Wire::start([answer("200 OK", "<html>"), answer("503 Service Unavailable", "")]).await.unwrap();
    let url = format!("http://{}", other.address());
    let host = Host::bare().await;
    let health = |url: &str| host.org.run(&["--server", url, "health"]);
    assert!(health(&url).failed(11).contains("expected `ready`, got \"<html>\""));
    assert!(health(&url).failed(11).contains("answered with status 503"));
    assert!(health("http://127.0.0.1:1").failed(7).contains("there is no server at http://127.0.0.1:1"));
    assert!(health("ftp://127.0.0.1").failed(2).contains("expected the URL of a server"));
}
