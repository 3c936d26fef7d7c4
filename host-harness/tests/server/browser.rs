//! A browser at the connection URL: it keeps the server's cookie and follows nothing by itself.

use bytes::Bytes;
use http::Method;

use crate::client::{Client, Reply};

pub(crate) struct Browser {
    client: Client,
    cookie: Option<String>,
}

impl Browser {
    pub(crate) fn new(url: &str) -> Browser {
        Browser { client: Client::new(url, None), cookie: None }
    }

    /// The URL of an authorization, up to Salesforce's page: its URL.
    pub(crate) async fn begin(&mut self, url: &str) -> String {
        let reply = self.get(url).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        reply.header("location").unwrap().to_owned()
    }

    pub(crate) async fn get(&mut self, url: &str) -> Reply {
        let cookie = self.cookie.as_deref().map(|cookie| ("cookie", cookie));
        let reply = self.client.send(Method::GET, url, cookie.as_slice(), Bytes::new()).await;
        if let Some(set) = reply.header("set-cookie") {
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        reply
    }
}
