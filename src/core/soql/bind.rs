//! Binding: `:name` placeholders, outside of string literals and never inside them, become typed literals.

use super::literal::{Place, Value};
use crate::core::error::{Error, ErrorKind, Outcome, Result};

/// What a placeholder stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// One value.
    One(Value),
    /// A list for `IN`; it brings its own parentheses.
    Many(Vec<Value>),
}

/// A bound parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Without the colon.
    pub name: String,
    /// The value or values.
    pub argument: Argument,
}

/// Salesforce's limit on the text of a query, in characters.
const LONGEST: usize = 100_000;

/// Replaces every placeholder of `soql` by its parameter. A placeholder without a parameter, a parameter without a
/// placeholder, and two parameters of one name are errors.
pub fn bind(soql: &str, parameters: &[Parameter]) -> Result<String> {
    let mut binding = Binding::new(parameters)?;
    binding.bind(soql)?;
    binding.finish()
}

/// Text in the making, and which parameters are in it.
pub(in crate::core) struct Binding<'a> {
    parameters: &'a [Parameter],
    used: Vec<bool>,
    bound: String,
}

impl<'a> Binding<'a> {
    /// Each parameter has a name, and one of its own.
    pub(in crate::core) fn new(parameters: &'a [Parameter]) -> Result<Self> {
        check_names(parameters)?;
        Ok(Self { parameters, used: vec![false; parameters.len()], bound: String::new() })
    }

    /// Appends SOQL with its values bound.
    pub(in crate::core) fn bind(&mut self, soql: &str) -> Result<()> {
        self.bound.reserve(soql.len() + 32 * self.parameters.len());
        let mut rest = soql;
        while let Some((before, from)) = rest.find(['\'', ':']).and_then(|at| rest.split_at_checked(at)) {
            self.bound.push_str(before);
            rest = if from.starts_with('\'') {
                let (literal, after) = split_literal(from)?;
                self.bound.push_str(literal);
                after
            } else {
                self.bind_colon(from)?
            };
        }
        self.bound.push_str(rest);
        Ok(())
    }

    /// The text so far.
    pub(in crate::core) fn text(&mut self) -> &mut String {
        &mut self.bound
    }

    /// All of it, if it has every parameter.
    pub(in crate::core) fn finish(self) -> Result<String> {
        if let Some((unused, _)) = self.parameters.iter().zip(&self.used).find(|(_, used)| !**used) {
            let expected = format!("a placeholder :{} in the query, found none", unused.name);
            return Err(Error::invalid_argument(&format!("parameters.{}", unused.name), &expected));
        }
        if self.bound.chars().count() > LONGEST {
            return Err(refused("expected at most 100,000 characters".into()));
        }
        Ok(self.bound)
    }

    /// Handles the colon that `text` starts with, and returns what follows it.
    fn bind_colon<'t>(&mut self, text: &'t str) -> Result<&'t str> {
        let after = text.strip_prefix(':').unwrap_or(text);
        if has_own_colon(&self.bound, after) {
            self.bound.push(':');
            let number = after.trim_ascii_start();
            let Some(placeholder) = number.strip_prefix(':') else {
                if let name @ 1.. = name_length(number) {
                    let name = number.get(..name).unwrap_or_default();
                    return Err(refused(format!("to bind the number of LAST_N_DAYS:n write LAST_N_DAYS::{name}")));
                }
                return Ok(after);
            };
            self.bound.push_str(after.strip_suffix(number).unwrap_or_default());
            return self.bind_name(placeholder, Place::Count);
        }
        if let name @ 1.. = name_length(after)
            && self.bound.ends_with(is_in_word)
        {
            return Err(refused(format!("expected a space before :{}", after.get(..name).unwrap_or_default())));
        }
        self.bind_name(after, place(&self.bound))
    }

    /// Binds the placeholder whose name `text` starts with, and returns what follows it.
    fn bind_name<'t>(&mut self, text: &'t str, place: Place) -> Result<&'t str> {
        self.placeholder(text, |Parameter { name, argument }, bound| match argument {
            Argument::One(value) => value.write(name, place, bound),
            Argument::Many(values) => write_list(name, values, place, bound),
        })
    }

    /// Lets `write` write the parameter whose name `text` starts with, and returns what follows it.
    pub(in crate::core) fn placeholder<'t>(
        &mut self,
        text: &'t str,
        write: impl FnOnce(&Parameter, &mut String) -> Result<()>,
    ) -> Result<&'t str> {
        let (name, rest) = match text.split_at_checked(name_length(text)) {
            Some(("", _)) | None => return Err(refused("a colon is not followed by the name of a parameter".into())),
            Some(parts) => parts,
        };
        let mut parameters = self.parameters.iter().zip(&mut self.used);
        let Some((parameter, used)) = parameters.find(|(parameter, _)| parameter.name == name) else {
            return Err(refused(format!("the placeholder :{name} has no parameter")));
        };
        *used = true;
        write(parameter, &mut self.bound)?;
        Ok(rest)
    }
}

fn refused(message: String) -> Box<Error> {
    Error::new(ErrorKind::InvalidArgument, Outcome::NotSent, format!("soql: {message}"))
}

fn check_names(parameters: &[Parameter]) -> Result<()> {
    for (index, parameter) in parameters.iter().enumerate() {
        if name_length(&parameter.name) != parameter.name.len() || parameter.name.is_empty() {
            let expected = "names of a letter, then letters, digits and underscores";
            return Err(Error::invalid_argument("parameters", expected));
        }
        if parameters.iter().take(index).any(|earlier| earlier.name == parameter.name) {
            let expected = "one parameter of this name, found two";
            return Err(Error::invalid_argument(&format!("parameters.{}", parameter.name), expected));
        }
    }
    Ok(())
}

/// Splits after the string literal that `text` starts with.
fn split_literal(text: &str) -> Result<(&str, &str)> {
    let mut escaped = false;
    let closing = text.bytes().skip(1).position(|byte| {
        let closes = byte == b'\'' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    let split = closing.and_then(|at| text.split_at_checked(at + 2));
    split.ok_or_else(|| refused("a string literal has no closing quote".into()))
}

/// Whether the colon behind `bound` belongs to a date function, as in `LAST_N_DAYS:30`, which may have blanks around it,
/// or stands in a date, as in `09:30:00`.
fn has_own_colon(bound: &str, after: &str) -> bool {
    let function = last_word(bound).to_ascii_uppercase();
    let is_function = match function.strip_prefix("N_") {
        Some(unit) => unit.ends_with("_AGO"),
        None => function.starts_with("LAST_N_") || function.starts_with("NEXT_N_"),
    };
    let in_word = bound.ends_with(is_in_word);
    is_function || in_word && after.starts_with(|next: char| next.is_ascii_digit() || next == ':')
}

/// What may stand behind `bound`.
fn place(bound: &str) -> Place {
    let word = last_word(bound.trim_end_matches(|character: char| character.is_ascii_whitespace() || character == '('));
    if word.eq_ignore_ascii_case("like") {
        Place::Like
    } else if word.eq_ignore_ascii_case("limit") || word.eq_ignore_ascii_case("offset") {
        Place::Count
    } else {
        Place::Operand
    }
}

/// The word that `text` ends with, blanks aside; empty if it ends with something else.
fn last_word(text: &str) -> &str {
    let text = text.trim_ascii_end();
    text.strip_prefix(text.trim_end_matches(is_in_word)).unwrap_or_default()
}

fn is_in_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn write_list(name: &str, values: &[Value], place: Place, bound: &mut String) -> Result<()> {
    let parameter = format!("parameters.{name}");
    if values.is_empty() {
        return Err(Error::invalid_argument(&parameter, "at least one value in the list"));
    }
    if place == Place::Count {
        return Err(Error::invalid_argument(&parameter, "one number here, not a list"));
    }
    if bound.trim_ascii_end().ends_with(['(', ',']) {
        return Err(Error::invalid_argument(&parameter, &format!("IN :{name}, for a list brings its own parentheses")));
    }
    bound.push('(');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            bound.push(',');
        }
        value.write(name, place, bound)?;
    }
    bound.push(')');
    Ok(())
}

/// Length of the parameter name that `text` starts with; 0 if there is none.
fn name_length(text: &str) -> usize {
    if !text.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return 0;
    }
    text.find(|character| !is_in_word(character)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::super::literal::LikeMatch;
    use super::*;
    use crate::core::error::ErrorKind;
    use proptest::prelude::*;

    fn one(name: &str, value: Value) -> Parameter {
        Parameter { name: name.into(), argument: Argument::One(value) }
    }

    fn text(name: &str, text: &str) -> Parameter {
        one(name, Value::Text(text.into()))
    }

    #[test]
    fn placeholders_become_literals() {
        let ids = Parameter {
            name: "ids".into(),
            argument: Argument::Many(vec![Value::Integer(1), Value::Text("a'b".into())]),
        };
        assert_eq!(
            bind("SELECT Id FROM A WHERE Name=:n AND X IN :ids OR (Y = :n)", &[text("n", "O'N"), ids]).unwrap(),
            "SELECT Id FROM A WHERE Name='O\\'N' AND X IN (1,'a\\'b') OR (Y = 'O\\'N')"
        );
    }

    #[test]
    fn string_literals_are_left_alone() {
        let soql = r"SELECT Id FROM A WHERE Name = ':n \' :n' AND B = :n";
        assert_eq!(bind(soql, &[text("n", "x")]).unwrap(), r"SELECT Id FROM A WHERE Name = ':n \' :n' AND B = 'x'");
    }

    #[test]
    fn colons_of_dates_are_left_alone_and_their_number_can_be_bound() {
        let soql = "SELECT Id FROM A WHERE C > LAST_N_DAYS:30 AND D < 2026-11-24T09:30:00+01:00";
        assert_eq!(bind(soql, &[]).unwrap(), soql);
        assert_eq!(
            bind("WHERE C > LAST_N_DAYS::n", &[one("n", Value::Integer(7))]).unwrap(),
            "WHERE C > LAST_N_DAYS:7"
        );
    }

    #[test]
    fn blanks_may_stand_around_the_colon_of_a_date_function() {
        for soql in ["C > LAST_N_DAYS: 30", "C = n_weeks_ago :\n4", "C > NEXT_N_FISCAL_QUARTERS : 2 AND T = 09:30:00"] {
            assert_eq!(bind(soql, &[]).unwrap(), soql);
        }
        let seven = || [one("n", Value::Integer(7))];
        assert_eq!(bind("C > LAST_N_DAYS : :n AND A = 1", &seven()).unwrap(), "C > LAST_N_DAYS : 7 AND A = 1");
        assert_eq!(bind("C > N_DAYS_AGO: :n", &seven()).unwrap(), "C > N_DAYS_AGO: 7");
        let error = bind("C > LAST_N_DAYS :n", &seven()).unwrap_err();
        assert!(error.message.contains("LAST_N_DAYS::n"), "{}", error.message);
    }

    #[test]
    fn where_a_number_stands_only_a_number_can_be_bound() {
        for soql in ["C = LAST_N_DAYS::n", "FROM A LIMIT :n", "FROM A limit\n:n", "FROM A LIMIT 5 OFFSET :n"] {
            assert!(bind(soql, &[one("n", Value::Integer(0))]).is_ok(), "{soql}");
            let list = Parameter { name: "n".into(), argument: Argument::Many(vec![Value::Integer(1)]) };
            for parameter in [one("n", Value::Integer(-5)), text("n", "5"), text("n", "5 OFFSET 1"), list] {
                assert_eq!(bind(soql, &[parameter]).unwrap_err().kind, ErrorKind::InvalidArgument, "{soql}");
            }
        }
        assert_eq!(bind("WHERE Limit__c = :n", &[text("n", "5")]).unwrap(), "WHERE Limit__c = '5'");
    }

    #[test]
    fn a_pattern_stands_after_like() {
        let pattern = || [one("p", Value::LikePattern { text: "50%".into(), matching: LikeMatch::StartsWith })];
        for (soql, bound) in [
            ("Name LIKE :p", "Name LIKE '50\\%%'"),
            ("(NOT Name like\t:p)", "(NOT Name like\t'50\\%%')"),
            ("Name LIKE (:p)", "Name LIKE ('50\\%%')"),
        ] {
            assert_eq!(bind(soql, &pattern()).unwrap(), bound);
        }
        for soql in ["Name = :p", "Name IN (:p)", "ALIKE :p", "Name > 'like' AND B = :p"] {
            assert_eq!(bind(soql, &pattern()).unwrap_err().kind, ErrorKind::InvalidArgument, "{soql}");
        }
    }

    #[test]
    fn a_bound_value_is_not_read_again() {
        let bound = bind("a = :x AND b = :y", &[text("x", ":y"), text("y", "' OR 1=1 :x")]).unwrap();
        assert_eq!(bound, "a = ':y' AND b = '\\' OR 1=1 :x'");
    }

    #[test]
    fn what_does_not_fit_together_is_named() {
        let list = |values| Parameter { name: "l".into(), argument: Argument::Many(values) };
        for (soql, parameters, message) in [
            ("a = :x", vec![], "the placeholder :x has no parameter"),
            ("a = ':x'", vec![text("x", "")], "parameters.x: expected a placeholder :x in the query"),
            ("a = :x", vec![text("x", ""), text("X", "")], "parameters.X: expected a placeholder :X in the query"),
            ("a = :x", vec![text("x", ""), text("x", "")], "parameters.x: expected one parameter of this name"),
            ("a = :x", vec![text("1x", "")], "parameters: expected names of a letter"),
            ("a = :x", vec![text("", "")], "parameters: expected names of a letter"),
            ("a = 'x", vec![], "no closing quote"),
            ("a = 'x\\'", vec![], "no closing quote"),
            ("a = : x", vec![], "a colon is not followed"),
            ("a =:", vec![], "a colon is not followed"),
            ("a = :1", vec![], "a colon is not followed"),
            ("C = LAST_N_DAYS:n", vec![one("n", Value::Integer(1))], "LAST_N_DAYS::n"),
            ("a IN :l", vec![list(vec![])], "at least one value"),
            ("a IN ( :l)", vec![list(vec![Value::Null])], "brings its own parentheses"),
        ] {
            let error = bind(soql, &parameters).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidArgument, "{soql}");
            assert!(error.message.contains(message), "{soql}: {}", error.message);
        }
        assert!(bind(&"x".repeat(100_001), &[]).is_err());
    }

    proptest! {
        #[test]
        fn a_value_never_changes_what_stands_around_it(value in any::<String>()) {
            let bound = bind("SELECT Id FROM A WHERE N = :v AND M = 1", &[text("v", &value)]).unwrap();
            let literal = bound.strip_prefix("SELECT Id FROM A WHERE N = ").and_then(|rest| rest.strip_suffix(" AND M = 1")).unwrap();
            prop_assert_eq!(split_literal(literal).unwrap(), (literal, ""));
        }

        #[test]
        fn no_text_makes_it_panic(soql in ".{0,60}", value in ".{0,20}") {
            drop(bind(&soql, &[text("v", &value)]));
        }
    }
}
