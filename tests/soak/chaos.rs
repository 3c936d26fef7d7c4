//! What goes wrong, by name, so that the report can count it.

use std::time::Duration;

use fastrand::Rng;
use mock_salesforce::wire::{Step, Wire};
use mock_salesforce::{Fault, Matcher};
use serde_json::json;

/// One request of some kind meets this fault.
pub(crate) fn fault(random: &mut Rng) -> (&'static str, Matcher, Fault) {
    let (name, fault) = match random.u8(0..24) {
        0 => ("reset before the work", Fault::Reset),
        1 | 2 => ("reset after the work", Fault::ResetAfterWork),
        3 => ("close before the work", Fault::Close),
        4 | 5 => ("close after the work", Fault::CloseAfterWork),
        6 => ("silence before the work", Fault::Hang),
        7 => ("silence after the work", Fault::HangAfterWork),
        8 | 9 => ("delay", Fault::Delay(Duration::from_millis(random.u64(1..100)))),
        10 => ("408, 500, 502 or 504", Fault::status([408, 500, 502, 504][random.usize(0..4)], &[])),
        11 => ("503 with Retry-After", Fault::status(503, &[("retry-after", "0")])),
        12 => ("429 with Retry-After", Fault::status(429, &[("retry-after", "0")])),
        13 => ("429 with Retry-After of days", Fault::status(429, &[("retry-after", "864000")])),
        14 => ("redirect", Fault::status(302, &[("location", "https://evil.example/")])),
        15 => ("page for people", page(200, "text/html", "<html>maintenance</html>")),
        16 => ("truncated JSON", page(200, "application/json", r#"{"totalSize":1,"done":true,"rec"#)),
        17 => ("empty body", page(200, "application/json", "")),
        18 => ("compressed body", compressed()),
        19 => ("JSON of another shape", Fault::Replace(json!({"not": "what was promised"}))),
        20 => ("hostile next page", Fault::json(200, &hostile_page())),
        21 => ("REQUEST_LIMIT_EXCEEDED", refusal(403, "REQUEST_LIMIT_EXCEEDED")),
        22 => ("UNABLE_TO_LOCK_ROW", refusal(400, "UNABLE_TO_LOCK_ROW")),
        _ => ("INVALID_SESSION_ID", refusal(401, "INVALID_SESSION_ID")),
    };
    // A refresh seldom meets one, for each that does may cost a login.
    let path = if random.u8(0..20) == 0 { "/services/oauth2/token" } else { "/services/data/" };
    (name, Matcher::under(path), fault)
}

fn page(status: u16, content_type: &str, body: &str) -> Fault {
    let headers = vec![("content-type".to_owned(), content_type.to_owned())];
    Fault::Answer { status, headers, body: body.as_bytes().to_vec() }
}

fn compressed() -> Fault {
    let headers = vec![("content-encoding".to_owned(), "gzip".to_owned())];
    Fault::Answer { status: 200, headers, body: vec![0x1f, 0x8b, 8, 0] }
}

fn refusal(status: u16, code: &str) -> Fault {
    Fault::json(status, &json!([{"errorCode": code, "message": "made up by the soak"}]))
}

fn hostile_page() -> serde_json::Value {
    let url = "https://evil.example/services/data/v67.0/query/01g-2000";
    json!({"totalSize": 9, "done": false, "nextRecordsUrl": url, "records": [{}]})
}

/// A server that breaks every answer below HTTP. Nothing that is sent to it may ever be told as a success.
pub(crate) async fn broken_wire() -> Wire {
    let say = |text: &str| vec![Step::Read, Step::write(text)];
    let created = r#"{"id":"0015g00000000Gx","success":true,"errors":[]}"#;
    let scripts = [
        vec![Step::Read, Step::Reset],
        say(&format!("HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{created}")),
        say(&format!("HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{created}\r\n", created.len())),
        say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"),
        say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}"),
        say("SSH-2.0-OpenSSH_9.6\r\n"),
        vec![
            Step::Read,
            Step::write("HTTP/1.1 200 OK\r\nx: "),
            Step::Trickle(b"y".to_vec(), Duration::from_millis(50)),
        ],
        vec![Step::Reset],
    ];
    // In turn, and then the last: enough turns for a round.
    let turns = 2_000;
    Wire::start(scripts.iter().cycle().take(turns).cloned()).await.unwrap()
}
