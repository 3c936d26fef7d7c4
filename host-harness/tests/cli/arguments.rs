//! Arguments and input files that are wrong: told before anything is sent. And what help there is.

use std::path::Path;
use std::process::Command;

use crate::fixture::{CLIENT_ID, Org, PROGRAM, Run, USERNAME, private};

const SAVE: &str = "create-or-update-record";

/// It failed as wrong arguments do, and said these words.
#[track_caller]
fn refused(run: &Run, words: &str) {
    assert!(run.failed(2).contains(words), "{words}: {run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_are_wrong_say_what_was_expected() {
    let org = Org::connected().await;
    for (arguments, words) in [
        (&["no-such-command"][..], "unrecognized subcommand"),
        (&["user-info", "--no-such-option"], "unexpected argument"),
        (&["soql-query"], "<SOQL>"),
        (&["soql-query", "SELECT Id FROM Account", "--explain"], "unexpected argument"),
        (&["soql-query", "SELECT Id FROM Account", "--param", "n:integer=x"], "--param n: expected an integer"),
        (&["soql-query", "SELECT Id FROM Account", "--param", "n:dat=x"], "expected one of text"),
        (
            &["soql-query", "SELECT Id FROM Account WHERE Name = :n", "--param", "n=Acme", "--param", "n=B"],
            "error: --param n: expected one parameter of this name, found two",
        ),
        (
            &["soql-query", "SELECT Id FROM Account", "--param", "n=Acme"],
            "error: --param n: expected a placeholder :n in the query, found none",
        ),
        (
            &["soql-query", "SELECT Id FROM Account", "--batch-size", "many"],
            "error: --batch-size: invalid type: text, expected a whole number from 0 to 65,535\n",
        ),
        (
            &["soql-query", "SELECT Id FROM Account", "--batch-size", "65536"],
            "--batch-size: invalid value: a number above 65,535, expected a whole number from 0 to 65,535",
        ),
        (
            &["soql-query", "SELECT Id FROM Account", "--batch-size", "5"],
            "error: --batch-size: expected 200 to 2,000 records a page",
        ),
        (&["soql-query", "SELECT Id FROM Account", "--max-records", "0"], "error: --max-records: expected at least 1"),
        (
            &["soql-query", "SELECT Id FROM Account WHERE Name = :n"],
            "error: <SOQL>: the placeholder :n has no parameter",
        ),
        (
            &["soql-query", "SELECT Id FROM Account LIMIT :n", "--param", "n:decimal=1.0"],
            "error: --param n: expected an integer of 0 or more, such as 10",
        ),
        (&["soql-query", "SELECT Id FROM Account", "--all", "--table"], "cannot be used with"),
        (&["soql-query", "SELECT Id FROM Account", "--all", "--idempotency-key", "k"], "cannot be used with"),
        (&["soql-query", "SELECT Id FROM Account", "--deadline-ms", "0"], "--deadline-ms"),
        (&["soql-query", "SELECT Id FROM Account", "--attempts", "99"], "expected a whole number from 1 to 10"),
        (&["serve", "--executions", "0"], "'0' for '--executions <N>': expected a whole number from 1 to 10,000"),
        (&["verify", "x", "--memory-mib", "many"], "for '--memory-mib <MIB>': expected a whole number from 1 to 4,096"),
        (&["executions", "--limit", "0"], "for '--limit <N>': expected a whole number from 1 to 65,535"),
        (&["login", "--client-id", "x", "--port", "70000"], "expected a whole number from 0 to 65,535"),
        (
            &["soql-query", "SELECT Id FROM Account LIMIT :n", "--param", "n:decimal=1.0"],
            "expected an integer of 0 or more, such as 10 (not 10.0",
        ),
        (
            &["--server", "foo", "user-info"],
            "there is no scheme; expected the URL of a server, such as http://127.0.0.1:8713",
        ),
        (
            &["serve", "--public-url", "foo", "--listen", "127.0.0.1:0"],
            "the public URL: there is no scheme; expected scheme,",
        ),
        (&["get-record-field-values", "Account", "--fields", "Name"], "<--id <ID>|--external-id <FIELD=VALUE>>"),
        (&["get-record-field-values", "Account", "--external-id", "x", "--fields", "Name"], "expected FIELD=VALUE"),
        (&["get-record-field-values", "Account", "001000000000001AAA", "--fields", "Name"], "unexpected argument"),
        (
            &["get-record-field-values", "Account", "--id", "001", "--fields", "Name"],
            "error: --id: expected a record Id",
        ),
        (
            &["get-record-field-values", "Account", "--id", "0015g0000000000AAA", "--fields", "Name,Name"],
            "expected each field once",
        ),
        (&[SAVE, "Account", "--create"], "--fields-file <FILE>"),
        (&[SAVE, "Account", "--create", "--fields", "{}", "--fields-file", "-"], "cannot be used with"),
        (&[SAVE, "Account", "--create", "--fields", "{}", "-"], "unexpected argument"),
        (
            &[SAVE, "Account", "--create", "--fields", "{"],
            "--fields: expected JSON: the JSON ends in the middle of an object",
        ),
        (&[SAVE, "Account", "--create", "--fields", "[1]"], "JSON object"),
        (
            &[SAVE, "Account", "--create", "--fields", "{}", "--if-unmodified-since", "soon"],
            "expected none for a create",
        ),
        (
            &[SAVE, "Account", "--update", "001000000000001AAA", "--fields", "{}", "--if-unmodified-since", "soon"],
            "error: --if-unmodified-since: expected an HTTP date",
        ),
        (
            &[SAVE, "Case", "--create", "--fields", "{}", "--assignment-rule", "01Q5g0000000000AAA"],
            "--assignment-rule: expected one of off, rule=TEXT",
        ),
        (
            &[SAVE, "Case", "--create", "--fields", "{}", "--assignment-rule", "rule=01Q"],
            "error: --assignment-rule: expected a record Id",
        ),
        (&["introspect", "--of", "everything"], "possible values"),
        (&["completions", "cobol"], "possible values"),
        (&["login", "--client-id", "x", "--login-url", "acme corp"], "expected an https URL"),
        (&["login", "--client-id", "x", "--login-url", "http://example.com"], "or http on loopback"),
        (&["login"], "--client-id"),
        (&["mock", "--listen", "here"], "invalid socket address"),
    ] {
        refused(&org.run(arguments), words);
    }
    assert_eq!(org.mock.ledger().entries().count(), 0, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_says_where_its_fields_go_and_says_it_once() {
    let org = Org::connected().await;
    let save = |target: &[&str]| org.run(&[&[SAVE, "Account", "--fields", "{}"], target].concat());
    for flag in ["--create", "--update <ID>", "--upsert <FIELD=VALUE>"] {
        refused(&save(&[]), flag);
    }
    for (target, words) in [
        (&["--create", "--update", "001000000000001AAA"][..], "cannot be used with"),
        (&["--update", "001000000000001AAA", "--upsert", "ERP_Id__c=1"], "cannot be used with"),
        (&["--upsert", "ERP_Id__c"], "--upsert: expected FIELD=VALUE"),
        (&["--update-only"], "--upsert <FIELD=VALUE>"),
        (&["--create", "--update-only"], "--update-only"),
        (&["--update", "001", "--update-only"], "--update-only"),
        (&["--update", "001"], "error: --update: expected a record Id"),
        (&["--upsert", "ERP Id=1"], "error: --upsert: expected the API name of a field"),
    ] {
        refused(&save(target), words);
    }
    assert_eq!(org.mock.ledger().entries().count(), 0, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_of_a_bearable_size_is_refused_and_nobody_waits_for_it() {
    let org = Org::connected().await;
    let [pipe, directory, large] = ["pipe", "directory", "large"].map(|name| org.path(name).display().to_string());
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is needed").success());
    std::fs::create_dir(&directory).unwrap();
    std::fs::File::create(&large).unwrap().set_len((64 << 20) + 1).unwrap();
    for (file, words) in [
        (pipe.as_str(), "expected a file, found a named pipe"),
        (&directory, "expected a file, found a directory"),
        ("/dev/zero", "expected a file, found a device"),
        (&large, "expected at most 64 MiB"),
    ] {
        for arguments in [
            &["soql-query", "SELECT Id FROM Account", "--params-file", file][..],
            &[SAVE, "Account", "--create", "--fields-file", file],
            &["user-info", "--component", file],
            &["user-info", "--ca", file],
            &["user-info", "--server", "http://127.0.0.1:1", "--token-file", file],
            &["login", "--client-id", "x", "--client-secret-file", file],
            &["login", "--client-id", "x", "--jwt-key", file, "--username", "x"],
            &["mock", "--jwt-public-key", file],
        ] {
            let run = org.run(arguments);
            assert!(run.failed(12).contains(&format!("{file}: {words}")), "{arguments:?}: {run:?}");
        }
    }
    for (file, words) in [(pipe.as_str(), "a named pipe"), (&directory, "a directory"), ("/dev/zero", "a device")] {
        let run = org.run(&["verify", file]);
        let words = format!("cannot verify {file}: cannot read the component: expected a file, found {words}");
        assert!(run.failed(12).contains(&words), "{run:?}");
        let run = org.run(&["user-info", "--connection", file]);
        let words = format!("{file} is not a connection file: expected a regular file");
        assert!(run.failed(12).contains(&words), "{run:?}");
    }
}

/// `<(command)` is one to the program too.
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_that_is_open_already_is_read() {
    let org = Org::connected().await;
    for file in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        let save = [SAVE, "Account", "--create", "--fields-file", file];
        org.run_with_input(&save, r#"{"Name":"Piped"}"#).done();
    }
    assert_eq!(org.mock.ledger().creates("Account"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_missing_are_named() {
    let org = Org::connected().await;
    for arguments in [
        &["soql-query", "SELECT Id FROM Account", "--params-file", "/nowhere/x"][..],
        &[SAVE, "Account", "--create", "--fields-file", "/nowhere/x"],
        &["user-info", "--component", "/nowhere/x"],
        &["user-info", "--ca", "/nowhere/x"],
        &["login", "--client-id", "x", "--client-secret-file", "/nowhere/x"],
        &["login", "--client-id", "x", "--jwt-key", "/nowhere/x", "--username", "x"],
        &["component", "--out", "/nowhere/x"],
        &["demo", "--component", "/nowhere/x"],
        &["mock", "--tls", "--ca-file", "/nowhere/x"],
        &["verify", "/nowhere/x"],
    ] {
        let run = org.run(arguments);
        assert!(run.failed(12).contains("/nowhere/x"), "{run:?}");
        assert!(run.stderr.contains("No such file or directory") && !run.stderr.contains("os error"), "{run:?}");
    }
}

/// Windows' editors write it before the text.
#[tokio::test(flavor = "multi_thread")]
async fn a_byte_order_mark_is_no_part_of_a_file() {
    let org = Org::connected().await;
    let marked = |name: &str, text: &str| org.file(name, &format!("\u{feff}{text}")).display().to_string();
    let fields = marked("fields.json", r#"{"Name":"Marked"}"#);
    org.run(&[SAVE, "Account", "--create", "--fields-file", &fields]).done();
    let parameters = marked("parameters.json", r#"{"n":"Marked"}"#);
    let count = ["soql-query", "SELECT COUNT() FROM Account WHERE Name = :n", "--params-file"];
    assert_eq!(org.run(&[&count[..], &[&parameters]].concat()).done()["total_size"], 1);
    let input = "\u{feff}{\"n\":\"Marked\"}";
    assert_eq!(org.run_with_input(&[&count[..], &["-"]].concat(), input).done()["total_size"], 1);

    let document = org.connection().to_string();
    private(Path::new(&marked("connection.json", &document)));
    org.run(&["user-info"]).done();
    let key = std::fs::read_to_string(org.jwt_key()).unwrap();
    let login = ["login", "--client-id", CLIENT_ID, "--username", USERNAME, "--login-url", org.mock.url()];
    org.run(&[&login[..], &["--jwt-key", &marked("key.pem", &key)]].concat()).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_say_something_else_are_refused() {
    let org = Org::connected().await;
    let text = org.file("text", "nothing of the kind");
    let text = text.to_str().unwrap();
    let query = ["soql-query", "SELECT Id FROM Account", "--params-file", text];
    refused(&org.run(&query), &format!("--params-file {text}: expected a JSON object of names to values"));
    let save = [SAVE, "Account", "--create", "--fields-file", text];
    refused(&org.run(&save), &format!("--fields-file {text}: expected JSON"));
    let list = org.file("list", "[1]");
    let list = list.to_str().unwrap();
    refused(&org.run(&["soql-query", "SELECT Id FROM Account", "--params-file", list]), "expected a JSON object");
    refused(&org.run(&[SAVE, "Account", "--create", "--fields-file", list]), "JSON object");
    for (arguments, words) in [
        (["user-info", "--component", text], "expected a WebAssembly component"),
        (["user-info", "--ca", text], "expected certificates in PEM form"),
    ] {
        let run = org.run(&arguments);
        assert!(run.failed(12).contains(words), "{run:?}");
    }
    let run = org.run(&["login", "--client-id", "x", "--jwt-key", text, "--username", "x"]);
    assert!(run.failed(12).contains("expected an RSA private key"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_json_wrong_arguments_are_json_too() {
    let org = Org::connected().await;
    for (arguments, words) in [
        (&["--json", "no-such-command"][..], "unrecognized subcommand"),
        (&["soql-query", "--json"], "<SOQL>"),
        (&["--json", "soql-query", "S", "--batch-size", "many"], "--batch-size: invalid type"),
        (&["soql-query", "S", "--json", "--pretty"], "cannot be used with"),
    ] {
        let run = org.run(arguments);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (Some(2), "", 1), "{run:?}");
        let told: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
        let message = told["error"]["message"].as_str().unwrap();
        assert!(message.contains(words) && !message.contains("Usage:"), "{run:?}");
        assert_eq!((&told["error"]["kind"], &told["error"]["exit_code"]), (&"usage".into(), &2.into()), "{run:?}");
    }
    assert!(shown(&["--json", "--help"]).contains("Usage: harness"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_usage_line_names_nothing_that_need_not_be_given() {
    let org = Org::connected().await;
    let run = org.run(&["get-record-field-values", "Account"]);
    let usage = run.failed(2).lines().find(|line| line.starts_with("Usage:")).unwrap();
    assert!(usage.contains("--fields <A,B>") && usage.contains("<OBJECT>"), "{run:?}");
    assert!(!usage.contains("--connection"), "{run:?}");
}

#[test]
fn help_says_what_happens_to_a_write_without_attempts() {
    let help = shown(&[SAVE, "--help"]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("[default: 3]. A write whose outcome is unknown is not repeated by default"), "{help}");
}

#[test]
fn help_says_how_every_value_is_written() {
    let help = shown(&[SAVE, "--help"]);
    for words in [
        "`object` is the API name of an object, e.g. `Account`",
        "`fields` is a JSON object of field API names to values",
        "One of: off, rule=TEXT",
        "- off: Do not assign",
        "- rule=TEXT: The rule with this Id",
    ] {
        assert!(help.contains(words), "{words}: {help}");
    }
    let short = shown(&[SAVE, "-h"]);
    assert!(short.contains("the active rule runs") && short.contains("One of: off, rule=TEXT"), "{short}");
}

#[test]
fn help_and_version_are_no_errors() {
    for arguments in [&["--help"][..], &["-h"], &["help", "soql-query"], &["login", "--help"], &["--version"]] {
        assert!(!shown(arguments).is_empty(), "{arguments:?}");
    }
}

#[test]
fn every_action_of_the_wit_is_a_command() {
    let actions = actions_of_the_wit();
    assert!(actions.len() >= 6 && actions.iter().any(|name| name == "soql-query"), "{actions:?}");
    for help in [shown(&["--help"]), shown(&["-h"])] {
        let commands: Vec<_> = help.lines().filter_map(|line| line.split_whitespace().next()).collect();
        for name in &actions {
            assert!(commands.contains(&name.as_str()), "{name} is no command: {help}");
        }
    }
    for name in &actions {
        assert!(shown(&["help", name]).contains(&format!("Usage: harness {name}")), "{name}");
    }
}

/// What the program shows without anything being wrong.
fn shown(arguments: &[&str]) -> String {
    let output = Command::new(PROGRAM).args(arguments).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The functions in the text of the WIT that take a connection first and options last.
fn actions_of_the_wit() -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "wit") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
        for statement in code.join(" ").split(';') {
            let Some((name, parameters)) = statement.split_once(": func(connection: connection,") else { continue };
            if parameters.contains("options: call-options)") {
                names.push(name.split_whitespace().next_back().unwrap().to_owned());
            }
        }
    }
    names
}
