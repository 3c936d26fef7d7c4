//! The input of an action as a form: a field for each place of it, made of the types that the WIT says.
//!
//! ```text
//! types of the WIT ──build──► Form ──show──► elements of a page
//! (with what is known           ├──read──► what the browser sent, as the API's JSON
//!  of the connector's own)      └──refill──► JSON that was asked, as what a browser would send
//! ```
//!
//! The form makes no choice for anybody. A choice that has to be made begins at none, and so does a text, even though the empty
//! one is a text: the form asks for it, and only the API and the command line send it empty. Both the browser and the server
//! ask. A list is as long as what is given, so it may be empty; the connector's own functions take no empty one.
//!
//! A field is called by its path in the WIT, `query.soql` or `key.external-id.field`; a record, a variant and an option each
//! have one too. The id of its element is the same behind `input.`, so that it is no other element's of the page.

mod build;
mod json_rows;
mod known;
mod names;
mod parameter_rows;
mod read;
mod refill;
mod show;
#[cfg(test)]
mod tests;
mod words;

use maud::Markup;
use salesforce_actions::Call;

use super::fields::Fields;
use known::Meaning;
pub(super) use show::{Elements, Options};
#[cfg(test)]
pub(super) use tests::of_quotes;
pub(super) use words::{marked, paragraph, words};

/// What a box sends that is ticked.
const TICKED: &str = "yes";

/// The form of one action's input.
#[derive(Debug)]
pub(super) struct Form {
    fields: Vec<Field>,
}

/// One place of an input.
#[derive(Debug)]
struct Field {
    /// Its path in the WIT.
    name: String,
    /// Its name in JSON.
    key: String,
    label: String,
    /// What the WIT says of it, on one line.
    hint: String,
    meaning: Meaning,
    empty: Empty,
    /// It is asked for whatever else is chosen.
    is_always_asked: bool,
    widget: Widget,
}

/// What a field means in which nothing was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Empty {
    /// It is left out; where it cannot be, inside of a case, it is this JSON.
    LeftOut(&'static str),
    /// It is this JSON.
    Is(&'static str),
    /// Something has to be given.
    Refused,
}

#[derive(Debug)]
enum Widget {
    /// `string`, `char`
    Text,
    /// Integers and floats.
    Number { is_whole: bool },
    /// `bool`
    Tick,
    /// `option<bool>`
    YesOrNo,
    /// `enum`
    OneOf(Vec<Choice>),
    /// `flags`
    SomeOf(Vec<Choice>),
    /// `list<u8>`
    Base64,
    /// `list<string>`
    Texts,
    /// `list<soql.parameter>`
    Parameters,
    /// `types.json`
    Json,
    /// A value that has no fields of its own here, as JSON text: how it is written.
    JsonText(String),
    /// `record`
    Group { fields: Vec<Field>, frame: Frame },
    /// `variant`, `result`
    Cases(Vec<Case>),
}

/// How a record's fields stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// As if they were the fields of what is around them.
    None,
    Box,
    /// Folded away until somebody wants them: all may be left out.
    Folded,
    /// `option`: there if a box is ticked.
    Ticked,
}

/// A label of an enum or of flags.
#[derive(Debug)]
struct Choice {
    name: String,
    label: String,
    hint: String,
}

#[derive(Debug)]
struct Case {
    choice: Choice,
    /// Its name in JSON.
    key: String,
    content: Option<Field>,
}

/// Something in the form is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The id of the form's element.
    pub(super) element: String,
    /// What was expected, and what was found.
    pub(super) words: String,
}

impl Form {
    /// What the browser sent, as the action's input.
    ///
    /// # Errors
    /// [`Wrong`]: what was expected of which field. What the action itself checks is left to it.
    pub(super) fn read(&self, fields: &Fields) -> Result<String, Wrong> {
        read::input(&self.fields, fields)
    }

    /// The fields that say what was asked; none if they cannot: for a list of parameters of different types, and others.
    pub(super) fn refill(&self, asked: &Call) -> Option<Vec<(String, String)>> {
        refill::fields(self, asked)
    }

    /// The elements of a page, filled in with what was sent before: without what is rarely given.
    pub(super) fn show(&self, elements: &Elements<'_>) -> Markup {
        elements.common(&self.fields)
    }

    /// What is rarely given.
    pub(super) fn options(&self, elements: &Elements<'_>) -> Options {
        elements.options(&self.fields)
    }

    /// Whether it asks for SOQL.
    pub(super) fn has_soql(&self) -> bool {
        has_soql(&self.fields)
    }

    /// What is wrong at a place that an error names by its path in JSON, told of the label that people see there:
    /// `query.batch_size: expected ...` becomes `Batch size: expected ...`.
    pub(super) fn wrong_at(&self, error: &str) -> Wrong {
        let (place, words) = error.split_once(": ").unwrap_or_default();
        let path = build::root(&place.replace('_', "-"));
        let Some(field) = nearest(&self.fields, &path) else {
            return Wrong { element: "playground-form".to_owned(), words: error.to_owned() };
        };
        // The names in it are of the same length in JSON.
        let inside =
            path.len().checked_sub(field.name.len()).and_then(|inside| place.get(place.len().checked_sub(inside)?..));
        match inside.unwrap_or_default().trim_start_matches('.') {
            "" => field.wrong(words),
            inside => field.wrong(&format!("{inside}: {words}")),
        }
    }
}

impl Field {
    /// The id of its element.
    fn id(&self) -> String {
        format!("input.{}", self.name)
    }

    fn wrong(&self, words: &str) -> Wrong {
        Wrong { element: self.id(), words: format!("{}: {words}", self.label) }
    }

    fn is_option(&self) -> bool {
        self.empty == Empty::LeftOut("null")
    }

    /// Fields inside of it.
    fn inner(&self) -> Vec<&Field> {
        match &self.widget {
            Widget::Group { fields, .. } => fields.iter().collect(),
            Widget::Cases(cases) => cases.iter().filter_map(|case| case.content.as_ref()).collect(),
            _ => Vec::new(),
        }
    }
}

fn has_soql<'a>(fields: impl IntoIterator<Item = &'a Field>) -> bool {
    fields.into_iter().any(|field| field.meaning == Meaning::Soql || has_soql(field.inner()))
}

/// The innermost field that a path leads to or into.
fn nearest<'a>(fields: impl IntoIterator<Item = &'a Field>, path: &str) -> Option<&'a Field> {
    let leads_to = |field: &&Field| {
        path.strip_prefix(&field.name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let found = fields.into_iter().find(leads_to)?;
    Some(nearest(found.inner(), path).unwrap_or(found))
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
