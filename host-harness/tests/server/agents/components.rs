//! What uploaded components have of their own, as tools.

use serde_json::json;
use support::quotes::{quotes, quotes_giving};

use super::{ask, call, let_write, names, refused};
use crate::fixture::Connected;
use crate::uploads::upload;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_actions_of_uploaded_components_are_tools_and_count_as_writes() {
    let connected = Connected::start().await;
    let tenant = &connected.tenant;
    let reading = names(tenant).await;
    let mut digests = Vec::new();
    for (name, wasm) in [("quotes 1", quotes()), ("quotes 2", quotes_giving("[12345]"))] {
        let uploaded = upload(tenant, &name.replace(' ', "%20"), wasm).await.json(200);
        digests.push(uploaded["digest"].as_str().unwrap().to_owned());
    }
    let account = || json!({"account": "001000000000001AAA"});
    assert_eq!(names(tenant).await, reading);
    let off = call(tenant, "list-open-quotes", account()).await;
    assert_eq!(off.error().0["kind"], "writes-switched-off", "{off:?}");

    let_write(tenant, true).await;
    let tools = ask(tenant, "tools/list", json!({})).await["tools"].clone();
    let own: Vec<_> = tools.as_array().unwrap().iter().rev().take(2).rev().collect();
    // The latest upload has the plain name.
    for (tool, name, component, gives) in
        [(own[0], "list-open-quotes", 1, json!([12345])), (own[1], "list-open-quotes_2", 0, json!(["Q-1"]))]
    {
        assert_eq!(tool["name"], name, "{tool}");
        let said = tool["description"].as_str().unwrap();
        let of = format!("An action of the uploaded component quotes {} ({}).", component + 1, digests[component]);
        assert!(said.ends_with(&of), "{said}");
        let hints = &tool["annotations"];
        assert_eq!((&hints["readOnlyHint"], &hints["destructiveHint"]), (&json!(false), &json!(true)));
        let members: Vec<_> = tool["inputSchema"]["properties"].as_object().unwrap().keys().collect();
        assert_eq!(members, ["account", "connection", "idempotency_key"]);
        let mut arguments = account();
        arguments["idempotency_key"] = json!(name);
        let answer = call(tenant, name, arguments.clone()).await;
        assert_eq!(answer.given(), gives);
        let path = format!("/v1/executions/{}", answer.meta["execution"].as_str().unwrap());
        let recorded = tenant.get(&path).await.json(200);
        assert_eq!(
            (&recorded["component"], &recorded["action"], &recorded["state"]),
            (&json!(digests[component]), &json!("list-open-quotes"), &json!("succeeded"))
        );
        let again = call(tenant, name, arguments).await;
        assert_eq!((&again.meta["replayed"], &again.meta["execution"]), (&json!(true), &answer.meta["execution"]));
    }
    let wrong = call(tenant, "list-open-quotes", json!({"acount": "x"})).await;
    assert_eq!(wrong.error().0["kind"], "invalid-argument", "{wrong:?}");

    let other = connected.new_tenant("other", &json!({})).await;
    let_write(&other, true).await;
    assert!(!names(&other).await.contains(&"list-open-quotes".to_owned()));
    assert_eq!(tenant.delete(&format!("/v1/components/{}", digests[1])).await.status, 204);
    assert_eq!(call(tenant, "list-open-quotes", account()).await.given(), json!(["Q-1"]));
    assert_eq!(tenant.delete(&format!("/v1/components/{}", digests[0])).await.status, 204);
    let gone = json!({"name": "list-open-quotes", "arguments": account()});
    assert_eq!(refused(tenant, "tools/call", gone).await.0, -32602);
}
