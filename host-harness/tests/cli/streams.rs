//! `--streams`: the same results as without, and files of any size, which are whole or not there.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use mock_salesforce::org::{Upload, WriteOptions};
use mock_salesforce::wire::Step;
use mock_salesforce::{Fault, Matcher};
use serde_json::{Map, Value, json};

use crate::fixture::{Org, Run, interrupt, until};

const QUERY: &str = "/services/data/v67.0/query";
const VERSIONS: &str = "/services/data/v67.0/sobjects/ContentVersion";
/// More than the connector takes of a response, whatever it is told.
const LARGE: usize = (64 << 20) + 1;
/// The org's administrator.
const ADMINISTRATOR: &str = "0055g0000000000AAA";
/// A blob of nine bytes, of which four come.
const BEGUN: &str = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 9\r\n\r\nfour";

/// Every byte that there is, again and again.
fn content(bytes: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(bytes).collect()
}

impl Org {
    /// Puts a file into the org: the Id of its version.
    fn version(&self, bytes: &[u8]) -> String {
        let upload = Upload { field: "VersionData".to_owned(), bytes: bytes.into() };
        let options = WriteOptions { upload: Some(upload), ..WriteOptions::new(ADMINISTRATOR, "v67.0") };
        let version = Map::from_iter([("PathOnClient".to_owned(), json!("a.png"))]);
        self.mock.org(|org| org.create("ContentVersion", &version, &options).unwrap())
    }

    /// What the org has of a version.
    fn size_of(&self, version: &str) -> u64 {
        let row = self.mock.org(|org| org.row("ContentVersion", version, Some(&["ContentSize"]), "v67.0").unwrap());
        row["ContentSize"].as_u64().unwrap()
    }

    fn download(&self, version: &str, file: &Path, options: &[&str]) -> Run {
        let out = file.display().to_string();
        let download = ["download-blob", "ContentVersion", "--id", version, "--field", "VersionData", "--out", &out];
        self.run(&[&download[..], options].concat())
    }

    fn upload(&self, file: &Path, options: &[&str]) -> Run {
        let at = format!("@{}", file.display());
        self.run(&[&["upload-file", "film.mp4", "--data", &at, "--unlinked"], options].concat())
    }

    /// What is in its directory, but for the connection.
    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.directory.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.starts_with("connection.json")).collect()
    }
}

/// A result without what each request changes.
fn but_for_usage(mut result: Value) -> Value {
    assert!(result["usage"]["used"].is_u64() && result["usage"]["allowed"].is_u64(), "{result}");
    result.as_object_mut().unwrap().remove("usage");
    result
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_records_is_what_the_pages_are() {
    let org = Org::connected().await;
    let all = "SELECT Id, Name, AnnualRevenue, Owner.Name FROM Account ORDER BY ERP_Id__c";
    let (like, nobody) =
        ("SELECT Name FROM Account WHERE Name LIKE :n", "SELECT Id FROM Account WHERE Name = 'nobody'");
    let cases: [(&str, &[&str], usize); 9] = [
        (all, &[], 2_086),
        (all, &["--csv"], 2_087),
        (all, &["--batch-size", "200", "--max-records", "10", "--include-deleted", "--json"], 2_108),
        (like, &["--param", "n:like-contains=100%"], 1),
        (nobody, &[], 0),
        (nobody, &["--csv"], 0),
        ("SELECT COUNT() FROM Account", &[], 0),
        ("SELECT COUNT() FROM Account", &["--csv"], 2),
        ("SELECT COUNT(Id) n FROM Account", &[], 1),
    ];
    for (soql, options, lines) in cases {
        let query = [&["soql-query", soql, "--all"], options].concat();
        let before = org.queries();
        let pages = org.run(&query);
        let asked = org.queries() - before;
        let stream = org.run(&[&query[..], &["--streams"]].concat());
        assert_eq!((stream.code, &stream.stderr), (Some(0), &pages.stderr), "{soql} {options:?}");
        assert!(stream.stdout == pages.stdout, "{soql} {options:?}");
        assert_eq!(stream.stdout.lines().count(), lines, "{soql} {options:?}");
        assert_eq!(org.queries() - before, 2 * asked, "{soql} {options:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_fails_ends_as_pages_do() {
    let limit = json!([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]);
    let (limit, short) = (Fault::json(403, &limit), json!({"totalSize": 2086, "done": true, "records": [{}]}));
    let query = ["soql-query", "SELECT Id FROM Account", "--all"];
    // A stream ends before a page that is not whole.
    for (fault, code, lines) in [(limit, 8, [2_000, 2_000]), (Fault::json(200, &short), 11, [2_001, 2_000])] {
        let org = Org::connected().await;
        let runs = [&[][..], &["--streams"]].map(|options| {
            org.mock.push_fault(Matcher::under(&format!("{QUERY}/")), fault.clone());
            org.run(&[&query[..], options].concat())
        });
        for (run, lines) in runs.iter().zip(lines) {
            assert_eq!((run.code, run.stdout.lines().count()), (Some(code), lines), "{}", run.stderr);
        }
        assert!(runs[0].stdout.starts_with(&runs[1].stdout));
        org.mock.push_fault(Matcher::under(&format!("{QUERY}/")), fault);
        let run = org.run(&[&query[..], &["--streams", "--csv"]].concat());
        assert_eq!(run.failed(code).lines().next(), runs[1].stderr.lines().next());
    }
    let org = Org::connected().await;
    let run = org.run(&["soql-query", "SELEC Id FROM Account", "--all", "--streams"]);
    assert!(run.failed(6).contains("\n    SELEC Id FROM Account\n    ^\n"), "{run:?}");
    let run = org.run(&["soql-query", "SELECT Id FROM Account", "--all", "--streams", "--batch-size", "7"]);
    assert!(run.failed(2).starts_with("error: --batch-size: "), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn child_rows_that_a_stream_does_not_have_are_told() {
    let org = Org::connected().await;
    let soql = "SELECT Name, (SELECT Name FROM Contacts) FROM Account WHERE ERP_Id__c < 'ERP-000005'";
    let run = org.run(&["soql-query", soql, "--all", "--streams"]);
    let warning = "warning: sub-queries that hold fewer rows than they have: 1; to have all of them, ask with --all \
                   --all-children and without --streams\n";
    assert_eq!((run.code, run.stdout.lines().count(), run.stderr.as_str()), (Some(0), 5, warning), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_beyond_what_the_connector_holds_comes_whole() {
    let org = Org::connected().await;
    let file = org.path("film.mp4");
    let small = org.version(b"small");
    let without = but_for_usage(org.download(&small, &file, &[]).done());
    assert_eq!(but_for_usage(org.download(&small, &file, &["--overwrite", "--streams"]).done()), without);
    assert_eq!(std::fs::read(&file).unwrap(), b"small");
    assert!(org.download(&small, &file, &["--streams"]).failed(2).contains("film.mp4 is there already"));
    std::fs::remove_file(&file).unwrap();

    let bytes = content(LARGE);
    let large = org.version(&bytes);
    let most = ["--max-response-bytes", "67108864"];
    assert!(org.download(&large, &file, &most).failed(8).contains("larger"), "the connector takes no more");
    assert!(org.files().iter().all(|name| name != "film.mp4"));
    // That bounds what Salesforce says when it refuses.
    let told = org.download(&large, &file, &["--streams", "--max-response-bytes", "1000"]).done();
    assert_eq!((&told["offset"], &told["total_size"], told.get("data")), (&json!(0), &json!(LARGE), None));
    assert!(std::fs::read(&file).unwrap() == bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_is_cut_leaves_no_file() {
    let org = Org::connected().await;
    let (version, file) = (org.version(b"nine byte"), org.path("film.mp4"));
    let cut = Fault::Wire(vec![Step::write(BEGUN)]);
    let stalls = Fault::Wire(vec![Step::write(BEGUN), Step::Hang]);
    let refusal = json!([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]);
    for (fault, options, code, words) in [
        (cut.clone(), &["--streams"][..], 7, "the blob did not come to its end: 4"),
        (stalls.clone(), &["--streams", "--deadline-ms", "500"], 7, "timeout"),
        (Fault::json(404, &refusal), &["--streams"], 4, "not-found"),
    ] {
        org.mock.push_fault(Matcher::under(VERSIONS), fault);
        let run = org.download(&version, &file, options);
        assert!(run.failed(code).contains(words), "{words}: {run:?}");
        assert_eq!(org.files(), [""; 0], "{words}");
    }
    std::fs::write(&file, "mine").unwrap();
    org.mock.push_fault(Matcher::under(VERSIONS), cut);
    org.download(&version, &file, &["--streams", "--overwrite"]).failed(7);
    assert_eq!((std::fs::read(&file).unwrap(), org.files().len()), (b"mine".to_vec(), 1));

    let out = org.path("other").display().to_string();
    let download = ["download-blob", "ContentVersion", "--id", &version, "--field", "VersionData", "--out", &out];
    org.mock.push_fault(Matcher::under(VERSIONS), stalls);
    let before = org.mock.ledger().entries().count();
    let child = org.harness(&[&download[..], &["--streams"]].concat()).spawn().unwrap();
    until(|| org.mock.ledger().entries().count() > before).await;
    interrupt(&child);
    let run = org.finish(child, org.secrets());
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(130), "", ""), "{run:?}");
    assert_eq!(org.files(), ["film.mp4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_beyond_what_the_connector_takes_goes_up_whole() {
    let org = Org::connected().await;
    let file = org.path("film.mp4");
    let bytes = content(LARGE);
    std::fs::write(&file, &bytes).unwrap();
    assert!(org.upload(&file, &[]).failed(12).contains("expected at most 64 MiB"));
    let uploaded = but_for_usage(org.upload(&file, &["--streams", "--title", "Film"]).done());
    let version = uploaded["version_id"].as_str().unwrap();
    assert_eq!((uploaded.as_object().unwrap().len(), org.size_of(version)), (1, LARGE as u64));
    let copy = org.path("copy.mp4");
    org.download(version, &copy, &["--streams"]).done();
    assert!(std::fs::read(&copy).unwrap() == bytes);
    let title = org.mock.org(|org| org.row("ContentVersion", version, Some(&["Title"]), "v67.0").unwrap());
    assert_eq!(title["Title"], json!("Film"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_length_is_not_uploaded() {
    let org = Org::connected().await;
    let upload = |data: &str| {
        let mut command = org.harness(&["upload-file", "a.bin", "--data", data, "--unlinked", "--streams"]);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        // The program does not want it.
        let _ = child.stdin.take().unwrap().write_all(b"bytes");
        org.finish(child, org.secrets())
    };
    let empty = format!("@{}", org.file("empty", "").display());
    for (data, code, words) in [
        ("-", 2, "standard input does not say how long it is"),
        ("aGk=", 2, "--data: with --streams expected @FILE"),
        ("@/dev/stdin", 12, "cannot read /dev/stdin: expected a file, found what has no length"),
        ("@/nowhere/a.bin", 12, "cannot read /nowhere/a.bin: No such file"),
        (&empty, 2, "--data: expected at least 1 byte"),
    ] {
        let run = upload(data);
        assert!(run.failed(code).contains(words), "{data}: {run:?}");
    }
    let file = org.file("a.bin", "bytes");
    let run = org.run(&["upload-file", "a/b", "--data", &format!("@{}", file.display()), "--unlinked", "--streams"]);
    assert!(run.failed(2).starts_with("error: <FILE-NAME>: "), "{run:?}");
    assert_eq!(org.mock.ledger().entries().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_without_an_answer_is_sent_once_and_told_as_unknown() {
    let org = Org::connected().await;
    let file = org.file("a.bin", "bytes");
    org.mock.push_fault(Matcher::under(VERSIONS), Fault::CloseAfterWork);
    let run = org.upload(&file, &["--streams", "--attempts", "3"]);
    assert!(run.failed(9).to_lowercase().contains("unknown"), "{run:?}");
    assert_eq!(org.mock.ledger().creates("ContentVersion"), 1);

    org.mock.push_fault(Matcher::under(VERSIONS), Fault::HangAfterWork);
    let at = format!("@{}", file.display());
    let child = org.harness(&["upload-file", "a.bin", "--data", &at, "--unlinked", "--streams"]).spawn().unwrap();
    until(|| org.mock.ledger().creates("ContentVersion") == 2).await;
    interrupt(&child);
    let run = org.finish(child, org.secrets());
    assert!(run.failed(9).contains("while a write was under way"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_is_refreshed_and_the_stream_begun_again() {
    let org = Org::connected().await;
    let (version, up, down) = (org.version(b"bytes"), org.file("up", "bytes"), org.path("down"));
    org.mock.expire_access_tokens();
    let secrets = org.secrets();
    let query = ["soql-query", "SELECT Id FROM Account", "--all", "--streams"];
    let child = org.harness(&query).spawn().unwrap();
    let run = org.finish(child, secrets);
    assert_eq!((run.code, run.stdout.lines().count(), run.stderr.as_str()), (Some(0), 2_086, ""));
    org.mock.expire_access_tokens();
    org.download(&version, &down, &["--streams"]).done();
    assert_eq!(std::fs::read(&down).unwrap(), b"bytes");
    org.mock.expire_access_tokens();
    org.upload(&up, &["--streams"]).done();
    assert_eq!((org.refreshes(), org.mock.ledger().creates("ContentVersion")), (3, 1));

    // Records that are written cannot be asked for again.
    let expired = json!([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]);
    org.mock.push_fault(Matcher::under(&format!("{QUERY}/")), Fault::json(401, &expired));
    let run = org.run(&query);
    assert_eq!((run.code, run.stdout.lines().count(), org.refreshes()), (Some(7), 2_000, 3), "{run:?}");
    assert!(run.stderr.contains("the session expired after 2000 records"), "{run:?}");
    assert_eq!(org.run(&query).stdout.lines().count(), 2_086);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_where_the_connection_says_and_nowhere_else() {
    let org = Org::connected().await;
    let query = ["soql-query", "SELECT Id FROM Account", "--all", "--streams"];
    let run = org.run(&[&query[..], &["-v"]].concat());
    for part in ["method=\"GET\"", org.mock.url(), "status=200"] {
        assert!(run.code == Some(0) && run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    let mut document = org.connection();
    document["instance_url"] = json!("https://salesforce.example.com");
    org.connect(&document);
    let (pages, stream) = (org.run(&query[..3]), org.run(&query));
    assert_eq!(stream.failed(pages.code.unwrap()), pages.stderr);
    std::fs::remove_file(org.connection_file()).unwrap();
    let (pages, stream) = (org.run(&query[..3]), org.run(&query));
    assert_eq!((stream.failed(3), pages.code), (pages.stderr.as_str(), Some(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_of_this_program_and_of_what_is_large() {
    let org = Org::connected().await;
    let component = org.path("connector.wasm").display().to_string();
    org.run(&["component", "--out", &component]).done();
    let out = org.path("out").display().to_string();
    let query = ["soql-query", "SELECT Id FROM Account", "--streams"];
    let download =
        ["download-blob", "ContentVersion", "--id", "068000000000001AAA", "--field", "VersionData", "--streams"];
    let file = ["--out", out.as_str()];
    for (arguments, options, words) in [
        (&query[..], &["--all", "--server", "http://127.0.0.1:1"][..], "--streams works without a server only"),
        (&query, &["--all", "--component", &component], "--streams runs a component of its own"),
        (&query, &["--all", "--all-children"], "cannot be used with"),
        (&query, &[], "--all"),
        (&download, &[], "--out <FILE>"),
        (&download, &[&file[..], &["--offset", "1", "--length", "2"]].concat(), "--streams takes all of a blob"),
        (&["org-limits", "--streams"], &[], "--streams"),
    ] {
        let run = org.run(&[arguments, options].concat());
        assert!(run.failed(2).contains(words), "{words}: {run:?}");
    }
    assert_eq!((org.mock.ledger().entries().count(), Path::new(&out).exists()), (0, false));
}
