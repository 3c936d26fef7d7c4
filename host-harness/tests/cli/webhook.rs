//! The webhook of a server's tenant, from the command line.

use std::os::unix::fs::PermissionsExt;

use mock_salesforce::wire::{Step, Wire};
use serde_json::json;

use crate::host::Host;

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_set_tested_shown_and_deleted_and_its_secret_is_in_a_file_alone() {
    let host = Host::bare().await;
    let answer =
        |status: &str| vec![Step::Read, Step::write(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"))];
    let receiver = Wire::start([answer("204 No Content"), answer("500 Internal Server Error")]).await.unwrap();
    let url = format!("http://{}/hook", receiver.address());
    let file = host.data.join("webhook-secret");
    let place = file.display().to_string();
    let set = |arguments: &[&str]| host.run(&[&["webhook", "set", "--secret-out", &place], arguments].concat());

    assert!(host.run(&["webhook", "show"]).failed(2).contains("there is no such webhook"));
    assert!(set(&["https://10.0.0.1/"]).failed(2).contains("its address is not a public one"));
    assert!(!file.exists(), "there is no secret");
    let shown = set(&[&url, "--allowance-percent", "90"]).done();
    assert_eq!((&shown["url"], &shown["allowance_percent"]), (&json!(url), &json!(90)));
    let secret = std::fs::read_to_string(&file).unwrap();
    assert!(secret.starts_with("whsec_") && secret.ends_with('\n'));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!shown.to_string().contains("whsec_"), "{shown}");

    let other = host.org.file("other", "precious");
    let over = ["webhook", "set", &url, "--new-secret", "--secret-out", other.to_str().unwrap()];
    assert!(host.run(&over).failed(12).contains("exists and is no webhook's secret"));
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "precious");

    let tested = host.run(&["webhook", "test"]).done();
    assert_eq!(tested, json!({"delivered": true, "status": 204, "failure": null}));
    let message = receiver.requests().remove(0).to_lowercase();
    assert!(
        message.starts_with("post /hook http/1.1\r\n") && message.contains("\r\nwebhook-signature: v1,"),
        "{message}"
    );
    assert!(host.run(&["webhook", "test"]).failed(8).contains("nothing was begun"));
    let last = host.run(&["webhook", "show"]).done()["last_attempt"].clone();
    assert_eq!((&last["event"], &last["delivered"]), (&json!("webhook.test"), &json!(true)));

    set(&[&url]).done();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), secret, "it has stayed");
    set(&[&url, "--new-secret"]).done();
    let renewed = std::fs::read_to_string(&file).unwrap();
    assert!(renewed.starts_with("whsec_") && renewed != secret && renewed.len() == secret.len());

    let database = rusqlite::Connection::open(host.data.join("harness.sqlite")).unwrap();
    database.execute("UPDATE webhook SET tested_at = NULL", []).unwrap();
    let tested = host.run(&["webhook", "test"]);
    let failed = tested.failed(1);
    assert!(failed.contains("was not delivered (refused), whose receiver answered with status 500"), "{failed}");
    assert_eq!(host.run(&["webhook", "delete"]).stdout, "");
    assert!(host.run(&["webhook", "delete"]).failed(2).contains("there is no such webhook"));
    let nowhere = host.data.join("none/secret").display().to_string();
    assert!(host.run(&["webhook", "set", &url, "--secret-out", &nowhere]).failed(12).contains("cannot write"));
    assert!(host.run(&["webhook", "show"]).failed(2).contains("there is no such webhook"), "nothing was set");
}
