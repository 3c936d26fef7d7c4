//! The bytes of files and of other blob fields: downloading them, uploading a file, and linking it to a record.

mod arrival;
mod download;
mod link;
mod multipart;
mod range;
mod upload;
mod uploading;

pub use arrival::{Arrival, Downloaded};
pub use download::{Blob, download};
pub use link::{Link, ShareType, Visibility, link};
pub use range::ByteRange;
pub use upload::{NewFile, Target, upload};
pub use uploading::Uploading;
