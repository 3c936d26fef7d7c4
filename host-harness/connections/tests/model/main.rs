//! Every order of events in which two processes with one store can heal one connection: processes that die at any point,
//! questions, refreshes and answers that are lost, a store that fails before or after it has committed, a person who wants
//! the token sent again, an org that replaces refresh tokens, revokes a connection whose old one comes back, and lets an
//! administrator revoke it. What the processes do is decided by [`Healing`] itself; only what surrounds it is modelled here.
//!
//! Assumed: a refresh that was sent arrives at once or never. What may come late, or not at all, is its answer; nobody waits
//! for it after its process has given it up.
#![allow(clippy::indexing_slicing, reason = "a test: what cannot be stops it")]

mod state;

use std::collections::BTreeSet;

use salesforce_connections::protocol::{Answer, Conclusion, Event, Healing, Honoured, ROUNDS, Settling, Step};
use state::{Answered, Org, Process, State, Store, Wrong};
use stateright::{Checker, Model, Property};

/// A mistake to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// Nobody waits for the lease.
    NoLease,
    /// The mark is not committed before the token is sent.
    NoMark,
    /// After a lost answer the token is sent again, and nobody asks.
    NoQuestion,
    /// New tokens are used before they are committed.
    UsedAtOnce,
    /// A question that got no answer is taken for a no.
    SilenceIsNo,
}

/// Two processes, one connection.
#[derive(Clone, Debug)]
struct Connection {
    /// The org replaces a refresh token when it is used.
    rotates: bool,
    /// The app has a secret: it may ask what became of a refresh.
    can_ask: bool,
    /// How many things may go wrong.
    faults: u8,
    /// How many of these may be rare: see [`Action::is_rare`].
    rare: u8,
    mistake: Option<Mistake>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    /// It makes a call, and the org refuses the session.
    Refused(usize),
    Leased(usize),
    /// It does what it is about to do, and all goes well.
    Does(usize),
    /// The answer arrives.
    Hears(usize),
    /// What it sends or asks does not arrive.
    Unsent(usize),
    /// The answer to what arrived is lost, or too late.
    Unheard(usize),
    /// The org says that the token is being refreshed already.
    InProgress(usize),
    /// What it sends does not leave, or is refused for a reason that has nothing to do with the token.
    Harmless(usize),
    /// The store fails, and nothing is committed.
    StoreFails(usize),
    /// The store fails after it has committed.
    StoreFailsLate(usize),
    /// The person who was told wants the token sent again.
    WantsAgain(usize),
    /// An administrator of the org ends the connection.
    Revokes,
    Dies(usize),
    /// The user logs in again, and the tokens are stored without the lease.
    LogsIn,
}

impl Action {
    /// One or two of them in a run are all orders that matter, and each more multiplies the states.
    fn is_rare(self) -> bool {
        use Action::{Harmless, Revokes, StoreFails, StoreFailsLate, WantsAgain};
        matches!(self, Harmless(_) | StoreFails(_) | StoreFailsLate(_) | WantsAgain(_) | Revokes)
    }
}

impl Model for Connection {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            processes: [Process::Idle, Process::Idle],
            lease: None,
            store: Store { tokens: 0, begun: false, ended: None, committed: BTreeSet::from([0]) },
            // The session of the first token set has expired.
            org: Org { latest: u8::MAX, honoured: 0, login: 0, revoked: false },
            faults: self.faults,
            rare: self.rare,
            logins: 1,
            wrong: BTreeSet::new(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let may_be_rare = state.faults > 0 && state.rare > 0;
        if state.faults > 0 && state.logins > 0 {
            actions.push(Action::LogsIn);
        }
        if may_be_rare && !state.org.revoked {
            actions.push(Action::Revokes);
        }
        for (number, process) in state.processes.iter().enumerate() {
            match process {
                Process::Idle if state.store.ended.is_none() && !state.works() => actions.push(Action::Refused(number)),
                Process::Told if may_be_rare => actions.push(Action::WantsAgain(number)),
                Process::Idle | Process::Told => {}
                Process::Waiting { .. } => {
                    if state.lease.is_none() || self.mistake == Some(Mistake::NoLease) {
                        actions.push(Action::Leased(number));
                    }
                }
                Process::Healing { step, .. } => {
                    actions.push(Action::Does(number));
                    if state.faults > 0 && matches!(step, Step::Send | Step::Ask) {
                        actions.push(Action::Unsent(number));
                    }
                    if state.faults > 0 && *step == Step::Send {
                        actions.push(Action::InProgress(number));
                    }
                    if may_be_rare && *step == Step::Send {
                        actions.push(Action::Harmless(number));
                    }
                    if may_be_rare && matches!(step, Step::Load | Step::Begin | Step::Settle(_)) {
                        actions.push(Action::StoreFails(number));
                    }
                    if may_be_rare && matches!(step, Step::Begin | Step::Settle(_)) {
                        actions.push(Action::StoreFailsLate(number));
                    }
                }
                Process::Sent { .. } => {
                    actions.push(Action::Hears(number));
                    if state.faults > 0 {
                        actions.push(Action::Unheard(number));
                    }
                }
            }
            if state.faults > 0 && !matches!(process, Process::Idle | Process::Told) {
                actions.push(Action::Dies(number));
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut state = state.clone();
        if action.is_rare() {
            state.faults -= 1;
            state.rare -= 1;
        }
        match action {
            Action::Refused(number) => {
                state.processes[number] = Process::Waiting { seen: state.store.tokens, again: false };
            }
            Action::WantsAgain(number) => {
                state.processes[number] = Process::Waiting { seen: state.store.tokens, again: true };
            }
            Action::Leased(number) => {
                let Process::Waiting { seen, again } = state.processes[number] else { return None };
                state.lease = Some(number);
                let (healing, step) = (Healing::new(!again, again), Step::Load);
                state.processes[number] = Process::Healing { seen, again, healing, step, came: None, steps: 0 };
            }
            Action::Does(number) => self.does(&mut state, number),
            Action::Hears(number) => {
                let Process::Sent { came: Some(came), .. } = state.processes[number] else { return None };
                match came {
                    Answered::Tokens(tokens) => state.goes_on(number, Event::Answered(Answer::Tokens), Some(tokens)),
                    Answered::Refused => state.goes_on(number, Event::Answered(Answer::Refused), None),
                }
            }
            Action::Unsent(number) => {
                state.faults -= 1;
                let Process::Healing { step, .. } = state.processes[number] else { return None };
                let event = match step {
                    Step::Ask if self.mistake == Some(Mistake::SilenceIsNo) => Event::Asked(Honoured::No),
                    Step::Ask => Event::Asked(Honoured::Failed),
                    _ => Event::Answered(Answer::Unknown),
                };
                state.goes_on(number, event, None);
            }
            Action::Unheard(number) => {
                state.faults -= 1;
                state.goes_on(number, Event::Answered(Answer::Unknown), None);
            }
            Action::InProgress(number) => {
                state.faults -= 1;
                state.goes_on(number, Event::Answered(Answer::InProgress), None);
            }
            Action::Harmless(number) => state.goes_on(number, Event::Answered(Answer::Harmless), None),
            // New tokens are given to it a few times: here it has failed each time, and they are lost.
            Action::StoreFails(number) => state.let_go(number, Process::Idle),
            Action::StoreFailsLate(number) => {
                let Process::Healing { seen, step, came, .. } = state.processes[number] else { return None };
                match step {
                    Step::Begin => drop(self.begins(&mut state, seen)),
                    Step::Settle(settling) => drop(state.settles(seen, settling, came)),
                    _ => return None,
                }
                if step == Step::Settle(Settling::Tokens) {
                    // They are given to it once more, and by then another revision is stored.
                    state.goes_on(number, Event::Settled(false), came);
                } else {
                    state.let_go(number, Process::Idle);
                }
            }
            Action::Revokes => state.org.revoked = true,
            Action::Dies(number) => {
                state.faults -= 1;
                state.let_go(number, Process::Idle);
            }
            Action::LogsIn => {
                state.faults -= 1;
                state.logins -= 1;
                let tokens = state.org.gives();
                (state.org.honoured, state.org.login) = (tokens, tokens);
                state.org.revoked = false;
                state.store.tokens = tokens;
                state.store.committed.insert(tokens);
                (state.store.begun, state.store.ended) = (false, None);
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        fn never(state: &State, wrong: Wrong) -> bool {
            !state.wrong.contains(&wrong)
        }
        vec![
            Property::always("a replaced token is never sent", |_, state: &State| {
                never(state, Wrong::SentReplacedToken)
            }),
            Property::always("two refreshes are never in flight", |_, state: &State| never(state, Wrong::TwoInFlight)),
            Property::always("tokens are stored before they are used", |_, state: &State| {
                never(state, Wrong::UsedUncommitted)
            }),
            Property::always("a connection that the org honours is not ended", |_, state: &State| {
                never(state, Wrong::EndedThoughHonoured)
            }),
            Property::always("a healing ends", |_, state: &State| never(state, Wrong::GoesOnForEver)),
            Property::eventually(
                "a connection comes back, or somebody is told",
                |model: &Connection, state: &State| {
                    let is_told = !model.can_ask && state.processes.contains(&Process::Told);
                    state.works() || state.store.ended.is_some() || is_told
                },
            ),
            Property::sometimes("a session is healed", |_, state: &State| state.works()),
        ]
    }
}

impl Connection {
    fn does(&self, state: &mut State, number: usize) {
        let Process::Healing { seen, step, came, .. } = state.processes[number] else { return };
        let event = match step {
            Step::Load if state.store.ended.is_some() => return state.let_go(number, Process::Idle),
            Step::Load => {
                Event::Loaded { newer: state.store.tokens != seen, begun: state.store.begun, refreshable: true }
            }
            Step::Ask if self.mistake == Some(Mistake::NoQuestion) => Event::Asked(Honoured::Yes),
            Step::Ask if !self.can_ask => Event::Asked(Honoured::CannotAsk),
            Step::Ask => Event::Asked(if state.honours(seen) { Honoured::Yes } else { Honoured::No }),
            Step::Begin => Event::Begun(self.begins(state, seen)),
            Step::Send => return self.sends(state, number),
            Step::Settle(settling) => {
                if let (Settling::Tokens, Some(tokens), Some(Mistake::UsedAtOnce)) = (settling, came, self.mistake) {
                    state.uses(tokens);
                }
                Event::Settled(state.settles(seen, settling, came))
            }
            Step::Wait(_) => Event::Waited,
            Step::Finish(conclusion) => {
                if let (Conclusion::Refreshed, Some(tokens)) = (conclusion, came) {
                    state.uses(tokens);
                }
                let then = if conclusion == Conclusion::Unfinished { Process::Told } else { Process::Idle };
                return state.let_go(number, then);
            }
        };
        state.goes_on(number, event, came);
    }

    fn begins(&self, state: &mut State, seen: u8) -> bool {
        let is_current = state.is_current(seen);
        state.store.begun |= is_current && self.mistake != Some(Mistake::NoMark);
        is_current
    }

    /// The org reads the token as it arrives.
    fn sends(&self, state: &mut State, number: usize) {
        let Process::Healing { seen, again, healing, steps, .. } = state.processes[number].clone() else { return };
        if state.processes.iter().any(|process| matches!(process, Process::Sent { .. })) {
            state.wrong.insert(Wrong::TwoInFlight);
        }
        // What was loaded, and was not newer.
        let came = if state.honours(seen) {
            let next = state.org.gives();
            if self.rotates {
                state.org.honoured = next;
            }
            Answered::Tokens(next)
        } else {
            let is_replaced = seen < state.org.honoured && seen >= state.org.login;
            if is_replaced {
                state.org.revoked = true;
            }
            // A person was told that this may be.
            if is_replaced && !again {
                state.wrong.insert(Wrong::SentReplacedToken);
            }
            Answered::Refused
        };
        state.processes[number] = Process::Sent { seen, healing, came: Some(came), steps };
    }
}

/// Enough for a healing to give up.
const FAULTS: u8 = ROUNDS + 2;
/// Two rare things in a run, e.g. a store that fails and a connection that is revoked.
const RARE: u8 = 2;
#[test]
fn every_order_of_events_keeps_every_promise() {
    for (rotates, can_ask) in [(true, true), (true, false), (false, true), (false, false)] {
        let model = Connection { rotates, can_ask, faults: FAULTS, rare: RARE, mistake: None };
        let checker = model.checker().spawn_bfs().join();
        checker.assert_properties();
        let states = checker.unique_state_count();
        assert!(states > 500, "{states} states are not all orders of events");
    }
}

#[test]
fn mistakes_are_found() {
    for (mistake, property) in [
        (Mistake::NoLease, "two refreshes are never in flight"),
        (Mistake::NoLease, "a replaced token is never sent"),
        (Mistake::NoMark, "a replaced token is never sent"),
        (Mistake::NoQuestion, "a replaced token is never sent"),
        (Mistake::UsedAtOnce, "tokens are stored before they are used"),
        (Mistake::SilenceIsNo, "a connection that the org honours is not ended"),
    ] {
        let model = Connection { rotates: true, can_ask: true, faults: 3, rare: 0, mistake: Some(mistake) };
        let checker = model.checker().spawn_bfs().join();
        assert!(checker.discovery(property).is_some(), "{mistake:?} breaks no promise: {property}");
    }
}
