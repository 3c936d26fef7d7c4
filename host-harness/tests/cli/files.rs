//! Files: up from a file or a pipe, down to a file that is not there yet.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::fixture::Org;

const BYTES: &[u8] = b"\xef\xbb\xbf%PDF \0\xff\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_up_and_comes_down_as_it_is() {
    let org = Org::connected().await;
    let (up, down) = (org.path("offer.pdf"), org.path("copy.pdf"));
    std::fs::write(&up, BYTES).unwrap();
    let (at, out) = (format!("@{}", up.display()), down.display().to_string());
    let uploaded = org.run(&["upload-file", "offer.pdf", "--data", &at, "--unlinked", "--title", "Offer"]).done();
    let version = uploaded["version_id"].as_str().unwrap();
    let download = ["download-blob", "ContentVersion", "--id", version, "--field", "VersionData"];

    let told = org.run(&download).done();
    assert_eq!((&told["data"], &told["total_size"]), (&"77u/JVBERiAA/w0K".into(), &BYTES.len().into()));
    let with_out = [&download[..], &["--out", &out]].concat();
    let told = org.run(&with_out).done();
    assert_eq!((told.get("data"), &told["offset"], &told["total_size"]), (None, &0.into(), &BYTES.len().into()));
    assert_eq!(std::fs::read(&down).unwrap(), BYTES);

    std::fs::write(&down, "mine").unwrap();
    let asked = org.mock.ledger().entries().count();
    let refused = org.run(&with_out);
    assert!(refused.failed(2).contains("copy.pdf is there already"), "{}", refused.failed(2));
    assert_eq!((std::fs::read(&down).unwrap(), org.mock.ledger().entries().count()), (b"mine".to_vec(), asked));
    org.run(&[&with_out[..], &["--overwrite"]].concat()).done();
    assert_eq!(std::fs::read(&down).unwrap(), BYTES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_takes_the_place_of_a_file_alone_and_links_stay() {
    let org = Org::connected().await;
    let [up, down, link, pipe] = ["offer.pdf", "copy.pdf", "link.pdf", "pipe"].map(|name| org.path(name));
    std::fs::write(&up, BYTES).unwrap();
    std::fs::write(&down, "old").unwrap();
    std::os::unix::fs::symlink("copy.pdf", &link).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is needed").success());
    let at = format!("@{}", up.display());
    let uploaded = org.run(&["upload-file", "offer.pdf", "--data", &at, "--unlinked"]).done();
    let version = uploaded["version_id"].as_str().unwrap();
    for streams in [&[][..], &["--streams"]] {
        let download = |to: &Path| {
            let to = to.to_str().unwrap();
            let own = [
                "download-blob",
                "ContentVersion",
                "--id",
                version,
                "--field",
                "VersionData",
                "--overwrite",
                "--out",
                to,
            ];
            org.run(&[&own[..], streams].concat())
        };
        std::fs::write(&down, "old").unwrap();
        download(&link).done();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(std::fs::read(&down).unwrap(), BYTES);
        assert!(download(&pipe).failed(12).contains("pipe: expected a file, found a named pipe"));
    }
    let soql = ["bulk-query", "SELECT Id FROM Account LIMIT 1", "--out"];
    let run = org.run(&[&soql[..], &[pipe.to_str().unwrap()]].concat());
    assert!(run.failed(12).contains("pipe: expected a file, found a named pipe"), "{run:?}");
    std::fs::write(&down, "").unwrap();
    assert_eq!(org.run(&[&soql[..], &[link.to_str().unwrap()]].concat()).code, Some(0));
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(std::fs::read_to_string(&down).unwrap().starts_with("\"Id\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_come_from_standard_input_and_base64_stands_for_itself() {
    let org = Org::connected().await;
    let size = |version: &str| {
        let row = org.mock.org(|org| org.row("ContentVersion", version, Some(&["ContentSize"]), "v67.0").unwrap());
        row["ContentSize"].as_u64().unwrap()
    };
    let mut command = org.harness(&["upload-file", "a.bin", "--data", "-", "--unlinked"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(BYTES).unwrap();
    let uploaded = org.finish(child, org.secrets()).done();
    assert_eq!(size(uploaded["version_id"].as_str().unwrap()), BYTES.len() as u64);
    let uploaded = org.run(&["upload-file", "a.bin", "--data", "aGk=", "--unlinked"]).done();
    assert_eq!(size(uploaded["version_id"].as_str().unwrap()), 2);

    let refused = org.run(&["upload-file", "a.bin", "--data", "hello", "--unlinked"]);
    assert!(refused.failed(2).contains("--data: invalid value: a text that is no base64"), "{}", refused.failed(2));
    let missing = org.run(&["upload-file", "a.bin", "--data", "@/nowhere/a.bin", "--unlinked"]);
    assert!(missing.failed(12).contains("cannot read /nowhere/a.bin"), "{}", missing.failed(12));
}
