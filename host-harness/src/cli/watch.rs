//! `harness watch`: what is new and changed in an object, as JSON lines, for as long as it runs.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use salesforce_actions::Call;
use salesforce_actions::bounded::Whole;
use salesforce_actions::display::line;
use salesforce_connector::core::name::ObjectName;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::App;
use super::action::{Caller, actions};
use super::failure::Failure;
use super::kept::Kept;
use super::{input, layout};

/// Print new and changed records of an object as JSON lines, one record a line, and go on until Ctrl-C
///
/// Each version of a record is printed once. With --position, a file keeps how far it has come, and the same command goes on
/// from there: after Ctrl-C, kill -9 or a crash, the records whose position was not stored yet are printed again. Stores the
/// position after the records are printed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  harness watch Account --fields Name,Owner.Name --position accounts.position")]
pub(crate) struct Watch {
    /// API name of the object
    object: String,
    /// API names of fields, or paths such as Owner.Name; `Id` and `SystemModstamp` are always there. `@FILE` reads them from a
    /// file, `-` from standard input
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',', required = true)]
    fields: Vec<String>,
    /// File that keeps how far it has come; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    position: Option<PathBuf>,
    /// Where to start where there is no position yet: a time such as 2026-11-24T09:30:00Z [default: behind the newest record]
    #[arg(long, value_name = "TIME", conflicts_with = "from_beginning")]
    since: Option<String>,
    /// Start with all records that there are, where there is no position yet
    #[arg(long)]
    from_beginning: bool,
    /// Also print records that were deleted, with `IsDeleted`
    #[arg(long)]
    include_deleted: bool,
    /// Seconds between two looks: 1 to 86,400 [default: 30]
    #[arg(long, value_name = "SECONDS")]
    interval: Option<Whole<u32, 1, 86_400>>,
    /// Look once, print all there is, and end
    #[arg(long)]
    once: bool,
}

/// What `changed-records` gives.
#[derive(Deserialize)]
struct Changed<'a> {
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
    position: String,
    more: bool,
}

/// Where the first poll starts.
enum Start {
    /// With all records, or where the position says.
    Open,
    /// With those of this time.
    Since(String),
    /// Behind the newest record that there is.
    Newest,
    /// Behind those of this time. It is the org's: this machine's clock may be ahead of it, and changes would be missed.
    Behind(String),
}

impl Watch {
    pub(crate) async fn run(mut self, app: &App) -> Result<(), Failure> {
        if let [fields] = self.fields.as_slice()
            && let Some(read) = input::named(fields).await?
        {
            self.fields = input::listed(&read).split(',').map(str::to_owned).collect();
        }
        let hold = |file| Kept::hold(file, "the position", "harness watch", "without the file, it starts anew");
        let kept = self.position.as_deref().map(hold).transpose()?;
        let mut position = kept.as_ref().map_or(Ok(None), Kept::read)?;
        let mut start = match (&position, &self.since) {
            (Some(_), _) => Start::Open,
            (None, None) if self.from_beginning => Start::Open,
            (None, None) => Start::Newest,
            (None, Some(since)) => Start::Since(since.clone()),
        };
        let interval = Duration::from_secs(u64::from(self.interval.map_or(30, Whole::get)));
        let caller = Caller::new(app)?;
        loop {
            let pause = match self.look(&caller, &mut start, position.as_deref()).await {
                Ok(changed) => {
                    let changed: Changed<'_> = serde_json::from_str(changed.get())
                        .map_err(|error| Failure::Local(format!("changed-records gave another result: {error}")))?;
                    print(&changed.records, &start)?;
                    if let Some(kept) = &kept {
                        kept.store(&changed.position)?;
                    }
                    position = Some(changed.position);
                    if changed.more { Duration::ZERO } else { interval }
                }
                Err(failure) => match failure.passes_after().filter(|_| !self.once) {
                    Some(after) => {
                        let after = interval.max(after);
                        anstream::eprintln!(
                            "warning: {}; it is tried again in {} s",
                            line(&failure.message()),
                            after.as_secs()
                        );
                        after
                    }
                    None => return Err(failure),
                },
            };
            if self.once && !pause.is_zero() {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn look(
        &self,
        caller: &Caller<'_>,
        start: &mut Start,
        position: Option<&str>,
    ) -> Result<Box<RawValue>, Failure> {
        if matches!(start, Start::Newest) {
            *start = self.newest(caller).await?.map_or(Start::Open, Start::Behind);
        }
        let since = match start {
            Start::Since(time) | Start::Behind(time) if position.is_none() => Some(time),
            _ => None,
        };
        let request = json!({
            "fields": self.fields,
            "position": position,
            "since": since,
            "include_deleted": self.include_deleted,
        });
        let input = json!({"object": self.object, "request": request}).to_string();
        caller.json(&call("changed-records", &input)?, None).await
    }

    /// The time of the newest record; none if there is no record.
    async fn newest(&self, caller: &Caller<'_>) -> Result<Option<String>, Failure> {
        #[derive(Deserialize)]
        struct Page {
            records: Vec<Stamp>,
        }
        let object = ObjectName::parse(&self.object).map_err(|error| Failure::Usage(error.message))?;
        let soql = format!("SELECT SystemModstamp FROM {} ORDER BY SystemModstamp DESC LIMIT 1", object.as_str());
        let input = json!({"query": {"soql": soql, "include_deleted": self.include_deleted}}).to_string();
        let page = caller.json(&call("soql-query", &input)?, None).await?;
        let page: Page = serde_json::from_str(page.get())
            .map_err(|error| Failure::Local(format!("soql-query gave another result: {error}")))?;
        Ok(page.records.into_iter().next().map(|newest| newest.time))
    }
}

fn call(action: &str, input: &str) -> Result<Call, Failure> {
    Call::parse(actions(), action, input).map_err(|error| Failure::Usage(error.to_string()))
}

/// When a record was changed last.
#[derive(Deserialize)]
struct Stamp {
    #[serde(rename = "SystemModstamp")]
    time: String,
}

fn print(records: &[&RawValue], start: &Start) -> Result<(), Failure> {
    let was_there = |record: &RawValue| match start {
        Start::Behind(time) => serde_json::from_str::<Stamp>(record.get()).is_ok_and(|stamp| stamp.time == *time),
        _ => false,
    };
    let mut stdout = io::stdout().lock();
    let mut lines = || {
        let mut new = records.iter().filter(|record| !was_there(record));
        new.try_for_each(|record| writeln!(stdout, "{}", layout::compact(record.get())))?;
        stdout.flush()
    };
    lines().map_err(Failure::Output)
}
