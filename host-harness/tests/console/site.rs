//! A site on loopback for as long as its test runs.

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server of some pages.
#[derive(Debug)]
pub(crate) struct Site {
    origin: String,
    server: JoinHandle<()>,
}

impl Site {
    /// Serves these pages on a port that is free.
    pub(crate) async fn start(router: Router) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Site { origin, server }
    }

    /// The address of a page.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}
