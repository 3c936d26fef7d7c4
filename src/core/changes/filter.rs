//! A condition that every record must meet, beside those of the poll.

use crate::core::error::{Error, Result};
use crate::core::soql::{Parameter, bind};

/// A SOQL condition with its values in it, which ends nowhere before its own end: between parentheses it can be nothing but
/// a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(String);

impl Filter {
    /// Binds the parameters. See `filter` in `wit/changes.wit`.
    pub fn parse(condition: &str, parameters: &[Parameter]) -> Result<Self> {
        if condition.trim_ascii().is_empty() {
            return Err(Error::invalid_argument("condition", "what stands after WHERE, such as Industry = :industry"));
        }
        let bound = bind(condition, parameters).map_err(|mut error| {
            if let Some(rest) = error.message.strip_prefix("soql: ") {
                error.message = ["condition: ", rest].concat();
            }
            error
        })?;
        if is_balanced(&bound) {
            Ok(Self(bound))
        } else {
            Err(Error::invalid_argument(
                "condition",
                "as many closing parentheses as opening ones, each behind its own",
            ))
        }
    }

    /// The condition.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether every parenthesis outside of literals has its other. The literals are closed: that was seen when values were bound.
fn is_balanced(text: &str) -> bool {
    let (mut depth, mut is_quoted, mut is_escaped) = (0_u32, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_quoted,
            b'\'' => is_quoted = !is_quoted,
            b'(' if !is_quoted => depth += 1,
            b')' if !is_quoted => match depth.checked_sub(1) {
                Some(outer) => depth = outer,
                None => return false,
            },
            _ => {}
        }
    }
    depth == 0 && !is_quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;
    use crate::core::soql::{Argument, Value};
    use proptest::prelude::*;

    fn text(value: &str) -> [Parameter; 1] {
        [Parameter { name: "x".into(), argument: Argument::One(Value::Text(value.into())) }]
    }

    #[test]
    fn values_are_bound() {
        let filter = Filter::parse("Name = :x AND (A = 1 OR B IN (SELECT C FROM D))", &text("O'N) OR (")).unwrap();
        assert_eq!(filter.as_str(), "Name = 'O\\'N) OR (' AND (A = 1 OR B IN (SELECT C FROM D))");
    }

    #[test]
    fn what_could_end_before_its_end_is_refused() {
        for (condition, words) in [
            ("", "condition: expected what stands after WHERE"),
            (" \n", "condition: expected what stands after WHERE"),
            ("A = 1) OR (B = 2", "condition: expected as many closing"),
            ("A = 1)", "condition: expected as many closing"),
            ("(A = 1", "condition: expected as many closing"),
            ("A = 'x') OR (B = ')'", "condition: expected as many closing"),
            ("A = '\\'') OR (B = 1", "condition: expected as many closing"),
            ("A = 'x", "condition: a string literal has no closing quote"),
            ("A = :y", "condition: the placeholder :y has no parameter"),
        ] {
            let parameters: &[Parameter] = &[];
            let error = Filter::parse(condition, parameters).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidArgument, "{condition}");
            assert!(error.message.starts_with(words), "{condition}: {}", error.message);
        }
        assert!(
            Filter::parse("A = 1", &text("")).unwrap_err().message.starts_with("parameters.x: expected a placeholder")
        );
        assert!(Filter::parse("A = '(' AND B = ')\\')'", &[]).is_ok());
    }

    proptest! {
        #[test]
        fn no_value_changes_what_stands_around_it(value in "[()'\\\\a ]{0,20}") {
            let filter = Filter::parse("(A = :x)", &text(&value)).unwrap();
            prop_assert!(filter.as_str().starts_with("(A = '") && filter.as_str().ends_with("')"));
        }
    }
}
