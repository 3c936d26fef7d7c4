//! The bindings of the world `quotes`.

wit_bindgen::generate!({
    // In a repository of your own: `path: "wit"`, with the connector's WIT in `wit/deps/`.
    path: ["../../../wit", "../wit"],
    world: "acme:quotes/quotes",
    generate_all,
});

use crate::Quotes;

export!(Quotes);
