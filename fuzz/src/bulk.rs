//! The host's rule for pieces, without the crate that it stands in: that one brings along all of wasmtime.

#[path = "../../host-harness/actions/src/bulk/filling.rs"]
mod filling;
#[path = "../../host-harness/actions/src/bulk/pieces.rs"]
mod pieces;

pub use filling::{PIECE_BYTES, Piece, RESULT_BYTES, Room};
pub use pieces::{Pieces, Wrong};
