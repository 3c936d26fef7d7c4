use std::collections::BTreeSet;
use std::path::Path;

use wit_parser::{Resolve, WorldItem};

use super::*;

#[test]
fn s11_every_function_of_the_world_is_called() {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")).unwrap();
    let world = resolve.select_world(&[package], Some("connector")).unwrap();
    let functions: BTreeSet<_> = resolve.worlds[world]
        .exports
        .values()
        .filter_map(|item| if let WorldItem::Interface { id, .. } = item { Some(*id) } else { None })
        .flat_map(|id| resolve.interfaces[id].functions.keys().map(String::as_str))
        .collect();
    assert_eq!(EXPORTS.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), functions);
    assert!(is_oauth("introspect") && !is_oauth("user-info") && !is_oauth("soql-query") && !is_oauth("next-page"));
}
