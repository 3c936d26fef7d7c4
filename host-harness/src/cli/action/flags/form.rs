//! What a flag takes, from the type of its value.

use salesforce_actions::form::bounds;
use salesforce_actions::types::{Case, Field, Label, Shape, TypeId, Types};

/// What a flag takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Form {
    /// Nothing: it is there or not.
    Switch,
    /// Nothing, or `=false`: not the same as if it were left out.
    Either,
    /// A text.
    Text,
    /// Bytes.
    Base64,
    /// A number.
    Number,
    /// One of these names.
    Name(Vec<Label>),
    /// Several of what is told, with commas between.
    Several(Box<Form>),
    /// The two texts of a record, `FIELD=VALUE`, by the names of its fields.
    Pair(String),
    /// `CASE` or `CASE=VALUE`.
    Case(Vec<OneCase>),
    /// JSON, or a file of it.
    Json,
    /// Parameters of a query.
    Parameters,
}

/// A case of a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct OneCase {
    /// How it is written: `off`, `rule=TEXT`.
    pub(in super::super) written: String,
    pub(super) docs: String,
}

impl Form {
    /// Several texts.
    pub(in super::super) fn is_list_of_texts(&self) -> bool {
        matches!(self, Form::Several(of) if **of == Form::Text)
    }

    /// Of a value that has a flag of its own.
    pub(in super::super) fn of(types: &Types, id: TypeId) -> Form {
        match types.shape(id) {
            Shape::Bool => Form::Switch,
            Shape::Integer { .. } | Shape::Float { .. } => Form::Number,
            Shape::Char | Shape::Text => Form::Text,
            Shape::Bytes => Form::Base64,
            Shape::Enum(labels) => Form::Name(labels.clone()),
            Shape::Flags(labels) => Form::Several(Box::new(Form::Name(labels.clone()))),
            Shape::Option(of) if *types.shape(*of) == Shape::Bool => Form::Either,
            Shape::Option(of) => Form::of(types, *of),
            Shape::List(of) => match types.shape(*of) {
                Shape::Char | Shape::Text | Shape::Integer { .. } | Shape::Float { .. } | Shape::Enum(_) => {
                    Form::Several(Box::new(Form::of(types, *of)))
                }
                _ => Form::Json,
            },
            Shape::Variant(cases) => Form::Case(cases.iter().map(|case| OneCase::of(types, case)).collect()),
            Shape::Parameters => Form::Parameters,
            Shape::Json | Shape::Tuple(_) | Shape::Record(_) | Shape::Result { .. } => Form::Json,
        }
    }

    /// Of a case that has a flag of its own.
    pub(super) fn of_case(types: &Types, id: TypeId) -> Form {
        match types.shape(id) {
            Shape::Record(fields) if is_pair(types, fields) => {
                let names: Vec<_> = fields.iter().map(|field| field.name.to_ascii_uppercase()).collect();
                Form::Pair(names.join("="))
            }
            Shape::Record(fields) => {
                pair_within(types, fields).map_or(Form::Json, |field| Form::of_case(types, field.ty))
            }
            _ => Form::of(types, id),
        }
    }

    /// How a value of it is written, in a word; none: as its name says.
    pub(super) fn word(&self) -> Option<String> {
        Some(match self {
            Form::Text | Form::Name(_) => return None,
            Form::Switch | Form::Either => "true|false".to_owned(),
            Form::Base64 => "BASE64".to_owned(),
            Form::Number => "N".to_owned(),
            Form::Several(_) => "A,B".to_owned(),
            Form::Pair(names) => names.clone(),
            Form::Case(_) => "CASE[=VALUE]".to_owned(),
            Form::Json => "JSON".to_owned(),
            Form::Parameters => "NAME[:TYPE]=VALUE".to_owned(),
        })
    }
}

impl OneCase {
    fn of(types: &Types, case: &Case) -> OneCase {
        let written = match case.ty.map(|ty| Form::of(types, ty)) {
            None => case.name.clone(),
            Some(Form::Name(labels)) => {
                let names: Vec<_> = labels.iter().map(|label| label.name.as_str()).collect();
                format!("{}={}", case.name, names.join("|"))
            }
            Some(Form::Parameters) => format!("{}=JSON", case.name),
            Some(form) => format!("{}={}", case.name, form.word().unwrap_or_else(|| "TEXT".to_owned())),
        };
        let docs = Some(case.docs.trim().to_owned()).filter(|docs| !docs.is_empty());
        let bounds = case.ty.and_then(|ty| bounds(types, ty));
        OneCase { written, docs: docs.into_iter().chain(bounds).collect::<Vec<_>>().join(" ") }
    }
}

/// The one field of a record that cannot be left out, if it is two texts: they stand for the record. A flag that took another
/// field in its place would not say so.
pub(in super::super) fn pair_within<'a>(types: &Types, fields: &'a [Field]) -> Option<&'a Field> {
    let mut needed = fields.iter().filter(|field| !types.may_be_left_out(field.ty));
    let is_a_pair = |field: &&Field| matches!(types.shape(field.ty), Shape::Record(fields) if is_pair(types, fields));
    needed.next().filter(|_| needed.next().is_none()).filter(is_a_pair)
}

/// Whether a record is two texts: `FIELD=VALUE`.
pub(in super::super) fn is_pair(types: &Types, fields: &[Field]) -> bool {
    fields.len() == 2 && fields.iter().all(|field| *types.shape(field.ty) == Shape::Text)
}
