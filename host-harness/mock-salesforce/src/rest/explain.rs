//! Query plans: how the mock would find the rows of a query, told as Salesforce tells it.
//!
//! Source: REST API Developer Guide, "Get Feedback on Query Performance".

use serde_json::{Value, json};

use crate::ApiError;
use crate::org::Org;
use crate::soql::cursor::Cursor;
use crate::soql::{self, QueryOptions};

/// The answer to `?explain=`. The query has to be right: it is evaluated to know how many rows it finds.
pub(crate) fn explain(org: &Org, soql: &str, options: &QueryOptions<'_>) -> Result<Value, ApiError> {
    let query = soql::parse(soql)?;
    let index = soql::leading_index(org, &query, options)?;
    let from = query.select.from.text.clone();
    let cardinality = Cursor::open(org, query, options)?.total_size().max(0);
    let object = org.object(&from)?.name;
    let all = org.count(object);
    let plan = |operation: &str, field: Option<&str>, cost: f64| {
        json!({
            "cardinality": cardinality,
            "fields": field.into_iter().collect::<Vec<_>>(),
            "leadingOperationType": operation,
            "notes": [],
            "relativeCost": cost,
            "sobjectCardinality": all,
            "sobjectType": object,
        })
    };
    // How much of a scan it saves.
    let cost = |looked_at: usize| looked_at as f64 / all.max(looked_at).max(1) as f64;
    let index = index.map(|(field, looked_at)| plan("Index", Some(field), cost(looked_at)));
    let plans: Vec<_> = index.into_iter().chain([plan("TableScan", None, 1.0)]).collect();
    Ok(json!({"plans": plans, "sourceQuery": soql}))
}
