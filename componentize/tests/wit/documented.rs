//! Everything with a name says what it means.

use componentize::WitPackage;
use wit_parser::{Docs, Interface, Resolve, Type, TypeDefKind};

use crate::wit;

/// What of an interface has no documentation, e.g. `oauth.introspection.exp`.
fn undocumented(resolve: &Resolve, name: &str, interface: &Interface) -> Vec<String> {
    let mut missing = Vec::new();
    let mut check = |path: String, docs: &Docs| {
        if docs.contents.as_deref().unwrap_or_default().trim().is_empty() {
            missing.push(path);
        }
    };
    check(name.to_owned(), &interface.docs);
    for (function, definition) in &interface.functions {
        check(format!("{name}.{function}"), &definition.docs);
    }
    for (type_name, id) in &interface.types {
        let definition = &resolve.types[*id];
        let path = format!("{name}.{type_name}");
        match &definition.kind {
            // `use` of another interface's type.
            TypeDefKind::Type(Type::Id(_)) => continue,
            TypeDefKind::Record(record) => {
                record.fields.iter().for_each(|field| check(format!("{path}.{}", field.name), &field.docs));
            }
            TypeDefKind::Variant(variant) => {
                variant.cases.iter().for_each(|case| check(format!("{path}.{}", case.name), &case.docs));
            }
            TypeDefKind::Enum(cases) => {
                cases.cases.iter().for_each(|case| check(format!("{path}.{}", case.name), &case.docs));
            }
            TypeDefKind::Flags(flags) => {
                flags.flags.iter().for_each(|flag| check(format!("{path}.{}", flag.name), &flag.docs));
            }
            _ => {}
        }
        check(path, &definition.docs);
    }
    missing
}

/// Of all interfaces and worlds of a package.
fn undocumented_in(text: &str) -> Vec<String> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("package.wit", text).unwrap();
    let package = &resolve.packages[package];
    let interfaces = package.interfaces.iter();
    let mut missing: Vec<_> =
        interfaces.flat_map(|(name, id)| undocumented(&resolve, name, &resolve.interfaces[*id])).collect();
    missing.extend(
        package.worlds.iter().filter(|(_, id)| resolve.worlds[**id].docs.is_empty()).map(|(name, _)| name.clone()),
    );
    missing
}

#[test]
fn every_member_of_our_packages_has_a_meaning() {
    let beside = |folder| WitPackage::beside(&wit(), &wit().join(folder));
    for package in [WitPackage::of(&wit()), beside("activity"), beside("streams")] {
        assert_eq!(undocumented_in(&package.unwrap().text), [""; 0]);
    }
}

#[test]
fn a_member_without_words_is_found() {
    let text = "package a:b;\n/// Words.\ninterface i {\n  /// Words.\n  record r {\n    /// Words.\n    a: u8,\n    b: u8,\n  }\n  \
                enum e { c }\n  /// Words.\n  variant v {\n    d(u8),\n  }\n  f: func();\n  ///\n  type t = u8;\n}\nworld w {}";
    assert_eq!(undocumented_in(text), ["i.f", "i.r.b", "i.e.c", "i.e", "i.v.d", "i.t", "w"]);
}
