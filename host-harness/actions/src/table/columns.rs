//! The columns of records that are not all alike.

use std::collections::HashMap;

use serde_json::Value;

use super::cell::is_children;
use super::source::Record;

/// Columns of a table; what a record has beside them is left out, and that is told.
const MOST_COLUMNS: usize = 500;

/// The paths of all records' members, each at its first place. Where some record has no parent for a lookup, its null
/// stands where the others have the parent's fields.
pub struct Columns {
    shape: Shape,
    /// How many more there may be.
    left: usize,
    is_wider: bool,
}

#[derive(Default)]
struct Shape {
    members: Vec<(String, Shape)>,
    places: HashMap<String, usize>,
    /// Some record has a value here that is not a nested record.
    has_value: bool,
}

impl Default for Columns {
    fn default() -> Columns {
        Columns { shape: Shape::default(), left: MOST_COLUMNS, is_wider: false }
    }
}

impl Columns {
    /// Adds what a record has and those before it did not have.
    pub fn add(&mut self, record: &Record) {
        self.is_wider |= !self.shape.add(record, &mut self.left);
    }

    /// Some record has more than a table takes.
    #[must_use]
    pub fn is_wider(&self) -> bool {
        self.is_wider
    }

    /// Where each column is in a record.
    #[must_use]
    pub fn paths(&self) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        self.shape.paths(&mut Vec::new(), &mut paths);
        paths
    }
}

/// Names of columns.
pub(super) fn names(paths: &[Vec<String>]) -> Vec<String> {
    paths.iter().map(|path| path.join(".")).collect()
}

impl Shape {
    /// Adds what it does not have yet, as long as there is room; false if something had none.
    fn add(&mut self, record: &Record, left: &mut usize) -> bool {
        let mut had_room = true;
        for (name, value) in record.iter().filter(|(name, _)| *name != "attributes") {
            let place = match self.places.get(name) {
                Some(place) => *place,
                None if *left == 0 => {
                    had_room = false;
                    continue;
                }
                None => {
                    *left -= 1;
                    self.members.push((name.clone(), Shape::default()));
                    self.places.insert(name.clone(), self.members.len() - 1);
                    self.members.len() - 1
                }
            };
            let Some((_, member)) = self.members.get_mut(place) else { continue };
            match value {
                Value::Object(parent) if !is_children(parent) => had_room &= member.add(parent, left),
                Value::Null => {}
                _ => member.has_value = true,
            }
        }
        had_room
    }

    fn paths(&self, above: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
        for (name, member) in &self.members {
            above.push(name.clone());
            if member.has_value || member.members.is_empty() {
                paths.push(above.clone());
            }
            member.paths(above, paths);
            above.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lookup_without_a_parent_has_no_column_of_its_own() {
        let mut columns = Columns::default();
        for record in [
            r#"{"attributes":{"type":"A"},"Name":"x","Owner":null,"N":0.10,"Parent":null}"#,
            r#"{"attributes":{},"Name":"y","Owner":{"attributes":{},"Name":"Ada","Manager":{"Id":"005"}},"N":1,"Parent":null}"#,
        ] {
            columns.add(&serde_json::from_str(record).unwrap());
        }
        assert_eq!(names(&columns.paths()), ["Name", "Owner.Name", "Owner.Manager.Id", "N", "Parent"]);
    }
}
