//! Collections that cannot be sent, whose answer is lost, or whose answer does not fit.

use mock_salesforce::Fault;
use serde_json::{Value as Json, json};

use super::bench::{Bench, DEFAULTS};
use super::collections::{COLLECTIONS, accounts, told};
use super::expect::{Checked, expect, expect_error};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

const UNTRUSTED: &str = "invalid-response (unknown)";

pub(super) async fn lost_answer(bench: &Bench<'_>) -> Checked {
    let often = CallOptions { attempts: Some(10), ..DEFAULTS };
    for (fault, what) in [
        (Fault::Reset, "a reset"),
        (Fault::ResetAfterWork, "a reset after the records were made"),
        (Fault::CloseAfterWork, "a connection closed after the records were made"),
        (Fault::status(503, &[("retry-after", "0")]), "status 503"),
        (Fault::Replace(json!("not what was promised")), "an answer that is none"),
    ] {
        let before = bench.mock.ledger().requests("POST", COLLECTIONS);
        bench.fault(COLLECTIONS, fault);
        let input = json!({"records": accounts(&["Once", "Only"])});
        let error = bench.error_of("create-records", &input, often).await?;
        expect(error.outcome == Outcome::Unknown && !error.retryable, || {
            format!("creates that met {what} to be of unknown outcome and not retryable")
        })?;
        let sent = bench.mock.ledger().requests("POST", COLLECTIONS) - before;
        expect(sent == 1, || format!("creates that met {what} to be sent once, but they were sent {sent} times"))?;
    }
    let made = bench.mock.ledger().creates("Account");
    expect(made == 6, || format!("three creates of two records each to be done once, but {made} records were made"))?;

    let ids = bench.mock.ledger().writes().map(|write| write.id.clone()).take(2).collect::<Vec<_>>();
    let keyed = json!({"object": "Account", "external_id_field": "ERP_Id__c", "records": [{"ERP_Id__c": "x"}]});
    for (action, input) in [("delete-records", json!({"ids": ids})), ("upsert-records", keyed)] {
        let before = bench.requests();
        bench.fault(COLLECTIONS, Fault::Reset);
        let error = bench.error_of(action, &input, DEFAULTS).await?;
        expect_error(&error, ErrorKind::Interrupted, Outcome::Unknown, &format!("for {action} whose answer is lost"))?;
        let sent = bench.requests() - before;
        expect(sent == 1, || {
            format!("{action} to be sent once if no attempts are given, but it was sent {sent} times")
        })?;
    }
    let before = bench.requests();
    bench.fault(COLLECTIONS, Fault::ResetAfterWork);
    let given = bench.given_with("delete-records", &json!({"ids": ids}), often).await?;
    let gone = |result: &Json| result.pointer("/ok/already_deleted").and_then(Json::as_bool);
    let told: Vec<_> = given.get("results").and_then(Json::as_array).into_iter().flatten().map(gone).collect();
    let sent = bench.requests() - before;
    expect(told == [Some(true), Some(true)] && sent == 2, || {
        format!(
            "a delete whose answer is lost to be repeated once, and what is gone then to be told as that, got {given} after {sent} requests"
        )
    })?;
    Ok(())
}

pub(super) async fn arguments(bench: &Bench<'_>) -> Checked {
    let of = |object: &str, fields: Json| json!({"object": object, "fields": fields});
    let second = |record: Json| json!({"records": [of("Account", json!({"Name": "A"})), record]});
    let change = |id: &str| json!({"object": "Account", "id": id, "fields": {}});
    let many = |record: Json, count: usize| json!({"records": vec![record; count]});
    let keyed =
        |field: &str, records: Json| json!({"object": "Account", "external_id_field": field, "records": records});
    let ids = |count: usize| (0..count).map(|number| format!("0015g{number:010}")).collect::<Vec<_>>();
    let got = |ids: Json, fields: Json| json!({"object": "Account", "ids": ids, "fields": fields});
    let mixed: Vec<_> =
        ["Account", "Contact"].into_iter().cycle().take(11).map(|object| of(object, json!({}))).collect();
    let id = "0015g0000000001";
    for (action, input, place) in [
        ("create-records", many(of("Account", json!({"Name": "A"})), 201), "records"),
        ("create-records", json!({"records": []}), "records"),
        ("create-records", json!({"records": mixed}), "records"),
        ("create-records", second(of("Account/x", json!({}))), "records[1]"),
        ("create-records", second(of("Account", json!([]))), "records[1]"),
        ("create-records", second(of("Account", json!({"attributes": {"type": "User"}}))), "records[1]"),
        ("create-records", second(of("Account", json!({"id": id}))), "records[1]"),
        ("create-records", second(of("Account", json!({"Name": "A", "name": "B"}))), "records[1]"),
        ("update-records", json!({"records": [change(id), change("001/x")]}), "records[1]"),
        ("update-records", json!({"records": [change(id), change(id)]}), "records[1]"),
        ("upsert-records", keyed("ERP_Id__c", json!(vec![json!({"ERP_Id__c": "x"}); 201])), "records"),
        ("upsert-records", keyed("ERP_Id__c", json!([{"ERP_Id__c": "x"}, {"ERP_Id__c": ""}])), "records[1]"),
        ("upsert-records", keyed("ERP_Id__c", json!([{"Name": "A"}])), "records[0]"),
        ("upsert-records", keyed("ERP_Id__c/x", json!([{"ERP_Id__c": "x"}])), "external_id_field"),
        ("upsert-records", keyed("Id", json!([{"Id": id}])), "external_id_field"),
        ("delete-records", json!({"ids": ids(201)}), "ids"),
        ("delete-records", json!({"ids": [id, "x,y"]}), "ids[1]"),
        ("delete-records", json!({"ids": [id, id]}), "ids[1]"),
        ("get-records", got(json!(ids(2_001)), json!(["Name"])), "ids"),
        ("get-records", got(json!([id, "../x"]), json!(["Name"])), "ids[1]"),
        ("get-records", got(json!([id]), json!(["Owner.Name"])), "fields"),
        ("get-records", got(json!([id]), json!([])), "fields"),
    ] {
        let when = format!("for {action} that cannot be meant ({place})");
        let error = bench.error_of(action, &input, DEFAULTS).await?;
        expect_error(&error, ErrorKind::InvalidArgument, Outcome::NotSent, &when)?;
        expect(error.message.starts_with(place), || {
            format!("a message that begins with {place} {when}, got {:?}", error.message)
        })?;
    }
    expect(bench.requests() == 0, || "nothing to be sent of records that cannot be meant".to_owned())
}

pub(super) async fn answer(bench: &Bench<'_>) -> Checked {
    let done = |id: &str| json!({"id": id, "success": true, "errors": []});
    let [one, two, three] = ["0015g0000000001AAA", "0015g0000000002AAA", "0015g0000000003AAA"];
    let lists = [json!([done(one)]), json!([done(one), done(two), done(three)]), json!([])];
    let others = [json!({"results": [done(one), done(two)]}), Json::Null, json!(bench.plant())];
    for body in lists.iter().chain(&others) {
        for (action, input) in [
            ("create-records", json!({"records": accounts(&["One", "Two"])})),
            ("get-records", json!({"object": "Account", "ids": [one, two], "fields": ["Name"]})),
        ] {
            bench.fault(COLLECTIONS, Fault::json(200, body));
            let error = bench.error_of(action, &input, DEFAULTS).await?;
            let when = format!(
                "for {action} of two records that is answered with {}",
                body.to_string().replace(bench.plant(), "a text")
            );
            expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, &when)?;
        }
    }
    let change = |id: &str| json!({"object": "Account", "id": id, "fields": {"Phone": "1"}});
    let input = json!({"records": [change(one), change(two), change(three)]});
    bench.fault(COLLECTIONS, Fault::json(200, &json!([done(two), {"success": true}, done(three)])));
    let results = bench.results("update-records", &input).await?;
    told(&results, &[UNTRUSTED, UNTRUSTED, "ok"], "for the Id of another record, none, and the right one")?;
    bench.fault(COLLECTIONS, Fault::json(200, &json!([done(one), {"success": "yes", "id": two}, 7])));
    let results = bench.results("delete-records", &json!({"ids": [one, two, three]})).await?;
    told(&results, &["ok", UNTRUSTED, UNTRUSTED], "for results of which two are none")?;
    let refused =
        json!({"success": false, "errors": [{"statusCode": "STRING_TOO_LONG", "message": "m", "fields": ["Name"]}]});
    bench.fault(COLLECTIONS, Fault::json(200, &json!([done(one), refused])));
    let input = json!({"records": accounts(&["One", "Two"]), "all_or_none": true});
    let results = bench.results("create-records", &input).await?;
    told(&results, &[UNTRUSTED, "invalid-record (rejected)"], "for all or none of which one is said to be written")?;
    let record = |id: &str| json!({"attributes": {"type": "Account"}, "Id": id, "Name": "A"});
    bench.fault(COLLECTIONS, Fault::json(200, &json!([record(two), record(one)])));
    let input = json!({"object": "Account", "ids": [one, two], "fields": ["Name"]});
    let error = bench.error_of("get-records", &input, DEFAULTS).await?;
    expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, "for records in another order than their Ids")
}
