//! What came of it: figures, the curve of the memory, and every promise that was broken.

use std::time::Duration;

use crate::round::Done;

/// Memory is flat if the median of the last third of the rounds is at most this much of that of the second third; the
/// first third is for pools and caches to fill. So much is left to allocators and to chance.
const FLAT: f64 = 1.15;

pub(crate) struct Report {
    seed: u64,
    all: Done,
    /// Resident bytes after each round, when its orgs are gone.
    resident: Vec<u64>,
}

impl Report {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, all: Done::default(), resident: Vec::new() }
    }

    pub(crate) fn add(&mut self, done: Done) {
        self.all.add(done);
        self.resident.extend(resident_bytes());
    }

    /// Whether every promise was kept.
    pub(crate) fn holds(&self) -> bool {
        self.all.broken.is_empty()
            && self.only_refused().is_empty()
            && self.growth().is_none_or(|growth| growth <= FLAT)
    }

    pub(crate) fn print_progress(&self, elapsed: Duration) {
        let resident = self.resident.last().map_or_else(String::new, |bytes| format!(", {} resident", mib(*bytes)));
        eprintln!(
            "{:>5} s: {} executions, {} faults, {} unknown, {} broken promises{resident}",
            elapsed.as_secs(),
            self.executions(),
            self.faults(),
            self.all.failed[2],
            self.all.broken.len(),
        );
    }

    pub(crate) fn print(&self, elapsed: Duration) {
        let all = &self.all;
        let retries = all.requests.saturating_sub(self.executions() + all.pages + all.refreshes);
        println!("\nSoak of {} s with seed {}", elapsed.as_secs(), self.seed);
        println!("\n  executions {:>40}", self.executions());
        for (call, count) in &all.executions {
            println!("    {call:<38} {count:>10}");
        }
        println!("  succeeded {:>41}", all.succeeded.values().sum::<u64>());
        for (told, count) in ["not sent", "rejected", "unknown"].into_iter().zip(all.failed) {
            println!("  failed, told as {told:<22} {count:>12}");
        }
        println!("  requests beyond one a call and a page {retries:>13}");
        println!("  sessions expired {:>34}", all.expiries);
        println!("  refreshes {:>41}", all.refreshes);
        println!("  logins after a refresh of unknown end {:>13}", all.logins);
        println!("\n  faults {:>44}", self.faults());
        for (fault, count) in &all.faults {
            println!("    {fault:<38} {count:>10}");
        }
        self.print_memory();
        for broken in all.broken.iter().take(50) {
            println!("\n  BROKEN PROMISE {broken}");
        }
        for call in self.only_refused() {
            println!("\n  BROKEN PROMISE {call}: it never succeeded");
        }
        println!("\n{}", if self.holds() { "Every promise was kept." } else { "A promise was broken." });
    }

    fn print_memory(&self) {
        let (Some(first), Some(last)) = (self.resident.first(), self.resident.last()) else { return };
        let middle = self.resident.get(self.resident.len() / 2).unwrap_or(last);
        println!(
            "\n  resident memory: {} at start, {} in the middle, {} at the end",
            mib(*first),
            mib(*middle),
            mib(*last)
        );
        let most = self.resident.iter().max().copied().unwrap_or(1).max(1);
        let marks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let curve: String = self.resident.iter().map(|bytes| marks[(bytes * 7 / most) as usize]).collect();
        println!("  {curve}  (0 to {})", mib(most));
        if let Some(growth) = self.growth() {
            println!(
                "  median of the last third / of the second third of the rounds: {growth:.3} (flat: at most {FLAT})"
            );
        }
    }

    /// Calls that never succeeded, but for those that must not: to refuse everything is no way to keep promises.
    fn only_refused(&self) -> Vec<&'static str> {
        let calls = self.all.executions.keys().copied();
        calls.filter(|call| !call.ends_with("broken wire") && !self.all.succeeded.contains_key(call)).collect()
    }

    fn executions(&self) -> u64 {
        self.all.executions.values().sum()
    }

    fn faults(&self) -> u64 {
        self.all.faults.values().sum()
    }

    /// None if there were too few rounds to tell.
    fn growth(&self) -> Option<f64> {
        let third = self.resident.len() / 3;
        if third < 3 {
            return None;
        }
        let median = |slice: &[u64]| {
            let mut sorted = slice.to_vec();
            sorted.sort_unstable();
            sorted[sorted.len() / 2] as f64
        };
        Some(median(&self.resident[2 * third..]) / median(&self.resident[third..2 * third]))
    }
}

fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / (1 << 20) as f64)
}

/// What of this process is in memory; none where the system does not tell it in `/proc`.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}
