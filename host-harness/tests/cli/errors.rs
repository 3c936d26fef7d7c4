//! How failures are told: one plain error, or one line of JSON, and never a secret.

use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::fixture::Org;

const USER_INFO: &str = "user-info";

#[tokio::test(flavor = "multi_thread")]
async fn with_json_an_error_is_one_line_of_json() {
    let org = Org::connected().await;
    let run = org.run(&["--json", "soql-query", "SELECT Nothing FROM Account"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (Some(6), "", 1), "{run:?}");
    let told: Value = serde_json::from_str(&run.stderr).unwrap();
    let error = &told["error"];
    assert_eq!((&error["kind"], &error["outcome"]), (&json!("invalid-query"), &json!("rejected")));
    assert_eq!((&error["status"], &error["exit_code"]), (&json!(400), &json!(6)));
    assert_eq!(error["problems"][0]["code"], json!("INVALID_FIELD"));
    assert!(error["advice"].is_string() && error["message"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_failure_has_its_code() {
    let org = Org::connected().await;
    let api = |status, code: &str| Fault::json(status, &json!([{"errorCode": code, "message": "told by a test"}]));
    for (fault, code, kind) in [
        (api(403, "REQUEST_LIMIT_EXCEEDED"), 8, "rate-limited"),
        (api(403, "INSUFFICIENT_ACCESS"), 10, "forbidden"),
        (api(400, "SOMETHING_ELSE"), 10, "rejected"),
        (Fault::json(200, &json!({"no": "records"})), 11, "invalid-response"),
        (Fault::status(302, &[("location", "https://evil.example/")]), 11, "invalid-response"),
    ] {
        org.mock.push_fault(Matcher::any(), fault);
        let run = org.run(&["--attempts", "1", "soql-query", "SELECT Id FROM Account"]);
        assert!(run.failed(code).contains(kind), "{run:?}");
    }
    for fault in [Fault::Close, Fault::Reset, api(503, "SERVER_UNAVAILABLE")] {
        org.mock.push_fault(Matcher::any(), fault);
        let run = org.run(&["--attempts", "1", "soql-query", "SELECT Id FROM Account"]);
        assert!(run.failed(7).contains("a read changes nothing") || run.stderr.contains("unavailable"), "{run:?}");
    }
    org.mock.push_fault(Matcher::any(), Fault::Hang);
    let run = org.run(&["--deadline-ms", "200", "soql-query", "SELECT Id FROM Account"]);
    assert!(run.failed(7).contains("--deadline-ms"), "{run:?}");
    let run = org.run(&["--max-response-bytes", "1000", "soql-query", "SELECT Id FROM Account"]);
    assert!(run.failed(8).contains("--max-response-bytes"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_the_environment_names_is_on_the_way_to_an_org_and_not_to_loopback() {
    let org = Org::connected().await;
    let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://user:SENTINEL-proxy@{}", proxy.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let (mut client, _) = proxy.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.unwrap());
        }
        client.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").await.unwrap();
        String::from_utf8(head).unwrap()
    });
    let through = |arguments: &[&str], name: &str, url: &str| {
        let mut command = org.harness(arguments);
        command.env(name, url);
        org.end(command)
    };
    through(&["user-info"], "HTTPS_PROXY", &url).done();
    assert!(!asked.is_finished(), "loopback takes no proxy");
    let mut connection = org.connection();
    connection["instance_url"] = json!("https://acme.my.salesforce.com");
    connection["login_url"] = json!("https://login.salesforce.com");
    org.connect(&connection);
    let run = through(&["-v", "--attempts", "1", "user-info"], "https_proxy", &url);
    assert_eq!((run.code, run.stdout.as_str()), (Some(7), ""), "{run:?}");
    assert!(run.stderr.contains("the proxy that HTTPS_PROXY names"), "{run:?}");
    assert!(run.stderr.contains("the proxy gives no connection") && !run.stderr.contains("SENTINEL"), "{run:?}");
    let head = asked.await.unwrap();
    assert!(head.starts_with("CONNECT acme.my.salesforce.com:443 HTTP/1.1\r\n"), "{head}");
    for (wrong, words) in [("socks5://127.0.0.1:1", "http:// or https://"), ("http://a b", "expected a URL")] {
        let run = through(&["user-info"], "HTTPS_PROXY", wrong);
        assert!(run.failed(2).contains("HTTPS_PROXY: ") && run.stderr.contains(words), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_repeated_as_often_as_asked() {
    let org = Org::connected().await;
    for _ in 0..2 {
        org.mock.push_fault(Matcher::any(), Fault::Close);
    }
    org.run(&["soql-query", "SELECT COUNT() FROM Account"]).done();
    assert_eq!(org.queries(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_made_on_the_internet_never_reaches_loopback() {
    let org = Org::connected().await;
    let mut document = org.connection();
    document["login_url"] = json!("https://login.salesforce.com");
    org.connect(&document);
    let run = org.run(&[USER_INFO]);
    assert!(run.failed(7).contains("denied-by-host"), "{run:?}");
    assert_eq!(org.mock.ledger().entries().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f96_a_server_that_repeats_secrets_draws_on_the_terminal_or_forges_a_line_is_escaped() {
    let org = Org::connected().await;
    let document = org.connection();
    let token = document["access_token"].as_str().unwrap();
    let message = format!("\u{1b}[2J token {token} \u{202e}\r\nerror: forged");
    for arguments in [&[USER_INFO][..], &["--json", USER_INFO], &["-vv", USER_INFO]] {
        let body = json!([{"errorCode": "INSUFFICIENT_ACCESS", "message": message}]);
        org.mock.push_fault(Matcher::any(), Fault::json(403, &body));
        let run = org.run(arguments);
        assert_ne!(run.code, Some(0));
        assert!(!run.stderr.contains(['\u{1b}', '\u{202e}', '\r']), "{run:?}");
        assert!(run.stderr.lines().all(|line| !line.starts_with("error: forged")), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verbose_tells_of_requests_and_of_no_secret_path_or_query() {
    let org = Org::expired().await;
    let soql = "SELECT Id FROM Account WHERE Name = 'PERSONAL'";
    for verbosity in ["-v", "-vv", "-vvv"] {
        let run = org.run(&[verbosity, "soql-query", soql]);
        assert_eq!(run.code, Some(0), "{run:?}");
        for part in ["execution{export=\"soql-query\"}", "method=\"GET\"", org.mock.url(), "status=200"] {
            assert!(run.stderr.contains(part), "{part}: {run:?}");
        }
        assert!(!run.stderr.contains("PERSONAL") && !run.stderr.contains('\u{1b}'), "{run:?}");
    }
    for arguments in [
        &["-vv", "refresh"][..],
        &["-vv", "introspect"],
        &["-vv", "introspect", "--of", "refresh"],
        &["-vv", "create-or-update-record", "Account", "--create", "--fields", r#"{"Name":"x"}"#],
        &["-vv", "get-record-field-values", "Account", "--external-id", "ERP_Id__c=ERP-000000", "--fields", "Name"],
        &["-vv", "revoke"],
    ] {
        let run = org.run(arguments); // which searches for secrets
        assert_eq!(run.code, Some(0), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains("request") && !run.stderr.contains("/services/"), "{run:?}");
    }
}
