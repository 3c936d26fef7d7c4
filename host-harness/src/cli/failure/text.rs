//! A failure in plain sentences, for a terminal.
//!
//! ```text
//! error: Salesforce refused with MALFORMED_QUERY (status 400):
//!     SELECT Id, Foo FROM Account
//!                ^
//!     unexpected token: 'Foo'
//!   invalid-query · Salesforce refused; nothing was changed · HTTP 400
//!   Correct the query where the problem says.
//! ```

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use salesforce_actions::display::json::inert;
use salesforce_actions::display::{line, lines, own_words};

use super::{Effect, Failure, ServerFailure, names};
use crate::cli::layout;
use salesforce_runtime::bindings::types::{Outcome, Problem};

/// Before each line of a text that has several.
const INDENT: &str = "\n    ";

impl Failure {
    pub(super) fn write_text(&self, to: &mut impl Write) -> io::Result<()> {
        let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let dim = Style::new().dimmed();
        let message = self.message();
        let error = self.connector_error();
        let problems = error.map(|error| error.problems.as_slice()).unwrap_or_default();
        writeln!(to, "{red}error:{red:#} {}", told(&message, problems))?;
        for problem in problems {
            if let Some(problem) = shown(problem, &message) {
                writeln!(to, "  {problem}")?;
            }
        }
        if let Some(error) = error {
            if let Some(detail) = &error.detail {
                writeln!(to, "  {}", inert(&layout::pretty(detail)).replace('\n', "\n  "))?;
            }
            let mut facts =
                vec![names::error_kind(error.kind).to_owned(), self.what_became_of_it(error.outcome).to_owned()];
            facts.extend(error.status.map(|status| format!("HTTP {status}")));
            facts.extend(error.retry_after_ms.map(|wait| format!("wait {} s", wait.div_ceil(1000))));
            facts.extend(error.request_id.as_ref().map(|id| format!("request {}", line(id))));
            writeln!(to, "  {dim}{}{dim:#}", facts.join(" · "))?;
        } else if let Some(outcome) = self.own_outcome() {
            writeln!(to, "  {dim}{} · {}{dim:#}", line(self.kind()), self.what_became_of_it(outcome))?;
        }
        if let Some(advice) = self.advice() {
            writeln!(to, "  {}", line(&advice))?;
        }
        Ok(())
    }

    fn what_became_of_it(&self, outcome: Outcome) -> &'static str {
        match (outcome, self) {
            (Outcome::NotSent, _) => "nothing reached Salesforce",
            (Outcome::Rejected, _) => "Salesforce refused; nothing was changed",
            (Outcome::Unknown, Failure::Call(_, Effect::Read))
            | (Outcome::Unknown, Failure::Server(ServerFailure { effect: Effect::Read, .. })) => {
                "no trustworthy answer; a read changes nothing"
            }
            (Outcome::Unknown, _) => "OUTCOME UNKNOWN: it may have been done",
        }
    }
}

/// The message. What it quotes of Salesforce on one line stands below it if Salesforce said it on several.
fn told(message: &str, problems: &[Problem]) -> String {
    let quoted = problems.iter().find(|problem| is_quoted(problem, message));
    match quoted.map(|problem| (lines(&problem.message), own_words(message, &problem.message))) {
        Some((lines, own)) if lines.len() > 1 => format!("{}:{INDENT}{}", line(own), lines.join(INDENT)),
        _ => lines(message).join(INDENT),
    }
}

/// A problem with what the message does not say of it already.
fn shown(problem: &Problem, message: &str) -> Option<String> {
    let (code, fields) = (line(&problem.code), line(&problem.fields.join(", ")));
    if is_quoted(problem, message) {
        return (!fields.is_empty()).then(|| format!("{}: {fields}", if code.is_empty() { "fields" } else { &code }));
    }
    let said = lines(&problem.message);
    let fields = if fields.is_empty() { fields } else { format!(" (fields: {fields})") };
    let code = if code.is_empty() { "no error code".to_owned() } else { code };
    Some(match said.as_slice() {
        [] => format!("{code}{fields}"),
        [one] => format!("{code}: {one}{fields}"),
        several => format!("{code}{fields}:{INDENT}{}", several.join(INDENT)),
    })
}

/// Whether the message says it; of a problem without words, whether it names the code.
fn is_quoted(problem: &Problem, message: &str) -> bool {
    match problem.message.trim() {
        "" => message.contains(&problem.code),
        words => own_words(message, words).len() < message.len(),
    }
}

#[cfg(test)]
mod tests {
    use salesforce_runtime::ExecutionError;

    use super::super::tests::error;
    use super::*;
    use salesforce_runtime::bindings::types::{Error, ErrorKind};

    fn text_of(failure: &Failure) -> String {
        let mut text = Vec::new();
        failure.write_text(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    fn problem(code: &str, message: &str, fields: &[&str]) -> Problem {
        let fields = fields.iter().map(|&field| field.to_owned()).collect();
        Problem { code: code.to_owned(), message: message.to_owned(), fields }
    }

    fn refused(message: &str, problems: Vec<Problem>) -> String {
        let ExecutionError::Connector(error) = error(ErrorKind::InvalidQuery, Outcome::Rejected) else { panic!() };
        let message = message.to_owned();
        text_of(&Failure::reading(ExecutionError::Connector(Error { message, problems, ..error })))
    }

    #[test]
    fn text_says_what_became_of_it_and_what_to_do() {
        let text = text_of(&Failure::writing(error(ErrorKind::Interrupted, Outcome::Unknown)));
        assert!(text.contains("it failed") && text.contains("OUTCOME UNKNOWN"), "{text}");
        assert!(text.contains("interrupted ·") && text.contains("HTTP 500"), "{text}");
        assert!(text.contains("before you repeat it"), "{text}");
    }

    #[test]
    fn what_salesforce_says_is_told_once_and_a_query_line_by_line() {
        let words = problem("MALFORMED_QUERY", "\nSELEC\tId\n    ^\nexpecting 'SELECT'", &["Name"]);
        let message = "Salesforce refused with MALFORMED_QUERY (status 400): SELEC Id ^ expecting 'SELECT'";
        let text = refused(message, vec![words]);
        let expected = "(status 400):\n    SELEC Id\n        ^\n    expecting 'SELECT'\n  MALFORMED_QUERY: Name\n";
        assert!(text.contains(expected), "{text}");
        assert_eq!(text.matches("SELEC Id").count(), 1, "{text}");
        let text = refused("Salesforce refused with A (status 400): no", vec![problem("A", "no", &[])]);
        assert!(text.contains("(status 400): no\n") && !text.contains("A: no"), "{text}");
    }

    #[test]
    fn further_problems_follow_with_their_fields() {
        let problems = vec![problem("A", "no", &[]), problem("B", "1\n ^", &["F", "G"]), problem("C", "", &[])];
        let text = refused("Salesforce refused with A (status 400): no", problems);
        assert!(text.contains(": no\n  B (fields: F, G):\n    1\n     ^\n  C\n"), "{text}");
    }

    #[test]
    fn nothing_drives_the_terminal() {
        let text = refused("x\u{1b}[2J", vec![problem("\u{9b}", "\u{202e}y", &["\u{200b}"])]);
        assert!(!text.contains(['\u{9b}', '\u{202e}', '\u{200b}']) && !text.contains("\u{1b}[2J"), "{text}");
        assert!(text.contains(r"\u{202e}y (fields: \u{200b})"), "{text}");
    }
}
