//! The limits of an org. Salesforce adds new ones with every release, so none is known here by name.

use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result, printable};
use crate::core::http::{Request, Transport};
use crate::core::json::{Json, Object};
use crate::core::send::{Repeat, send};

/// A limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgLimit {
    /// Its name; of one inside another the path to it.
    pub name: String,
    /// How much there is in all.
    pub max: i64,
    /// How much is left.
    pub remaining: i64,
}

/// The limits of an org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitList {
    /// In the order of the answer.
    pub limits: Vec<OrgLimit>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

/// How deep limits lie inside of others: twice as deep as was ever seen.
const DEEPEST: u8 = 4;

/// Reads the limits.
pub fn org_limits(transport: &mut dyn Transport, connection: &Connection, options: &CallOptions) -> Result<LimitList> {
    let response = send(transport, &Request::get(connection, "/limits"), Repeat::Safe, options)?;
    let limits = read(&response.body).map_err(|error| error.with_answer(&response))?;
    Ok(LimitList { limits, usage: ApiUsage::of(&response) })
}

fn read(body: &[u8]) -> Result<Vec<OrgLimit>> {
    let mut limits = Vec::new();
    collect("", &Object::parse(body, "the limits of the org")?, DEEPEST, &mut limits)?;
    if limits.is_empty() {
        return Err(Error::invalid_response("expected the limits of the org, but there is none in the answer"));
    }
    Ok(limits)
}

/// Adds what is in an object: its own `Max` and `Remaining`, then the objects in it. What is neither is passed over.
fn collect(path: &str, object: &Object<'_>, depth: u8, limits: &mut Vec<OrgLimit>) -> Result<()> {
    let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
    match (object.member("Max")?, object.member("Remaining")?) {
        (Some(max), Some(remaining)) if max.object().is_none() && remaining.object().is_none() => {
            limits.push(OrgLimit { name: path.into(), max: whole(path, max)?, remaining: whole(path, remaining)? });
        }
        _ => {}
    }
    for (name, value) in object.iter() {
        if let Some(inner) = value.object() {
            let path = if path.is_empty() { name.into() } else { [path, ".", name].concat() };
            collect(&path, &inner, depth, limits)?;
        }
    }
    Ok(())
}

fn whole(path: &str, number: Json<'_>) -> Result<i64> {
    let path = printable(path, 100);
    number.as_str().parse().map_err(|_| {
        Error::invalid_response(["expected Max and Remaining of ", &path, " to be whole numbers"].concat())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::{Failure, Method};
    use crate::core::script::{Script, answer};

    fn run(script: &mut Script) -> Result<LimitList> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        org_limits(script, &connection, &CallOptions::parse(None, None, None).unwrap())
    }

    fn told(body: &str) -> Result<Vec<(String, i64, i64)>> {
        let limits = run(&mut Script::new([Ok(answer(200, body))]))?.limits;
        Ok(limits.into_iter().map(|limit| (limit.name, limit.max, limit.remaining)).collect())
    }

    fn limit(name: &str, max: i64, remaining: i64) -> (String, i64, i64) {
        (name.into(), max, remaining)
    }

    #[test]
    fn limits_are_told_with_those_inside_of_others() {
        let body = r#"{"AnalyticsExternalDataSizeMB":{"Max":40960,"Remaining":40960},"DataStorageMB":{"Max":5,"Remaining":-2},
            "DailyApiRequests":{"Max":15000,"Remaining":14998,"Some app":{"Max":0,"Remaining":0}},
            "PermissionSets":{"Max":1500,"Remaining":1499,"CreateCustom":{"Max":1000,"Remaining":999}}}"#;
        let mut script = Script::new([Ok(answer(200, body))]);
        let limits = run(&mut script).unwrap();
        assert_eq!(limits.usage, Some(ApiUsage { used: 18, allowed: 5000 }));
        let expected = "https://example.my.salesforce.com/services/data/v67.0/limits";
        assert_eq!((script.requests[0].0, script.requests[0].1.as_str()), (Method::Get, expected));
        assert_eq!(
            told(body).unwrap(),
            [
                limit("AnalyticsExternalDataSizeMB", 40_960, 40_960),
                limit("DataStorageMB", 5, -2),
                limit("DailyApiRequests", 15_000, 14_998),
                limit("DailyApiRequests.Some app", 0, 0),
                limit("PermissionSets", 1_500, 1_499),
                limit("PermissionSets.CreateCustom", 1_000, 999),
            ]
        );
    }

    #[test]
    fn what_is_new_is_no_error() {
        let body = r#"{"Group":{"A":{"Max":1,"Remaining":0},"B":{"Note":"x","Max":2,"Remaining":2}},"Text":"x","List":[{"Max":1}],
            "Half":{"Max":7},"Null":{"Max":null,"Remaining":1},"Max":{"Max":9223372036854775807,"Remaining":1}}"#;
        assert_eq!(told(body).unwrap(), [limit("Group.A", 1, 0), limit("Group.B", 2, 2), limit("Max", i64::MAX, 1)]);
    }

    #[test]
    fn depth_is_bounded() {
        let nested =
            |depth: usize| format!("{}{}{}", r#"{"a":"#.repeat(depth), r#"{"Max":1,"Remaining":1}"#, "}".repeat(depth));
        assert_eq!(told(&nested(3)).unwrap(), [limit("a.a.a", 1, 1)]);
        assert!(told(&nested(4)).is_err() && told(&nested(120)).is_err());
    }

    #[test]
    fn an_answer_of_another_form_is_refused() {
        for body in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"A":1}"#,
            r#"{"A":{"Max":"5","Remaining":1}}"#,
            r#"{"A":{"Max":5.5,"Remaining":1}}"#,
            r#"{"A":{"Max":5,"Remaining":1e400}}"#,
            r#"{"A":{"Max":9223372036854775808,"Remaining":1}}"#,
            r#"{"A":{"Max":5,"Max":6,"Remaining":1}}"#,
        ] {
            let error = run(&mut Script::new([Ok(answer(200, body))])).unwrap_err();
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{body}");
        }
    }

    #[test]
    fn who_may_not_see_them_is_told_so() {
        let body = r#"[{"errorCode":"INSUFFICIENT_ACCESS","message":"View Setup"}]"#;
        let error = run(&mut Script::new([Ok(answer(403, body))])).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::Forbidden, Outcome::Rejected));
    }

    #[test]
    fn a_lost_answer_is_read_again() {
        let body = r#"{"A":{"Max":1,"Remaining":1}}"#;
        let mut script = Script::new([Err(Failure::Interrupted), Ok(answer(200, body))]);
        assert!(run(&mut script).is_ok());
        assert_eq!(script.sent(), 2);
    }
}
