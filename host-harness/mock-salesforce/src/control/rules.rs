//! `/__mock/validation-rules`, `/__mock/duplicate-rules` and `/__mock/failing-flows`: what the org refuses beside what fields allow.

use super::Steering;
use super::named::{Named, message};
use super::problem::Problem;
use crate::ApiError;
use crate::org::{DuplicateRule, FailingFlow, ValidationRule};

const MOST_FIELDS: usize = 10;

impl Named for ValidationRule {
    const PATH: &'static str = "/__mock/validation-rules";
    const ONE: &'static str = "a validation rule";
    const ALL: &'static str = "the validation rules";
    const TAG: &'static str = "rules";

    fn all(steering: &Steering) -> Vec<Self> {
        steering.site.org().validation_rules().cloned().collect()
    }

    fn own_name(&mut self) -> &mut String {
        &mut self.name
    }

    fn put(self, steering: &Steering) -> Result<(), Problem> {
        message("body.message", &self.message)?;
        let mut org = steering.site.org();
        org.set_validation_rule(self.clone()).map_err(|error| {
            if !org.is_field(&self.object, self.field.as_deref()) {
                return refused(&self.object, &error, "body.field", &self.field.unwrap_or_default());
            }
            refused(&self.object, &error, "body.condition", &self.condition)
        })
    }

    fn delete(steering: &Steering, name: &str) -> bool {
        steering.site.org().delete_validation_rule(name)
    }
}

impl Named for DuplicateRule {
    const PATH: &'static str = "/__mock/duplicate-rules";
    const ONE: &'static str = "a duplicate rule";
    const ALL: &'static str = "the duplicate rules";
    const TAG: &'static str = "rules";

    fn all(steering: &Steering) -> Vec<Self> {
        steering.site.org().duplicate_rules().cloned().collect()
    }

    fn own_name(&mut self) -> &mut String {
        &mut self.name
    }

    fn put(self, steering: &Steering) -> Result<(), Problem> {
        message("body.message", &self.message)?;
        if !(1..=MOST_FIELDS).contains(&self.fields.len()) {
            let got = format!("{} names", self.fields.len());
            return Err(Problem::wrong("body.fields", got, format!("1 to {MOST_FIELDS} API names of fields")));
        }
        let set = steering.site.org().set_duplicate_rule(self.clone());
        set.map_err(|error| refused(&self.object, &error, "body.fields", &self.fields.join(", ")))
    }

    fn delete(steering: &Steering, name: &str) -> bool {
        steering.site.org().delete_duplicate_rule(name)
    }
}

impl Named for FailingFlow {
    const PATH: &'static str = "/__mock/failing-flows";
    const ONE: &'static str = "a failing flow";
    const ALL: &'static str = "the failing flows";
    const TAG: &'static str = "rules";

    fn all(steering: &Steering) -> Vec<Self> {
        steering.site.org().failing_flows().cloned().collect()
    }

    fn own_name(&mut self) -> &mut String {
        &mut self.name
    }

    fn put(self, steering: &Steering) -> Result<(), Problem> {
        message("body.message", &self.message)?;
        let set = steering.site.org().set_failing_flow(self.clone());
        set.map_err(|error| refused(&self.object, &error, "body.object", &self.object))
    }

    fn delete(steering: &Steering, name: &str) -> bool {
        steering.site.org().delete_failing_flow(name)
    }
}

/// Why the org does not take a rule: there is no such object, no room, or what stands at this place is not right.
fn refused(object: &str, error: &ApiError, place: &str, got: &str) -> Problem {
    let (place, got) = match error.code {
        "INVALID_TYPE" => ("body.object", object),
        "LIMIT_EXCEEDED" => return Problem::conflict("path.name", "one more", error.message.clone()),
        _ => (place, got),
    };
    Problem::of_org(place, got, error)
}
