//! The query of a callback: its code is sent on only if the one state is the right one; anything else sends nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salesforce_connector::core::oauth::{ConnectedApp, PendingAuthorization, complete_authorization};
use salesforce_connector_fuzz::{Answers, check_error, once};

const STATE: &str = "a-state-of-22-characters";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const ANSWER: &str =
    r#"{"access_token":"00D!token","token_type":"Bearer","instance_url":"https://fuzz.my.salesforce.com"}"#;

fuzz_target!(|text: &str| {
    // So that the fuzzer need not guess it.
    let query = text.replace('@', STATE);
    let app = ConnectedApp::parse("https://login.salesforce.com", "client", None).unwrap();
    let pending = PendingAuthorization::parse(STATE, VERIFIER, "https://workflow.example.com/sso").unwrap();
    let mut transport = Answers::one(200, ANSWER.as_bytes());
    let result = complete_authorization(&mut transport, &app, &pending, &query, &once());
    let pairs: Vec<_> = form_urlencoded::parse(query.strip_prefix('?').unwrap_or(&query).as_bytes()).collect();
    let values = |name: &str| pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value).collect::<Vec<_>>();
    match result {
        Ok(_) => {
            assert_eq!(values("state"), [STATE]);
            assert!(values("error").is_empty());
            let codes = values("code");
            assert!(codes.len() == 1 && !codes[0].is_empty(), "{query:?}");
            let sent = form_urlencoded::parse(&transport.bodies[0]);
            let sent: Vec<_> = sent.filter(|(key, _)| key == "code").map(|(_, value)| value.into_owned()).collect();
            assert_eq!(sent, [codes[0].as_ref()]);
        }
        Err(error) => {
            // The one secret that a browser knows.
            check_error(&error, &[STATE]);
            assert!(transport.bodies.is_empty(), "a refused callback sends nothing");
        }
    }
});
