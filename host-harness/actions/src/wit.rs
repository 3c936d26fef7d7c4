//! Reads actions out of WIT: the connector's own files, or what a component's binary says.

use std::collections::HashMap;

use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Docs, Function, InterfaceId, Resolve, SourceMap, Type as WitType, TypeDefKind, TypeOwner, WorldItem};

use crate::action::{Action, Actions, Effect};
use crate::types::{Case, Field, Label, PACKAGE, Shape, TooManyTypes, Type, TypeId, TypeName, Types};

/// Functions of a component that may be actions.
const MOST_FUNCTIONS: usize = 200;
/// Characters of a function's or an interface's name.
const LONGEST_NAME: usize = 200;
/// Bytes of what is said of one thing.
const LONGEST_DOCS: usize = 4_000;

/// Why a component's actions cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// Its types are not WIT's.
    #[error("its interfaces cannot be read: {0}")]
    NotWit(String),
    /// There is more than is taken.
    #[error("{0}")]
    TooMany(String),
}

impl From<TooManyTypes> for NotRead {
    fn from(error: TooManyTypes) -> NotRead {
        NotRead::TooMany(error.to_string())
    }
}

/// The actions of a component, which may be anybody's. It reads the whole binary: do it where that may take its time.
///
/// # Errors
/// [`NotRead`].
pub fn of_component(wasm: &[u8]) -> Result<Actions, NotRead> {
    let words = |error: &dyn std::fmt::Display| NotRead::NotWit(error.to_string().escape_debug().to_string());
    let (resolve, world) = match decode(wasm).map_err(|error| words(&error))? {
        DecodedWasm::Component(resolve, world) => (resolve, world),
        DecodedWasm::WitPackage(..) => return Err(NotRead::NotWit("it is a WIT package, and no component".to_owned())),
    };
    let exports = resolve.worlds.get(world).into_iter().flat_map(|world| world.exports.values());
    let interfaces = exports.filter_map(|item| match item {
        WorldItem::Interface { id, .. } => Some(*id),
        _ => None,
    });
    Reader::new(&resolve).read(interfaces)
}

/// The actions of WIT files, by name and text, which make one package.
///
/// # Errors
/// [`NotRead`].
pub(crate) fn of_files(files: &[(&str, &str)]) -> Result<Actions, NotRead> {
    let words = |error: &dyn std::fmt::Display| NotRead::NotWit(error.to_string());
    let mut sources = SourceMap::new();
    for (name, text) in files {
        sources.push_str(name, *text);
    }
    let group = sources.parse().map_err(|(_, error)| words(&error))?;
    let mut resolve = Resolve::default();
    let package = resolve.push_group(group).map_err(|error| words(&error))?;
    let interfaces: Vec<_> =
        resolve.packages.get(package).into_iter().flat_map(|package| package.interfaces.values().copied()).collect();
    Reader::new(&resolve).read(interfaces)
}

struct Reader<'a> {
    resolve: &'a Resolve,
    types: Types,
    read: HashMap<wit_parser::TypeId, TypeId>,
    primitives: HashMap<&'static str, TypeId>,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn new(resolve: &'a Resolve) -> Reader<'a> {
        Reader { resolve, types: Types::default(), read: HashMap::new(), primitives: HashMap::new(), depth: 0 }
    }

    fn read(mut self, interfaces: impl IntoIterator<Item = InterfaceId>) -> Result<Actions, NotRead> {
        let mut actions = Vec::new();
        for id in interfaces {
            let resolve = self.resolve;
            let (Some(interface), Some(name)) = (resolve.interfaces.get(id), resolve.id_of(id)) else { continue };
            for function in interface.functions.values() {
                if let Some(action) = self.action(&name, function)? {
                    actions.push(action);
                }
                if actions.len() > MOST_FUNCTIONS {
                    let words = format!("expected at most {MOST_FUNCTIONS} functions of an action's form");
                    return Err(NotRead::TooMany(words));
                }
            }
        }
        self.types.check()?;
        Ok(Actions::new(self.types, actions))
    }

    /// A function as an action, if it has the form of one.
    fn action(&mut self, interface: &str, function: &Function) -> Result<Option<Action>, NotRead> {
        let [connection, parameters @ .., options] = function.params.as_slice() else { return Ok(None) };
        let is_form = function.kind == wit_parser::FunctionKind::Freestanding
            && self.is_own(&connection.ty, "connection")
            && self.is_own(&options.ty, "call-options");
        let Some((ok, error)) = function.result.as_ref().filter(|_| is_form).and_then(|result| self.result(result))
        else {
            return Ok(None);
        };
        if !error.is_some_and(|error| self.is_own(&error, "error")) {
            return Ok(None);
        }
        if interface.len() > LONGEST_NAME || function.name.len() > LONGEST_NAME {
            return Err(NotRead::TooMany(format!("expected names of at most {LONGEST_NAME} characters")));
        }
        let mut fields = Vec::new();
        for parameter in parameters {
            // A type that cannot be a value in JSON makes no action: handles, streams, futures.
            let Some(ty) = self.ty(&parameter.ty)? else { return Ok(None) };
            fields.push(Field { name: parameter.name.clone(), docs: String::new(), ty });
        }
        let result = match ok {
            None => None,
            Some(ok) => match self.ty(&ok)? {
                None => return Ok(None),
                some => some,
            },
        };
        Ok(Some(Action {
            interface: interface.to_owned(),
            function: function.name.clone(),
            name: function.name.clone(),
            docs: docs(&function.docs),
            parameters: fields,
            result,
            effect: Effect::Writes,
        }))
    }

    fn result(&self, ty: &WitType) -> Option<(Option<WitType>, Option<WitType>)> {
        let WitType::Id(id) = ty else { return None };
        match &self.resolve.types.get(*id)?.kind {
            TypeDefKind::Result(result) => Some((result.ok, result.err)),
            TypeDefKind::Type(of) => self.result(of),
            _ => None,
        }
    }

    /// Whether it is this type of the connector's `types`, under whatever name.
    fn is_own(&self, ty: &WitType, name: &str) -> bool {
        let WitType::Id(id) = ty else { return false };
        let Some(definition) = self.resolve.types.get(*id) else { return false };
        self.name(*id).is_some_and(|found| found.is_own("types", name))
            || matches!(&definition.kind, TypeDefKind::Type(of) if self.is_own(of, name))
    }

    fn name(&self, id: wit_parser::TypeId) -> Option<TypeName> {
        let definition = self.resolve.types.get(id)?;
        let TypeOwner::Interface(owner) = definition.owner else { return None };
        let interface = self.resolve.id_of(owner)?;
        let interface = interface.split('@').next().unwrap_or_default().to_owned();
        Some(TypeName { interface, name: definition.name.clone()? })
    }

    /// The type; none if no value of it can be JSON.
    fn ty(&mut self, ty: &WitType) -> Result<Option<TypeId>, NotRead> {
        let (name, shape) = match ty {
            WitType::Id(id) => return self.defined(*id),
            WitType::Bool => ("bool", Shape::Bool),
            WitType::U8 => ("u8", Shape::Integer { signed: false, bits: 8 }),
            WitType::U16 => ("u16", Shape::Integer { signed: false, bits: 16 }),
            WitType::U32 => ("u32", Shape::Integer { signed: false, bits: 32 }),
            WitType::U64 => ("u64", Shape::Integer { signed: false, bits: 64 }),
            WitType::S8 => ("s8", Shape::Integer { signed: true, bits: 8 }),
            WitType::S16 => ("s16", Shape::Integer { signed: true, bits: 16 }),
            WitType::S32 => ("s32", Shape::Integer { signed: true, bits: 32 }),
            WitType::S64 => ("s64", Shape::Integer { signed: true, bits: 64 }),
            WitType::F32 => ("f32", Shape::Float { bits: 32 }),
            WitType::F64 => ("f64", Shape::Float { bits: 64 }),
            WitType::Char => ("char", Shape::Char),
            WitType::String => ("string", Shape::Text),
            WitType::ErrorContext => return Ok(None),
        };
        if let Some(id) = self.primitives.get(name) {
            return Ok(Some(*id));
        }
        let id = self.types.add(Type { name: None, docs: String::new(), shape })?;
        self.primitives.insert(name, id);
        Ok(Some(id))
    }

    fn defined(&mut self, id: wit_parser::TypeId) -> Result<Option<TypeId>, NotRead> {
        if let Some(read) = self.read.get(&id) {
            return Ok(Some(*read));
        }
        // What is too deep is refused before this program's own stack ends.
        if self.depth == Types::DEEPEST {
            return Err(TooManyTypes.into());
        }
        self.depth += 1;
        let read = self.define(id);
        self.depth -= 1;
        read
    }

    fn define(&mut self, id: wit_parser::TypeId) -> Result<Option<TypeId>, NotRead> {
        let resolve = self.resolve;
        let Some(definition) = resolve.types.get(id) else { return Ok(None) };
        let name = self.name(id);
        if definition.name.as_ref().is_some_and(|name| name.len() > LONGEST_NAME) {
            return Err(NotRead::TooMany(format!("expected names of at most {LONGEST_NAME} characters")));
        }
        let shape = match &definition.kind {
            TypeDefKind::Type(WitType::String) if name.as_ref().is_some_and(|name| name.is_own("types", "json")) => {
                Some(Shape::Json)
            }
            // Another name, whose own documentation says more than that of what it stands for.
            TypeDefKind::Type(of) => {
                let Some(of) = self.ty(of)? else { return Ok(None) };
                if definition.docs.contents.is_none() && self.types.get(of).name.is_some() {
                    self.read.insert(id, of);
                    return Ok(Some(of));
                }
                Some(self.types.shape(of).clone())
            }
            TypeDefKind::List(WitType::U8) => Some(Shape::Bytes),
            TypeDefKind::List(of) if self.is_parameter(of) => Some(Shape::Parameters),
            TypeDefKind::List(of) => self.ty(of)?.map(Shape::List),
            TypeDefKind::Option(of) => self.ty(of)?.map(Shape::Option),
            TypeDefKind::Tuple(tuple) => {
                let mut parts = Vec::new();
                for of in &tuple.types {
                    let Some(part) = self.ty(of)? else { return Ok(None) };
                    parts.push(part);
                }
                Some(Shape::Tuple(parts))
            }
            TypeDefKind::Record(record) => {
                let mut fields = Vec::new();
                for field in &record.fields {
                    let Some(ty) = self.ty(&field.ty)? else { return Ok(None) };
                    fields.push(Field { name: field.name.clone(), docs: docs(&field.docs), ty });
                }
                Some(Shape::Record(fields))
            }
            TypeDefKind::Variant(variant) => {
                let mut cases = Vec::new();
                for case in &variant.cases {
                    let ty = match &case.ty {
                        None => None,
                        Some(ty) => match self.ty(ty)? {
                            None => return Ok(None),
                            some => some,
                        },
                    };
                    cases.push(Case { name: case.name.clone(), docs: docs(&case.docs), ty });
                }
                Some(Shape::Variant(cases))
            }
            TypeDefKind::Enum(of) => {
                Some(Shape::Enum(of.cases.iter().map(|case| label(&case.name, &case.docs)).collect()))
            }
            TypeDefKind::Flags(of) => {
                Some(Shape::Flags(of.flags.iter().map(|flag| label(&flag.name, &flag.docs)).collect()))
            }
            TypeDefKind::Result(result) => {
                let mut parts = [None, None];
                for (part, of) in parts.iter_mut().zip([&result.ok, &result.err]) {
                    if let Some(of) = of {
                        let Some(ty) = self.ty(of)? else { return Ok(None) };
                        *part = Some(ty);
                    }
                }
                let [ok, error] = parts;
                Some(Shape::Result { ok, error })
            }
            _ => None,
        };
        let Some(shape) = shape else { return Ok(None) };
        let added = self.types.add(Type { name, docs: docs(&definition.docs), shape })?;
        self.read.insert(id, added);
        Ok(Some(added))
    }

    /// Whether it is `soql.parameter`.
    fn is_parameter(&self, ty: &WitType) -> bool {
        let WitType::Id(id) = ty else { return false };
        let Some(definition) = self.resolve.types.get(*id) else { return false };
        self.name(*id).is_some_and(|name| name.is_own("soql", "parameter"))
            || matches!(&definition.kind, TypeDefKind::Type(of) if self.is_parameter(of))
    }
}

fn label(name: &str, docs: &Docs) -> Label {
    Label { name: name.to_owned(), docs: self::docs(docs) }
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

    /// An interface beside the connector's types.
    fn read(interface: &str) -> Result<Actions, String> {
        let types = ("types.wit", include_str!("../../../wit/types.wit"));
        let other =
            format!("interface quotes {{ use types.{{connection, call-options, error, json}};\n{interface}\n}}");
        of_files(&[types, ("quotes.wit", &other)]).map_err(|error| error.to_string())
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
             other: func(a: string, options: call-options) -> result<string, error>;",
        );
        let actions = actions.unwrap();
        assert_eq!(names(&actions), ["all", "clear"]);
        assert!(actions.iter().all(Action::writes));
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let form = "connection: connection, options: call-options) -> result<_, error>;";
        let many: String = (0..=MOST_FUNCTIONS).map(|number| format!("do{number}: func({form}\n")).collect();
        let fields: String = (0..=Types::MEMBERS).map(|number| format!("m{number}: u8,")).collect();
        let deep: String = (1..40).map(|number| format!("type t{number} = list<t{}>;\n", number - 1)).collect();
        for (interface, words) in [
            (many, "at most 200 functions"),
            (
                format!(
                    "record r {{ {fields} }}\nf: func(connection: connection, a: r, options: call-options) -> result<_, error>;"
                ),
                "200 members",
            ),
            (
                format!(
                    "type t0 = u8;\n{deep}f: func(connection: connection, a: t39, options: call-options) -> result<_, error>;"
                ),
                "at most 16 deep",
            ),
            (format!("{}: func({form}", "f".repeat(LONGEST_NAME + 1)), "at most 200 characters"),
        ] {
            let error = read(&interface).map(|actions| actions.iter().count()).unwrap_err();
            assert!(error.contains(words), "{error}, and not: {words}");
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
