//! Whether a component's exports have the connector's types, and if not, which differ, field by field.
//!
//! What is compared with is the connector's own component: its types are those of `wit/`.

use salesforce_actions::types::PACKAGE;
use semver::{Comparator, Op, Version};
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType, ComponentFuncTypeId,
    ComponentInstanceTypeId, ComponentValType,
};
use wasmparser::types::Types;

/// A difference for each line: `soql.query.batch-size: expected option<u16>, found option<u32>`. Interfaces of other
/// packages, and those of the connector that are not there, are no difference.
pub(super) fn differences(
    expected: &Types,
    expected_exports: &[String],
    found: &Types,
    found_exports: &[String],
) -> Vec<String> {
    let mut comparison = Comparison { expected, found, is_older: false, differences: Vec::new() };
    let is_own = |name: &&String| name.strip_prefix(PACKAGE).is_some_and(|rest| rest.starts_with('/'));
    for name in found_exports.iter().filter(is_own) {
        let Some(own) = expected_exports.iter().find(|own| stands_in_for(name, own)) else {
            let known = expected_exports.join(", ");
            comparison
                .differences
                .push(format!("{name}: expected one of {known} of this package, found this interface"));
            continue;
        };
        let instance = |types: &Types, name: &str| match types.component_item_for_export(name).map(|item| item.ty) {
            Some(ComponentEntityType::Instance(id)) => Some(id),
            _ => None,
        };
        comparison.is_older = version(name) < version(own);
        match (instance(expected, own), instance(found, name)) {
            (Some(ours), Some(theirs)) => comparison.instances(short(name), ours, theirs),
            _ => comparison.differences.push(format!("{name}: expected this interface, found none")),
        }
    }
    comparison.differences
}

/// `soql` of `workflow:salesforce/soql@0.2.1`.
fn short(interface: &str) -> &str {
    let name = interface.split('@').next().unwrap_or(interface);
    name.rsplit('/').next().unwrap_or(name)
}

/// Whether an interface is another one, of this or another version that Semantic Versioning calls compatible.
fn stands_in_for(name: &str, own: &str) -> bool {
    let is_compatible = |theirs: &Version, ours: &Version| {
        let (lower, higher) = if theirs < ours { (theirs, ours) } else { (ours, theirs) };
        comparator(lower).matches(higher)
    };
    let named = |name: &str| name.split('@').next().map(str::to_owned);
    let same_name = named(name) == named(own);
    same_name && version(name).zip(version(own)).is_some_and(|(theirs, ours)| is_compatible(&theirs, &ours))
}

fn comparator(version: &Version) -> Comparator {
    Comparator {
        op: Op::Caret,
        major: version.major,
        minor: Some(version.minor),
        patch: Some(version.patch),
        pre: version.pre.clone(),
    }
}

fn version(interface: &str) -> Option<Version> {
    Version::parse(interface.split_once('@')?.1).ok()
}

struct Comparison<'a> {
    expected: &'a Types,
    found: &'a Types,
    /// What came later than its version, a component may lack.
    is_older: bool,
    differences: Vec<String>,
}

type Value = ComponentValType;

impl Comparison<'_> {
    fn instances(&mut self, path: &str, ours: ComponentInstanceTypeId, theirs: ComponentInstanceTypeId) {
        let (expected, found) = (self.expected, self.found);
        for (name, item) in &expected[ours].exports {
            let path = format!("{path}.{name}");
            let same = found[theirs].exports.get(name).map(|item| item.ty);
            if same.is_none() && self.is_older {
                continue;
            }
            match (item.ty, same) {
                (ComponentEntityType::Func(ours), Some(ComponentEntityType::Func(theirs))) => {
                    self.functions(&path, ours, theirs);
                }
                (
                    ComponentEntityType::Type { referenced: ComponentAnyTypeId::Defined(ours), .. },
                    Some(ComponentEntityType::Type { referenced: ComponentAnyTypeId::Defined(theirs), .. }),
                ) => self.types(&path, ours, theirs),
                (ComponentEntityType::Func(_), _) => self.differ(&path, "a function", "none"),
                _ => self.differ(&path, "a type", "none"),
            }
        }
    }

    fn functions(&mut self, path: &str, ours: ComponentFuncTypeId, theirs: ComponentFuncTypeId) {
        let (expected, found) = (&self.expected[ours], &self.found[theirs]);
        if expected.async_ != found.async_ {
            let kind = |is_async| if is_async { "an async function" } else { "a function that is not async" };
            self.differ(path, kind(expected.async_), kind(found.async_));
        }
        let of = |(name, ty): &(wasmparser::names::KebabString, Value)| (name.to_string(), Some(*ty));
        let ours: Vec<_> = expected.params.iter().map(of).collect();
        let theirs: Vec<_> = found.params.iter().map(of).collect();
        self.named(path, "parameter", &ours, &theirs);
        self.optional(&format!("{path}.result"), expected.result, found.result);
    }

    fn types(&mut self, path: &str, ours: ComponentDefinedTypeId, theirs: ComponentDefinedTypeId) {
        use ComponentDefinedType as Type;
        match (&self.expected[ours], &self.found[theirs]) {
            (Type::Primitive(ours), Type::Primitive(theirs)) if ours == theirs => {}
            (Type::Record(ours), Type::Record(theirs)) => {
                let fields = |fields: &wasmparser::collections::IndexMap<_, Value>| -> Vec<_> {
                    fields
                        .iter()
                        .map(|(name, ty): (&wasmparser::names::KebabString, _)| (name.to_string(), Some(*ty)))
                        .collect()
                };
                self.named(path, "field", &fields(&ours.fields), &fields(&theirs.fields));
            }
            (Type::Variant(ours), Type::Variant(theirs)) => {
                let cases = |variant: &wasmparser::component_types::VariantType| -> Vec<_> {
                    variant.cases.iter().map(|(name, case)| (name.to_string(), case.ty)).collect()
                };
                self.named(path, "case", &cases(ours), &cases(theirs));
            }
            (Type::Enum(ours), Type::Enum(theirs)) => {
                let cases = |names: &wasmparser::collections::IndexSet<wasmparser::names::KebabString>| -> Vec<_> {
                    names.iter().map(|name| (name.to_string(), None)).collect()
                };
                self.named(path, "case", &cases(ours), &cases(theirs));
            }
            (Type::List { element: ours, .. }, Type::List { element: theirs, .. })
            | (Type::Option { ty: ours, .. }, Type::Option { ty: theirs, .. }) => self.values(path, *ours, *theirs),
            (Type::Result { ok, err, .. }, Type::Result { ok: other_ok, err: other_err, .. }) => {
                self.optional(&format!("{path}.ok"), *ok, *other_ok);
                self.optional(&format!("{path}.error"), *err, *other_err);
            }
            _ => {
                let (ours, theirs) = (Value::Type(ours), Value::Type(theirs));
                self.differ(path, &name(self.expected, ours, 0), &name(self.found, theirs, 0));
            }
        }
    }

    fn values(&mut self, path: &str, ours: Value, theirs: Value) {
        if let (Value::Type(ours), Value::Type(theirs)) = (ours, theirs) {
            let nested = |types: &Types, id| {
                matches!(&types[id], ComponentDefinedType::Option { .. } | ComponentDefinedType::List { .. })
            };
            // `option<u16>` against `option<u32>` is best told whole.
            let whole = (name(self.expected, Value::Type(ours), 0), name(self.found, Value::Type(theirs), 0));
            if whole.0 != whole.1 && nested(self.expected, ours) {
                return self.differ(path, &whole.0, &whole.1);
            }
            return self.types(path, ours, theirs);
        }
        let (ours, theirs) = (name(self.expected, ours, 0), name(self.found, theirs, 0));
        if ours != theirs {
            self.differ(path, &ours, &theirs);
        }
    }

    fn optional(&mut self, path: &str, ours: Option<Value>, theirs: Option<Value>) {
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => self.values(path, ours, theirs),
            (None, None) => {}
            (Some(ours), None) => self.differ(path, &name(self.expected, ours, 0), "nothing"),
            (None, Some(theirs)) => self.differ(path, "nothing", &name(self.found, theirs, 0)),
        }
    }

    /// Fields, parameters or cases: their order counts too.
    fn named(&mut self, path: &str, what: &str, ours: &[(String, Option<Value>)], theirs: &[(String, Option<Value>)]) {
        for (name, ty) in ours {
            match theirs.iter().find(|(other, _)| other == name) {
                Some((_, other)) => self.optional(&format!("{path}.{name}"), *ty, *other),
                None => self.differ(&format!("{path}.{name}"), &format!("this {what}"), "none"),
            }
        }
        for (name, _) in theirs.iter().filter(|(name, _)| !ours.iter().any(|(known, _)| known == name)) {
            self.differ(&format!("{path}.{name}"), &format!("no such {what}"), "one");
        }
        let same =
            ours.len() == theirs.len() && ours.iter().all(|(name, _)| theirs.iter().any(|(other, _)| other == name));
        if same && !ours.iter().map(|(name, _)| name).eq(theirs.iter().map(|(name, _)| name)) {
            let list = |all: &[(String, Option<Value>)]| {
                all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
            };
            self.differ(path, &format!("the order {}", list(ours)), &list(theirs));
        }
    }

    fn differ(&mut self, path: &str, expected: &str, found: &str) {
        self.differences.push(format!("{path}: expected {expected}, found {found}"));
    }
}

/// A type as WIT writes it, as far as it has no name of its own.
fn name(types: &Types, value: Value, depth: usize) -> String {
    let id = match value {
        Value::Primitive(primitive) => return primitive.to_string(),
        Value::Type(id) => id,
    };
    if depth == 4 {
        return "…".to_owned();
    }
    let inner = |value: Value| name(types, value, depth + 1);
    let optional = |value: Option<Value>| value.map_or_else(|| "_".to_owned(), inner);
    match &types[id] {
        ComponentDefinedType::Primitive(primitive) => primitive.to_string(),
        ComponentDefinedType::Record(record) => format!("a record of {} fields", record.fields.len()),
        ComponentDefinedType::Variant(variant) => format!("a variant of {} cases", variant.cases.len()),
        ComponentDefinedType::Enum(cases) => format!("an enum of {} cases", cases.len()),
        ComponentDefinedType::Flags(flags) => format!("{} flags", flags.len()),
        ComponentDefinedType::Tuple(tuple) => format!("a tuple of {}", tuple.types.len()),
        ComponentDefinedType::List { element, .. } => format!("list<{}>", inner(*element)),
        ComponentDefinedType::Option { ty, .. } => format!("option<{}>", inner(*ty)),
        ComponentDefinedType::Result { ok, err, .. } => format!("result<{}, {}>", optional(*ok), optional(*err)),
        _ => "another type".to_owned(),
    }
}
