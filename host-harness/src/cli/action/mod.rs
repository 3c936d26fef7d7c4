//! The actions as commands: a subcommand for each action of the component, its flags and its help from the WIT.
//!
//! ```text
//! WIT ──► flags (of clap) ──► input (the API's JSON) ──► Caller: here, or at a server ──► JSON
//!                                                                  │                  └─ page: table, --all
//!                                                                  └─ --streams: files, all records
//! ```

mod all;
mod bound;
mod caller;
mod children;
mod flags;
mod input;
mod out;
mod page;
mod results;
mod streams;
mod written;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Subcommand};
use salesforce_actions::{Action, Actions, Call};

use super::App;
use super::failure::Failure;
use super::verify::COMPILER;
pub(super) use bound::Bound;
pub(super) use caller::Caller;
use flags::Flags;
pub(super) use flags::PARAMETERS;
use input::FlagValues;
use out::Out;
use page::PageOptions;
use results::Form;
use streams::{STREAMS, Told};

/// The first page of a query, whose others can follow.
const SOQL_QUERY: &str = "soql-query";
const NEXT_PAGE: &str = "next-page";
const ALL: &str = "all";
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The commands of this program, which no action can be called.
pub(super) const TAKEN: [&str; 26] = [
    "backup",
    "bulk-load",
    "bulk-query",
    COMPILER,
    "completions",
    "component",
    "connections",
    "demo",
    "describe",
    "executions",
    "health",
    "help",
    "introspect",
    "load",
    "login",
    "mcp",
    "mock",
    "refresh",
    "restore",
    "revoke",
    "rotate-key",
    "serve",
    "verify",
    "version",
    "watch",
    "webhook",
];

/// An action that was asked for, with its flags.
#[derive(Debug)]
pub(crate) struct Invocation {
    action: String,
    given: FlagValues,
    all: bool,
    streams: bool,
    page: Option<PageOptions>,
    form: Form,
    out: Out,
    idempotency_key: Option<String>,
}

/// The actions that there are commands for: of the component that the arguments name, or of the connector.
pub(crate) fn actions() -> &'static Arc<Actions> {
    // Commands that are no actions work with any file.
    found().as_ref().unwrap_or_else(|_| Actions::of_connector())
}

/// Why there are no commands for the actions of the component that the arguments name.
pub(crate) fn without_actions() -> Option<&'static str> {
    found().as_ref().err().map(String::as_str)
}

fn found() -> &'static Result<Arc<Actions>, String> {
    static FOUND: OnceLock<Result<Arc<Actions>, String>> = OnceLock::new();
    FOUND.get_or_init(|| match component_of(std::env::args_os()) {
        Some(path) => of_file(&path),
        None => Ok(Actions::of_connector().clone()),
    })
}

fn of_file(path: &Path) -> Result<Arc<Actions>, String> {
    let shown = path.display();
    let wasm = crate::cli::input::bytes(path).map_err(|error| format!("cannot read the component {shown}: {error}"))?;
    let found = salesforce_actions::of_component(&wasm);
    let actions = found.map_err(|error| format!("{shown} cannot be used as a component: {error}"))?.documented();
    if actions.is_empty() {
        return Err(format!("{shown} has no actions: harness verify {shown} says why"));
    }
    Ok(Arc::new(actions))
}

/// What `--component` names: the commands that there are depend on it, so it is known before the arguments are read.
fn component_of(arguments: impl Iterator<Item = std::ffi::OsString>) -> Option<PathBuf> {
    let mut arguments = arguments.skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--") => return None,
            Some("--component") => return arguments.next().map(PathBuf::from),
            Some(text) => {
                if let Some(path) = text.strip_prefix("--component=") {
                    return Some(PathBuf::from(path));
                }
            }
            None => {}
        }
    }
    None
}

impl Subcommand for Invocation {
    fn augment_subcommands(command: Command) -> Command {
        actions().iter().fold(command, |command, action| command.subcommand(subcommand(action)))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        called(name).is_some()
    }
}

impl FromArgMatches for Invocation {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let wrong = || clap::Error::raw(clap::error::ErrorKind::InvalidSubcommand, "expected an action");
        let (name, matches) = matches.subcommand().ok_or_else(wrong)?;
        let action = called(name).ok_or_else(wrong)?;
        Ok(Self {
            action: action.name.clone(),
            given: FlagValues::of(&Flags::of(actions(), action), matches),
            all: is_given(matches, ALL),
            streams: is_given(matches, STREAMS),
            page: gives_page(actions(), action).then(|| PageOptions::from_arg_matches(matches)).transpose()?,
            out: if out::bytes(actions(), action).is_some() { Out::from_arg_matches(matches)? } else { Out::default() },
            form: if results::has_rows(actions(), action) { Form::from_arg_matches(matches)? } else { Form::default() },
            idempotency_key: matches.get_one::<String>(IDEMPOTENCY_KEY).cloned(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Whether its result is a page of records.
fn gives_page(actions: &Actions, action: &Action) -> bool {
    action.result.is_some_and(|id| actions.types().is_own(id, "soql", "page"))
}

/// Whether a switch is given that not every command has.
fn is_given(matches: &ArgMatches, switch: &str) -> bool {
    matches.try_get_one::<bool>(switch).ok().flatten().copied().unwrap_or_default()
}

/// Whether all pages can be asked for.
fn has_all(actions: &Actions, action: &Action) -> bool {
    action.name == SOQL_QUERY && actions.named(NEXT_PAGE).is_some()
}

/// Adds the flags that the command of an action has beside those of its parameters and the global ones.
fn add_own_flags(mut command: Command, actions: &Actions, action: &Action) -> Command {
    if gives_page(actions, action) {
        command = PageOptions::augment_args(command);
        if has_all(actions, action) {
            let all = Arg::new(ALL).long(ALL).action(clap::ArgAction::SetTrue);
            command =
                command.arg(all.conflicts_with_all(["pretty", "table", IDEMPOTENCY_KEY]).help(
                    "Stream every page as JSON lines, one record a line; with --csv as CSV, when the last has come",
                ));
        }
    }
    if !gives_page(actions, action) && results::has_rows(actions, action) {
        command = Form::augment_args(command);
    }
    if out::bytes(actions, action).is_some() {
        command = Out::augment_args(command);
    }
    command = command.args(streams::flag(actions, action));
    let help = "With --server: a name for this very call; the same again gets the recorded result, and nothing is sent";
    command.arg(Arg::new(IDEMPOTENCY_KEY).long(IDEMPOTENCY_KEY).value_name("KEY").help(help))
}

fn subcommand(action: &Action) -> Command {
    let flags = Flags::of(actions(), action);
    let mut command = add_own_flags(flags.add_to(Command::new(command_name(action))), actions(), action);
    command = command.about(format!("Action: {}", lower_first(&flowing(action.summary()))));
    command = command.long_about(if action.docs.is_empty() { action.name.clone() } else { flowing(&action.docs) });
    command.after_help(flags.example(&command_name(action)))
}

/// What an action is called here: where a command of this program has its name, its interface stands before.
fn command_name(action: &Action) -> String {
    if TAKEN.contains(&action.name.as_str()) {
        let interface = action.interface.split('@').next().unwrap_or_default();
        return format!("{interface}.{}", action.function);
    }
    action.name.clone()
}

fn called(command: &str) -> Option<&'static Action> {
    actions().iter().find(|action| command_name(action) == command)
}

/// Documentation without the ends of lines inside of its paragraphs: the terminal has its own.
fn flowing(docs: &str) -> String {
    let line = |paragraph: &str| paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    docs.split("\n\n").map(line).collect::<Vec<_>>().join("\n\n")
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}

impl Invocation {
    pub(crate) async fn run(mut self, app: &App) -> Result<(), Failure> {
        let Some(action) = actions().named(&self.action) else {
            return Err(Failure::Usage(format!("there is no action {}", self.action)));
        };
        if self.idempotency_key.is_some() && app.server()?.is_none() {
            let words = "--idempotency-key needs a server, which keeps the keys: see --server";
            return Err(Failure::Usage(words.to_owned()));
        }
        let flags = Flags::of(actions(), action);
        let data = if self.streams { self.given.take_bytes(&flags) } else { None };
        let input = self.given.into_json(&flags).await?;
        let call = Call::parse(actions(), &self.action, &input).map_err(|error| Failure::Usage(flags.told(&error)))?;
        self.out.check()?;
        let ran = match self.page {
            page if self.streams => {
                let told = Told { page: page.as_ref(), out: &self.out, form: &self.form };
                streams::run(app, &call, data.as_deref(), told).await
            }
            Some(page) if self.all => all::stream(app, call, &page).await,
            Some(page) => page.print(app, &call, self.idempotency_key.as_deref()).await,
            None => match Caller::new(app)?.json(&call, self.idempotency_key.as_deref()).await {
                Ok(answer) => {
                    let member = out::bytes(actions(), action).unwrap_or_default();
                    results::print(app, &self.out.write(answer, &member)?, &self.form)
                }
                Err(failure) => Err(failure),
            },
        };
        ran.map_err(|failure| flags.told_of_call(failure))
    }
}

/// The page behind a cursor.
fn next_page(cursor: &str) -> Result<Call, Failure> {
    let input = serde_json::json!({ "cursor": cursor }).to_string();
    Call::parse(actions(), NEXT_PAGE, &input).map_err(|error| Failure::Usage(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    #[test]
    fn documentation_flows_in_its_paragraphs() {
        assert_eq!(flowing("One\n  line.\n\nAnother\none."), "One line.\n\nAnother one.");
    }

    #[test]
    fn the_component_is_known_before_the_arguments_are_read() {
        let of = |text: &str| component_of(text.split(' ').map(OsString::from));
        assert_eq!(of("harness --component a.wasm list-quotes"), Some(PathBuf::from("a.wasm")));
        assert_eq!(of("harness list-quotes --component=a.wasm"), Some(PathBuf::from("a.wasm")));
        assert_eq!(of("harness soql-query -- --component a.wasm"), None);
        assert_eq!(of("harness soql-query --component"), None);
    }
}
