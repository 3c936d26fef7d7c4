//! Jobs of the connector's interface `bulk`, for programs that run them to their end: what is asked about a job and what is
//! told of it ([`Request`]), data cut into pieces of a job each ([`Pieces`], [`Filling`]), pages of a good size ([`PageSize`]), and
//! whether they are whole ([`Expected`]).
//!
//! What a lost answer means, and how far a job has come, is the business of whoever runs them.

mod expected;
mod filling;
mod job;
mod operation;
mod page;
mod pieces;
mod request;

pub use expected::{Expected, Mismatch, loaded};
pub use filling::{Filling, PIECE_BYTES, Piece, RESULT_BYTES, Room, csv_line};
pub use job::{IngestResult, Job, JobKind, JobState};
pub use operation::{Operation, OperationKind, WrongExternalId};
pub use page::{PAGE_BYTES, Page, PageSize, is_too_large};
pub use pieces::{Pieces, Wrong};
pub use request::{CREATE_INGEST, CREATE_QUERY, Request, new_ingest_job, new_query_job};
