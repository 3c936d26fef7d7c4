//! Work that takes turns: it is polled by one thread at a time, and goes when nobody waits for it any more.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use tokio::runtime::Handle;

use super::Shared;
use super::line::Tenant;

pub(super) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One piece of work.
pub(super) struct Task {
    pub(super) tenant: Tenant,
    scheduler: Arc<Shared>,
    /// Timers and sockets of the work are this runtime's.
    io: Handle,
    state: Mutex<State>,
}

struct State {
    stage: Stage,
    used: Duration,
    cancelled: bool,
}

enum Stage {
    /// It waits for a wake-up.
    Idle(Work),
    /// It waits for a turn.
    InLine(Work),
    /// It has a turn. Whether it was woken since that began.
    Turn { woken: bool },
    /// It has ended.
    Over,
}

impl Task {
    pub(super) fn new(tenant: Tenant, scheduler: Arc<Shared>, io: Handle, work: Work) -> Arc<Task> {
        let state = State { stage: Stage::Idle(work), used: Duration::ZERO, cancelled: false };
        Arc::new(Task { tenant, scheduler, io, state: Mutex::new(state) })
    }

    /// Takes one turn.
    pub(super) fn take_turn(self: Arc<Self>) {
        let mut work = {
            let mut state = self.lock();
            match mem::replace(&mut state.stage, Stage::Turn { woken: false }) {
                Stage::InLine(work) if !state.cancelled => work,
                // Whatever it holds goes here, where there is time for it.
                other => {
                    state.stage = Stage::Over;
                    drop(state);
                    let _io = self.io.enter();
                    return drop(other);
                }
            }
        };
        let waker = Waker::from(Arc::clone(&self));
        let began = processor_time();
        let ended = {
            let _io = self.io.enter();
            let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut Context::from_waker(&waker))));
            // A panic has been told by its hook; whoever waits learns that there is no answer.
            polled.is_err() || polled.is_ok_and(|polled| polled.is_ready())
        };
        let used = processor_time().saturating_sub(began);
        self.scheduler.charge(&self.tenant, used);
        let mut state = self.lock();
        state.used += used;
        let woken = matches!(state.stage, Stage::Turn { woken: true });
        if ended || state.cancelled {
            state.stage = Stage::Over;
            drop(state);
            let _io = self.io.enter();
            return drop(work);
        }
        state.stage = Stage::Idle(work);
        if woken {
            self.get_in_line(state);
        }
    }

    /// Nobody waits for it any more.
    pub(super) fn cancel(self: &Arc<Self>) {
        let mut state = self.lock();
        state.cancelled = true;
        match state.stage {
            Stage::Over | Stage::Turn { .. } => {}
            Stage::Idle(_) | Stage::InLine(_) => {
                drop(state);
                self.scheduler.discard(Arc::clone(self));
            }
        }
    }

    fn get_in_line(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        match mem::replace(&mut state.stage, Stage::Over) {
            Stage::Idle(work) => {
                state.stage = Stage::InLine(work);
                let used = state.used;
                drop(state);
                self.scheduler.push(Arc::clone(self), used);
            }
            Stage::Turn { .. } => state.stage = Stage::Turn { woken: true },
            other => state.stage = other,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.get_in_line(self.lock());
    }
}

/// What this thread has used of a processor.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
