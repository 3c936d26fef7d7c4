//! From flags to the input of an action, as the API has it: JSON text.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::ArgMatches;
use salesforce_actions::json::wrong;
use salesforce_actions::parameters;
use salesforce_actions::types::{Case, Field, Shape, TypeId, member};
use serde_json::json;
use serde_json::value::RawValue;

use super::super::failure::Failure;
use super::super::input;
use super::bound::{bound, of_file};
use super::flags::{EMPTY_LIST, Flags, Form, NO_EMPTY_LIST, file_of, is_pair, pair_within, place};

/// What was given for each flag, by its place.
#[derive(Debug, Default)]
pub(super) struct FlagValues {
    texts: HashMap<String, Vec<String>>,
    /// Where a text is read from.
    files: HashMap<String, PathBuf>,
    /// Parameters of files, as JSON.
    bound: HashMap<String, String>,
}

impl FlagValues {
    pub(super) fn of(flags: &Flags<'_>, matches: &ArgMatches) -> FlagValues {
        let mut given = FlagValues::default();
        for (path, form) in flags.places() {
            let texts = match form {
                Form::Switch => matches.get_flag(path).then(|| vec!["true".to_owned()]),
                _ => matches.get_many::<String>(path).map(|values| values.cloned().collect()),
            };
            if let Some(texts) = texts {
                given.texts.insert(path.to_owned(), texts);
            }
            let file = matches.try_get_one::<PathBuf>(&file_of(path)).ok().flatten();
            if let Some(file) = file {
                given.files.insert(path.to_owned(), file.clone());
            }
        }
        given
    }

    /// Takes what the flag of bytes says, unread. Its place keeps no bytes, so that the rest is read as ever.
    pub(super) fn take_bytes(&mut self, flags: &Flags<'_>) -> Option<String> {
        let (path, _) = flags.places().find(|(_, form)| **form == Form::Base64)?;
        self.texts.insert(path.to_owned(), vec![String::new()])?.into_iter().next()
    }

    /// The input. What is missing in it is told by whoever reads it.
    ///
    /// # Errors
    /// A file, or a flag's value.
    pub(super) async fn into_json(mut self, flags: &Flags<'_>) -> Result<String, Failure> {
        self.read(flags).await?;
        for (path, file) in self.files.clone() {
            let text = input::text(&file).await?;
            if flags.form(&path) == Some(&Form::Parameters) {
                let all = self.with_file(flags, &path, &text, &file)?;
                self.bound.insert(path, all);
            } else {
                self.texts.insert(path, vec![text]);
            }
        }
        let members = flags.action.parameters.iter().map(|field| self.field(flags, &place(&field.name), field));
        Ok(object(members.collect::<Result<_, _>>()?))
    }

    /// Reads the texts that stand for standard input or a file. A backslash before `-` or `@` makes it the text itself.
    async fn read(&mut self, flags: &Flags<'_>) -> Result<(), Failure> {
        for (path, form) in flags.readable() {
            let Some([text]) = self.texts.get_mut(path).map(Vec::as_mut_slice) else { continue };
            if *form == Form::Base64 {
                if let Some(bytes) = input::named_bytes(text).await? {
                    *text = BASE64_STANDARD.encode(bytes);
                }
                continue;
            }
            match input::named(text).await? {
                None if text == r"\-" || text.starts_with(r"\@") => drop(text.remove(0)),
                None => {}
                Some(read) if *form == Form::Text => *text = read.trim_end().to_owned(),
                Some(read) => {
                    *text = Some(input::listed(&read)).filter(|list| !list.is_empty()).unwrap_or(EMPTY_LIST.to_owned())
                }
            }
        }
        Ok(())
    }

    /// Parameters of the flags and of the file, as the JSON of a file.
    fn with_file(&self, flags: &Flags<'_>, path: &str, text: &str, file: &Path) -> Result<String, Failure> {
        let mut all = bound(self.texts.get(path).map(Vec::as_slice).unwrap_or_default(), &flags.named(path))?;
        all.extend(of_file(text, &flags.file_named(path), file)?);
        Ok(parameters::to_json(&all).get().to_owned())
    }

    /// What is wrong with a value, told of where it came from.
    fn wrong(&self, flags: &Flags<'_>, path: &str, words: &str) -> Failure {
        Failure::Usage(match self.files.get(path) {
            Some(file) => format!("{} {}: {words}", flags.file_named(path), file.display()),
            None => format!("{}: {words}", flags.named(path)),
        })
    }

    fn field(&self, flags: &Flags<'_>, path: &str, field: &Field) -> Result<Option<(String, String)>, Failure> {
        Ok(self.value(flags, path, field.ty)?.map(|value| (member(&field.name), value)))
    }

    /// JSON of a value; none if no flag of it was given.
    fn value(&self, flags: &Flags<'_>, path: &str, id: TypeId) -> Result<Option<String>, Failure> {
        match flags.types.shape(id) {
            Shape::Option(of) if flags.form(path) != Some(&Form::Either) => self.value(flags, path, *of),
            Shape::Record(fields) if flags.form(path).is_none() => {
                let members = fields.iter().map(|field| self.field(flags, &format!("{path}.{}", field.name), field));
                let members: Vec<_> = members.collect::<Result<_, _>>()?;
                Ok(members.iter().any(Option::is_some).then(|| object(members)))
            }
            Shape::Variant(cases) if flags.form(path).is_none() => {
                for case in cases {
                    let path = format!("{path}.{}", case.name);
                    let Some(texts) = self.texts.get(&path) else { continue };
                    let text = texts.first().map(String::as_str).unwrap_or_default();
                    let Some(ty) = case.ty else { return Ok(Some(json!(case.name).to_string())) };
                    let value = self.of_case(flags, &path, ty, text)?;
                    return Ok(Some(object(vec![Some((member(&case.name), value))])));
                }
                Ok(None)
            }
            Shape::Parameters if self.bound.contains_key(path) => Ok(self.bound.get(path).cloned()),
            _ => {
                let (Some(form), Some(texts)) = (flags.form(path), self.texts.get(path)) else { return Ok(None) };
                self.written(flags, path, id, form, texts).map(Some)
            }
        }
    }

    /// What a case holds, from the text of its flag.
    fn of_case(&self, flags: &Flags<'_>, path: &str, id: TypeId, text: &str) -> Result<String, Failure> {
        let types = flags.types;
        let Shape::Record(fields) = types.shape(id) else {
            let form = flags.form(path).unwrap_or(&Form::Text);
            return self.written(flags, path, id, form, &[text.to_owned()]);
        };
        if is_pair(types, fields) {
            let names: Vec<_> = fields.iter().map(|field| field.name.to_ascii_uppercase()).collect();
            let (first, second) = text
                .split_once('=')
                .filter(|(first, _)| !first.is_empty())
                .ok_or_else(|| self.wrong(flags, path, &format!("expected {}", names.join("="))))?;
            let values = fields.iter().zip([first, second]);
            return Ok(object(
                values.map(|(field, value)| Some((member(&field.name), json!(value).to_string()))).collect(),
            ));
        }
        let Some(needed) = pair_within(types, fields) else { return self.raw(flags, path, text) };
        let members = fields.iter().map(|field| {
            if field.name == needed.name {
                return Ok(Some((member(&field.name), self.of_case(flags, path, field.ty, text)?)));
            }
            self.field(flags, &format!("{path}.{}", field.name), field)
        });
        Ok(object(members.collect::<Result<_, Failure>>()?))
    }

    /// The value of a flag.
    fn written(
        &self,
        flags: &Flags<'_>,
        path: &str,
        id: TypeId,
        form: &Form,
        texts: &[String],
    ) -> Result<String, Failure> {
        let first = texts.first().map(String::as_str).unwrap_or_default();
        Ok(match form {
            Form::Switch => "true".to_owned(),
            Form::Either => first.to_owned(),
            Form::Text | Form::Base64 | Form::Name(_) | Form::Pair(_) => json!(first).to_string(),
            Form::Number => number(first),
            Form::Several(_) if texts == [EMPTY_LIST] => list(std::iter::empty()),
            Form::Several(of) => {
                let parts = || texts.iter().flat_map(|text| text.split(','));
                match **of {
                    Form::Number => list(parts().map(number)),
                    Form::Text if texts == [NO_EMPTY_LIST] => json!([EMPTY_LIST]).to_string(),
                    Form::Text => {
                        let parts = texts.iter().flat_map(|text| parameters::split_list(text));
                        list(parts.map(|text| json!(text).to_string()))
                    }
                    _ => list(parts().map(|text| json!(text).to_string())),
                }
            }
            Form::Json => self.raw(flags, path, first)?,
            Form::Parameters => parameters::to_json(&bound(texts, &flags.named(path))?).get().to_owned(),
            Form::Case(known) => {
                let known: Vec<_> = known.iter().map(|case| case.written.as_str()).collect();
                let wrong = || self.wrong(flags, path, &format!("expected one of {}", known.join(", ")));
                let (name, value) = first.split_once('=').map_or((first, None), |(name, value)| (name, Some(value)));
                let case = cases(flags, id).iter().find(|case| case.name == name).ok_or_else(wrong)?;
                match (case.ty, value) {
                    (None, None) => json!(name).to_string(),
                    (Some(ty), Some(value)) => {
                        let value = match Form::of(flags.types, ty) {
                            Form::Switch | Form::Either | Form::Parameters => self.raw(flags, path, value)?,
                            form => self.written(flags, path, ty, &form, &[value.to_owned()])?,
                        };
                        object(vec![Some((member(name), value))])
                    }
                    _ => return Err(wrong()),
                }
            }
        })
    }

    fn raw(&self, flags: &Flags<'_>, path: &str, text: &str) -> Result<String, Failure> {
        let json = RawValue::from_string(text.to_owned());
        json.map(|json| json.get().to_owned())
            .map_err(|error| self.wrong(flags, path, &format!("expected JSON: {}", wrong::words(&error.to_string()))))
    }
}

/// Those of a variant, or of an option of one.
fn cases<'a>(flags: &Flags<'a>, id: TypeId) -> &'a [Case] {
    match flags.types.shape(id) {
        Shape::Variant(cases) => cases,
        Shape::Option(of) => cases(flags, *of),
        _ => &[],
    }
}

fn list(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(","))
}

/// As it was typed, if it is a number; else as a text, which whoever reads it refuses.
fn number(text: &str) -> String {
    serde_json::from_str::<serde_json::Number>(text).map_or_else(|_| json!(text).to_string(), |_| text.to_owned())
}

fn object(members: Vec<Option<(String, String)>>) -> String {
    let members = members.into_iter().flatten().map(|(name, value)| format!("{}:{value}", json!(name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests;
