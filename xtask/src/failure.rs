//! Why a command of xtask ends early, and the exit code that goes with it.

use std::fmt::Display;
use std::io;
use std::process::{ExitCode, ExitStatus};

/// What every step gives back.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// A step that did not do what it is for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Told in plain words; `code` is the exit code.
    Told { message: String, code: u8 },
    /// A program that we started has already said what is wrong; its exit code is passed on.
    Program { code: u8 },
}

impl Failure {
    /// Something is missing or wrong: exit code 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Told { message: message.into(), code: 1 }
    }

    /// The command line is wrong: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Told { message: message.into(), code: 2 }
    }

    /// An operating-system error, with what was being done.
    pub(crate) fn io(doing: impl Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::new(format!("could not {doing}: {error}"))
    }

    /// The sentence to print, unless somebody has printed it.
    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Self::Told { message, .. } => Some(message),
            Self::Program { .. } => None,
        }
    }

    /// The exit code of xtask.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Told { code, .. } | Self::Program { code } => ExitCode::from(*code),
        }
    }
}

/// Passes on how a program ended: an exit code as it is, a signal as 1.
pub(crate) fn passed_on(status: ExitStatus) -> Outcome {
    if status.success() {
        return Ok(());
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Err(Failure::Program { code: code.filter(|code| *code != 0).unwrap_or(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_of_a_failed_program_is_passed_on() {
        let mut program = std::process::Command::new(env!("CARGO"));
        let status = program.arg("no-such-command-of-cargo").output().unwrap().status;
        let failure = passed_on(status).unwrap_err();
        assert!(failure.message().is_none());
        assert!(matches!(failure, Failure::Program { code: 101 }));
    }
}
