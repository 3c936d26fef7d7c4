//! PostgreSQL's programs, for commands that run a server of their own.

use std::path::PathBuf;

use crate::debian;
use crate::failure::{Failure, Outcome};

/// The folder with `initdb` and `postgres`: Debian keeps them off PATH. They are installed if they are missing.
pub(crate) fn programs(whose: &str) -> Outcome<PathBuf> {
    let what_for =
        format!("{whose} runs a PostgreSQL of its own, and looks for initdb on PATH and in /usr/lib/postgresql");
    debian::present(|| installed().is_some(), &["postgresql"], &what_for)?;
    installed().ok_or_else(|| Failure::new(what_for))
}

fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = debian.map(|version| version.path().join("bin")).chain(std::env::split_paths(&path));
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}
