//! `harness`: the command line of the Salesforce connector's host.
#![allow(rustdoc::bare_urls, reason = "documentation of arguments is the text of --help")]

mod cli;
mod demo;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use cli::{App, Cli, Command, Exit, interrupt};

fn main() -> ExitCode {
    let Cli { global, command } = Cli::parse();
    if let Command::CompileForVerify = command {
        return salesforce_verify::compile_in_this_process();
    }
    let json = global.json();
    let serves = matches!(command, Command::Serve(_));
    log_to_stderr(global.log_filter(serves), serves && json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            cli::Failure::Local(format!("cannot start the asynchronous runtime: {error}")).report(json);
            return ExitCode::from(Exit::LocalFile.code());
        }
    };
    let exit = runtime.block_on(run(command, &App::new(global), json));
    // A read of standard input or a wait for a lock must not keep the process.
    runtime.shutdown_background();
    ExitCode::from(exit.code())
}

async fn run(command: Command, app: &App, json: bool) -> Exit {
    // The mock runs until Ctrl-C, so there it is the way to end well. The server ends by itself then.
    let ends_well = matches!(command, Command::Mock(_));
    let result = if matches!(command, Command::Serve(_)) {
        cli::run(command, app).await
    } else {
        tokio::select! {
            biased; // Ctrl-C is listened for before anything is sent
            () = interrupt::pressed() => return if ends_well { Exit::Done } else { Exit::Interrupted },
            result = cli::run(command, app) => result,
        }
    };
    match result {
        Ok(()) => Exit::Done,
        Err(failure) => {
            failure.report(json);
            failure.exit()
        }
    }
}

/// A log that takes no more, on a full disk say, is no reason to end: what the subscriber would tell of that itself goes to
/// standard error too, and panics there.
fn log_to_stderr(filter: &str, json: bool) {
    let filter = EnvFilter::new(filter);
    if json {
        return tracing_subscriber::fmt()
            .json()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .log_internal_errors(false)
            .init();
    }
    let coloured = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    subscriber.with_target(false).with_ansi(coloured).init();
}
