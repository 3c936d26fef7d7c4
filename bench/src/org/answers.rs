//! Every answer of the organisation, made at start: head and body in one piece, so that an answer is one write.

use std::collections::HashMap;

use bytes::Bytes;
use jiff::Timestamp;

use super::accounts;

/// Records of a page, Salesforce's own number.
pub(crate) const PAGE: usize = 2_000;
/// Pages of a query without a limit.
pub(crate) const PAGES: usize = 50;
/// Limits that a query may have.
pub(crate) const LIMITS: [usize; 7] = [1, 10, 100, 200, 500, 1_000, PAGE];

/// The answers.
pub(super) struct Answers {
    created: Bytes,
    record: Bytes,
    limited: HashMap<usize, Bytes>,
    /// All pages of a query without a limit.
    pages: Vec<Bytes>,
    not_found: Bytes,
}

impl Answers {
    pub(super) fn prepare() -> Self {
        let created = format!(r#"{{"id":"{}","success":true,"errors":[]}}"#, accounts::id("001", 1));
        let mut record = String::new();
        accounts::write_row(&mut record, 1);
        let limited = LIMITS.map(|limit| (limit, answer("200 OK", &rows(0, limit, limit))));
        let pages = (0..PAGES).map(|page| answer("200 OK", &rows(page * PAGE, PAGE, PAGES * PAGE)));
        let not_found = r#"[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]"#;
        Self {
            created: answer("201 Created", &created),
            record: answer("200 OK", &record),
            limited: limited.into(),
            pages: pages.collect(),
            not_found: answer("404 Not Found", not_found),
        }
    }

    /// What to answer, by as little of the request as tells it.
    pub(super) fn to(&self, method: &str, target: &str) -> Bytes {
        let path = target.split_once("/services/data/v").map_or("", |(_, path)| path);
        let path = path.split_once('/').map_or("", |(_version, path)| path);
        let found = match method {
            "POST" if path.starts_with("sobjects/") => Some(&self.created),
            "GET" if path.starts_with("sobjects/") => Some(&self.record),
            // simple-salesforce writes `query/?q=`.
            "GET" if path.starts_with("query?") || path.starts_with("query/?") => match limit(path) {
                Some(limit) => self.limited.get(&limit),
                None => self.pages.first(),
            },
            "GET" => locator(path).and_then(|record| self.pages.get(record / PAGE)),
            _ => None,
        };
        found.unwrap_or(&self.not_found).clone()
    }
}

/// The number at the end of `...LIMIT%202000`.
fn limit(query: &str) -> Option<usize> {
    let (_, limit) = query.split_once("LIMIT")?;
    limit.trim_start_matches("%20").trim_start_matches('+').parse().ok()
}

/// The number of the first record behind `query/01g...-2000`.
fn locator(path: &str) -> Option<usize> {
    let (_, record) = path.strip_prefix("query/01g")?.rsplit_once('-')?;
    record.parse().ok()
}

/// Bytes of the body of a page with so many records.
pub(crate) fn page_bytes(records: usize) -> usize {
    rows(0, records, records).len()
}

fn rows(first: usize, count: usize, total: usize) -> String {
    let next = first + count;
    let end = match next < total {
        true => {
            format!(r#""done":false,"nextRecordsUrl":"/services/data/v67.0/query/{}-{next}""#, accounts::id("01g", 7))
        }
        false => r#""done":true"#.to_owned(),
    };
    let mut json = format!(r#"{{"totalSize":{total},{end},"records":["#);
    for number in first..next {
        if number > first {
            json.push(',');
        }
        accounts::write_row(&mut json, number);
    }
    json.push_str("]}");
    json
}

/// The fields of a real answer, but for a length in place of chunks.
fn answer(status: &str, body: &str) -> Bytes {
    let head = format!(
        "HTTP/1.1 {status}\r\n\
         Date: {date}\r\n\
         Set-Cookie: CookieConsentPolicy=0:1; path=/; expires=Wed, 24-Nov-2027 09:30:00 GMT; Max-Age=31536000; secure\r\n\
         Set-Cookie: LSKey-c$CookieConsentPolicy=0:1; path=/; expires=Wed, 24-Nov-2027 09:30:00 GMT; Max-Age=31536000; secure\r\n\
         Set-Cookie: BrowserId=2vE8eq41Ee-0pYVqX0Zm3A; domain=.salesforce.com; path=/; expires=Wed, 24-Nov-2027 09:30:00 GMT; Max-Age=31536000; secure\r\n\
         Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n\
         X-Content-Type-Options: nosniff\r\n\
         Cache-Control: no-cache,must-revalidate,max-age=0,no-store,private\r\n\
         X-Sfdc-Request-Id: 5c1a97d1f0d9c35a4d0ea44d8e2d2a51\r\n\
         Sforce-Limit-Info: api-usage=18/5000\r\n\
         Vary: Accept-Encoding\r\n\
         Content-Type: application/json;charset=UTF-8\r\n\
         Content-Length: {length}\r\n\
         Server: sfdcedge\r\n\r\n",
        date = Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT"),
        length = body.len(),
    );
    Bytes::from(head + body)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn body(answer: &Bytes) -> Value {
        let text = std::str::from_utf8(answer).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())), "{head}");
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn a_page_has_2000_records_of_about_373_bytes() {
        let page = Answers::prepare().to("GET", "/services/data/v67.0/query?q=SELECT+Id+FROM+Account+LIMIT+2000");
        assert!((720_000..770_000).contains(&page.len()), "{}", page.len());
        let page = body(&page);
        assert_eq!(page["records"].as_array().unwrap().len(), 2_000);
        assert_eq!((&page["totalSize"], &page["done"]), (&2_000.into(), &true.into()));
        let mut ids: Vec<_> =
            page["records"].as_array().unwrap().iter().map(|row| row["Id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 2_000);
    }

    #[test]
    fn a_query_without_a_limit_leads_through_100000_records() {
        let answers = Answers::prepare();
        let mut target = "/services/data/v67.0/query?q=SELECT%20Id%20FROM%20Account".to_owned();
        let mut records = 0;
        for page in 1..=PAGES {
            let answer = body(&answers.to("GET", &target));
            records += answer["records"].as_array().unwrap().len();
            assert_eq!(answer["totalSize"], 100_000);
            assert_eq!(answer["done"], page == PAGES);
            target = answer["nextRecordsUrl"].as_str().unwrap_or_default().to_owned();
        }
        assert_eq!((records, target.as_str()), (100_000, ""));
    }

    #[test]
    fn every_limit_is_found_however_its_space_is_written() {
        let answers = Answers::prepare();
        for limit in LIMITS {
            for (query, space) in [("query", "+"), ("query", "%20"), ("query/", "+")] {
                let soql = format!("SELECT{space}Id{space}FROM{space}Account{space}LIMIT{space}{limit}");
                let target = format!("/services/data/v67.0/{query}?q={soql}");
                assert_eq!(body(&answers.to("GET", &target))["records"].as_array().unwrap().len(), limit);
            }
        }
    }

    #[test]
    fn records_are_created_and_read_and_everything_else_is_not_found() {
        let answers = Answers::prepare();
        let created = body(&answers.to("POST", "/services/data/v59.0/sobjects/Account"));
        assert_eq!((&created["success"], created["id"].as_str().unwrap().len()), (&true.into(), 18));
        let record =
            body(&answers.to("GET", "/services/data/v67.0/sobjects/Account/001Kp0000000001IAA?fields=Id,Name"));
        assert_eq!(record["attributes"]["type"], "Account");
        for (method, target) in [
            ("GET", "/"),
            ("DELETE", "/services/data/v67.0/sobjects/Account/1"),
            ("GET", "/services/data/v67.0/query/01g-x"),
        ] {
            assert!(answers.to(method, target).starts_with(b"HTTP/1.1 404 "), "{method} {target}");
        }
    }
}
