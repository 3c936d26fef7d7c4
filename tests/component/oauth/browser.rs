//! A user's browser, as far as the login and consent pages need one: forms, cookies, redirects to follow by hand.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use mock_salesforce::{DEMO_PASSWORD, MockSalesforce};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::task::spawn_blocking;

use crate::fixture::USERNAME;

/// What a server answered.
struct Answer {
    head: String,
    page: String,
}

/// Logs in at an authorization URL, decides (`allow` or `deny`), and answers the query of the callback.
pub(crate) async fn authorize(mock: &MockSalesforce, url: &str, decision: &'static str) -> String {
    let address = mock.address();
    let target = url.strip_prefix(mock.url()).unwrap().to_owned();
    spawn_blocking(move || decide(address, &target, decision)).await.unwrap()
}

fn decide(address: SocketAddr, target: &str, decision: &str) -> String {
    let login = request(address, "GET", target, "", &[]);
    let credentials = [("source", login.hidden("source")), ("username", USERNAME), ("password", DEMO_PASSWORD)];
    let logged_in = request(address, "POST", login.action(), "", &credentials);
    let session = logged_in.header("set-cookie", "sid=").split(';').next().unwrap();
    let consent = request(address, "GET", logged_in.header("location", ""), session, &[]);
    let choice = [("source", consent.hidden("source")), ("decision", decision)];
    let decided = request(address, "POST", consent.action(), session, &choice);
    decided.header("location", "").split_once('?').unwrap().1.to_owned()
}

/// HTTP/1.0: the server closes the connection after its answer.
fn request(address: SocketAddr, method: &str, target: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<String> = form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let body = pairs.join("&");
    let head = format!(
        "{method} {target} HTTP/1.0\r\ncookie: {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all((head + &body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, page) = answer.split_once("\r\n\r\n").unwrap();
    Answer { head: head.to_owned(), page: page.to_owned() }
}

impl Answer {
    /// The value of a header that begins like this.
    fn header(&self, name: &str, begins: &str) -> &str {
        let mut values = self.head.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        values.find(|value| value.starts_with(begins)).unwrap_or_else(|| panic!("no {name} in {}", self.head))
    }

    /// Where the page's form goes.
    fn action(&self) -> &str {
        self.between("action=\"", "\"")
    }

    /// The value of a hidden field.
    fn hidden(&self, name: &str) -> &str {
        self.between(&format!("name=\"{name}\" value=\""), "\"")
    }

    fn between(&self, before: &str, after: &str) -> &str {
        let found = self.page.split_once(before).and_then(|(_, rest)| rest.split_once(after));
        found.unwrap_or_else(|| panic!("no {before} in {}\n{}", self.head, self.page)).0
    }
}
