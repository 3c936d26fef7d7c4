//! JSON as variants, enums and flags.

use std::fmt;

use salesforce_runtime::Val;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};

use super::read::Value;
use crate::json::{number, spelling};
use crate::types::{Case, Label, Types, member};

/// The name of a case, or an object of it and what it holds.
pub(super) struct Cases<'a> {
    pub(super) types: &'a Types,
    pub(super) cases: &'a [Case],
}

impl Cases<'_> {
    fn find<E: Error>(&self, name: &str) -> Result<&Case, E> {
        // A case without content is written in kebab case, as a value of an enum; its name leads nowhere else.
        let found = self
            .cases
            .iter()
            .find(|case| if case.ty.is_some() { member(&case.name) == name } else { case.name == name });
        found.ok_or_else(|| {
            let known: Vec<_> = self.cases.iter().map(|case| (case.name.as_str(), form(case))).collect();
            E::custom(spelling::unknown("variant", name, &known))
        })
    }

    fn forms(&self) -> String {
        spelling::listed(self.cases.iter().map(form))
    }
}

/// How a case is written.
fn form(case: &Case) -> String {
    match case.ty {
        Some(_) => format!("{{\"{}\": ...}}", member(&case.name)),
        None => format!("\"{}\"", case.name),
    }
}

impl<'de> Visitor<'de> for Cases<'_> {
    type Value = Val;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.forms())
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Val, E> {
        let case = self.find::<E>(name)?;
        match case.ty {
            None => Ok(Val::Variant(case.name.clone(), None)),
            Some(_) => {
                Err(E::invalid_type(Unexpected::Other("the name of a case that holds a value"), &form(case).as_str()))
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Val, A::Error> {
        let Some(name) = map.next_key::<String>()? else { return Err(A::Error::invalid_length(0, &self)) };
        if name == number::TOKEN {
            return Err(A::Error::invalid_type(Unexpected::Other("number"), &self));
        }
        let case = self.find::<A::Error>(&name)?;
        let Some(id) = case.ty else {
            let what = Unexpected::Other("an object, for a case that holds nothing");
            return Err(A::Error::invalid_type(what, &form(case).as_str()));
        };
        let value = map.next_value_seed(Value { types: self.types, id })?;
        if map.next_key::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom(format!("expected one of {}, and not several", self.forms())));
        }
        Ok(Val::Variant(case.name.clone(), Some(Box::new(value))))
    }
}

/// The name of a case of an enum.
pub(super) struct OneOf<'a>(pub(super) &'a [Label]);

impl OneOf<'_> {
    fn names(&self) -> String {
        spelling::listed(self.0.iter().map(|label| format!("`{}`", label.name)))
    }
}

impl Visitor<'_> for OneOf<'_> {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.names())
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<String, E> {
        let found = self.0.iter().find(|label| label.name == name);
        let found = found.ok_or_else(|| {
            let known: Vec<_> = self.0.iter().map(|label| (label.name.as_str(), format!("`{}`", label.name))).collect();
            E::custom(spelling::unknown("variant", name, &known))
        })?;
        Ok(found.name.clone())
    }
}

impl<'de> DeserializeSeed<'de> for OneOf<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

/// A list of the names of flags.
pub(super) struct SomeOf<'a>(pub(super) &'a [Label]);

impl<'de> Visitor<'de> for SomeOf<'_> {
    type Value = Val;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of {}", OneOf(self.0).names())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Val, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element_seed(OneOf(self.0))? {
            if names.contains(&name) {
                return Err(A::Error::custom("expected each flag once"));
            }
            names.push(name);
        }
        Ok(Val::Flags(names))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::taking;
    use crate::Call;

    #[test]
    fn names_in_an_error_are_known_ones_and_few() {
        let labels: Vec<_> = (0..200).map(|number| format!(r#"{{"name":"case-{number}x"}}"#)).collect();
        let colours = taking(&format!(r#"{{"enum":[{}]}}"#, labels.join(",")));
        for (name, words) in
            [("Case-7X", "f: a: unknown variant, did you mean `case-7x`?"), ("hunter2", "or one of 188 more")]
        {
            let error = Call::parse(&colours, "f", &format!(r#"{{"a":"{name}"}}"#)).unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains("hunter2") && error.len() < 300, "{error}");
        }
    }
}
