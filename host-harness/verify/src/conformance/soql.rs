//! Queries: what comes back, what is bound, what is refused, what is repeated.

use mock_salesforce::Fault;
use serde_json::{Value as Json, json};

use super::bench::{Bench, DEFAULTS, QUERY};
use super::expect::{Checked, Miss, expect, expect_error};
use salesforce_runtime::bindings::soql::{Argument, LikeMatch, LikePattern, Page, Parameter, Query, Value};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

impl Bench<'_> {
    pub(super) async fn page(&self, query: &Query, options: CallOptions) -> Checked<Page> {
        let page = self.execution().soql_query(&self.connection, query, options).await;
        let page = self.done("soql-query", page)?;
        expect(rows(&page)?.len() == page.count as usize, || "count to be the number of records".to_owned())?;
        Ok(page)
    }

    pub(super) async fn query_error(&self, query: &Query) -> Checked<salesforce_runtime::bindings::types::Error> {
        let page = self.execution().soql_query(&self.connection, query, DEFAULTS).await;
        self.refused("soql-query", page)
    }

    async fn count(&self, query: &Query) -> Checked<u64> {
        let total = self.page(query, DEFAULTS).await?.total_size;
        total.ok_or_else(|| Miss("expected total-size to be known".to_owned()))
    }
}

/// A query with nothing bound.
pub(super) fn plain(soql: &str) -> Query {
    Query { soql: soql.to_owned(), parameters: Vec::new(), include_deleted: false, batch_size: None, max_records: None }
}

fn with_x(soql: &str, argument: Argument) -> Query {
    Query { parameters: vec![Parameter { name: "x".to_owned(), argument }], ..plain(soql) }
}

pub(super) fn rows(page: &Page) -> Checked<Vec<Json>> {
    serde_json::from_str(&page.records).map_err(|_| Miss("expected records to be a JSON array".to_owned()))
}

pub(super) async fn query(bench: &Bench<'_>) -> Checked {
    let page =
        bench.page(&plain("SELECT Id, Name, ParentId FROM Account WHERE ERP_Id__c = 'ERP-000000'"), DEFAULTS).await?;
    let found = rows(&page)?;
    let acme = found.first().cloned().unwrap_or_default();
    let field = |name: &str| acme.get(name).cloned();
    expect(page.count == 1 && page.total_size == Some(1) && page.next.is_none(), || {
        "one record and no next page".to_owned()
    })?;
    expect(field("Name") == Some(json!("Acme Corporation")), || "the record's name".to_owned())?;
    expect(field("ParentId") == Some(Json::Null), || "null for an empty field".to_owned())?;
    expect(field("attributes").is_some(), || "the record's attributes".to_owned())?;
    expect(page.usage.is_some_and(|usage| usage.used > 0), || "the use of the API allowance".to_owned())?;
    let count = bench.page(&plain("SELECT COUNT() FROM Account"), DEFAULTS).await?;
    expect((count.count, count.total_size) == (0, Some(2086)), || "the answer of COUNT() in total-size".to_owned())?;
    let none = bench.page(&plain("SELECT Id FROM Account WHERE Name = 'nobody'"), DEFAULTS).await?;
    expect((none.count, none.total_size) == (0, Some(0)), || "no record".to_owned())?;
    let deleted = Query { include_deleted: true, ..plain("SELECT COUNT() FROM Account WHERE IsDeleted = true") };
    expect(bench.count(&deleted).await? == 22, || "deleted records where they are asked for".to_owned())?;
    let plans = bench.execution().explain(&bench.connection, &plain("SELECT Id FROM Account"), DEFAULTS).await;
    let plans: Result<Vec<Json>, _> = serde_json::from_str(&bench.done("explain", plans)?);
    let cheapest = plans.ok().and_then(|plans| plans.first()?.get("relativeCost").cloned());
    expect(cheapest.is_some_and(|cost| cost.is_number()), || "explain to give a JSON array of plans".to_owned())
}

pub(super) async fn binding(bench: &Bench<'_>) -> Checked {
    let one = |value| Argument::One(value);
    let text = |text: &str| Value::Text(text.to_owned());
    let like = |text: &str, match_| one(Value::LikePattern(LikePattern { text: text.to_owned(), match_ }));
    let parent = bench.page(&plain("SELECT Id FROM Account WHERE ERP_Id__c = 'ERP-000000'"), DEFAULTS).await?;
    let id = rows(&parent)?.first().and_then(|row| row.get("Id")?.as_str().map(str::to_owned)).unwrap_or_default();
    for (condition, argument, count) in [
        ("Name = :x", one(text("O'Brien & Söhne GmbH")), 1),
        ("Name = :x", one(text("Back\\slash Partners")), 1),
        ("Name = :x", one(text("x' OR Name != '")), 0),
        ("Name = :x", one(text("x\\' OR Name != '")), 0),
        ("Name IN :x", Argument::Many(vec![text("null"), text("x') OR (Name != '")]), 1),
        ("Name LIKE :x", like("100%", LikeMatch::StartsWith), 1),
        ("Name LIKE :x", like("under_", LikeMatch::StartsWith), 1),
        ("Name LIKE :x", like("under-", LikeMatch::StartsWith), 0),
        // A wildcard that is not escaped matches `Acme Corporation` and `null`.
        ("Name LIKE :x", like("Acme%", LikeMatch::Exact), 0),
        ("Name LIKE :x", like("n_ll", LikeMatch::Exact), 0),
        ("Name LIKE :x", like("' OR Name != '", LikeMatch::Contains), 0),
        ("Name LIKE :x", one(text("Acme%")), 1),
        ("Name LIKE :x", like("100\\%%", LikeMatch::Pattern), 1),
        ("Name LIKE :x", like("under\\_%", LikeMatch::Pattern), 1),
        ("Name LIKE :x", like("under\\%%", LikeMatch::Pattern), 0),
        // `\%` is allowed after LIKE only.
        ("Name = :x", like("Acme%", LikeMatch::Exact), 0),
        ("Id = :x", one(Value::Id(id)), 1),
        ("AnnualRevenue = :x", one(Value::Integer(9_007_199_254_740_993)), 1),
        ("AnnualRevenue = :x", one(Value::Decimal("9007199254740993.00".to_owned())), 1),
        ("AnnualRevenue = :x", one(Value::Decimal("9.007199254740993e15".to_owned())), 1),
        ("AnnualRevenue < :x", one(Value::Decimal("-.5".to_owned())), 0),
        ("IsDeleted = :x", one(Value::Boolean(false)), 2086),
        ("ParentId != :x", one(Value::Null), 208),
        ("CreatedDate > :x", one(Value::Datetime("2000-01-01T00:00:00+01:00".to_owned())), 2086),
        ("CreatedDate > :x", one(Value::Datetime("2000-01-01T00:00:00.000+0000".to_owned())), 2086),
        ("CreatedDate > N_YEARS_AGO : :x", one(Value::Integer(90)), 2086),
    ] {
        let found = bench.count(&with_x(&format!("SELECT COUNT() FROM Account WHERE {condition}"), argument)).await?;
        expect(found == count, || format!("{count} records for a bound `{condition}`, got {found}"))?;
    }
    let before = bench.requests();
    for (soql, argument) in [
        ("SELECT Id FROM Account WHERE Name = :x", one(Value::Decimal("1 OR Name != null".to_owned()))),
        ("SELECT Id FROM Account WHERE Name = :x", one(Value::Date("TODAY".to_owned()))),
        ("SELECT Id FROM Account WHERE Name = :x", one(Value::Id("001' OR".to_owned()))),
        ("SELECT Id FROM Account WHERE Name = :y", one(text("x"))),
        ("SELECT Id FROM Account WHERE Name = :x", like("x", LikeMatch::StartsWith)),
        ("SELECT Id FROM Account WHERE Name LIKE :x", like("x\\y", LikeMatch::Pattern)),
        ("SELECT Id FROM Account WHERE CreatedDate > :x", one(Value::Datetime("0000-01-01T00:00:00Z".to_owned()))),
        ("SELECT Id FROM Account WHERE CreatedDate > LAST_N_DAYS::x", one(Value::Integer(-5))),
        ("SELECT Id FROM Account LIMIT :x", one(text("5"))),
        ("SELECT Id FROM Account WHERE Name = :x", one(Value::Time("24:00:00".to_owned()))),
        ("SELECT Id FROM Account WHERE Name = :x", one(Value::Currency("USD5 OR".to_owned()))),
        ("SELECT Id FROM Account WHERE Name IN :x", Argument::Many(Vec::new())),
    ] {
        let error = bench.query_error(&with_x(soql, argument)).await?;
        expect_error(&error, ErrorKind::InvalidArgument, Outcome::NotSent, "for a parameter that does not fit")?;
    }
    expect(bench.requests() == before, || "nothing to be sent for a parameter that does not fit".to_owned())
}

pub(super) async fn every_digit(bench: &Bench<'_>) -> Checked {
    let soql = "SELECT Ledger_Sequence__c, Exchange_Rate__c FROM Invoice__c WHERE Invoice_Number__c = '2026/00000'";
    let page = bench.page(&plain(soql), DEFAULTS).await?;
    let whole = page.records.contains("9007199254740993") && page.records.contains("123456789.123456789");
    expect(whole, || "every digit of an integer beyond 2^53 and of a long decimal".to_owned())?;
    let records = r#"[{"a":1e400,"a":-0.0,"b":1.10,"d":[null,18446744073709551616]}]"#;
    let body = format!(r#"{{"new":true,"totalSize":1,"done":true,"records":{records}}}"#);
    bench.fault(QUERY, Fault::Answer { status: 200, headers: Vec::new(), body: body.into_bytes() });
    let page = bench.page(&plain("SELECT Id FROM User"), DEFAULTS).await?;
    expect(page.records == records, || "the records as they were sent, to the letter".to_owned())
}

pub(super) async fn errors(bench: &Bench<'_>) -> Checked {
    for (soql, code) in [
        ("SELEC Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
    ] {
        let error = bench.query_error(&plain(soql)).await?;
        expect_error(&error, ErrorKind::InvalidQuery, Outcome::Rejected, "for a wrong query")?;
        let told = error.problems.iter().any(|problem| problem.code == code && !problem.message.is_empty());
        expect(told && error.status == Some(400), || "Salesforce's own code, words and status".to_owned())?;
    }
    for (fault, kind, outcome) in [
        (
            Fault::json(403, &json!([{"message": "m", "errorCode": "REQUEST_LIMIT_EXCEEDED"}])),
            ErrorKind::RateLimited,
            Outcome::Rejected,
        ),
        (
            Fault::json(403, &json!([{"message": "m", "errorCode": "INSUFFICIENT_ACCESS_OR_READONLY"}])),
            ErrorKind::Forbidden,
            Outcome::Rejected,
        ),
        (
            Fault::json(400, &json!([{"message": "m", "errorCode": "NEW_IN_WINTER_29"}])),
            ErrorKind::Rejected,
            Outcome::Rejected,
        ),
        (
            Fault::json(401, &json!([{"message": "m", "errorCode": "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"}])),
            ErrorKind::AccessDenied,
            Outcome::Rejected,
        ),
        (
            Fault::json(400, &json!([null, {"message": "m", "errorCode": "INVALID_FIELD", "fields": ["A", null]}])),
            ErrorKind::InvalidQuery,
            Outcome::Rejected,
        ),
        (
            Fault::json(400, &json!([{"message": "first error: UNABLE_TO_LOCK_ROW, x", "errorCode": "NEW"}])),
            ErrorKind::Locked,
            Outcome::Rejected,
        ),
        (Fault::status(401, &[]), ErrorKind::SessionExpired, Outcome::Rejected),
        (Fault::status(403, &[]), ErrorKind::InvalidResponse, Outcome::Unknown),
        (Fault::json(404, &json!({"message": "no route"})), ErrorKind::InvalidResponse, Outcome::Unknown),
        (Fault::status(503, &[("retry-after", "3600")]), ErrorKind::Unavailable, Outcome::Unknown),
    ] {
        let shown = format!("for {}", shown(&fault));
        bench.fault(QUERY, fault);
        expect_error(&bench.query_error(&plain("SELECT Id FROM User")).await?, kind, outcome, &shown)?;
    }
    bench.mock.expire_access_tokens();
    let error = bench.query_error(&plain("SELECT Id FROM User")).await?;
    expect_error(&error, ErrorKind::SessionExpired, Outcome::Rejected, "for a session that has ended")
}

fn shown(fault: &Fault) -> String {
    match fault {
        Fault::Answer { status, body, .. } => format!("status {status} {}", String::from_utf8_lossy(body)),
        other => format!("{other:?}"),
    }
}

pub(super) async fn repeated_read(bench: &Bench<'_>) -> Checked {
    let users = plain("SELECT Id FROM User");
    bench.fault(QUERY, Fault::Reset);
    bench.fault(QUERY, Fault::status(503, &[("retry-after", "0")]));
    bench.page(&users, DEFAULTS).await?;
    expect(bench.requests() == 3, || format!("a read to be sent three times, but it was sent {}", bench.requests()))?;
    for _ in 0..2 {
        bench.fault(QUERY, Fault::Reset);
    }
    let twice = CallOptions { attempts: Some(2), ..DEFAULTS };
    let page = bench.execution().soql_query(&bench.connection, &users, twice).await;
    let error = bench.refused("soql-query", page)?;
    expect_error(&error, ErrorKind::Interrupted, Outcome::Unknown, "when all attempts were lost")?;
    expect(bench.requests() == 5, || "no more attempts than the caller allows".to_owned())
}
