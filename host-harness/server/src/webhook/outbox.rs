//! The events that wait: written with what they tell of, bounded, and each with its next attempt.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Event, pause};
use crate::clock::{self, SKEW};
use crate::database::StoreError;
use crate::ids;

/// Events of a tenant that wait. Of more the oldest fall off, and are counted.
const MOST_WAITING: u32 = 1_000;
/// For how long an attempt keeps others of its tenant away, in milliseconds: longer than one takes. One that was cut off is made again
/// afterwards.
const HELD: i64 = 30_000;

/// The tenant's turn is over, or its time is of a clock that was ahead.
const IS_FREE: &str = "(held_until IS NULL OR held_until <= ?1 OR held_until > ?1 + ?2)";
/// An event is due, or its time is of a clock that was ahead.
const IS_DUE: &str = "(next_at <= ?1 OR next_at > ?1 + ?3)";

/// A tenant's turn to have one event delivered.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) tenant: String,
    /// Which URL it is, counted.
    pub(super) version: i64,
    pub(super) encrypted_url: Vec<u8>,
    pub(super) encrypted_secret: Vec<u8>,
}

/// The event of a turn.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Its place in the outbox; none: it is not kept, and has one attempt.
    pub(super) number: Option<i64>,
    /// `webhook-id`: the same in every attempt.
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) body: String,
    /// With this one.
    pub(super) attempts: u32,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Came {
    /// Of the answer, if one came.
    pub(super) status: Option<u16>,
    /// One of our own words; none: it was delivered.
    pub(super) failure: Option<&'static str>,
}

/// What is done next with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    Delivered,
    /// It is tried again, if it is kept.
    Failed,
    /// It was the last attempt.
    GivenUp,
    /// The receiver is gone: nothing is sent there any more.
    Gone,
}

impl Came {
    pub(super) fn answered(status: u16) -> Came {
        let failure = match status {
            200..300 => None,
            300..400 => Some("redirected"),
            _ => Some("refused"),
        };
        Came { status: Some(status), failure }
    }

    pub(super) fn failed(failure: &'static str) -> Came {
        Came { status: None, failure: Some(failure) }
    }

    /// 410 Gone: the receiver wants no more.
    fn is_gone(self) -> bool {
        self.status == Some(410)
    }
}

impl Settled {
    /// The label of a metric.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Settled::Delivered => "delivered",
            Settled::Failed => "failed",
            Settled::GivenUp => "given-up",
            Settled::Gone => "gone",
        }
    }
}

/// Writes an event of a tenant, if it has a webhook. `connection` is the transaction that records what it tells of.
pub(crate) fn put(connection: &Connection, tenant: &str, event: &Event<'_>) -> Result<(), StoreError> {
    let now = clock::now();
    let inserted = connection
        .prepare_cached(
            "INSERT INTO webhook_event (id, tenant, type, body, attempts, next_at)
             SELECT ?2, tenant, ?3, ?4, 0, ?5 FROM webhook WHERE tenant = ?1 AND disabled_at IS NULL",
        )?
        .execute(params![tenant, ids::new(), event.kind(), event.body(now)?, now])?;
    if inserted == 0 {
        return Ok(());
    }
    let fallen = connection
        .prepare_cached(
            "DELETE FROM webhook_event WHERE tenant = ?1 AND number <=
             (SELECT number FROM webhook_event WHERE tenant = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute(params![tenant, MOST_WAITING])?;
    if fallen > 0 {
        let fallen = u32::try_from(fallen).unwrap_or(u32::MAX);
        connection.execute("UPDATE webhook SET dropped = dropped + ?2 WHERE tenant = ?1", params![tenant, fallen])?;
    }
    Ok(())
}

/// Tenants with an event that is due, at most so many: who has waited longest comes first.
pub(super) fn due(connection: &Connection, now: i64, most: usize) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT tenant FROM webhook WHERE disabled_at IS NULL AND {IS_FREE}
         AND EXISTS (SELECT 1 FROM webhook_event WHERE tenant = webhook.tenant AND {IS_DUE})
         AND EXISTS (SELECT 1 FROM tenant WHERE id = webhook.tenant AND suspended_at IS NULL)
         ORDER BY turn_at LIMIT ?4"
    ))?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let tenants = statement.query_map(params![now, HELD + SKEW, pause::LONGEST + SKEW, most], |row| row.get(0))?;
    Ok(tenants.collect::<Result<_, _>>()?)
}

/// Takes a tenant's turn, if it is free: nobody else delivers for it until that ends.
pub(super) fn take_turn(connection: &Connection, tenant: &str, now: i64) -> Result<Option<Turn>, StoreError> {
    let taken = connection
        .prepare_cached(&format!(
            "UPDATE webhook SET held_until = ?1 + ?3, turn_at = ?1 WHERE tenant = ?4 AND disabled_at IS NULL AND {IS_FREE}
             AND EXISTS (SELECT 1 FROM tenant WHERE id = ?4 AND suspended_at IS NULL)
             RETURNING tenant, version, encrypted_url, encrypted_secret"
        ))?
        .query_row(params![now, HELD + SKEW, HELD, tenant], |row| {
            Ok(Turn {
                tenant: row.get(0)?,
                version: row.get(1)?,
                encrypted_url: row.get(2)?,
                encrypted_secret: row.get(3)?,
            })
        });
    Ok(taken.optional()?)
}

/// The tenant's turn, and its event that is due longest.
pub(super) fn take(connection: &Connection, tenant: &str) -> Result<Option<(Turn, Waiting)>, StoreError> {
    let now = clock::now();
    let Some(turn) = take_turn(connection, tenant, now)? else { return Ok(None) };
    let event = connection
        .prepare_cached(&format!(
            "UPDATE webhook_event SET attempts = attempts + 1 WHERE number =
             (SELECT number FROM webhook_event WHERE tenant = ?2 AND {IS_DUE} ORDER BY next_at, number LIMIT 1)
             RETURNING number, id, type, body, attempts"
        ))?
        .query_row(params![now, tenant, pause::LONGEST + SKEW], |row| {
            Ok(Waiting {
                number: row.get(0)?,
                id: row.get(1)?,
                kind: row.get(2)?,
                body: row.get(3)?,
                attempts: row.get(4)?,
            })
        });
    let event = event.optional()?;
    if event.is_none() {
        end_turn(connection, tenant)?;
    }
    Ok(event.map(|event| (turn, event)))
}

/// Lets others of the tenant go on.
fn end_turn(connection: &Connection, tenant: &str) -> Result<(), StoreError> {
    let free = "UPDATE webhook SET held_until = NULL WHERE tenant = ?1";
    connection.prepare_cached(free)?.execute([tenant])?;
    Ok(())
}

/// Records what came of an attempt, and what is done next. `random` lengthens the pause.
pub(super) fn settle(
    connection: &Connection,
    turn: &Turn,
    event: &Waiting,
    came: Came,
    random: u8,
) -> Result<Settled, StoreError> {
    let now = clock::now();
    connection
        .prepare_cached(
            "UPDATE webhook SET held_until = NULL, last_at = ?2, last_type = ?3, last_status = ?4, last_failure = ?5
             WHERE tenant = ?1",
        )?
        .execute(params![turn.tenant, now, event.kind, came.status, came.failure])?;
    if came.is_gone() {
        // Of another URL by now, this says nothing.
        let disable = "UPDATE webhook SET disabled_at = ?3 WHERE tenant = ?1 AND version = ?2";
        if connection.execute(disable, params![turn.tenant, turn.version, now])? == 1 {
            connection.execute("DELETE FROM webhook_event WHERE tenant = ?1", [&turn.tenant])?;
            return Ok(Settled::Gone);
        }
    }
    let settled = match came.failure {
        None => Settled::Delivered,
        Some(_) if event.number.is_none() => Settled::Failed,
        Some(_) => match pause::after(event.attempts, random) {
            Some(pause) => {
                let later = "UPDATE webhook_event SET next_at = ?2 WHERE number = ?1";
                connection.prepare_cached(later)?.execute(params![event.number, now + pause])?;
                return Ok(Settled::Failed);
            }
            None => Settled::GivenUp,
        },
    };
    connection.prepare_cached("DELETE FROM webhook_event WHERE number = ?1")?.execute([event.number])?;
    if settled == Settled::GivenUp {
        connection.execute("UPDATE webhook SET dropped = dropped + 1 WHERE tenant = ?1", [&turn.tenant])?;
    }
    Ok(settled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::schema;

    const DELIVERED: Came = Came { status: Some(204), failure: None };

    /// Of the tenants `a` and `b`.
    fn database() -> Connection {
        let mut database = Connection::open_in_memory().unwrap();
        schema::migrate(&mut database).unwrap();
        database
            .execute_batch(
                "INSERT INTO vault_key (id, check_value, state, created_at) VALUES (x'00000001', x'01', 'encrypting', 0);
                 INSERT INTO tenant (id, name, executions_at_once, executions_a_minute, memory_mib, seconds, created_at)
                     VALUES ('a', 'a', 1, 1, 1, 1, 0), ('b', 'b', 1, 1, 1, 1, 0);
                 INSERT INTO webhook (tenant, version, encrypted_url, encrypted_secret, allowance_percent, created_at)
                     SELECT id, 1, x'0000000101', x'0000000102', 80, 0 FROM tenant;",
            )
            .unwrap();
        database
    }

    fn count(database: &Connection, sql: &str) -> i64 {
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn take_now(database: &Connection, tenant: &str) -> (Turn, Waiting) {
        take(database, tenant).unwrap().unwrap()
    }

    #[test]
    fn of_more_than_a_thousand_the_oldest_fall_off_and_are_counted() {
        let database = database();
        for _ in 0..MOST_WAITING + 2 {
            put(&database, "a", &Event::Test).unwrap();
        }
        put(&database, "b", &Event::Test).unwrap();
        put(&database, "has none", &Event::Test).unwrap();
        assert_eq!(count(&database, "SELECT count(*) FROM webhook_event WHERE tenant = 'a'"), i64::from(MOST_WAITING));
        assert_eq!(count(&database, "SELECT min(number) FROM webhook_event"), 3);
        assert_eq!(count(&database, "SELECT dropped FROM webhook WHERE tenant = 'a'"), 2);
        assert_eq!(count(&database, "SELECT dropped FROM webhook WHERE tenant = 'b'"), 0);
    }

    #[test]
    fn a_tenant_has_one_attempt_at_a_time_and_the_one_that_waits_longest_comes_first() {
        let database = database();
        for tenant in ["a", "b"] {
            put(&database, tenant, &Event::Test).unwrap();
            put(&database, tenant, &Event::NeedsReauthorization { connection: "c" }).unwrap();
        }
        let due = || due(&database, clock::now(), 16).unwrap();
        assert_eq!(due(), ["a", "b"]);
        let (turn, event) = take_now(&database, "a");
        assert_eq!((event.kind.as_str(), event.attempts), ("webhook.test", 1));
        assert!(take(&database, "a").unwrap().is_none() && take_turn(&database, "a", clock::now()).unwrap().is_none());
        assert_eq!(due(), ["b"]);
        assert_eq!(settle(&database, &turn, &event, DELIVERED, 0).unwrap(), Settled::Delivered);
        assert_eq!(due(), ["b", "a"]);
        let (turn, event) = take_now(&database, "a");
        assert_eq!(event.kind, "connection.needs-reauthorization");
        settle(&database, &turn, &event, DELIVERED, 0).unwrap();
        assert!(take(&database, "a").unwrap().is_none());
        assert!(take_turn(&database, "a", clock::now()).unwrap().is_some(), "who finds nothing keeps nobody away");
        assert_eq!(super::due(&database, clock::now(), 0).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_attempt_that_was_cut_off_is_made_again_and_a_clock_that_was_ahead_keeps_nothing_back() {
        let database = database();
        put(&database, "a", &Event::Test).unwrap();
        let (_, first) = take_now(&database, "a");
        database.execute("UPDATE webhook SET held_until = held_until - ?1", [HELD]).unwrap();
        let (turn, second) = take_now(&database, "a");
        assert_eq!((&first.id, second.attempts), (&second.id, 2));
        settle(&database, &turn, &second, Came::failed("timed-out"), 0).unwrap();
        assert!(take(&database, "a").unwrap().is_none(), "its pause is not over");
        let month = 31 * 24 * 60 * 60 * 1000_i64;
        database.execute("UPDATE webhook_event SET next_at = next_at + ?1", [month]).unwrap();
        database.execute("UPDATE webhook SET held_until = ?1", [clock::now() + month]).unwrap();
        assert_eq!(take_now(&database, "a").1.attempts, 3);
    }

    #[test]
    fn the_eighth_failure_is_the_last() {
        let database = database();
        put(&database, "a", &Event::Test).unwrap();
        let mut settled = Vec::new();
        while count(&database, "SELECT count(*) FROM webhook_event") > 0 {
            database.execute("UPDATE webhook_event SET next_at = 0", []).unwrap();
            let (turn, event) = take_now(&database, "a");
            settled.push(settle(&database, &turn, &event, Came::answered(500), 0).unwrap());
        }
        assert_eq!(settled, [[Settled::Failed; 7].as_slice(), &[Settled::GivenUp]].concat());
        assert_eq!(count(&database, "SELECT dropped FROM webhook WHERE tenant = 'a'"), 1);
    }

    #[test]
    fn a_test_that_fails_is_no_event_that_was_dropped() {
        let database = database();
        let turn = take_turn(&database, "a", clock::now()).unwrap().unwrap();
        let test = Waiting { number: None, id: "t".to_owned(), kind: "t".to_owned(), body: String::new(), attempts: 0 };
        assert_eq!(settle(&database, &turn, &test, Came::failed("timed-out"), 0).unwrap(), Settled::Failed);
        assert_eq!(count(&database, "SELECT dropped FROM webhook WHERE tenant = 'a'"), 0);
        assert!(take_turn(&database, "a", clock::now()).unwrap().is_some());
    }

    #[test]
    fn a_receiver_that_is_gone_says_nothing_of_the_next_one() {
        let database = database();
        put(&database, "a", &Event::Test).unwrap();
        put(&database, "b", &Event::Test).unwrap();
        let (turn, event) = take_now(&database, "a");
        database.execute("UPDATE webhook SET version = 2 WHERE tenant = 'a'", []).unwrap();
        assert_eq!(settle(&database, &turn, &event, Came::answered(410), 0).unwrap(), Settled::Failed);
        let (turn, event) = take_now(&database, "b");
        assert_eq!(settle(&database, &turn, &event, Came::answered(410), 0).unwrap(), Settled::Gone);
        put(&database, "b", &Event::Test).unwrap();
        assert_eq!(count(&database, "SELECT count(*) FROM webhook_event WHERE tenant = 'b'"), 0);
        assert!(take_turn(&database, "b", clock::now()).unwrap().is_none());
    }

    #[test]
    fn a_suspended_tenant_has_no_turn() {
        let database = database();
        put(&database, "a", &Event::Test).unwrap();
        database.execute("UPDATE tenant SET suspended_at = 1 WHERE id = 'a'", []).unwrap();
        assert!(due(&database, clock::now(), 16).unwrap().is_empty() && take(&database, "a").unwrap().is_none());
        database.execute("UPDATE tenant SET suspended_at = NULL", []).unwrap();
        assert_eq!(take_now(&database, "a").1.attempts, 1);
    }

    #[test]
    fn two_hundred_and_what_is_near_is_delivered_and_nothing_else() {
        for (status, failure) in [
            (199, Some("refused")),
            (200, None),
            (202, None),
            (299, None),
            (300, Some("redirected")),
            (400, Some("refused")),
            (410, Some("refused")),
            (503, Some("refused")),
        ] {
            assert_eq!(Came::answered(status), Came { status: Some(status), failure });
        }
    }
}
