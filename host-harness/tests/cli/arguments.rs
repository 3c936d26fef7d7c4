//! Arguments and input files that are wrong: told before anything is sent.

use crate::fixture::{Org, Run};

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
        (&["soql-query", "SELECT Id FROM Account", "--param", "n:integer=x"], "expected an integer"),
        (&["soql-query", "SELECT Id FROM Account", "--param", "n:dat=x"], "expected one of text"),
        (&["soql-query", "SELECT Id FROM Account", "--batch-size", "many"], "expected a whole number from 200 to 2000"),
        (&["soql-query", "SELECT Id FROM Account", "--batch-size", "5"], "--batch-size"),
        (&["soql-query", "SELECT Id FROM Account", "--all", "--table"], "cannot be used with"),
        (&["soql-query", "SELECT Id FROM Account", "--deadline-ms", "0"], "--deadline-ms"),
        (&["soql-query", "SELECT Id FROM Account", "--attempts", "99"], "expected a whole number from 1 to 10"),
        (&["get-record-field-values", "Account", "--fields", "Name"], "<ID|--external-id"),
        (&["get-record-field-values", "Account", "--external-id", "x", "--fields", "Name"], "expected FIELD=VALUE"),
        (&["get-record-field-values", "Account", "001", "--fields", "Name"], "Id"),
        (
            &["get-record-field-values", "Account", "0015g0000000000AAA", "--fields", "Name,Name"],
            "expected each field once",
        ),
        (&["create-or-update-record", "Account"], "--fields"),
        (&["create-or-update-record", "Account", "--fields", "{}", "-"], "cannot be used with"),
        (&["create-or-update-record", "Account", "--fields", "{"], "JSON object"),
        (&["create-or-update-record", "Account", "--fields", "[1]"], "JSON object"),
        (&["create-or-update-record", "Account", "--fields", "{}", "--update-only"], "--external-id"),
        (
            &["create-or-update-record", "Account", "--fields", "{}", "--if-unmodified-since", "soon"],
            "if-unmodified-since",
        ),
        (&["introspect", "--of", "everything"], "possible values"),
        (&["completions", "cobol"], "possible values"),
        (&["login", "--client-id", "x", "--login-url", "login.salesforce.com"], "expected an https URL"),
        (&["login", "--client-id", "x", "--login-url", "http://example.com"], "or http on loopback"),
        (&["login"], "--client-id"),
        (&["mock", "--listen", "here"], "invalid socket address"),
    ] {
        refused(&org.run(arguments), words);
    }
    assert_eq!(org.mock.ledger().entries().count(), 0, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_missing_are_named() {
    let org = Org::connected().await;
    for arguments in [
        &["soql-query", "SELECT Id FROM Account", "--params-file", "/nowhere/x"][..],
        &["create-or-update-record", "Account", "--fields-file", "/nowhere/x"],
        &["user-info", "--component", "/nowhere/x"],
        &["user-info", "--ca", "/nowhere/x"],
        &["login", "--client-id", "x", "--client-secret-file", "/nowhere/x"],
        &["login", "--client-id", "x", "--jwt-key", "/nowhere/x", "--username", "x"],
        &["component", "--out", "/nowhere/x"],
        &["demo", "--component", "/nowhere/x"],
    ] {
        let run = org.run(arguments);
        assert!(run.failed(12).contains("/nowhere/x"), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_say_something_else_are_refused() {
    let org = Org::connected().await;
    let text = org.file("text", "nothing of the kind");
    let text = text.to_str().unwrap();
    let query = ["soql-query", "SELECT Id FROM Account", "--params-file", text];
    refused(&org.run(&query), "expected a JSON object of names to values");
    refused(&org.run(&["create-or-update-record", "Account", "--fields-file", text]), "JSON object");
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

#[test]
fn help_and_version_are_no_errors() {
    for arguments in [&["--help"][..], &["-h"], &["help", "soql-query"], &["login", "--help"], &["--version"]] {
        let output = std::process::Command::new(crate::fixture::PROGRAM).args(arguments).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty() && !output.stdout.is_empty(), "{arguments:?}");
    }
}
