//! Where in an answer something is wrong, and lists of an answer that are read entry by entry.

use super::error::{Error, Result};
use super::json::{Json, Object, required};

impl Error {
    /// Says in which entry of a list it is: `fields[3]: expected ...`.
    pub(super) fn within(mut self: Box<Self>, list: &str, index: usize) -> Box<Self> {
        self.message = format!("{list}[{index}]: {}", self.message);
        self
    }
}

/// Reads the members of an object and remembers the first that is wrong: records of many members are read without a way out
/// behind each, which would be half of the code.
pub(super) struct Entry<'e, 'a> {
    object: &'e Object<'a>,
    error: Option<Box<Error>>,
}

impl<'e, 'a> Entry<'e, 'a> {
    pub(super) fn of(object: &'e Object<'a>) -> Self {
        Self { object, error: None }
    }

    /// What was read, unless something was wrong.
    pub(super) fn finish<T>(self, read: T) -> Result<T> {
        match self.error {
            None => Ok(read),
            Some(error) => Err(error),
        }
    }

    /// The value, or its default if there is none.
    pub(super) fn keep<T: Default>(&mut self, read: Result<T>) -> T {
        read.unwrap_or_else(|error| {
            self.error.get_or_insert(error);
            T::default()
        })
    }

    /// A text that must be there.
    #[inline(never)]
    pub(super) fn required(&mut self, name: &str) -> String {
        self.keep(self.object.text(name).and_then(|text| required(name, text)))
    }

    #[inline(never)]
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.keep(self.object.text(name))
    }

    /// A text for people.
    #[inline(never)]
    pub(super) fn shown(&mut self, name: &str) -> Option<String> {
        self.keep(self.object.shown(name))
    }

    /// A text for people, or another if there is none.
    #[inline(never)]
    pub(super) fn shown_or(&mut self, name: &str, other: &str) -> String {
        self.shown(name).unwrap_or_else(|| other.into())
    }

    /// False if it is missing.
    #[inline(never)]
    pub(super) fn flag(&mut self, name: &str) -> bool {
        self.keep(self.object.boolean(name)).unwrap_or(false)
    }

    /// 0 if it is missing.
    #[inline(never)]
    pub(super) fn small(&mut self, name: &str) -> u32 {
        let number = self.keep(self.object.number(name)).unwrap_or(0);
        let small = u32::try_from(number)
            .map_err(|_| Error::invalid_response(["expected ", name, " to be a number below 4,294,967,296"].concat()));
        self.keep(small)
    }

    /// A whole number, if it is there.
    #[inline(never)]
    pub(super) fn number(&mut self, name: &str) -> Option<u64> {
        self.keep(self.object.number(name))
    }

    /// A whole number that must be there.
    pub(super) fn count(&mut self, name: &str) -> u64 {
        self.keep(self.object.number(name).and_then(|number| required(name, number)))
    }

    /// Empty if it is missing.
    #[inline(never)]
    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        self.keep(self.object.texts(name)).unwrap_or_default()
    }

    pub(super) fn member(&mut self, name: &str) -> Option<Json<'a>> {
        // `Option<Json>` has a default, none.
        self.keep(self.object.member(name))
    }

    /// The elements of a list; none if it is missing.
    #[inline(never)]
    pub(super) fn elements(&mut self, name: &str) -> Vec<Json<'a>> {
        let list = self.keep(self.object.list(name));
        list.and_then(Json::elements).into_iter().flatten().collect()
    }
}

/// Hands on each entry of a list of an answer: of an object, the members of these names.
pub(super) fn read_each<'a>(
    list: &str,
    entries: Vec<Json<'a>>,
    names: &[&str],
    read: &mut dyn FnMut(&mut Entry<'_, 'a>),
) -> Result<()> {
    let mut object = Object::empty();
    for (index, json) in entries.into_iter().enumerate() {
        let picked = object.pick(json, names).and_then(|()| {
            let mut entry = Entry::of(&object);
            read(&mut entry);
            entry.finish(())
        });
        picked.map_err(|error| error.within(list, index))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_is_wrong_is_told_by_its_place() {
        let read = |text: &str| {
            let entries = Json::parse(text.as_bytes(), "x").unwrap().elements().unwrap().collect();
            let mut all = Vec::new();
            read_each("rows", entries, &["a", "b"], &mut |row| all.push((row.small("a"), row.required("b"))))
                .map(|()| all)
        };
        let one = (1, "x".to_owned());
        assert_eq!(read(r#"[{"a":1,"b":"x","c":[]},{"b":"y"}]"#).unwrap(), [one, (0, "y".to_owned())]);
        for (text, words) in [
            (r#"[{"b":"x"},{"a":"x","b":"x"}]"#, "rows[1]: expected a to be a whole number"),
            (r#"[{"a":-1}]"#, "rows[0]: expected a to be a whole number"),
            ("[{}]", "rows[0]: expected b, but it is missing"),
            (r#"[{"b":"x"},null]"#, "rows[1]: expected each entry to be a JSON object"),
        ] {
            assert_eq!(read(text).unwrap_err().message, words);
        }
    }
}
