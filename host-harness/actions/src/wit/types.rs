//! The types of functions, as far as values of them can be JSON.

use wit_parser::{Docs, Type as WitType, TypeDefKind};

use super::functions::{Reader, shown};
use super::{NotRead, docs};
use crate::types::{Case, Field, Label, Shape, TooManyTypes, Type, TypeId, Types};

impl Reader<'_> {
    /// The type; none if no value of it can be JSON.
    pub(super) fn ty(&mut self, ty: &WitType) -> Result<Option<TypeId>, NotRead> {
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
        let id = self.types.add(Type { name: None, docs: String::new(), shape }).map_err(|why| self.refused(why))?;
        self.primitives.insert(name, id);
        Ok(Some(id))
    }

    fn defined(&mut self, id: wit_parser::TypeId) -> Result<Option<TypeId>, NotRead> {
        if let Some(read) = self.read.get(&id) {
            return Ok(Some(*read));
        }
        // What is too deep is refused before this program's own stack ends.
        if self.depth == Types::DEEPEST {
            return Err(self.refused_type(id, TooManyTypes::Depth));
        }
        self.depth += 1;
        let read = self.define(id);
        self.depth -= 1;
        read
    }

    fn define(&mut self, id: wit_parser::TypeId) -> Result<Option<TypeId>, NotRead> {
        let resolve = self.resolve;
        let Some(definition) = resolve.types.get(id) else { return Ok(None) };
        let name = self.type_name(id);
        if let Some(name) = &definition.name {
            self.name(name)?;
        }
        // The host alone gives connections: as a value, a caller's token would stand in every log of requests.
        if name.as_ref().is_some_and(|name| name.is_own("types", "connection")) {
            return Ok(None);
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
            TypeDefKind::List(of) if self.is_own_in("soql", of, "parameter") => Some(Shape::Parameters),
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
                    fields.push(Field { name: self.name(&field.name)?, docs: docs(&field.docs), ty });
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
                    cases.push(Case { name: self.name(&case.name)?, docs: docs(&case.docs), ty });
                }
                Some(Shape::Variant(cases))
            }
            TypeDefKind::Enum(of) => {
                let labels = of.cases.iter().map(|case| self.label(&case.name, &case.docs));
                Some(Shape::Enum(labels.collect::<Result<_, _>>()?))
            }
            TypeDefKind::Flags(of) => {
                let labels = of.flags.iter().map(|flag| self.label(&flag.name, &flag.docs));
                Some(Shape::Flags(labels.collect::<Result<_, _>>()?))
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
        let ty = Type { name, docs: docs(&definition.docs), shape };
        let added = self.types.add(ty).map_err(|why| self.refused_type(id, why))?;
        self.read.insert(id, added);
        Ok(Some(added))
    }

    fn refused_type(&self, id: wit_parser::TypeId, why: TooManyTypes) -> NotRead {
        match self.resolve.types.get(id).and_then(|ty| ty.name.as_deref()) {
            Some(name) => self.refused(format!("type {}: {why}", shown(name))),
            None => self.refused(why),
        }
    }

    fn label(&self, name: &str, docs: &Docs) -> Result<Label, NotRead> {
        Ok(Label { name: self.name(name)?, docs: super::docs(docs) })
    }
}
