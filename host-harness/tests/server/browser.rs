//! A browser at the connection URL: it keeps the server's cookies and follows nothing by itself.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;

use crate::client::{Client, Reply};

pub(crate) struct Browser {
    client: Client,
    /// Values by their names.
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(url: &str) -> Browser {
        Browser { client: Client::new(url, None), cookies: BTreeMap::new() }
    }

    /// The URL of an authorization, up to Salesforce's page: its URL.
    pub(crate) async fn begin(&mut self, url: &str) -> String {
        let reply = self.get(url).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        reply.header("location").unwrap().to_owned()
    }

    pub(crate) async fn get(&mut self, url: &str) -> Reply {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = (!cookies.is_empty()).then(|| cookies.join("; "));
        let header = cookies.as_deref().map(|cookies| ("cookie", cookies));
        let reply = self.client.send(Method::GET, url, header.as_slice(), Bytes::new()).await;
        for set in reply.headers.get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.plant(name, value);
        }
        reply
    }

    /// Somebody else sets a cookie.
    pub(crate) fn plant(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }
}
