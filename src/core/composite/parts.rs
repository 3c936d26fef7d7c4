//! The parts of a composite or a graph: parsed in order, each with what it refers to.

use super::action::{Action, Expected, Request};
use super::reference::{Reference, is_part_name};
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Result};
use crate::core::http::Method;

/// Parts in order, each of a form that Salesforce takes.
#[derive(Debug)]
pub struct Parts {
    pub(super) list: Vec<Part>,
    /// How errors name the list.
    name: String,
    most: usize,
    most_queries: usize,
}

/// One part.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) reference_id: String,
    pub(super) request: Request,
    /// The places of those that it refers to.
    pub(super) referred: Vec<usize>,
    /// How many are in the longest chain of references that ends here.
    depth: usize,
}

/// What may be referred to, and what is.
pub(super) struct Referable<'a> {
    before: &'a [Part],
    referred: Vec<usize>,
}

impl Parts {
    /// Of a composite.
    #[must_use]
    pub fn of_composite() -> Self {
        Self { list: Vec::new(), name: "subrequests".into(), most: 25, most_queries: 5 }
    }

    /// Of the graph at this place.
    #[must_use]
    pub fn of_graph(index: usize) -> Self {
        Self { list: Vec::new(), name: format!("graphs[{index}].subrequests"), most: 500, most_queries: 0 }
    }

    /// Adds a part; `parse` reads what it does. An error names its place.
    pub fn push(&mut self, reference_id: &str, parse: impl FnOnce() -> Result<Action>) -> Result<()> {
        let index = self.list.len();
        self.add(reference_id, parse).map_err(|mut error| {
            if error.kind == ErrorKind::InvalidArgument {
                error.message = format!("{}[{index}].{}", self.name, error.message);
            }
            error
        })
    }

    fn add(&mut self, reference_id: &str, parse: impl FnOnce() -> Result<Action>) -> Result<()> {
        if !is_part_name(reference_id) {
            let expected = "a letter or a digit, then letters, digits and underscores, at most 100 characters";
            return Err(Error::invalid_argument("reference-id", expected));
        }
        if self.list.iter().any(|part| part.reference_id == reference_id) {
            return Err(Error::invalid_argument("reference-id", "one that no part before it has"));
        }
        let mut before = Referable { before: &self.list, referred: Vec::new() };
        let request = parse()?.request(&mut before)?;
        let referred = before.referred;
        let depths = referred.iter().filter_map(|place| self.list.get(*place)).map(|part| part.depth);
        let depth = depths.max().unwrap_or(0) + 1;
        if self.is_graph() && depth > 15 {
            return Err(Error::invalid_argument("action", "at most 15 parts in a chain of references"));
        }
        if matches!(request.expected, Expected::Page(_)) && self.is_graph() {
            return Err(Error::invalid_argument("action", "an action on a record, for a graph has no queries"));
        }
        self.list.push(Part { reference_id: reference_id.into(), request, referred, depth });
        Ok(())
    }

    fn is_graph(&self) -> bool {
        self.most_queries == 0
    }

    /// Checks how many there are, once all are there.
    pub(super) fn check(&self) -> Result<()> {
        let queries = self.list.iter().filter(|part| matches!(part.request.expected, Expected::Page(_))).count();
        if !(1..=self.most).contains(&self.list.len()) {
            return Err(Error::invalid_argument(&self.name, &format!("1 to {} parts", self.most)));
        }
        if queries > self.most_queries {
            return Err(Error::invalid_argument(&self.name, &format!("at most {} queries", self.most_queries)));
        }
        Ok(())
    }

    /// How many of them write.
    pub(super) fn writes(&self) -> usize {
        self.list.iter().filter(|part| part.request.expected.writes()).count()
    }

    /// `"compositeRequest":[...]`
    pub(super) fn write(&self, connection: &Connection, json: &mut String) {
        json.push_str("\"compositeRequest\":[");
        for (index, part) in self.list.iter().enumerate() {
            let Request { method, path, body, .. } = &part.request;
            let method = match method {
                Method::Post => "POST",
                Method::Patch => "PATCH",
                Method::Delete => "DELETE",
                _ => "GET",
            };
            // Neither names nor encoded paths have anything that JSON escapes.
            let path = connection.path(path);
            let separator = if index > 0 { "," } else { "" };
            for text in [
                separator,
                "{\"method\":\"",
                method,
                "\",\"url\":\"",
                &path,
                "\",\"referenceId\":\"",
                &part.reference_id,
                "\"",
            ] {
                json.push_str(text);
            }
            if let Some(body) = body {
                json.push_str(",\"body\":");
                json.push_str(body);
            }
            json.push('}');
        }
        json.push(']');
    }
}

impl Referable<'_> {
    /// Notes a reference, if it leads to something that a part before this one gives.
    pub(super) fn refer(&mut self, name: &str, reference: &Reference) -> Result<()> {
        let place = self.before.iter().position(|part| part.reference_id == reference.part());
        let Some((place, part)) = place.and_then(|place| Some((place, self.before.get(place)?))) else {
            return Err(Error::invalid_argument(name, "a reference to a part that stands before this one"));
        };
        let expected = match part.request.expected {
            Expected::Updated | Expected::Deleted => "no reference to an update or a delete, which give nothing",
            Expected::Saved { .. } if reference.path() != ".id" => {
                "the id of a create or an upsert, in lower case, for they give nothing else"
            }
            _ => {
                if !self.referred.contains(&place) {
                    self.referred.push(place);
                }
                return Ok(());
            }
        };
        Err(Error::invalid_argument(name, expected))
    }
}
