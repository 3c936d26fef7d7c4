//! `/__mock/quick-actions`: what users create records with.

use super::Steering;
use super::named::Named;
use super::problem::Problem;
use super::scripted::{has_room, remove, short};
use crate::lock::lock;
use crate::org::Org;
use crate::rest::quick_actions::QuickAction;

impl Named for QuickAction {
    const PATH: &'static str = "/__mock/quick-actions";
    const ONE: &'static str = "a quick action";
    const ALL: &'static str = "the quick actions";
    const TAG: &'static str = "scripted";

    fn all(steering: &Steering) -> Vec<Self> {
        lock(&steering.rest.quick_actions).clone()
    }

    fn own_name(&mut self) -> &mut String {
        &mut self.name
    }

    fn put(mut self, steering: &Steering) -> Result<(), Problem> {
        {
            let org = steering.site.org();
            self.creates = object(&org, "body.creates", &self.creates)?;
            if let Some((of, name)) = self.name.split_once('.') {
                self.name = format!("{}.{name}", object(&org, "path.name", of)?);
            }
            if let Some(field) = &mut self.parent_field {
                *field = known_field(&org, &self.creates, field)?;
            }
        }
        self.values.keys().try_for_each(|name| short("body.values", name))?;
        let told = |action: &QuickAction| action.bytes();
        has_room("body.values", &self, &lock(&steering.rest.quick_actions), |action| (&action.name, told(action)))?;
        steering.rest.add_quick_action(self);
        Ok(())
    }

    fn delete(steering: &Steering, name: &str) -> bool {
        remove(&mut lock(&steering.rest.quick_actions), |action| action.name == name)
    }
}

/// The name of an object as the org spells it.
fn object(org: &Org, place: &str, name: &str) -> Result<String, Problem> {
    let found = org.object(name).map(|object| object.name.to_owned());
    found.map_err(|_| Problem::wrong(place, name, "an object of the org: GET /__mock/schema lists them"))
}

fn known_field(org: &Org, object: &str, name: &str) -> Result<String, Problem> {
    let found = org.object(object).ok().and_then(|object| object.field(name)).map(|(_, field)| field.name.to_owned());
    found.ok_or_else(|| Problem::wrong("body.parent_field", name, format!("the name of a field of {object}")))
}
