//! `cargo xtask same-component FILE`: is a component that another tool built the same to the outside?
//!
//! The harness describes both (`harness component`), so the comparison sees what a runtime sees. Interfaces are
//! compared by name and version without the patch number, since two tools may carry different patches of the same WIT.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::built;
use crate::failure::{Failure, Outcome, passed_on};

/// The names that a component imports and exports.
#[derive(Debug, PartialEq, Eq)]
struct Surface {
    imports: BTreeSet<String>,
    exports: BTreeSet<String>,
}

/// Compares the component in `file` with the one inside the harness.
pub(crate) fn run(file: &Path) -> Outcome {
    let file = std::path::absolute(file).map_err(Failure::io("read the path of the component"))?;
    let harness = built::harness()?;
    let own = described(&harness, None)?;
    let other = described(&harness, Some(&file))?;
    let differences =
        [differences("imports", &own.imports, &other.imports), differences("exports", &own.exports, &other.exports)]
            .concat();
    if !differences.is_empty() {
        return Err(Failure::new(format!(
            "{} is not the same to the outside as the component in the harness:\n{}",
            file.display(),
            differences.join("\n")
        )));
    }
    println!("The same to the outside: {} imported interfaces, {} exports.", own.imports.len(), own.exports.len());
    Ok(())
}

fn described(harness: &Path, component: Option<&Path>) -> Outcome<Surface> {
    let mut command = Command::new(harness);
    command.args(["--json", "component"]).stderr(Stdio::inherit());
    if let Some(component) = component {
        command.arg("--component").arg(component);
    }
    let output = command.output().map_err(Failure::io("start the harness"))?;
    passed_on(output.status)?;
    Surface::parse(&output.stdout)
}

impl Surface {
    fn parse(description: &[u8]) -> Outcome<Self> {
        let description: Value = serde_json::from_slice(description)
            .map_err(|error| Failure::new(format!("`harness component` must print JSON: {error}")))?;
        let names = |key: &str| -> Outcome<BTreeSet<String>> {
            let list = description.get(key).and_then(Value::as_array);
            let names: Option<BTreeSet<String>> =
                list.and_then(|list| list.iter().map(|name| name.as_str().map(without_patch)).collect());
            names
                .filter(|names| !names.is_empty())
                .ok_or_else(|| Failure::new(format!("`harness component` must print \"{key}\" as a list of names")))
        };
        Ok(Self { imports: names("imports")?, exports: names("exports")? })
    }
}

/// `wasi:http/types@0.2.2` -> `wasi:http/types@0.2`; a name without a full version stays as it is.
fn without_patch(name: &str) -> String {
    match name.split_once('@') {
        Some((interface, version)) if version.matches('.').count() == 2 => {
            let minor = version.rsplit_once('.').map_or(version, |(minor, _)| minor);
            format!("{interface}@{minor}")
        }
        _ => name.to_owned(),
    }
}

fn differences(what: &str, own: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    let missing = own.difference(other).map(|name| format!("  {what}: {name} is missing"));
    let added = other.difference(own).map(|name| format!("  {what}: {name} is not in ours"));
    missing.chain(added).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(text: &str) -> Surface {
        Surface::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn patch_versions_may_differ_and_nothing_else() {
        let own = surface(r#"{"imports":["wasi:http/types@0.2.2"],"exports":["workflow:salesforce/soql@0.2.1"]}"#);
        let patched = surface(r#"{"imports":["wasi:http/types@0.2.6"],"exports":["workflow:salesforce/soql@0.2.1"]}"#);
        let minor = surface(r#"{"imports":["wasi:http/types@0.3.0"],"exports":["workflow:salesforce/soql@0.2.1"]}"#);
        assert_eq!(own, patched);
        assert_eq!(
            differences("imports", &own.imports, &minor.imports),
            ["  imports: wasi:http/types@0.2 is missing", "  imports: wasi:http/types@0.3 is not in ours",]
        );
    }

    #[test]
    fn a_description_without_exports_is_an_error_and_not_an_empty_set() {
        for text in ["", "{}", r#"{"imports":["a"],"exports":[]}"#, r#"{"imports":["a"],"exports":[1]}"#] {
            assert!(Surface::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
