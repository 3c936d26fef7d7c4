//! What a browser sent of a form: names and values, a name as often as there are rows.

use serde::Deserialize;

/// The fields of a form, in its order.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The value of a field; empty if it is missing.
    pub(super) fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The value of a field of one line, without blanks around it; none if there is nothing else.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        Some(self.one(name).trim()).filter(|value| !value.is_empty())
    }

    /// A text of several lines, as it was typed: browsers send every end of a line as CR LF.
    pub(super) fn text(&self, name: &str) -> String {
        self.one(name).replace("\r\n", "\n")
    }

    /// The name of each.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether something is given in the fields inside of this one.
    pub(super) fn has_any(&self, name: &str) -> bool {
        let is_inside = |other: &str| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        self.0.iter().any(|(other, value)| is_inside(other) && !value.is_empty())
    }

    /// Rows of fields that each row has once.
    pub(super) fn rows<'a, const N: usize>(&'a self, names: &'a [String; N]) -> Vec<[&'a str; N]> {
        let mut columns = names.each_ref().map(|name| self.all(name));
        let mut rows = Vec::new();
        loop {
            let row = columns.each_mut().map(Iterator::next);
            if row.iter().all(Option::is_none) {
                return rows;
            }
            rows.push(row.map(Option::unwrap_or_default));
        }
    }

    /// The values of a field that may be there several times.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

impl FromIterator<(String, String)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(fields: I) -> Fields {
        Fields(fields.into_iter().collect())
    }
}

#[cfg(test)]
impl Fields {
    pub(super) fn of(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_put_together_from_their_fields() {
        let fields = Fields::of(&[("n", "a"), ("v", "1"), ("n", "b"), ("v", ""), ("x", " y "), ("t", "1\r\n2")]);
        assert_eq!(fields.rows(&["n", "v"].map(str::to_owned)), [["a", "1"], ["b", ""]]);
        assert_eq!(fields.rows(&["missing".to_owned()]), Vec::<[&str; 1]>::new());
        assert_eq!((fields.one("n"), fields.one("missing"), fields.given("x")), ("a", "", Some("y")));
        assert_eq!(fields.text("t"), "1\n2");
        let fields_inside = Fields::of(&[("a.b", ""), ("ab.c", "x"), ("d.e", "x")]);
        assert_eq!(["a", "ab", "d"].map(|name| fields_inside.has_any(name)), [false, true, true]);
        assert!(fields.given("missing").is_none());
        assert_eq!(fields_inside.names().collect::<Vec<_>>(), ["a.b", "ab.c", "d.e"]);
    }
}
