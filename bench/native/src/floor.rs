//! hyper alone: sends the request, collects the bytes of the answer, looks at none of them.

use std::fs;

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use memchr::memmem;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use peer::{ALL, Org, Work, new_account, one_page};

/// The floor.
pub(crate) struct Client {
    org: Org,
    authorization: HeaderValue,
    client: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Client {
    /// Without `pooled`, every request opens a connection; TLS sessions are resumed then, as rustls does by default.
    pub(crate) fn new(org: Org, pooled: bool) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        if let Some(ca) = &org.ca {
            let pem = fs::read(ca).with_context(|| format!("could not read {}", ca.display()))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                roots.add(certificate?)?;
            }
        }
        let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        let mut client = legacy::Client::builder(TokioExecutor::new());
        client.pool_timer(TokioTimer::new());
        if !pooled {
            client.pool_max_idle_per_host(0);
        }
        let authorization = HeaderValue::from_str(&format!("Bearer {}", org.token))?;
        Ok(Self { authorization, client: client.build(connector.wrap_connector(tcp)), org })
    }

    /// Does the work once.
    pub(crate) async fn once(&self, work: Work) -> Result<()> {
        match work {
            Work::Create => self.create().await,
            Work::GetFields => self.get_fields().await,
            Work::Page => self.page().await,
            Work::Pages => self.pages().await,
            Work::Version => Ok(()),
        }
    }

    async fn create(&self) -> Result<()> {
        let body = serde_json::to_vec(&new_account())?;
        let answer = self.send(Method::POST, &self.org.accounts(), body.into()).await?;
        ensure!(!answer.is_empty(), "the answer to a create is empty");
        Ok(())
    }

    async fn get_fields(&self) -> Result<()> {
        let answer = self.get(&self.org.account()).await?;
        ensure!(!answer.is_empty(), "the record is empty");
        Ok(())
    }

    async fn page(&self) -> Result<()> {
        let page = self.get(&self.first_page(&one_page())).await?;
        ensure!(!page.is_empty(), "the page is empty");
        Ok(())
    }

    /// Reads page after page. Here it has to look for where the next one is.
    async fn pages(&self) -> Result<()> {
        let mut page = self.get(&self.first_page(ALL)).await?;
        while let Some(next) = next(&page) {
            page = self.get(&format!("{}{}", self.org.url, next?)).await?;
        }
        ensure!(memmem::find(&page, b"\"done\":true").is_some(), "the last page does not say that it is the last");
        Ok(())
    }

    fn first_page(&self, soql: &str) -> String {
        format!("{}?q={}", self.org.query(), utf8_percent_encode(soql, NON_ALPHANUMERIC))
    }

    async fn get(&self, url: &str) -> Result<Bytes> {
        self.send(Method::GET, url, Bytes::new()).await
    }

    async fn send(&self, method: Method, url: &str, body: Bytes) -> Result<Bytes> {
        let mut request = Request::builder().method(method).uri(url).header(AUTHORIZATION, &self.authorization);
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let answer = self.client.request(request.body(Full::new(body))?).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(status.is_success(), "{url} answered {status}");
        Ok(body)
    }
}

/// Where the next page is.
fn next(page: &[u8]) -> Option<Result<&str>> {
    let (_, value) = split(page, b"\"nextRecordsUrl\":\"")?;
    let (path, _) = split(value, b"\"")?;
    Some(std::str::from_utf8(path).context("nextRecordsUrl is not text"))
}

fn split<'a>(text: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = memmem::find(text, at)?;
    Some((text.get(..start)?, text.get(start + at.len()..)?))
}
