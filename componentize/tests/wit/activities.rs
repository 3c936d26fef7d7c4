//! The activities are the connector's actions, all of them, with its types: they are written down twice, for a record of the
//! connector has the use of the API, and its errors are others. The streams write down the types of a query once more, for who uses
//! those of an interface takes its functions too.

use std::collections::{BTreeMap, BTreeSet};

use componentize::WitPackage;

use crate::package::Package;
use crate::wit;

/// Types of the activities that are meant to be other than the connector's of that name.
const OTHER: [&str; 3] = ["error", "part-result", "target"];

/// Of the streams. A stream has all records, so its query has no bound.
const OTHER_OF_STREAMS: [&str; 1] = ["query"];

/// The connector's package, and the one in this folder.
fn both(folder: &str) -> [Package; 2] {
    let other = WitPackage::beside(&wit(), &wit().join(folder));
    [WitPackage::of(&wit()), other].map(|package| Package::parse(&package.unwrap().text).unwrap())
}

/// What has a name in an interface: the interface, the name, and what it is.
fn members(package: &Package) -> impl Iterator<Item = (&str, &str, &str)> {
    package.items.iter().filter_map(|(path, item)| {
        let (interface, name) = path.split_once('.')?;
        Some((interface, name, item.text.as_str()))
    })
}

/// The parameters of a function, without the connection and the options of the call, which the environment has.
fn parameters(text: &str) -> Option<String> {
    let (parameters, _) = text.strip_prefix("func(")?.split_once(") -> ")?;
    let parameters = bare(parameters);
    let own = parameters.split(", ").filter(|each| !["connection: connection", "options: call-options"].contains(each));
    Some(own.collect::<Vec<_>>().join(", "))
}

#[test]
fn every_action_is_an_activity() {
    let [connector, activities] = both("activity");
    let is_action = |interface: &str, text: &str| interface != "oauth" && text.starts_with("func(connection: ");
    let actions = members(&connector).filter(|(interface, _, text)| is_action(interface, text));
    let mut actions: BTreeMap<_, _> = actions.map(|(_, name, text)| (name, parameters(text).unwrap())).collect();
    let activities = members(&activities).filter_map(|(_, name, text)| Some((name, parameters(text)?)));
    let mut activities: BTreeMap<_, _> = activities.collect();
    // Creating one record is an activity of its own, and a record is deleted by Id alone.
    assert_eq!(activities.remove("create-record").unwrap(), "object: string, fields: json, save: save-options");
    assert_eq!(activities.insert("delete-record", String::new()).unwrap(), "object: string, id: string");
    assert_eq!(actions.insert("delete-record", String::new()).unwrap(), "object: string, key: record-key");
    assert_eq!(activities, actions);
}

/// A type without the interfaces of the types in it, and without the use of the API.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('.') {
        let end = before.rfind(|letter: char| !(letter.is_ascii_lowercase() || letter == '-')).map_or(0, |at| at + 1);
        bare.push_str(&before[..end]);
        rest = after;
    }
    (bare + rest).replace(", usage: option<api-usage>", "")
}

#[test]
fn a_type_that_both_packages_have_is_the_same_in_both() {
    assert_eq!(other_types("activity"), BTreeSet::from(OTHER.map(str::to_owned)));
    assert_eq!(other_types("streams"), BTreeSet::from(OTHER_OF_STREAMS.map(str::to_owned)));
}

/// Types of the package in this folder that are other than the connector's of that name.
fn other_types(folder: &str) -> BTreeSet<String> {
    let [connector, others] = both(folder);
    let is_type = |text: &str| !text.contains("func(") && !text.starts_with("= ");
    let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (_, name, text) in members(&connector).filter(|(_, _, text)| is_type(text)) {
        known.entry(name).or_default().insert(bare(text));
    }
    let mut other = BTreeSet::new();
    for (_, name, text) in members(&others).filter(|(_, _, text)| is_type(text)) {
        if known.get(name).is_some_and(|known| !known.contains(&bare(text))) {
            other.insert(name.to_owned());
        }
    }
    other
}
