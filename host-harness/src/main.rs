//! `harness`: the command line of the Salesforce connector's host.
#![allow(rustdoc::bare_urls, reason = "documentation of arguments is the text of --help")]

mod cli;
mod demo;

use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

use cli::interrupt::UnderWay;
use cli::{App, COMPILER, Cli, Command, Exit, Failure, interrupt};

/// How long a command that is busy may take to hear of Ctrl-C.
const PATIENCE: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|first| first == COMPILER) {
        return salesforce_verify::compile_in_this_process();
    }
    let Cli { global, command } = match Cli::from_process() {
        Ok(parsed) => parsed,
        Err(error) => return told(&error),
    };
    let json = global.json();
    let serves = matches!(command, Command::Serve(_));
    log_to_stderr(global.log_filter(serves), serves && json);
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    // A thread looks at the queue of all threads before each task, so that with thousands of executions none is passed over.
    let runtime = match threads.global_queue_interval(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            Failure::Local(format!("cannot start the asynchronous runtime: {error}")).report(json);
            return ExitCode::from(Exit::LocalFile.code());
        }
    };
    let exit = runtime.block_on(run(command, &App::new(global), json));
    // A read of standard input or a wait for a lock must not keep the process.
    runtime.shutdown_background();
    ExitCode::from(exit.code())
}

async fn run(command: Command, app: &App, json: bool) -> Exit {
    // A server ends by itself.
    if matches!(command, Command::Serve(_)) {
        return exit_of(cli::run(command, app).await, json);
    }
    // These run until Ctrl-C, so there it is the way to end well.
    let (ends_well, at_server) = (matches!(command, Command::Mock(_) | Command::Mcp(_)), app.asks_a_server());
    let exit_at = move |under_way| match (under_way, ends_well) {
        (UnderWay::Write, _) => exit_of(Err(Failure::Interrupted { at_server, is_kept: false }), json),
        (UnderWay::KeptWrite, _) => exit_of(Err(Failure::Interrupted { at_server, is_kept: true }), json),
        (UnderWay::Nothing, true) => Exit::Done,
        (UnderWay::Nothing, false) => Exit::Interrupted,
    };
    let ((tell, told), pressed) = (oneshot::channel(), interrupt::pressed(json));
    // This thread may be busy: it compiles, or reads a pipe that nobody writes to.
    let watch = tokio::spawn(async move {
        let under_way = pressed.await;
        // The receiver is gone only when the program ends.
        let _ = tell.send(under_way);
        tokio::time::sleep(PATIENCE).await;
        std::process::exit(exit_at(under_way).code().into())
    });
    tokio::select! {
        biased;
        Ok(under_way) = told => {
            watch.abort();
            exit_at(under_way)
        }
        result = cli::run(command, app) => exit_of(result, json),
    }
}

fn exit_of(result: Result<(), Failure>, json: bool) -> Exit {
    match result {
        Ok(()) => Exit::Done,
        Err(failure) => {
            failure.report(json);
            failure.exit()
        }
    }
}

/// Tells what is wrong with the arguments, or shows the help that they ask for. With `--json` what is wrong is told as JSON, like
/// everything else that fails.
fn told(error: &clap::Error) -> ExitCode {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    let mut arguments = std::env::args_os().skip(1).take_while(|argument| argument != "--");
    let json = arguments.any(|argument| argument == "--json");
    // Its actions would be the commands.
    if (is_help || error.kind() == ErrorKind::InvalidSubcommand)
        && let Some(why) = cli::without_actions()
    {
        let failure = Failure::Local(why.to_owned());
        failure.report(json);
        return ExitCode::from(failure.exit().code());
    }
    if is_help || !json {
        // Nobody is left to tell if standard error is closed.
        let _ = error.print();
        return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
    }
    let text = error.render().to_string();
    // How the command is called, and where its help is, stand below in paragraphs of their own.
    let words = text.split("\n\nUsage:").next().and_then(|text| text.split("\n\nFor more information").next());
    let words = words.unwrap_or_default().trim_start_matches("error: ").trim();
    let failure = Failure::Usage(words.to_owned());
    failure.report(true);
    ExitCode::from(failure.exit().code())
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
