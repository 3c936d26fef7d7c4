//! `docs/FUNCTIONS.md` has every action, and says of others' clients what was compared.

use salesforce_actions::Actions;

use super::cases::{By, Case, cases};
use crate::{JSFORCE, SIMPLE_SALESFORCE};

const PAGE: &str = include_str!("../../../docs/FUNCTIONS.md");

/// The cells of the rows that begin with a function.
fn rows() -> Vec<Vec<String>> {
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    PAGE.lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

/// The best of all cases of an action.
fn compared(action: &str, by: impl Fn(&Case) -> Option<By>) -> &'static str {
    let all: Vec<By> = cases().filter(|case| case.action == action).filter_map(by).collect();
    let best = [By::Function, By::Request].into_iter().find(|by| all.contains(by));
    best.map_or("–", By::name)
}

#[test]
fn each_action_is_a_row_and_what_is_said_of_it_was_compared() {
    let rows = rows();
    let names: Vec<_> = rows.iter().map(|cells| cells[0].trim_matches('`').to_owned()).collect();
    let actions: Vec<_> = Actions::of_connector().iter().map(|action| action.name.clone()).collect();
    assert_eq!(names, actions);
    for (action, cells) in actions.iter().zip(&rows) {
        assert_eq!(cells.len(), 6, "{action}");
        assert_eq!(cells[1], compared(action, |case| case.jsforce), "jsforce: {action}");
        assert_eq!(cells[2], compared(action, |case| case.simple_salesforce), "simple-salesforce: {action}");
    }
}

#[test]
fn the_versions_are_those_that_run() {
    let head = PAGE.lines().find(|line| line.starts_with("| function")).unwrap();
    assert!(head.contains(JSFORCE) && head.contains(SIMPLE_SALESFORCE), "{head}");
    for (pins, title) in [
        (include_str!("../jsforce/package.json"), JSFORCE),
        (include_str!("../simple_salesforce/requirements.txt"), SIMPLE_SALESFORCE),
    ] {
        let (name, version) = title.split_once(' ').unwrap();
        let pins_it = |line: &str| line.contains(name) && line.contains(version);
        assert!(pins.lines().any(pins_it), "{title} is not what is installed");
    }
}

#[test]
fn every_known_difference_belongs_to_a_case() {
    for line in super::KNOWN.lines().filter(|line| !line.starts_with('#')) {
        let rest =
            ["jsforce: ", "simple-salesforce: "].iter().find_map(|client| line.strip_prefix(client)).unwrap_or(line);
        assert!(cases().any(|case| rest.starts_with(&format!("{}: ", case.name))), "{line}");
    }
}
