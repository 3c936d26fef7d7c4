//! What the benchmark's native peers have in common. They are driven over stdin and stdout: a line of JSON asks for work,
//! a line answers with the nanoseconds of each operation.

mod memory;
mod org;
mod served;

pub use org::{ALL, Org, new_account, one_page};
pub use served::{Work, serve};

/// These crates with their versions, as a lock file has them.
pub fn versions(lock: &str, crates: &[&str]) -> String {
    let locked = |name: &&str| {
        let (_, found) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", found.split_once('"')?.0))
    };
    crates.iter().filter_map(locked).collect::<Vec<_>>().join(", ")
}
