//! What was asked, as the fields of its form: to look at, to change, and to run again.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::super::fields::Fields;
use super::{Field, Form, Frame, TICKED, Widget, json_rows, parameter_rows};
use salesforce_actions::Call;

/// Names and values of a form.
type Pairs = Vec<(String, String)>;

/// The fields that ask for just this; none if there are none.
pub(super) fn fields(form: &Form, asked: &Call) -> Option<Pairs> {
    let mut pairs = Vec::new();
    members(&form.fields, read(asked.input())?, &mut pairs)?;
    let is_kept = |(_, value): &(String, String)| !value.chars().any(is_changed);
    if !pairs.iter().all(is_kept) {
        return None;
    }
    // What a form cannot hold, such as an empty text in an option, would be asked for as something else.
    let again = form.read(&pairs.iter().cloned().collect::<Fields>()).ok()?;
    let again = Call::parse(asked.actions(), &asked.action().name, &again).ok()?;
    (again.wave() == asked.wave()).then_some(pairs)
}

/// Browsers change or drop it.
fn is_changed(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    serde_json::from_str(json).ok()
}

fn members(fields: &[Field], values: BTreeMap<String, &RawValue>, pairs: &mut Pairs) -> Option<()> {
    fields
        .iter()
        .filter_map(|field| Some((field, values.get(&field.key)?)))
        .try_for_each(|(field, value)| fill(field, value, pairs))
}

fn fill(field: &Field, value: &RawValue, pairs: &mut Pairs) -> Option<()> {
    let json = value.get();
    if field.is_option() && json == "null" {
        return Some(());
    }
    let mut push = |value: String| pairs.push((field.name.clone(), value));
    match &field.widget {
        Widget::Text | Widget::OneOf(_) | Widget::Base64 => push(read(json)?),
        Widget::Number { .. } | Widget::YesOrNo => push(json.to_owned()),
        Widget::Tick => {
            if json == "true" {
                push(TICKED.to_owned());
            }
        }
        Widget::SomeOf(_) => read::<Vec<String>>(json)?.into_iter().for_each(push),
        Widget::Texts => push(texts(&list(json)?)),
        Widget::Parameters => pairs.extend(parameter_rows::refill(field, json)?),
        Widget::Json => pairs.extend(json_rows::refill(field, json)),
        Widget::JsonText(_) => push(json.replace("\r\n", "\n").replace('\r', "\n")),
        Widget::Group { fields, frame } => {
            if *frame == Frame::Ticked {
                push(TICKED.to_owned());
            }
            members(fields, read(json)?, pairs)?;
        }
        Widget::Cases(cases) => {
            if let Some(name) = read::<String>(json) {
                push(name);
                return Some(());
            }
            let (key, value) = read::<BTreeMap<String, &RawValue>>(json)?.into_iter().next()?;
            let case = cases.iter().find(|case| case.key == key && case.content.is_some())?;
            push(case.choice.name.clone());
            fill(case.content.as_ref()?, value, pairs)?;
        }
    }
    Some(())
}

fn list<T: DeserializeOwned>(json: &str) -> Option<Vec<T>> {
    serde_json::from_str(json).ok()
}

fn texts(texts: &[String]) -> String {
    let escaped: Vec<_> = texts.iter().map(|text| escaped(text)).collect();
    escaped.join(", ")
}

/// A text in a list whose commas separate.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,")
}
