//! The arguments of this process: parsed for the command that they name, with what a server's file says below them.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};

use super::serve::Configuration;
use super::{Cli, Command};

/// Options that each command takes.
const OF_ALL: [&str; 3] = ["json", "pretty", "verbose"];

/// What these commands take of the options that most take. All others take all.
const OF_FEW: [(&str, &[&str]); 13] = [
    ("demo", &["component", "deadline_ms", "max_response_bytes", "attempts", "ca"]),
    ("mock", &["connection"]),
    ("component", &["component"]),
    ("verify", &["ca", "server", "token_file"]),
    ("serve", &["ca"]),
    ("connections", &["ca", "server", "token_file", "connection_name"]),
    ("executions", &["ca", "server", "token_file", "connection_name"]),
    ("webhook", &["ca", "server", "token_file"]),
    ("health", &["ca", "server"]),
    ("completions", &[]),
    ("rotate-key", &[]),
    ("backup", &[]),
    ("restore", &[]),
];

impl Cli {
    /// Reads the arguments of this process, the environment, and the file that configures a server.
    ///
    /// # Errors
    /// What was expected of them, or the help that they ask for.
    pub(crate) fn from_process() -> Result<Cli, clap::Error> {
        let mut matches = match command().try_get_matches() {
            Ok(matches) => matches,
            Err(error) => return Err(without_environment().unwrap_or(error)),
        };
        let configuration = match matches.subcommand() {
            Some(("serve", serve)) => Some(Configuration::read(serve)?),
            _ => None,
        };
        if let Some(configuration) = &configuration {
            matches = configuration.below(command())?.try_get_matches()?;
        }
        refuse_foreign(&matches)?;
        let mut cli = Cli::from_arg_matches(&matches)?;
        let Some((_, given)) = matches.subcommand() else { return Ok(cli) };
        match (&mut cli.command, configuration) {
            (Command::Serve(serve), Some(configuration)) => serve.settings = configuration.settings(given),
            // It writes the file, and what the environment names is there to be read.
            (Command::Mock(_), _) if given.value_source("connection") == Some(ValueSource::EnvVariable) => {
                cli.global.forget_connection();
            }
            _ => {}
        }
        Ok(cli)
    }
}

/// The command line, with the options hidden that have no effect on a command. A variable that is empty says nothing.
pub(crate) fn command() -> clap::Command {
    fn without_empty(command: clap::Command) -> clap::Command {
        let is_empty =
            |argument: &clap::Arg| argument.get_env().and_then(std::env::var_os).is_some_and(|v| v.is_empty());
        command
            .mut_args(|argument| if is_empty(&argument) { argument.env(None) } else { argument })
            .mut_subcommands(without_empty)
    }
    let mut command = without_empty(Cli::command());
    // Only now each command has them.
    command.build();
    let globals: Vec<_> = globals(&command).map(|argument| argument.get_id().clone()).collect();
    command.mut_subcommands(|command| {
        let name = command.get_name().to_owned();
        without_foreign(command, &name, &globals)
    })
}

/// A command, or one below it, with the options hidden that have no effect on `name`.
fn without_foreign(command: clap::Command, name: &str, globals: &[clap::Id]) -> clap::Command {
    let shown = command.mut_args(|argument| {
        let is_foreign = globals.contains(argument.get_id()) && !takes(name, argument.get_id().as_str());
        if is_foreign { argument.hide(true) } else { argument }
    });
    shown.mut_subcommands(|command| without_foreign(command, name, globals))
}

fn globals(command: &clap::Command) -> impl Iterator<Item = &clap::Arg> {
    command.get_arguments().filter(|argument| argument.is_global_set())
}

fn takes(command: &str, option: &str) -> bool {
    let few = OF_FEW.iter().find(|(name, _)| *name == command).map(|(_, few)| few);
    OF_ALL.contains(&option) || few.is_none_or(|few| few.contains(&option))
}

/// An option that was typed and has no effect is a mistake. What the environment says is for other commands too.
fn refuse_foreign(matches: &ArgMatches) -> Result<(), clap::Error> {
    let Some((name, given)) = matches.subcommand() else { return Ok(()) };
    let command = Cli::command();
    let mut foreign = globals(&command).filter(|argument| !takes(name, argument.get_id().as_str()));
    let typed =
        |argument: &&clap::Arg| given.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine);
    match foreign.find(typed).and_then(clap::Arg::get_long) {
        None => Ok(()),
        Some(long) => {
            let words = format!("--{long} has no effect on `harness {name}`: leave it out");
            Err(Cli::command().error(ErrorKind::UnknownArgument, words))
        }
    }
}

/// The same error of the same arguments, as if no variable stood for an option that may be left out: of what a variable gives, the
/// usage below an error would say that it must be typed.
fn without_environment() -> Option<clap::Error> {
    fn forget(command: clap::Command) -> clap::Command {
        let optional = |argument: clap::Arg| if argument.is_required_set() { argument } else { argument.env(None) };
        command.mut_args(optional).mut_subcommands(forget)
    }
    forget(command()).try_get_matches().err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_take_are_options_of_commands() {
        let command = Cli::command();
        let is_option = |id: &&str| globals(&command).any(|argument| argument.get_id() == *id);
        for (name, few) in OF_FEW {
            assert!(command.find_subcommand(name).is_some(), "{name}");
            assert!(few.iter().all(&is_option), "{name}: {few:?}");
        }
        assert!(OF_ALL.iter().all(is_option));
    }

    #[test]
    fn help_shows_what_has_an_effect() {
        let help = |name: &str| command().find_subcommand_mut(name).unwrap().render_long_help().to_string();
        assert!(help("soql-query").contains("--deadline-ms") && help("verify").contains("--server"));
        let mut set = command();
        let set = set.find_subcommand_mut("webhook").and_then(|webhook| webhook.find_subcommand_mut("set")).unwrap();
        let set = set.render_long_help().to_string();
        assert!(set.contains("--server") && !set.contains("--component") && !set.contains("--deadline-ms"), "{set}");
        let (mock, serve) = (help("mock"), help("serve"));
        assert!(
            mock.contains("--connection ") && !mock.contains("--deadline-ms") && !mock.contains("--server"),
            "{mock}"
        );
        assert!(serve.contains("--ca ") && !serve.contains("--connection "), "{serve}");
    }

    #[test]
    fn what_has_no_effect_is_refused_where_it_is_typed() {
        let refused = |arguments: &[&str]| refuse_foreign(&command().try_get_matches_from(arguments).unwrap());
        for arguments in [["harness", "mock", "--attempts=2"], ["harness", "--server=http://127.0.0.1:1", "demo"]] {
            let error = refused(&arguments).unwrap_err().to_string();
            assert!(error.contains("has no effect on `harness "), "{error}");
        }
        refused(&["harness", "mock", "--connection=mock.json", "-v"]).unwrap();
    }
}
