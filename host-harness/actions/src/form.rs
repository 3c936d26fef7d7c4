//! What all forms of an action's input share, be they fields of a page or flags of a command: how many places there may be,
//! what has to be given, what is said of it, and how a value is written as JSON.

mod written;

use crate::action::Action;
use crate::types::{Field, Shape, TypeId, Types};
use crate::value::{parameter_left_out, whole_number};

pub use written::written;

/// Room for the places of a form: parameters, fields of records, cases and labels. Types of a few lines can stand for millions.
#[derive(Clone, Copy, Debug)]
pub struct Room(usize);

impl Default for Room {
    fn default() -> Room {
        Room(Room::MOST)
    }
}

impl Room {
    /// Places of one form.
    pub const MOST: usize = 300;

    /// Takes the room that a parameter needs. False: there is not so much, so the parameter is a single place, for JSON.
    #[must_use]
    pub fn takes(&mut self, types: &Types, parameter: &Field) -> bool {
        let left = left(types, parameter.ty, self.0);
        self.0 = left.unwrap_or_else(|| self.0.saturating_sub(1));
        left.is_some()
    }
}

/// What is left of the room after all places of a type.
fn left(types: &Types, id: TypeId, room: usize) -> Option<usize> {
    let room = room.checked_sub(1)?;
    match types.shape(id) {
        Shape::Option(of) => left(types, *of, room + 1),
        Shape::Record(fields) => left_of_all(types, fields.iter().map(|field| field.ty), room),
        Shape::Variant(cases) => {
            left_of_all(types, cases.iter().filter_map(|case| case.ty), room.checked_sub(cases.len())?)
        }
        Shape::Result { ok, error } => left_of_all(types, ok.iter().chain(error).copied(), room.checked_sub(2)?),
        Shape::Enum(labels) | Shape::Flags(labels) => room.checked_sub(labels.len()),
        _ => Some(room),
    }
}

fn left_of_all(types: &Types, mut ids: impl Iterator<Item = TypeId>, room: usize) -> Option<usize> {
    ids.try_fold(room, |room, id| left(types, id, room))
}

/// Whether a parameter has to be given.
#[must_use]
pub fn is_required(types: &Types, parameter: &Field) -> bool {
    parameter_left_out(types, parameter.ty).is_none()
}

/// What whole numbers of this type may be: `A whole number from 0 to 255`. None: it is no whole number, and no list of them.
#[must_use]
pub fn bounds(types: &Types, id: TypeId) -> Option<String> {
    match types.shape(id) {
        Shape::Option(of) => bounds(types, *of),
        Shape::Integer { signed, bits } => Some(whole_number(*signed, *bits).replacen('a', "A", 1)),
        Shape::List(of) => match types.shape(*of) {
            Shape::Integer { signed, bits } => Some(format!("Each is {}", whole_number(*signed, *bits))),
            _ => None,
        },
        _ => None,
    }
}

/// What is said of a parameter. The WIT has no place of its own for that, so it is the paragraph about its function that begins
/// with the parameter's name.
#[must_use]
pub fn documentation<'a>(action: &'a Action, parameter: &'a Field) -> &'a str {
    let name = format!("`{}`", parameter.name);
    let about = action.docs.split("\n\n").map(str::trim).find(|paragraph| paragraph.starts_with(&name));
    about.unwrap_or(&parameter.docs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Actions;

    fn parameter<'a>(action: &'a Action, name: &str) -> &'a Field {
        action.parameters.iter().find(|parameter| parameter.name == name).unwrap()
    }

    #[test]
    fn the_connectors_own_parameters_are_documented_and_have_room() {
        let own = Actions::of_connector();
        for action in own.iter() {
            let mut room = Room::default();
            for parameter in &action.parameters {
                assert!(room.takes(own.types(), parameter), "{}: {}", action.name, parameter.name);
                let about = [documentation(action, parameter), &own.types().get(parameter.ty).docs];
                assert!(about.iter().any(|docs| !docs.is_empty()), "{}: {}", action.name, parameter.name);
            }
        }
        let read = own.named("get-record-field-values").unwrap();
        assert_eq!(documentation(read, parameter(read, "fields")), "`fields` holds 1 to 500 API names, each once.");
        assert_eq!(documentation(read, parameter(read, "key")), "");
    }

    #[test]
    fn a_list_is_always_given_and_a_record_of_options_is_not() {
        let own = Actions::of_connector();
        let save = own.named("create-or-update-record").unwrap();
        let required = save.parameters.iter().map(|parameter| is_required(own.types(), parameter));
        assert_eq!(required.collect::<Vec<_>>(), [true, true, true, false]);
        let read = own.named("get-record-field-values").unwrap();
        assert!(is_required(own.types(), parameter(read, "fields")));
    }

    #[test]
    fn whole_numbers_have_the_bounds_of_their_type() {
        let types = r#"{"shape":{"integer":{"signed":false,"bits":8}}},{"shape":{"integer":{"signed":true,"bits":16}}},
            {"shape":{"option":1}},{"shape":{"list":2}},{"shape":{"list":1}},{"shape":{"float":{"bits":64}}},{"shape":"text"}"#;
        let actions: Actions = serde_json::from_str(&format!(r#"{{"types":[{types}],"actions":[]}}"#)).unwrap();
        let bounds = |id: usize| bounds(actions.types(), serde_json::from_str(&id.to_string()).unwrap());
        assert_eq!(bounds(0).unwrap(), "A whole number from 0 to 255");
        assert_eq!(bounds(2).unwrap(), "A whole number from -32,768 to 32,767");
        assert_eq!(bounds(4).unwrap(), "Each is a whole number from -32,768 to 32,767");
        assert_eq!([bounds(3), bounds(5), bounds(6)], [None, None, None]);
    }

    /// Four fields a level, fourteen levels deep.
    #[test]
    fn what_has_no_room_is_one_place_and_leaves_room_for_others() {
        let mut types = vec![r#"{"shape":"text"}"#.to_owned(), r#"{"shape":{"option":0}}"#.to_owned()];
        for below in 1..15 {
            let fields: Vec<_> =
                ["a", "b", "c", "d"].map(|name| format!(r#"{{"name":"{name}","type":{below}}}"#)).into();
            types.push(format!(r#"{{"shape":{{"record":[{}]}}}}"#, fields.join(",")));
        }
        let parameters = r#"[{"name":"all","type":15},{"name":"some","type":5},{"name":"few","type":2}]"#;
        let action =
            format!(r#"{{"interface":"a:b/c","function":"f","name":"f","parameters":{parameters},"effect":"reads"}}"#);
        let text = format!(r#"{{"types":[{}],"actions":[{action}]}}"#, types.join(","));
        let actions: Actions = serde_json::from_str(&text).unwrap();
        let action = actions.named("f").unwrap();
        let mut room = Room::default();
        let fits: Vec<_> = action.parameters.iter().map(|parameter| room.takes(actions.types(), parameter)).collect();
        assert_eq!(fits, [false, false, true]);
        assert_eq!(room.0, Room::MOST - 2 - 5);
    }
}
