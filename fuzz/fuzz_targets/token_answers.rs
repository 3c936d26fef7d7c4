//! What a token endpoint answers: tokens are taken only from a whole Bearer answer for a host of Salesforce's.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salesforce_connector::core::oauth::{ConnectedApp, refresh};
use salesforce_connector_fuzz::{
    Answers, CLIENT_SECRET, REFRESH_TOKEN, check_error, once, refresh_token, status_and_body,
};
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Some((status, body)) = status_and_body(data, [200, 400, 401, 500], REFRESH_TOKEN) else { return };
    let app = ConnectedApp::parse("https://login.salesforce.com", "client", Some(CLIENT_SECRET)).unwrap();
    let mut transport = Answers::one(status, &body);
    match refresh(&mut transport, &app, &refresh_token(), &once()) {
        Ok(tokens) => {
            assert_eq!(status, 200);
            let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
            let answer: Value = match serde_json::from_slice(text) {
                Ok(answer) => answer,
                // Half of a surrogate pair, in a member that nobody reads.
                Err(error) if error.to_string().contains("hex escape") || error.to_string().contains("surrogate") => {
                    return;
                }
                Err(error) => panic!("tokens are taken from JSON only: {error}"),
            };
            assert_eq!(answer["access_token"], tokens.access_token.expose());
            assert!(answer["token_type"].as_str().unwrap().eq_ignore_ascii_case("bearer"));
            assert!(answer.get("error").is_none_or(Value::is_null));
            let claimed = url::Url::parse(answer["instance_url"].as_str().unwrap()).unwrap();
            assert_eq!(claimed.origin().ascii_serialization(), tokens.instance.url());
            assert!(!tokens.signature_verified || answer["signature"].is_string());
            assert!(!tokens.access_token.expose().is_empty());
        }
        Err(error) => {
            check_error(&error, &[REFRESH_TOKEN, CLIENT_SECRET]);
            assert_eq!(error.status, Some(status));
        }
    }
    assert_eq!(transport.bodies.len(), 1);
});
