//! Ids that callers send: of one form, or nothing is touched.

use serde_json::json;

use crate::fixture::{Connected, Fixture};

/// Texts that are no id: as they stand in a path.
const NO_IDS: [&str; 9] = [
    "none",
    "..%2Finside",
    ".%2F0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "%2E%2E",
    "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
    "019ABCDE-0000-7000-8000-000000000001",
    "%7B019abcde-0000-7000-8000-000000000001%7D",
    "a%00b",
    "%FF",
];

fn paths(resource: &str) -> impl Iterator<Item = String> {
    NO_IDS.iter().map(move |id| format!("{resource}/{id}"))
}

#[tokio::test]
async fn s01_a_path_that_names_no_id_touches_no_file() {
    let fixture = Fixture::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let (inside, outside) = (fixture.data.path().join("inside.wasm"), elsewhere.path().join("outside.wasm"));
    for file in [&inside, &outside] {
        std::fs::write(file, "keep").unwrap();
    }
    let absolute = outside.with_extension("").display().to_string().replace('/', "%2F");
    fixture.tenant.delete(&format!("/v1/components/{absolute}")).await.problem(404, "not-found");
    for path in paths("/v1/components").chain(paths("/v1/connections")) {
        fixture.tenant.get(&path).await.problem(404, "not-found");
        fixture.tenant.delete(&path).await.problem(404, "not-found");
    }
    for path in paths("/v1/executions") {
        let detail = fixture.tenant.get(&path).await.problem(404, "not-found");
        let form = if path.ends_with("%FF") {
            "UTF-8"
        } else {
            "the id of an execution: a UUID in lower case with hyphens, such as 0"
        };
        assert!(detail.contains(form), "{path}: {detail}");
        fixture.tenant.post(&format!("{path}/cancel")).await.problem(404, "not-found");
    }
    for path in paths("/v1/connections") {
        for action in ["authorize", "refresh", "revoke"] {
            fixture.tenant.post(&format!("{path}/{action}")).await.problem(404, "not-found");
        }
    }
    let locks = std::fs::read_dir(fixture.data.path().join("refreshes")).map_or(0, Iterator::count);
    assert_eq!(locks, 0, "an id that is none has a lock file");
    for path in paths("/v1/tenants") {
        fixture.administrator.get(&path).await.problem(404, "not-found");
        fixture.administrator.get(&format!("{path}/tokens")).await.problem(404, "not-found");
        fixture.administrator.delete(&format!("{path}/tokens/none")).await.problem(404, "not-found");
    }
    let tokens = "/v1/tenants/019abcde-0000-7000-8000-000000000001/tokens/none";
    let detail = fixture.administrator.delete(tokens).await.problem(404, "not-found");
    assert!(detail.contains("the id of a token: 32 hexadecimal digits"), "{detail}");
    assert!(inside.exists() && outside.exists());
}

#[tokio::test]
async fn s01_a_field_that_is_no_id_is_told_the_form() {
    let connected = Connected::start().await;
    for (field, wrong) in [("connection", "../x"), ("component", "/abs"), ("component", "ABC")] {
        let mut body = connected.count();
        body[field] = json!(wrong);
        let detail = connected.tenant.execute(&body).await.problem(400, "invalid-request");
        assert!(detail.contains(field) && detail.contains("lower case"), "{detail}");
    }
    for path in ["/v1/executions?after=x", "/v1/executions?connection=x", "/v1/connections?after=..%2Fx"] {
        let detail = connected.tenant.get(path).await.problem(400, "invalid-request");
        assert!(detail.contains("lower case"), "{detail}");
    }
    connected.administrator.get("/v1/tenants?after=x").await.problem(400, "invalid-request");
}
