//! The two requests.

use super::answer::{Gave, read};
use super::halted::{Together, tell_apart};
use super::parts::Parts;
use crate::core::api_usage::ApiUsage;
use crate::core::api_version::ApiVersion;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Outcome, Result};
use crate::core::http::{Method, Request, Response, Transport};
use crate::core::json::{Json, Object, required};
use crate::core::send::{Repeat, send};

/// What became of each part of a composite.
#[derive(Debug)]
pub struct Composed {
    /// In the order of the parts.
    pub results: Vec<Result<Gave>>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

/// A graph to save.
#[derive(Debug)]
pub struct Graph {
    id: String,
    parts: Parts,
}

/// What became of a graph.
#[derive(Debug)]
pub struct GraphResult {
    /// Its id.
    pub id: String,
    /// In the order of its parts.
    pub results: Vec<Result<Gave>>,
}

/// What became of graphs.
#[derive(Debug)]
pub struct Graphs {
    /// In the order that they were given.
    pub graphs: Vec<GraphResult>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

impl Graph {
    /// `index` is its place among the graphs, which those before it are.
    pub fn parse(index: usize, id: &str, parts: Parts, before: &[Self]) -> Result<Self> {
        let is_id = (1..40).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let name = format!("graphs[{index}].graph-id");
        if !is_id {
            return Err(Error::invalid_argument(&name, "1 to 39 letters, digits, hyphens and underscores"));
        }
        if before.iter().any(|graph| graph.id == id) {
            return Err(Error::invalid_argument(&name, "one that no graph before it has"));
        }
        Ok(Self { id: id.into(), parts })
    }
}

/// Sends parts that are done in order.
pub fn composite(
    transport: &mut dyn Transport,
    connection: &Connection,
    parts: &Parts,
    all_or_none: bool,
    options: &CallOptions,
) -> Result<Composed> {
    parts.check()?;
    let mut json = format!("{{\"allOrNone\":{all_or_none},\"collateSubrequests\":false,");
    parts.write(connection, &mut json);
    json.push('}');
    let together = if all_or_none { Together::InOrder } else { Together::Each };
    let counts = Counts { parts: parts.list.len(), writes: parts.writes() };
    exchange(transport, connection, "/composite", &json, counts, options, |response| {
        let answer = Object::parse(&response.body, "the answers of all parts")?;
        let results = results(&answer, parts, together, connection, response)?;
        Ok(Composed { results, usage: usage(response) })
    })
}

/// Sends graphs.
pub fn graph(
    transport: &mut dyn Transport,
    connection: &Connection,
    graphs: &[Graph],
    options: &CallOptions,
) -> Result<Graphs> {
    if connection.api_version < ApiVersion::GRAPHS {
        return Err(Error::invalid_argument("api-version", "v50.0 or later, for graphs"));
    }
    if !(1..=75).contains(&graphs.len()) {
        return Err(Error::invalid_argument("graphs", "1 to 75 graphs"));
    }
    let mut counts = Counts { parts: 0, writes: 0 };
    let mut json = String::from("{\"graphs\":[");
    for (index, Graph { id, parts }) in graphs.iter().enumerate() {
        parts.check()?;
        counts.parts += parts.list.len();
        counts.writes += parts.writes();
        let separator = if index > 0 { "," } else { "" };
        json.extend([separator, "{\"graphId\":\"", id, "\","]);
        parts.write(connection, &mut json);
        json.push('}');
    }
    json.push_str("]}");
    if counts.parts > 500 {
        return Err(Error::invalid_argument("graphs", "at most 500 parts in all graphs together"));
    }
    exchange(transport, connection, "/composite/graph", &json, counts, options, |response| {
        let answer = Object::parse(&response.body, "the answers of all graphs")?;
        let answers = required("graphs", answer.elements("graphs")?)?;
        let answers = answers.into_iter().map(|answer| Object::expect(answer, "the answer of a graph"));
        let answers = answers.collect::<Result<Vec<_>>>()?;
        let mut found: Vec<(usize, Option<&Object<'_>>)> = graphs.iter().map(|_| (0, None)).collect();
        for answer in &answers {
            let id = answer.text("graphId")?;
            let place = graphs.iter().position(|graph| Some(&graph.id) == id.as_ref());
            let Some((count, of_graph)) = place.and_then(|place| found.get_mut(place)) else {
                return Err(Error::invalid_response("the answer has a graph that was not sent"));
            };
            *count += 1;
            *of_graph = Some(answer);
        }
        let results = |(graph, (count, answer)): (&Graph, (usize, Option<&Object<'_>>))| {
            let results = match answer {
                Some(answer) if count == 1 => of_graph(answer, graph, connection, response),
                Some(_) => Err(Error::invalid_response("the answer has this graph twice")),
                None => Err(Error::invalid_response("the answer does not have this graph")),
            };
            // Nothing of the graph's own answer can be trusted: that is so for each of its parts.
            let results = results.unwrap_or_else(|error| {
                let error = error.with_answer(response);
                graph.parts.list.iter().map(|_| Err(error.clone())).collect()
            });
            GraphResult { id: graph.id.clone(), results }
        };
        Ok(Graphs { graphs: graphs.iter().zip(found).map(results).collect(), usage: usage(response) })
    })
}

fn of_graph(
    answer: &Object<'_>,
    graph: &Graph,
    connection: &Connection,
    response: &Response,
) -> Result<Vec<Result<Gave>>> {
    let is_successful = required("isSuccessful", answer.boolean("isSuccessful")?)?;
    let inner = required("graphResponse", answer.member("graphResponse")?.and_then(Json::object))?;
    let results = results(&inner, &graph.parts, Together::AsGraph, connection, response)?;
    if is_successful != results.iter().all(Result::is_ok) && !results.iter().any(is_unknown) {
        return Err(Error::invalid_response("the answer says of the graph other than of its parts"));
    }
    Ok(results)
}

fn is_unknown(result: &Result<Gave>) -> bool {
    matches!(result, Err(error) if error.outcome == Outcome::Unknown)
}

fn results(
    answer: &Object<'_>,
    parts: &Parts,
    together: Together,
    connection: &Connection,
    response: &Response,
) -> Result<Vec<Result<Gave>>> {
    let mut results = read(answer, parts, response)?;
    tell_apart(parts, together, &mut results);
    for error in results.iter_mut().filter_map(|result| result.as_mut().err()) {
        error.redact(&[&connection.access_token]);
    }
    Ok(results)
}

fn usage(response: &Response) -> Option<ApiUsage> {
    response.header("sforce-limit-info").and_then(ApiUsage::parse)
}

/// What a request holds.
struct Counts {
    parts: usize,
    writes: usize,
}

/// Sends a request with parts and reads its answer. Whatever leaves the outcome open says how many writes are concerned.
fn exchange<T>(
    transport: &mut dyn Transport,
    connection: &Connection,
    path: &str,
    json: &str,
    counts: Counts,
    options: &CallOptions,
    read: impl FnOnce(&Response) -> Result<T>,
) -> Result<T> {
    let repeat = if counts.writes == 0 { Repeat::Safe } else { Repeat::Never };
    let request = Request::write(connection, Method::Post, path, json);
    let answer = send(transport, &request, repeat, options)
        .and_then(|response| read(&response).map_err(|error| error.with_answer(&response)));
    answer.map_err(|mut error| {
        error.redact(&request.secrets);
        if error.outcome == Outcome::Unknown && counts.writes > 0 {
            error.retryable = false;
            error.message += &format!("; that leaves open {} writes, of {} parts", counts.writes, counts.parts);
        }
        error
    })
}
