//! `component` and `completions`, and the compiled code that is kept between runs.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::fixture::{Org, Run};

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
    assert!(described["exports"].as_array().unwrap().contains(&json!("workflow:salesforce/soql@0.2.0")));

    let file = out.to_str().unwrap();
    assert_eq!(org.run(&["component", "--component", file]).done()["sha256"], json!(digest));
    org.run(&["user-info", "--component", file]).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_no_connector_is_refused_in_words() {
    let org = Org::connected().await;
    for (source, words) in [
        ("(module)", "expected a component"),
        ("(component)", "does not export the world"),
        (r#"(component (import "wasi:sockets/tcp@0.2.2" (instance)))"#, "needs wasi:sockets/tcp@0.2.2"),
    ] {
        let path = org.path("other.wasm");
        std::fs::write(&path, wat::parse_str(source).unwrap()).unwrap();
        let run = org.run(&["user-info", "--component", path.to_str().unwrap()]);
        assert!(run.failed(12).contains(words), "{run:?}");
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
    }
}
