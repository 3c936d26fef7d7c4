//! Arguments that come as values of WebAssembly, at most 16, are written where they would lie if there were more. So there is
//! one way of lifting.

use std::fmt::Write as _;

use wit_parser::{Type, TypeDefKind};

use super::{Error, World};

/// The statements that write the arguments to `to`.
pub(super) struct Stores<'a> {
    world: &'a World<'a>,
    /// The types of the values, in Rust.
    values: &'a [&'static str],
    /// The next value.
    next: usize,
    rust: String,
}

impl<'a> Stores<'a> {
    pub(super) fn new(world: &'a World<'a>, values: &'a [&'static str]) -> Self {
        Self { world, values, next: 0, rust: String::new() }
    }

    pub(super) fn rust(self) -> String {
        self.rust
    }

    pub(super) fn store(&mut self, ty: &Type, at: usize) -> Result<(), Error> {
        match ty {
            Type::Bool | Type::U8 | Type::S8 => self.value("u8", at),
            Type::U16 | Type::S16 => self.value("u16", at),
            Type::U32 | Type::S32 => self.value("u32", at),
            Type::U64 | Type::S64 => self.value("u64", at),
            Type::String => self.pair(at),
            Type::Id(id) => {
                let kind = self.world.resolve.types.get(*id).map(|definition| &definition.kind);
                match kind {
                    Some(TypeDefKind::Type(of)) => return self.store(of, at),
                    Some(TypeDefKind::List(_)) => self.pair(at),
                    Some(TypeDefKind::Enum(_)) => self.value("u8", at),
                    Some(TypeDefKind::Record(record)) => {
                        let offsets = self.world.offsets(record.fields.iter().map(|field| &field.ty));
                        for (field, offset) in record.fields.iter().zip(offsets) {
                            self.store(&field.ty, at + offset)?;
                        }
                    }
                    Some(TypeDefKind::Option(of)) => {
                        self.value("u8", at);
                        self.store(of, at + self.world.sizes.align(of).align_wasm32())?;
                    }
                    Some(TypeDefKind::Variant(variant)) => {
                        let types = variant.cases.iter().map(|case| case.ty.as_ref());
                        let payload = self.world.sizes.payload_offset(variant.tag(), types.clone());
                        self.value("u8", at);
                        self.cases(types, at + payload.size_wasm32())?;
                    }
                    other => return Err(unknown(other.map_or("type", TypeDefKind::as_str))),
                }
            }
            _ => return Err(unknown("float or char")),
        }
        Ok(())
    }

    /// The payloads of a variant share their values of WebAssembly. Where all are written alike, nobody has to know which
    /// case it is; a case without a payload is not looked at.
    fn cases<'t>(&mut self, types: impl Iterator<Item = Option<&'t Type>>, at: usize) -> Result<(), Error> {
        let tag = self.next - 1;
        let mut cases = Vec::new();
        for (case, ty) in types.enumerate() {
            let mut payload = Self { rust: String::new(), ..*self };
            if let Some(ty) = ty {
                payload.store(ty, at)?;
                cases.push((case, payload));
            }
        }
        let Some((_, first)) = cases.first() else {
            return Ok(());
        };
        if cases.iter().all(|(_, payload)| payload.rust == first.rust) {
            self.rust.push_str(&first.rust);
        } else {
            let _ = write!(self.rust, "match flat{tag} {{ ");
            for (case, payload) in &cases {
                let _ = write!(self.rust, "{case} => {{ {}}} ", payload.rust);
            }
            self.rust.push_str("_ => {} }\n        ");
        }
        self.next = cases.iter().map(|(_, payload)| payload.next).max().unwrap_or(self.next);
        Ok(())
    }

    fn pair(&mut self, at: usize) {
        self.value("u32", at);
        self.value("u32", at + 4);
    }

    fn value(&mut self, kind: &str, at: usize) {
        let index = self.next;
        self.next += 1;
        let cast = if self.values.get(index) == Some(&kind) { String::new() } else { format!(" as {kind}") };
        let _ = write!(self.rust, "to.add({at}).cast::<{kind}>().write(flat{index}{cast});\n        ");
    }
}

fn unknown(what: &str) -> Error {
    Error::Unknown(
        format!("{what} as an argument"),
        "records, variants, enums, options, lists, strings, integers or booleans",
    )
}
