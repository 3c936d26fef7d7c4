//! How an expired session is healed by one refresh: the decisions, without a clock, a network or a store.
//!
//! ```text
//! load ─┬─ newer than what was refused ───────────────────────────────► use that
//!       ├─ no refresh token ──────────────────────────────────────────► ended
//!       ├─ a refresh was begun and never finished ─► ask the org ─┬─ honoured ──┐
//!       │                                              │          └─ not ───────│──► ended: its answer was lost
//!       │                                              └─ cannot be asked ──────│──► unfinished: a person decides
//!       ▼                                                                       ▼
//!     begin (committed) ─────────────────────────► send ─┬─ new tokens ─► settle (committed) ─► use them
//!       ▲                                                ├─ in progress elsewhere ─► wait, load again, ask
//!       └───────────────────── honoured ◄── ask the org ─┼─ nobody knows
//!                                                        ├─ the grant is gone ─► ended: refused
//!                                                        └─ anything else ─► unchanged, failed
//! ```
//!
//! Salesforce may replace a refresh token when it is used, and then ends the connection when the old one comes back. So a
//! refresh whose answer was lost, with its process or on the wire, is never sent again blindly: introspection (RFC 7662)
//! changes nothing. A connected app without a secret cannot ask. There the mark of the unfinished refresh stays, and
//! only a person who asks for it sends the token again.
//!
//! All of it happens under the lease of the connection. [`Session`](crate::Session) carries out what is decided here; the
//! model in `tests/model/` plays it against processes that die, answers that are lost or late, and an org that revokes.

/// How often a refresh that somebody else has under way, or whose answer was lost, is looked after before it is given up.
pub const ROUNDS: u8 = 5;

/// One healing, from the first look to its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Healing {
    /// A person wants the token sent, whatever became of an earlier refresh.
    again: bool,
    /// The org has refused the session: a connection without a refresh token is at its end.
    refused: bool,
    rounds: u8,
    /// Nobody knows what became of a refresh of this revision: this healing's own, or one that never finished.
    unknown: bool,
    /// The token that this healing sent is being refreshed elsewhere, by somebody who does not know our lease.
    elsewhere: bool,
    /// How it ends once what is being settled is committed.
    then: Conclusion,
}

/// What is to be done next. Its result is the next [`Event`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Read the connection. [`Event::Loaded`]
    Load,
    /// Ask the org whether it honours the refresh token. [`Event::Asked`]
    Ask,
    /// Commit that a refresh is about to be sent. [`Event::Begun`]
    Begin,
    /// Send the refresh token. [`Event::Answered`]
    Send,
    /// Commit what came of it, unless the connection has changed. [`Event::Settled`]
    Settle(Settling),
    /// Wait before the round with this number, from 1. [`Event::Waited`]
    Wait(u8),
    /// That is all.
    Finish(Conclusion),
}

/// What to commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settling {
    /// The tokens that came.
    Tokens,
    /// The refresh provably changed nothing.
    Unchanged,
    /// The connection needs its user.
    Ended(Ending),
}

/// Why a connection needs its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The org no longer honours the grant.
    Refused,
    /// The answer to a refresh was lost after Salesforce had replaced the refresh token.
    AnswerLost,
    /// The session has expired, and there is no refresh token.
    NoRefreshToken,
}

impl Ending {
    /// Each way.
    pub const ALL: [Ending; 3] = [Ending::Refused, Ending::AnswerLost, Ending::NoRefreshToken];

    /// The name, e.g. `no-refresh-token`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Ending::Refused => "refused",
            Ending::AnswerLost => "answer-lost",
            Ending::NoRefreshToken => "no-refresh-token",
        }
    }
}

/// How a healing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conclusion {
    /// The tokens that came are stored.
    Refreshed,
    /// Somebody else had stored newer ones.
    ByAnother,
    /// There is no refresh token, and nothing is known against the session.
    NoRefreshToken,
    /// An earlier refresh never finished, and the org cannot be asked what became of it.
    Unfinished,
    /// The connection needs its user.
    Ended(Ending),
    /// The last request failed; the connection is as it was.
    Failed,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// What is stored.
    Loaded {
        /// Something else than what was refused.
        newer: bool,
        /// A refresh was begun and has not been settled.
        begun: bool,
        /// There is a refresh token.
        refreshable: bool,
    },
    /// Whether the org honours the refresh token.
    Asked(Honoured),
    /// Whether the mark was committed; false if the connection has changed meanwhile.
    Begun(bool),
    /// What the org said to the refresh.
    Answered(Answer),
    /// Whether it was committed; false if the connection has changed meanwhile.
    Settled(bool),
    /// The wait is over.
    Waited,
}

/// Whether an org honours a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Honoured {
    /// It does: the refresh did not happen.
    Yes,
    /// It does not: it was replaced, or the grant is gone.
    No,
    /// The app has no secret, or may not ask.
    CannotAsk,
    /// The question itself failed.
    Failed,
}

/// The answer to a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// New tokens.
    Tokens,
    /// The grant is gone.
    Refused,
    /// The token is being refreshed elsewhere.
    InProgress,
    /// Nobody knows what became of it.
    Unknown,
    /// It was not sent, or refused for another reason: nothing was changed.
    Harmless,
}

impl Healing {
    /// Of a session that the org has `refused`, or that is to be renewed for another reason. With `again`, the token is sent
    /// though an earlier refresh never finished, which may end the connection: only a person may want that.
    #[must_use]
    pub fn new(refused: bool, again: bool) -> Self {
        Self { again, refused, rounds: 0, unknown: false, elsewhere: false, then: Conclusion::Failed }
    }

    /// What to do after this; the first is [`Step::Load`].
    #[must_use]
    pub fn next(&mut self, event: Event) -> Step {
        match event {
            Event::Loaded { newer: true, .. } => Step::Finish(Conclusion::ByAnother),
            Event::Loaded { refreshable: false, .. } if self.refused => self.end(Ending::NoRefreshToken),
            Event::Loaded { refreshable: false, .. } => Step::Finish(Conclusion::NoRefreshToken),
            Event::Loaded { begun: true, .. } => {
                // The mark is this healing's own where the org has answered since.
                self.unknown |= !self.elsewhere;
                if self.again { Step::Begin } else { Step::Ask }
            }
            Event::Loaded { .. } => Step::Begin,
            Event::Asked(Honoured::Yes) => {
                self.unknown = false;
                Step::Begin
            }
            Event::Asked(Honoured::No) => self.end(Ending::AnswerLost),
            Event::Asked(Honoured::CannotAsk) if self.elsewhere => self.another_round(),
            Event::Asked(Honoured::CannotAsk) => Step::Finish(Conclusion::Unfinished),
            Event::Asked(Honoured::Failed) => Step::Finish(Conclusion::Failed),
            Event::Begun(true) => {
                // What was asked for is done: an answer that is lost now leaves a mark like any other.
                self.again = false;
                self.elsewhere = false;
                Step::Send
            }
            Event::Answered(Answer::Tokens) => self.settle(Settling::Tokens, Conclusion::Refreshed),
            Event::Answered(Answer::Refused) => self.end(Ending::Refused),
            // This one changed nothing, and the mark is of an earlier one.
            Event::Answered(Answer::Harmless) if self.unknown => Step::Finish(Conclusion::Failed),
            Event::Answered(Answer::Harmless) => self.settle(Settling::Unchanged, Conclusion::Failed),
            // Whoever does it may not know our lease: first it is let finish, and then looked for.
            Event::Answered(Answer::InProgress) => {
                self.elsewhere = true;
                self.another_round()
            }
            // The mark stays: whoever looks next finds it, and asks.
            Event::Answered(Answer::Unknown) => {
                self.unknown = true;
                self.another_round()
            }
            Event::Begun(false) | Event::Settled(false) => self.another_round(),
            Event::Settled(true) => Step::Finish(self.then),
            Event::Waited => Step::Load,
        }
    }

    fn end(&mut self, ending: Ending) -> Step {
        self.settle(Settling::Ended(ending), Conclusion::Ended(ending))
    }

    fn settle(&mut self, settling: Settling, then: Conclusion) -> Step {
        self.then = then;
        Step::Settle(settling)
    }

    fn another_round(&mut self) -> Step {
        if self.rounds == ROUNDS {
            // Once: if that is not committed, the connection is another one by now.
            let is_harmless = std::mem::take(&mut self.elsewhere) && !self.unknown;
            return if is_harmless {
                self.settle(Settling::Unchanged, Conclusion::Failed)
            } else {
                Step::Finish(Conclusion::Failed)
            };
        }
        self.rounds += 1;
        Step::Wait(self.rounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: Event = Event::Loaded { newer: false, begun: false, refreshable: true };
    const BEGUN: Event = Event::Loaded { newer: false, begun: true, refreshable: true };

    fn steps(mut healing: Healing, events: &[Event]) -> Vec<Step> {
        events.iter().map(|event| healing.next(*event)).collect()
    }

    #[test]
    fn tokens_are_used_once_they_are_committed() {
        let events = [FRESH, Event::Begun(true), Event::Answered(Answer::Tokens), Event::Settled(true)];
        let expected = [Step::Begin, Step::Send, Step::Settle(Settling::Tokens), Step::Finish(Conclusion::Refreshed)];
        assert_eq!(steps(Healing::new(true, false), &events), expected);
    }

    #[test]
    fn after_a_lost_answer_the_org_is_asked_before_anything_is_sent() {
        let events = [FRESH, Event::Begun(true), Event::Answered(Answer::Unknown), Event::Waited, BEGUN];
        assert_eq!(steps(Healing::new(true, false), &events)[2..], [Step::Wait(1), Step::Load, Step::Ask]);
        // A person's wish is for one time.
        assert_eq!(steps(Healing::new(false, true), &[BEGUN]), [Step::Begin]);
        let again = [&[BEGUN][..], &events[1..]].concat();
        assert_eq!(steps(Healing::new(false, true), &again)[4], Step::Ask);
    }

    #[test]
    fn what_a_person_wants_sent_again_takes_back_no_mark_of_an_earlier_refresh() {
        let harmless = [BEGUN, Event::Begun(true), Event::Answered(Answer::Harmless)];
        assert_eq!(steps(Healing::new(false, true), &harmless)[2], Step::Finish(Conclusion::Failed));
        let round = [Event::Answered(Answer::InProgress), Event::Waited, BEGUN];
        let mut events = vec![BEGUN, Event::Begun(true)];
        events.extend(round);
        events.extend([Event::Asked(Honoured::CannotAsk), Event::Waited, BEGUN].repeat(usize::from(ROUNDS) - 1));
        events.push(Event::Asked(Honoured::CannotAsk));
        let taken = steps(Healing::new(false, true), &events);
        assert_eq!(taken.last(), Some(&Step::Finish(Conclusion::Failed)), "{taken:?}");
        // An org that honours the token has not replaced it: there was no earlier refresh.
        let honoured = [BEGUN, Event::Asked(Honoured::Yes), Event::Begun(true), Event::Answered(Answer::Harmless)];
        assert_eq!(steps(Healing::new(true, false), &honoured)[3], Step::Settle(Settling::Unchanged));
    }

    #[test]
    fn without_a_secret_the_mark_stays_and_a_person_decides() {
        let events = [BEGUN, Event::Asked(Honoured::CannotAsk)];
        assert_eq!(steps(Healing::new(true, false), &events)[1], Step::Finish(Conclusion::Unfinished));
    }

    #[test]
    fn a_refresh_under_way_elsewhere_is_waited_for_so_often() {
        let often = u32::from(ROUNDS) + 1;
        for (honoured, committed, expected) in [
            (Honoured::Yes, true, often),
            (Honoured::Yes, false, often),
            // Who cannot ask only looks for what the other one stores.
            (Honoured::CannotAsk, true, 1),
            (Honoured::CannotAsk, false, 1),
        ] {
            let mut healing = Healing::new(true, false);
            let mut sent = 0;
            let mut step = healing.next(FRESH);
            while !matches!(step, Step::Finish(_)) {
                step = healing.next(match step {
                    Step::Load => BEGUN,
                    Step::Begin => Event::Begun(true),
                    Step::Send => {
                        sent += 1;
                        Event::Answered(Answer::InProgress)
                    }
                    Step::Ask => Event::Asked(honoured),
                    Step::Settle(settling) => {
                        assert_eq!(settling, Settling::Unchanged, "nothing was changed by what was refused");
                        Event::Settled(committed)
                    }
                    Step::Wait(_) => Event::Waited,
                    Step::Finish(_) => unreachable!("it goes on"),
                });
            }
            assert_eq!((step, sent), (Step::Finish(Conclusion::Failed), expected), "{honoured:?} {committed}");
        }
    }

    #[test]
    fn only_an_org_that_refused_the_session_ends_a_connection_without_a_refresh_token() {
        let loaded = Event::Loaded { newer: false, begun: false, refreshable: false };
        let ended = Step::Settle(Settling::Ended(Ending::NoRefreshToken));
        assert_eq!(Healing::new(true, false).next(loaded), ended);
        assert_eq!(Healing::new(false, false).next(loaded), Step::Finish(Conclusion::NoRefreshToken));
    }
}
