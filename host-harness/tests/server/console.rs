//! Pages of the console as a browser without script gets them.

use bytes::Bytes;
use http::Method;
use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::client::{Client, Reply};
use crate::fixture::{ACCOUNTS_PATH, Connected, Fixture};
use crate::receiver::{Answer, Receiver};

/// A browser that is logged in with the tenant's token.
pub(crate) struct Console {
    client: Client,
    cookie: String,
}

impl Console {
    pub(crate) async fn log_in(fixture: &Fixture) -> Console {
        Console::log_in_with(fixture, &fixture.tenant_token()).await
    }

    /// The same with another token.
    async fn log_in_with(fixture: &Fixture, token: &str) -> Console {
        let client = Client::new(fixture.server.url(), None);
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let reply = client.send(Method::POST, "/console/login", &headers, form.into()).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        let cookie = reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        Console { client, cookie }
    }

    async fn get(&self, path: &str) -> Reply {
        self.client.send(Method::GET, path, &[("cookie", &self.cookie)], Bytes::new()).await
    }

    /// The page, with its entities resolved.
    pub(crate) async fn page(&self, path: &str) -> String {
        let reply = self.get(path).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.text().replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    /// Posts the form of a page; answers where it leads.
    async fn post(&self, page: &str, path: &str) -> Reply {
        self.post_with(page, path, "").await
    }

    /// The same with other fields of it.
    pub(crate) async fn post_with(&self, page: &str, path: &str, fields: &str) -> Reply {
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", &self.cookie)];
        self.client.send(Method::POST, path, &headers, format!("csrf={csrf}{fields}").into()).await
    }
}

fn id(execution: &Value) -> &str {
    execution["id"].as_str().unwrap()
}

#[tokio::test]
async fn an_unknown_outcome_says_what_to_look_for() {
    let connected = Connected::start().await;
    let console = Console::log_in(&connected).await;
    connected.mock.push_fault(Matcher::path(ACCOUNTS_PATH), Fault::CloseAfterWork);
    let lost = connected.tenant.execute(&connected.create_account("O'Lost")).await.ended("unknown");
    let page = console.page(&format!("/console/executions/{}", id(&lost))).await;
    assert!(page.contains("Look in Salesforce for a new Account with these values"), "{page}");
    assert!(page.contains(r"FROM Account WHERE Name = 'O\'Lost' AND CreatedDate >= "), "{page}");
    assert!(page.contains("\"Name\": \"O'Lost\""), "{page}");

    // The query is ready in the playground, and finds what was created.
    let form = console.page(&format!("/console/playground?from={}&look=yes", id(&lost))).await;
    let query = form
        .split("<textarea id=\"input.query.soql\"")
        .nth(1)
        .unwrap()
        .split_once('>')
        .unwrap()
        .1
        .split("</textarea>")
        .next()
        .unwrap();
    assert!(query.starts_with("SELECT Id, CreatedDate FROM Account WHERE Name = "), "{query}");
    let found = connected.tenant.execute(&connected.query(query)).await.ended("succeeded");
    assert_eq!(found["result"]["count"], 1, "{found}");
}

#[tokio::test]
async fn a_write_is_run_again_through_the_playground_alone() {
    let connected = Connected::start().await;
    let console = Console::log_in(&connected).await;
    let first = connected.tenant.execute_once("key", &connected.create_account("Again")).await.ended("succeeded");
    let path = format!("/console/executions/{}", id(&first));
    let page = console.page(&path).await;
    assert!(page.contains(&format!("{path}/again")) && page.contains("Open in the playground"), "{page}");
    let asks = console.page(&format!("{path}/again")).await;
    assert!(asks.contains("would be done twice") && asks.contains("\"Name\": \"Again\""), "{asks}");
    assert!(asks.contains(&format!("/console/playground?from={}", id(&first))), "{asks}");
    let pressed = console.post(&asks, &format!("{path}/again")).await;
    assert_eq!((pressed.status.as_u16(), connected.mock.ledger().creates("Account")), (409, 1));
    let forged = console.post("name=\"csrf\" value=\"wrong\"", &format!("{path}/again")).await;
    assert_eq!((forged.status.as_u16(), connected.mock.ledger().creates("Account")), (403, 1));

    let form = console.page(&format!("/console/playground?from={}", id(&first))).await;
    assert!(form.contains("value=\"Account\"") && form.contains("{\"Name\":\"Again\"}"), "{form}");
    let stranger = connected.new_tenant("stranger", &json!({})).await;
    let body = json!({"connection": connected.connect(&stranger, "org").await, "action": "soql-query",
        "input": {"query": {"soql": "SELECT COUNT() FROM Account"}}});
    let others = stranger.execute(&body).await.ended("succeeded");
    assert_eq!(console.get(&format!("/console/executions/{}/again", id(&others))).await.status, 404);
}

#[tokio::test]
async fn a_read_is_run_again_at_once() {
    let connected = Connected::start().await;
    let console = Console::log_in(&connected).await;
    let first = connected.tenant.execute(&connected.count()).await.ended("succeeded");
    let path = format!("/console/executions/{}", id(&first));
    let again = console.post(&console.page(&path).await, &format!("{path}/again")).await;
    let shown = console.page(again.header("location").unwrap()).await;
    assert!(shown.contains("It did what was asked."), "{shown}");
    let log = connected.tenant.get("/v1/executions").await.json(200);
    assert_eq!(log["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_log_is_filtered_by_its_address_and_wrong_values_are_told() {
    let connected = Connected::start().await;
    let console = Console::log_in(&connected).await;
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    let failed = connected.tenant.execute(&connected.query("SELECT")).await.ended("failed");
    let rows =
        async |query: &str| console.page(&format!("/console/executions?{query}")).await.matches("<tr role").count();
    // One is of the head.
    for (query, found) in [
        ("", 3),
        ("error=any", 2),
        ("error=forbidden", 0),
        ("action=soql-query", 3),
        ("action=user-info", 0),
        ("from=2020-01-01T00:00:00Z", 3),
        ("to=2020-01-01T00:00", 0),
        ("from=2020-01-01T00:00&to=2100-01-01T00:00&action=soql-query&error=invalid-query&state=failed", 2),
    ] {
        assert_eq!(rows(query).await, found, "{query}");
    }
    let empty = console.page("/console/executions?action=user-info").await;
    assert!(empty.contains("No execution matches."), "{empty}");
    // Without script times say that they are in UTC.
    let page = console.page(&format!("/console/executions/{}", id(&failed))).await;
    assert!(page.contains(" UTC</time>") && page.contains("Times are in UTC."), "{page}");

    let wrong = console.get("/console/executions?from=yesterday&state=lost&after=x").await;
    assert_eq!(wrong.status, 422, "{wrong:?}");
    for told in ["such as 2026-11-24T09:30:00Z", "running, succeeded, failed", "after: expected"] {
        assert!(wrong.text().contains(told), "{told}: {}", wrong.text());
    }
}

#[tokio::test]
async fn s04_a_form_is_not_filled_in_with_a_long_request() {
    let connected = Connected::start().await;
    let console = Console::log_in(&connected).await;
    let long = connected.tenant.execute(&connected.create_account(&"x".repeat(300 << 10))).await.ended("failed");
    let form = console.page(&format!("/console/playground?from={}", id(&long))).await;
    assert!(form.len() < 100 << 10, "{}", form.len());
    assert!(form.contains(&format!("GET /v1/executions/{}", id(&long))), "{form}");
}

#[tokio::test]
async fn s04_a_page_shows_the_beginning_of_a_long_result() {
    let connected = Connected::start().await;
    let console = Console::log_in(&connected).await;
    let query = json!({"query": {"soql": "SELECT Id, Name, Phone, Website, OwnerId FROM Account", "batch_size": 2000}});
    let ended = connected.tenant.execute(&connected.action("soql-query", query)).await.ended("succeeded");
    let page = console.page(&format!("/console/executions/{}", id(&ended))).await;
    assert!(page.contains("The first 256 KiB are shown."), "the result is not long enough, or shown whole");
    assert!(page.len() < 400 << 10, "{}", page.len());
    let whole = console.get(&format!("/console/executions/{}/result.json", id(&ended))).await;
    let whole: Value = serde_json::from_slice(&whole.body).unwrap();
    assert_eq!(whole, ended["result"]);
}

#[tokio::test]
async fn the_account_page_lets_agents_write_and_takes_it_back() {
    let connected = Connected::start().await;
    let console = Console::log_in(&connected).await;
    for (said, next) in [("Agents may only read.", true), ("Agents may read and write.", false)] {
        let page = console.page("/console/account").await;
        assert!(page.contains(said) && page.contains(&format!("{}/mcp", connected.server.url())), "{page}");
        let field = format!("name=\"writes\" value=\"{next}\"");
        assert!(page.contains(&field), "{page}");
        let set = console.post_with(&page, "/console/account/agents", &format!("&writes={next}")).await;
        assert_eq!((set.status.as_u16(), set.header("location")), (303, Some("/console/account")), "{set:?}");
        assert_eq!(connected.tenant.get("/v1/tenant").await.json(200)["agents"]["writes"], next);
    }
    let forged = console.post_with("name=\"csrf\" value=\"wrong\"", "/console/account/agents", "&writes=true").await;
    assert_eq!(forged.status, 403);
    assert_eq!(connected.tenant.get("/v1/tenant").await.json(200)["agents"]["writes"], false);
}

#[tokio::test]
async fn a_tenant_sets_its_webhook_and_an_administrator_does_not_see_where() {
    const HERE: &str = "/console/account/webhook";
    let connected = Connected::start().await;
    let receiver = Receiver::start([Answer::Status(500)]).await;
    let console = Console::log_in(&connected).await;
    assert!(console.page("/console/account").await.contains("No webhook is set."));
    let page = console.page(HERE).await;
    for (fields, wrong) in [
        ("&url=https%3A%2F%2F10.0.0.1%2F&allowance_percent=80", "its address is not a public one"),
        ("&url=https%3A%2F%2Fhooks.example.com%2F&allowance_percent=most", "a whole number from 1 to 100"),
    ] {
        let refused = console.post_with(&page, HERE, fields).await;
        assert!(refused.status == 422 && refused.text().contains(wrong), "{refused:?}");
    }
    let url = receiver.url.replace(':', "%3A").replace('/', "%2F");
    let fields = format!("&url={url}&allowance_percent=75");
    let set = console.post_with(&page, HERE, &fields).await;
    assert_eq!(set.status, 200, "{set:?}");
    let secret = set.text().split("<code id=\"new-secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let again = console.post_with(&page, HERE, &fields).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, Some(HERE)), "{again:?}");

    let tested = console.post_with(&page, &format!("{HERE}/test"), "").await;
    assert_eq!((tested.status.as_u16(), tested.header("location")), (303, Some(HERE)), "{tested:?}");
    receiver.received(1).await[0].verified(&secret);
    let page = console.page(HERE).await;
    assert!(page.contains(&receiver.url) && page.contains("value=\"75\"") && !page.contains(&secret), "{page}");
    assert!(page.contains("the receiver did not answer with 2xx (status 500)"), "{page}");
    let again = console.post_with(&page, &format!("{HERE}/test"), "").await;
    assert_eq!(again.status, 429, "{again:?}");

    let administrator = Console::log_in_with(&connected, connected.administrator.token()).await;
    let seen = administrator.page(HERE).await;
    assert!(seen.contains("status 500") && !seen.contains(&receiver.url) && !seen.contains("Send a test"), "{seen}");
    for path in [HERE, "/console/account/webhook/test", "/console/account/webhook/delete"] {
        let refused = administrator.post_with(&seen, path, &fields).await;
        assert_eq!(refused.status, 403, "{path}: {refused:?}");
    }
    let delete = console.page("/console/account/webhook/delete").await;
    let deleted = console.post_with(&delete, "/console/account/webhook/delete", "").await;
    assert_eq!((deleted.status.as_u16(), deleted.header("location")), (303, Some(HERE)), "{deleted:?}");
    connected.tenant.get("/v1/tenant/webhook").await.problem(404, "not-found");
    receiver.received(1).await;
}
