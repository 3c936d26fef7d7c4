//! The exports that read changes and search, and what a deed changes of their results.

use crate::answer::Answer;
use crate::deeds::act;
use crate::exports::Connector;
use crate::shell::{Shell, on};
use crate::world::exports::workflow::salesforce::{changes, search, types};
use types::{ApiUsage, CallOptions, Connection, Error};

impl changes::Guest for Shell {
    fn updated_records(
        connection: Connection,
        object: String,
        start: String,
        end: String,
        options: CallOptions,
    ) -> Result<changes::UpdatedIds, Error> {
        act(&on("updated-records", &connection, &start), || {
            Connector::updated_records(connection.clone(), object, start.clone(), end, options)
        })
    }

    fn deleted_records(
        connection: Connection,
        object: String,
        start: String,
        end: String,
        options: CallOptions,
    ) -> Result<changes::DeletedIds, Error> {
        act(&on("deleted-records", &connection, &start), || {
            Connector::deleted_records(connection.clone(), object, start.clone(), end, options)
        })
    }

    fn changed_records(
        connection: Connection,
        object: String,
        request: changes::ChangesRequest,
        options: CallOptions,
    ) -> Result<changes::Changed, Error> {
        act(&on("changed-records", &connection, &object), || {
            Connector::changed_records(connection.clone(), object.clone(), request, options)
        })
    }
}

impl search::Guest for Shell {
    fn search(
        connection: Connection,
        text: String,
        request: search::SearchRequest,
        options: CallOptions,
    ) -> Result<search::Found, Error> {
        act(&on("search", &connection, &text), || Connector::search(connection.clone(), text.clone(), request, options))
    }

    fn sosl_search(
        connection: Connection,
        sosl: String,
        parameters: Vec<search::Parameter>,
        options: CallOptions,
    ) -> Result<search::Found, Error> {
        act(&on("sosl-search", &connection, &sosl), || {
            Connector::sosl_search(connection.clone(), sosl.clone(), parameters, options)
        })
    }
}

/// Of a result with this JSON.
macro_rules! answer {
    ($type:path, $json:ident) => {
        impl Answer for $type {
            fn saying(honest: Option<Self>, text: String) -> Option<Self> {
                honest.map(|honest| Self { $json: text, ..honest })
            }

            fn hiding(self, text: String) -> Self {
                Self { $json: self.$json.replacen('[', &format!("[{{\"Hidden\":\"{text}\"}},"), 1), ..self }
            }

            fn claiming(self, usage: ApiUsage) -> Self {
                Self { usage: Some(usage), ..self }
            }
        }
    };
}

answer!(changes::UpdatedIds, ids);
answer!(changes::DeletedIds, records);
answer!(changes::Changed, records);
answer!(search::Found, records);
