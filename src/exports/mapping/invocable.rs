//! Which invocable action.

use super::wit;
use crate::core::error::Result;
use crate::core::invoke::{Invocable, Kind};

pub(crate) fn invocable(action: wit::Invocable) -> Result<Invocable> {
    match action {
        wit::Invocable::Flow(name) => Invocable::parse(Kind::Flow, &name),
        wit::Invocable::Apex(name) => Invocable::parse(Kind::Apex, &name),
        wit::Invocable::Standard(name) => Invocable::parse(Kind::Standard, &name),
    }
}
