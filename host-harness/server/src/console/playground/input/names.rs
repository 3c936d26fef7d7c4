//! The names that a form's elements have. What is sent under another name is misspelt, and would be lost without a word.

use std::collections::{BTreeSet, HashSet};

use super::super::fields::Fields;
use super::build::TAKEN;
use super::{Field, Form, Frame, Widget, Wrong, json_rows, parameter_rows};
use salesforce_actions::json::spelling::nearest;

/// Names, by how often each may be sent.
struct Names {
    once: BTreeSet<String>,
    /// Those of rows, and of ticks that share one.
    often: BTreeSet<String>,
}

impl Form {
    /// Holds what was sent to the elements that there are.
    ///
    /// # Errors
    /// [`Wrong`]: a name that no element has, or that one element has and was sent twice.
    pub(in super::super) fn check(&self, fields: &Fields) -> Result<(), Wrong> {
        let mut names = Names { once: TAKEN.map(str::to_owned).into(), often: BTreeSet::new() };
        self.fields.iter().for_each(|field| names.add(field));
        let mut seen = HashSet::new();
        for name in fields.names() {
            if names.often.contains(name) {
                continue;
            }
            if !names.once.contains(name) {
                return Err(names.unknown(name));
            }
            if !seen.insert(name) {
                return Err(wrong(&format!("expected {name} once, found it twice")));
            }
        }
        Ok(())
    }
}

impl Names {
    /// It may be a value in the wrong place, so what it resembles is told.
    fn unknown(&self, name: &str) -> Wrong {
        let known = self.once.iter().chain(&self.often).map(String::as_str);
        let meant = nearest(name, known).map_or_else(String::new, |near| format!(": did you mean {near}?"));
        wrong(&format!("expected the fields of this form alone, found another{meant}"))
    }

    fn add(&mut self, field: &Field) {
        let name = field.name.clone();
        match &field.widget {
            Widget::SomeOf(_) => self.often.extend([name]),
            Widget::Parameters => self.often.extend(parameter_rows::names(field)),
            Widget::Json => {
                self.once.extend([json_rows::form_name(field), json_rows::text_name(field)]);
                self.often.extend(json_rows::names(field));
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
