//! The bytes and the code of components: there as long as somebody refers to them, and not longer.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::Method;
use salesforce_runtime::component::CONNECTOR;
use salesforce_server::ServerOptions;
use serde_json::{Value, json};

use crate::client::{Client, Reply};
use crate::fixture::{Connected, Fixture, until};
use crate::program::Process;

async fn upload(client: &Client, wasm: Bytes) -> Reply {
    client.send(Method::PUT, "/v1/components", &[("content-type", "application/wasm")], wasm).await
}

/// A component that is the connector but for a section that says nothing, so that its digest is another.
fn another(mark: u8) -> Bytes {
    [CONNECTOR, &[0, 2, 1, mark]].concat().into()
}

fn digest(component: &Value) -> String {
    component["digest"].as_str().unwrap().to_owned()
}

/// Files in a folder of the data directory with this end of their name.
fn files(data: &Path, folder: &str, end: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(data.join(folder)) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.to_str().unwrap().ends_with(end)).collect()
}

/// Compiled code that this server alone has, with what the others have compiled already.
fn own_code(options: &mut ServerOptions) {
    let link = options.data.join("compiled");
    let shared = fs::read_link(&link).unwrap();
    fs::remove_file(&link).unwrap();
    DirBuilder::new().mode(0o700).create(&link).unwrap();
    for entry in fs::read_dir(shared).unwrap().map(|entry| entry.unwrap()) {
        if entry.path().extension().is_some_and(|extension| extension == "cwasm") {
            fs::copy(entry.path(), link.join(entry.file_name())).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s01_bytes_that_are_gone_or_damaged_are_told_and_heal() {
    let connected = Connected::start().await;
    let component = upload(&connected.tenant, Bytes::from_static(CONNECTOR)).await.json(200);
    let path = format!("/v1/components/{}", digest(&component));
    let [file] = &files(connected.data.path(), "components", ".wasm")[..] else { panic!("one file") };
    let mut body = connected.count();
    body["component"] = component["digest"].clone();
    let mut flipped = CONNECTOR.to_vec();
    flipped[CONNECTOR.len() / 2] ^= 1;
    for damaged in [None, Some(flipped)] {
        match damaged {
            None => fs::remove_file(file).unwrap(),
            Some(bytes) => fs::write(file, bytes).unwrap(),
        }
        // It has nothing of it in memory.
        let (server, client) = connected.another().await;
        let detail = client.execute(&body).await.problem(409, "conflict");
        assert!(detail.contains("upload the same file again"), "{detail}");
        assert_eq!(connected.tenant.get(&path).await.json(200)["state"], "damaged");
        let healed = upload(&connected.tenant, Bytes::from_static(CONNECTOR)).await.json(200);
        assert_eq!(healed, component);
        client.execute(&body).await.ended("succeeded");
        assert_eq!(fs::read(file).unwrap(), CONNECTOR);
        drop(server);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s09_bytes_and_code_go_with_the_last_who_refers_to_them() {
    let fixture = Fixture::with(own_code).await;
    // Of what it found there the server keeps what somebody refers to.
    let before = files(fixture.data.path(), "compiled", ".cwasm");
    let other = fixture.new_tenant("other", &json!({})).await;
    let wasm = another(b'g');
    let (mine, theirs, again) =
        tokio::join!(upload(&fixture.tenant, wasm.clone()), upload(&other, wasm.clone()), upload(&other, wasm.clone()));
    let path = format!("/v1/components/{}", digest(&mine.json(200)));
    for reply in [theirs, again] {
        assert!(reply.status == 200 || reply.status == 202, "{reply:?}");
    }
    let bytes = |end| files(fixture.data.path(), "components", end).len();
    let code = || {
        let mut now = files(fixture.data.path(), "compiled", ".cwasm");
        now.retain(|file| !before.contains(file));
        now.len()
    };
    assert_eq!((bytes(".wasm"), bytes(""), code()), (1, 1, 1));
    assert_eq!(fixture.tenant.delete(&path).await.status, 204);
    assert_eq!((bytes(".wasm"), code()), (1, 1));
    assert_eq!(other.get(&path).await.json(200)["state"], "accepted");
    assert_eq!(other.delete(&path).await.status, 204);
    assert_eq!((bytes(""), code()), (0, 0));
}

#[tokio::test]
async fn s09_what_is_refused_keeps_its_report_alone() {
    let fixture = Fixture::start().await;
    for number in 0..23 {
        upload(&fixture.tenant, format!("no component {number}").into()).await.problem(422, "component-refused");
    }
    let kept = fixture.tenant.get("/v1/components").await.json(200);
    let kept = kept["items"].as_array().unwrap();
    assert!((1..=21).contains(&kept.len()), "{}", kept.len());
    assert_eq!(files(fixture.data.path(), "components", ""), Vec::<PathBuf>::new());
    let report = fixture.tenant.get(&format!("/v1/components/{}", digest(&kept[0]))).await.json(200);
    assert_eq!(report["report"]["may_run"], false, "{report}");
}

#[tokio::test]
async fn s09_a_tenant_has_its_disk_and_no_more() {
    let fixture = Fixture::start().await;
    let small = fixture.new_tenant("small", &json!({"storage_mib": 1})).await;
    let detail = upload(&small, vec![0; (1 << 20) + 1].into()).await.problem(409, "quota-exceeded");
    assert!(detail.contains("1048577") && detail.contains("1048576") && detail.contains("delete"), "{detail}");
    assert_eq!(small.get("/v1/components").await.json(200)["items"], json!([]));
    assert_eq!(files(fixture.data.path(), "components", ""), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_an_upload_in_a_process_that_was_killed_leaves_nothing() {
    let fixture = Fixture::with(own_code).await;
    let data = fixture.data.path();
    let process = Process::start(data);
    let client = Client::new(&process.url, Some(&fixture.tenant_token()));
    let uploading = tokio::spawn(async move { upload(&client, another(b'k')).await });
    let listed = async || fixture.tenant.get("/v1/components").await.json(200)["items"].clone();
    until(async || listed().await[0]["state"] == "verifying").await;
    let path = format!("/v1/components/{}", digest(&listed().await[0]));
    until(async || fs::read_dir(data.join("compiled")).unwrap().any(|entry| is_work(&entry.unwrap().path()))).await;
    fs::write(data.join("compiled/unfinished-1-0"), "").unwrap();
    drop(process);
    uploading.await.unwrap_err();

    assert_eq!(listed().await, json!([]), "it is listed as if somebody were at it");
    fixture.tenant.get(&path).await.problem(404, "not-found");
    let (_server, _) = fixture.another().await;
    let left = || {
        let compiled = fs::read_dir(data.join("compiled")).unwrap().map(|entry| entry.unwrap().path());
        let not_code = compiled.filter(|path| path.extension().is_none_or(|extension| extension != "cwasm"));
        files(data, "components", "").len() + not_code.count()
    };
    until(async || left() == 0).await;
    assert_eq!(files(data, "processes", "").len(), 2, "those of the living");
}

fn is_work(path: &Path) -> bool {
    path.file_name().unwrap().to_str().unwrap().starts_with("work-")
}
