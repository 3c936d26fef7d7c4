//! `component` and `completions`, components that are named, and the compiled code that is kept between runs.

use salesforce_runtime::component::CONNECTOR;
use serde_json::json;
use sha2::{Digest, Sha256};
use support::quotes::{quotes, quotes_giving};

use crate::fixture::{CLIENT_ID, CLIENT_SECRET, Org, Run, USERNAME};

/// The connector without OAuth: the interface has another name of the same length.
fn without_oauth() -> Vec<u8> {
    let [oauth, other] = ["workflow:salesforce/oauth@", "workflow:salesforce/other@"].map(str::as_bytes);
    let mut wasm = CONNECTOR.to_vec();
    while let Some(at) = memchr::memmem::find(&wasm, oauth) {
        wasm[at..at + other.len()].copy_from_slice(other);
    }
    wasm
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_without_oauth_is_called_with_the_connectors() {
    let org = Org::expired().await;
    let file = org.path("component.wasm").display().to_string();
    let with = |arguments: &[&str]| org.run(&[&["--component", &file], arguments].concat());
    for (wasm, steps) in [(without_oauth(), true), (quotes(), false)] {
        std::fs::write(&file, wasm).unwrap();
        org.mock.expire_access_tokens();
        let before = org.refreshes();
        if steps {
            assert_eq!(with(&["soql-query", "SELECT COUNT() FROM Account"]).done()["total_size"], json!(2086));
            assert!(with(&["demo"]).stdout.contains("15 steps"));
        } else {
            assert_eq!(with(&["refresh"]).done()["rotated"], json!(true));
        }
        assert_eq!(org.refreshes(), before + 1);
        assert_eq!(with(&["introspect"]).done()["active"], json!(true));
        assert_eq!(with(&["revoke"]).done()["revoked"], json!(true));
        let secret = org.file("secret", CLIENT_SECRET).display().to_string();
        let login = ["login", "--client-id", CLIENT_ID, "--client-secret-file", &secret, "--login-url", org.mock.url()];
        let connected = with(&[&login[..], &["--client-credentials"]].concat()).done();
        assert_eq!(connected["username"], json!(USERNAME));
        org.reconnect();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_component_is_described_and_written() {
    let org = Org::connected().await;
    let out = org.path("salesforce.wasm");
    let described = org.run(&["component", "--out", out.to_str().unwrap()]).done();
    let wasm = std::fs::read(&out).unwrap();
    let digest: String = Sha256::digest(&wasm).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&described["bytes"], &described["sha256"]), (&json!(wasm.len()), &json!(digest)));
    assert_eq!(described["written"], json!(out));
    let imports = described["imports"].as_array().unwrap();
    assert!(imports.contains(&json!("wasi:http/outgoing-handler@0.2.2")) && imports.len() <= 7, "{imports:?}");
    assert!(described["exports"].as_array().unwrap().contains(&json!("workflow:salesforce/soql@0.2.1")));

    let file = out.to_str().unwrap();
    assert_eq!(org.run(&["component", "--component", file]).done()["sha256"], json!(digest));
    org.run(&["user-info", "--component", file]).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_without_actions_is_refused_in_words() {
    let org = Org::connected().await;
    for (source, words) in [
        ("(module)", "expected a component"),
        ("(component)", "expected an interface with a function"),
        (r#"(component (import "wasi:sockets/tcp@0.2.2" (instance)))"#, "needs wasi:sockets/tcp@0.2.2"),
    ] {
        let path = org.path("other.wasm");
        std::fs::write(&path, wat::parse_str(source).unwrap()).unwrap();
        let run = org.run(&["user-info", "--component", path.to_str().unwrap()]);
        assert!(run.failed(12).contains(words), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_actions_says_why_it_has_no_commands() {
    let org = Org::connected().await;
    let written = |name: &str, bytes: &[u8]| {
        let path = org.path(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    for (file, words) in [
        (written("module.wasm", &wat::parse_str("(module)").unwrap()), "cannot be used as a component"),
        (written("text.wasm", b"no WebAssembly"), "cannot be used as a component"),
        (written("empty.wasm", &wat::parse_str("(component)").unwrap()), "has no actions"),
        (org.path("nowhere.wasm").display().to_string(), "cannot read the component"),
    ] {
        for arguments in [&["list-open-quotes", "Acme"][..], &["--help"], &["--json", "list-open-quotes"]] {
            let run = org.run(&[&["--component", &file], arguments].concat());
            assert_eq!(run.code, Some(12), "{arguments:?}: {run:?}");
            assert!(run.stderr.contains(words) && run.stderr.contains(&file), "{arguments:?}: {run:?}");
        }
    }
    assert_eq!(org.mock.ledger().entries().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_are_the_actions_of_the_component_that_is_named() {
    let org = Org::connected().await;
    let file = org.path("quotes.wasm").display().to_string();
    std::fs::write(&file, quotes()).unwrap();
    let with = |arguments: &[&str]| org.run(&[&["--component", &file], arguments].concat());
    assert_eq!(with(&["list-open-quotes", "Acme"]).done(), json!(["Q-1"]));
    assert_eq!(org.run(&["list-open-quotes", "Acme", &format!("--component={file}")]).done(), json!(["Q-1"]));
    let help = with(&["--help"]).stdout;
    let commands: Vec<_> = help.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for (name, is_there) in [("list-open-quotes", true), ("login", true), ("soql-query", false), ("user-info", false)] {
        assert_eq!(commands.contains(&name), is_there, "{name}: {help}");
    }
    assert!(with(&["list-open-quotes"]).failed(2).contains("<ACCOUNT>"));
    assert!(with(&["soql-query", "SELECT Id FROM Account"]).failed(2).contains("unrecognized subcommand"));
    assert!(org.run(&["list-open-quotes", "Acme"]).failed(2).contains("unrecognized subcommand"));
    assert_eq!(org.mock.ledger().entries().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_no_json_is_a_failure_of_the_component() {
    let org = Org::connected().await;
    let file = org.path("no-json.wasm").display().to_string();
    std::fs::write(&file, quotes_giving("no JSON")).unwrap();
    let run = org.run(&["--component", &file, "--json", "list-open-quotes", "Acme"]);
    let told = |run: &Run| -> serde_json::Value {
        assert_eq!((run.code, run.stdout.as_str()), (Some(70), ""), "{run:?}");
        serde_json::from_str(&run.stderr).unwrap()
    };
    let failed = told(&run);
    let error = &failed["error"];
    assert_eq!((&error["kind"], &error["outcome"]), (&json!("host-bad-result"), &json!("not-sent")), "{failed}");
    assert!(error["message"].as_str().unwrap().contains("gave a result that is not JSON"), "{failed}");

    // A page is read where a result is not, and this one's request was sent.
    let sleeper = org.path("sleeper.wasm").display().to_string();
    std::fs::write(&sleeper, support::hostile::component(support::hostile::SLEEPER)).unwrap();
    for extra in [&[][..], &["--all"]] {
        let soql = "SELECT Id FROM Account WHERE Name = 'hostile:no-json'";
        let run = org.run(&[&["--component", &sleeper, "--json", "soql-query", soql], extra].concat());
        let failed = told(&run);
        let error = &failed["error"];
        assert_eq!((&error["kind"], &error["outcome"]), (&json!("host-bad-result"), &json!("unknown")), "{failed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_processes_share_a_cache_that_does_not_exist_yet() {
    let org = Org::connected().await;
    let cache = org.path("cache");
    let start = || org.harness(&["user-info"]).env("XDG_CACHE_HOME", &cache).spawn().unwrap();
    let children: Vec<_> = std::iter::repeat_with(start).take(4).collect();
    for child in children {
        org.finish(child, org.secrets()).done();
    }
    let kept: Vec<_> = std::fs::read_dir(cache.join("salesforce-harness")).unwrap().collect();
    assert_eq!(kept.len(), 1, "{kept:?}");

    let file = kept.first().unwrap().as_ref().unwrap().path();
    std::fs::write(file, "damaged").unwrap();
    org.finish(start(), org.secrets()).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_cannot_be_used_costs_time_only() {
    let org = Org::connected().await;
    let file = org.file("no-directory", "");
    let shared = org.path("shared");
    std::fs::create_dir_all(shared.join("salesforce-harness")).unwrap();
    crate::fixture::mode(&shared.join("salesforce-harness"), 0o777);
    for cache in [&file, &shared] {
        let mut command = org.harness(&["user-info"]);
        command.env("XDG_CACHE_HOME", cache);
        org.end(command).done();
        let mut command = org.harness(&["user-info", "-v"]);
        command.env("XDG_CACHE_HOME", cache);
        let told = org.end(command);
        assert!(told.stderr.contains("compiled anew"), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_know_the_commands() {
    let org = Org::bare().await;
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let Run { code, stdout, stderr } = org.run(&["completions", shell]);
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
        for word in ["soql-query", "get-record-field-values", "create-or-update-record", "external-id"] {
            assert!(stdout.contains(word), "{shell} does not know {word}");
        }
        assert!(!stdout.contains("compile-for-verify"), "{shell} offers what is nobody's to call");
    }
}
