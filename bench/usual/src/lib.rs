//! The connector once more, as it is usually written: WASI's own target with the standard library, waki's HTTP client,
//! every answer a `serde_json::Value`. All functions of its interfaces do what they are for. What the WIT promises beyond that is
//! not here: of a call's limits there is only what waki offers, a connect timeout; nothing is ever sent again; numbers are
//! floating-point numbers; addresses are taken as they come.

mod oauth;
mod records;
mod rest;
mod soql;

mod world {
    wit_bindgen::generate!({
        path: "../../wit",
        // Of the connector's interfaces those that are measured.
        inline: "
            package workflow:usual;
            world connector {
                export workflow:salesforce/types@0.2.1;
                export workflow:salesforce/oauth@0.2.1;
                export workflow:salesforce/soql@0.2.1;
                export workflow:salesforce/records@0.2.1;
            }
        ",
        world: "workflow:usual/connector",
        generate_all,
    });

    use crate::Connector;

    export!(Connector);
}

use world::exports::workflow::salesforce::{oauth as oauth_wit, records as records_wit, soql as soql_wit, types};

struct Connector;
