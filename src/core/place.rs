//! Where in an answer something is wrong.

use super::error::{Error, Result};
use super::json::{Json, Object};

impl Error {
    /// Says in which entry of a list it is: `fields[3]: expected ...`.
    pub(super) fn within(mut self: Box<Self>, list: &str, index: usize) -> Box<Self> {
        self.message = format!("{list}[{index}]: {}", self.message);
        self
    }
}

/// Reads each entry of a list of an answer: of an object, the members of these names.
pub(super) fn read_each<'a, T>(
    list: &str,
    entries: Vec<Json<'a>>,
    names: &[&str],
    mut read: impl FnMut(&Object<'a>) -> Result<T>,
) -> Result<Vec<T>> {
    // A list that claims to be long gets no more room than the longest real ones want.
    let mut all = Vec::with_capacity(entries.len().min(4_096));
    let mut entry = Object::empty();
    for (index, json) in entries.into_iter().enumerate() {
        let read = entry.pick(json, names).and_then(|()| read(&entry));
        all.push(read.map_err(|error| error.within(list, index))?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::json::required;

    #[test]
    fn an_entry_that_is_wrong_is_told_by_its_place() {
        let read = |text: &str| {
            let entries = Json::parse(text.as_bytes(), "x").unwrap().elements().unwrap().collect();
            read_each("rows", entries, &["a"], |row| required("a", row.number("a")?))
        };
        assert_eq!(read(r#"[{"a":1,"b":"x"},{"a":2}]"#).unwrap(), [1, 2]);
        for (text, words) in [
            (r#"[{"a":1},{"a":"x"}]"#, "rows[1]: expected a to be a whole number"),
            ("[{}]", "rows[0]: expected a, but it is missing"),
            (r#"[{"a":1},null]"#, "rows[1]: expected each entry to be a JSON object"),
        ] {
            assert_eq!(read(text).unwrap_err().message, words);
        }
    }
}
