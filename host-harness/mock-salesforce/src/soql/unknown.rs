//! What the grammar allows and the mock cannot answer. It refuses that by name, for a wrong answer would be worse.

use super::ast::{Position, Source};
use crate::ApiError;

/// Something that Salesforce may answer and the mock does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// `FORMAT()` of what nobody knows the look of.
    Format,
    /// `convertCurrency(field)` in an org with one currency.
    ConvertCurrency,
    /// `convertTimezone(field)` outside of a date function.
    ConvertTimezone,
    /// `FIELDS(...)` of anything but `ALL`, `STANDARD` and `CUSTOM`, or outside of `SELECT`.
    Fields,
    /// Any other function, and functions of functions.
    Function,
    /// `USD5000` in an org with one currency.
    Money,
    /// `WHERE field + field > 5`.
    Arithmetic,
    /// `USING SCOPE` of anything but `everything` and `mine`.
    Scope,
    /// `USING LOOKUP`.
    Lookup,
    /// `WITH DATA CATEGORY`.
    DataCategory,
    /// `WITH` anything but `SECURITY_ENFORCED`, `USER_MODE` and `SYSTEM_MODE`.
    With,
    /// `BIND`.
    Bind,
    /// `UPDATE` of anything but `TRACKING` and `VIEWSTAT`.
    Update,
    /// A name for a sub-query or for `TYPEOF`.
    Alias,
    /// `$` and what follows.
    Comment,
}

impl Unknown {
    /// Everything that the mock does not know of SOQL, as its documentation lists it.
    pub const ALL: [Self; 15] = [
        Self::Format,
        Self::ConvertCurrency,
        Self::ConvertTimezone,
        Self::Fields,
        Self::Function,
        Self::Money,
        Self::Arithmetic,
        Self::Scope,
        Self::Lookup,
        Self::DataCategory,
        Self::With,
        Self::Bind,
        Self::Update,
        Self::Alias,
        Self::Comment,
    ];

    /// What it is.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Format => {
                "`FORMAT()` of percentages, times, averages, text and functions, of aggregates of amounts in several currencies, or outside of `SELECT`"
            }
            Self::ConvertCurrency => "`convertCurrency()` in an org with one currency",
            Self::ConvertTimezone => "`convertTimezone()` outside of a date function",
            Self::Fields => "`FIELDS()` of anything but `ALL`, `STANDARD` and `CUSTOM`, or outside of `SELECT`",
            Self::Function => "functions beside those of the SOQL reference, and functions of functions",
            Self::Money => "amounts with a currency code, such as `USD5000`, in an org with one currency",
            Self::Arithmetic => "sums and differences of fields",
            Self::Scope => "scopes other than `everything` and `mine`",
            Self::Lookup => "`USING LOOKUP`",
            Self::DataCategory => "`WITH DATA CATEGORY`",
            Self::With => "`WITH` anything but `SECURITY_ENFORCED`, `USER_MODE` and `SYSTEM_MODE`",
            Self::Bind => "`BIND`",
            Self::Update => "`UPDATE` of anything but `TRACKING` and `VIEWSTAT`",
            Self::Alias => "aliases of sub-queries and of `TYPEOF`",
            Self::Comment => "comments",
        }
    }

    /// A 501 `UNKNOWN_TO_THE_MOCK`, which no Salesforce answers with.
    pub(super) fn error(self, source: &Source, at: Position) -> ApiError {
        let message = format!("the mock does not know {}", self.name());
        ApiError { status: 501, ..source.error("UNKNOWN_TO_THE_MOCK", at, &message) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_everything_unknown_and_nothing_else() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/MOCK.md")).unwrap();
        let (_, list) = page.split_once("`UNKNOWN_TO_THE_MOCK`, which no Salesforce does:\n\n").unwrap();
        let listed: Vec<_> = list.lines().map_while(|line| line.strip_prefix("- ")).collect();
        assert_eq!(listed, Unknown::ALL.map(Unknown::name));
    }
}
