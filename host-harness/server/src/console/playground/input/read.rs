//! What a browser sent of a form, as the input of its action: JSON text of the API, every digit as it was typed.

use serde_json::value::RawValue;

use super::super::fields::Fields;
use super::known::Meaning;
use super::{Case, Empty, Field, Frame, TICKED, Widget, Wrong, json_rows, parameter_rows, quoted};
use salesforce_actions::parameters::split_list;

pub(super) fn input(parameters: &[Field], fields: &Fields) -> Result<String, Wrong> {
    Ok(object(parameters, fields)?.unwrap_or_else(|| "{}".to_owned()))
}

/// A record or the input itself; none if all of it is left out.
fn object(members: &[Field], fields: &Fields) -> Result<Option<String>, Wrong> {
    let mut given = Vec::new();
    for member in members {
        if let Some(value) = member_value(member, fields)? {
            given.push(format!("{}:{value}", quoted(&member.key)));
        }
    }
    Ok((!given.is_empty()).then(|| format!("{{{}}}", given.join(","))))
}

/// The value of a field; none if it is left out.
fn member_value(field: &Field, fields: &Fields) -> Result<Option<String>, Wrong> {
    match (given(field, fields)?, field.empty) {
        (Some(value), _) => Ok(Some(value)),
        (None, Empty::LeftOut(_)) => Ok(None),
        (None, Empty::Is(value)) => Ok(Some(value.to_owned())),
        (None, Empty::Refused) => Err(field.wrong(&format!("expected {}, found nothing", expected(field)))),
    }
}

/// What was given; none if nothing was.
fn given(field: &Field, fields: &Fields) -> Result<Option<String>, Wrong> {
    let sent = || Some(fields.one(&field.name).trim()).filter(|text| !text.is_empty());
    let wrong = |found: &str| field.wrong(&format!("expected {}, found {found:?}", expected(field)));
    Ok(match &field.widget {
        Widget::Text => text(field, fields).map(|text| quoted(&text)),
        Widget::Number { is_whole } => {
            let number = sent().map(|text| number(text, *is_whole).ok_or_else(|| wrong(text)));
            number.transpose()?
        }
        Widget::Tick => is_ticked(field, fields)?.then(|| "true".to_owned()),
        Widget::YesOrNo => match sent() {
            None => None,
            Some(answer @ ("true" | "false")) => Some(answer.to_owned()),
            Some(other) => return Err(wrong(other)),
        },
        Widget::OneOf(_) => sent().map(quoted),
        Widget::SomeOf(_) => {
            let names: Vec<_> = fields.all(&field.name).map(quoted).collect();
            (!names.is_empty()).then(|| format!("[{}]", names.join(",")))
        }
        Widget::Base64 => sent().map(|text| quoted(&text.split_whitespace().collect::<String>())),
        Widget::Texts => {
            let texts: Vec<_> = texts(&fields.text(&field.name)).iter().map(|text| quoted(text)).collect();
            (!texts.is_empty()).then(|| format!("[{}]", texts.join(",")))
        }
        Widget::Parameters => parameter_rows::read(field, fields)?,
        Widget::Json => json_rows::read(field, fields)?,
        Widget::JsonText(_) => {
            sent().map(|_| json_text(&fields.text(&field.name)).map_err(|error| field.wrong(&error))).transpose()?
        }
        Widget::Group { fields: members, frame: Frame::Ticked } => {
            is_ticked(field, fields)?.then(|| input(members, fields)).transpose()?
        }
        Widget::Group { fields: members, .. } => object(members, fields)?,
        Widget::Cases(cases) => case(field, cases, fields)?,
    })
}

fn is_ticked(field: &Field, fields: &Fields) -> Result<bool, Wrong> {
    match fields.one(&field.name).trim() {
        "" => Ok(false),
        TICKED => Ok(true),
        other => Err(field.wrong(&format!("expected {TICKED} or nothing, found {other:?}"))),
    }
}

fn expected(field: &Field) -> &'static str {
    match (&field.widget, field.meaning) {
        (Widget::Text, Meaning::Soql) => "a query, e.g. SELECT Id FROM Account",
        (Widget::Text, Meaning::Object) => "the API name of an object, e.g. Account",
        (Widget::Text, Meaning::KeyField) => "the API name of a field, e.g. ERP_Id__c",
        (Widget::Texts, Meaning::Fields) => "names of fields, separated by commas: Name, Owner.Name",
        (Widget::Text, _) => "a text",
        (Widget::Texts, _) => "texts, separated by commas",
        (Widget::Number { is_whole: true }, _) => "a whole number",
        (Widget::Number { .. }, _) => "a number such as -12.50",
        (Widget::Base64, _) => "base64",
        (Widget::YesOrNo, _) => "true or false",
        (Widget::OneOf(_) | Widget::SomeOf(_) | Widget::Cases(_), _) => "one of those that are offered",
        _ => "JSON",
    }
}

fn text(field: &Field, fields: &Fields) -> Option<String> {
    let text = fields.text(&field.name);
    let text = if field.meaning.is_name() { text.trim() } else { text.as_str() };
    let is_blank = text.is_empty() || (field.meaning == Meaning::Soql && text.trim().is_empty());
    (!is_blank).then(|| text.to_owned())
}

/// The digits as they were typed; none if they are no number.
fn number(text: &str, is_whole: bool) -> Option<String> {
    if is_whole {
        return text.parse::<i128>().ok().map(|number| number.to_string());
    }
    let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    serde_json::from_str::<&RawValue>(text).ok().filter(|_| is_number).map(|_| text.to_owned())
}

/// Those between commas and ends of lines, without blanks around them; `\,` is a comma in one.
pub(super) fn texts(text: &str) -> Vec<String> {
    let texts = text.lines().flat_map(split_list).map(|text| text.trim().to_owned());
    texts.filter(|text| !text.is_empty()).collect()
}

pub(super) fn json_text(text: &str) -> Result<String, String> {
    let text = text.trim();
    serde_json::from_str::<&RawValue>(text).map(|_| text.to_owned()).map_err(|error| format!("expected JSON: {error}"))
}

fn case(field: &Field, cases: &[Case], fields: &Fields) -> Result<Option<String>, Wrong> {
    let found = match fields.one(&field.name) {
        "" => return Ok(None),
        name => cases.iter().find(|case| case.choice.name == name),
    };
    let Some(Case { key, content, .. }) = found else {
        return Err(field.wrong(&format!("expected {}", expected(field))));
    };
    let Some(content) = content else { return Ok(Some(quoted(key))) };
    let value = member_value(content, fields)?.unwrap_or_else(|| match content.empty {
        Empty::LeftOut(value) | Empty::Is(value) => value.to_owned(),
        Empty::Refused => "null".to_owned(),
    });
    Ok(Some(format!("{{{}:{value}}}", quoted(key))))
}
