//! What the console's tests need besides Rust: Chromium and its WebDriver server.

use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Outcome};

/// The names that each of the two programs has on some system.
const PROGRAMS: [&[&str]; 2] = [&["chromium", "chromium-browser", "google-chrome"], &["chromedriver"]];
/// Debian's packages of the two.
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// What to do about the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    Nothing,
    /// With Debian's package manager.
    Install,
    /// Only the user can install it.
    Tell,
}

/// Installs Chromium and chromedriver where they are missing and that can be done.
///
/// # Errors
/// They are missing: what to type.
pub(crate) fn ensure() -> Outcome {
    let why = match plan(on_path, is_root) {
        Plan::Nothing => return Ok(()),
        Plan::Tell => "they are not on PATH".to_owned(),
        Plan::Install => {
            eprintln!("The console is tested in a real browser: installing {} with apt-get.", PACKAGES.join(" and "));
            match install() {
                Ok(()) if plan(on_path, is_root) == Plan::Nothing => return Ok(()),
                Ok(()) => "apt-get installed other programs than these".to_owned(),
                Err(why) => why,
            }
        }
    };
    Err(Failure::new(advice(&why)))
}

fn plan(on_path: impl Fn(&str) -> bool, is_root: impl Fn() -> bool) -> Plan {
    if PROGRAMS.iter().all(|names| names.iter().any(|name| on_path(name))) {
        Plan::Nothing
    } else if on_path("apt-get") && is_root() {
        Plan::Install
    } else {
        Plan::Tell
    }
}

fn install() -> Result<(), String> {
    apt_get(&["update", "-qq"])?;
    apt_get(&[&["install", "-qq", "--no-install-recommends"][..], &PACKAGES].concat())
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let status = Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`apt-get {}` failed ({status})", arguments.join(" "))),
        Err(error) => Err(format!("apt-get could not be started ({error})")),
    }
}

fn advice(why: &str) -> String {
    let [chromium, chromedriver] = PROGRAMS.map(|names| names.join(" or "));
    format!(
        "the console is tested in a real browser, which needs two programs: {chromium}; and {chromedriver}. {why}.\n\
         Install them, then repeat the command:\n\n    \
         Debian   apt-get install {packages}\n    \
         Ubuntu   apt-get install chromium-browser chromium-chromedriver\n    \
         Fedora   dnf install chromium chromedriver\n    \
         macOS    brew install --cask chromium chromedriver\n\n\
         Without a browser, `cargo test --workspace` runs all tests, and those of the console fail.",
        packages = PACKAGES.join(" "),
    )
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| is_program(&folder, program))
}

fn is_program(folder: &Path, name: &str) -> bool {
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)).is_file()
}

fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output();
    user.is_ok_and(|user| user.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(on_path: &[&str], root: bool) -> Plan {
        plan(|program| on_path.contains(&program), || root)
    }

    #[test]
    fn either_browser_with_the_driver_is_enough() {
        assert_eq!(planned(&["chromium", "chromedriver"], false), Plan::Nothing);
        assert_eq!(planned(&["google-chrome", "chromedriver", "apt-get"], true), Plan::Nothing);
    }

    #[test]
    fn what_is_missing_is_installed_where_that_is_allowed() {
        for found in [&["chromium", "apt-get"][..], &["chromedriver", "apt-get"], &["apt-get"]] {
            assert_eq!(planned(found, true), Plan::Install, "{found:?}");
            assert_eq!(planned(found, false), Plan::Tell, "{found:?}");
        }
        assert_eq!(planned(&["chromium"], true), Plan::Tell);
    }

    #[test]
    fn the_advice_says_why_and_what_to_type() {
        let advice = advice("they are not on PATH");
        for part in [
            "they are not on PATH",
            "apt-get install chromium chromium-driver\n",
            "dnf install chromium chromedriver\n",
            "brew install --cask chromium chromedriver\n",
        ] {
            assert!(advice.contains(part), "{part} is not in: {advice}");
        }
    }

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
