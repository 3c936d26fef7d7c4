//! What the REST API refuses with: the code and the words of every problem that can be read are kept, in order, whatever
//! is odd beside them, and nothing else is made up.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use salesforce_connector::core::error::{ErrorKind, Outcome};
use salesforce_connector::core::soql::{Query, soql_query};
use salesforce_connector_fuzz::{ACCESS_TOKEN, Answers, SHAPE, check_error, connection, once, status_and_body};
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| {
    let Some((status, body)) = status_and_body(data, [300, 400, 401, 403, 404, 412, 414, 429, 500, 503], ACCESS_TOKEN)
    else {
        return;
    };
    let body = match body.strip_prefix(&[SHAPE]) {
        None => body,
        Some(shape) => match Vec::<Element>::arbitrary_take_rest(Unstructured::new(shape)) {
            Ok(list) => Value::Array(list.into_iter().map(Value::from).collect()).to_string().into_bytes(),
            Err(_) => return,
        },
    };
    let query = Query::parse("SELECT Id FROM User", &[], false, None, None).unwrap();
    let mut transport = Answers::one(status, &body);
    let error = soql_query(&mut transport, &connection(), &query, &once()).unwrap_err();
    check_error(&error, &[ACCESS_TOKEN]);
    assert_eq!(error.status, Some(status));
    assert_ne!(error.outcome, Outcome::NotSent);
    assert_ne!(error.kind, ErrorKind::InvalidArgument);
    // 300 lists records, not problems.
    if let Some(plain) = plain(&body).filter(|_| status != 300) {
        let told: Vec<_> = error
            .problems
            .iter()
            .filter(|problem| is_code(&problem.code))
            .map(|problem| (problem.code.clone(), problem.message.clone()))
            .collect();
        assert_eq!(told, plain, "{}", String::from_utf8_lossy(&body));
    }
});

/// An element of a list of errors, as Salesforce and what stands before it write them.
#[derive(Debug, Arbitrary)]
enum Element {
    Null,
    Number(i32),
    Text(String),
    Empty,
    Problem { code: bool, message: String, fields: Fields },
}

#[derive(Debug, Arbitrary)]
enum Fields {
    Missing,
    Null,
    Number(i32),
    Name(String),
    Names(Vec<Option<String>>),
}

impl From<Element> for Value {
    fn from(element: Element) -> Value {
        let (code, message, fields) = match element {
            Element::Null => return Value::Null,
            Element::Number(number) => return number.into(),
            Element::Text(text) => return text.into(),
            Element::Empty => return json!({}),
            Element::Problem { code, message, fields } => (code, message, fields),
        };
        let code = if code { "STRING_TOO_LONG" } else { "MALFORMED_QUERY" };
        let mut problem = json!({"errorCode": code, "message": message});
        match fields {
            Fields::Missing => {}
            Fields::Null => problem["fields"] = Value::Null,
            Fields::Number(number) => problem["fields"] = number.into(),
            Fields::Name(name) => problem["fields"] = name.into(),
            Fields::Names(names) => problem["fields"] = names.into(),
        }
        problem
    }
}

/// Code and message of each problem in a list that has both as plain texts. Whatever else is in it and in the list, the
/// connector must not lose these. None if a name is there in disguise or more often than there are objects, or if there are
/// lists in the list.
fn plain(body: &[u8]) -> Option<Vec<(String, String)>> {
    let Value::Array(list) = serde_json::from_slice(body).ok()? else { return None };
    let text = std::str::from_utf8(body).ok()?;
    let problems: Vec<_> = list.iter().filter_map(Value::as_object).collect();
    let named = |name: &str| problems.iter().filter(|problem| problem.contains_key(name)).count();
    let once = |name: &str| text.matches(&format!("\"{name}\"")).count() == named(name);
    if text.contains("\\u")
        || text.contains("\"errors\"")
        || list.iter().any(Value::is_array)
        || !["errorCode", "statusCode", "error", "message", "error_description"].into_iter().all(once)
    {
        return None;
    }
    let plain = |problem: &&serde_json::Map<String, Value>| {
        let code = problem.get("errorCode")?.as_str().filter(|code| is_code(code))?;
        let message = problem.get("message")?.as_str().filter(|message| is_shown_as_it_is(message))?;
        Some((code.to_owned(), message.to_owned()))
    };
    let found: Option<Vec<_>> = problems
        .iter()
        .filter(|problem| problem.get("errorCode").and_then(Value::as_str).is_some_and(is_code))
        .map(plain)
        .collect();
    found.filter(|found| found.len() == problems.len())
}

fn is_code(text: &str) -> bool {
    (1..50).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// Neither escaped, nor cut, nor like a secret.
fn is_shown_as_it_is(text: &str) -> bool {
    let is_plain = |character: char| !character.is_control() || matches!(character, '\n' | '\t');
    text.chars().count() <= 2_000 && text.chars().all(is_plain) && !text.contains(ACCESS_TOKEN) && !text.contains('…')
}
