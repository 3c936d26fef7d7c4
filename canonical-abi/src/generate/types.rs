//! An implementation of each trait for each type that has a name. Those without one are generic, in this crate.

use std::fmt::Write as _;

use wit_parser::{Int, Type, TypeDefKind, TypeId};

use super::names::{camel, snake};
use super::{Error, World};

/// How a value is lifted and lowered, as Rust.
struct Code {
    lift: String,
    lower: String,
}

impl World<'_> {
    pub(super) fn named_type(&self, module: &str, id: TypeId, rust: &mut String) -> Result<(), Error> {
        let Some(definition) = self.resolve.types.get(id) else {
            return Ok(());
        };
        let name = definition.name.as_deref().unwrap_or_default();
        let path = format!("{module}::{}", camel(name));
        let code = match &definition.kind {
            TypeDefKind::Record(record) => {
                let types = record.fields.iter().map(|field| &field.ty);
                let fields = record.fields.iter().map(|field| snake(&field.name)).zip(self.offsets(types));
                of_record(&path, fields)
            }
            TypeDefKind::Variant(variant) => {
                let types = variant.cases.iter().map(|case| case.ty.as_ref());
                let payload = self.sizes.payload_offset(variant.tag(), types).size_wasm32();
                of_variant(&path, payload, variant.cases.iter().map(|case| (camel(&case.name), case.ty.is_some())))
            }
            TypeDefKind::Enum(_) => {
                Code { lift: format!("{path}::_lift(from.read())"), lower: "to.write(*self as u8)".to_owned() }
            }
            // Another name of a type that has its own, or of one without.
            TypeDefKind::Type(_) | TypeDefKind::Option(_) | TypeDefKind::Result(_) | TypeDefKind::List(_) => {
                return Ok(());
            }
            other => {
                let type_name = format!("{name}, a {}", other.as_str());
                return Err(Error::Unknown(type_name, "a record, variant, enum or a name for another type"));
            }
        };
        let tag = match &definition.kind {
            TypeDefKind::Variant(variant) => variant.tag(),
            TypeDefKind::Enum(cases) => cases.tag(),
            _ => Int::U8,
        };
        if tag != Int::U8 {
            return Err(Error::Unknown(name.to_owned(), "at most 256 cases"));
        }
        let (size, align) = (self.size(&Type::Id(id)), self.sizes.align(&Type::Id(id)).align_wasm32());
        let Code { lift, lower } = code;
        let _ = write!(
            rust,
            "
impl canonical_abi::Layout for {path} {{
    const SIZE: usize = {size};
    const ALIGN: usize = {align};
}}
"
        );
        if self.lifted.contains(id) {
            let _ = write!(
                rust,
                "impl canonical_abi::Lift for {path} {{
    unsafe fn lift(from: *const u8) -> Self {{
        unsafe {{ {lift} }}
    }}
}}
"
            );
        }
        if self.lowered.contains(id) {
            let _ = write!(
                rust,
                "impl canonical_abi::Lower for {path} {{
    unsafe fn lower(&self, to: *mut u8) {{
        unsafe {{ {lower} }}
    }}
}}
"
            );
        }
        Ok(())
    }

    /// Where each of some fields lies.
    pub(super) fn offsets<'t>(&self, types: impl Iterator<Item = &'t Type>) -> impl Iterator<Item = usize> {
        self.sizes.field_offsets(types).into_iter().map(|(offset, _)| offset.size_wasm32())
    }

    pub(super) fn size(&self, of: &Type) -> usize {
        self.sizes.size(of).size_wasm32()
    }
}

fn of_record(path: &str, fields: impl Iterator<Item = (String, usize)>) -> Code {
    let (mut lift, mut lower) = (String::new(), String::new());
    for (field, offset) in fields {
        let _ = write!(lift, "{field}: canonical_abi::Lift::lift(from.add({offset})), ");
        let _ = write!(lower, "canonical_abi::Lower::lower(&self.{field}, to.add({offset})); ");
    }
    Code { lift: format!("{path} {{ {lift} }}"), lower }
}

fn of_variant(path: &str, payload: usize, cases: impl Iterator<Item = (String, bool)>) -> Code {
    let (mut lift, mut lower) = (String::new(), String::new());
    for (tag, (case, has_payload)) in cases.enumerate() {
        if has_payload {
            let _ = write!(lift, "{tag} => {path}::{case}(canonical_abi::Lift::lift(from.add({payload}))), ");
            let _ = write!(
                lower,
                "{path}::{case}(value) => {{ to.write({tag}); canonical_abi::Lower::lower(value, to.add({payload})); }} "
            );
        } else {
            let _ = write!(lift, "{tag} => {path}::{case}, ");
            let _ = write!(lower, "{path}::{case} => to.write({tag}), ");
        }
    }
    Code {
        // The other side has written one of the type's cases.
        lift: format!("match from.read() {{ {lift} _ => core::hint::unreachable_unchecked() }}"),
        lower: format!("match self {{ {lower} }}"),
    }
}
