//! What people read for the values of a picklist.

use super::intern;

/// The labels of those values that are not their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Labels {
    values: &'static [&'static str],
    labels: &'static [&'static str],
}

impl Labels {
    /// The labels of values.
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        let (values, labels): (Vec<_>, Vec<_>) = values.into_iter().filter(|(value, label)| value != label).unzip();
        Self { values: intern::list(&values), labels: intern::list(&labels) }
    }

    /// Whether every value is its own label.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The label of a value.
    #[must_use]
    pub fn of<'a>(&self, value: &'a str) -> &'a str {
        let mut pairs = self.values.iter().zip(self.labels);
        pairs.find(|(known, _)| **known == value).map_or(value, |(_, label)| label)
    }

    /// The labels of values that are joined by `;`.
    #[must_use]
    pub fn of_all(&self, values: &str) -> String {
        values.split(';').map(|value| self.of(value.trim())).collect::<Vec<_>>().join(";")
    }
}
