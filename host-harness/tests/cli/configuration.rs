//! `serve --config`: arguments come before the environment, that before the file, and what the file says is parsed as arguments are.

use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::{Value, json};

use crate::fixture::{Org, Run, interrupt, mode};

/// The settings that `--check-config` shows of this file, of these arguments and of these variables.
struct Checked<'a> {
    place: &'a Org,
    arguments: &'a [&'a str],
    variables: &'a [(&'a str, &'a str)],
}

impl Checked<'_> {
    fn run(&self, toml: &str) -> Run {
        let file = self.place.file("server.toml", toml);
        let file = ["serve", "--config", file.to_str().unwrap(), "--check-config", "--json"];
        let mut command = self.place.harness(&[&file, self.arguments].concat());
        self.place.end({
            command.envs(self.variables.iter().copied());
            command
        })
    }

    /// Values of an option, and where they come from.
    fn setting(&self, toml: &str, option: &str) -> (Value, String) {
        let settings = self.run(toml).done();
        let setting = settings.as_array().unwrap().iter().find(|setting| setting["option"] == option).unwrap();
        (setting["values"].clone(), setting["from"].as_str().unwrap().to_owned())
    }
}

/// The exit code of a run that refuses, and its message.
fn refused(run: &Run) -> (i32, String) {
    assert_eq!(run.stdout, "", "{run:?}");
    let told: Value = serde_json::from_str(&run.stderr).unwrap();
    (run.code.unwrap(), told["error"]["message"].as_str().unwrap().to_owned())
}

fn told(values: Value, from: &str) -> (Value, String) {
    (values, from.to_owned())
}

#[tokio::test]
async fn an_argument_comes_before_the_environment_that_before_the_file_and_that_before_a_default() {
    let place = Org::bare().await;
    let [none, both] = [&[][..], &[("HARNESS_EXECUTIONS", "7"), ("HARNESS_LOGIN_HOST", "a.example,b.example")]];
    let file = "executions = 5\nlogin-host = [\"c.example\"]\nallow-loopback-orgs = true\n";
    let of = |arguments, variables| Checked { place: &place, arguments, variables };
    assert_eq!(of(&[], none).setting("", "executions"), told(json!(["64"]), "default"));
    assert_eq!(of(&[], none).setting(file, "executions"), told(json!(["5"]), "file"));
    assert_eq!(of(&[], both).setting(file, "executions"), told(json!(["7"]), "environment"));
    assert_eq!(of(&["--executions", "9"], both).setting(file, "executions"), told(json!(["9"]), "argument"));
    assert_eq!(of(&[], none).setting(file, "login-host"), told(json!(["c.example"]), "file"));
    assert_eq!(of(&[], both).setting(file, "login-host"), told(json!(["a.example", "b.example"]), "environment"));
    assert_eq!(of(&[], none).setting(file, "allow-loopback-orgs"), told(json!(["true"]), "file"));
    assert_eq!(of(&[], none).setting("", "allow-loopback-orgs"), told(json!(["false"]), "default"));
    let empty = [("HARNESS_EXECUTIONS", ""), ("HARNESS_DATA", "")];
    assert_eq!(of(&[], &empty).setting(file, "executions"), told(json!(["5"]), "file"), "what is empty says nothing");
}

#[tokio::test]
async fn what_a_file_says_is_parsed_and_told_with_its_place() {
    let place = Org::bare().await;
    let checked = Checked { place: &place, arguments: &[], variables: &[] };
    for (toml, words) in [
        ("\nexectuions = 5\n", "server.toml, line 2: there is no option `exectuions`; did you mean `executions`?"),
        ("public_url = \"https://a.example\"\n", "did you mean `public-url`?"),
        ("connection = \"x\"\n", "there is no option `connection`"),
        ("config = \"x\"\n", "there is no option `config`"),
        ("zzz = 1\n", "expected one of listen, data, public-url"),
        ("listen = \"127.0.0.1:0\"\nexecutions = 0\n", "line 2: executions: expected a whole number from 1 to 10,000"),
        ("executions = \"many\"\n", "line 1: executions: expected a whole number"),
        ("executions = 1.5\n", "line 1: executions: expected a text in quotes, or a number"),
        ("executions = true\n", "line 1: executions: expected a text in quotes, or a number"),
        ("allow-loopback-orgs = \"yes\"\n", "line 1: allow-loopback-orgs: expected true or false"),
        ("login-host = \"a.example\"\n", "line 1: login-host: expected a list of texts"),
        ("login-host = [\"a.example\", 5.5]\n", "line 1: login-host: expected a list of texts"),
        ("login-host = [\"https://a.example\"]\n", "line 1: login-host: "),
        ("listen = \"elsewhere\"\n", "line 1: listen: "),
        ("executions = 5\nexecutions = 6\n", "line 2: duplicate key"),
        ("executions = \n", "server.toml, line 1: "),
        ("[server]\nexecutions = 5\n", "there is no option `server`"),
    ] {
        let (code, message) = refused(&checked.run(toml));
        assert!(code == 2 && message.contains(words), "{toml}: {message}");
    }
    let large = format!("# {}\n", "x".repeat(100_001));
    assert!(refused(&checked.run(&large)).1.contains("expected at most 100000 bytes"));
    let missing = place.run(&["serve", "--config", "/nowhere/server.toml"]);
    assert!(missing.failed(2).contains("/nowhere/server.toml: cannot be read"), "{missing:?}");
}

#[tokio::test]
async fn a_check_finds_what_a_start_would_and_changes_nothing() {
    let place = Org::bare().await;
    let checked = Checked { place: &place, arguments: &[], variables: &[] };
    place.file("key.pem", "no key");
    let others = place.path("open");
    std::fs::create_dir(&others).unwrap();
    mode(&others, 0o755);
    for (toml, code, words) in [
        ("tls-cert = \"key.pem\"\n", 2, "expected both of tls-cert and tls-key"),
        ("tls-cert = \"key.pem\"\ntls-key = \"key.pem\"\n", 12, "TLS: "),
        ("ca = \"key.pem\"\n", 12, "key.pem"),
        ("listen = \"0.0.0.0:443\"\n", 2, "can be reached from other machines"),
        ("public-url = \"ftp://a.example\"\n", 2, "the public URL"),
        ("data = \"open\"\n", 12, "others can look into it"),
        ("data = \"key.pem\"\n", 12, "expected a directory"),
    ] {
        let (exit, message) = refused(&checked.run(toml));
        assert!(exit == code && message.contains(words), "{toml}: {exit} {message}");
    }
    for (name, value, words) in [
        ("HARNESS_KEY", "abc", "the key: expected 32 bytes in base64"),
        ("HTTPS_PROXY", "http://proxy.example.com:99999", "HTTPS_PROXY: "),
    ] {
        let with = Checked { place: &place, arguments: &[], variables: &[(name, value)] };
        let (exit, message) = refused(&with.run("data = \"data\"\n"));
        assert!([2, 12].contains(&exit) && message.contains(words), "{name}: {exit} {message}");
    }
    let (data, from) = checked.setting("data = \"data\"\nlisten = \"127.0.0.1:9\"\n", "data");
    assert_eq!((data, from.as_str()), (json!([place.path("data")]), "file"), "beside the file");
    assert!(!place.path("data").exists(), "nothing is made");
    let file = place.path("server.toml").display().to_string();
    let mut pretty = place.harness(&["serve", "--pretty", "--check-config"]);
    pretty.env("HARNESS_CONFIG", &file);
    let run = place.end(pretty);
    assert!(run.stdout.contains("A server can start with these.") && run.stdout.contains("127.0.0.1:9"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_runs_as_its_file_says() {
    let place = Org::bare().await;
    let file = place.file("server.toml", "listen = \"localhost:0\"\ndata = \"data\"\njson = true\n");
    let pretty = place.run(&["serve", "--config", file.to_str().unwrap(), "--check-config", "--pretty"]);
    assert!(pretty.stdout.contains("A server can start with these."), "what is typed comes first: {pretty:?}");
    let mut child = place.harness(&["serve", "--config", file.to_str().unwrap()]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let reach: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(Path::new(reach["data"].as_str().unwrap()), place.path("data"));
    assert!(place.path("data/tenant-token").exists());
    interrupt(&child);
    let log = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["fields"]["message"].as_str().unwrap().contains("shutting down")), "{log}");
}

#[tokio::test]
async fn the_file_of_the_page_for_operators_is_one() {
    let place = Org::bare().await;
    let page = include_str!("../../../docs/OPERATING.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (file, _) = rest.split_once("```").unwrap();
    let checked = Checked { place: &place, arguments: &[], variables: &[] };
    assert_eq!(checked.setting(file, "login-host"), told(json!(["login.example.com"]), "file"));
}
