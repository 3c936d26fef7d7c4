//! SOSL with bound values: terms between the braces, SOQL literals elsewhere.

use super::answer::Found;
use super::term::{has_letter, push_term};
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::encoding::form;
use crate::core::error::{Error, ErrorKind, Outcome, Result};
use crate::core::http::{Request, Transport};
use crate::core::send::{Repeat, send};
use crate::core::soql::{Argument, Binding, Parameter, Value};

/// A search with all its values in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sosl(String);

/// Binds every parameter. See `sosl-search` in `wit/search.wit`.
pub fn bind_sosl(sosl: &str, parameters: &[Parameter]) -> Result<Sosl> {
    let bind = || {
        let mut binding = Binding::new(parameters)?;
        let rest = bind_find(sosl, &mut binding)?;
        binding.bind(rest)?;
        binding.finish()
    };
    // What is said of SOQL is so of SOSL.
    bind().map(Sosl).map_err(|mut error| {
        if let Some(rest) = error.message.strip_prefix("soql: ") {
            error.message = ["sosl: ", rest].concat();
        }
        error
    })
}

fn refused(message: &str) -> Box<Error> {
    Error::new(ErrorKind::InvalidArgument, Outcome::NotSent, format!("sosl: {message}"))
}

/// Binds `FIND {...}`, and returns what follows.
fn bind_find<'a>(sosl: &'a str, binding: &mut Binding<'_>) -> Result<&'a str> {
    let expected = || refused("expected a search such as FIND {:term} RETURNING Account(Id, Name)");
    let (find, rest) = sosl.trim_ascii_start().split_at_checked(4).ok_or_else(expected)?;
    let mut rest = rest.trim_ascii_start().strip_prefix('{').ok_or_else(expected)?;
    if !find.eq_ignore_ascii_case("FIND") {
        return Err(expected());
    }
    binding.text().push_str("FIND {");
    let mut is_quoted = false;
    while let Some(character) = rest.chars().next() {
        let width = match character {
            '\\' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            _ => character.len_utf8(),
        };
        let (this, after) = rest.split_at_checked(width).unwrap_or((rest, ""));
        match character {
            ':' => {
                rest = binding.placeholder(after, |parameter, sosl| term(parameter, is_quoted, sosl))?;
                continue;
            }
            '{' => return Err(refused("a brace inside of FIND {...} needs a backslash")),
            '}' if is_quoted => return Err(refused("a quote inside of FIND {...} is not closed")),
            '}' => {
                binding.text().push('}');
                return Ok(after);
            }
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        binding.text().push_str(this);
        rest = after;
    }
    Err(refused("the brace after FIND is not closed"))
}

fn term(parameter: &Parameter, is_quoted: bool, sosl: &mut String) -> Result<()> {
    match &parameter.argument {
        Argument::One(Value::Text(text)) if has_letter(text) => {
            push_term(text, is_quoted, sosl);
            Ok(())
        }
        _ => Err(Error::invalid_argument(
            &format!("parameters.{}", parameter.name),
            "a text with a letter or a digit in it, for a term between the braces",
        )),
    }
}

/// Searches.
pub fn sosl_search(
    transport: &mut dyn Transport,
    connection: &Connection,
    Sosl(sosl): &Sosl,
    options: &CallOptions,
) -> Result<Found> {
    let request = Request::get(connection, &format!("/search?{}", form(&[("q", sosl)])));
    Found::read(&send(transport, &request, Repeat::Safe, options)?, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::script::{Script, answer};

    fn text(name: &str, value: &str) -> Parameter {
        Parameter { name: name.into(), argument: Argument::One(Value::Text(value.into())) }
    }

    fn bound(sosl: &str, parameters: &[Parameter]) -> String {
        bind_sosl(sosl, parameters).unwrap().0
    }

    #[test]
    fn terms_stand_between_the_braces_and_literals_elsewhere() {
        let sosl = " find  {acme \\: \"x\\}\" :t* AND \":u\"} IN NAME FIELDS RETURNING Account(Id WHERE N = :t AND C > LAST_N_DAYS:3)";
        let parameters = [text("t", "O'N } OR x"), text("u", "a \"OR\" b")];
        assert_eq!(
            bound(sosl, &parameters),
            "FIND {acme \\: \"x\\}\" O\\'N \\} \"OR\" x* AND \"a \\\"OR\\\" b\"} IN NAME FIELDS RETURNING \
             Account(Id WHERE N = 'O\\'N } OR x' AND C > LAST_N_DAYS:3)"
        );
    }

    #[test]
    fn what_does_not_fit_together_is_named() {
        let number = Parameter { name: "n".into(), argument: Argument::One(Value::Integer(5)) };
        let list = Parameter { name: "l".into(), argument: Argument::Many(vec![Value::Text("x".into())]) };
        for (sosl, parameters, words) in [
            ("", vec![], "sosl: expected a search such as"),
            ("SELECT Id FROM A", vec![], "sosl: expected a search such as"),
            ("FIND acme", vec![], "sosl: expected a search such as"),
            ("FIND :t", vec![text("t", "x")], "sosl: expected a search such as"),
            ("FIND {acme", vec![], "sosl: the brace after FIND is not closed"),
            ("FIND {acme\\}", vec![], "sosl: the brace after FIND is not closed"),
            ("FIND {acme\\", vec![], "sosl: the brace after FIND is not closed"),
            ("FIND {{acme}}", vec![], "sosl: a brace inside of FIND"),
            ("FIND {\"acme}\" :t}", vec![text("t", "x")], "sosl: a quote inside of FIND"),
            ("FIND {:t}", vec![], "sosl: the placeholder :t has no parameter"),
            ("FIND {:}", vec![], "sosl: a colon is not followed by"),
            ("FIND {x} RETURNING A(Id WHERE N = 'x)", vec![], "sosl: a string literal has no closing quote"),
            ("FIND {x}", vec![text("t", "x")], "parameters.t: expected a placeholder :t"),
            ("FIND {:t}", vec![text("t", "x"), text("t", "y")], "parameters.t: expected one parameter"),
            ("FIND {:t}", vec![text("t", "")], "parameters.t: expected a text with a letter"),
            ("FIND {:t}", vec![text("t", "*?\"}")], "parameters.t: expected a text with a letter"),
            ("FIND {:n}", vec![number], "parameters.n: expected a text with a letter"),
            ("FIND {:l}", vec![list], "parameters.l: expected a text with a letter"),
        ] {
            let error = bind_sosl(sosl, &parameters).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent), "{sosl}");
            assert!(error.message.starts_with(words), "{sosl}: {}", error.message);
        }
        assert!(bind_sosl(&format!("FIND {{{}}}", "x".repeat(100_000)), &[]).is_err());
    }

    #[test]
    fn a_search_goes_into_the_address() {
        let sosl = bind_sosl("FIND {:t} RETURNING Account", &[text("t", "a+b")]).unwrap();
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let options = CallOptions::parse(None, None, None).unwrap();
        let mut script = Script::new([Ok(answer(200, r#"{"searchRecords":[{"Id":1.0}]}"#))]);
        let found = sosl_search(&mut script, &connection, &sosl, &options).unwrap();
        assert_eq!((found.records.as_str(), found.count), (r#"[{"Id":1.0}]"#, 1));
        assert_eq!(
            script.requests[0].1,
            "https://example.my.salesforce.com/services/data/v67.0/search?q=FIND+%7Ba%5C%2Bb%7D+RETURNING+Account"
        );
        let long = bind_sosl("FIND {:t}", &[text("t", &"x".repeat(16_000))]).unwrap();
        let error = sosl_search(&mut Script::new([]), &connection, &long, &options).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::RequestTooLarge, Outcome::NotSent));
    }
}
