//! Invocable actions: a flow, an Apex method or a standard action, once for each input.

use super::ActionName;
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Outcome, Result};
use crate::core::http::{Method, Request, Response, Transport};
use crate::core::json::{Json, Object, required};
use crate::core::salesforce_error::{has_meaning, on_write};
use crate::core::send::{Repeat, send, send_until};

/// What kind of thing runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in wit/invoke.wit")]
pub enum Kind {
    Flow,
    Apex,
    Standard,
}

/// What runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocable {
    kind: Kind,
    name: ActionName,
}

/// What became of each input.
#[derive(Debug)]
pub struct Invocations {
    /// JSON text of the output values, in the order of the inputs.
    pub results: Vec<Result<String>>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

impl Invocable {
    /// By its API name.
    pub fn parse(kind: Kind, name: &str) -> Result<Self> {
        let argument = match kind {
            Kind::Flow => "action.flow",
            Kind::Apex => "action.apex",
            Kind::Standard => "action.standard",
        };
        Ok(Self { kind, name: ActionName::parse(argument, name)? })
    }

    fn path(&self) -> String {
        let kind = match self.kind {
            Kind::Flow => "custom/flow",
            Kind::Apex => "custom/apex",
            Kind::Standard => "standard",
        };
        ["/actions/", kind, "/", &self.name.0].concat()
    }
}

/// What it takes and gives, as Salesforce describes it.
pub fn describe(
    transport: &mut dyn Transport,
    connection: &Connection,
    action: &Invocable,
    options: &CallOptions,
) -> Result<String> {
    let response = send(transport, &Request::get(connection, &action.path()), Repeat::Safe, options)?;
    let description = Json::parse(&response.body, "the description of an action")
        .and_then(|whole| Object::expect(whole, "the description of an action").map(|_| whole.as_str().into()));
    description.map_err(|error| error.with_answer(&response))
}

/// Runs it for inputs that are JSON text, each an object.
pub fn invoke(
    transport: &mut dyn Transport,
    connection: &Connection,
    action: &Invocable,
    inputs: &[String],
    options: &CallOptions,
) -> Result<Invocations> {
    if !(1..=200).contains(&inputs.len()) {
        return Err(Error::invalid_argument("inputs", "1 to 200 JSON objects"));
    }
    let mut json = String::from("{\"inputs\":[");
    for (index, input) in inputs.iter().enumerate() {
        let input = Json::parse_object(&format!("inputs[{index}]"), input)?;
        json.push_str(if index > 0 { "," } else { "" });
        json.push_str(input.as_str());
    }
    json.push_str("]}");
    let request = Request::write(connection, Method::Post, &action.path(), json);
    // Where an input failed, the list of results comes with a status of 400.
    let refusal = |response: &Response| {
        let is_taken = (200..=299).contains(&response.status) || has_results(&response.body);
        (!is_taken).then(|| on_write(response))
    };
    let (response, _) = send_until(transport, &request, Repeat::Never, options, &refusal)?;
    let results = read(&response, inputs.len()).map_err(|mut error| {
        error.message += &format!("; that leaves open what became of {} inputs", inputs.len());
        error.with_answer(&response)
    })?;
    let usage = response.header("sforce-limit-info").and_then(ApiUsage::parse);
    let results = results.into_iter().map(|result| {
        result.map_err(|error| {
            let mut error = error.with_answer(&response);
            error.redact(&request.secrets);
            error
        })
    });
    Ok(Invocations { results: results.collect(), usage })
}

fn has_results(body: &[u8]) -> bool {
    let results = Json::parse(body, "results").ok().and_then(Json::elements);
    results.is_some_and(|mut results| {
        let is_result =
            |result: Json<'_>| result.object().is_some_and(|result| result.iter().any(|(key, _)| key == "isSuccess"));
        results.any(is_result)
    })
}

fn read(response: &Response, count: usize) -> Result<Vec<Result<String>>> {
    let results = Json::parse(&response.body, "a list of results")?.elements();
    let results: Vec<_> = required("a list of results", results)?.collect();
    if results.len() != count {
        let message = format!("there are {} results of {count} inputs", results.len());
        return Err(Error::invalid_response(message));
    }
    Ok(results.into_iter().map(read_result).collect())
}

/// `errors` may be null, or have something in it beside a success.
fn read_result(result: Json<'_>) -> Result<String> {
    let result = Object::expect(result, "a result")?;
    if required("isSuccess", result.boolean("isSuccess")?)? {
        return match result.member("outputValues")? {
            None => Ok("{}".into()),
            Some(values) => Object::expect(values, "outputValues").map(|_| values.as_str().into()),
        };
    }
    let errors = result.member("errors")?.map_or("", Json::as_str);
    let mut error = on_write(&Response { status: 400, headers: Vec::new(), body: errors.into() });
    if error.problems.is_empty() {
        error.message = "the action failed, and does not say why".into();
    }
    // A flow or a class may have done something before it failed.
    if error.kind != ErrorKind::Locked && !has_meaning(&error) {
        (error.outcome, error.retryable) = (Outcome::Unknown, false);
    }
    error.retryable &= error.outcome != Outcome::Unknown;
    Err(error)
}
