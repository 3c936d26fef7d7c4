//! The command line: one file for each command, and what they share.
//!
//! Results go to standard output as JSON, everything else to standard error. Secrets come in through files, the
//! environment or a prompt, never through arguments, and go out to the connection file alone.

mod action;
pub(crate) mod app;
mod appended;
mod arguments;
mod backup;
mod bulk;
mod compiling;
mod completions;
mod component;
mod csv;
mod describe;
mod exit_code;
mod failure;
mod input;
pub(crate) mod interrupt;
mod introspect;
mod kept;
mod layout;
mod listen;
mod load;
mod login;
mod mcp;
mod mock;
mod names;
mod output;
mod proxy;
mod refresh;
mod remote;
mod revoke;
mod rows;
mod serve;
mod verify;
mod watch;

use clap::{Parser, Subcommand};

pub(crate) use action::without_actions;
pub(crate) use app::{App, Connectors, GlobalOptions};
pub(crate) use exit_code::Exit;
pub(crate) use failure::{Effect, Failure};
pub(crate) use names::error_kind;
pub(crate) use output::table_of;
pub(crate) use verify::COMPILER;

/// Runs a Salesforce connector, a WebAssembly component, the way a workflow runtime would.
///
/// Every call is made by the component in a fresh, sandboxed instance; this program gives it HTTP to one org and
/// nothing else. `harness demo` shows all of it against a Salesforce in memory, without an account.
///
/// Results are JSON on standard output: one compact line in a pipe or with --json, indented on a terminal or with
/// --pretty. Errors are plain sentences on standard error, or with --json one line {"error":{"kind":...}}. Secrets are
/// never taken from arguments and never printed.
///
/// `harness serve` runs a server; with --server URL, or HARNESS_SERVER, login, the actions, verify, refresh and revoke are
/// done there, with the same results and exit codes.
#[derive(Debug, Parser)]
#[command(name = "harness", version, max_term_width = 100, after_long_help = exit_code::table())]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalOptions,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(crate::demo::Demo),
    Mock(mock::Mock),
    Login(login::Login),
    #[command(flatten)]
    Action(action::Invocation),
    Describe(describe::Describe),
    Watch(watch::Watch),
    Load(load::Load),
    BulkQuery(bulk::BulkQuery),
    BulkLoad(bulk::BulkLoad),
    Introspect(introspect::Introspect),
    Refresh(refresh::Refresh),
    Revoke(revoke::Revoke),
    Component(component::Component),
    Verify(verify::Verify),
    Serve(serve::Serve),
    Mcp(mcp::Mcp),
    Connections(remote::Connections),
    Executions(remote::Executions),
    Webhook(remote::Webhook),
    Health(remote::Health),
    RotateKey(serve::RotateKey),
    Backup(backup::Backup),
    Restore(backup::Restore),
    Completions(completions::Completions),
}

/// Runs a command.
///
/// # Errors
/// Why it failed; the caller reports it.
pub(crate) async fn run(command: Command, app: &App) -> Result<(), Failure> {
    match command {
        Command::Demo(demo) => demo.run(app).await,
        Command::Mock(mock) => mock.run(app).await,
        Command::Login(login) => login.run(app).await,
        Command::Action(action) => action.run(app).await,
        Command::Describe(describe) => describe.run(app).await,
        Command::Watch(watch) => watch.run(app).await,
        Command::Load(load) => load.run(app).await,
        Command::BulkQuery(query) => query.run(app).await,
        Command::BulkLoad(load) => load.run(app).await,
        Command::Introspect(introspect) => introspect.run(app).await,
        Command::Refresh(refresh) => refresh.run(app).await,
        Command::Revoke(revoke) => revoke.run(app).await,
        Command::Component(component) => component.run(app),
        Command::Verify(verify) => verify.run(app).await,
        Command::Serve(serve) => serve.run(app).await,
        Command::Mcp(mcp) => mcp.run(app).await,
        Command::Connections(connections) => connections.run(app).await,
        Command::Executions(executions) => executions.run(app).await,
        Command::Webhook(webhook) => webhook.run(app).await,
        Command::Health(health) => health.run(app).await,
        Command::RotateKey(rotate) => rotate.run(app).await,
        Command::Backup(backup) => backup.run(app),
        Command::Restore(restore) => restore.run(app),
        Command::Completions(completions) => completions.run(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn no_action_can_take_the_name_of_a_command() {
        for command in Cli::command().get_subcommands().map(clap::Command::get_name) {
            let is_action = action::actions().named(command).is_some();
            assert!(is_action != action::TAKEN.contains(&command), "{command}");
        }
    }

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_a_description_and_an_example() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.contains(&format!("harness {}", command.get_name())), "{}", command.get_name());
        }
    }

    #[test]
    fn help_fits_a_terminal_where_it_is_laid_out_by_hand() {
        for command in Cli::command().get_subcommands() {
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in after.lines() {
                assert!(line.chars().count() <= 98, "{}: {line}", command.get_name());
            }
        }
    }

    /// The types of the values say the bounds in errors, and the texts of help say them once more.
    #[test]
    fn help_says_the_bounds_of_each_number_and_errors_say_the_same() {
        fn check(command: &clap::Command, path: &[&str], numbers: &mut usize) {
            for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
                let Some(flag) = argument.get_long().map(|long| format!("--{long}")) else { continue };
                let given = [path, &[&flag, "?"]].concat();
                let told = Cli::command().try_get_matches_from(given).err().map(|error| error.to_string());
                let told = told.unwrap_or_default();
                assert!(!told.contains("invalid digit") && !told.contains(".."), "{path:?}: {told}");
                let Some((_, bounds)) = told.split_once("a whole number from ") else { continue };
                let bounds = bounds.lines().next().unwrap();
                let help = argument.get_help().unwrap().to_string();
                assert!(help.contains(bounds), "{path:?} {flag}: expected {bounds}: {help}");
                *numbers += 1;
            }
            for command in command.get_subcommands() {
                check(command, &[path, &[command.get_name()]].concat(), numbers);
            }
        }
        let mut numbers = 0;
        check(&Cli::command(), &["harness"], &mut numbers);
        assert!(numbers >= 17, "{numbers}");
    }

    #[test]
    fn no_argument_takes_a_secret() {
        for command in Cli::command().get_subcommands() {
            for argument in command.get_arguments().filter_map(clap::Arg::get_long) {
                let secret = ["secret", "token", "password"].iter().any(|word| argument.contains(word));
                assert!(!secret || argument.ends_with("-file"), "{} --{argument}", command.get_name());
            }
        }
    }
}
