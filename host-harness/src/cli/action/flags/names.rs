//! What flags are called: by the last part of their path, where that is taken by more of it, and where all of it is a flag of
//! the program itself with a word in front.

use std::collections::HashSet;
use std::iter::successors;

use clap::{Arg, Args, Command};
use salesforce_actions::{Action, Actions};

use super::super::add_own_flags;
use super::{Form, INPUT, Leaf};
use crate::cli::GlobalOptions;

const PARAM: &str = "param";
const PARAMS_FILE: &str = "params-file";
/// Stands before a name that is the program's own.
pub(super) const PREFIX: &str = "argument-";

/// Gives each flag a name of its own, and none of those that are `taken`.
pub(super) fn give(leaves: &mut [Leaf], mut taken: HashSet<String>) {
    let mut has_param = false;
    for leaf in leaves {
        if leaf.form == Form::Parameters && !has_param {
            has_param = true;
            leaf.flag = PARAM.to_owned();
            continue;
        }
        let parts: Vec<&str> = leaf.path.strip_prefix(INPUT).unwrap_or(&leaf.path).split('.').collect();
        let ends = (1..=parts.len()).map(|count| parts.get(parts.len() - count..).unwrap_or_default().join("-"));
        let prefixed = successors(Some(format!("{PREFIX}{}", parts.join("-"))), |name| Some(format!("{PREFIX}{name}")));
        let is_free = |name: &String| {
            let file = file(name, &leaf.form);
            !taken.contains(name) && file.is_none_or(|file| !taken.contains(&file))
        };
        leaf.flag = ends.chain(prefixed).find(is_free).unwrap_or_default();
        taken.extend(file(&leaf.flag, &leaf.form));
        taken.insert(leaf.flag.clone());
    }
}

/// The flag that takes a file instead.
pub(super) fn file(flag: &str, form: &Form) -> Option<String> {
    match form {
        Form::Parameters if flag == PARAM => Some(PARAMS_FILE.to_owned()),
        Form::Json | Form::Parameters => Some(format!("{flag}-file")),
        _ => None,
    }
}

/// Flags that the command of an action has beside those of its parameters.
pub(super) fn of_the_program(actions: &Actions, action: &Action) -> HashSet<String> {
    let own = GlobalOptions::augment_args(add_own_flags(Command::new("own"), actions, action));
    let own = own.get_arguments().filter_map(Arg::get_long).map(str::to_owned);
    own.chain([PARAM, PARAMS_FILE, "help", "version"].map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_a_query() -> HashSet<String> {
        let own = Actions::of_connector();
        of_the_program(own, own.named("soql-query").unwrap())
    }

    fn named(leaves: &[(&str, Form)]) -> Vec<String> {
        let leaf = |(path, form): &(&str, Form)| Leaf::new(format!("{INPUT}{path}"), String::new(), form.clone());
        let mut leaves: Vec<_> = leaves.iter().map(leaf).collect();
        give(&mut leaves, of_a_query());
        leaves.into_iter().map(|leaf| leaf.flag).collect()
    }

    #[test]
    fn names_are_as_short_as_they_can_be() {
        let leaves = ["key.id", "other.id", "other-id", "id"].map(|path| (path, Form::Text));
        assert_eq!(named(&leaves), ["id", "other-id", "argument-other-id", "argument-id"]);
    }

    #[test]
    fn no_flag_of_the_program_is_taken_from_it() {
        let own = of_a_query();
        for name in ["json", "server", "token-file", "component", "table", "all-children", "all", "idempotency-key"] {
            assert!(own.contains(name), "{name}");
        }
        for name in own {
            assert_eq!(named(&[(&name, Form::Text)]), [format!("argument-{name}")]);
            assert_eq!(named(&[(&format!("order.{name}"), Form::Text)]), [format!("order-{name}")]);
        }
    }

    #[test]
    fn a_name_is_free_where_its_command_has_no_such_flag() {
        let own = Actions::of_connector();
        let of = |name| of_the_program(own, own.named(name).unwrap());
        for flag in ["all-children", "all"] {
            assert!(!of("user-info").contains(flag), "{flag}");
        }
        assert!(of("next-page").contains("table") && !of("next-page").contains("all"));
    }

    #[test]
    fn a_flag_and_the_one_for_its_file_are_given_together() {
        let leaves = [("token", Form::Json), ("lines-file", Form::Text), ("lines", Form::Json)];
        assert_eq!(named(&leaves), ["argument-token", "lines-file", "argument-lines"]);
        let queries = [("first.parameters", Form::Parameters), ("second.parameters", Form::Parameters)];
        assert_eq!(named(&queries), ["param", "parameters"]);
        assert_eq!(file("parameters", &Form::Parameters).as_deref(), Some("parameters-file"));
    }
}
