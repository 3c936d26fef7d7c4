//! The names that a form's elements have. What is sent under another name is misspelt, and would be lost without a word.

use std::collections::{BTreeMap, HashSet};

use super::super::fields::Fields;
use super::build::TAKEN;
use super::{Field, Form, Frame, Widget, Wrong, json_rows, parameter_rows};
use salesforce_actions::json::spelling::nearest;

/// Names, by how often each may be sent, each with the label that people see there; none has an element that is no field.
struct Names<'a> {
    once: BTreeMap<String, Option<&'a str>>,
    /// Those of rows, and of ticks that share one.
    often: BTreeMap<String, Option<&'a str>>,
}

impl Form {
    /// Holds what was sent to the elements that there are.
    ///
    /// # Errors
    /// [`Wrong`]: a name that no element has, or that one element has and was sent twice.
    pub(in super::super) fn check(&self, fields: &Fields) -> Result<(), Wrong> {
        let mut names = Names { once: TAKEN.map(|name| (name.to_owned(), None)).into(), often: BTreeMap::new() };
        self.fields.iter().for_each(|field| names.add(field));
        let mut seen = HashSet::new();
        for name in fields.names() {
            if names.often.contains_key(name) {
                continue;
            }
            let Some(label) = names.once.get(name) else { return Err(names.unknown(name)) };
            if !seen.insert(name) {
                return Err(wrong(&format!("{}: expected once, found twice", label.unwrap_or(name))));
            }
        }
        Ok(())
    }
}

impl<'a> Names<'a> {
    /// It may be a value in the wrong place, so what it resembles is told.
    fn unknown(&self, name: &str) -> Wrong {
        let known = || self.once.iter().chain(&self.often);
        let near = nearest(name, known().map(|(name, _)| name.as_str()));
        let meant = known().find(|(name, _)| near == Some(name.as_str())).map(|(name, label)| match label {
            Some(label) => format!("; the nearest is {name} ({label})"),
            None => format!("; the nearest is {name}"),
        });
        wrong(&format!("expected the fields of this form alone, found another{}", meant.unwrap_or_default()))
    }

    fn add(&mut self, field: &'a Field) {
        let labelled = |name: String| (name, Some(field.label.as_str()));
        let name = labelled(field.name.clone());
        match &field.widget {
            Widget::SomeOf(_) => self.often.extend([name]),
            Widget::Parameters => self.often.extend(parameter_rows::names(field).map(labelled)),
            Widget::Json => {
                self.once.extend([json_rows::form_name(field), json_rows::text_name(field)].map(labelled));
                self.often.extend(json_rows::names(field).map(labelled));
            }
            Widget::Group { frame, .. } if *frame != Frame::Ticked => {}
            _ => self.once.extend([name]),
        }
        field.inner().into_iter().for_each(|inner| self.add(inner));
    }
}

fn wrong(words: &str) -> Wrong {
    Wrong { element: "playground-form".to_owned(), words: words.to_owned() }
}
