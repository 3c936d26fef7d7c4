//! What stands for a value that is left out.

use salesforce_runtime::Val;

use crate::bytes;
use crate::types::{Shape, TypeId, Types};

/// Of a field of a record; none: it cannot be left out.
pub(crate) fn left_out(types: &Types, id: TypeId) -> Option<Val> {
    Some(match types.shape(id) {
        Shape::Bool => Val::Bool(false),
        Shape::Option(_) => Val::Option(None),
        Shape::List(_) | Shape::Parameters => Val::List(Vec::new()),
        Shape::Bytes => bytes::value(&[]),
        Shape::Flags(_) => Val::Flags(Vec::new()),
        Shape::Record(fields) => {
            let field = |field: &crate::types::Field| Some((field.name.clone(), left_out(types, field.ty)?));
            Val::Record(fields.iter().map(field).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// Of a parameter of a function. A list is what the call is about, so it is always given.
pub(crate) fn parameter_left_out(types: &Types, id: TypeId) -> Option<Val> {
    match types.shape(id) {
        Shape::List(_) | Shape::Bytes => None,
        _ => left_out(types, id),
    }
}
