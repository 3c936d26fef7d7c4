//! How deep types are declared in one another, found without recursion.

use wasmparser::{
    BinaryReader, ComponentAlias, ComponentExternName, ComponentImport, ComponentType, ComponentTypeRef, CoreType,
    InstanceTypeDeclaration, Result,
};

/// Whether a section declares types more than `most` deep in one another.
///
/// # Errors
///
/// What the parser says of a section that is damaged.
pub(super) fn types(mut section: BinaryReader<'_>, most: usize) -> Result<bool> {
    let mut left_in_each = vec![section.read_var_u32()?];
    while let Some(left) = left_in_each.last_mut() {
        let Some(rest) = left.checked_sub(1) else {
            left_in_each.pop();
            continue;
        };
        *left = rest;
        let is_section = left_in_each.len() == 1;
        if (is_section || skip_to_type(&mut section)?)
            && let Some(declarations) = read_type(&mut section)?
        {
            if left_in_each.len() > most {
                return Ok(true);
            }
            left_in_each.push(declarations);
        }
    }
    Ok(false)
}

/// Reads a declaration in a component's or an instance's type. A type is left to be read.
fn skip_to_type(section: &mut BinaryReader<'_>) -> Result<bool> {
    let mut declaration = section.clone();
    match section.read_u8()? {
        0x00 => section.read::<CoreType>().map(|_| false),
        0x01 => Ok(true),
        0x02 => section.read::<ComponentAlias>().map(|_| false),
        0x03 => section.read::<ComponentImport>().map(|_| false),
        0x04 => {
            section.read::<ComponentExternName>()?;
            section.read::<ComponentTypeRef>().map(|_| false)
        }
        // The parser says what is wrong.
        _ => declaration.read::<InstanceTypeDeclaration>().map(|_| false),
    }
}

/// Reads a type. Of one that declares others, only how many.
fn read_type(section: &mut BinaryReader<'_>) -> Result<Option<u32>> {
    const OF_COMPONENT: u8 = 0x41;
    const OF_INSTANCE: u8 = 0x42;
    let mut type_ = section.clone();
    match section.read_u8()? {
        OF_COMPONENT | OF_INSTANCE => section.read_var_u32().map(Some),
        _ => {
            type_.read::<ComponentType>()?;
            *section = type_;
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DescribeError, MOST_NESTED, describe};

    /// The least binary of a component around these sections.
    fn component(sections: &[u8]) -> Vec<u8> {
        [b"\0asm\x0d\0\x01\0", sections].concat()
    }

    fn leb128(mut number: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            let low = (number & 0x7f) as u8;
            number >>= 7;
            if number == 0 {
                bytes.push(low);
                return bytes;
            }
            bytes.push(low | 0x80);
        }
    }

    fn section(id: u8, body: &[u8]) -> Vec<u8> {
        [&[id][..], &leb128(body.len()), body].concat()
    }

    /// A type that declares a type, which declares a type...
    fn types(depth: usize, of: u8) -> Vec<u8> {
        let declared = [of, 0x01, 0x01].repeat(depth - 1);
        component(&section(7, &[&[0x01][..], &declared, &[of, 0x00]].concat()))
    }

    /// Types beside one another, in one.
    fn beside(count: usize) -> Vec<u8> {
        let declared = [0x01, 0x42, 0x00].repeat(count);
        component(&section(7, &[&[0x01, 0x42][..], &leb128(count), &declared].concat()))
    }

    fn components(depth: usize) -> Vec<u8> {
        (0..depth).fold(component(&[]), |inner, _| component(&section(4, &inner)))
    }

    #[test]
    fn s04_what_is_nested_too_deep_is_refused_before_it_is_read() {
        for bytes in [types(100_000, 0x41), types(100_000, 0x42), types(MOST_NESTED + 1, 0x42), components(2_000)] {
            let error = describe(&bytes).unwrap_err();
            assert_eq!(error, DescribeError::TooDeep);
            assert!(error.to_string().contains("at most 100 deep in one another"), "{error}");
        }
        for bytes in [types(MOST_NESTED, 0x41), types(MOST_NESTED, 0x42), components(MOST_NESTED - 1), beside(5_000)] {
            assert!(describe(&bytes).is_ok());
            wasmparser::Validator::new().validate_all(&bytes).unwrap();
        }
    }
}
