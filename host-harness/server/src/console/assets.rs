//! Style sheet, script and icon: inside of the program, and named by what is in them, so that browsers may keep them.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
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
    ($path:expr, $content_type:literal, $text:expr) => {
        $crate::console::assets::Asset::new($path, $content_type, $text, || $crate::console::assets::version($text))
    };
}
pub(super) use asset;

pub(super) static STYLE: Asset = asset!("/console/style.css", "text/css; charset=utf-8", include_str!("style.css"));
pub(super) static SCRIPT: Asset =
    asset!("/console/console.js", "text/javascript; charset=utf-8", include_str!("console.js"));
pub(super) static TIMES: Asset =
    asset!("/console/times.js", "text/javascript; charset=utf-8", include_str!("times.js"));
pub(super) static LOGIN_HOST: Asset =
    asset!("/console/login_host.js", "text/javascript; charset=utf-8", include_str!("login_host.js"));
pub(super) static ICON: Asset = asset!("/console/icon.svg", "image/svg+xml", include_str!("icon.svg"));

pub(super) fn router() -> Router<App> {
    [&STYLE, &SCRIPT, &TIMES, &LOGIN_HOST, &ICON]
        .into_iter()
        .fold(Router::new(), |router, asset| router.merge(asset.router()))
}

impl Asset {
    pub(super) const fn new(
        path: &'static str,
        content_type: &'static str,
        text: &'static str,
        version: fn() -> String,
    ) -> Asset {
        Asset { path, content_type, text, version: LazyLock::new(version) }
    }

    /// Where pages find it.
    pub(super) fn url(&self) -> String {
        format!("{}?v={}", self.path, *self.version)
    }

    /// Serves it.
    pub(super) fn router(&'static self) -> Router<App> {
        let answer = async move |headers: HeaderMap, RawQuery(query): RawQuery| self.answer(&headers, query.as_deref());
        Router::new().route(self.path, get(answer))
    }

    /// A module that imports another knows no version of it: browsers ask whether theirs is still the one.
    fn answer(&self, asked: &HeaderMap, query: Option<&str>) -> Response {
        let is_named = query.and_then(|query| query.strip_prefix("v=")) == Some(&**self.version);
        let caching = if is_named { "public, max-age=31536000, immutable" } else { "no-cache" };
        let tag = format!("\"{}\"", *self.version);
        let is_known = asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
        let headers = [
            (header::CONTENT_TYPE, self.content_type),
            (header::CACHE_CONTROL, caching),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        let tag = [(header::ETAG, tag)];
        if is_known {
            (StatusCode::NOT_MODIFIED, headers, tag).into_response()
        } else {
            (headers, tag, self.text).into_response()
        }
    }
}

pub(super) fn version(text: &str) -> String {
    random::hash(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
