//! Query plans: how the mock would find the rows of a query, told as Salesforce tells it.
//!
//! Source: REST API Developer Guide, "Get Feedback on Query Performance".

use serde_json::{Value, json};

use crate::ApiError;
use crate::org::Org;
use crate::soql::ast::{Comparison, Condition, Operand};
use crate::soql::cursor::Cursor;
use crate::soql::{self, QueryOptions};

/// The answer to `?explain=`. The query has to be right: it is evaluated to know how many rows it finds.
pub(crate) fn explain(org: &Org, soql: &str, options: &QueryOptions<'_>) -> Result<Value, ApiError> {
    let query = soql::parse(soql)?;
    let by_id = query.select.condition.as_ref().is_some_and(needs_id);
    let from = query.select.from.text.clone();
    let cardinality = Cursor::open(org, query, options)?.total_size().max(0);
    let object = org.object(&from)?.name.to_string();
    let all = org.count(&object);
    let scan = json!({
        "cardinality": cardinality,
        "fields": [],
        "leadingOperationType": "TableScan",
        "notes": [],
        "relativeCost": 1.0,
        "sobjectCardinality": all,
        "sobjectType": object,
    });
    let index = json!({
        "cardinality": cardinality,
        "fields": ["Id"],
        "leadingOperationType": "Index",
        "notes": [],
        "relativeCost": 0.01,
        "sobjectCardinality": all,
        "sobjectType": object,
    });
    let plans = if by_id { vec![index, scan] } else { vec![scan] };
    Ok(json!({"plans": plans, "sourceQuery": soql}))
}

/// Whether only records with certain Ids can meet the condition, so that the index on Id leads.
fn needs_id(condition: &Condition) -> bool {
    let is_id = |operand: &Operand| match operand {
        Operand::Field(path) => matches!(path.names.as_slice(), [name] if name.eq_ignore_ascii_case("Id")),
        _ => false,
    };
    match condition {
        Condition::And(parts) => parts.iter().any(needs_id),
        Condition::Or(parts) => parts.iter().all(needs_id),
        Condition::Compare(operand, Comparison::Equal, _) | Condition::In(operand, true, _) => is_id(operand),
        _ => false,
    }
}
