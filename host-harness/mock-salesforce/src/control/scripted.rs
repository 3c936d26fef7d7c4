//! `/__mock/actions`, `/__mock/apex-resources` and `/__mock/approval-processes`: what the org has of its own that answers what a test
//! says.

use axum::http::{HeaderValue, Method};
use serde::{Deserialize, Serialize};

use super::Steering;
use super::bytes::BytesForm;
use super::input::within;
use super::named::{Named, message};
use super::problem::Problem;
use crate::lock::lock;
use crate::rest::actions::{Action, ActionOutcome};
use crate::rest::apex_rest::ApexResource;
use crate::rest::approvals::ApprovalProcess;

/// The most of one kind.
const MOST: usize = 500;
const MOST_INPUTS: usize = 200;
/// The longest name of a variable or path, and the longest code, in characters.
const LONGEST: usize = 255;
/// Bytes of one, and of all of a kind.
const MOST_BYTES: usize = 1024 * 1024;
const MOST_BYTES_TOGETHER: usize = 64 * 1024 * 1024;

/// A method of an Apex class that answers REST calls.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApexResource)]
pub(super) struct ApexForm {
    /// Its own name.
    #[serde(default)]
    #[schema(read_only)]
    name: String,
    /// Such as `POST`.
    method: String,
    /// The path after `/services/apexrest/`; with `*` at its end, all that begin so.
    path: String,
    /// 200 to 599; 200, if left out.
    #[serde(default = "ok")]
    status: u16,
    /// That of the body, if left out: JSON's, or `text/plain;charset=UTF-8`.
    content_type: Option<String>,
    /// Nothing, if left out; at most 1 MiB.
    body: Option<BytesForm>,
}

fn ok() -> u16 {
    200
}

impl Named for Action {
    const PATH: &'static str = "/__mock/actions";
    const ONE: &'static str = "an action";
    const ALL: &'static str = "the actions";
    const TAG: &'static str = "scripted";

    fn all(steering: &Steering) -> Vec<Self> {
        lock(&steering.rest.actions).clone()
    }

    fn own_name(&mut self) -> &mut String {
        &mut self.name
    }

    fn put(self, steering: &Steering) -> Result<(), Problem> {
        within("body.inputs: how many", self.inputs.len() as u64, 0, MOST_INPUTS as u64)?;
        self.inputs.iter().enumerate().try_for_each(|(number, name)| short(&format!("body.inputs[{number}]"), name))?;
        if let ActionOutcome::Error { code, message: words } = &self.outcome {
            short("body.outcome.error.code", code)?;
            message("body.outcome.error.message", words)?;
        }
        has_room("body.outcome", &self, &lock(&steering.rest.actions), |action| (&action.name, action.bytes()))?;
        steering.rest.add_action(self);
        Ok(())
    }

    fn delete(steering: &Steering, name: &str) -> bool {
        remove(&mut lock(&steering.rest.actions), |action| action.name == name)
    }
}

impl Named for ApexForm {
    const PATH: &'static str = "/__mock/apex-resources";
    const ONE: &'static str = "an Apex resource";
    const ALL: &'static str = "the Apex resources";
    const TAG: &'static str = "scripted";

    fn all(steering: &Steering) -> Vec<Self> {
        lock(&steering.rest.apex_resources).iter().map(Self::from).collect()
    }

    fn own_name(&mut self) -> &mut String {
        &mut self.name
    }

    fn put(self, steering: &Steering) -> Result<(), Problem> {
        let Self { name, method, path, status, content_type, body } = self;
        if method.len() > LONGEST || Method::from_bytes(method.as_bytes()).is_err() {
            return Err(Problem::wrong("body.method", method, "a method of HTTP, such as POST"));
        }
        short("body.path", &path)?;
        if path.starts_with('/') {
            return Err(Problem::wrong("body.path", path, "what follows /services/apexrest/, such as invoices/*"));
        }
        within("body.status", status.into(), 200, 599)?;
        let content_type = content_type.unwrap_or_else(|| {
            let of_body = body.as_ref().and_then(BytesForm::content_type);
            of_body.unwrap_or("text/plain;charset=UTF-8").to_owned()
        });
        if content_type.len() > LONGEST || HeaderValue::try_from(&content_type).is_err() {
            return Err(Problem::wrong("body.content_type", content_type, "a media type, such as application/json"));
        }
        let body = body.map(|body| body.bytes("body.body")).transpose()?.unwrap_or_default();
        let new = ApexResource { name, method, path, status, content_type, body };
        has_room("body.body", &new, &lock(&steering.rest.apex_resources), |resource| {
            (&resource.name, resource.bytes())
        })?;
        steering.rest.add_apex_resource(new);
        Ok(())
    }

    fn delete(steering: &Steering, name: &str) -> bool {
        remove(&mut lock(&steering.rest.apex_resources), |resource| resource.name == name)
    }
}

impl From<&ApexResource> for ApexForm {
    fn from(resource: &ApexResource) -> Self {
        let ApexResource { name, method, path, status, content_type, body } = resource.clone();
        Self { name, method, path, status, content_type: Some(content_type), body: Some(body.as_slice().into()) }
    }
}

impl Named for ApprovalProcess {
    const PATH: &'static str = "/__mock/approval-processes";
    const ONE: &'static str = "an approval process";
    const ALL: &'static str = "the approval processes";
    const TAG: &'static str = "scripted";

    fn all(steering: &Steering) -> Vec<Self> {
        steering.rest.approvals.defined()
    }

    fn own_name(&mut self) -> &mut String {
        &mut self.name
    }

    fn put(self, steering: &Steering) -> Result<(), Problem> {
        let object = steering.site.org().object(&self.object).map(|object| object.name.to_owned());
        let object = object.map_err(|_| {
            Problem::wrong("body.object", self.object.clone(), "an object of the org: GET /__mock/schema lists them")
        })?;
        let new = Self { object, ..self };
        has_room("body", &new, &steering.rest.approvals.defined(), |process| (&process.name, process.object.len()))?;
        steering.rest.approvals.add(new);
        Ok(())
    }

    fn delete(steering: &Steering, name: &str) -> bool {
        steering.rest.approvals.remove(name)
    }
}

pub(super) fn short(place: &str, text: &str) -> Result<(), Problem> {
    if (1..=LONGEST).contains(&text.chars().count()) {
        Ok(())
    } else {
        Err(Problem::wrong(place, text, format!("1 to {LONGEST} characters")))
    }
}

/// Whether a new one is small enough, and fits beside those that there are, of which it replaces its namesake.
pub(super) fn has_room<T>(
    place: &str,
    new: &T,
    all: &[T],
    told: impl Fn(&T) -> (&String, usize),
) -> Result<(), Problem> {
    let (name, bytes) = told(new);
    if bytes > MOST_BYTES {
        return Err(Problem::wrong(place, format!("{bytes} bytes"), format!("at most {MOST_BYTES} bytes")));
    }
    let others = || all.iter().map(&told).filter(|(known, _)| *known != name);
    if others().count() < MOST && others().map(|(_, bytes)| bytes).sum::<usize>() + bytes <= MOST_BYTES_TOGETHER {
        return Ok(());
    }
    let expected = format!("at most {MOST} of {MOST_BYTES_TOGETHER} bytes together: delete one first");
    Err(Problem::conflict("path.name", "one more", expected))
}

pub(super) fn remove<T>(all: &mut Vec<T>, is_meant: impl Fn(&T) -> bool) -> bool {
    let before = all.len();
    all.retain(|held| !is_meant(held));
    all.len() < before
}
