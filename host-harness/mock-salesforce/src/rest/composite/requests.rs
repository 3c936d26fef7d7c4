//! A list of requests with names, played one after the other: what a composite and each graph hold.

use std::collections::HashSet;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::{Map, Value, json};

use super::references::{References, referred};
use super::subrequest::{Answered, Subrequest};
use super::{Composite, text, too_many, unreadable};
use crate::ApiError;
use crate::ledger::Write;
use crate::rest::call::Call;

/// The most requests of a composite.
pub(super) const REQUESTS: usize = 25;
/// How many of them may be queries or collections.
const QUERIES_AND_COLLECTIONS: usize = 5;

/// What may be in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Records, queries and collections.
    Composite,
    /// Records.
    Graph,
}

/// Requests to play in order.
#[derive(Debug)]
pub(super) struct Requests {
    list: Vec<Named>,
    scope: Scope,
}

#[derive(Debug)]
struct Named {
    reference_id: String,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Option<Value>,
}

/// What became of them.
#[derive(Debug)]
pub(super) struct Played {
    answers: Vec<Value>,
    pub(super) writes: Vec<Write>,
    pub(super) succeeded: bool,
}

impl Played {
    /// `{"compositeResponse": [...]}`.
    pub(super) fn body(&self) -> Value {
        json!({"compositeResponse": self.answers})
    }
}

/// What is told in the place of answers when a composite has too many requests. So a real org did; that its HTTP status is the same as
/// of other answers is not verified.
pub(super) fn too_many_operations() -> Value {
    let message = format!("The request can\u{2019}t contain more than {REQUESTS} operations.");
    let error = ApiError::bad_request("LIMIT_EXCEEDED", message);
    json!({"compositeResponse": [
        {"body": error.body(), "httpHeaders": {}, "httpStatusCode": error.status, "referenceId": null},
    ]})
}

impl Requests {
    pub(super) fn parse(items: Vec<Map<String, Value>>, scope: Scope) -> Result<Self, ApiError> {
        let list: Vec<Named> = items.into_iter().map(Named::parse).collect::<Result<_, _>>()?;
        let mut ids = HashSet::new();
        if let Some(twice) = list.iter().find(|named| !ids.insert(named.reference_id.as_str())) {
            return Err(unreadable(format!("referenceId {} is there twice", twice.reference_id)));
        }
        if scope == Scope::Composite {
            let heavy = |named: &&Named| matches!(named.resource(), "query" | "queryAll" | "composite");
            let heavy = list.iter().filter(heavy).count();
            if heavy > QUERIES_AND_COLLECTIONS {
                return Err(too_many("queries and collections", QUERIES_AND_COLLECTIONS, heavy));
            }
        }
        Ok(Self { list, scope })
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Version, method and object of each: what makes two nodes of graphs alike.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (String, String)> {
        self.list.iter().map(|named| {
            let kind: Vec<&str> = named.url.split(['/', '?']).skip(3).take(3).collect();
            (named.method.to_string(), kind.join("/"))
        })
    }

    /// How long the longest chain of references is.
    pub(super) fn depth(&self) -> usize {
        let mut depths: Vec<(&str, usize)> = Vec::new();
        for named in &self.list {
            let referred = referred(&named.url, named.body.as_ref());
            let before = depths.iter().filter(|(id, _)| referred.contains(id)).map(|(_, depth)| *depth).max();
            depths.push((&named.reference_id, before.unwrap_or(0) + 1));
        }
        depths.into_iter().map(|(_, depth)| depth).max().unwrap_or(0)
    }

    /// Plays all; what fails changes nothing, and whatever refers to it is halted.
    pub(super) async fn play(&self, composite: &Composite, call: &Call) -> Played {
        let mut played = Played { answers: Vec::new(), writes: Vec::new(), succeeded: true };
        let mut references = References::default();
        for named in &self.list {
            let answered = self.answer(named, composite, call, &references, false).await;
            if answered.status.is_success() {
                references.insert(&named.reference_id, answered.body.clone());
            }
            played.answers.push(named.told(&answered));
            played.writes.extend(answered.writes);
        }
        played
    }

    /// Plays until one fails, and undoes everything then. The caller has the turn.
    pub(super) async fn play_all_or_none(&self, composite: &Composite, call: &Call) -> Played {
        let before = composite.rest.site.org().savepoint();
        let mut played = Played { answers: Vec::new(), writes: Vec::new(), succeeded: true };
        let mut references = References::default();
        for (place, named) in self.list.iter().enumerate() {
            let answered = self.answer(named, composite, call, &references, true).await;
            if answered.failed() {
                composite.rest.site.org().roll_back(before);
                let message = "The transaction was rolled back since another operation in the same transaction failed.";
                let mut halted = self.halted(message);
                if let Some(failed) = halted.answers.get_mut(place) {
                    *failed = named.told(&answered);
                }
                return halted;
            }
            references.insert(&named.reference_id, answered.body.clone());
            played.answers.push(named.told(&answered));
            played.writes.extend(answered.writes);
        }
        played
    }

    /// None played.
    pub(super) fn halted(&self, message: &str) -> Played {
        let error = Answered::refused(&ApiError::bad_request("PROCESSING_HALTED", message));
        let answers = self.list.iter().map(|named| named.told(&error)).collect();
        Played { answers, writes: Vec::new(), succeeded: false }
    }

    async fn answer(
        &self,
        named: &Named,
        composite: &Composite,
        call: &Call,
        references: &References,
        all_or_none: bool,
    ) -> Answered {
        match self.filled(named, references, all_or_none) {
            Ok(subrequest) => composite.answer(call, subrequest).await,
            Err(error) => Answered::refused(&error),
        }
    }

    fn filled(&self, named: &Named, references: &References, all_or_none: bool) -> Result<Subrequest, ApiError> {
        let allowed = match self.scope {
            Scope::Composite => matches!(named.resource(), "sobjects" | "query" | "queryAll") || named.is_collection(),
            Scope::Graph => named.resource() == "sobjects",
        };
        if !allowed {
            let message = format!("{} cannot be requested from within this resource", named.url);
            return Err(ApiError::new(404, "NOT_FOUND", message));
        }
        let mut target = references.fill_url(&named.url)?;
        let mut body = named.body.as_ref().map(|body| references.fill_body(body)).transpose()?;
        if named.is_collection() {
            // Whether all or none is what the request around says.
            if named.method == Method::DELETE {
                let (path, query) = target.split_once('?').unwrap_or((&target, ""));
                target = format!("{path}?allOrNone={all_or_none}&{query}");
            } else if let Some(body) = body.as_mut().and_then(Value::as_object_mut) {
                body.insert("allOrNone".to_owned(), json!(all_or_none));
            }
        }
        Ok(Subrequest { method: named.method.clone(), target, headers: named.headers.clone(), body })
    }
}

impl Named {
    fn parse(mut item: Map<String, Value>) -> Result<Self, ApiError> {
        let reference_id = text(&mut item, "referenceId")?;
        let letters = |rest: &str| rest.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !(reference_id.starts_with(|first: char| first.is_ascii_alphanumeric()) && letters(&reference_id)) {
            let message = format!(
                "referenceId {reference_id} must be letters, digits and underscores, the first a letter or a digit"
            );
            return Err(unreadable(message));
        }
        let method = text(&mut item, "method")?.parse();
        let method = method.map_err(|_| unreadable(format!("the method of {reference_id} is none")))?;
        let url = text(&mut item, "url")?;
        let headers = headers(item.remove("httpHeaders"))?;
        Ok(Self { reference_id, method, url, headers, body: item.remove("body").filter(|body| !body.is_null()) })
    }

    /// The first part of the path after the version.
    fn resource(&self) -> &str {
        if self.url.starts_with("/services/data/") { self.url.split(['/', '?']).nth(4).unwrap_or_default() } else { "" }
    }

    fn is_collection(&self) -> bool {
        self.resource() == "composite" && self.url.split(['/', '?']).nth(5) == Some("sobjects")
    }

    fn told(&self, answered: &Answered) -> Value {
        let mut headers = Map::new();
        for (name, shown) in
            [(header::LOCATION, "Location"), (header::ETAG, "ETag"), (header::LAST_MODIFIED, "Last-Modified")]
        {
            if let Some(value) = answered.headers.get(name).and_then(|value| value.to_str().ok()) {
                headers.insert(shown.to_owned(), json!(value));
            }
        }
        json!({
            "body": answered.body,
            "httpHeaders": headers,
            "httpStatusCode": answered.status.as_u16(),
            "referenceId": self.reference_id,
        })
    }
}

/// The headers of a subrequest. Some are always those of the request around.
fn headers(value: Option<Value>) -> Result<HeaderMap, ApiError> {
    let members = match value {
        None | Some(Value::Null) => return Ok(HeaderMap::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(unreadable("httpHeaders must be an object".to_owned())),
    };
    let mut headers = HeaderMap::new();
    for (name, value) in members {
        let inherited = ["accept", "authorization", "content-type"];
        if inherited.iter().any(|inherited| name.eq_ignore_ascii_case(inherited)) {
            return Err(unreadable(format!("{name} cannot be in httpHeaders: it is that of the whole request")));
        }
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        let wrong = || unreadable(format!("{name} in httpHeaders is no header"));
        headers.append(HeaderName::try_from(&name).map_err(|_| wrong())?, value.ok_or_else(wrong)?);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(items: Value) -> Result<Requests, ApiError> {
        let items = items.as_array().unwrap().iter().map(|item| item.as_object().unwrap().clone()).collect();
        Requests::parse(items, Scope::Composite)
    }

    fn query(id: &str) -> Value {
        json!({"method": "GET", "url": "/services/data/v67.0/query?q=x", "referenceId": id})
    }

    #[test]
    fn lists_out_of_bounds_are_refused() {
        let many = |url: &str, count| {
            let one = |number| json!({"method": "GET", "url": url, "referenceId": format!("r{number}")});
            parse((0..count).map(one).collect())
        };
        assert_eq!(many("/services/data/v67.0/sobjects", 25).unwrap().len(), 25);
        assert!(many("/services/data/v67.0/composite/sobjects", 5).is_ok());
        assert_eq!(many("/services/data/v67.0/query/?q=x", 6).unwrap_err().code, "LIMIT_EXCEEDED");
    }

    #[test]
    fn names_and_headers_have_a_form() {
        assert!(parse(json!([query("1_a")])).is_ok());
        for id in ["", "_a", "a-b", "a.b"] {
            assert_eq!(parse(json!([query(id)])).unwrap_err().code, "JSON_PARSER_ERROR", "{id}");
        }
        assert!(parse(json!([query("a"), query("a")])).is_err());
        for name in ["Accept", "authorization", "Content-Type"] {
            let mut item = query("a");
            item["httpHeaders"] = json!({name: "x"});
            assert!(parse(json!([item])).is_err(), "{name}");
        }
    }

    #[test]
    fn the_depth_is_that_of_the_longest_chain() {
        let node = |id: &str, url: &str| json!({"method": "GET", "url": url, "referenceId": id});
        let requests =
            parse(json!([node("a", "/x"), node("b", "/@{a.id}"), node("c", "/@{b.id}"), node("d", "/@{a.id}")]));
        assert_eq!(requests.unwrap().depth(), 3);
    }
}
