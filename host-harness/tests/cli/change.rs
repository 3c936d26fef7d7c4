//! A server's connection is mended from the command line.

use http::header::{LOCATION, SET_COOKIE};
use serde_json::json;

use crate::fixture::{CLIENT_ID, CLIENT_SECRET, USERNAME};
use crate::host::{Host, get};

const UPDATE: [&str; 4] = ["connections", "update", "--connection-name", "acme"];

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_changed_and_keeps_its_id() {
    let host = Host::connected().await;
    let before = host.run(&["connections"]).done()[0].clone();
    let wrong = host.org.file("wrong.txt", "SENTINEL-wrong\n").display().to_string();
    let right = host.org.file("right.txt", &format!("{CLIENT_SECRET}\n")).display().to_string();
    let update = |arguments: &[&str]| host.run(&[&UPDATE[..], arguments].concat());
    assert_eq!(update(&["--client-secret-file", &wrong]).done()["state"], json!("active"));
    let refresh = ["--connection-name", "acme", "refresh"];
    assert!(host.run(&refresh).failed(3).contains("invalid-client"));
    assert_eq!(update(&["--client-secret-file", &right]).done()["id"], before["id"]);
    host.run(&refresh).done();

    let changed = update(&["--name", "ACME", "--scope", "api", "--api-version", "v66.0"]).done();
    assert_eq!((&changed["name"], &changed["id"]), (&json!("ACME"), &before["id"]));
    assert_eq!((&changed["requested_scopes"], &changed["api_version"]), (&json!(["api"]), &json!("v66.0")));
    assert_eq!(changed["apex_rest"], json!(false));
    assert!(update(&["--name", "x"]).failed(2).contains("no connection with the name or id acme"));
    let named =
        |arguments: &[&str]| host.run(&[&["connections", "update", "--connection-name", "ACME"], arguments].concat());
    assert_eq!(named(&["--apex-rest", "true"]).done()["apex_rest"], json!(true));
    assert!(named(&[]).failed(2).contains("say what to change"));
    assert!(named(&["--client-id", "other"]).failed(2).contains("client_secret"));
    let changed = named(&["--client-id", "other", "--no-client-secret"]).done();
    assert_eq!((&changed["state"], &changed["has_client_secret"]), (&json!("needs-reauthorization"), &json!(false)));
    let typed = named(&["--login-url", "https://acme.lightning.force.com/lightning/page/home"]).done();
    assert_eq!(typed["login_url"], json!("https://acme.my.salesforce.com"), "as people type it");
    assert!(host.run(&["connections", "update", "--name", "x"]).failed(2).contains("update NAME_OR_ID"));
    let by = |name| host.run(&["connections", "update", name, "--name", "Acme"]);
    assert_eq!(by("ACME").done()["id"], before["id"]);
    assert_eq!(by(before["id"].as_str().unwrap()).done()["name"], json!("Acme"));
    assert!(by("nobody").failed(2).contains("no connection with the name or id nobody: it has Acme"));
    assert!(named(&["Acme", "--name", "x"]).failed(2).contains("name the connection once"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_takes_the_new_secret_of_a_connection_that_is_there() {
    let host = Host::connected().await;
    let wrong = host.org.file("wrong.txt", "SENTINEL-wrong\n").display().to_string();
    host.run(&[&UPDATE[..], &["--client-secret-file", &wrong]].concat()).done();
    // It has the right one in its environment.
    let run = host.log_in("acme").await;
    assert_eq!(run.done_but_for_stderr()["generation"], json!(2));
    host.run(&["--connection-name", "acme", "refresh"]).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_stops_at_the_first_refusal_though_it_is_the_same_as_before() {
    let host = Host::connected().await;
    for _ in 0..2 {
        let (child, url, stderr) = host.begin("acme");
        let redirect = get(&url, "").await;
        let cookie = redirect.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let location = redirect.headers()[LOCATION].to_str().unwrap();
        // The user would allow access, but says no.
        let query = host.org.mock.allow(location, USERNAME).unwrap();
        let state = query.split('&').find(|parameter| parameter.starts_with("state=")).unwrap();
        let denied = format!("{}?error=access_denied&error_description=not+today&{state}", host.server.callback_url());
        assert_eq!(get(&denied, &cookie).await.status(), 400);
        let run = host.end(child, stderr);
        assert_eq!(run.code, Some(3), "{run:?}");
        assert!(run.stderr.contains("not today"), "{run:?}");
    }
    assert_eq!(host.run(&["connections"]).done()[0]["state"], json!("active"));
    assert_eq!(host.run(&["connections"]).done()[0]["client_id"], json!(CLIENT_ID));
}

#[tokio::test(flavor = "multi_thread")]
async fn s12_a_login_host_is_listed_by_the_operator() {
    let host = Host::bare().await;
    let login = ["login", "--no-browser", "--client-id", CLIENT_ID, "--login-url", "https://login.example.com"];
    let run = host.run(&login);
    assert!(run.failed(2).contains("--login-host"), "{run:?}");
    for wrong in ["https://login.example.com", "*.com", "localhost"] {
        let run = host.org.run(&["serve", "--login-host", wrong]);
        assert!(run.failed(2).contains("--login-host"), "{run:?}");
    }
}
