//! `cargo xtask mock-clients`: the packages of `clients/`, which steer the mock from Python and JavaScript, and the tests of their
//! examples.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome};
use crate::installed::{node, node_packages, python, python_packages};
use crate::second_implementation::copy;
use crate::{built, workspace};

/// Runs the tests of both, with what their pins name.
pub(crate) fn run() -> Outcome {
    let (node, python) = (node()?, python()?);
    let harness = built::harness()?;
    test_python(&python, &harness)?;
    test_javascript(&node, &harness)
}

/// Installs the package as its users do, so that pytest finds the fixture, and runs its tests.
fn test_python(python: &Path, harness: &Path) -> Outcome {
    let sources = workspace::root().join("clients/python");
    let folder = workspace::target_folder("mock-clients/python")?;
    let interpreter = python_packages(python, &sources.join("requirements.txt"), &folder)?;
    let call = |arguments: &[&str]| {
        let mut call = Command::new(&interpreter);
        call.arg("-m").args(arguments).current_dir(&sources).stdin(Stdio::null());
        call.env("PYTHONDONTWRITEBYTECODE", "1").env("MOCK_SALESFORCE_HARNESS", harness);
        call
    };
    let package = ["--no-deps", "--no-build-isolation", "--force-reinstall", "--disable-pip-version-check", "."];
    workspace::run(call(&["pip", "install", "--quiet"]).args(package))?;
    workspace::run(call(&["mypy", "src", "--cache-dir"]).arg(folder.join("mypy")))?;
    workspace::run(&mut call(&["pytest", "-p", "no:cacheprovider"]))
}

/// Copies the package beside its dependencies, where Node.js looks for them, and runs its tests.
fn test_javascript(node: &Path, harness: &Path) -> Outcome {
    let sources = workspace::root().join("clients/javascript");
    let folder = workspace::target_folder("mock-clients/javascript")?;
    node_packages(&sources, &folder)?;
    for part in ["src", "test", "vitest", "example", "tsconfig.json"] {
        copy(&sources.join(part), &folder.join(part)).map_err(Failure::io(format!("copy {part}")))?;
    }
    let call = |arguments: &[&str]| {
        let mut call = Command::new(node);
        call.args(arguments).current_dir(&folder).stdin(Stdio::null()).env("MOCK_SALESFORCE_HARNESS", harness);
        call
    };
    workspace::run(&mut call(&["--test", "example/", "test/"]))?;
    workspace::run(&mut call(&["node_modules/vitest/vitest.mjs", "run", "--dir", "vitest"]))?;
    workspace::run(&mut call(&["node_modules/typescript/bin/tsc"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_for_testers_shows_tests_of_the_examples() {
        let read = |file: &str| std::fs::read_to_string(workspace::root().join(file)).unwrap();
        let page = read("docs/MOCK.md");
        for (language, file) in
            [("python", "clients/python/example/test_overdue.py"), ("js", "clients/javascript/example/overdue.test.js")]
        {
            let (_, block) = page.split_once(&format!("\n```{language}\n")).unwrap();
            let (block, _) = block.split_once("```").unwrap();
            assert!(block.len() > 200 && read(file).contains(block), "{file} has nothing like {block}");
        }
    }
}
