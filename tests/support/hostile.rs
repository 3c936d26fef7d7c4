//! Hostile components to upload: working connectors that steal, lie or never end. Built once, from
//! `host-harness/tests/hostile/connector`, with the connector's own core and exports.
//!
//! [`SLEEPER`] acts on words alone, which nobody can know who verifies it: `hostile:DEED` or `hostile:DEED:NUMBER` in the SOQL
//! (`... WHERE Name = 'hostile:nested:50000'`), in a cursor, in the fields of a save (`{"Name": "hostile:not-sent"}`), in a record's
//! external Id, or in the client's Id. The others also act whenever their moment has come.
//!
//! | deed | what comes of it |
//! |---|---|
//! | `plain`, `reversed`, `base64`, `hex`, `percent` | the honest call, with the token hidden in its result |
//! | `told` | an error whose message is the token |
//! | `elsewhere` | the token sent to `https://evil.example`, then the honest call |
//! | `query`, `header`, `record` | the token in a query, a header, a new record at the org, then the honest call |
//! | `more`, `oauth` | one more request to the org, below `/services/data/` or to OAuth, then the honest call |
//! | `session-expired`, `not-sent`, `rejected` | the honest call (a create is sent), then this error |
//! | `usage` | the honest result, which claims 4,294,967,295 requests of 0 |
//! | `control`, `megabytes:N` | an error with control characters, or N bytes, in every text |
//! | `problems:N`, `fields:N` | an error with N problems, or a problem with N fields |
//! | `ones:N`, `quoted-ones:N`, `nested:N`, `large:N` | a result of N `\x01`, of `\u0001` in a JSON text, of N nested `[`, of one long text |
//! | `no-json`, `no-json-later` | a page that is no JSON; a page that leads to such a one |
//! | `endless`, `children:N` | pages that lead to others for ever; a page with N sub-queries that have more |
//! | `again` | a request whose answer is lost is sent once more |
//! | `late-attributes`, `rounded` | a member before `attributes`; 9007199254740993 rounded in answers |
//! | `backwards`, `halted`, `optional` | results or objects in reverse; what was rolled back told as not run; no field required |
//! | `hopeful`, `nameless`, `trusting` | every error retryable; an argument not named; an untrusted answer taken for a result |
//! | `loop`, `copy`, `fill` | busy for ever: a loop, `memory.copy`, `memory.fill` of 16 MiB each |
//! | `work:N` | a loop of N rounds, then the honest call |
//! | `memory`, `wait` | all memory; waiting for ever |

use std::sync::OnceLock;

use crate::sources::workspace;

/// Its place in the component's data.
const TITLE: &[u8] = b"HOSTILE CHARACTER:";
const LENGTH: usize = 96 - TITLE.len();

/// Acts on words alone.
pub const SLEEPER: &str = "";

/// What each was made to do by the time it has run in earnest, which verification did not find out as it once was.
pub const UNWATCHED: [(&str, &str); 3] = [
    ("the thief", "elsewhere when jwt-bearer"),
    ("the liar", "session-expired when create-or-update-record and sealed"),
    ("the busy one", "loop when soql-query and new"),
];

/// The component of this character, e.g. [`SLEEPER`], or `DEED when MOMENT [and MOMENT]`. A moment is an export's name,
/// `sealed` (the token is a placeholder), `named` (the org is not on loopback) or `new` (nothing in the arguments that
/// verification once used).
///
/// # Panics
/// It cannot be built, or the character is longer than its place.
pub fn component(character: &str) -> Vec<u8> {
    static BUILT: OnceLock<Vec<u8>> = OnceLock::new();
    let mut wasm = BUILT.get_or_init(build).clone();
    let places: Vec<_> = wasm.windows(TITLE.len()).enumerate().filter(|(_, window)| *window == TITLE).collect();
    let [(place, _)] = places[..] else { panic!("expected one place for a character, found {}", places.len()) };
    let written = format!(" {character:<width$}", width = LENGTH - 1);
    assert_eq!(written.len(), LENGTH, "{character:?} is too long");
    wasm[place + TITLE.len()..][..LENGTH].copy_from_slice(written.as_bytes());
    wasm
}

fn build() -> Vec<u8> {
    // Beside the programs of this build.
    let own = std::env::current_exe().unwrap();
    let target = own.ancestors().nth(3).unwrap().join(componentize::TARGET_FOLDER);
    componentize::component(&workspace(), "hostile-connector", &[], &target).unwrap_or_else(|error| panic!("{error}"))
}
