//! Which words are the language's own. Not for what they mean.
//!
//! Source: the parser of `@salesforce/soql-common`.

/// Words that cannot be names.
const RESERVED: [&str; 32] = [
    "AND",
    "AS",
    "ASC",
    "BIND",
    "BY",
    "CUBE",
    "DESC",
    "ELSE",
    "EXCLUDES",
    "FALSE",
    "FIRST",
    "FOR",
    "FROM",
    "HAVING",
    "HIERARCHICAL",
    "IN",
    "INCLUDES",
    "LAST",
    "LIKE",
    "LIMIT",
    "LOOKUP",
    "NOT",
    "NULL",
    "NULLS",
    "OR",
    "ROLLUP",
    "SELECT",
    "TRUE",
    "UPDATE",
    "USING",
    "WHERE",
    "WITH",
];
/// Words that are names of objects, fields and aliases too.
const SHARED: [&str; 22] = [
    "ABOVE",
    "ABOVE_OR_BELOW",
    "AT",
    "BELOW",
    "CASE",
    "CATEGORY",
    "COUNT",
    "DATA",
    "DISTANCE",
    "END",
    "FIELDS",
    "FLAT",
    "GEOLOCATION",
    "GROUP",
    "OFFSET",
    "ORDER",
    "REFERENCE",
    "SCOPE",
    "THEN",
    "TYPEOF",
    "VIEW",
    "WHEN",
];

/// Whether the word cannot be a name.
pub(super) fn is_reserved(word: &str) -> bool {
    is_one_of(&RESERVED, word)
}

/// Whether the word means something in the language, and may yet be a name.
pub(super) fn is_shared(word: &str) -> bool {
    is_one_of(&SHARED, word)
}

fn is_one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}
