//! What the REST API refuses with: every code of a well-formed refusal is kept, in order, and nothing else is made up.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salesforce_connector::core::error::{ErrorKind, Outcome};
use salesforce_connector::core::soql::{Query, soql_query};
use salesforce_connector_fuzz::{ACCESS_TOKEN, OneAnswer, check_error, connection, once, status_and_body};
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Some((status, body)) = status_and_body(data, [300, 400, 401, 403, 404, 412, 414, 429, 500, 503], ACCESS_TOKEN)
    else {
        return;
    };
    let query = Query::parse("SELECT Id FROM User", &[], false, None, None).unwrap();
    let mut transport = OneAnswer::new(status, &body);
    let error = soql_query(&mut transport, &connection(), &query, &once()).unwrap_err();
    check_error(&error, &[ACCESS_TOKEN]);
    assert_eq!(error.status, Some(status));
    assert_ne!(error.outcome, Outcome::NotSent);
    assert_ne!(error.kind, ErrorKind::InvalidArgument);
    // 300 lists records, not problems.
    if let Some(codes) = codes(&body).filter(|_| status != 300) {
        let told: Vec<_> = error.problems.iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(told, codes, "{}", String::from_utf8_lossy(&body));
    }
});

/// The codes of a list of a few plain problems.
fn codes(body: &[u8]) -> Option<Vec<String>> {
    let Value::Array(problems) = serde_json::from_slice(body).ok()? else { return None };
    // A name that is there twice, or in disguise, is not plain.
    let text = std::str::from_utf8(body).ok()?;
    let once = |name: &str| text.matches(name).count() == problems.len();
    if text.contains('\\') || !once("\"errorCode\"") || !once("\"message\"") {
        return None;
    }
    let plain = |text: &str| {
        (1..50).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    let code = |problem: &Value| {
        let problem = problem.as_object()?;
        let known = problem.keys().all(|key| key == "errorCode" || key == "message");
        let code = problem.get("errorCode")?.as_str().filter(|code| plain(code))?;
        (known && problem.get("message")?.is_string()).then(|| code.to_owned())
    };
    (1..10).contains(&problems.len()).then(|| problems.iter().map(code).collect())?
}
