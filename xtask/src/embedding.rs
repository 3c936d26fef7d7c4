//! `cargo xtask embedding`: the program of docs/EMBEDDING.md, built outside of the workspace as its reader would, and run
//! against the mock.

use std::path::PathBuf;

use crate::failure::Outcome;
use crate::{built, toolchain, workspace};

/// Builds the program, and runs the example `embedding` with it.
pub(crate) fn run() -> Outcome {
    toolchain::ensure_wasm_target()?;
    let program = build()?;
    let mut trial = built::example("embedding")?;
    trial.arg("--harness").arg(built::harness()?).arg("--program").arg(program);
    workspace::run(trial.arg("--folder").arg(workspace::target_folder("embedding")?.join("run")))
}

/// Into a target directory of its own: in the workspace's, cargo would take this build's connector and the workspace's for one,
/// and compile each anew in turn. Clippy's driver compiles the program, and so looks at it without a build for itself.
fn build() -> Outcome<PathBuf> {
    let target = workspace::target_folder("embedding")?;
    eprintln!("Building examples/embedding with its own lock file: some 200 crates the first time, in a few minutes.");
    let mut cargo = workspace::cargo();
    cargo.current_dir(sources()).env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    // It runs for seconds, and its crates would be optimised for minutes.
    cargo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
    cargo.args(["rustc", "--locked", "--target-dir"]).arg(&target).args(["--", "-D", "warnings"]);
    workspace::run(&mut cargo)?;
    Ok(target.join("debug").join(format!("embedding{}", std::env::consts::EXE_SUFFIX)))
}

fn sources() -> PathBuf {
    workspace::root().join("examples/embedding")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    #[test]
    fn the_page_for_embedders_shows_this_very_crate() {
        let page = read(&workspace::root().join("docs/EMBEDDING.md"));
        for (file, fence) in [("Cargo.toml", "toml"), ("src/main.rs", "rust,no_run")] {
            let block = format!("\n```{fence}\n{}```\n", read(&sources().join(file)));
            assert!(page.contains(&block), "docs/EMBEDDING.md has no block with the text of examples/embedding/{file}");
        }
    }

    #[test]
    fn its_lock_file_has_the_versions_of_the_workspace() {
        fn packages(lock: &str) -> HashSet<(&str, &str)> {
            let mut lines = lock.lines();
            let mut packages = HashSet::new();
            while let Some(line) = lines.next() {
                if let Some(name) = line.strip_prefix("name = ") {
                    packages.insert((name, lines.next().unwrap().strip_prefix("version = ").unwrap()));
                }
            }
            packages
        }
        let (own, workspace) = (read(&sources().join("Cargo.lock")), read(&workspace::root().join("Cargo.lock")));
        let (own, workspace) = (packages(&own), packages(&workspace));
        let others: Vec<_> = own.difference(&workspace).filter(|(name, _)| *name != "\"embedding\"").collect();
        assert!(own.len() > 100 && others.is_empty(), "{others:?}: see CONTRIBUTING.md");
    }
}
