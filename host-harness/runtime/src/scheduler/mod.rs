//! Processor time for components, shared fairly among tenants.
//!
//! Components run on threads of their own, so that whatever they do, HTTP, database and refreshes keep theirs. A component
//! has a thread for one *turn* at a time: until it waits for something, or until the tick of the epoch makes it yield. The
//! next turn is that of the tenant that has used the least processor time lately.
//!
//! ```text
//!             ┌─ light ── a thread for each processor, of normal priority
//! execution ──┤
//!             └─ heavy ── a thread less than processors (at least one), of low priority
//! ```
//!
//! An execution begins as light; it is heavy once it has used more than a tick, or its tenant more than its allowance. A
//! bulk instruction (`memory.copy`) cannot be interrupted by the tick. It runs at low priority as well, and there is a
//! processor that no heavy work ever takes.

mod line;
mod task;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tracing::Instrument;

use line::{Lane, Line, Tenant};
use task::Task;

/// How much less important threads of heavy work are than others: a tenth of their share where all want a processor. At the
/// very lowest, heavy work would stand still beside whatever else a machine does, and miss its deadline.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Shares processors among tenants. Cheap to clone; its threads end with the last clone.
#[derive(Clone)]
pub struct Scheduler {
    shared: Arc<Shared>,
    _open: Arc<Open>,
}

struct Shared {
    queue: Mutex<Queue>,
    light: Condvar,
    heavy: Condvar,
}

struct Queue {
    line: Line<Arc<Task>>,
    /// What nobody waits for any more. It goes before anything else runs: it holds memory.
    discarded: VecDeque<Arc<Task>>,
    closed: bool,
}

/// The threads run as long as this is here.
struct Open(Arc<Shared>);

/// Work whose end somebody waits for. Dropped, it is cancelled.
struct Awaited(Arc<Task>);

impl Scheduler {
    /// Starts the threads, for as many processors as this process may use.
    ///
    /// # Errors
    ///
    /// The system has no room for them.
    pub fn start() -> io::Result<Scheduler> {
        Scheduler::for_processors(thread::available_parallelism().map_or(1, NonZero::get))
    }

    fn for_processors(processors: usize) -> io::Result<Scheduler> {
        let queue = Queue { line: Line::new(), discarded: VecDeque::new(), closed: false };
        let (light, heavy) = (Condvar::new(), Condvar::new());
        let shared = Arc::new(Shared { queue: Mutex::new(queue), light, heavy });
        let open = Arc::new(Open(Arc::clone(&shared)));
        let spawn = |name: &str, lane: Lane| {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name(name.to_owned()).spawn(move || shared.work(lane)).map(drop)
        };
        for _ in 0..processors {
            spawn("wasm-light", Lane::Light)?;
        }
        for _ in 0..processors.saturating_sub(1).max(1) {
            spawn("wasm-heavy", Lane::Heavy)?;
        }
        Ok(Scheduler { shared, _open: open })
    }

    /// Does the work in turns of its tenant, in the caller's span; none: the host's own. None if it panicked. Dropping the future cancels it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        tenant: Option<Arc<str>>,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let work = async move {
            // Nobody is left to tell if it was cancelled just now.
            let _ = answer.send(work.await);
        };
        let work = Box::pin(work.in_current_span());
        let task = Awaited(Task::new(tenant, Arc::clone(&self.shared), Handle::current(), work));
        std::task::Wake::wake_by_ref(&task.0);
        answered.await.ok()
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scheduler")
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.light.notify_all();
        self.0.heavy.notify_all();
    }
}

impl Shared {
    fn work(&self, lane: Lane) {
        if lane == Lane::Heavy {
            step_back();
        }
        while let Some(task) = self.next(lane) {
            task.take_turn();
        }
    }

    /// Waits for a turn; none when there will be no more.
    fn next(&self, lane: Lane) -> Option<Arc<Task>> {
        let mut queue = self.lock();
        loop {
            if let Some(task) = queue.discarded.pop_front().or_else(|| queue.line.next(lane, Instant::now())) {
                return Some(task);
            }
            if queue.closed {
                return None;
            }
            let news = match lane {
                Lane::Light => &self.light,
                Lane::Heavy => &self.heavy,
            };
            queue = news.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn push(&self, task: Arc<Task>, used: Duration) {
        let tenant = task.tenant.clone();
        let lane = self.lock().line.push(&tenant, used, task, Instant::now());
        match lane {
            Lane::Light => self.light.notify_one(),
            Lane::Heavy => self.heavy.notify_one(),
        }
    }

    fn discard(&self, task: Arc<Task>) {
        self.lock().discarded.push_back(task);
        self.heavy.notify_one();
    }

    fn charge(&self, tenant: &Tenant, used: Duration) {
        self.lock().line.charge(tenant, used, Instant::now());
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes this thread less important than others, where threads have a priority of their own.
pub fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!(%error, "busy components run with the priority of everything else");
    }
}

#[cfg(test)]
mod tests;
