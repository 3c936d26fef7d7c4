//! Style sheet, script and icon: inside of the program, and named by what is in them, so that browsers may keep them.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::RawQuery;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::app::App;
use crate::random;

/// A file of the console.
pub(super) struct Asset {
    path: &'static str,
    content_type: &'static str,
    text: &'static str,
    version: LazyLock<String>,
}

macro_rules! asset {
    ($path:literal, $content_type:literal, $text:expr) => {
        Asset { path: $path, content_type: $content_type, text: $text, version: LazyLock::new(|| version($text)) }
    };
}

pub(super) static STYLE: Asset = asset!("/console/style.css", "text/css; charset=utf-8", include_str!("style.css"));
pub(super) static SCRIPT: Asset =
    asset!("/console/console.js", "text/javascript; charset=utf-8", include_str!("console.js"));
pub(super) static TIMES: Asset =
    asset!("/console/times.js", "text/javascript; charset=utf-8", include_str!("times.js"));
pub(super) static LOGIN_HOST: Asset =
    asset!("/console/login_host.js", "text/javascript; charset=utf-8", include_str!("login_host.js"));
pub(super) static PLAYGROUND_STYLE: Asset =
    asset!("/console/playground.css", "text/css; charset=utf-8", include_str!("playground/playground.css"));
pub(super) static PLAYGROUND_SCRIPT: Asset =
    asset!("/console/playground.js", "text/javascript; charset=utf-8", include_str!("playground/playground.js"));
pub(super) static ICON: Asset = asset!("/console/icon.svg", "image/svg+xml", include_str!("icon.svg"));

pub(super) fn router() -> Router<App> {
    [&STYLE, &SCRIPT, &TIMES, &LOGIN_HOST, &PLAYGROUND_STYLE, &PLAYGROUND_SCRIPT, &ICON]
        .into_iter()
        .fold(Router::new(), |router, asset| router.merge(asset.router()))
}

impl Asset {
    /// Where pages find it.
    pub(super) fn url(&self) -> String {
        format!("{}?v={}", self.path, *self.version)
    }

    /// Serves it.
    pub(super) fn router(&'static self) -> Router<App> {
        Router::new().route(self.path, get(async move |RawQuery(query): RawQuery| self.answer(query.as_deref())))
    }

    fn answer(&self, query: Option<&str>) -> impl IntoResponse + use<> {
        let is_named = query.and_then(|query| query.strip_prefix("v=")) == Some(&**self.version);
        let caching = if is_named { "public, max-age=31536000, immutable" } else { "no-cache" };
        let headers = [
            (header::CONTENT_TYPE, self.content_type),
            (header::CACHE_CONTROL, caching),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (headers, self.text)
    }
}

fn version(text: &str) -> String {
    random::hash(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
