//! docs/OPERATING.md: each of its commands works, in the order of the page.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::fixture::{Org, PROGRAM, interrupt};

/// The blocks of commands of a page.
fn blocks(page: &str) -> Vec<&str> {
    let after = page.split("```sh\n").skip(1);
    after.map(|rest| rest.split_once("```").expect("a block has an end").0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_page_for_operators_work() {
    let place = Org::bare().await;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let program = Path::new(PROGRAM);
    // As in a clone that was built.
    std::fs::create_dir_all(place.path("target")).unwrap();
    std::os::unix::fs::symlink(program.parent().unwrap(), place.path("target/debug")).unwrap();
    std::os::unix::fs::symlink(workspace.join("deploy"), place.path("deploy")).unwrap();
    place.file("server.toml", "listen = \"127.0.0.1:0\"\ndata = \"data\"\njson = true\n");
    let shell = |commands: &str, url: &str| {
        let mut shell = place.harness(&[]);
        let variables: Vec<_> =
            shell.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
        shell = std::process::Command::new("/bin/sh");
        shell.args(["-e", "-c", commands]).env_clear().envs(variables).current_dir(place.path("."));
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", program.parent().unwrap().display());
        shell.env("PATH", path).env("PREFIX", place.path("installed")).env("HARNESS_SERVER", url).stdin(Stdio::null());
        shell
    };
    let page = std::fs::read_to_string(workspace.join("docs/OPERATING.md")).unwrap();
    let mut server: Option<(Child, String)> = None;
    for block in blocks(&page) {
        let is_server = block.starts_with("harness serve") && !block.contains("--check-config");
        if is_server && server.is_none() {
            // The shell would be told of Ctrl-C in its place.
            let mut child =
                shell(&format!("exec {block}"), "").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            let reach: Value = serde_json::from_str(&line).unwrap();
            assert!(place.path("data/tenant-token").exists(), "{reach}");
            server = Some((child, reach["url"].as_str().unwrap().to_owned()));
            continue;
        }
        let run = place.end({
            let url = server.as_ref().map(|(_, url)| url.as_str());
            let mut shell = shell(block, url.unwrap_or_default());
            shell.stdout(Stdio::piped()).stderr(Stdio::piped());
            shell
        });
        assert_eq!(run.code, Some(0), "{block}: {run:?}");
    }
    let (mut server, _) = server.expect("the page starts a server");
    interrupt(&server);
    assert!(server.wait().unwrap().success());
    assert!(place.path("installed/bin/harness").exists() && place.path("restored/harness.sqlite").exists());
}
