//! Connection files that cannot be used, and where they are looked for.

use serde_json::json;

use crate::fixture::{Org, mode, private};

fn user_info(org: &Org, code: i32) -> String {
    org.run(&["user-info"]).failed(code).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    let org = Org::connected().await;
    mode(&org.connection_file(), 0o644);
    let error = user_info(&org, 12);
    assert!(error.contains("can be read by other users (mode 644)"), "{error}");
    let (_, command) = error.split_once("Type: ").unwrap();
    assert!(std::process::Command::new("sh").args(["-c", command.trim()]).status().unwrap().success());
    org.run(&["user-info"]).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_says_something_else_is_refused_by_line() {
    let org = Org::connected().await;
    let good = serde_json::to_string_pretty(&org.connection()).unwrap();
    for (text, line, words) in [
        ("not json".to_owned(), 1, "expected"),
        ("[]".to_owned(), 1, "expected an object\n"),
        (good.replacen(&format!("{:?}", org.mock.url()), "5", 1), 3, "`login_url`: expected a text\n"),
        (String::new(), 1, "the JSON ends in the middle of a value"),
        ("{}".to_owned(), 1, "\"version\": 1"),
        (good.replace("\"version\": 1", "\"version\": 2"), 1, "found version 2"),
        (good.replace("client_secret", "client_secrets"), 5, "unknown field `client_secrets`"),
        (good.replacen("http://127.0.0.1", "ftp://127.0.0.1", 1), 3, "https"),
    ] {
        let file = org.file("connection.json", &text);
        private(&file);
        let error = user_info(&org, 12);
        assert!(error.contains(&format!("{}, line {line}: ", file.display())), "{error}");
        assert!(error.contains(words), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_component_does_not_take_of_the_file_is_told_of_the_file() {
    let org = Org::connected().await;
    let file = org.connection_file();
    let good = org.connection();
    for (member, value, words) in [
        ("instance_url", "https://example.com", "expected an https origin on a Salesforce domain"),
        ("api_version", "67", "expected v46.0 or later, written like v67.0"),
    ] {
        let mut document = good.clone();
        document[member] = json!(value);
        org.connect(&document);
        let error = user_info(&org, 12);
        assert!(error.contains(&format!("{}: `{member}`: {words}", file.display())), "{error}");
        assert!(error.contains("Correct the file, or run `harness login`"), "{error}");
    }
    let mut document = good.clone();
    document["client_id"] = json!("");
    org.connect(&document);
    let run = org.run(&["refresh"]);
    assert!(run.failed(12).contains(&format!("{}: `client_id`: expected the consumer key", file.display())), "{run:?}");
    assert_eq!(org.mock.ledger().entries().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_no_file_is_told_apart() {
    let org = Org::bare().await;
    let error = user_info(&org, 3);
    assert!(error.contains("there is no connection file") && error.contains("harness login"), "{error}");
    let directory = org.directory.path().to_str().unwrap();
    let run = org.run(&["--connection", directory, "user-info"]);
    assert!(run.failed(12).contains("expected a regular file"), "{run:?}");
    let run = org.run(&["--json", "user-info"]);
    let told: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!((&told["error"]["kind"], &told["error"]["exit_code"]), (&json!("connection-file"), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_looked_for_where_the_user_keeps_configuration() {
    let org = Org::connected().await;
    for variable in ["XDG_CONFIG_HOME", "HOME"] {
        let base = org.path(variable);
        let config = if variable == "HOME" { base.join(".config") } else { base.clone() };
        let directory = config.join("salesforce-harness");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::copy(org.connection_file(), directory.join("connection.json")).unwrap();
        let mut command = org.harness(&["user-info"]);
        command.env_remove("SALESFORCE_CONNECTION").env(variable, &base);
        org.end(command).done();
    }
    let mut empty = org.harness(&["user-info"]);
    empty.env("SALESFORCE_CONNECTION", "").env("SALESFORCE_CA", "").env("HOME", org.path("HOME"));
    org.end(empty).done();
    let mut nowhere = org.harness(&["user-info"]);
    nowhere.env_remove("SALESFORCE_CONNECTION").env_remove("HOME");
    let run = org.end(nowhere);
    assert!(run.failed(12).contains("Name a file with --connection FILE"), "{run:?}");
}
