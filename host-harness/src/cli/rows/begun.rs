//! Of which load a state is: that of another is not gone on with.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::failure::Failure;
use super::super::kept::Kept;

/// A load, as its state knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Begun<O> {
    pub(crate) operation: O,
    /// Which org.
    pub(crate) org: String,
    /// SHA-256 of the input.
    pub(crate) input: String,
}

/// What a load has come to, as a file keeps it.
pub(crate) trait Stored: DeserializeOwned {
    /// What is done with the rows, on what.
    type Operation: PartialEq;

    /// Of this form of file.
    const VERSION: u8;

    fn version(&self) -> u8;

    fn load(&self) -> &Begun<Self::Operation>;

    /// Rows of which it is told what became of them.
    fn done(&self) -> u64;
}

/// The state of this load, if it was begun; none: it begins.
///
/// # Errors
/// What the file says is nothing, or it is of another load.
pub(crate) fn stored<S: Stored>(kept: &Kept, load: &Begun<S::Operation>) -> Result<Option<S>, Failure> {
    let Some(text) = kept.read()? else { return Ok(None) };
    let state: S = serde_json::from_str(&text).map_err(|error| kept.wrong(&error))?;
    let other = match state.load() {
        _ if state.version() != S::VERSION => "a state that this version writes",
        begun if begun == load => return Ok(Some(state)),
        begun if begun.input != load.input => "the state of this input, but it is of another, or the input has changed",
        begun if begun.org != load.org => "the state of a load into this org, but it is of one into another",
        _ => "the state of this command, but it is of another operation, object or external Id",
    };
    let done = match state.done() {
        0 => String::new(),
        1 => "; 1 row of that load is done, and would be sent once more".to_owned(),
        more => format!("; {more} rows of that load are done, and would be sent once more"),
    };
    Err(kept.wrong(&format_args!("expected {other}{done}")))
}
