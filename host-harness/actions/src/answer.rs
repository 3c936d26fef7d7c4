//! What actions gave as JSON, in both directions: what the server answers, and what its clients read.

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{ActionName, Answer};
use crate::bounded::is_nested_deeper;
use crate::json::{FieldValuesView, NotGiven, NotJson, PageView, SavedView, bounded};
use salesforce_runtime::bindings::records::{FieldValues, Saved};
use salesforce_runtime::bindings::soql::{ChildCursor, Page};
use salesforce_runtime::bindings::types::ApiUsage;

/// Lists and objects of a result in one another: as many as the connector passes on, and what readers of JSON take.
const MOST_NESTED: usize = 128;

#[derive(Deserialize)]
struct PageAnswer {
    records: Box<RawValue>,
    count: u32,
    total_size: Option<u64>,
    next: Option<String>,
    children: Vec<ChildAnswer>,
    usage: Option<UsageAnswer>,
}

#[derive(Deserialize)]
struct ChildAnswer {
    record_index: u32,
    relationship: String,
    count: u32,
    total_size: Option<u64>,
    next: String,
}

#[derive(Deserialize)]
struct FieldValuesAnswer {
    values: Box<RawValue>,
    usage: Option<UsageAnswer>,
}

#[derive(Deserialize)]
struct SavedAnswer {
    id: String,
    created: bool,
    event_uuid: Option<String>,
    usage: Option<UsageAnswer>,
}

#[derive(Deserialize)]
struct UsageAnswer {
    used: u32,
    allowed: u32,
}

impl Answer {
    /// The answer as JSON text: the WIT's record in snake case, Salesforce's own JSON untouched.
    ///
    /// # Errors
    /// [`NotJson`], which only another component than the connector can give.
    pub fn to_json(&self) -> Result<Box<RawValue>, NotJson> {
        Ok(match self {
            Answer::Page(page) => to_raw_value(&PageView::new(page)?)?,
            Answer::FieldValues(values) => to_raw_value(&FieldValuesView::new(values)?)?,
            Answer::Saved(saved) => to_raw_value(&SavedView::new(saved))?,
        })
    }

    /// As [`Answer::to_json`], of at most so many bytes. The component's text is checked where it is, and copied once.
    ///
    /// # Errors
    /// [`NotGiven`].
    pub fn into_json(self, most: usize) -> Result<Box<RawValue>, NotGiven> {
        match self {
            Answer::Page(mut page) => {
                let records = within(std::mem::take(&mut page.records), most)?;
                bounded(&PageView::with_records(&page, records), most)
            }
            Answer::FieldValues(FieldValues { values, usage }) => {
                bounded(&FieldValuesView::with_values(within(values, most)?, usage), most)
            }
            Answer::Saved(saved) => bounded(&SavedView::new(&saved), most),
        }
    }

    /// Reads what [`Answer::to_json`] wrote for an action.
    ///
    /// # Errors
    /// [`NotJson`]: it is something else.
    pub fn parse(action: ActionName, json: &str) -> Result<Answer, NotJson> {
        Ok(match action {
            ActionName::SoqlQuery | ActionName::NextPage => {
                Answer::Page(serde_json::from_str::<PageAnswer>(json)?.into())
            }
            ActionName::GetRecordFieldValues => {
                let FieldValuesAnswer { values, usage } = serde_json::from_str(json)?;
                Answer::FieldValues(FieldValues { values: values.get().to_owned(), usage: usage.map(Into::into) })
            }
            ActionName::CreateOrUpdateRecord => {
                let SavedAnswer { id, created, event_uuid, usage } = serde_json::from_str(json)?;
                Answer::Saved(Saved { id, created, event_uuid, usage: usage.map(Into::into) })
            }
        })
    }
}

/// JSON text of the component, if it is that, no longer than allowed, and not nested deeper than [`bounded::MOST_NESTED`](crate::bounded::MOST_NESTED).
///
/// # Errors
/// [`NotGiven`].
pub fn within(json: String, most: usize) -> Result<Box<RawValue>, NotGiven> {
    if json.len() > most {
        return Err(NotGiven::TooLarge);
    }
    if is_nested_deeper(json.as_bytes(), MOST_NESTED) {
        return Err(NotGiven::TooDeep { most: MOST_NESTED });
    }
    Ok(RawValue::from_string(json).map_err(NotJson::from)?)
}

impl From<PageAnswer> for Page {
    fn from(page: PageAnswer) -> Page {
        let child = |child: ChildAnswer| ChildCursor {
            record_index: child.record_index,
            relationship: child.relationship,
            count: child.count,
            total_size: child.total_size,
            next: child.next,
        };
        Page {
            records: page.records.get().to_owned(),
            count: page.count,
            total_size: page.total_size,
            next: page.next,
            children: page.children.into_iter().map(child).collect(),
            usage: page.usage.map(Into::into),
        }
    }
}

impl From<UsageAnswer> for ApiUsage {
    fn from(UsageAnswer { used, allowed }: UsageAnswer) -> ApiUsage {
        ApiUsage { used, allowed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_it_was_written_every_digit_untouched() {
        for (action, json) in [
            (
                ActionName::SoqlQuery,
                r#"{"records":[{"N":9007199254740993,"D":0.10,"A":1,"A":2}],"count":1,"total_size":2,"next":"c","children":[{"record_index":0,"relationship":"Contacts","count":1,"total_size":3,"next":"d"}],"usage":{"used":18,"allowed":5000}}"#,
            ),
            (
                ActionName::NextPage,
                r#"{"records":[],"count":0,"total_size":null,"next":null,"children":[],"usage":null}"#,
            ),
            (ActionName::GetRecordFieldValues, r#"{"values":{"D":1e400,"Name":null},"usage":null}"#),
            (
                ActionName::CreateOrUpdateRecord,
                r#"{"id":"001","created":true,"event_uuid":null,"usage":{"used":1,"allowed":2}}"#,
            ),
        ] {
            assert_eq!(Answer::parse(action, json).unwrap().to_json().unwrap().get(), json);
        }
        assert!(Answer::parse(ActionName::SoqlQuery, r#"{"id":"001","created":true}"#).is_err());
    }

    #[test]
    fn an_answer_is_bounded_as_json() {
        let json = r#"{"values":{"D":1e400,"Name":null},"usage":null}"#;
        let answer = || Answer::parse(ActionName::GetRecordFieldValues, json).unwrap();
        assert_eq!(answer().into_json(json.len()).unwrap().get(), json);
        assert!(matches!(answer().into_json(json.len() - 1), Err(NotGiven::TooLarge)));
        let saved = Answer::Saved(Saved { id: "\u{1}".repeat(10), created: true, event_uuid: None, usage: None });
        assert!(matches!(saved.into_json(60), Err(NotGiven::TooLarge)));
    }
}
