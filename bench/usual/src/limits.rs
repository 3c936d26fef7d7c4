//! Limits of the org, record counts, recent items.

use serde_json::Value;
use waki::Method;

use crate::Connector;
use crate::limits_wit::{CountList, Guest, LimitList, OrgLimit, RecentItem, RecentList, RecordCount};
use crate::rest::{invalid, request, send, text};
use crate::types::{CallOptions, Connection, Error};

impl Guest for Connector {
    fn org_limits(on: Connection, options: CallOptions) -> Result<LimitList, Error> {
        let answer = send(request(&on, Method::Get, "limits", &options))?;
        let mut limits = Vec::new();
        collect(String::new(), &answer.body, &mut limits);
        Ok(LimitList { limits, usage: answer.usage })
    }

    fn record_counts(on: Connection, objects: Vec<String>, options: CallOptions) -> Result<CountList, Error> {
        let asked = request(&on, Method::Get, "limits/recordCount", &options).query([("sObjects", objects.join(","))]);
        let answer = send(asked)?;
        let told = answer.body.get("sObjects").and_then(Value::as_array).ok_or_else(|| invalid("expected sObjects"))?;
        let (mut counts, mut missing) = (Vec::new(), Vec::new());
        for object in objects {
            let is_it = |told: &&Value| text(told, "name").is_some_and(|name| name.eq_ignore_ascii_case(&object));
            match told.iter().find(is_it).and_then(|told| Some((text(told, "name")?, told.get("count")?.as_u64()?))) {
                Some((object, count)) => counts.push(RecordCount { object, count }),
                None => missing.push(object),
            }
        }
        Ok(CountList { counts, missing, usage: answer.usage })
    }

    fn recent_items(on: Connection, limit: Option<u8>, options: CallOptions) -> Result<RecentList, Error> {
        let limit = limit.unwrap_or(200).to_string();
        let answer = send(request(&on, Method::Get, "recent", &options).query([("limit", limit)]))?;
        let items = answer.body.as_array().ok_or_else(|| invalid("expected a list"))?.iter().map(|item| {
            let object = item.get("attributes").and_then(|attributes| text(attributes, "type"));
            let others = item.as_object().into_iter().flatten().filter(|(key, _)| *key != "Id");
            let name = text(item, "Name").or_else(|| others.filter_map(|(_, value)| value.as_str()).next().map(Into::into));
            Some(RecentItem { object: object?, id: text(item, "Id")?, name })
        });
        let items = items.collect::<Option<_>>().ok_or_else(|| invalid("expected records"))?;
        Ok(RecentList { items, usage: answer.usage })
    }
}

fn collect(path: String, told: &Value, limits: &mut Vec<OrgLimit>) {
    let number = |name| told.get(name).and_then(Value::as_i64);
    if let (Some(max), Some(remaining)) = (number("Max"), number("Remaining")) {
        limits.push(OrgLimit { name: path.clone(), max, remaining });
    }
    for (name, inner) in told.as_object().into_iter().flatten().filter(|(_, inner)| inner.is_object()) {
        collect(if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, inner, limits);
    }
}
