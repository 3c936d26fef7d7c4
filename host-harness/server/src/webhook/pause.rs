//! How long an event waits between two attempts.

use std::time::Duration;

/// After the first attempt, after the second... What has failed once more than there are pauses is given up.
const PAUSES: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(8 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
];

/// The longest pause, in milliseconds.
pub(super) const LONGEST: i64 = 24 * 60 * 60 * 1000 * 6 / 5;

/// Milliseconds after so many attempts, longer by up to a fifth as `random` says; none if that was the last one.
pub(super) fn after(attempts: u32, random: u8) -> Option<i64> {
    let before = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let pause = i64::try_from(PAUSES.get(before)?.as_millis()).ok()?;
    Some(pause + pause / 5 * i64::from(random) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_attempts_are_made_within_a_day_and_a_half() {
        let pauses: Vec<_> = (1..).map_while(|attempts| after(attempts, 0)).collect();
        assert_eq!(pauses, [5_000, 60_000, 300_000, 1_800_000, 7_200_000, 28_800_000, 86_400_000]);
        assert_eq!(after(8, 0), None);
        assert_eq!(after(0, 0), None, "nothing waits before its first attempt");
        assert_eq!((after(1, 255), after(7, 255)), (Some(6_000), Some(LONGEST)));
    }
}
