//! Every page of the console, and how it is visited: a page that nobody added here fails the tests.

use std::collections::{BTreeMap, BTreeSet};

use http::{Method, header};
use serde_json::{Value, json};
use support::sources;

use crate::axe;
use crate::browser::Screen;
use crate::stage::Stage;

/// Pages by their route, and where they are. `{names}` stand for what [`Things`] has.
const PAGES: &[(&str, &[&str])] = &[
    ("/console/", &["/console/"]),
    ("/console/login", &["/console/login"]),
    ("/console/connections", &["/console/connections"]),
    ("/console/connections/new", &["/console/connections/new"]),
    (
        "/console/connections/{id}",
        &[
            "/console/connections/{connection}",
            "/console/connections/{connection}?authorize=1",
            "/console/connections/{waiting}",
        ],
    ),
    (
        "/console/connections/{id}/edit",
        &["/console/connections/{connection}/edit", "/console/connections/{waiting}/edit"],
    ),
    ("/console/connections/{id}/revoke", &["/console/connections/{connection}/revoke"]),
    ("/console/connections/{id}/delete", &["/console/connections/{connection}/delete"]),
    (
        "/console/executions",
        &["/console/executions", "/console/executions?action=nothing", "/console/executions?state=lost&from=yesterday"],
    ),
    (
        "/console/executions/{id}",
        &["/console/executions/{read}", "/console/executions/{write}", "/console/executions/{failed}"],
    ),
    ("/console/executions/{id}/again", &["/console/executions/{write}/again"]),
    ("/console/components", &["/console/components"]),
    ("/console/components/{digest}", &["/console/components/{refused}"]),
    ("/console/components/{digest}/delete", &["/console/components/{refused}/delete"]),
    (
        "/console/playground",
        &[
            "/console/playground",
            "/console/playground?action=user-info",
            "/console/playground?action=explain",
            "/console/playground?action=get-record-field-values",
            "/console/playground?action=create-or-update-record",
            "/console/playground?from={write}",
        ],
    ),
    ("/console/account", &["/console/account"]),
    ("/console/account/token", &["/console/account/token"]),
    ("/console/account/webhook", &["/console/account/webhook"]),
    ("/console/account/webhook/delete", &["/console/account/webhook/delete"]),
    ("/console/tenants", &["/console/tenants"]),
    ("/console/tenants/{id}", &["/console/tenants/{tenant}"]),
    ("/console/tenants/{id}/rename", &["/console/tenants/{tenant}/rename"]),
    ("/console/tenants/{id}/suspend", &["/console/tenants/{tenant}/suspend"]),
    ("/console/tenants/{id}/delete", &["/console/tenants/{tenant}/delete"]),
    ("/console/tenants/{id}/tokens/{token}/revoke", &["/console/tenants/{tenant}/tokens/{token}/revoke"]),
    ("/console/administrator", &["/console/administrator"]),
    ("/console/administrator/tokens/{token}/revoke", &["/console/administrator/tokens/{administrator}/revoke"]),
    ("/console/{*unknown}", &["/console/nothing-is-here", "/console/components?after"]),
];

/// Pages of the server beside the console.
const BESIDE: &[&str] = &["/problems", "/2017-09-01/integrations/salesforce/sso", "/connect/unknown"];

/// Routes that show nothing of their own: redirects, forms' targets, files, and what scripts ask for.
const OTHERS: &[&str] = &[
    "/",
    "/console",
    "/console/logout",
    "/console/connections/new/login-host",
    "/console/connections/{id}/refresh",
    "/console/executions/{id}/cancel",
    "/console/executions/{id}/result.csv",
    "/console/executions/{id}/result.json",
    "/console/executions/{id}/rows.csv",
    "/console/account/agents",
    "/console/account/webhook/test",
    "/console/tenants/{id}/look",
    "/console/tenants/{id}/resume",
    "/console/tenants/{id}/tokens",
    "/console/administrator/tokens",
    "/console/playground/fields",
    "/console/playground/objects",
];

/// How pages are looked at: the screen, and whether in the dark.
const LOOKS: [(Screen, bool); 4] = [
    (Screen::Desktop(1280, 900), false),
    (Screen::Desktop(1280, 900), true),
    (Screen::Phone, false),
    (Screen::SmallPhone, true),
];

#[test]
fn every_route_is_a_page_or_known_to_be_none() {
    let read = |path| std::fs::read_to_string(path).unwrap();
    let sources: Vec<String> = sources::rust_below("host-harness/server/src/console").into_iter().map(read).collect();
    let shared: BTreeMap<&str, &str> = sources.iter().flat_map(|source| constants_of(source)).collect();
    let routes: BTreeSet<&str> = sources.iter().flat_map(|source| routes_of(source, &shared)).collect();
    let listed: BTreeSet<&str> = PAGES.iter().map(|(route, _)| *route).chain(OTHERS.iter().copied()).collect();
    assert_eq!(routes.difference(&listed).collect::<Vec<_>>(), Vec::<&&str>::new(), "missing in PAGES or OTHERS");
    assert_eq!(listed.difference(&routes).collect::<Vec<_>>(), Vec::<&&str>::new(), "there is no such route");
}

/// What a source gives `Router::route`: texts, and constants that are texts. Assets have paths of their own.
fn routes_of<'a>(source: &'a str, shared: &BTreeMap<&'a str, &'a str>) -> Vec<&'a str> {
    let own: BTreeMap<&str, &str> = constants_of(source).into_iter().collect();
    let calls = source.split(".route(").skip(1).map(str::trim_start).filter(|call| !call.starts_with("self.path"));
    let route = |call: &'a str| {
        let name = call.split(|one: char| !one.is_ascii_uppercase() && one != '_').next().unwrap_or_default();
        let found = text(call).or_else(|| own.get(name).or_else(|| shared.get(name)).copied());
        found.unwrap_or_else(|| panic!("no route: {}", call.chars().take(60).collect::<String>()))
    };
    calls.map(route).collect()
}

/// Constants that are texts, by name.
fn constants_of(source: &str) -> Vec<(&str, &str)> {
    let constant = |code| {
        let (name, value): (&str, &str) = str::split_once(code, ": &str = ")?;
        Some((name, text(value)?))
    };
    source.split("const ").skip(1).filter_map(constant).collect()
}

/// The text that code begins with.
fn text(code: &str) -> Option<&str> {
    code.trim_start().strip_prefix('"')?.split('"').next()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_for_everybody_in_the_light_in_the_dark_and_on_phones() {
    let stage = Stage::connected("Demo org").await;
    let things = things(&stage).await;
    stage.browser.press("Log out").await;
    let mut found = look(&stage, "/console/login").await;
    stage.log_in_with(&stage.admin_token).await;
    let paths = PAGES.iter().flat_map(|(_, paths)| paths.iter()).chain(BESIDE);
    for path in paths {
        let path = things.iter().fold((*path).to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
        assert!(!path.contains('{'), "{path}");
        found.extend(look(&stage, &path).await);
    }
    assert_eq!(found, Vec::<String>::new());
    // Statuses of pages that say what is wrong are in the browser's log.
    let errors = stage.browser.errors().await;
    assert!(errors.iter().all(|error| error.contains("responded with a status of 4")), "{errors:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_a_tenant_that_has_nothing_say_what_to_do_next() {
    let stage = Stage::start().await;
    stage.log_in().await;
    for (path, next) in [
        ("/console/", "New connection"),
        ("/console/connections", "New connection"),
        ("/console/executions", "Open the playground"),
        ("/console/components", "Upload and verify"),
        ("/console/account/webhook", "Set the webhook"),
    ] {
        assert_eq!(look(&stage, path).await, Vec::<String>::new());
        let offered = "return [...document.querySelectorAll('main a, main button')].map(one => one.textContent)";
        let offered = stage.browser.evaluate(offered).await;
        assert!(
            offered.as_array().unwrap().iter().any(|name| name.as_str().unwrap().contains(next)),
            "{path}: {offered}"
        );
    }
    stage.assert_quiet().await;
}

/// Looks at a page in all ways: what is wider than the screen, and what axe has to say.
pub(crate) async fn look(stage: &Stage, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let browser = &stage.browser;
    stage.go(path).await;
    browser.find("h1").await;
    axe::load(browser).await;
    for (screen, dark) in LOOKS {
        browser.look_with(screen).await;
        browser.prefer_dark(dark).await;
        let width = browser.evaluate("return document.documentElement.scrollWidth - innerWidth").await;
        let wide = "return [...document.querySelectorAll('body *')]
            .filter(element => element.getBoundingClientRect().right > innerWidth && !element.closest('.scroll'))
            .map(element => element.outerHTML.slice(0, 120))";
        if width.as_i64().unwrap() > 0 {
            found.push(format!("{path} on {screen:?} is too wide: {}", browser.evaluate(wide).await));
        }
        let broken = axe::violations(browser).await;
        found.extend(broken.into_iter().map(|rule| format!("{path} on {screen:?}, dark: {dark}: {rule}")));
    }
    browser.look_with(Screen::Desktop(1280, 900)).await;
    browser.prefer_dark(false).await;
    found
}

/// One of everything that has a page, by the names that [`PAGES`] uses.
async fn things(stage: &Stage) -> Vec<(&'static str, String)> {
    let connection = stage.text_of("#id").await;
    let execute = async |action: &str, input: Value, state: &str| {
        let body = json!({"connection": connection, "action": action, "input": input});
        let execution = stage.execute(&body).await;
        assert_eq!(execution.pointer("/state").unwrap(), state, "{execution}");
        id(&execution)
    };
    let query = |soql: &str| json!({"query": {"soql": soql}});
    let read = execute("soql-query", query("SELECT Id, Name FROM Account LIMIT 3"), "succeeded").await;
    let failed = execute("soql-query", query("SELECT Nothing__c FROM Account"), "failed").await;
    let account = json!({"object": "Account", "target": "create", "fields": {"Name": "A page"}});
    let write = execute("create-or-update-record", account, "succeeded").await;

    let app = json!({"name": "Nobody's yet", "login_url": stage.mock.url(), "client_id": "console-tests"});
    let waiting = stage.api(&stage.token, Method::POST, "/v1/connections", &app).await;
    let bearer = format!("Bearer {}", stage.token);
    let headers = [(header::AUTHORIZATION, bearer.as_str()), (header::CONTENT_TYPE, "application/wasm")];
    let (status, refused) = stage.send(Method::PUT, "/v1/components?name=garbage", &headers, "no component").await;
    assert_eq!(status, 422, "{refused}");
    let refused: Value = serde_json::from_str(&refused).unwrap();

    let webhook =
        json!({"url": "https://hooks.example.com/a/path/that/is/long/enough/to/be/wider/than/a/small/phone?or=two"});
    stage.api(&stage.token, Method::PUT, "/v1/tenant/webhook", &webhook).await;
    let tenant = stage.api(&stage.admin_token, Method::POST, "/v1/tenants", &json!({"name": "Other"})).await;
    let tokens = format!("/v1/tenants/{}/tokens", id(&tenant));
    let token = stage.api(&stage.admin_token, Method::POST, &tokens, &json!({"name": "For its workflows"})).await;
    let another = json!({"name": "For the colleague"});
    let administrator = stage.api(&stage.admin_token, Method::POST, "/v1/administrator/tokens", &another).await;
    vec![
        ("connection", connection.clone()),
        ("waiting", id(&waiting)),
        ("read", read),
        ("write", write),
        ("failed", failed),
        ("refused", refused.pointer("/error/sha256").and_then(Value::as_str).unwrap().to_owned()),
        ("tenant", id(&tenant)),
        ("token", id(&token)),
        ("administrator", id(&administrator)),
    ]
}

fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap_or_else(|| panic!("no id: {thing}")).to_owned()
}
