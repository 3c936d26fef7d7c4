//! How the demo is shown: numbered steps, what was asked, what came back, how long it took.
//!
//! Coloured on a terminal, plain in a pipe or with NO_COLOR. With `--json`, one line for each step.

use std::io::Write;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use salesforce_actions::display::line;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::cli::Failure;

/// Columns of a line, where words allow it.
const WIDTH: usize = 98;

const ACCENT: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));
const GOOD: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Standard output, step by step.
pub(crate) struct Stage {
    json: bool,
    steps: usize,
    current: Step,
    began: Instant,
}

#[derive(Default, Serialize)]
struct Step {
    step: usize,
    title: String,
    asked: Vec<String>,
    answered: Vec<String>,
    milliseconds: f64,
    instances: u32,
}

impl Stage {
    pub(crate) fn new(json: bool) -> Stage {
        Stage { json, steps: 0, current: Step::default(), began: Instant::now() }
    }

    /// How many steps were done.
    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    /// A line outside of the steps.
    ///
    /// # Errors
    /// Standard output.
    pub(crate) fn headline(&self, text: &str) -> Result<(), Failure> {
        self.print(&format!("{BOLD}{text}{BOLD:#}"))
    }

    /// Plain lines outside of the steps.
    ///
    /// # Errors
    /// Standard output.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        text.split('\n').try_for_each(|line| self.print(&wrapped(line, "  ")))
    }

    /// Begins a step.
    ///
    /// # Errors
    /// Standard output.
    pub(crate) fn begin(&mut self, title: &str) -> Result<(), Failure> {
        self.steps += 1;
        self.current = Step { step: self.steps, title: title.to_owned(), ..Step::default() };
        self.began = Instant::now();
        self.print(&format!("\n{ACCENT}{:>2}  {title}{ACCENT:#}", self.steps))
    }

    /// What is asked of whom.
    ///
    /// # Errors
    /// Standard output.
    pub(crate) fn asked(&mut self, text: &str) -> Result<(), Failure> {
        self.current.asked.push(text.to_owned());
        self.print(&format!("    {ACCENT}→{ACCENT:#} {}", wrapped(text, "      ")))
    }

    /// What came back.
    ///
    /// # Errors
    /// Standard output.
    pub(crate) fn answered(&mut self, text: &str) -> Result<(), Failure> {
        let text = text.trim_end();
        self.current.answered.push(text.to_owned());
        self.print(&format!("    {GOOD}←{GOOD:#} {}", wrapped(text, "      ")))
    }

    /// Counts calls of the component, each of which had an instance of its own.
    pub(crate) fn count(&mut self, instances: u32, took: Duration) {
        self.current.milliseconds += took.as_secs_f64() * 1000.0;
        self.current.instances += instances;
    }

    /// Ends a step, which did what it says.
    ///
    /// # Errors
    /// Standard output.
    pub(crate) fn end(&mut self) -> Result<(), Failure> {
        if self.current.instances == 0 {
            self.current.milliseconds = self.began.elapsed().as_secs_f64() * 1000.0;
        }
        if self.json {
            let line = serde_json::to_string(&self.current).map_err(|error| Failure::Output(error.into()))?;
            return writeln!(std::io::stdout().lock(), "{line}").map_err(Failure::Output);
        }
        let instances = match self.current.instances {
            0 => String::new(),
            1 => ", in a fresh instance".to_owned(),
            instances => format!(", in {instances} fresh instances"),
        };
        self.print(&format!("    {GOOD}✓{GOOD:#} {DIM}{:.1} ms{instances}{DIM:#}", self.current.milliseconds))
    }

    fn print(&self, text: &str) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        let mut stdout = anstream::stdout().lock();
        writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(Failure::Output)
    }
}

/// The demo checks its own results: a step that did not do what it says ends it.
///
/// # Errors
/// `Failure::Demo`, with what was expected.
pub(crate) fn expect(met: bool, expected: &str) -> Result<(), Failure> {
    if met { Ok(()) } else { Err(Failure::Demo(format!("this step did not do what it says; expected {expected}"))) }
}

/// The text with its long lines broken after spaces and commas, each further line after `indent`. What an org's data may
/// hold to drive a terminal is escaped.
fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    for (number, broken) in text.lines().enumerate() {
        if number > 0 {
            out.push('\n');
            out.push_str(indent);
        }
        let mut column = indent.len();
        for word in broken.split_inclusive([' ', ',']) {
            let width = word.trim_end().width();
            if column + width > WIDTH && column > indent.len() {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                out.push_str(indent);
                column = indent.len();
            }
            out.push_str(&line(word));
            column += word.width();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_between_words_and_controls_escaped() {
        let long = ["word"; 30].join(" ");
        let lines: Vec<_> = wrapped(&long, "    ").lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.len() <= WIDTH && !line.ends_with(' ')), "{lines:?}");
        assert!(lines[1].starts_with("    word"));
        assert_eq!(wrapped("a  b\n\u{1b}[2J", "  "), "a  b\n  \\u{1b}[2J");
        let unbroken = "x".repeat(200);
        assert_eq!(wrapped(&unbroken, "  "), unbroken);
    }
}
