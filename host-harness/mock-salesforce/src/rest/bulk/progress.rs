//! Brings an ingest job to its end: a slice of its rows at a time, so that others are answered in between. Not for what
//! becomes of a row.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::dialect::Dialect;
use super::load::{Load, Loading, Operation};
use crate::lock::lock;
use crate::org::Org;
use crate::rest::Rest;
use crate::rest::call::Call;
use crate::site::CALLER;

/// Data up to this size are looked at, and their first rows written, before the job's request is answered.
const SMALL: usize = 64 * 1024;
/// Between two slices. Without it, the org's lock would mostly go to the next slice.
const PAUSE: Duration = Duration::from_millis(1);

/// A job whose data are complete.
pub(super) struct Task {
    pub(super) object: String,
    pub(super) operation: Operation,
    pub(super) dialect: Dialect,
    pub(super) content: Vec<u8>,
    /// By what the job knows its rows.
    pub(super) rows: Arc<usize>,
    pub(super) call: Call,
}

/// How far it has come.
enum Progress {
    Ready(Task),
    UnderWay { rows: Arc<usize>, call: Call, loading: Box<Loading> },
}

impl Task {
    /// Writes the rows. Of small data, those that make one slice are written when this returns; the others follow.
    pub(super) fn start(self, rest: &Arc<Rest>) {
        let is_small = self.content.len() <= SMALL;
        let ready = Progress::Ready(self);
        let next = if is_small { ready.step(rest).and_then(|progress| progress.step(rest)) } else { Some(ready) };
        if let Some(progress) = next {
            tokio::spawn(progress.go_on(Arc::downgrade(rest)));
        }
    }
}

impl Progress {
    /// Takes step after step, as long as there is an org. Each waits for whoever may have to undo what was done since.
    async fn go_on(mut self, rest: Weak<Rest>) {
        while let Some(rest) = rest.upgrade() {
            let turn = rest.turns.read().await;
            let shared = Arc::clone(&rest);
            let Ok(Some(next)) = tokio::task::spawn_blocking(move || self.step(&shared)).await else { return };
            self = next;
            drop(turn);
            drop(rest);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Looks at the data, or writes a slice of the rows; none when the job is over.
    fn step(self, rest: &Rest) -> Option<Self> {
        match self {
            Self::Ready(Task { object, operation, dialect, content, rows, call }) => {
                let user = call.bearer.user_id.clone();
                let org = || CALLER.sync_scope(user, || rest.site.org().clone());
                match Loading::begin(org, object, operation, dialect, content) {
                    Ok(loading) => Some(Self::UnderWay { rows, call, loading: Box::new(loading) }),
                    Err(load) => {
                        lock(&rest.jobs).written(&rows, load);
                        None
                    }
                }
            }
            Self::UnderWay { rows, call, mut loading } => {
                let load = CALLER.sync_scope(call.bearer.user_id.clone(), || {
                    // The org's lock comes first.
                    let mut org = rest.site.org();
                    slice(rest, &mut org, &rows, &call, &mut loading)
                });
                match load {
                    Some(load) => {
                        lock(&rest.jobs).written(&rows, load);
                        None
                    }
                    None => Some(Self::UnderWay { rows, call, loading }),
                }
            }
        }
    }
}

/// Writes a slice of the rows. Answers what became of all of them when there are no more, or nobody wants them any more.
fn slice(rest: &Rest, org: &mut Org, rows: &Arc<usize>, call: &Call, loading: &mut Loading) -> Option<Load> {
    if !lock(&rest.jobs).wants(rows) {
        return Some(loading.stop());
    }
    let writes = loading.slice(org, &call.writes);
    if let Some(entry) = &call.entry {
        entry.changed(writes);
    }
    loading.done()
}
