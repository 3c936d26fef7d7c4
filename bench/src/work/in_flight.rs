//! Many executions at once, in a process of their own: how many a second, how long each takes, and what they hold.
//!
//! The parent starts this once for every row of its table (`bench in-flight`), so that what one run leaves behind is not
//! counted in the next, and reads one line of JSON from it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use salesforce_runtime::bindings::records::{SaveOptions, Target};
use salesforce_runtime::bindings::types::{CallOptions, Connection};
use salesforce_runtime::egress::{EgressLimits, EgressPolicy, Origin};
use salesforce_runtime::{Connector, Limits, Runtime, RuntimeOptions};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::Effort;
use crate::measurement::{Measurement, Unit};
use crate::org::{self, Org};
use crate::process::{peak_rss, processor_time, rss};
use crate::results::Outcome;

/// Files that a process has open beside its connections.
const OTHER_FILES: u64 = 100;

/// What `bench in-flight` is told.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the organisation answers, e.g. `http://127.0.0.1:8080`.
    #[arg(long)]
    pub(crate) url: String,
    /// Executions at the same moment.
    #[arg(long)]
    pub(crate) executions: u32,
    /// How often each place of an execution is used; the first time is not counted, for it makes the connections.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: u32,
    /// Bytes of memory kept for each place between executions (`Limits::keep_resident`); the runtime's own choice if
    /// it is not given.
    #[arg(long)]
    pub(crate) keep_resident: Option<usize>,
    /// Threads that run executions.
    #[arg(long, default_value_t = 2)]
    pub(crate) workers: usize,
}

/// What `bench in-flight` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) executions: u32,
    pub(crate) workers: usize,
    pub(crate) keep_resident: usize,
    /// Executions in a second.
    pub(crate) throughput: f64,
    /// Nanoseconds of one execution, waiting for the processor included: the median.
    pub(crate) p50: u64,
    /// As `p50`, the mean.
    pub(crate) mean: u64,
    /// As `p50`, of the slowest hundredth.
    pub(crate) p99: u64,
    /// Nanoseconds of processor for one execution.
    pub(crate) processor: u64,
    /// Resident bytes of this process with everything loaded and one execution done.
    pub(crate) rss_before: u64,
    /// The most that were resident. That is with all executions in flight only if the organisation takes longer to
    /// answer than it takes to begin them all.
    pub(crate) rss_in_flight: u64,
    /// The difference, for each execution.
    pub(crate) rss_per_execution: u64,
}

impl Figures {
    /// The row as the report knows it.
    pub(crate) fn measurements(&self, peer: &str) -> Vec<Measurement> {
        let quantities = [
            ("throughput", Unit::PerSecond, self.throughput),
            ("p50", Unit::Nanoseconds, self.p50 as f64),
            ("mean", Unit::Nanoseconds, self.mean as f64),
            ("p99", Unit::Nanoseconds, self.p99 as f64),
            ("processor", Unit::Nanoseconds, self.processor as f64),
            ("host-rss", Unit::Bytes, self.rss_per_execution as f64),
        ];
        let measured = quantities.map(|(quantity, unit, value)| {
            let measurement = Measurement::of("in-flight", peer, quantity, unit, vec![value])?;
            Some(Measurement { parameter: Some(f64::from(self.executions)), ..measurement })
        });
        measured.into_iter().flatten().collect()
    }
}

/// Executions at the same moment, row by row.
const ROWS: [u32; 5] = [1, 10, 100, 1_000, 5_000];

/// How long Salesforce takes to answer.
const LATENCY_MS: u64 = 100;

/// So long that all of a row are in flight before the first answer comes: for what each of them holds.
const ALL_WAIT_MS: u64 = 4_000;

/// Who takes part, with the threads and the memory that are kept for each place.
const HOSTS: [(&str, usize, usize); 3] = [
    ("ours", 2, Limits::FOR_LATENCY),
    ("ours-1-worker", 1, Limits::FOR_LATENCY),
    ("ours-density", 2, Limits::FOR_DENSITY),
];

/// Every row with every host.
pub(super) fn compare(effort: Effort) -> Result<Outcome> {
    let mut org = Org::start(org::Options { latency_ms: LATENCY_MS, ..org::Options::default() })?;
    let slow = Org::start(org::Options { latency_ms: ALL_WAIT_MS, ..org::Options::default() })?;
    let rounds = if effort.rounds < Effort::FULL.rounds { 2 } else { 10 };
    let mut measurements = Vec::new();
    for executions in ROWS {
        for (peer, workers, keep_resident) in HOSTS {
            let options = |url: &str, rounds| Options {
                url: url.to_owned(),
                executions,
                rounds,
                keep_resident: Some(keep_resident),
                workers,
            };
            let (began, usage) = (Instant::now(), org.usage()?);
            let figures = in_a_process(&options(&org.address().url, rounds))?;
            let share = (org.usage()? - usage).as_secs_f64() / began.elapsed().as_secs_f64();
            let held = in_a_process(&options(&slow.address().url, 1))?;
            let measured = Figures { rss_per_execution: held.rss_per_execution, ..figures }.measurements(peer);
            measurements.extend(measured.into_iter().map(|one| Measurement { org_share: Some(share), ..one }));
        }
    }
    Ok(Outcome { contestants: Vec::new(), measurements })
}

/// Starts this program once more for one row, and reads what it says.
///
/// # Errors
///
/// If it cannot be started, or fails; it has told why.
pub(crate) fn in_a_process(options: &Options) -> Result<Figures> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["in-flight", "--url", &options.url]);
    command.args(["--executions", &options.executions.to_string()]);
    command.args(["--rounds", &options.rounds.to_string()]);
    command.args(["--workers", &options.workers.to_string()]);
    if let Some(bytes) = options.keep_resident {
        command.args(["--keep-resident", &bytes.to_string()]);
    }
    let output =
        command.stderr(Stdio::inherit()).output().context("cannot start a process for executions in flight")?;
    ensure!(output.status.success(), "{} executions in flight: {}", options.executions, output.status);
    serde_json::from_slice(&output.stdout).context("expected a line of JSON with the figures")
}

/// Runs as told and prints the figures.
///
/// # Errors
///
/// If an execution fails, or the system does not let this process have as many connections.
pub(crate) fn run(options: &Options) -> Result<()> {
    let figures = measure(options)?;
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

/// Lets this process have so many connections open, if the system does.
///
/// # Errors
///
/// If it does not; the message says what would help.
pub(crate) fn allow_connections(connections: u32) -> Result<()> {
    let needed = u64::from(connections) + OTHER_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    if let Some(most) = maximum
        && most < needed
    {
        bail!(
            "{connections} connections need {needed} open files, and this system allows a process {most}: \
             raise its hard limit (`ulimit -Hn`, `LimitNOFILE=`)"
        );
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(needed), maximum })
        .with_context(|| format!("cannot raise the number of open files to {needed}"))
}

fn measure(options: &Options) -> Result<Figures> {
    ensure!(options.executions > 0 && options.workers > 0 && options.rounds > 0, "expected numbers above zero");
    allow_connections(options.executions)?;
    let mut limits = Limits {
        concurrent_executions: options.executions,
        egress: EgressLimits { idle_connections: options.executions as usize, ..EgressLimits::default() },
        ..Limits::default()
    };
    limits.keep_resident = options.keep_resident.unwrap_or(limits.keep_resident);
    let keep_resident = limits.keep_resident;
    let origin: Origin = options.url.parse()?;
    let connector = Runtime::new(RuntimeOptions { limits, ..RuntimeOptions::default() })?.load_bundled()?;
    let work = Work { connector, policy: EgressPolicy::origins([origin]).allow_loopback(), url: options.url.clone() };
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    // As the harness: see EMBEDDING.md.
    let threads = threads.worker_threads(options.workers).global_queue_interval(1).enable_all().build()?;

    threads.block_on(async {
        work.create().await?;
        let rss_before = rss()?;
        work.rounds(options.executions, 1).await?;
        let (began, processor_before) = (Instant::now(), processor_time()?);
        let mut times = work.rounds(options.executions, options.rounds).await?;
        let (elapsed, processor) = (began.elapsed(), processor_time()?.saturating_sub(processor_before));
        let rss_in_flight = peak_rss()?;
        times.sort_unstable();
        let at = |part: f64| times.get(((times.len() - 1) as f64 * part) as usize).map_or(0, nanoseconds);
        Ok(Figures {
            executions: options.executions,
            workers: options.workers,
            keep_resident,
            throughput: times.len() as f64 / elapsed.as_secs_f64(),
            p50: at(0.5),
            mean: nanoseconds(&(times.iter().sum::<Duration>() / u32::try_from(times.len())?)),
            p99: at(0.99),
            processor: processor / times.len() as u64,
            rss_before,
            rss_in_flight,
            rss_per_execution: rss_in_flight.saturating_sub(rss_before) / u64::from(options.executions),
        })
    })
}

fn nanoseconds(duration: &Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// One create after the other.
#[derive(Clone)]
struct Work {
    connector: Connector,
    policy: EgressPolicy,
    url: String,
}

impl Work {
    /// As many tasks as executions may be in flight, each with one execution after the other. The time of each.
    async fn rounds(&self, executions: u32, rounds: u32) -> Result<Vec<Duration>> {
        let mut tasks = JoinSet::new();
        for _ in 0..executions {
            let work = self.clone();
            tasks.spawn(async move {
                let mut times = Vec::with_capacity(rounds as usize);
                for _ in 0..rounds {
                    let began = Instant::now();
                    work.create().await?;
                    times.push(began.elapsed());
                }
                anyhow::Ok(times)
            });
        }
        let mut times = Vec::with_capacity(executions as usize * rounds as usize);
        while let Some(task) = tasks.join_next().await {
            times.append(&mut task??);
        }
        Ok(times)
    }

    async fn create(&self) -> Result<()> {
        let connection =
            Connection { instance_url: self.url.clone(), access_token: "00Dxx!bench".to_owned(), api_version: None };
        let fields = r#"{"Name":"Acme","Industry":"Energy","NumberOfEmployees":100}"#.to_owned();
        let save = SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };
        let options = CallOptions { deadline_ms: Some(60_000), max_response_bytes: None, attempts: None };
        let execution = self.connector.execution(self.policy.clone());
        execution.create_or_update_record(&connection, "Account", &Target::Create, &fields, &save, options).await?;
        Ok(())
    }
}
