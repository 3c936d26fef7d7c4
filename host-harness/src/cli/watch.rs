//! `harness watch`: what is new and changed in an object, as JSON lines, for as long as it runs.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use salesforce_actions::Call;
use salesforce_actions::bounded::Whole;
use salesforce_actions::display::line;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::App;
use super::action::{Caller, actions};
use super::failure::Failure;
use super::{input, layout};

/// Characters of a position, and what an editor may add.
const LONGEST_POSITION: u64 = 100_000;

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
    /// API names of fields, or paths such as Owner.Name; `Id` and `SystemModstamp` are always there
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',', required = true)]
    fields: Vec<String>,
    /// File that keeps how far it has come; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    position: Option<PathBuf>,
    /// Where to start where there is no position yet: a time such as 2026-11-24T09:30:00Z [default: now]
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

/// Where the position is kept. Held by one process at a time.
struct Kept {
    file: PathBuf,
    _lock: File,
}

impl Watch {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let kept = self.position.as_deref().map(Kept::hold).transpose()?;
        let mut position = kept.as_ref().map_or(Ok(None), Kept::read)?;
        let since = match (&position, &self.since) {
            (Some(_), _) => None,
            (None, None) if self.from_beginning => None,
            (None, None) => Some(Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            (None, Some(since)) => Some(since.clone()),
        };
        let interval = Duration::from_secs(u64::from(self.interval.map_or(30, Whole::get)));
        let caller = Caller::new(app)?;
        loop {
            let call = self.call(position.as_deref(), since.as_deref())?;
            let pause = match caller.json(&call, None).await {
                Ok(changed) => {
                    let changed: Changed<'_> = serde_json::from_str(changed.get())
                        .map_err(|error| Failure::Local(format!("changed-records gave another result: {error}")))?;
                    print(&changed.records)?;
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

    fn call(&self, position: Option<&str>, since: Option<&str>) -> Result<Call, Failure> {
        let request = json!({
            "fields": self.fields,
            "position": position,
            "since": since.filter(|_| position.is_none()),
            "include_deleted": self.include_deleted,
        });
        let input = json!({"object": self.object, "request": request}).to_string();
        Call::parse(actions(), "changed-records", &input).map_err(|error| Failure::Usage(error.to_string()))
    }
}

fn print(records: &[&RawValue]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let mut lines = || {
        records.iter().try_for_each(|record| writeln!(stdout, "{}", layout::compact(record.get())))?;
        stdout.flush()
    };
    lines().map_err(Failure::Output)
}

impl Kept {
    /// Takes it for this process alone.
    fn hold(file: &Path) -> Result<Kept, Failure> {
        let mut beside = file.as_os_str().to_owned();
        beside.push(".lock");
        let beside = PathBuf::from(beside);
        let lock = File::options().create(true).truncate(false).write(true).open(&beside);
        let lock = lock.map_err(|error| Failure::Local(format!("cannot open {}: {error}", beside.display())))?;
        match lock.try_lock() {
            Ok(()) => Ok(Kept { file: file.to_owned(), _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(Failure::Local(format!(
                "another harness watch has the position {}: end that one, or name another file",
                file.display()
            ))),
            Err(fs::TryLockError::Error(error)) => {
                Err(Failure::Local(format!("cannot lock {}: {error}", beside.display())))
            }
        }
    }

    /// None before the first poll.
    fn read(&self) -> Result<Option<String>, Failure> {
        let wrong = |error: &dyn std::fmt::Display| {
            let file = self.file.display();
            Failure::Local(format!("cannot read the position {file}: {error}; without the file, it starts anew"))
        };
        match fs::metadata(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(found) if found.len() > LONGEST_POSITION => {
                return Err(wrong(&format_args!("expected at most {LONGEST_POSITION} bytes")));
            }
            _ => {}
        }
        let bytes = input::text_bytes(&self.file).map_err(|error| wrong(&error))?;
        let text = String::from_utf8(bytes).map_err(|_| wrong(&"expected text"))?;
        Ok(Some(text.trim_end().to_owned()))
    }

    /// All of it or nothing: a file beside it takes its place.
    fn store(&self, position: &str) -> Result<(), Failure> {
        let store = || {
            let file = fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
            let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let mut new = tempfile::NamedTempFile::new_in(directory)?;
            writeln!(new, "{position}")?;
            new.as_file().sync_all()?;
            new.persist(&file)?;
            File::open(directory)?.sync_all()
        };
        store().map_err(|error: io::Error| {
            Failure::Local(format!("cannot write the position {}: {error}", self.file.display()))
        })
    }
}
