//! Who takes part, and how each is started.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{Peer, Request, Work};
use crate::org::Address;
use crate::results::Contestant;

/// The root of the repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Where the contestants' programs are. Those of others are found by the variables that `cargo xtask bench` sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// This program, with the component that it carries.
    Own,
    /// This program, with a component in a file.
    Component { variable: &'static str, file: &'static str },
    /// Any program that speaks the protocol. An empty variable says that it is not there.
    Other { variable: &'static str, command: &'static str },
}

const USUAL: Program =
    Program::Component { variable: "BENCH_USUAL", file: "target/bench/usual/wasm32-wasip2/release/usual.wasm" };
const JAVASCRIPT: Program =
    Program::Component { variable: "BENCH_JAVASCRIPT", file: "target/second-implementation/salesforce.wasm" };
const NATIVE: Program = Program::Other { variable: "BENCH_NATIVE", command: "target/bench/native/release/native" };
const EXTISM: Program = Program::Other {
    variable: "BENCH_EXTISM",
    command: "target/bench/extism/release/extism-peer \
              target/bench/extism/wasm32-unknown-unknown/release/extism_plugin.wasm",
};
const ISOLATE: Program =
    Program::Other { variable: "BENCH_ISOLATE", command: "node --no-node-snapshot bench/node/isolate_per_call.mjs" };
const PROCESS: Program = Program::Other { variable: "BENCH_PROCESS", command: "node bench/node/process_per_call.mjs" };
const NODE: Program = Program::Other { variable: "BENCH_NODE", command: "node bench/node/jsforce.mjs" };
const PYTHON: Program =
    Program::Other { variable: "BENCH_PYTHON", command: "python3 bench/python/simple_salesforce.py" };

/// What the contestants are compared at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// Compiling, loading, instantiating.
    Components,
    /// Calls over plain HTTP.
    Plain,
    /// Many pages, over plain HTTP.
    Pages,
    /// Calls over HTTPS.
    Tls,
}

impl Setting {
    /// In the order of the results.
    fn contestants(self) -> Vec<(&'static str, Program)> {
        let contestants: &[_] = match self {
            Self::Components => {
                &[("ours", Program::Own), ("ours-hosted", Program::Own), ("usual", USUAL), ("javascript", JAVASCRIPT)]
            }
            Self::Plain => &[
                ("ours", Program::Own),
                ("ours-hosted", Program::Own),
                ("ours-default-send", Program::Own),
                ("usual", USUAL),
                ("javascript", JAVASCRIPT),
                ("extism", EXTISM),
                ("isolated-vm", ISOLATE),
                ("process-per-call", PROCESS),
                ("hyper", NATIVE),
                ("reqwest", NATIVE),
                ("jsforce", NODE),
            ],
            Self::Pages => return [&[("ours-streams", Program::Own)], Self::Plain.contestants().as_slice()].concat(),
            Self::Tls => &[
                ("ours", Program::Own),
                ("ours-unpooled", Program::Own),
                ("hyper", NATIVE),
                ("hyper-unpooled", NATIVE),
                ("simple-salesforce", PYTHON),
            ],
        };
        contestants.to_vec()
    }

    /// Starts all that are there, and tells of those that are not.
    pub(crate) fn start(self, org: &Address) -> Result<Vec<Peer>> {
        let mut peers = Vec::new();
        for (name, program) in self.contestants() {
            match program.command()? {
                Some(command) => peers.push(Peer::start(name, command, org)?),
                None => eprintln!("{name} is left out: {program:?} is not there"),
            }
        }
        Ok(peers)
    }
}

impl Program {
    /// None if it is not there.
    fn command(self) -> Result<Option<Command>> {
        let root = Path::new(ROOT);
        let mut command = match self {
            Self::Own => {
                let mut own = Command::new(env::current_exe()?);
                own.arg("peer");
                own
            }
            Self::Component { variable, file } => {
                let file = env::var_os(variable).map_or_else(|| root.join(file), PathBuf::from);
                if !file.exists() {
                    return Ok(None);
                }
                let mut own = Command::new(env::current_exe()?);
                own.args(["peer", "--component"]).arg(file);
                own
            }
            Self::Other { variable, command } => match named(variable, command) {
                Some(other) => other,
                None => return Ok(None),
            },
        };
        command.current_dir(root);
        Ok(Some(command))
    }
}

/// The program that this variable names, otherwise this command. None if it is not there.
pub(crate) fn named(variable: &str, command: &str) -> Option<Command> {
    let given = env::var(variable).unwrap_or_else(|_| command.to_owned());
    command_line(Path::new(ROOT), &given)
}

/// A program and its arguments, words apart by blanks. None if one of its files is not there, or if there are no words.
fn command_line(root: &Path, words: &str) -> Option<Command> {
    let mut words = words.split_whitespace().map(|word| match word.contains('/') {
        // An absolute path stays as it is.
        true => Some(root.join(word)).filter(|file| file.exists()),
        false => Some(PathBuf::from(word)),
    });
    let mut command = Command::new(words.next()??);
    for word in words {
        command.arg(word?);
    }
    Some(command)
}

/// Asks a contestant what it is made of.
pub(crate) fn describe(peer: &mut Peer) -> Result<Contestant> {
    let version = peer.run(&Request::of(Work::Version, 0))?.version;
    Ok(Contestant { name: peer.name().to_owned(), version: version.unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_there_if_all_of_its_files_are() {
        let root = Path::new(ROOT);
        let given = |words: &str| {
            let command = command_line(root, words)?;
            let arguments = command.get_args().map(|word| word.to_string_lossy().into_owned());
            Some(
                [command.get_program().to_string_lossy().into_owned()].into_iter().chain(arguments).collect::<Vec<_>>(),
            )
        };
        let script = root.join("bench/node/jsforce.mjs").display().to_string();
        assert_eq!(given("node --flag bench/node/jsforce.mjs").unwrap(), ["node", "--flag", &script]);
        assert_eq!(given(&format!("node {script}")).unwrap(), ["node", &script]);
        for missing in ["node bench/no-such-script.mjs", "bench/no-such-program --flag", ""] {
            assert_eq!(given(missing), None, "{missing}");
        }
    }
}
