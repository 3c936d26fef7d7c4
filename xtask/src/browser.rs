//! What the console's tests need besides Rust: Chromium and its WebDriver server.

use crate::debian;
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
    let why = match plan(debian::on_path, debian::is_root) {
        Plan::Nothing => return Ok(()),
        Plan::Tell => "they are not on PATH".to_owned(),
        Plan::Install => {
            eprintln!("The console is tested in a real browser.");
            match debian::install(&PACKAGES) {
                Ok(()) if plan(debian::on_path, debian::is_root) == Plan::Nothing => return Ok(()),
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
}
