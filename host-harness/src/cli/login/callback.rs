//! The callback of the authorization-code flow: one request of the user's browser to loopback.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Mutex;

use axum::Router;
use axum::http::{Uri, header};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Path of the callback, as it is registered in the connected app.
const PATH: &str = "/2017-09-01/integrations/salesforce/sso";

const PAGE: &str = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Salesforce connector</title>
<body style="font-family: system-ui; margin: 4em auto; max-width: 30em">
<h1>Back to the terminal</h1><p>Salesforce has answered. The terminal says what came of it; you can close this window.</p>
"#;

/// A listener for the callback.
#[derive(Debug)]
pub(crate) struct Callback {
    listeners: Vec<TcpListener>,
    port: u16,
}

impl Callback {
    /// Listens on loopback, IPv4 and, where there is one, IPv6: `localhost` may be either in a browser.
    ///
    /// # Errors
    /// The port is in use.
    pub(crate) async fn listen(port: u16) -> io::Result<Callback> {
        let first = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let port = first.local_addr()?.port();
        let mut listeners = vec![first];
        match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await {
            Ok(second) => listeners.push(second),
            // Somebody else's program would get the code.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => {}
        }
        Ok(Callback { listeners, port })
    }

    /// The callback URL.
    pub(crate) fn url(&self) -> String {
        url(self.port)
    }

    /// Waits for the browser, answers it with a small page, and returns the raw query.
    ///
    /// # Errors
    /// The listener broke.
    pub(crate) async fn query(self) -> io::Result<String> {
        let (sender, receiver) = oneshot::channel();
        let sender = std::sync::Arc::new(Mutex::new(Some(sender)));
        let answer = move |uri: Uri| async move {
            // Only the first counts: a code works once.
            let sender = sender.lock().ok().and_then(|mut sender| sender.take());
            if let Some(sender) = sender {
                // The receiver is gone only when the program ends.
                let _ = sender.send(uri.query().unwrap_or_default().to_owned());
            }
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
                (header::CONNECTION, "close"),
                (header::REFERRER_POLICY, "no-referrer"),
            ];
            (headers, PAGE)
        };
        let router = Router::new().route(PATH, get(answer));
        let (stop, _) = tokio::sync::watch::channel(());
        let mut servers = tokio::task::JoinSet::new();
        for listener in self.listeners {
            let mut stopped = stop.subscribe();
            let server = axum::serve(listener, router.clone());
            let stopped = async move {
                // An error means that `stop` is gone, which is the same.
                let _ = stopped.changed().await;
            };
            servers.spawn(async move { server.with_graceful_shutdown(stopped).await });
        }
        let query = receiver.await.map_err(io::Error::other)?;
        drop(stop);
        // The page is on its way: the browser must have it before the program can end.
        while servers.join_next().await.is_some() {}
        Ok(query)
    }
}

/// The callback URL on a port.
pub(super) fn url(port: u16) -> String {
    format!("http://localhost:{port}{PATH}")
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn request(port: u16, target: &str) -> String {
        let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn the_first_callback_gives_its_raw_query_and_gets_a_page() {
        let callback = Callback::listen(0).await.unwrap();
        let port = callback.port;
        assert_eq!(callback.url(), format!("http://localhost:{port}/2017-09-01/integrations/salesforce/sso"));
        let query = tokio::spawn(callback.query());
        assert!(request(port, "/favicon.ico").await.starts_with("HTTP/1.1 404"));
        let page = request(port, &format!("{PATH}?code=a%2Bb&state=x")).await;
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("Back to the terminal"), "{page}");
        assert_eq!(query.await.unwrap().unwrap(), "code=a%2Bb&state=x");
    }
}
