//! Debian's packages for programs that a command needs, where they can be installed.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome};

/// Installs packages, if that can be done here.
///
/// # Errors
/// Why it was not done, to be told beside what to type.
pub(crate) fn install(packages: &[&str]) -> Result<(), String> {
    if !on_path("apt-get") || !is_root() {
        return Err("only root can install them, with apt-get".to_owned());
    }
    eprintln!("Installing {} with apt-get.", packages.join(" and "));
    apt_get(&["update", "-qq"])?;
    apt_get(&[&["install", "-qq", "--no-install-recommends"], packages].concat())
}

/// Installs packages unless what they bring is there.
pub(crate) fn present(is_there: impl Fn() -> bool, packages: &[&str], what_for: &str) -> Outcome {
    if is_there() {
        return Ok(());
    }
    let why = match install(packages) {
        Ok(()) if is_there() => return Ok(()),
        Ok(()) => "apt-get installed something else".to_owned(),
        Err(why) => why,
    };
    let packages = packages.join(" ");
    Err(Failure::new(format!("{what_for}; {why}. Install them (Debian: apt-get install {packages}) and repeat")))
}

/// Whether a program is in one of the folders of PATH.
pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| is_program(&folder, program))
}

fn is_program(folder: &Path, name: &str) -> bool {
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)).is_file()
}

/// Whether root asks.
pub(crate) fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output();
    user.is_ok_and(|user| user.stdout.trim_ascii() == b"0")
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    // What is installed is not what was asked for: the result alone goes to standard output.
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).stdout(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`apt-get {}` failed ({status})", arguments.join(" "))),
        Err(error) => Err(format!("apt-get could not be started ({error})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_a_file_in_a_folder_of_the_path() {
        let cargo = Path::new(env!("CARGO"));
        let (folder, name) = (cargo.parent().unwrap(), cargo.file_stem().unwrap().to_str().unwrap());
        assert!(is_program(folder, name));
        assert!(!is_program(folder, "no-such-program"));
        assert!(
            !is_program(folder.parent().unwrap(), folder.file_name().unwrap().to_str().unwrap()),
            "a folder is none"
        );
    }
}
