//! The cursors of a page's sub-queries that are cut.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::cell::Place;

/// Where the rest of each sub-query is.
#[derive(Debug, Default)]
pub struct Rests(HashMap<Place, String>);

#[derive(Deserialize)]
struct Child {
    record_index: usize,
    relationship: String,
    next: String,
}

impl Rests {
    /// Those of a page. What is no page has none.
    #[must_use]
    pub fn of_result(result: &RawValue) -> Rests {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Page {
            children: Vec<Child>,
        }
        let object = Some(result.get()).filter(|json| json.starts_with('{'));
        let page: Page = object.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let rest = |child: Child| (Place { record: child.record_index, relationship: child.relationship }, child.next);
        Rests(page.children.into_iter().map(rest).collect())
    }

    /// The cursor behind the rows that are here.
    #[must_use]
    pub fn cursor(&self, place: &Place) -> Option<&str> {
        self.0.get(place).map(String::as_str)
    }

    /// How many sub-queries are cut.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f110_a_cursor_is_found_by_the_place_of_its_sub_query() {
        let page = r#"{"records":[{"Name":"\ud800"}],"count":3,"children":[{"record_index":2,"relationship":"Contacts.3.Cases",
            "count":200,"total_size":null,"next":"/c"}]}"#;
        let rests = Rests::of_result(&RawValue::from_string(page.to_owned()).unwrap());
        let place = |record, relationship: &str| Place { record, relationship: relationship.to_owned() };
        assert_eq!(rests.cursor(&place(2, "Contacts.3.Cases")), Some("/c"));
        assert_eq!((rests.cursor(&place(1, "Contacts.3.Cases")), rests.count()), (None, 1));
        let list =
            RawValue::from_string(r#"[[{"record_index":0,"relationship":"C","next":"/c"}]]"#.to_owned()).unwrap();
        assert_eq!(Rests::of_result(&list).count(), 0, "a list of an action's own");
        let saved = RawValue::from_string(r#"{"id":"001"}"#.to_owned()).unwrap();
        assert_eq!(Rests::of_result(&saved).count(), 0);
    }
}
