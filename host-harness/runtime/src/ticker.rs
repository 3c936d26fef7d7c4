//! The clock of epoch interruption: a thread that makes busy components yield.

use std::io;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use wasmtime::Engine;

/// How long a busy component keeps a thread before it yields to other tasks and to its deadline.
const TICK: Duration = Duration::from_millis(10);

/// Ticks until it is dropped.
pub(super) struct Ticker {
    /// Never sent on: dropping it ends the thread.
    alive: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(super) fn start(engine: &Engine) -> io::Result<Self> {
        let (alive, ended) = channel();
        let engine = engine.clone();
        let thread = thread::Builder::new().name("wasm-epoch".to_owned()).spawn(move || {
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        })?;
        Ok(Self { alive: Some(alive), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.alive.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}
