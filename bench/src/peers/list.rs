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
    /// Any program that speaks the protocol.
    Other { variable: &'static str, command: &'static str },
}

const USUAL: Program =
    Program::Component { variable: "BENCH_USUAL", file: "target/bench/usual/wasm32-wasip2/release/usual.wasm" };
const JAVASCRIPT: Program =
    Program::Component { variable: "BENCH_JAVASCRIPT", file: "target/second-implementation/salesforce.wasm" };
const NATIVE: Program = Program::Other { variable: "BENCH_NATIVE", command: "target/bench/native/release/native" };
const NODE: Program = Program::Other { variable: "BENCH_NODE", command: "node bench/jsforce.mjs" };
const PYTHON: Program = Program::Other { variable: "BENCH_PYTHON", command: "python3 bench/simple_salesforce.py" };

/// What the contestants are compared at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// Compiling, loading, instantiating.
    Components,
    /// Calls over plain HTTP.
    Plain,
    /// Calls over HTTPS.
    Tls,
}

impl Setting {
    /// In the order of the results.
    fn contestants(self) -> &'static [(&'static str, Program)] {
        match self {
            Self::Components => &[("ours", Program::Own), ("usual", USUAL), ("javascript", JAVASCRIPT)],
            Self::Plain => &[
                ("ours", Program::Own),
                ("ours-default-send", Program::Own),
                ("usual", USUAL),
                ("javascript", JAVASCRIPT),
                ("hyper", NATIVE),
                ("reqwest", NATIVE),
                ("jsforce", NODE),
            ],
            Self::Tls => &[
                ("ours", Program::Own),
                ("ours-unpooled", Program::Own),
                ("hyper", NATIVE),
                ("hyper-unpooled", NATIVE),
                ("simple-salesforce", PYTHON),
            ],
        }
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
            Self::Other { variable, command } => {
                let given = env::var(variable).unwrap_or_else(|_| command.to_owned());
                let mut words = given.split_whitespace().map(str::to_owned);
                let program = words.next().unwrap_or_default();
                let arguments: Vec<_> = words.collect();
                let file = arguments.first().unwrap_or(&program);
                if !root.join(file).exists() {
                    return Ok(None);
                }
                let program = if program.contains('/') { root.join(&program).into_os_string() } else { program.into() };
                let mut other = Command::new(program);
                other.args(arguments);
                other
            }
        };
        command.current_dir(root);
        Ok(Some(command))
    }
}

/// Asks a contestant what it is made of.
pub(crate) fn describe(peer: &mut Peer) -> Result<Contestant> {
    let version = peer.run(&Request::of(Work::Version, 0))?.version;
    Ok(Contestant { name: peer.name().to_owned(), version: version.unwrap_or_default() })
}
