//! The flags of an action, from the types of its parameters.
//!
//! | WIT | flags |
//! |---|---|
//! | record | those of its fields |
//! | text, number, enum | `--name VALUE`; the first text of an action that must be there stands without a name, or `-`, or `@FILE` |
//! | `bool` | `--name` |
//! | `option<bool>` | `--name`, or `--name=false` |
//! | list of these | `--name A,B`, or several times; `--name []` for an empty one; of texts `--name -` or `--name @FILE` |
//! | `list<u8>` | `--name BASE64`, or `--name @FILE`, or `--name -` |
//! | variant as a parameter | one flag a case: `--create`, `--update ID`, `--upsert FIELD=VALUE` |
//! | variant elsewhere | `--name CASE`, or `--name CASE=VALUE` |
//! | `types.json` | `--name JSON`, or `--name-file FILE` |
//! | `list<soql.parameter>` | `--param NAME[:TYPE]=VALUE`, or `--params-file FILE` |
//! | anything else, and a parameter with too many fields ([`Room`]) | `--name JSON` |

mod arguments;
mod form;
mod names;
mod told;

use salesforce_actions::form::{Room, bounds, documentation, is_required, written};
use salesforce_actions::types::{Shape, TypeId, Types};
use salesforce_actions::{Action, Actions};

pub(crate) use arguments::PARAMETERS;
pub(super) use form::{Form, is_pair, pair_within};

/// The flags of one action.
pub(super) struct Flags<'a> {
    pub(super) types: &'a Types,
    pub(super) action: &'a Action,
    leaves: Vec<Leaf>,
}

/// One flag.
struct Leaf {
    /// Where its value goes: the names of the WIT with dots between.
    path: String,
    /// Its name, without the dashes.
    flag: String,
    form: Form,
    docs: String,
    is_required: bool,
    /// It stands for a parameter with more fields than there is room for.
    is_whole: bool,
    /// How its JSON is written, where that is of a type.
    json: Option<String>,
    /// What its numbers may be.
    bounds: Option<String>,
    /// The parameter whose cases exclude one another.
    group: Option<String>,
    /// The case that it belongs to.
    requires: Option<String>,
}

impl<'a> Flags<'a> {
    pub(super) fn of(actions: &'a Actions, action: &'a Action) -> Flags<'a> {
        let types = actions.types();
        let (mut flags, mut room) = (Flags { types, action, leaves: Vec::new() }, Room::default());
        for parameter in &action.parameters {
            let (path, docs) = (place(&parameter.name), documentation(action, parameter));
            let is_required = is_required(types, parameter);
            match types.shape(parameter.ty) {
                _ if !room.takes(types, parameter) => {
                    let leaf = flags.leaf(parameter.ty, &path, docs, Form::Json);
                    flags.leaves.push(Leaf { is_required, is_whole: true, ..leaf });
                }
                Shape::Variant(cases) => {
                    for case in cases {
                        flags.case(&format!("{path}.{}", case.name), &path, case.ty, &case.docs);
                    }
                }
                _ => flags.add(parameter.ty, &path, docs, is_required, None),
            }
        }
        names::give(&mut flags.leaves, names::of_the_program(actions, action));
        flags
    }

    fn add(&mut self, id: TypeId, path: &str, docs: &str, is_required: bool, requires: Option<&str>) {
        match self.types.shape(id) {
            Shape::Option(of) if *self.types.shape(*of) != Shape::Bool => self.add(*of, path, docs, false, requires),
            Shape::Record(fields) => {
                for field in fields {
                    let is_required = is_required && !self.types.may_be_left_out(field.ty);
                    self.add(field.ty, &format!("{path}.{}", field.name), &field.docs, is_required, requires);
                }
            }
            shape => {
                let is_required = is_required && !matches!(shape, Shape::Option(_));
                let leaf = self.leaf(id, path, docs, Form::of(self.types, id));
                self.leaves.push(Leaf { is_required, requires: requires.map(str::to_owned), ..leaf });
            }
        }
    }

    /// A case of a parameter. Where two texts stand for a record, its other fields have flags of their own.
    fn case(&mut self, path: &str, group: &str, ty: Option<TypeId>, docs: &str) {
        let form = ty.map_or(Form::Switch, |ty| Form::of_case(self.types, ty));
        let (path, docs) = (path.to_owned(), docs.to_owned());
        let json = ty.and_then(|ty| self.json(ty, &form));
        let bounds = ty.and_then(|ty| bounds(self.types, ty));
        self.leaves.push(Leaf { group: Some(group.to_owned()), json, bounds, ..Leaf::new(path.clone(), docs, form) });
        let Some(Shape::Record(fields)) = ty.map(|ty| self.types.shape(ty)) else { return };
        if pair_within(self.types, fields).is_some() {
            for field in fields.iter().filter(|field| self.types.may_be_left_out(field.ty)) {
                self.add(field.ty, &format!("{path}.{}", field.name), &field.docs, false, Some(&path));
            }
        }
    }

    /// Where nothing is said of the place, what is said of its type stands for it.
    fn leaf(&self, id: TypeId, path: &str, docs: &str, form: Form) -> Leaf {
        let docs = if docs.is_empty() { &self.types.get(id).docs } else { docs };
        let (json, bounds) = (self.json(id, &form), bounds(self.types, id));
        Leaf { json, bounds, ..Leaf::new(path.to_owned(), docs.to_owned(), form) }
    }

    fn json(&self, id: TypeId, form: &Form) -> Option<String> {
        let is_of_a_type = *form == Form::Json && *self.types.shape(id) != Shape::Json;
        is_of_a_type.then(|| written(self.types, id))
    }

    /// What the flag of this place takes, if it has one.
    pub(super) fn form(&self, path: &str) -> Option<&Form> {
        self.leaves.iter().find(|leaf| leaf.path == path).map(|leaf| &leaf.form)
    }

    /// Where there are flags, and what they take.
    pub(super) fn places(&self) -> impl Iterator<Item = (&str, &Form)> {
        self.leaves.iter().map(|leaf| (leaf.path.as_str(), &leaf.form))
    }

    /// The flags whose text may be read from standard input or a file, beside those that have a flag for that.
    pub(super) fn readable(&self) -> impl Iterator<Item = (&str, &Form)> {
        let first = self.positional().map(|leaf| &leaf.path);
        self.places().filter(move |(path, form)| {
            form.is_list_of_texts() || **form == Form::Base64 || first.is_some_and(|first| first == path)
        })
    }

    /// The leaf that stands without a name.
    fn positional(&self) -> Option<&Leaf> {
        self.leaves.first().filter(|leaf| leaf.form == Form::Text && leaf.is_required)
    }
}

impl Leaf {
    fn new(path: String, docs: String, form: Form) -> Leaf {
        let (flag, group, requires, json, bounds) = Default::default();
        Leaf { path, flag, form, docs, is_required: false, is_whole: false, json, bounds, group, requires }
    }
}

/// Where a parameter's value goes. No argument of another kind has such an id.
pub(super) fn place(parameter: &str) -> String {
    format!("{INPUT}{parameter}")
}

const INPUT: &str = "input.";
/// The value of a flag that takes several, for none of them.
pub(super) const EMPTY_LIST: &str = "[]";
/// The same as the only text of a list.
pub(super) const NO_EMPTY_LIST: &str = r"\[]";

/// The id of the argument that takes a file instead.
pub(super) fn file_of(path: &str) -> String {
    format!("{path} file")
}

#[cfg(test)]
mod tests;
