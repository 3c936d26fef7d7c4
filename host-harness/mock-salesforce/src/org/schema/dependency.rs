//! Which values of a dependent picklist can be chosen.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Field, Kind, intern};

/// Values of a dependent picklist, each with a value of its controlling field with which it can be chosen. Those of a checkbox
/// are `unchecked` and `checked`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dependency {
    values: &'static [&'static str],
    controlling: &'static [&'static str],
}

impl Dependency {
    /// Pairs of a value and a controlling value.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        let (values, controlling): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        Self { values: intern::list(&values), controlling: intern::list(&controlling) }
    }

    /// `validFor` of a value: a bit for each value of the controlling field, the first one highest, in base64.
    ///
    /// Source: SOAP API Developer Guide, "PicklistEntry".
    pub(crate) fn valid_for(&self, value: &str, controller: &Field) -> String {
        let all = match &controller.kind {
            Kind::Boolean => &["unchecked", "checked"],
            Kind::Picklist { values, .. } => *values,
            _ => &[],
        };
        // Answers of orgs have whole groups of four characters and no padding.
        let mut bits = vec![0_u8; all.len().div_ceil(24).max(1) * 3];
        let pairs = self.values.iter().zip(self.controlling).filter(|(of, _)| **of == value);
        for place in pairs.filter_map(|(_, controlling)| all.iter().position(|known| known == controlling)) {
            if let Some(byte) = bits.get_mut(place / 8) {
                *byte |= 0x80 >> (place % 8);
            }
        }
        STANDARD.encode(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_those_of_an_orgs_answers() {
        let country = Field::new("C", "C", Kind::Picklist { values: &["a", "b", "c"], restricted: false });
        let pairs = [("X", "a"), ("Y", "b"), ("Z", "a"), ("Z", "c"), ("Z", "unknown")];
        let dependency = Dependency::new(pairs);
        for (value, bits) in [("X", "gAAA"), ("Y", "QAAA"), ("Z", "oAAA"), ("other", "AAAA")] {
            assert_eq!(dependency.valid_for(value, &country), bits, "{value}");
        }
        let on = Field::new("On", "On", Kind::Boolean);
        let dependency = Dependency::new([("off", "unchecked"), ("on", "checked")]);
        assert_eq!((dependency.valid_for("off", &on), dependency.valid_for("on", &on)), ("gAAA".into(), "QAAA".into()));
    }
}
