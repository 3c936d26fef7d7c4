//! Reads actions out of WIT: the connector's own files, or what a component's binary says.
//!
//! ```text
//! decode (wit-parser) ──► functions (which are actions, and which nearly are) ──► types
//! ```

mod functions;
mod types;

use std::collections::HashSet;

use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Docs, InterfaceId, PackageId, Resolve, SourceMap, TypeDefKind, WorldItem};

use crate::action::Actions;
use crate::types::{Label, PACKAGE};
use functions::Reader;
use salesforce_runtime::component;
use salesforce_runtime::text::one_line;

/// Functions of a component that may be actions.
const MOST_FUNCTIONS: usize = 200;
/// Bytes of the name of anything.
const LONGEST_NAME: usize = 200;
/// Bytes of what is said of one thing.
const LONGEST_DOCS: usize = 4_000;
/// Functions that are nearly actions, and are told.
const MOST_NEAR_MISSES: usize = 10;

/// Why a component's actions cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// Its types are not WIT's.
    #[error("its interfaces cannot be read: {0}")]
    NotWit(String),
    /// There is more than is taken; names the function or type, and says what was expected.
    #[error("{0}")]
    TooMany(String),
}

/// The actions of a component, which may be anybody's. It reads the whole binary: do it where that may take its time.
///
/// # Errors
/// [`NotRead`].
pub fn of_component(wasm: &[u8]) -> Result<Actions, NotRead> {
    let words = |error: &dyn std::fmt::Display| NotRead::NotWit(one_line(&error.to_string()));
    // wit-parser would read what is nested without end until its stack is full.
    component::describe(wasm).map_err(|error| words(&error))?;
    let (resolve, world) = match decode(wasm).map_err(|error| words(&error))? {
        DecodedWasm::Component(resolve, world) => (resolve, world),
        DecodedWasm::WitPackage(..) => return Err(NotRead::NotWit("it is a WIT package, and no component".to_owned())),
    };
    let exports = resolve.worlds.get(world).into_iter().flat_map(|world| world.exports.values());
    let mut reader = Reader::new(&resolve);
    for item in exports {
        match item {
            WorldItem::Interface { id, .. } => reader.interface(*id)?,
            WorldItem::Function(function) => reader.outside(function, "the world exports it, expected an interface to"),
            WorldItem::Type { .. } => {}
        }
    }
    Ok(reader.finish())
}

/// The actions of WIT files, by name and text, which make one package.
///
/// # Errors
/// [`NotRead`].
pub(crate) fn of_files(files: &[(&str, &str)]) -> Result<Actions, NotRead> {
    let (resolve, package) = resolved(files)?;
    let package = resolve.packages.get(package);
    let interfaces: Vec<InterfaceId> =
        package.into_iter().flat_map(|package| package.interfaces.values().copied()).collect();
    let mut reader = Reader::new(&resolve);
    interfaces.into_iter().try_for_each(|id| reader.interface(id))?;
    Ok(reader.finish())
}

/// The cases of an enum in WIT files, with their documentation; none if there is no such enum.
pub(crate) fn enum_of_files(files: &[(&str, &str)], name: &str) -> Vec<Label> {
    let Ok((resolve, _)) = resolved(files) else { return Vec::new() };
    let cases =
        resolve.types.iter().filter(|(_, ty)| ty.name.as_deref() == Some(name)).find_map(|(_, ty)| match &ty.kind {
            TypeDefKind::Enum(of) => Some(&of.cases),
            _ => None,
        });
    cases.into_iter().flatten().map(|case| Label { name: case.name.clone(), docs: docs(&case.docs) }).collect()
}

/// The names in WIT files that JSON has as names of members, in snake case: of parameters, fields, and cases that hold a value.
/// Without those that it has as a text, of enums, flags and other cases, too.
pub(crate) fn members_of_files(files: &[(&str, &str)]) -> HashSet<String> {
    let Ok((resolve, _)) = resolved(files) else { return HashSet::new() };
    let (mut members, mut texts) = (HashSet::new(), HashSet::new());
    let functions = resolve.interfaces.iter().flat_map(|(_, interface)| interface.functions.values());
    members.extend(functions.flat_map(|function| &function.params).map(|parameter| parameter.name.clone()));
    for (_, ty) in resolve.types.iter() {
        match &ty.kind {
            TypeDefKind::Record(of) => members.extend(of.fields.iter().map(|field| field.name.clone())),
            TypeDefKind::Variant(of) => {
                for case in &of.cases {
                    let names = if case.ty.is_some() { &mut members } else { &mut texts };
                    names.insert(case.name.clone());
                }
            }
            TypeDefKind::Enum(of) => texts.extend(of.cases.iter().map(|case| case.name.clone())),
            TypeDefKind::Flags(of) => texts.extend(of.flags.iter().map(|flag| flag.name.clone())),
            _ => {}
        }
    }
    members.retain(|name| !texts.contains(name));
    members
}

fn resolved(files: &[(&str, &str)]) -> Result<(Resolve, PackageId), NotRead> {
    let words = |error: &dyn std::fmt::Display| NotRead::NotWit(error.to_string());
    let mut sources = SourceMap::new();
    for (name, text) in files {
        sources.push_str(name, *text);
    }
    let group = sources.parse().map_err(|(_, error)| words(&error))?;
    let mut resolve = Resolve::default();
    let package = resolve.push_group(group).map_err(|error| words(&error))?;
    Ok((resolve, package))
}

fn docs(docs: &Docs) -> String {
    let mut text = docs.contents.as_deref().unwrap_or_default().trim().to_owned();
    text.truncate(text.floor_char_boundary(LONGEST_DOCS));
    text
}

/// Whether an interface, named with its version, is of the connector's own package.
pub(crate) fn is_own_interface(interface: &str) -> bool {
    interface.strip_prefix(PACKAGE).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Action;
    use crate::types::Types;

    /// An interface of another package than the connector's types.
    fn read(interface: &str) -> Result<Actions, String> {
        let package = "package acme:crm;\n";
        let types = format!(
            "{package}package workflow:salesforce@0.2.1 {{ {} }}",
            include_str!("../../../../wit/types.wit").replace("package workflow:salesforce@0.2.1;", "")
        );
        let other = format!(
            "interface quotes {{ use workflow:salesforce/types@0.2.1.{{connection, call-options, error, json}};\n{interface}\n}}"
        );
        of_files(&[("types.wit", &types), ("quotes.wit", &other)]).map_err(|error| error.to_string())
    }

    fn names(actions: &Actions) -> Vec<&str> {
        actions.iter().map(|action| action.name.as_str()).collect()
    }

    #[test]
    fn functions_of_the_form_are_actions_and_others_are_not() {
        let actions = read(
            "resource cart;
             all: func(connection: connection, account: string, options: call-options) -> result<list<json>, error>;
             clear: func(connection: connection, options: call-options) -> result<_, error>;
             no-options: func(connection: connection) -> result<string, error>;
             no-error: func(connection: connection, options: call-options) -> result<string, string>;
             no-result: func(connection: connection, options: call-options) -> string;
             handle: func(connection: connection, cart: borrow<cart>, options: call-options) -> result<string, error>;
             streamed: func(connection: connection, options: call-options) -> result<stream<u8>, error>;
             second: func(connection: connection, others: list<connection>, options: call-options) -> result<_, error>;
             other: func(a: string, options: call-options) -> result<string, error>;
             later: async func(connection: connection, options: call-options) -> result<string, error>;
             nothing-like-it: func(a: string) -> string;",
        );
        let actions = actions.unwrap();
        assert_eq!(names(&actions), ["all", "clear"]);
        assert!(actions.iter().all(Action::writes));
        let near: Vec<_> = actions.near_misses().iter().filter_map(|miss| miss.split_once(" is no action: ")).collect();
        for (function, why) in [
            ("no-options", "it has no last parameter `options: call-options`"),
            ("no-error", "it gives no `result<T, error>` with the `error` of workflow:salesforce/types"),
            ("no-result", "it gives no `result<T, error>` with the `error` of workflow:salesforce/types"),
            ("handle", "its parameter `cart` has a handle, a stream, a future or a connection in it"),
            ("streamed", "its result has a handle, a stream, a future or a connection in it"),
            ("second", "its parameter `others` has a handle, a stream, a future or a connection in it"),
            ("other", "its first parameter is not the `connection` of workflow:salesforce/types"),
            ("later", "it is async"),
        ] {
            let function = format!("acme:crm/quotes.{function}");
            assert!(near.contains(&(function.as_str(), why)), "{function}: {near:?}");
        }
        assert_eq!(near.len(), 8, "{near:?}");
    }

    #[test]
    fn near_misses_are_told_up_to_a_number() {
        let many: String = (0..100).map(|number| format!("do{number}: func(connection: connection);\n")).collect();
        let actions = read(&many).unwrap();
        assert_eq!(actions.near_misses().len(), MOST_NEAR_MISSES + 1);
        assert_eq!(actions.near_misses().last().unwrap(), "and 90 more functions that are nearly actions");
    }

    #[test]
    fn the_connector_has_no_near_misses() {
        assert!(Actions::of_connector().near_misses().is_empty());
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let form = "connection: connection, options: call-options) -> result<_, error>;";
        let many: String = (0..=MOST_FUNCTIONS).map(|number| format!("do{number}: func({form}\n")).collect();
        let fields: String = (0..=Types::MEMBERS).map(|number| format!("m{number}: u8,")).collect();
        let long = "n".repeat(LONGEST_NAME + 1);
        let deep: String = (1..40).map(|number| format!("type t{number} = list<t{}>;\n", number - 1)).collect();
        for (interface, words) in [
            (many, "at most 200 functions"),
            (
                format!(
                    "record r {{ {fields} }}\nf: func(connection: connection, a: r, options: call-options) -> result<_, error>;"
                ),
                "acme:crm/quotes.f: type r: expected at most 200 members in a type, found 201",
            ),
            (
                format!(
                    "type t0 = u8;\n{deep}f: func(connection: connection, a: t39, options: call-options) -> result<_, error>;"
                ),
                "acme:crm/quotes.f: type t23: expected types at most 16 deep in one another",
            ),
            (
                format!("{}: func({form}", "f".repeat(LONGEST_NAME + 1)),
                "expected names of at most 200 characters, found 201",
            ),
            (
                format!("f: func(connection: connection, {long}: u8, options: call-options) -> result<_, error>;"),
                "acme:crm/quotes.f: nnnnn",
            ),
            (
                format!(
                    "enum e {{ a, {long} }}\nf: func(connection: connection, e: e, options: call-options) -> result<_, error>;"
                ),
                "expected names of at most 200 characters, found 201",
            ),
        ] {
            let error = read(&interface).map(|actions| actions.iter().count()).unwrap_err();
            assert!(error.contains(words) && error.len() < 400, "{error}, and not: {words}");
        }
    }

    #[test]
    fn a_type_that_holds_itself_is_none() {
        let error = read(
            "record r { again: option<r> }\nf: func(connection: connection, a: r, options: call-options) -> result<_, error>;",
        );
        assert!(error.map(|_| ()).unwrap_err().contains("cannot be read"));
    }

    #[test]
    fn types_that_share_parts_are_no_larger_for_it() {
        // Written out, the last has 2^30 numbers.
        let types: String =
            (1..8).map(|number| format!("type t{number} = tuple<t{0}, t{0}, t{0}, t{0}>;\n", number - 1)).collect();
        let interface = format!(
            "record t0 {{ a: u8 }}\n{types}f: func(connection: connection, a: t7, options: call-options) -> result<_, error>;"
        );
        let actions = read(&interface).unwrap();
        assert!(serde_json::to_string(&actions).unwrap().len() < 5_000);
    }
}
