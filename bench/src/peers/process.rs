//! A contestant as a process: whatever it is written in, it is asked on its standard input and answers on its output.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::protocol::{Answer, Request, Work};
use crate::org::Address;
use crate::process::ProcessorTime;

/// The access token of all contestants: as long as a real one.
const TOKEN: &str = "00DKp000000abcd!AQEAQFbench.mark0token0of0a0usual0length0for0all0contestants0in0the0same0run0_abcdefghijklmnopqrst";

/// A running contestant. It ends when this is dropped.
pub(crate) struct Peer {
    name: String,
    child: Child,
    /// None once it has been told to end.
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts a program as a contestant at this organisation.
    pub(crate) fn start(name: &str, mut program: Command, org: &Address) -> Result<Self> {
        program.args(["--url", &org.url, "--token", TOKEN, "--peer", name]);
        if let Some(ca) = &org.ca {
            program.args(["--ca", ca]);
        }
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}: {program:?}"))?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("{name} has no pipes")
        };
        Ok(Self { name: name.to_owned(), child, stdin: Some(stdin), stdout: BufReader::new(stdout) })
    }

    /// As in the results.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Processor time that it has used so far, with processes that it started and that have ended.
    pub(crate) fn usage(&self) -> Result<ProcessorTime> {
        ProcessorTime::of(self.child.id()).with_context(|| format!("{} has ended", self.name))
    }

    /// Asks for work and waits until it is done.
    pub(crate) fn run(&mut self, request: &Request) -> Result<Answer> {
        self.ask(request).with_context(|| format!("{} failed at {}", self.name, request.work.name()))
    }

    fn ask(&mut self, request: &Request) -> Result<Answer> {
        let stdin = self.stdin.as_mut().context("it has ended")?;
        stdin.write_all(format!("{}\n", serde_json::to_string(request)?).as_bytes()).context("it has ended")?;
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        ensure!(!line.is_empty(), "it ended without an answer");
        let answer: Answer = serde_json::from_str(&line).with_context(|| format!("expected an answer, got {line}"))?;
        if let Some(error) = &answer.error {
            bail!("{error}");
        }
        let operations = if request.work == Work::Version { 0 } else { request.count };
        ensure!(
            answer.nanoseconds.len() == operations,
            "expected {operations} times, got {}",
            answer.nanoseconds.len()
        );
        Ok(answer)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ended = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(script: &str) -> Peer {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "peer"]);
        Peer::start("peer", shell, &Address { url: "http://127.0.0.1:1".to_owned(), ca: None }).unwrap()
    }

    #[test]
    fn one_number_for_each_operation() {
        let mut peer = peer(r#"while read line; do echo '{"nanoseconds":[5,6]}'; done"#);
        assert_eq!(peer.run(&Request::of(Work::Create, 2)).unwrap().nanoseconds, [5, 6]);
        let error = format!("{:#}", peer.run(&Request::of(Work::Create, 3)).unwrap_err());
        assert_eq!(error, "peer failed at create: expected 3 times, got 2");
    }

    #[test]
    fn it_is_told_where_the_organisation_is() {
        let mut peer = peer(r#"read line; echo "{\"version\":\"$*\"}""#);
        let version = peer.run(&Request::of(Work::Version, 0)).unwrap().version.unwrap();
        assert!(version.starts_with("--url http://127.0.0.1:1 --token 00D"), "{version}");
        assert!(version.ends_with(" --peer peer"), "{version}");
    }

    #[test]
    fn whatever_is_no_answer_is_an_error_with_its_reason() {
        for (script, reason) in [
            (r#"read line; echo '{"error":"no such host"}'"#, "no such host"),
            ("read line; echo oops", "expected an answer, got oops"),
            ("read line", "it ended without an answer"),
        ] {
            let error = format!("{:#}", peer(script).run(&Request::of(Work::Page, 1)).unwrap_err());
            assert!(error.contains(reason), "{error}");
        }
    }
}
