//! When a tenant is told how much of an org's API allowance is used: once each time that it passes the threshold.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Event, put};
use crate::database::StoreError;

/// What an org has said of its allowance, and what its tenant was told of before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) used: u32,
    pub(crate) allowed: u32,
    /// The threshold that was passed and told of; none: the next that is passed is told.
    pub(crate) told: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Nothing,
    Tell,
    Arm,
}

/// Tells the tenant if the threshold of its webhook is passed. `connection` is the transaction that notes the use.
pub(crate) fn note(connection: &Connection, tenant: &str, id: &str, seen: Seen) -> Result<(), StoreError> {
    let threshold = "SELECT allowance_percent FROM webhook WHERE tenant = ?1 AND disabled_at IS NULL";
    let percent: Option<u32> =
        connection.prepare_cached(threshold)?.query_row([tenant], |row| row.get(0)).optional()?;
    let Some(percent) = percent else { return Ok(()) };
    let told = match step(seen, percent) {
        Step::Nothing => return Ok(()),
        Step::Arm => None,
        Step::Tell => {
            let Seen { used, allowed, .. } = seen;
            put(connection, tenant, &Event::AllowancePassed { connection: id, used, allowed, percent })?;
            Some(percent)
        }
    };
    let note = "UPDATE connection SET allowance_told = ?2 WHERE id = ?1";
    connection.prepare_cached(note)?.execute(params![id, told])?;
    Ok(())
}

/// Executions end in another order than the org has counted them, and its day is a sliding one: so the threshold is armed again only
/// below nine tenths of it.
fn step(Seen { used, allowed, told }: Seen, percent: u32) -> Step {
    let (used, allowed, percent) = (u64::from(used), u64::from(allowed), u64::from(percent));
    let is_passed = allowed > 0 && used * 100 >= allowed * percent;
    match told {
        _ if allowed == 0 => Step::Nothing,
        None if is_passed => Step::Tell,
        Some(before) if is_passed && u64::from(before) < percent => Step::Tell,
        Some(_) if used * 1_000 < allowed * percent * 9 => Step::Arm,
        _ => Step::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_told_once_each_time_that_it_is_passed() {
        for (used, allowed, told, expected) in [
            (0, 1_000, None, Step::Nothing),
            (799, 1_000, None, Step::Nothing),
            (800, 1_000, None, Step::Tell),
            (2_000, 1_000, None, Step::Tell),
            (800, 1_000, Some(80), Step::Nothing),
            (1_000, 1_000, Some(80), Step::Nothing),
            // What came late, and a day that slides.
            (799, 1_000, Some(80), Step::Nothing),
            (720, 1_000, Some(80), Step::Nothing),
            (719, 1_000, Some(80), Step::Arm),
            (3, 1_000, Some(80), Step::Arm),
            // The threshold was raised, or lowered, since.
            (850, 1_000, Some(70), Step::Tell),
            (850, 1_000, Some(90), Step::Nothing),
            (u32::MAX, u32::MAX, None, Step::Tell),
            (5, 0, None, Step::Nothing),
            (5, 0, Some(80), Step::Nothing),
        ] {
            assert_eq!(step(Seen { used, allowed, told }, 80), expected, "{used} of {allowed}, told {told:?}");
        }
        assert_eq!(step(Seen { used: 0, allowed: 10, told: Some(1) }, 1), Step::Arm);
    }
}
