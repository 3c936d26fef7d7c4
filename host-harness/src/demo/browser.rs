//! A browser without a window: follows redirects, keeps cookies, fills in forms. Enough for OAuth pages over plain http
//! on one host; not a browser for anything else.

use bytes::Bytes;
use html5gum::{Token, Tokenizer};
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// More redirects in a row than any login has.
const MOST_REDIRECTS: usize = 10;

/// A user's browser.
pub(crate) struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    origin: String,
    cookies: Vec<(String, String)>,
    trail: Vec<String>,
}

/// Where a navigation ended.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// At a page.
    Page(Page),
    /// At an address of another site, which is not visited: the callback, query and all.
    Elsewhere(String),
}

/// A page's first form.
#[derive(Debug, Default)]
pub(crate) struct Page {
    action: String,
    fields: Vec<(String, String)>,
    buttons: Vec<(String, String, String)>,
}

impl Browser {
    /// A browser for one origin, e.g. `http://127.0.0.1:8080`.
    pub(crate) fn new(origin: &str) -> Browser {
        Browser {
            client: Client::builder(TokioExecutor::new()).build_http(),
            origin: origin.to_owned(),
            cookies: Vec::new(),
            trail: Vec::new(),
        }
    }

    /// Each request so far, with its status and without queries.
    pub(crate) fn trail(&self) -> &[String] {
        &self.trail
    }

    /// Goes to an address of the origin, and on where redirects lead.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(crate) async fn open(&mut self, url: &str) -> Result<Arrival, String> {
        self.navigate(Method::GET, url.to_owned(), String::new()).await
    }

    /// Sends a page's form, with these values filled in, by the button with this Id.
    ///
    /// # Errors
    /// The page has no such field or button, or what went wrong on the way.
    pub(crate) async fn submit(
        &mut self,
        page: &Page,
        values: &[(&str, &str)],
        button: &str,
    ) -> Result<Arrival, String> {
        let mut fields = page.fields.clone();
        for (name, value) in values {
            let field = fields.iter_mut().find(|(field, _)| field == name);
            field.ok_or_else(|| format!("the form has no field {name}"))?.1 = (*value).to_owned();
        }
        let (_, name, value) = page
            .buttons
            .iter()
            .find(|(id, ..)| id == button)
            .ok_or_else(|| format!("the form has no button {button}"))?;
        if !name.is_empty() {
            fields.push((name.clone(), value.clone()));
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.navigate(Method::POST, page.action.clone(), body).await
    }

    async fn navigate(&mut self, mut method: Method, mut target: String, mut body: String) -> Result<Arrival, String> {
        for _ in 0..MOST_REDIRECTS {
            let url = if target.starts_with('/') { format!("{}{target}", self.origin) } else { target };
            let Some(path) = url.strip_prefix(&self.origin).filter(|path| path.starts_with('/')) else {
                return Ok(Arrival::Elsewhere(url));
            };
            let (status, location, html) = self.request(&method, &url, body).await?;
            let shown = path.split('?').next().unwrap_or_default();
            self.trail.push(format!("{method} {shown}  {}", status.as_u16()));
            match location {
                Some(location) if status.is_redirection() => target = location,
                _ if status == StatusCode::OK => return Ok(Arrival::Page(Page::read(&html))),
                _ => return Err(format!("expected a page or a redirect, got HTTP {status}")),
            }
            (method, body) = (Method::GET, String::new());
        }
        Err(format!("more than {MOST_REDIRECTS} redirects in a row"))
    }

    async fn request(
        &mut self,
        method: &Method,
        url: &str,
        body: String,
    ) -> Result<(StatusCode, Option<String>, String), String> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(url);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(Full::from(body)).map_err(|error| error.to_string())?;
        let response = self.client.request(request).await.map_err(|error| error.to_string())?;
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.retain(|(kept, _)| kept != name.trim());
                self.cookies.push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        let status = response.status();
        let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let location = location.map(str::to_owned);
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok((status, location, String::from_utf8_lossy(&body).into_owned()))
    }
}

impl Page {
    fn read(html: &str) -> Page {
        let mut page = Page::default();
        for Ok(token) in Tokenizer::new(html) {
            let Token::StartTag(tag) = token else { continue };
            let attribute = |name: &[u8]| {
                let value = tag.attributes.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
                value.unwrap_or_default()
            };
            match tag.name.as_slice() {
                b"form" if page.action.is_empty() => page.action = attribute(b"action"),
                b"input" => page.fields.push((attribute(b"name"), attribute(b"value"))),
                b"button" => page.buttons.push((attribute(b"id"), attribute(b"name"), attribute(b"value"))),
                _ => {}
            }
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_character_references() {
        let page = Page::read(
            r#"<form action="/login?a=1&amp;b=2"><input name=source value="x&quot;y"><input type=text name=user>
            <button id=go name=decision value=allow>Go</button></form>"#,
        );
        assert_eq!(page.action, "/login?a=1&b=2");
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(page.fields, [field("source", "x\"y"), field("user", "")]);
        assert_eq!(page.buttons, [("go".to_owned(), "decision".to_owned(), "allow".to_owned())]);
    }
}
