//! For which values of its controlling field a picklist's value may be chosen: `validFor`, a bit for each value of the
//! controlling field, the first one highest, in base64.
//! <https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_describesobjects_describesobjectresult.htm>,
//! "PicklistEntry" and "Dependent Picklists"

use crate::core::base64;
use crate::core::error::{Error, ErrorKind, Outcome, Result};

/// The controlling values of a set of bits, in their order. Salesforce fills the last bytes up, so bits for which there is no
/// value are passed over. There is `room` for so many values of all sets.
pub(super) fn decode(bits: &str, controlling: &[&str], room: &mut usize) -> Result<Vec<String>> {
    let mut values = Vec::new();
    let mut controlling = controlling.iter();
    for character in bits.trim_end_matches('=').bytes() {
        let six = base64::value(character)
            .ok_or_else(|| Error::invalid_response("expected validFor to be a set of bits in base64"))?;
        for (place, value) in (0..6).zip(&mut controlling) {
            if six & (0b10_0000 >> place) != 0 {
                *room = room.checked_sub(1).ok_or_else(too_many)?;
                values.push((*value).into());
            }
        }
    }
    Ok(values)
}

fn too_many() -> Box<Error> {
    Error::new(
        ErrorKind::ResponseTooLarge,
        Outcome::Unknown,
        "the picklists depend on each other in more than 100,000 pairs of values: describe-json has them as Salesforce does",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(bits: &str, controlling: &[&str]) -> Option<Vec<String>> {
        decode(bits, controlling, &mut 1_000).ok()
    }

    #[test]
    fn the_first_value_has_the_highest_bit() {
        let controlling = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        for (bits, values) in [
            ("gAAA", &["a"][..]),
            ("QAAA", &["b"]),
            ("IAAA", &["c"]),
            ("oAAA", &["a", "c"]),
            ("AgAA", &["g"]),
            ("/////w==", &controlling),
            ("AAAA", &[]),
            ("AAAI", &[]),
            ("", &[]),
            ("gA==", &["a"]),
        ] {
            assert_eq!(decoded(bits, &controlling).unwrap(), values, "{bits}");
        }
        assert_eq!(decoded("//", &[]), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_base64_is_none() {
        for bits in ["g A", "gAA-", "ü", "=g", "g=A=", "\n"] {
            assert_eq!(decoded(bits, &["a", "b"]), None, "{bits:?}");
        }
    }

    proptest! {
        #[test]
        fn it_finds_what_the_documentations_sample_finds(bytes in prop::collection::vec(any::<u8>(), 0..40), values in 0..300_usize) {
            let names: Vec<_> = (0..values).map(|value| value.to_string()).collect();
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let is_set = |value: usize| bytes.get(value >> 3).is_some_and(|byte| byte & (0x80 >> (value % 8)) != 0);
            let expected: Vec<_> = (0..values).filter(|value| is_set(*value)).map(|value| value.to_string()).collect();
            prop_assert_eq!(decoded(&base64::standard(&bytes), &names), Some(expected));
        }
    }
}
