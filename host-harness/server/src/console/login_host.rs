//! For the script beside the field of a login host: which address will be used for what is typed. Nothing is sent to Salesforce.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::queried::Queried;
use super::session::Session;
use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new().route("/console/connections/new/login-host", get(read))
}

#[derive(Deserialize)]
struct Typed {
    typed: String,
}

#[derive(Serialize)]
struct Told {
    words: String,
    /// Whether it would be refused, or is not Salesforce's.
    is_warning: bool,
}

async fn read(State(app): State<App>, _: Session, Queried(Typed { typed }): Queried<Typed>) -> Json<Told> {
    let (words, is_warning) = match app.connections.read_login(&typed) {
        Ok(url) => match app.connections.foreign_login(&url.to_string()) {
            Some(warning) => (format!("{url} will be used. {warning}"), true),
            None => (format!("{url} will be used."), false),
        },
        Err(refused) => (refused, true),
    };
    Json(Told { words, is_warning })
}
