//! What configures a server: the arguments, else the environment, else a file in TOML, else a default.
//!
//! The file has the options of `harness serve` by the names that they have on the command line, so there is one description of each.
//! What it says becomes the default of an option, and so is parsed as that option is.

use std::error::Error as _;
use std::ffi::OsString;
use std::fmt::{Display, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::builder::ValueHint;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory};
use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::cli::{Cli, input};

/// Bytes of a file.
const LONGEST: usize = 100_000;
/// Options of the command line alone: which file it is, and what to do with it.
const OF_ARGUMENTS: [&str; 4] = ["config", "check-config", "help", "version"];
/// Options of all commands that a server has.
const OF_ALL_COMMANDS: [&str; 2] = ["ca", "json"];

/// A file, parsed.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    path: PathBuf,
    entries: Vec<Entry>,
}

/// What the file says of an option.
#[derive(Debug)]
struct Entry {
    option: String,
    values: Vec<String>,
    line: usize,
}

/// An option, and where it comes from.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    option: String,
    /// None of what may be left out.
    values: Vec<String>,
    from: &'static str,
}

impl Configuration {
    /// Reads the file that the arguments or the environment name, if there is one.
    ///
    /// # Errors
    /// It cannot be read, is no TOML, or has what is no option of a server.
    pub(crate) fn read(serve: &ArgMatches) -> Result<Configuration, clap::Error> {
        let named = serve.get_one::<PathBuf>("config").filter(|path| !path.as_os_str().is_empty());
        let Some(path) = named else { return Ok(Configuration::default()) };
        let unreadable = |error: &dyn Display| wrong(path, None, &format!("cannot be read: {error}"));
        let bytes = input::text_bytes(path).map_err(|error| unreadable(&error))?;
        if bytes.len() > LONGEST {
            return Err(unreadable(&format!("expected at most {LONGEST} bytes, found {}", bytes.len())));
        }
        let text = String::from_utf8(bytes).map_err(|_| unreadable(&"expected UTF-8 text"))?;
        Ok(Configuration { entries: entries(&text, path)?, path: path.clone() })
    }

    /// The command line with what the file says as defaults: whatever else says something comes first.
    ///
    /// # Errors
    /// A value is not what its option takes.
    pub(crate) fn below(&self, command: clap::Command) -> Result<clap::Command, clap::Error> {
        for entry in &self.entries {
            self.check(entry)?;
        }
        let with = |argument: Arg| match self.entries.iter().find(|entry| Some(&*entry.option) == argument.get_long()) {
            None => argument,
            Some(entry) => argument.default_values(entry.values.clone()),
        };
        Ok(command.mut_args(with).mut_subcommand("serve", |serve| serve.mut_args(with)))
    }

    /// Parses what is said of an option by itself, so that an error names the place in the file.
    fn check(&self, entry: &Entry) -> Result<(), clap::Error> {
        let command = Cli::command();
        let Some((_, argument)) = known(&command).find(|(name, _)| *name == entry.option) else { return Ok(()) };
        let alone = Arg::new("option")
            .long(entry.option.clone())
            .action(argument.get_action().clone())
            .value_parser(argument.get_value_parser().clone())
            .default_values(entry.values.clone());
        let command = clap::Command::new("serve").no_binary_name(true).disable_help_flag(true).arg(alone);
        let Err(error) = command.try_get_matches_from(Vec::<OsString>::new()) else { return Ok(()) };
        let reason = error.source().map_or_else(|| "expected another value".to_owned(), ToString::to_string);
        Err(wrong(&self.path, Some(entry.line), &format!("{}: {reason}", entry.option)))
    }

    /// Each option of a server as it is now.
    pub(crate) fn settings(&self, given: &ArgMatches) -> Vec<Setting> {
        let command = Cli::command();
        let setting = |(name, argument): (&str, &Arg)| {
            let id = argument.get_id().as_str();
            let raw = given.get_raw(id).into_iter().flatten();
            let from = match given.value_source(id) {
                Some(ValueSource::CommandLine) => "argument",
                Some(ValueSource::EnvVariable) => "environment",
                _ if self.entries.iter().any(|entry| entry.option == name) => "file",
                _ => "default",
            };
            let values = raw.map(|value| value.to_string_lossy().into_owned()).collect();
            Setting { option: name.to_owned(), values, from }
        };
        known(&command).map(setting).collect()
    }
}

/// A line for each setting: its option, its value, and where that comes from.
pub(crate) fn table(settings: &[Setting]) -> String {
    let width = |of: fn(&Setting) -> usize| settings.iter().map(of).max().unwrap_or_default();
    let shown = |setting: &Setting| if setting.values.is_empty() { "-".to_owned() } else { setting.values.join(", ") };
    let (options, values) = (width(|setting| setting.option.len()), settings.iter().map(|s| shown(s).chars().count()));
    let values = values.max().unwrap_or_default();
    let mut text = String::new();
    for setting in settings {
        // Writing to a text does not fail.
        let _ = writeln!(text, "  {:options$}  {:values$}  {}", setting.option, shown(setting), setting.from);
    }
    text
}

/// The options that a file may have, by their names.
fn known(command: &clap::Command) -> impl Iterator<Item = (&str, &Arg)> {
    let of_all = command
        .get_arguments()
        .filter(|argument| argument.get_long().is_some_and(|long| OF_ALL_COMMANDS.contains(&long)));
    let own = command.find_subcommand("serve").into_iter().flat_map(clap::Command::get_arguments);
    own.chain(of_all)
        .filter_map(|argument| Some((argument.get_long()?, argument)))
        .filter(|(name, _)| !OF_ARGUMENTS.contains(name))
}

fn entries(text: &str, path: &Path) -> Result<Vec<Entry>, clap::Error> {
    let command = Cli::command();
    let line = |span: Range<usize>| text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count() + 1;
    let table = DeTable::parse(text).map_err(|error| wrong(path, error.span().map(line), error.message()))?;
    let mut entries = Vec::new();
    for (name, value) in table.get_ref().iter() {
        let (line, name) = (line(name.span()), name.get_ref().as_ref());
        let Some((_, argument)) = known(&command).find(|(known, _)| *known == name) else {
            return Err(wrong(path, Some(line), &unknown(name, &command)));
        };
        let values = values(value, argument)
            .ok_or_else(|| wrong(path, Some(line), &format!("{name}: expected {}", expected(argument))))?;
        let values = values.into_iter().map(|value| beside(path, argument, value)).collect();
        entries.push(Entry { option: name.to_owned(), values, line });
    }
    Ok(entries)
}

/// What the option would have in arguments.
fn values(value: &Spanned<DeValue<'_>>, argument: &Arg) -> Option<Vec<String>> {
    let single = |value: &DeValue<'_>| match value {
        DeValue::String(text) => Some(text.as_ref().to_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().map(|n| n.to_string()),
        _ => None,
    };
    match (argument.get_action(), value.get_ref()) {
        (ArgAction::SetTrue, DeValue::Boolean(value)) => Some(vec![value.to_string()]),
        (ArgAction::Append, DeValue::Array(values)) => values.iter().map(|value| single(value.get_ref())).collect(),
        (ArgAction::Set, value) => single(value).map(|value| vec![value]),
        _ => None,
    }
}

fn expected(argument: &Arg) -> &'static str {
    match argument.get_action() {
        ArgAction::SetTrue => "true or false",
        ArgAction::Append => "a list of texts, [\"...\"]",
        _ => "a text in quotes, or a number",
    }
}

/// A file or folder is beside the file that names it, wherever the server is started.
fn beside(path: &Path, argument: &Arg, value: String) -> String {
    let is_path = matches!(argument.get_value_hint(), ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath);
    match path.parent() {
        Some(folder) if is_path && !value.is_empty() => folder.join(value).display().to_string(),
        _ => value,
    }
}

/// An option that a server does not have, and the one that may be meant.
fn unknown(name: &str, command: &clap::Command) -> String {
    let nearest = known(command)
        .map(|(known, _)| (strsim::jaro_winkler(&name.replace('_', "-"), known), known))
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .filter(|(likeness, _)| *likeness > 0.7);
    match nearest {
        Some((_, nearest)) => format!("there is no option `{name}`; did you mean `{nearest}`?"),
        None => {
            let all: Vec<_> = known(command).map(|(known, _)| known).collect();
            format!("there is no option `{name}`; expected one of {}", all.join(", "))
        }
    }
}

fn wrong(path: &Path, line: Option<usize>, words: &str) -> clap::Error {
    let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
    Cli::command().error(ErrorKind::ValueValidation, format!("{}{line}: {words}", path.display()))
}
