//! The kinds of attack and mishap that the server survives, and the check that each has tests and no test is of another.

use support::sources::assert_rows_have_tests;

/// Where tests of rows stand: here for what a client sees, in the sources for what only one part can show, and with the
/// components that were made to do harm.
const PLACES: [&str; 1] = ["host-harness"];

/// What can happen, and what becomes of it. The number of a row is its place, from 1: `s01_...`.
const ROWS: [&str; 15] = [
    "an id is not of its form, or names another tenant's: 404, and nothing is touched",
    "the key is rotated at any moment of a refresh, an execution, an upload: nothing encrypted becomes unreadable",
    "the key is missing, wrong, or of another directory: no start, with words, and never a new key over old data",
    "a component returns texts, lists or numbers without measure: bounded before they are copied, cleaned, encrypted",
    "a field of a request is too long or too large: refused, and the OpenAPI document has the bound",
    "the disk is full or read-only: nothing begins that could not be recorded, and what was sent is kept until it is",
    "a tenant's components are busy: another tenant's executions take at most twice as long",
    "clients are slow or half-open: their connections end, others are served",
    "a tenant uses up disk, memory, places or connections: its own quota ends it, and what is refused leaves nothing",
    "a component claims what the host's ledger contradicts: the ledger wins",
    "a component behaves only while it is watched: verification looks as an execution does",
    "an authorization begun at one issuer never sends its code or verifier to another",
    "rate limits bind whatever runs, streams included",
    "the clock jumps: no key is forgotten early, no record of an execution is deleted",
    "the process is killed at any point: no temporary file stays, nothing stays in progress without an owner",
];

#[test]
fn every_row_has_a_test_and_every_test_its_row() {
    assert_rows_have_tests(&ROWS, 's', &PLACES);
}
