//! Pages of a query: what is handed on is what came, to the letter, and as much as it says, alone and joined; what is
//! well-formed is taken.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use salesforce_connector::core::error::ErrorKind;
use salesforce_connector::core::soql::{Query, soql_query};
use salesforce_connector_fuzz::{ACCESS_TOKEN, Answers, SHAPE, check_error, connection, once};
use serde_json::{Value, json};

fuzz_target!(|body: &[u8]| {
    if let Some(shape) = body.strip_prefix(&[SHAPE]) {
        let pages = Vec::<Shape>::arbitrary_take_rest(Unstructured::new(shape)).unwrap_or_default();
        if !pages.is_empty() {
            let pages: Vec<_> = (0..).zip(&pages).map(|(index, page)| page.body(index)).collect();
            check_joined(&pages.iter().map(Vec::as_slice).collect::<Vec<_>>());
        }
        return;
    }
    // JSON has no zero bytes: they part the pages of a result.
    let pages: Vec<&[u8]> = body.split(|byte| *byte == 0).collect();
    match pages.as_slice() {
        [only] => check_one(only),
        several => check_joined(several),
    }
});

/// A page of a result, well-formed.
#[derive(Debug, Arbitrary)]
struct Shape {
    records: u8,
    total: i16,
    has_next: bool,
}

impl Shape {
    fn body(&self, index: usize) -> Vec<u8> {
        let mut page = json!({"totalSize": self.total.max(-1), "done": !self.has_next});
        page["records"] = vec![json!({}); usize::from(self.records)].into();
        if self.has_next {
            page["nextRecordsUrl"] = format!("/services/data/v67.0/query/01g-{index}").into();
        }
        page.to_string().into_bytes()
    }
}

/// Never more than the total, and no end before it.
fn check_joined(pages: &[&[u8]]) {
    let query = Query::parse("SELECT Id FROM User", &[], false, None, Some(1_000_000)).unwrap();
    let mut transport = Answers::new(200, pages.iter().copied());
    match soql_query(&mut transport, &connection(), &query, &once()) {
        Ok(page) => {
            let count = u64::from(page.count);
            assert!(page.total_size.is_none_or(|total| count <= total && (page.next.is_some() || count == total)));
            assert!(page.records.starts_with('[') && page.records.ends_with(']'));
            if let Ok(records) = serde_json::from_str::<Vec<Value>>(&page.records) {
                assert_eq!(records.len(), page.count as usize);
            }
        }
        Err(error) => {
            check_error(&error, &[ACCESS_TOKEN]);
            assert_eq!(error.kind, ErrorKind::InvalidResponse);
        }
    }
}

fn check_one(body: &[u8]) {
    let query = Query::parse("SELECT Id FROM User", &[], false, None, None).unwrap();
    let mut transport = Answers::one(200, body);
    let result = soql_query(&mut transport, &connection(), &query, &once());
    assert_eq!(transport.bodies.len(), 1, "no page is followed unasked");
    match &result {
        Ok(page) => {
            let body = std::str::from_utf8(body).expect("a page is UTF-8");
            assert!(body.contains(&page.records), "records pass through to the letter");
            let total = page.total_size;
            assert!(page.next.is_some() || total.is_none_or(|total| u64::from(page.count) == total));
            if let Ok(records) = serde_json::from_str::<Vec<Value>>(&page.records) {
                assert_eq!(records.len(), page.count as usize);
                assert!(records.iter().all(Value::is_object));
            }
            for cursor in page.next.iter().chain(page.children.iter().map(|child| &child.next)) {
                assert!(cursor.text().starts_with("/services/data/v"));
            }
            assert!(page.children.iter().all(|child| child.record_index < page.count));
        }
        Err(error) => {
            check_error(error, &[ACCESS_TOKEN]);
            assert_eq!(error.kind, ErrorKind::InvalidResponse);
        }
    }
    if is_whole(body) {
        assert!(result.is_ok(), "{result:?}");
    }
}

/// A page that is beyond doubt: the three members once each, and as many flat records as it says.
fn is_whole(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    let once = |name: &str| text.matches(&format!("\"{name}\"")).count() == 1;
    let Ok(Value::Object(page)) = serde_json::from_str(text) else { return false };
    let Some(records) = page.get("records").and_then(Value::as_array) else { return false };
    let flat =
        |record: &Value| record.as_object().is_some_and(|record| record.values().all(|value| !value.is_object()));
    page.len() == 3
        && ["totalSize", "done", "records"].into_iter().all(once)
        && !text.contains('\\')
        && page.get("done") == Some(&Value::Bool(true))
        && page
            .get("totalSize")
            .is_some_and(|total| ["-1".to_owned(), records.len().to_string()].contains(&total.to_string()))
        && records.iter().all(flat)
}
