//! What was checked of a client or a host, as a table.
//!
//! A client's script prints one line for each check: `passed<TAB>WHAT` or `failed<TAB>WHAT<TAB>WHY`, and ends with exit code 0
//! only when it came to its end and nothing failed.

use std::fmt;
use std::process::{ExitCode, ExitStatus};

/// All checks of one client, or host, against one mock.
#[derive(Debug)]
pub struct Report {
    title: String,
    checks: Vec<Check>,
}

#[derive(Debug)]
struct Check {
    what: String,
    failure: Option<String>,
}

impl Report {
    /// Reads a script's output. A script that stopped early, or checked nothing, is itself a failed check.
    pub fn read(title: String, output: &str, status: ExitStatus) -> Self {
        let mut checks: Vec<Check> = output.lines().filter_map(Check::parse).collect();
        let explained = checks.iter().any(|check| check.failure.is_some());
        if checks.is_empty() || (!status.success() && !explained) {
            checks.push(Check { what: "the script runs to its end".into(), failure: Some(status.to_string()) });
        }
        Self { title, checks }
    }

    /// What was checked without a script: each check with what is wrong.
    pub fn of(title: String, checks: impl IntoIterator<Item = (String, Result<(), String>)>) -> Self {
        let checks = checks.into_iter().map(|(what, result)| Check { what, failure: result.err() });
        Self { title, checks: checks.collect() }
    }

    /// How many checks passed.
    fn passed(&self) -> usize {
        self.checks.len() - self.failed()
    }

    /// How many checks failed.
    fn failed(&self) -> usize {
        self.checks.iter().filter(|check| check.failure.is_some()).count()
    }
}

/// Prints the reports, and what they come to: a failure if a check failed.
pub fn printed(reports: impl IntoIterator<Item = Report>) -> ExitCode {
    let (mut passed, mut failed) = (0, 0);
    for report in reports {
        print!("{report}");
        passed += report.passed();
        failed += report.failed();
    }
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Check {
    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, '\t');
        let (result, what) = (parts.next()?, parts.next()?.to_owned());
        let why = parts.next().unwrap_or("no reason given");
        let failure = match result {
            "passed" => None,
            "failed" => Some(why.to_owned()),
            _ => return None,
        };
        Some(Self { what, failure })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}", self.title)?;
        for Check { what, failure } in &self.checks {
            match failure {
                None => writeln!(f, "  ok      {what}")?,
                Some(why) => writeln!(f, "  FAILED  {what}\n          {why}")?,
            }
        }
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    fn report(output: &str, code: i32) -> Report {
        Report::read("a client".into(), output, ExitStatus::from_raw(code << 8))
    }

    #[test]
    fn checks_are_counted_and_other_lines_are_not() {
        let report = report("passed\tlogs in\nsome noise\nfailed\tpages\texpected 2086, got 2000\n", 1);
        assert_eq!((report.passed(), report.failed()), (1, 1));
        assert_eq!(
            report.to_string(),
            "\na client\n  ok      logs in\n  FAILED  pages\n          expected 2086, got 2000\n"
        );
    }

    #[test]
    fn a_script_that_stops_early_has_failed() {
        assert_eq!(report("passed\tlogs in\n", 0).failed(), 0);
        assert_eq!(report("passed\tlogs in\n", 7).failed(), 1);
        assert_eq!(report("", 0).failed(), 1);
    }
}
