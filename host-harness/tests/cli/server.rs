//! The program as a client of a server: the same results, errors and exit codes as without one.

use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};
use support::quotes::quotes;

use crate::fixture::{Org, Run, USERNAME};
use crate::host::Host;

const CREATE: [&str; 5] = ["create-or-update-record", "Account", "--create", "--fields", r#"{"Name":"Acme"}"#];

/// The JSON without what differs from org to org and from call to call: cursors and the API's use.
fn without_what_differs(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(without_what_differs).collect(),
        Value::Object(members) => {
            let same = members.into_iter().filter(|(name, _)| !matches!(&**name, "usage" | "next" | "nextRecordsUrl"));
            Value::Object(same.map(|(name, value)| (name, without_what_differs(value))).collect())
        }
        other => other,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_gives_the_same_json_as_without_a_server() {
    let host = Host::connected().await;
    let here = Org::connected().await; // another org with the same records
    let soql = "SELECT Name, AnnualRevenue, (SELECT LastName FROM Contacts) FROM Account \
                WHERE AnnualRevenue = :n AND Name IN :names AND CreatedDate > :d AND Name LIKE :l";
    for arguments in [
        &[
            "soql-query",
            soql,
            "--param=n:integer=9007199254740993",
            "--param=names:text[]=Acme Corporation,null",
            "--param=d:datetime=1999-01-01T00:00:00+02:00",
            "--param=l:like-starts-with=Acme",
        ][..],
        &["soql-query", "SELECT Name FROM Account ORDER BY ERP_Id__c", "--max-records", "2200", "--include-deleted"],
        &["soql-query", "SELECT Name FROM Account ORDER BY ERP_Id__c", "--batch-size", "200", "--json"],
        &["soql-query", "SELECT COUNT() FROM Account", "--json"],
        &["explain", "SELECT Id FROM Account WHERE Name = :n", "--param", "n=Acme"],
        &["get-record-field-values", "Account", "--external-id", "ERP_Id__c=ERP-000000", "--fields", "Name,Owner.Name"],
        &[
            "get-record-field-values",
            "Account",
            "--external-id",
            "ERP_Id__c=ERP-000001",
            "--fields",
            "Name",
            "--pretty",
        ],
    ] {
        let (there, here) = (host.run(arguments), here.run(arguments));
        let plain = |run: &Run| serde_json::from_str::<Value>(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
        assert_eq!((there.code, there.stderr.as_str()), (Some(0), ""), "{there:?}");
        assert_eq!(without_what_differs(plain(&there)), without_what_differs(plain(&here)));
    }
    let table = ["soql-query", "SELECT Name, NumberOfEmployees FROM Account ORDER BY ERP_Id__c LIMIT 9", "--table"];
    let there = host.run(&table);
    assert_eq!((there.code, there.stdout), (Some(0), here.run(&table).stdout));

    let first = host.run(&["soql-query", "SELECT Id FROM Account"]).done();
    let second = host.run(&["next-page", first["next"].as_str().unwrap()]).done();
    assert_eq!((&second["count"], &second["next"]), (&json!(86), &Value::Null));

    let created = host.run(&CREATE).done();
    let id = created["id"].as_str().unwrap();
    assert_eq!(created["created"], json!(true));
    let update =
        ["create-or-update-record", "Account", "--update", id, "--fields", r#"{"AnnualRevenue":9007199254740993}"#];
    assert_eq!(host.run(&update).done()["created"], json!(false));
    let read = host.run(&["get-record-field-values", "Account", "--id", id, "--fields", "Name,AnnualRevenue"]);
    assert!(read.stdout.contains(r#""AnnualRevenue":9007199254740993"#), "{read:?}");
    let upsert = ["create-or-update-record", "Account", "--upsert", "ERP_Id__c=NEW", "--fields", r#"{"Name":"x"}"#];
    assert_eq!(host.run(&upsert).done()["created"], json!(true));

    let user = host.run(&["user-info"]).done();
    assert_eq!((&user["username"], &user["claims"]["preferred_username"]), (&json!(USERNAME), &json!(USERNAME)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saves_options_reach_the_org_through_a_server() {
    let host = Host::connected().await;
    host.run(&[&CREATE[..], &["--run-as-current-user", "--assignment-rule", "off"]].concat()).done();
    let ledger = host.org.mock.ledger();
    let save = ledger.entries().find(|entry| entry.path.ends_with("/sobjects/Account")).unwrap();
    let sent = |name: &str, value: &str| save.headers.contains(&(name.to_owned(), value.to_owned()));
    let rule = "allowSave=false; includeRecordDetails=false; runAsCurrentUser=true";
    assert!(sent("sforce-duplicate-rule-header", rule) && sent("sforce-auto-assign", "FALSE"), "{save:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_the_words_and_the_code_that_they_have_without_a_server() {
    let host = Host::connected().await;
    let here = Org::connected().await;
    for (arguments, code) in [
        (&["soql-query", "SELECT Nothing FROM Account"][..], 6),
        (&["soql-query", "SELECT Id FROM Account WHERE Name = :n", "--param", "n=1", "--param", "n=2"], 2),
        (&["soql-query", "SELECT Id FROM Account", "--batch-size", "100"], 2),
        (&["soql-query", "SELECT Id FROM Account", "--batch-size", "many"], 2),
        (&["get-record-field-values", "Account", "--id", "001000000000001AAA", "--fields", "Name"], 4),
        (&["create-or-update-record", "Account", "--create", "--fields", r#"{"NoSuchField":1}"#], 5),
        (&["create-or-update-record", "Account", "--create", "--fields", "{"], 2),
        (&["create-or-update-record", "Account", "--create", "--fields", "[1]"], 2),
        (&["--deadline-ms", "0", "soql-query", "SELECT Id FROM Account"], 2),
    ] {
        let (there, here) = (host.run(arguments), here.run(arguments));
        // The mock counts its requests.
        let words = |run: &Run| run.failed(code).split(" · request").next().unwrap().to_owned();
        assert_eq!(words(&there), words(&here));
    }
    let told = host.run(&["--json", "soql-query", "SELECT Nothing FROM Account"]);
    let told: Value = serde_json::from_str(&told.stderr).unwrap();
    assert_eq!(told["error"]["problems"][0]["code"], json!("INVALID_FIELD"));
    assert_eq!((&told["error"]["exit_code"], &told["error"]["status"]), (&json!(6), &json!(400)));

    host.org.mock.push_fault(Matcher::any(), Fault::CloseAfterWork);
    let run = host.run(&CREATE);
    assert!(run.failed(9).contains("OUTCOME UNKNOWN") && run.stderr.contains("before you repeat it"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_stream_as_lines() {
    let host = Host::connected().await;
    let all = ["soql-query", "SELECT Name FROM Account ORDER BY ERP_Id__c", "--all"];
    let there = host.run(&all);
    assert_eq!((there.code, there.stderr.as_str()), (Some(0), ""));
    assert_eq!(there.stdout.lines().count(), 2086);
    let names = |run: &Run| -> Vec<Value> {
        let name = |line: &str| serde_json::from_str::<Value>(line).unwrap()["Name"].clone();
        run.stdout.lines().map(name).collect()
    };
    assert_eq!(names(&there), names(&Org::connected().await.run(&all)));

    host.org.mock.push_fault(Matcher::any(), Fault::status(302, &[("location", "https://evil.example/")]));
    assert!(host.run(&all).failed(11).contains("invalid-response"));
    let bad = ["soql-query", "SELECT Nothing FROM Account", "--all"];
    assert!(host.run(&bad).failed(6).contains("INVALID_FIELD"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_saves_once() {
    let host = Host::connected().await;
    let saves = || host.org.mock.ledger().entries().filter(|entry| entry.path.contains("/sobjects/")).count();
    let keyed = |key| [&CREATE[..], &["--idempotency-key", key]].concat();
    let first = host.run(&keyed("order-42")).done();
    assert_eq!(saves(), 1);
    let again = host.run(&keyed("order-42"));
    assert_eq!(again.done_but_for_stderr(), first);
    assert!(again.stderr.contains("nothing was sent now"), "{again:?}");
    assert_eq!(saves(), 1);
    assert_ne!(host.run(&keyed("order-43")).done()["id"], first["id"]);
    let other = ["create-or-update-record", "Account", "--create", "--fields", "{}", "--idempotency-key", "order-42"];
    assert!(host.run(&other).failed(2).contains("used for another request"));
    assert!(host.run(&keyed("line\nbreak")).failed(2).contains("--idempotency-key"));
    assert_eq!(saves(), 2);
    let count = ["soql-query", "SELECT COUNT() FROM Account", "--idempotency-key", "count-1"];
    assert_eq!(host.run(&count).done()["total_size"], host.run(&count).done_but_for_stderr()["total_size"]);
    assert_eq!(host.org.queries(), 1, "a read has a key as well");
    let here = host.org.run(&keyed("order-42"));
    assert!(here.failed(2).contains("--idempotency-key needs a server"), "{here:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_let_in_is_told_what_to_do() {
    let host = Host::bare().await;
    let query = ["soql-query", "SELECT Id FROM Account"];
    assert!(host.run(&query).failed(3).contains("no connection yet"));

    let url = host.server.url();
    let org = &host.org;
    let mut wrong = org.harness(&[&["--server", url], &query[..]].concat());
    wrong.env("HARNESS_TOKEN", "sfh_SENTINEL");
    assert!(org.end(wrong).failed(3).contains("HARNESS_TOKEN"));
    let none = org.run(&[&["--server", url], &query[..]].concat());
    assert!(none.failed(3).contains("no token for") && none.stderr.contains("--token-file"), "{none:?}");
    let admin = host.data.join("admin-token").display().to_string();
    assert!(org.run(&host.arguments(&query, &admin)).failed(3).contains("expected a tenant's token"));
    assert!(org.run(&host.arguments(&query, "/nowhere/x")).failed(12).contains("/nowhere/x"));

    // The token of the server whose data directory this is.
    let mut own = org.harness(&["connections"]);
    own.env("HARNESS_SERVER", url).env("HARNESS_DATA", &host.data);
    assert_eq!(org.end(own).done(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_server_and_another_server_are_told_apart() {
    let org = Org::connected().await;
    let token = org.file("token", "sfh_x");
    let query = ["soql-query", "SELECT Id FROM Account", "--token-file", token.to_str().unwrap()];
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{free}");
    let run = org.run(&[&["--server", &nobody], &query[..]].concat());
    assert!(run.failed(7).contains(&format!("there is no server at {nobody}")), "{run:?}");
    let run = org.run(&[&["--server", org.mock.url()], &query[..]].concat());
    assert!(run.failed(11).contains("not as `harness serve` does"), "{run:?}");
    for address in ["http://example.com", "localhost:8713", "https://x.example/path"] {
        assert!(org.run(&[&["--server", address], &query[..]].concat()).failed(2).contains("--server"));
    }
    for command in ["introspect", "mock"] {
        let run = org.run(&["--server", &nobody, command]);
        assert!(run.failed(2).contains("server"), "{run:?}");
    }
    let before = org.mock.ledger().entries().count();
    for action in [&["user-info"][..], &["explain", "SELECT Id FROM Account"]] {
        let run = org.run(&[&["--server", &nobody, "--token-file", token.to_str().unwrap()], action].concat());
        assert!(run.failed(7).contains(&format!("there is no server at {nobody}")), "{run:?}");
    }
    assert_eq!(org.mock.ledger().entries().count(), before, "the connection file is not used instead");
    assert!(org.run(&["connections"]).failed(2).contains("name it with --server URL"));
    assert!(org.run(&["executions"]).failed(2).contains("name it with --server URL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_chosen_refreshed_revoked_and_made_again() {
    let host = Host::connected().await;
    let count = ["soql-query", "SELECT COUNT() FROM Account"];
    host.run(&count).done();
    host.log_in("second").await.done_but_for_stderr();
    let run = host.run(&count);
    let listed = run.failed(2);
    assert!(listed.contains("acme (active)") && listed.contains("second (active)"), "{run:?}");
    let list = host.run(&["connections"]).done();
    assert_eq!((&list[0]["state"], list.as_array().unwrap().len()), (&json!("active"), 2));
    let table = host.run(&["connections", "--table"]).stdout;
    assert!(table.contains("instance_url") && table.contains("acme"), "{table}");
    let named = |name, arguments: &[&str]| host.run(&[&["--connection-name", name], arguments].concat());
    named("acme", &count).done();
    named(list[0]["id"].as_str().unwrap(), &count).done();
    assert!(named("third", &count).failed(2).contains("no connection with the name or id third"));

    let before = host.org.refreshes();
    let refreshed = named("acme", &["refresh"]).done();
    assert_eq!((&refreshed["name"], &refreshed["generation"]), (&json!("acme"), &json!(2)));
    assert_eq!(host.org.refreshes(), before + 1);
    assert_eq!(named("acme", &["revoke"]).done()["state"], json!("revoked"));
    assert!(named("acme", &count).failed(3).contains("harness login"));
    host.run(&count).done(); // by the only one that is active
    host.log_in("third").await.done_but_for_stderr();
    let several = host.run(&count);
    let words = "choose one with --connection-name: ";
    let listed = several.failed(2).split_once(words).and_then(|(_, listed)| listed.lines().next()).unwrap();
    assert!(listed.contains("third (active)") && !listed.contains("acme"), "{several:?}");
    assert_eq!(host.log_in("acme").await.done_but_for_stderr()["state"], json!("active"));
    named("acme", &count).done();

    let executions = host.run(&["executions", "--connection-name", "second"]).done();
    assert_eq!(executions.as_array().unwrap().len(), 1, "{executions}");
    let id = executions[0]["id"].as_str().unwrap();
    assert_eq!(host.run(&["executions", id]).done()["result"]["total_size"], json!(2086));
    assert!(host.run(&["executions", "--table", "--limit", "1"]).stdout.contains("soql-query"));
    assert!(host.run(&["executions", "--state", "lost"]).failed(2).contains("expected one of running"));
    let nobodys = id.replace(['1', '2', '3', '4'], "5");
    assert!(host.run(&["executions", &nobodys]).failed(2).contains(&format!("no execution with the id {nobodys}")));
    assert!(host.run(&["executions", "no-such"]).failed(2).contains("`harness executions` lists those that it has"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_is_uploaded_verified_and_run() {
    let host = Host::connected().await;
    let text = host.org.file("text.wasm", "nothing of the kind");
    let run = host.run(&["verify", text.to_str().unwrap()]);
    assert_eq!(run.code, Some(13), "{run:?}");
    assert!(run.stdout.contains("It may not run.") && run.stderr.contains("may not run"), "{run:?}");

    let limit = host.run(&["verify", text.to_str().unwrap(), "--compile-seconds", "5"]);
    let words = "--compile-seconds works without a server only: a server verifies under its own limits";
    assert!(limit.failed(2).contains(words), "{limit:?}");

    let file = host.org.path("copy.wasm").display().to_string();
    host.org.run(&["component", "--out", &file]).done();
    let query = ["--component", &file, "soql-query", "SELECT COUNT() FROM Account"];
    let missing = host.run(&query);
    let words = missing.failed(2);
    assert!(
        words.contains("was not found, or may not run") && words.contains(&format!("`harness verify {file}`")),
        "{words}"
    );
    let report = host.run(&["--json", "verify", &file]).done();
    assert_eq!(report["may_run"], json!(true));
    assert_eq!(host.run(&query).done()["total_size"], json!(2086));
    assert!(host.run(&["executions"]).done()[0]["component"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_of_an_uploaded_component_is_run_by_its_name() {
    let host = Host::connected().await;
    let file = host.org.path("quotes.wasm").display().to_string();
    std::fs::write(&file, quotes()).unwrap();
    let report = host.run(&["--json", "verify", &file]).done();
    assert!(report.to_string().contains("has no `soql-query` and no `create-or-update-record`"), "{report}");
    assert_eq!(
        (&report["may_run"], &report["actions"]["actions"][0]["name"]),
        (&json!(true), &json!("list-open-quotes"))
    );
    let list = ["--component", &file, "list-open-quotes", "Acme"];
    assert_eq!(host.run(&list).done(), json!(["Q-1"]));
    let executions = host.run(&["executions"]).done();
    assert_eq!((&executions[0]["action"], &executions[0]["state"]), (&json!("list-open-quotes"), &json!("succeeded")));
    // Nothing is known of what it does, so it counts as a write, and has a key.
    let keyed = [&list[..], &["--idempotency-key", "quotes-1"]].concat();
    host.run(&keyed).done();
    assert!(host.run(&keyed).stderr.contains("nothing was sent now"));
}
