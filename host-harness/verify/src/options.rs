//! Bounds of a verification.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use salesforce_runtime::{Limits, Scheduler};

/// What a component may cost while it is verified, and with which limits it will run.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// Bytes of the component. Default: 32 MiB.
    pub component_bytes: u64,
    /// Processor time to examine and compile it, in whole seconds. Default: 60 seconds.
    pub compile_time: Duration,
    /// Address space to examine and compile it. Default: 1 GiB.
    pub compile_memory: u64,
    /// Limits that it is compiled for and called with. `deadline` holds for each call of a check; default here:
    /// 10 seconds.
    pub limits: Limits,
    /// All checks of its behaviour together; what is left then is not run. Default: 2 minutes.
    pub behaviour_time: Duration,
    /// Where the compiled code of a component that may run is kept, so that
    /// [`Runtime::load`](salesforce_runtime::Runtime::load) does not compile it again: the
    /// [`code_cache`](salesforce_runtime::RuntimeOptions::code_cache) of a runtime, whatever its limits. Default: none, it
    /// is thrown away.
    pub code_cache: Option<PathBuf>,
    /// Where it works: a directory of the file system that `code_cache` is on, made if it is missing. Default: `code_cache`
    /// itself, or the system's directory for temporary files.
    pub work: Option<PathBuf>,
    /// What compiles, in a process of its own.
    pub compiler: CompilerCommand,
    /// Who else uses this machine's processors: calls take their turns there, as those of the tenant that is named.
    /// Default: nobody.
    pub scheduler: Option<(Scheduler, String)>,
}

/// A program that calls [`compile_in_this_process`](super::compile_in_this_process) when it is started with these
/// arguments, and does nothing else.
#[derive(Clone, Debug)]
pub struct CompilerCommand {
    /// Its path.
    pub program: PathBuf,
    /// What tells it to compile.
    pub arguments: Vec<OsString>,
}

impl VerifyOptions {
    /// The defaults, with this compiler.
    #[must_use]
    pub fn new(compiler: CompilerCommand) -> Self {
        Self {
            component_bytes: 32 << 20,
            compile_time: Duration::from_secs(60),
            compile_memory: 1 << 30,
            limits: Limits { deadline: Duration::from_secs(10), concurrent_executions: 4, ..Limits::default() },
            behaviour_time: Duration::from_secs(120),
            code_cache: None,
            work: None,
            compiler,
            scheduler: None,
        }
    }
}
