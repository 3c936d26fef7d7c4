//! A core module becomes a component.

use wasmparser::{Chunk, Parser, Payload};
use wit_component::ComponentEncoder;

use crate::error::Error;

/// The component of a core module that carries its WIT. It has no names for debuggers: they are a twentieth of its size.
///
/// # Errors
/// The module does not fit the WIT in it.
pub fn encode(module: &[u8]) -> Result<Vec<u8>, Error> {
    let component = ComponentEncoder::default().module(module).map_err(Error::wasm)?.validate(true).encode();
    without("component-name", &component.map_err(Error::wasm)?)
}

/// A component without its custom section of this name; those of what is nested in it stay.
fn without(name: &str, wasm: &[u8]) -> Result<Vec<u8>, Error> {
    let truncated = || Error::wasm("it is truncated");
    let mut kept = Vec::with_capacity(wasm.len());
    let mut parser = Parser::new(0);
    let mut rest = wasm;
    while let Chunk::Parsed { mut consumed, payload } = parser.parse(rest, true).map_err(Error::wasm)? {
        if let Payload::ModuleSection { unchecked_range, .. } | Payload::ComponentSection { unchecked_range, .. } =
            &payload
        {
            consumed += unchecked_range.len();
        }
        let (section, following) = rest.split_at_checked(consumed).ok_or_else(truncated)?;
        rest = following;
        match payload {
            Payload::CustomSection(section) if section.name() == name => {}
            Payload::End(_) => return Ok(kept),
            _ => kept.extend_from_slice(section),
        }
    }
    Err(truncated())
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{Component, CustomSection, Module, ModuleSection, RawSection};

    use super::*;

    fn custom(name: &str) -> CustomSection<'_> {
        CustomSection { name: name.into(), data: b"data".into() }
    }

    fn component(names: &[&str]) -> Vec<u8> {
        let mut nested = Module::new();
        nested.section(&custom("a"));
        let mut component = Component::new();
        component.section(&ModuleSection(&nested));
        for name in names {
            component.section(&custom(name));
        }
        component.finish()
    }

    #[test]
    fn a_section_is_taken_out_and_everything_else_stays() {
        assert_eq!(without("a", &component(&["a", "b", "a"])).unwrap(), component(&["b"]));
        assert_eq!(without("c", &component(&["a", "b"])).unwrap(), component(&["a", "b"]));
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let component = component(&["b"]);
        for length in 0..component.len() - 1 {
            // At the end of a section nothing shows that there were more.
            if let Ok(kept) = without("a", &component[..length]) {
                assert_eq!(kept, component[..length]);
            }
        }
        assert!(without("a", &component[..component.len() - 1]).is_err());
    }

    #[test]
    fn a_module_without_wit_is_an_empty_component() {
        let component = encode(&Module::new().finish()).unwrap();
        assert!(Parser::is_component(&component));
    }

    #[test]
    fn what_is_no_module_is_refused_in_words() {
        let error = encode(b"\0asm\x01\0\0\0\xff").unwrap_err().to_string();
        assert!(error.starts_with("cannot make a component of what cargo has built: "), "{error}");
        let mut module = Module::new();
        module.section(&RawSection { id: 2, data: &[1, 1, b'x', 1, b'y', 3, 0x7f, 0] });
        let error = encode(&module.finish()).unwrap_err().to_string();
        assert!(error.contains('x'), "{error}");
    }
}
