//! Who takes part in what, what each does that its name does not say, and what sets one of its executions apart from another.

use super::figures::Figures;
use super::tables::texts;

/// Contestants of the calls over plain HTTP.
pub(crate) const CALLS: [&str; 11] = [
    "ours",
    "ours-hosted",
    "ours-default-send",
    "usual",
    "javascript",
    "extism",
    "isolated-vm",
    "process-per-call",
    "hyper",
    "reqwest",
    "jsforce",
];
/// Contestants over HTTPS.
pub(crate) const TLS: [&str; 5] = ["ours", "ours-unpooled", "hyper", "hyper-unpooled", "simple-salesforce"];
/// Components.
pub(crate) const COMPONENTS: [&str; 4] = ["ours", "ours-hosted", "usual", "javascript"];
/// Contestants in bulk.
pub(crate) const BULK: [&str; 3] = ["ours", "jsforce", "simple-salesforce"];

/// A contestant.
struct Contestant {
    name: &'static str,
    what: &'static str,
    isolation: Isolation,
}

/// What an execution shares with others, and what it can reach.
#[derive(Clone, Copy)]
struct Isolation {
    /// Who keeps executions apart.
    by: &'static str,
    memory: &'static str,
    tokens: &'static str,
    network: &'static str,
    system: &'static str,
    bounds: &'static str,
}

/// A component in our host.
const COMPONENT: Isolation = Isolation {
    by: "wasmtime",
    memory: "a new instance for each call: memory, globals, tables",
    tokens: "of its call",
    network: "HTTP to the org's origin; the host sends it",
    system: "nothing",
    bounds: "64 MiB, 90 s, size of answer and result",
};

/// A program that does all calls in one process.
const NONE: Isolation = Isolation {
    by: "nothing",
    memory: "all calls share all of it",
    tokens: "of all calls",
    network: "whatever the process may reach",
    system: "all that the user may: files, environment, processes",
    bounds: "none",
};

/// In the order of the tables.
const CONTESTANTS: [Contestant; 15] = [
    Contestant { name: "ours", what: "this connector in its host, which keeps connections", isolation: COMPONENT },
    Contestant {
        name: "ours-hosted",
        what: "the same core as `harness` and its server run it: a request is one call of this host in place of WASI HTTP's forty",
        isolation: COMPONENT,
    },
    Contestant { name: "ours-unpooled", what: "`ours`, a new connection for every request", isolation: COMPONENT },
    Contestant {
        name: "ours-streams",
        what: "the same core as a component of WASI 0.3: all pages are one stream of one execution, and the next is fetched while the \
               last is read; many pages alone",
        isolation: Isolation {
            memory: "a new instance for each query: memory, globals, tables",
            bounds: "64 MiB, 90 s",
            ..COMPONENT
        },
    },
    Contestant {
        name: "ours-default-send",
        what: "the same component with wasmtime's own way to send requests: a new connection for each",
        isolation: Isolation { network: "HTTP to any host; the host sends it", bounds: "none", ..COMPONENT },
    },
    Contestant {
        name: "usual",
        what: "the same WIT the usual way: wasm32-wasip2, waki's client, `serde_json::Value`; `bench/usual`",
        isolation: COMPONENT,
    },
    Contestant {
        name: "javascript",
        what: "the same WIT in JavaScript, its engine inside the component; `tests/second-implementation`",
        isolation: COMPONENT,
    },
    Contestant {
        name: "extism",
        what: "a plugin of Extism in Rust with `serde_json::Value`, compiled once; Extism opens a connection for each \
               request; `bench/extism`",
        isolation: Isolation {
            by: "wasmtime",
            memory: "a new plugin instance for each call: memory, globals, tables, Extism's kernel",
            tokens: "of its call",
            network: "HTTP to the org's host on any port; Extism sends it",
            system: "nothing",
            bounds: "64 MiB, 90 s, size of answer",
        },
    },
    Contestant {
        name: "isolated-vm",
        what: "jsforce's requests in an isolate of V8, its code compiled once; the process around it sends them with \
               `fetch`, which keeps connections; `bench/node/isolate_per_call.mjs`",
        isolation: Isolation {
            by: "V8, in the host's process",
            memory: "a new isolate and context for each call: heap and globals",
            tokens: "of its call",
            network: "one function of the host: HTTP to the org's origin",
            system: "nothing of Node.js, not even timers",
            bounds: "64 MB of heap, 90 s of computing",
        },
    },
    Contestant {
        name: "process-per-call",
        what: "jsforce in a new process of Node.js; call and result go through pipes; `bench/node/process_per_call.mjs`",
        isolation: Isolation {
            by: "the kernel",
            memory: "a new process for each call",
            tokens: "of its call",
            network: "whatever the process may reach",
            system: "all that the user may: files, processes; no environment",
            bounds: "none",
        },
    },
    Contestant {
        name: "hyper",
        what: "the floor: native, moves the bytes of the answer and looks at none; `bench/native`",
        isolation: NONE,
    },
    Contestant { name: "hyper-unpooled", what: "the same, a new connection for every request", isolation: NONE },
    Contestant {
        name: "reqwest",
        what: "native: reqwest, the answer as `serde_json::Value`, records written as text again; `bench/native`",
        isolation: NONE,
    },
    Contestant {
        name: "jsforce",
        what: "Node.js: the answer as JavaScript objects; `bench/node/jsforce.mjs`",
        isolation: NONE,
    },
    Contestant {
        name: "simple-salesforce",
        what: "Python: the answer as dictionaries; HTTPS is all it speaks; `bench/python/simple_salesforce.py`",
        isolation: NONE,
    },
];

/// Contestants of many pages.
pub(crate) fn pages() -> Vec<&'static str> {
    [&["ours-streams"], CALLS.as_slice()].concat()
}

/// Who took part, and what keeps their executions apart.
pub(crate) fn section(figures: &Figures<'_>) -> String {
    let rows = CONTESTANTS.iter().map(|Contestant { name, what, .. }| {
        let version = figures.version(name).unwrap_or("took no part");
        vec![(*name).to_owned(), (*what).to_owned(), version.to_owned()]
    });
    let apart = CONTESTANTS.iter().map(|Contestant { name, isolation, .. }| {
        let Isolation { by, memory, tokens, network, system, bounds } = isolation;
        [name, by, memory, tokens, network, system, bounds].map(|cell| (*cell).to_owned()).into()
    });
    format!(
        "## Contestants\n\n{}\n\
         ### What sets executions apart\n\n\
         Each call is an execution. What can it see of others, and what can it reach, if its code is hostile or has a bug? \
         Down to `process-per-call`, each makes something new for every call; the rest share one process.\n\n{}",
        texts(&["", "what it is", "made of"], rows.collect()),
        texts(
            &["", "kept apart by", "memory", "tokens it holds", "network", "system", "bounds of a call"],
            apart.collect()
        ),
    )
}
