//! Ctrl-C (or SIGTERM, which a supervisor sends), and the few things it has to wait for.
//!
//! New tokens exist nowhere but in this process until they are stored: a refresh, or the exchange of a code, is
//! finished before Ctrl-C ends the process. Each has a deadline, so the wait is bounded. A write is not waited for, but told;
//! only a step of many, which the next run goes on behind, is.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Mutex, MutexGuard};

static WRITES: AtomicUsize = AtomicUsize::new(0);
static KEPT_WRITES: AtomicUsize = AtomicUsize::new(0);
static STEP: Mutex<()> = Mutex::const_new(());

/// A write, which may be at Salesforce already, is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct Write(&'static AtomicUsize);

/// What was under way when the program was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnderWay {
    Nothing,
    /// A write.
    Write,
    /// A write of which the next run asks what became of it.
    KeptWrite,
}

impl Write {
    pub(crate) fn begin() -> Write {
        Write::counted_by(&WRITES)
    }

    /// One of which the next run asks what became of it.
    pub(crate) fn begin_kept() -> Write {
        Write::counted_by(&KEPT_WRITES)
    }

    fn counted_by(count: &'static AtomicUsize) -> Write {
        count.fetch_add(1, Ordering::SeqCst);
        Write(count)
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A step of many is under way until this is dropped. Ctrl-C waits for it, so that what became of it can be stored; Ctrl-C once
/// more does not.
#[derive(Debug)]
pub(crate) struct Step(#[expect(dead_code, reason = "it is held")] MutexGuard<'static, ()>);

impl Step {
    /// Begins one. After Ctrl-C none begins: this never returns.
    pub(crate) async fn begin() -> Step {
        Step(STEP.lock().await)
    }
}

/// Returns once the user has pressed Ctrl-C and nothing that must finish is under way: what else is. It is listened for from
/// now on. Unless `silent`, it is said what is waited for.
pub(crate) fn pressed(silent: bool) -> impl Future<Output = UnderWay> {
    let mut signals = Signals::listen();
    async move {
        signals.next().await;
        if !silent && STEP.try_lock().is_err() {
            let words = "a request is under way, and waited for so that the next run knows what came of it";
            anstream::eprintln!("note: {words}; Ctrl-C once more does not wait");
        }
        tokio::select! {
            // The lock is never let go, so no other step begins.
            step = STEP.lock() => std::mem::forget(step),
            () = signals.next() => {}
        }
        salesforce_connections::finished().await;
        let is_any = |count: &AtomicUsize| count.load(Ordering::SeqCst) > 0;
        match (is_any(&KEPT_WRITES), is_any(&WRITES)) {
            (true, _) => UnderWay::KeptWrite,
            (false, true) => UnderWay::Write,
            (false, false) => UnderWay::Nothing,
        }
    }
}

/// Returns once the user has pressed Ctrl-C, which is listened for from now on. For a server, which lets finish by itself what must.
pub(crate) fn signalled() -> impl Future<Output = ()> {
    let mut signals = Signals::listen();
    async move { signals.next().await }
}

/// What asks a process to end.
struct Signals([io::Result<Signal>; 2]);

impl Signals {
    fn listen() -> Signals {
        Signals([SignalKind::interrupt(), SignalKind::terminate()].map(signal))
    }

    async fn next(&mut self) {
        let Signals([interrupted, terminated]) = self;
        tokio::select! {
            Some(()) = next(interrupted) => {}
            Some(()) = next(terminated) => {}
            // No signal handler can be had: the system's own handling stays, which ends the process.
            else => std::future::pending().await,
        }
    }
}

async fn next(signals: &mut io::Result<Signal>) -> Option<()> {
    signals.as_mut().ok()?.recv().await
}
