//! What the server says of itself: health, metrics, its API.

use serde_json::json;

use crate::client::Client;
use crate::fixture::{Connected, Fixture};

#[tokio::test]
async fn anybody_may_ask_whether_it_is_well() {
    let fixture = Fixture::start().await;
    let anybody = Client::new(fixture.server.url(), None);
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let reply = anybody.get(path).await;
        assert_eq!((reply.status.as_u16(), reply.text()), (200, text));
    }
}

#[tokio::test]
async fn metrics_count_executions() {
    let connected = Connected::start().await;
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    connected.tenant.execute(&connected.query("SELECT")).await.ended("failed");
    let metrics = Client::new(connected.server.url(), None).get("/metrics").await;
    assert_eq!(metrics.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    for line in [
        r#"harness_executions_total{action="soql-query",state="succeeded"} 1"#,
        r#"harness_executions_total{action="soql-query",state="failed"} 1"#,
        "harness_executions_running 0",
        "# EOF",
    ] {
        assert!(metrics.text().lines().any(|found| found == line), "{line}: {metrics:?}");
    }
}

#[tokio::test]
async fn the_document_says_how_to_authenticate_and_what_paths_take() {
    let fixture = Fixture::start().await;
    let document = Client::new(fixture.server.url(), None).get("/openapi.json").await.json(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                let described = operation["parameters"].as_array().is_some_and(|parameters| {
                    parameters.iter().any(|parameter| parameter["name"] == name && parameter["in"] == "path")
                });
                assert!(described, "{method} {path} does not describe {name}");
            }
        }
    }
    assert_eq!(document["paths"]["/healthz"]["get"]["security"], json!([{}]));
}
