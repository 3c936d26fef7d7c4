//! What may be: the processes, the store and the org, and what each of their moves makes of them.

use std::collections::BTreeSet;

use salesforce_connections::protocol::{Ending, Event, Healing, ROUNDS, Settling, Step};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) processes: [Process; 2],
    pub(crate) lease: Option<usize>,
    pub(crate) store: Store,
    pub(crate) org: Org,
    pub(crate) faults: u8,
    pub(crate) rare: u8,
    pub(crate) logins: u8,
    /// What must never be.
    pub(crate) wrong: BTreeSet<Wrong>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Process {
    /// It may find the session expired.
    Idle,
    /// It has been refused with this revision, and waits for the lease.
    Waiting { seen: u8, again: bool },
    /// It has the lease, and is about to do this. With `again` a person wants the token sent, whatever came of it before: once.
    Healing { seen: u8, again: bool, healing: Healing, step: Step, came: Option<u8>, steps: u8 },
    /// It has sent this token, and waits.
    Sent { seen: u8, healing: Healing, came: Option<Answered>, steps: u8 },
    /// It has told a person, and goes no further.
    Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answered {
    Tokens(u8),
    Refused,
}

/// Token sets are numbered in the order in which the org gives them. Revision and token set are one number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Store {
    pub(crate) tokens: u8,
    pub(crate) begun: bool,
    pub(crate) ended: Option<Ending>,
    /// All that ever were committed.
    pub(crate) committed: BTreeSet<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Org {
    /// The token set whose session is good; older ones have expired.
    pub(crate) latest: u8,
    /// The oldest token set whose refresh token is honoured.
    pub(crate) honoured: u8,
    /// The first token set of the user's latest login. Tokens of an earlier one are refused and do no harm.
    pub(crate) login: u8,
    pub(crate) revoked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Wrong {
    SentReplacedToken,
    TwoInFlight,
    UsedUncommitted,
    EndedThoughHonoured,
    GoesOnForEver,
}

/// Steps of the longest healing: five in each round, and those before and after.
pub(crate) const LONGEST: u8 = 6 * (ROUNDS + 1);

impl Org {
    /// The number of the next set, from 1.
    pub(crate) fn gives(&mut self) -> u8 {
        self.latest = if self.latest == u8::MAX { 1 } else { self.latest + 1 };
        self.latest
    }
}

impl State {
    /// The stored session is good.
    pub(crate) fn works(&self) -> bool {
        self.store.tokens == self.org.latest && !self.org.revoked
    }

    pub(crate) fn honours(&self, tokens: u8) -> bool {
        tokens >= self.org.honoured && !self.org.revoked
    }

    pub(crate) fn is_current(&self, seen: u8) -> bool {
        self.store.tokens == seen && self.store.ended.is_none()
    }

    pub(crate) fn uses(&mut self, tokens: u8) {
        if !self.store.committed.contains(&tokens) {
            self.wrong.insert(Wrong::UsedUncommitted);
        }
    }

    pub(crate) fn settles(&mut self, seen: u8, settling: Settling, came: Option<u8>) -> bool {
        if !self.is_current(seen) {
            return false;
        }
        match (settling, came) {
            (Settling::Tokens, Some(tokens)) => {
                self.store.tokens = tokens;
                self.store.committed.insert(tokens);
            }
            (Settling::Ended(ending), _) => {
                if self.honours(self.store.tokens) {
                    self.wrong.insert(Wrong::EndedThoughHonoured);
                }
                self.store.ended = Some(ending);
            }
            (Settling::Tokens | Settling::Unchanged, _) => {}
        }
        self.store.begun = false;
        true
    }

    pub(crate) fn goes_on(&mut self, number: usize, event: Event, came: Option<u8>) {
        let (seen, again, mut healing, steps) = match &self.processes[number] {
            // What a person wants is done once.
            Process::Healing { seen, again, healing, step, steps, .. } => {
                (*seen, *again && *step != Step::Send, healing.clone(), steps + 1)
            }
            Process::Sent { seen, healing, steps, .. } => (*seen, false, healing.clone(), steps + 1),
            Process::Idle | Process::Waiting { .. } | Process::Told => return,
        };
        if steps > LONGEST {
            self.wrong.insert(Wrong::GoesOnForEver);
            return self.let_go(number, Process::Told);
        }
        let step = healing.next(event);
        self.processes[number] = Process::Healing { seen, again, healing, step, came, steps };
    }

    /// The lease ends with whatever the process did, and with the process.
    pub(crate) fn let_go(&mut self, number: usize, then: Process) {
        if self.lease == Some(number) {
            self.lease = None;
        }
        self.processes[number] = then;
    }
}
