//! A parameterized search, read from the query of a URL or from JSON. There is no language in it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::ApiError;
use crate::rest::call::RawQuery;
use crate::sosl::{self, ROWS, Returning, Scope, Search, Term};

/// The members of the body that the mock knows.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parameters {
    q: String,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    sobjects: Vec<Target>,
    #[serde(default, rename = "in")]
    scope: Option<String>,
    #[serde(default)]
    overall_limit: Option<usize>,
    #[serde(default)]
    default_limit: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Target {
    name: String,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default, rename = "where")]
    condition: Option<String>,
    #[serde(default)]
    order_by: Option<String>,
}

pub(super) fn of_body(body: Map<String, Value>) -> Result<Search, ApiError> {
    let parameters = serde_json::from_value(Value::Object(body));
    let parameters: Parameters =
        parameters.map_err(|error| ApiError::bad_request("JSON_PARSER_ERROR", error.to_string()))?;
    parameters.search()
}

pub(super) fn of_query(RawQuery(query): &RawQuery) -> Result<Search, ApiError> {
    let mut parameters = Parameters::default();
    for (name, value) in form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes()) {
        let list = || value.split(',').map(|part| part.trim().to_owned()).collect();
        let number = || value.parse().map_err(|_| refused(format!("{name} expects a number, not {value}")));
        match &*name {
            "q" => parameters.q = value.into_owned(),
            "sobject" => parameters.sobjects.push(Target { name: value.into_owned(), ..Target::default() }),
            "fields" => parameters.fields = list(),
            "in" => parameters.scope = Some(value.into_owned()),
            "overallLimit" => parameters.overall_limit = Some(number()?),
            "defaultLimit" => parameters.default_limit = Some(number()?),
            _ => return Err(sosl::unknown(&format!("the parameter {name} of a search"))),
        }
    }
    parameters.search()
}

impl Parameters {
    fn search(self) -> Result<Search, ApiError> {
        let scope = self.scope.as_deref().map(|scope| {
            Scope::parse(scope).ok_or_else(|| refused(format!("in expects a group of fields, not {scope}")))
        });
        let returning = |target: Target| {
            let fields = if target.fields.is_empty() { &self.fields } else { &target.fields };
            let order = target.order_by.map(|order| format!("ORDER BY {order} ")).unwrap_or_default();
            let limit = target.limit.or(self.default_limit).map(|limit| format!("LIMIT {limit}"));
            Returning {
                object: target.name,
                fields: fields.join(", "),
                condition: target.condition,
                rest: order + &limit.unwrap_or_default(),
            }
        };
        Ok(Search {
            term: Term::plain(&self.q)?,
            scope: scope.transpose()?.unwrap_or_default(),
            returning: self.sobjects.into_iter().map(returning).collect(),
            limit: self.overall_limit.unwrap_or(ROWS).min(ROWS),
        })
    }
}

fn refused(message: String) -> ApiError {
    ApiError::bad_request("MALFORMED_SEARCH", message)
}
