//! The console: pages for people, rendered here, with a little script and nothing from elsewhere.

mod page;

use axum::Router;

pub(super) use page::{cookie_value, plain_page};

use super::app::App;

pub(super) fn router() -> Router<App> {
    Router::new()
}
