//! Requests on standard input, answers on standard output.

use std::io::{BufRead, Write};
use std::time::Instant;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::memory::{forget_peak, peak_rss};

/// One line on stdin.
#[derive(Deserialize)]
struct Request {
    work: Work,
    #[serde(default)]
    count: usize,
}

/// What there is to do.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// Tell what you are made of.
    Version,
    /// One record created.
    Create,
    /// Fields of one record read.
    GetFields,
    /// One page of records.
    Page,
    /// 50 pages, one after the other.
    Pages,
}

/// One line on stdout.
#[derive(Default, Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nanoseconds: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_rss: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Answers requests until standard input ends. `once` does the work once.
///
/// # Errors
/// If a line is no request, or a pipe is broken. An operation that fails is an answer.
pub async fn serve(version: &str, once: impl AsyncFn(Work) -> Result<()>) -> Result<()> {
    let mut stdout = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let request: Request = serde_json::from_str(&line?).context("a request is a line of JSON: work and count")?;
        let answer = match request.work {
            Work::Version => Ok(Answer { version: Some(version.to_owned()), ..Answer::default() }),
            _ => done(&request, &once).await,
        };
        let answer = answer.unwrap_or_else(|error| Answer { error: Some(format!("{error:#}")), ..Answer::default() });
        serde_json::to_writer(&mut stdout, &answer)?;
        writeln!(stdout)?;
        stdout.flush()?;
    }
    Ok(())
}

/// Does the work as often as it is asked for.
async fn done(request: &Request, once: &impl AsyncFn(Work) -> Result<()>) -> Result<Answer> {
    if let Work::Pages = request.work {
        forget_peak()?;
    }
    let mut nanoseconds = Vec::with_capacity(request.count);
    for _ in 0..request.count {
        let start = Instant::now();
        once(request.work).await?;
        nanoseconds.push(u64::try_from(start.elapsed().as_nanos())?);
    }
    Ok(Answer { nanoseconds, peak_rss: peak_rss(), ..Answer::default() })
}
