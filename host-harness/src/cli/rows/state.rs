//! How far a load has come, as a file keeps it. That of another load is not gone on with.

use salesforce_actions::table::Tally;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::failure::Failure;
use super::super::kept::Kept;

/// Of this form of file.
const VERSION: u8 = 2;

/// How far a load has come: `O` is what it does, `W` what of it is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State<O, W> {
    version: u8,
    load: Begun<O>,
    /// Rows of which it is told what became of them.
    pub(super) done: u64,
    pub(super) under_way: W,
    pub(super) tally: Tally,
    /// Bytes of each file of results as far as it is good; none: there is no such file.
    pub(super) written: [Option<u64>; 3],
}

/// Which load it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun<O> {
    pub(super) operation: O,
    /// Which org.
    pub(super) org: String,
    /// SHA-256 of the input.
    pub(super) input: String,
}

#[derive(Deserialize)]
struct Version {
    version: u8,
}

impl<O: Serialize + DeserializeOwned + PartialEq, W: Serialize + DeserializeOwned> State<O, W> {
    /// Of a load that begins.
    pub(super) fn new(load: Begun<O>, under_way: W) -> State<O, W> {
        State { version: VERSION, load, done: 0, under_way, tally: Tally::default(), written: [None; 3] }
    }

    /// That of this load, if it was begun; none: it begins.
    ///
    /// # Errors
    /// What the file says is nothing, or it is of another load.
    pub(super) fn stored(kept: &Kept, load: &Begun<O>) -> Result<Option<State<O, W>>, Failure> {
        let Some(text) = kept.read()? else { return Ok(None) };
        let Version { version } = kept.parse(&text)?;
        if version != VERSION {
            let words = "expected a state that this version writes: the one that began the load can end it";
            return Err(kept.wrong(&words));
        }
        let state: State<O, W> = kept.parse(&text)?;
        let other = match &state.load {
            begun if begun == load => return Ok(Some(state)),
            begun if begun.input != load.input => {
                "the state of this input, but it is of another, or the input has changed"
            }
            begun if begun.org != load.org => "the state of a load into this org, but it is of one into another",
            _ => "the state of this command, but it is of another operation, object or external Id",
        };
        let done = match state.done {
            0 => String::new(),
            1 => "; 1 row of that load is done, and would be sent once more".to_owned(),
            more => format!("; {more} rows of that load are done, and would be sent once more"),
        };
        Err(kept.wrong(&format_args!("expected {other}{done}")))
    }

    /// # Errors
    /// `Failure::Local`
    pub(super) fn store(&self, kept: Option<&Kept>) -> Result<(), Failure> {
        let text = serde_json::to_string(self).map_err(|error| Failure::Local(error.to_string()))?;
        kept.map_or(Ok(()), |kept| kept.store(&text))
    }
}
