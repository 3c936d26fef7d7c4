//! Makes the form of an action from the types of its parameters.

use salesforce_actions::form::{Room, documentation, written};
use salesforce_actions::types::{
    Case as CaseType, Field as FieldType, Label, Shape, Type, TypeId, TypeName, Types, member,
};
use salesforce_actions::{Action, Actions};

use super::known::{self, Known};
use super::words::{hint, words};
use super::{Case, Choice, Empty, Field, Form, Frame, Widget};

/// The form's fields that are no parameters.
pub(super) const TAKEN: [&str; 8] =
    ["csrf", "action", "connection", "component", "cursor", "idempotency-key", "show", "from"];

impl Form {
    /// The form of an action.
    pub(in super::super) fn of(actions: &Actions, action: &Action) -> Form {
        let types = actions.types();
        let (builder, mut room) = (Builder { types }, Room::default());
        let is_only = action.parameters.len() == 1;
        let field = |parameter: &FieldType| {
            let FieldType { name, ty, .. } = parameter;
            let docs = documentation(action, parameter);
            let known = if action.is_own() { known::parameter(name) } else { Known::default() };
            let (is_own, stands) = (action.is_own(), Stands::Parameter { is_only });
            let place = Place { name: root(name), key: name, docs, known, is_own, is_always_asked: true, stands };
            if room.takes(types, parameter) {
                return builder.field(&place, *ty);
            }
            let empty = builder.empty(&place, builder.some(*ty));
            builder.made(&place, *ty, empty, Widget::JsonText(written(types, *ty)))
        };
        Form { fields: action.parameters.iter().map(field).collect() }
    }
}

/// The path of a parameter. No name of the WIT begins with a dot.
pub(super) fn root(path: &str) -> String {
    let first = path.split('.').next().unwrap_or_default();
    if TAKEN.contains(&first) { format!(".{path}") } else { path.to_owned() }
}

struct Builder<'a> {
    types: &'a Types,
}

/// Where a type stands.
struct Place<'a> {
    /// Its path.
    name: String,
    /// Its own name.
    key: &'a str,
    docs: &'a str,
    known: Known,
    /// It is one of the connector's own.
    is_own: bool,
    is_always_asked: bool,
    stands: Stands,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Parameter { is_only: bool },
    InRecord,
    InCase,
}

impl Builder<'_> {
    /// The field of a place. There is room for it.
    fn field(&self, place: &Place<'_>, id: TypeId) -> Field {
        let some = self.some(id);
        let empty = self.empty(place, some);
        let is_option = empty == Empty::LeftOut("null");
        let types = self.types;
        let Type { name, shape, .. } = types.get(some.id);
        let widget = match shape {
            Shape::Bool if is_option => Widget::YesOrNo,
            Shape::Bool => Widget::Tick,
            Shape::Integer { .. } => Widget::Number { is_whole: true },
            Shape::Float { .. } => Widget::Number { is_whole: false },
            Shape::Char | Shape::Text => Widget::Text,
            Shape::Json => Widget::Json,
            Shape::Bytes => Widget::Base64,
            Shape::Parameters => Widget::Parameters,
            Shape::List(of) if *types.shape(*of) == Shape::Text => Widget::Texts,
            Shape::List(_) | Shape::Tuple(_) | Shape::Option(_) => Widget::JsonText(written(types, some.id)),
            Shape::Enum(labels) => Widget::OneOf(choices(labels)),
            Shape::Flags(labels) => Widget::SomeOf(choices(labels)),
            Shape::Record(fields) => self.group(place, is_option, name.as_ref(), fields),
            Shape::Variant(cases) => self.cases(place, name.as_ref(), cases),
            Shape::Result { ok, error } => {
                let case =
                    |name: &str, ty: &Option<TypeId>| CaseType { name: name.to_owned(), docs: String::new(), ty: *ty };
                self.cases(place, None, &[case("ok", ok), case("error", error)])
            }
        };
        self.made(place, some.id, empty, widget)
    }

    /// What an option is of. JSON has one null for all options in one another.
    fn some(&self, id: TypeId) -> Optional {
        let mut some = Optional { id, is_option: false };
        while let Shape::Option(of) = self.types.shape(some.id) {
            some = Optional { id: *of, is_option: true };
        }
        some
    }

    fn empty(&self, place: &Place<'_>, some: Optional) -> Empty {
        let is_parameter = matches!(place.stands, Stands::Parameter { .. });
        match self.types.shape(some.id) {
            _ if some.is_option => Empty::LeftOut("null"),
            Shape::Bool => Empty::LeftOut("false"),
            Shape::Parameters => Empty::LeftOut("{}"),
            // None of the connector's functions takes an empty one.
            Shape::List(_) if is_parameter && place.is_own => Empty::Refused,
            Shape::List(_) if is_parameter => Empty::Is("[]"),
            Shape::List(_) | Shape::Flags(_) => Empty::LeftOut("[]"),
            Shape::Bytes if is_parameter => Empty::Is("\"\""),
            Shape::Bytes => Empty::LeftOut("\"\""),
            Shape::Record(_) if self.types.may_be_left_out(some.id) => Empty::LeftOut("{}"),
            Shape::Json => Empty::Is("{}"),
            _ => Empty::Refused,
        }
    }

    fn made(&self, place: &Place<'_>, id: TypeId, empty: Empty, widget: Widget) -> Field {
        let ty = self.types.get(id);
        let type_docs = if matches!(ty.shape, Shape::Json) { "" } else { &ty.docs };
        let docs = if place.docs.is_empty() { type_docs } else { place.docs };
        let label = place.known.label.or_else(|| ty.name.as_ref().and_then(known::label));
        Field {
            name: place.name.clone(),
            key: member(place.key),
            label: label.map_or_else(|| words(place.key), str::to_owned),
            hint: hint(docs),
            meaning: place.known.meaning,
            empty,
            is_always_asked: place.is_always_asked,
            widget,
        }
    }

    fn group(&self, place: &Place<'_>, is_option: bool, owner: Option<&TypeName>, fields: &[FieldType]) -> Widget {
        let may_be_left_out = fields.iter().all(|field| self.types.may_be_left_out(field.ty));
        let frame = match place.stands {
            _ if is_option => Frame::Ticked,
            Stands::InCase | Stands::Parameter { is_only: true } => Frame::None,
            Stands::Parameter { .. } if may_be_left_out => Frame::Folded,
            Stands::Parameter { .. } | Stands::InRecord => Frame::Box,
        };
        let field = |FieldType { name, docs, ty }: &FieldType| {
            let place = Place {
                name: format!("{}.{name}", place.name),
                key: name,
                docs,
                known: owner.map(|owner| known::member(owner, name)).unwrap_or_default(),
                is_own: owner.is_some_and(known::is_own),
                is_always_asked: place.is_always_asked && frame != Frame::Ticked,
                stands: Stands::InRecord,
            };
            self.field(&place, *ty)
        };
        Widget::Group { fields: fields.iter().map(field).collect(), frame }
    }

    fn cases(&self, place: &Place<'_>, owner: Option<&TypeName>, cases: &[CaseType]) -> Widget {
        let case = |CaseType { name, docs, ty }: &CaseType| {
            let known = owner.map(|owner| known::member(owner, name)).unwrap_or_default();
            let label = known.label.map_or_else(|| words(name), str::to_owned);
            let content = match ty {
                None => None,
                Some(ty) => {
                    let place = Place {
                        name: format!("{}.{name}", place.name),
                        key: name,
                        docs: "",
                        known: Known { meaning: known.meaning, ..Known::default() },
                        is_own: owner.is_some_and(known::is_own),
                        is_always_asked: false,
                        stands: Stands::InCase,
                    };
                    let content = self.field(&place, *ty);
                    let label = match (known.content, &content.widget) {
                        (Some(known), _) => known.to_owned(),
                        (None, Widget::Group { .. }) => label.clone(),
                        (None, _) => format!("{label}: value"),
                    };
                    Some(Field { label, ..content })
                }
            };
            let key = if ty.is_some() { member(name) } else { name.clone() };
            Case { choice: Choice { name: name.clone(), label, hint: hint(docs) }, key, content }
        };
        Widget::Cases(cases.iter().map(case).collect())
    }
}

fn choices(labels: &[Label]) -> Vec<Choice> {
    let choice = |Label { name, docs }: &Label| Choice { name: name.clone(), label: words(name), hint: hint(docs) };
    labels.iter().map(choice).collect()
}

/// A type, and whether it may be missing.
#[derive(Clone, Copy)]
struct Optional {
    id: TypeId,
    is_option: bool,
}
