//! The rows, and the check that each has its test and no test is of another row.

use support::sources::assert_rows_have_tests;

/// Where tests of rows stand: this folder for what the component does, those of the program, its server and its pages for
/// what a host makes of that, the runtime's for what a component cannot do to it.
const PLACES: [&str; 2] = ["tests/component", "host-harness"];

/// What can happen, and what becomes of it: the number of a row is its place, from 1. **R** a read is repeated, **N** nothing
/// is, **U** a create is told as unknown, **0** nothing leaves the component.
const ROWS: [&str; 137] = [
    // Connect and TLS
    "a name does not resolve: R, writes too, not sent",
    "a connection is refused: R, writes too, not sent",
    "a connection is not made in time: R, writes too, not sent",
    "a TLS handshake stalls: ends at the deadline, not sent",
    "a certificate is expired, self-signed or of another host: N, not sent",
    "plain bytes come on the TLS port: N, not sent",
    "the host denies the authority: N, not sent",
    // Mid-flight
    "the connection is reset before a status: U, R",
    "the connection is closed without an answer: U, R",
    "the first byte does not come: U at the deadline",
    "the connection is reset in the body of a 201: U, R, even if the Id was read",
    "a chunk terminator is missing: U, R",
    "a body is shorter than its Content-Length: U, R",
    "a Content-Length is negative, or there are two: U, R",
    "a chunk size overflows: U, R",
    "a body comes a byte per interval: U at the total deadline",
    "headers come a byte per interval: U at the total deadline",
    "a valid answer comes in slices of a byte: the same result",
    "an interim answer comes before the answer: passed over",
    "the connection closes late or never: success at the end of the body",
    // Size and encoding
    "a body is larger than the cap: N, U, read no further",
    "a body is compressed without having been asked for: N",
    "a compressed body is a bomb: N, never unpacked",
    "there are 100 KB of headers, or 1,000 of them: N, U",
    "our request is over 16,384 bytes of URI and headers: 0, with advice",
    "a page for people comes with status 200: N, U, the body withheld",
    "JSON has no content type: accepted",
    "JSON begins with a byte order mark: ignored",
    "a body is not UTF-8: N, nothing replaced",
    "a record has an escape of a lone surrogate: passed through",
    "an answer has no body: N, U",
    // JSON
    "JSON is truncated: N, U",
    "garbage follows the JSON: N",
    "the envelope has a key twice: N",
    "a record has a key twice: passed through",
    "JSON is nested deeper than 128: N",
    "an integer is above 2^53: its digits are kept",
    "a decimal has 18 digits: they are kept",
    "a number is beyond floating point: its text is kept",
    "a literal is NaN, Infinity or other than JSON's: N",
    "a field is null, or missing: told apart",
    "an error is a list, or an object: both read",
    "an error is not JSON: its status decides",
    "there are fields that nobody knows: passed over",
    // Paging
    "the next page is on another host: N, nothing goes there",
    "the next page's path hides another host: N, nothing goes there",
    "the next page is no page of a query: N, nothing goes there",
    "pages lead in a circle: an error at the repeat",
    "pages never end: the cap on records ends them",
    "an answer is not done and has no next page, or is done and has one: N",
    "the total is not the number of rows: told",
    "the third page fails: what was read, and a cursor to go on from",
    "a cursor is no longer good: a kind of its own, and no query run again",
    // Redirects
    "a redirect leads to another host: N, U, not followed",
    "a redirect leads to the same host: N, U, not followed",
    "several records match an external Id: N, ambiguous",
    // Authorization
    "the session has expired: one refresh by the host, the call repeated once",
    "the session has expired again after a refresh: an error, no loop",
    "the session is not for the API: an error, no refresh",
    "30 callers find the session expired: one refresh",
    "the call fails after a refresh: the rotated token is kept",
    "a refresh gives no new refresh token: the old one stays",
    "the grant is gone: N, the user is needed",
    "the refresh is already being processed: the stored tokens are read again, after a pause",
    "the answer to a refresh is lost: the stored tokens are read again, nothing is sent again",
    "the state is missing, wrong or used: 0",
    "the verifier is wrong: N; it has 43 to 128 characters, or 0",
    "the user declines: N, the words bounded",
    "a code is used twice: N",
    "clocks are years apart: no effect",
    "a token answer has no token, another type, an error, or a wrong signature: N",
    // Injection
    "an instance URL is not https, or has a user, path, address or port: 0",
    "a host only looks like Salesforce's: 0",
    "an answer names another org's genuine host: not gone to",
    "a refresh moves the instance: checked again, and told",
    "a name or an Id would lead elsewhere in the path: 0",
    "an external Id value has what a path gives meaning to: encoded once",
    "a parameter has quotes, backslashes, line ends, wildcards: one value",
    "a token, header or version has a line end: 0",
    "a name resolves to a private address: denied by the host",
    // API
    "the API allowance is used up: N",
    "Salesforce asks to wait: clamped; N for a create",
    "a gateway gave up on a create: U, N",
    "a row is locked: rejected, the caller may repeat it",
    "a record is a duplicate or invalid: codes, fields and details are kept",
    "a record never was, or is deleted: told apart",
    "the answer to an update or an upsert is lost: repeated once if the caller allows it",
    "upserts race: each is told what it did",
    // Sandbox
    "a component wants too much memory: resource-exhausted; the next call works",
    "a component spins: ended in time; the next call works",
    "a component waits in the host: ended at the outer deadline",
    "a component traps: the next call has a fresh store",
    "two tenants take turns: no token, header or global crosses",
    "a component traps after a create was sent: unknown, not failed",
    "the component's imports are the allow-list, to the letter",
    "a server's words draw on a terminal or forge a line of the log: escaped",
    // Answers of real orgs
    "the total is unknown (-1), in a page or a sub-query: the records come",
    "a 401 has another code than INVALID_SESSION_ID: access denied, no refresh",
    "a 403, 404 or 410 is not Salesforce's: an invalid response, U for a write",
    "the token endpoint asks to try again: unavailable, to be repeated",
    "the user or the org is inactive: access denied, the tokens are kept",
    "an error list has an odd part: what can be read is told",
    "a lock is inside another error: locked",
    "joined pages end before or beyond the total: an error, as on a first page",
    "a token answer is harmlessly odd: the tokens are kept",
    "an org is on salesforce.mil, a login URL has a path: taken",
    "a datetime has a form that Salesforce returns: bound",
    "blanks stand around the colon of a date function: left alone",
    "a record has half of a surrogate pair: U+FFFD in tables, every row is there",
    "Salesforce cut the rows of a sub-query: told wherever they are shown",
    "a query has a batch size: its following pages too",
    "a number has an exponent or no whole part: bound",
    "a flow, a trigger or a lead's state refuses a record: an invalid record",
    "an event is published: a success, its UUID told",
    // Many records in one request
    "a record is refused under status 200: its own error, as if it were alone",
    "an answer is shorter or longer than what was asked: N, U for every record",
    "errors stand beside a success: a success",
    // Descriptions
    "nothing changed since a date: none, if that was asked for; the length is no body's",
    "a description is another object's, or a part of it has another form: N, told by its place",
    "the describe of all objects has more than a megabyte and no length: read in 4 MiB",
    // Changes and searches
    "the rows of a poll come twice, out of order or without their time: N",
    "records are committed late, change again, have one time: each version handed out once, none lost",
    "a search term has what SOSL gives meaning to: one term",
    // Several things in one request
    "a part refers to one that failed: not run, and nothing else is touched",
    "a part of all or none fails: what was undone is told from what was never tried",
    "the answer to several writes in one request is lost: N, U for each",
    "a class refuses with a status and body of its own: N, U for a write, the body kept",
    // Bulk jobs
    "the answer to a new job is lost: repeated once if the caller allows it, a job left over does nothing",
    "the answer to an upload is lost: N, U, the job is aborted and begun anew",
    "the answer to the closing of a job is lost: U, the job says whether it is closed",
    "a page of results lacks its count or the next page, or leads in a circle: N",
    "a page of results has fewer or more rows than it tells, or ends in quotes: N",
    "a later page of results begins with the header, or does not: the rows come",
    "a page for people or JSON comes in the place of CSV: N, the body withheld",
    // Files
    "a part of a file is not what was asked for: N",
    "the whole of a file comes in place of a part: passed on, with its place and size",
    "a file comes whose length nobody told: passed on, without a size",
];

#[test]
fn every_row_has_its_test_and_every_test_its_row() {
    assert_rows_have_tests(&ROWS, 'f', &PLACES);
}
