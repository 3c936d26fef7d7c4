//! A WIT package as what it promises: a line for everything that has a name, to be compared with that of another version.

use std::collections::BTreeMap;
use std::path::Path;

use wit_parser::{
    FunctionKind, Interface, PackageId, Resolve, Stability, Type, TypeDef, TypeDefKind, TypeOwner, WorldKey,
};

/// Major, minor, patch.
pub(crate) type Version = (u64, u64, u64);

/// What a package promises.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: Version,
    /// By name, as in `oauth.refresh`: what hosts and callers find.
    pub(crate) items: BTreeMap<String, Item>,
    /// By name, as in `connector: wasi:io/poll@0.2.2`: what hosts must provide.
    pub(crate) imports: BTreeMap<String, Item>,
}

/// Something with a name.
#[derive(Debug)]
pub(crate) struct Item {
    /// What it is, without documentation.
    pub(crate) text: String,
    /// Since when, by its own word or that of the interface around it.
    pub(crate) since: Option<Version>,
}

impl Package {
    /// Reads the text of a package with the packages that it uses nested in it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("package.wit", text).map_err(|error| format!("{error:#}"))?;
        Ok(Self::of(&resolve, package))
    }

    /// Reads a file of such a text.
    pub(crate) fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        Self::parse(&text).unwrap()
    }

    fn of(resolve: &Resolve, package: PackageId) -> Self {
        let package = &resolve.packages[package];
        let version = package.name.version.as_ref().expect("the package has a version");
        let mut items = BTreeMap::new();
        let mut imports = BTreeMap::new();
        for (name, id) in &package.interfaces {
            interface(resolve, name, &resolve.interfaces[*id], &mut items);
        }
        for (world, id) in &package.worlds {
            let definition = &resolve.worlds[*id];
            items.insert(world.clone(), Item { text: "world".to_owned(), since: since(&definition.stability) });
            for (keys, into, what) in
                [(&definition.imports, &mut imports, ""), (&definition.exports, &mut items, "export ")]
            {
                for (key, item) in keys {
                    let name = format!("{world}: {what}{}", key_name(resolve, key, &package.name.namespace));
                    into.insert(name, Item { text: "interface".to_owned(), since: since(item.stability(resolve)) });
                }
            }
        }
        Self {
            name: format!("{}:{}", package.name.namespace, package.name.name),
            version: (version.major, version.minor, version.patch),
            items,
            imports,
        }
    }
}

/// An interface of another package with its version, one of ours without: that is the package's.
fn key_name(resolve: &Resolve, key: &WorldKey, namespace: &str) -> String {
    let name = resolve.name_world_key(key);
    match name.split_once('@') {
        Some((own, _)) if name.starts_with(&format!("{namespace}:")) => own.to_owned(),
        _ => name,
    }
}

fn interface(resolve: &Resolve, name: &str, interface: &Interface, items: &mut BTreeMap<String, Item>) {
    let own = since(&interface.stability);
    items.insert(name.to_owned(), Item { text: "interface".to_owned(), since: own });
    for (type_name, id) in &interface.types {
        let definition = &resolve.types[*id];
        let item = Item { text: kind(resolve, definition), since: since(&definition.stability).or(own) };
        items.insert(format!("{name}.{type_name}"), item);
    }
    for (function_name, function) in &interface.functions {
        let parameters = function.params.iter().map(|each| format!("{}: {}", each.name, type_of(resolve, &each.ty)));
        let parameters: Vec<_> = parameters.collect();
        let verb = match function.kind {
            FunctionKind::Freestanding => "func",
            FunctionKind::AsyncFreestanding => "async func",
            _ => panic!("{function_name}: only plain functions are compared"),
        };
        let result = function.result.map_or("nothing".to_owned(), |result| type_of(resolve, &result));
        let text = format!("{verb}({}) -> {result}", parameters.join(", "));
        items.insert(format!("{name}.{function_name}"), Item { text, since: since(&function.stability).or(own) });
    }
}

fn since(stability: &Stability) -> Option<Version> {
    match stability {
        Stability::Stable { since, .. } => Some((since.major, since.minor, since.patch)),
        _ => None,
    }
}

fn type_of(resolve: &Resolve, ty: &Type) -> String {
    let Type::Id(id) = ty else { return format!("{ty:?}").to_lowercase() };
    let definition = &resolve.types[*id];
    match (&definition.name, definition.owner) {
        (Some(name), TypeOwner::Interface(owner)) => {
            format!("{}.{name}", resolve.interfaces[owner].name.as_deref().unwrap_or_default())
        }
        _ => kind(resolve, definition),
    }
}

fn kind(resolve: &Resolve, definition: &TypeDef) -> String {
    let of = |ty: &Type| type_of(resolve, ty);
    let optional = |ty: &Option<Type>| ty.as_ref().map_or("_".to_owned(), of);
    match &definition.kind {
        TypeDefKind::Record(record) => {
            listed("record", record.fields.iter().map(|field| format!("{}: {}", field.name, of(&field.ty))))
        }
        TypeDefKind::Variant(variant) => {
            listed("variant", variant.cases.iter().map(|case| format!("{}({})", case.name, optional(&case.ty))))
        }
        TypeDefKind::Enum(cases) => listed("enum", cases.cases.iter().map(|case| case.name.clone())),
        TypeDefKind::Flags(flags) => listed("flags", flags.flags.iter().map(|flag| flag.name.clone())),
        TypeDefKind::Tuple(tuple) => listed("tuple", tuple.types.iter().map(of)),
        TypeDefKind::Option(ty) => format!("option<{}>", of(ty)),
        TypeDefKind::List(ty) => format!("list<{}>", of(ty)),
        TypeDefKind::Result(result) => format!("result<{}, {}>", optional(&result.ok), optional(&result.err)),
        TypeDefKind::Stream(ty) => format!("stream<{}>", optional(ty)),
        TypeDefKind::Future(ty) => format!("future<{}>", optional(ty)),
        TypeDefKind::Type(ty) => format!("= {}", of(ty)),
        other => panic!("types of the kind {} are not compared yet", other.as_str()),
    }
}

fn listed(what: &str, parts: impl Iterator<Item = String>) -> String {
    format!("{what} {{ {} }}", parts.collect::<Vec<_>>().join(", "))
}
