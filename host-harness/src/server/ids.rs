//! Names for things in the database: unique, and in the order in which they were made.

use uuid::Uuid;

/// A new name: a UUID of version 7 (RFC 9562), 36 characters.
pub(crate) fn new() -> String {
    Uuid::now_v7().to_string()
}
