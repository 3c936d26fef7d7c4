//! What a release promised is kept: the WIT of the last release against the WIT of the working tree (docs/VERSIONING.md).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that stops early fails, and helpers of tests are not marked as such"
)]

mod activities;
mod documented;
mod package;

use std::path::{Path, PathBuf};

use componentize::WitPackage;
use package::{Item, Package, Version};

/// Why hosts, callers or other implementations of `released` would have to change for `current`; empty if they need not.
fn breaks(released: &Package, current: &Package) -> Vec<String> {
    let (before, now) = (text(released.version), text(current.version));
    if current.name != released.name || current.version < released.version {
        return vec![format!("{} {now} does not follow {} {before}", current.name, released.name)];
    }
    if track(current.version) != track(released.version) {
        return Vec::new();
    }
    let mut broken = Vec::new();
    for (name, item) in &released.items {
        match current.items.get(name) {
            None => broken.push(format!("{name} was in {before} and is gone")),
            Some(Item { text, .. }) if *text != item.text => {
                broken.push(format!("{name} has changed since {before}: from {} to {text}", item.text));
            }
            Some(_) => {}
        }
    }
    for (name, item) in current.items.iter().filter(|(name, _)| !released.items.contains_key(*name)) {
        if item.since.is_none_or(|since| since <= released.version) {
            broken.push(format!(
                "{name} is new after {before} and must say so: @since(version = ...) of a later version"
            ));
        }
    }
    for (name, item) in &current.imports {
        if released.imports.get(name).is_none_or(|released| released.text != item.text) {
            broken.push(format!("{name} is a new import, which hosts of {before} do not provide"));
        }
    }
    broken
}

/// Versions with the same track may stand in for each other: that of Semantic Versioning and of the component model.
fn track((major, minor, patch): Version) -> Version {
    match (major, minor) {
        (0, 0) => (0, 0, patch),
        (0, minor) => (0, minor, 0),
        (major, _) => (major, 0, 0),
    }
}

fn text((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}

fn wit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")
}

/// The texts of all releases of the package in a folder.
fn releases(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder.join("released")).unwrap().map(|entry| entry.unwrap().path())
}

#[test]
fn nothing_of_the_last_release_was_removed_or_changed() {
    let activity = wit().join("activity");
    for (folder, current) in
        [(wit(), WitPackage::of(&wit())), (activity.clone(), WitPackage::beside(&wit(), &activity))]
    {
        let last = releases(&folder).max_by_key(|file| Package::read(file).version).expect("there is a release");
        let current = Package::parse(&current.unwrap().text).unwrap();
        assert_eq!(breaks(&Package::read(&last), &current), [""; 0], "{}", current.name);
    }
}

#[test]
fn each_release_is_named_for_its_version() {
    for file in releases(&wit()).chain(releases(&wit().join("activity"))) {
        assert_eq!(file.file_name().unwrap().to_str().unwrap(), format!("{}.wit", text(Package::read(&file).version)));
    }
}

/// The first release, changed; `version` is the new one's.
fn changed(version: &str, from: &str, to: &str) -> Vec<String> {
    let released = std::fs::read_to_string(wit().join("released/0.1.0.wit")).unwrap();
    assert!(released.contains(from), "{from:?} is not in the release");
    let current = released.replacen("workflow:salesforce@0.1.0", &format!("workflow:salesforce@{version}"), 1);
    let current = Package::parse(&current.replacen(from, to, 1)).unwrap();
    breaks(&Package::parse(&released).unwrap(), &current)
}

#[test]
fn whatever_breaks_somebody_is_found() {
    for (what, from, to, expected) in [
        (
            "a removed function",
            "explain: func(connection: connection, query: query, options: call-options) -> result<json, error>;",
            "",
            "soql.explain was in 0.1.0 and is gone",
        ),
        ("a renamed function", "  next-page: func", "  more: func", "soql.next-page was in 0.1.0 and is gone"),
        ("a renamed parameter", "query: query", "question: query", "soql.soql-query has changed since 0.1.0"),
        ("a removed parameter", ", options: call-options) -> result<page", ") -> result<page", "has changed since"),
        ("a renamed field", "access-token: string", "token: string", "types.connection has changed since 0.1.0"),
        (
            "an added field",
            "record like-pattern {",
            "record like-pattern { more: bool,",
            "soql.like-pattern has changed",
        ),
        (
            "a changed field",
            "code-verifier: string",
            "code-verifier: list<u8>",
            "oauth.pending-authorization has changed",
        ),
        ("an added case", "enum token-type {", "enum token-type { id-token,", "oauth.token-type has changed"),
        ("a changed alias", "type cursor = string", "type cursor = list<u8>", "soql.cursor has changed"),
        ("a removed export", "export records;", "", "connector: export workflow:salesforce/records was in 0.1.0"),
        (
            "a new import",
            "world connector {",
            "world connector { import more: func();",
            "connector: more is a new import, which hosts of 0.1.0 do not provide",
        ),
        (
            "an addition without its version",
            "  next-page: func",
            "  count: func() -> u32;\n  next-page: func",
            "soql.count is new after 0.1.0 and must say so",
        ),
        (
            "an addition that claims to be old",
            "  next-page: func",
            "  @since(version = 0.1.0)\n  count: func() -> u32;\n  next-page: func",
            "soql.count is new after 0.1.0 and must say so",
        ),
    ] {
        let broken = changed("0.1.1", from, to);
        assert!(broken.iter().any(|each| each.contains(expected)), "{what}: {broken:?}");
    }
}

#[test]
fn what_is_added_with_its_version_breaks_nobody() {
    let function = "  @since(version = 0.1.1)\n  count: func() -> u32;\n  next-page: func";
    assert_eq!(changed("0.1.1", "  next-page: func", function), [""; 0]);
    let interface =
        "@since(version = 0.1.1)\ninterface bulk {\n  count: func() -> u32;\n}\n\n@since(version = 0.1.0)\nworld";
    assert_eq!(changed("0.1.1", "@since(version = 0.1.0)\nworld", interface), [""; 0]);
}

#[test]
fn a_version_of_another_track_may_break_and_an_earlier_one_is_none() {
    assert_eq!(changed("0.2.0", "  next-page: func", "  more: func"), [""; 0]);
    assert_eq!(changed("1.0.0", "  next-page: func", "  more: func"), [""; 0]);
    let first = Package::read(&wit().join("released/0.1.0.wit"));
    let mut later = Package::read(&wit().join("released/0.1.0.wit"));
    later.version = (0, 1, 1);
    assert_eq!(breaks(&later, &first), ["workflow:salesforce 0.1.0 does not follow workflow:salesforce 0.1.1"]);
}
