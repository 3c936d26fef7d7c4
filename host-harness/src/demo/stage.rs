//! How the demo is shown: numbered steps, what was asked, what came back, how long it took.
//!
//! Coloured on a terminal, plain in a pipe or with NO_COLOR. With `--json`, one line for each step.

use std::io::Write;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::cli::Failure;

const ACCENT: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));
const GOOD: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Standard output, step by step.
pub(crate) struct Stage {
    json: bool,
    steps: usize,
    current: Step,
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
        Stage { json, steps: 0, current: Step::default() }
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

    /// A plain line outside of the steps.
    ///
    /// # Errors
    /// Standard output.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        self.print(text)
    }

    /// Begins a step.
    ///
    /// # Errors
    /// Standard output.
    pub(crate) fn begin(&mut self, title: &str) -> Result<(), Failure> {
        self.steps += 1;
        self.current = Step { step: self.steps, title: title.to_owned(), ..Step::default() };
        self.print(&format!("\n{ACCENT}{:>2}  {title}{ACCENT:#}", self.steps))
    }

    /// What is asked of whom.
    ///
    /// # Errors
    /// Standard output.
    pub(crate) fn asked(&mut self, text: &str) -> Result<(), Failure> {
        self.current.asked.push(text.to_owned());
        self.print(&format!("    {ACCENT}→{ACCENT:#} {}", text.replace('\n', "\n      ")))
    }

    /// What came back.
    ///
    /// # Errors
    /// Standard output.
    pub(crate) fn answered(&mut self, text: &str) -> Result<(), Failure> {
        let text = text.trim_end();
        self.current.answered.push(text.to_owned());
        self.print(&format!("    {GOOD}←{GOOD:#} {}", text.replace('\n', "\n      ")))
    }

    /// Counts one call of the component, which had an instance of its own.
    pub(crate) fn count(&mut self, took: Duration) {
        self.current.milliseconds += took.as_secs_f64() * 1000.0;
        self.current.instances += 1;
    }

    /// Ends a step.
    ///
    /// # Errors
    /// Standard output.
    pub(crate) fn end(&mut self) -> Result<(), Failure> {
        if self.json {
            let line = serde_json::to_string(&self.current).map_err(|error| Failure::Output(error.into()))?;
            return writeln!(std::io::stdout().lock(), "{line}").map_err(Failure::Output);
        }
        let took = match self.current.instances {
            0 => return Ok(()),
            1 => format!("{:.1} ms in a fresh instance", self.current.milliseconds),
            calls => format!("{:.1} ms in {calls} calls, each in a fresh instance", self.current.milliseconds),
        };
        self.print(&format!("    {DIM}{took}{DIM:#}"))
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
