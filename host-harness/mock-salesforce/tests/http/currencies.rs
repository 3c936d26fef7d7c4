//! An org with several currencies.

use mock_salesforce::org::Schema;
use mock_salesforce::{Builder, MockSalesforce};
use serde_json::{Value, json};

use crate::client::encode;
use crate::fixture::*;

const CURRENCIES: &str = "USD=1,EUR=0.9,JPY=150";

fn with_currencies() -> Builder {
    builder().currencies(CURRENCIES.parse().unwrap())
}

/// An org with currencies, and four opportunities that a test begins with.
async fn multi_currency() -> MockSalesforce {
    let mock = with_currencies().start().await.unwrap();
    for (name, code, amount) in
        [("M1", "USD", json!(100)), ("M2", "EUR", json!(95)), ("M3", "JPY", json!(9000)), ("M4", "EUR", Value::Null)]
    {
        create(&mock, "Opportunity", opportunity(name, json!({"CurrencyIsoCode": code, "Amount": amount}))).await;
    }
    mock
}

fn opportunity(name: &str, more: Value) -> Value {
    let mut record = json!({"Name": name, "StageName": "Prospecting", "CloseDate": "2026-07-01"});
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record
}

async fn create(mock: &MockSalesforce, object: &str, record: Value) -> String {
    let answer = rest(mock, "POST", &format!("sobjects/{object}")).json(&record).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn patch(mock: &MockSalesforce, path: &str, record: Value) {
    let answer = rest(mock, "PATCH", &format!("sobjects/{path}")).json(&record).send().await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

/// What a user with another currency than the org's sees.
async fn let_the_user_have(mock: &MockSalesforce, code: &str) {
    let id = mock.org(|org| org.users()[0].id.clone());
    patch(mock, &format!("User/{id}"), json!({"DefaultCurrencyIsoCode": code})).await;
}

/// One member of each record of a query over the four opportunities.
async fn told(mock: &MockSalesforce, select: &str, rest: &str, member: &str) -> Value {
    let found = query(mock, &format!("SELECT {select} FROM Opportunity WHERE Name LIKE 'M_' {rest}")).await;
    found["records"].as_array().unwrap().iter().map(|record| record[member].clone()).collect()
}

async fn refused(mock: &MockSalesforce, soql: &str) -> (u16, String) {
    rest(mock, "GET", &format!("query?q={}", encode(soql))).send().await.error()
}

#[tokio::test]
async fn the_currencies_are_records_and_every_record_has_one() {
    let mock = with_currencies().start().await.unwrap();
    let soql = "SELECT IsoCode, ConversionRate, DecimalPlaces, IsActive, IsCorporate FROM CurrencyType";
    let found = query(&mock, soql).await;
    let rows: Vec<_> = found["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["IsoCode"].clone(),
                row["ConversionRate"].to_string(),
                row["DecimalPlaces"].clone(),
                row["IsActive"].clone(),
                row["IsCorporate"].clone(),
            )
        })
        .collect();
    let row = |code: &str, rate: &str, places: u8, corporate: bool| {
        (json!(code), rate.to_owned(), json!(places), json!(true), json!(corporate))
    };
    assert_eq!(rows, [row("USD", "1", 2, true), row("EUR", "0.9", 2, false), row("JPY", "150", 0, false)]);
    for object in ["Account", "Opportunity", "Invoice__c", "User"] {
        let all = query(&mock, &format!("SELECT COUNT() FROM {object}")).await["totalSize"].clone();
        let usd = query(&mock, &format!("SELECT COUNT() FROM {object} WHERE CurrencyIsoCode = 'USD'")).await;
        assert_eq!(usd["totalSize"], all, "{object}");
    }
    let fields = rest(&mock, "GET", "sobjects/Opportunity/describe").send().await.json();
    let field = fields["fields"].as_array().unwrap().iter().find(|it| it["name"] == "CurrencyIsoCode").unwrap().clone();
    let values: Vec<_> = field["picklistValues"].as_array().unwrap().iter().map(|it| it["value"].clone()).collect();
    assert_eq!(values, ["USD", "EUR", "JPY"]);
    assert_eq!(
        (&field["type"], &field["restrictedPicklist"], &field["defaultedOnCreate"]),
        (&json!("picklist"), &json!(true), &json!(true))
    );
    for soql in ["SELECT CurrencyIsoCode FROM Group", "SELECT CurrencyIsoCode FROM Shipment__x"] {
        assert_eq!(refused(&mock, soql).await, (400, "INVALID_FIELD".to_owned()), "{soql}");
    }
}

#[tokio::test]
async fn an_org_has_one_currency_unless_told_otherwise() {
    let mock = mock().await;
    for (soql, status, code) in [
        ("SELECT Id FROM CurrencyType", 400, "INVALID_TYPE"),
        ("SELECT CurrencyIsoCode FROM Account", 400, "INVALID_FIELD"),
        ("SELECT DefaultCurrencyIsoCode FROM User", 400, "INVALID_FIELD"),
        ("SELECT convertCurrency(Amount) FROM Opportunity", 501, "UNKNOWN_TO_THE_MOCK"),
        ("SELECT FORMAT(convertCurrency(Amount)) a FROM Opportunity", 501, "UNKNOWN_TO_THE_MOCK"),
        ("SELECT Id FROM Opportunity WHERE Amount IN (USD5000)", 501, "UNKNOWN_TO_THE_MOCK"),
    ] {
        assert_eq!(refused(&mock, soql).await, (status, code.to_owned()), "{soql}");
    }
}

#[tokio::test]
async fn a_new_record_is_in_the_currency_of_its_maker() {
    let mock = with_currencies().start().await.unwrap();
    let_the_user_have(&mock, "EUR").await;
    create(&mock, "Opportunity", opportunity("M1", json!({}))).await;
    create(&mock, "Opportunity", opportunity("M2", json!({"CurrencyIsoCode": "JPY"}))).await;
    assert_eq!(told(&mock, "CurrencyIsoCode", "ORDER BY Name", "CurrencyIsoCode").await, json!(["EUR", "JPY"]));
    let other = opportunity("M3", json!({"CurrencyIsoCode": "GBP"}));
    let answer = rest(&mock, "POST", "sobjects/Opportunity").json(&other).send().await;
    assert_eq!(answer.error(), (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST".to_owned()));
}

#[tokio::test]
async fn amounts_are_converted_to_the_currency_of_the_user() {
    let mock = multi_currency().await;
    let by_name = "ORDER BY Name";
    assert_eq!(told(&mock, "Amount", by_name, "Amount").await, json!([100, 95, 9000, null]));
    let converted = told(&mock, "convertCurrency(Amount)", by_name, "Amount").await;
    assert_eq!(converted.to_string(), "[100,105.55555555555556,60,null]");
    let formatted = told(&mock, "FORMAT(convertCurrency(Amount)) text", by_name, "text").await;
    assert_eq!(formatted, json!(["USD 100.00", "USD 105.56", "USD 60.00", null]));
    let formatted = told(&mock, "FORMAT(Amount)", by_name, "Amount").await;
    assert_eq!(formatted, json!(["USD 100.00", "EUR 95.00 (USD 105.56)", "JPY 9,000 (USD 60.00)", null]));

    let_the_user_have(&mock, "EUR").await;
    let both = told(&mock, "Amount, convertCurrency(Amount) mine", by_name, "mine").await;
    assert_eq!(both, json!([90, 95, 54, null]));
    let formatted = told(&mock, "FORMAT(Amount)", by_name, "Amount").await;
    assert_eq!(formatted, json!(["USD 100.00 (EUR 90.00)", "EUR 95.00", "JPY 9,000 (EUR 54.00)", null]));
}

#[tokio::test]
async fn an_amount_over_a_lookup_is_in_the_currency_of_its_own_record() {
    let mock = multi_currency().await;
    let account = create(&mock, "Account", json!({"Name": "A", "CurrencyIsoCode": "JPY", "AnnualRevenue": 300})).await;
    let more = json!({"CurrencyIsoCode": "EUR", "AccountId": account, "Amount": 9});
    create(&mock, "Opportunity", opportunity("M5", more)).await;
    let soql = "SELECT convertCurrency(Account.AnnualRevenue), convertCurrency(Account.AnnualRevenue) a, \
                convertCurrency(Amount) FROM Opportunity WHERE Name = 'M5' AND Account.AnnualRevenue = USD2";
    let found = query(&mock, soql).await["records"][0].clone();
    assert_eq!((&found["Account"]["AnnualRevenue"], &found["a"], &found["Amount"]), (&json!(2), &json!(2), &json!(10)));
    let soql =
        format!("SELECT Id, (SELECT convertCurrency(Amount) FROM Opportunities) FROM Account WHERE Id = '{account}'");
    assert_eq!(query(&mock, &soql).await["records"][0]["Opportunities"]["records"][0]["Amount"], 10);
}

#[tokio::test]
async fn amounts_with_a_code_are_compared_by_their_worth_and_plain_numbers_as_they_stand() {
    let mock = multi_currency().await;
    for (condition, expected) in [
        ("AND Amount > 99", json!(["M1", "M3"])),
        ("AND Amount > USD99", json!(["M1", "M2"])),
        ("AND Amount >= eur90", json!(["M1", "M2"])),
        ("AND Amount = EUR90", json!(["M1"])),
        ("AND Amount = USD60.00", json!(["M3"])),
        ("AND Amount != JPY9000", json!(["M1", "M2", "M4"])),
        ("AND Amount IN (USD100, EUR54)", json!(["M1", "M3"])),
        ("AND Amount NOT IN (USD100, EUR54)", json!(["M2", "M4"])),
        ("AND (NOT Amount < JPY15000)", json!(["M1", "M2", "M4"])),
    ] {
        assert_eq!(told(&mock, "Name", &format!("{condition} ORDER BY Name"), "Name").await, expected, "{condition}");
    }
}

#[tokio::test]
async fn a_search_converts_and_compares_alike() {
    let mock = multi_currency().await;
    let sosl = "FIND {M1 OR M2 OR M3} RETURNING Opportunity(Name, convertCurrency(Amount) WHERE Amount >= USD100 ORDER BY Name)";
    let found = rest(&mock, "GET", &format!("search?q={}", encode(sosl))).send().await.json()["searchRecords"].clone();
    let amounts: Vec<_> =
        found.as_array().unwrap().iter().map(|it| (it["Name"].clone(), it["Amount"].to_string())).collect();
    assert_eq!(amounts, [(json!("M1"), "100".to_owned()), (json!("M2"), "105.55555555555556".to_owned())]);
}

#[tokio::test]
async fn orders_and_aggregates_are_by_the_corporate_currency() {
    let mock = multi_currency().await;
    assert_eq!(told(&mock, "Name", "ORDER BY Amount", "Name").await, json!(["M4", "M3", "M1", "M2"]));
    let descending = told(&mock, "Name", "ORDER BY Amount DESC NULLS LAST", "Name").await;
    assert_eq!(descending, json!(["M2", "M1", "M3", "M4"]));
    let_the_user_have(&mock, "EUR").await;
    patch(
        &mock,
        &format!("Opportunity/{}", one_id(&mock, "SELECT Id FROM Opportunity WHERE Name = 'M2'").await),
        json!({"Amount": 90}),
    )
    .await;
    let soql = "SELECT CurrencyIsoCode c, SUM(Amount) s, MAX(Amount) m, AVG(Amount) a, COUNT(Amount) n FROM Opportunity \
                WHERE Name LIKE 'M_' GROUP BY ROLLUP(CurrencyIsoCode) HAVING SUM(Amount) > 60 ORDER BY SUM(Amount)";
    let rows = query(&mock, soql).await["records"].clone();
    let row = |c: Value, s: u32, n: u8| json!({"attributes": {"type": "AggregateResult"}, "c": c, "s": s, "m": 100, "a": s / u32::from(n), "n": n});
    let both: Vec<_> = rows.as_array().unwrap().iter().filter(|it| !it["c"].is_null()).cloned().collect();
    assert_eq!(both.len(), 2);
    assert!(both.contains(&row(json!("USD"), 100, 1)) && both.contains(&row(json!("EUR"), 100, 1)), "{rows}");
    assert_eq!((&rows[2]["c"], &rows[2]["s"], &rows[2]["n"]), (&Value::Null, &json!(260), &json!(3)));
}

#[tokio::test]
async fn what_salesforce_refuses_is_refused() {
    let mock = multi_currency().await;
    for (soql, code) in [
        ("SELECT Id FROM Opportunity WHERE convertCurrency(Amount) > 5", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity ORDER BY convertCurrency(Amount)", "MALFORMED_QUERY"),
        ("SELECT convertCurrency(Amount) FROM Opportunity GROUP BY convertCurrency(Amount)", "MALFORMED_QUERY"),
        ("SELECT Amount, convertCurrency(Amount) FROM Opportunity", "MALFORMED_QUERY"),
        ("SELECT convertCurrency(Name) FROM Opportunity", "MALFORMED_QUERY"),
        ("SELECT Name, MAX(Amount) FROM Opportunity GROUP BY Name HAVING MAX(Amount) > USD10000", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity WHERE Amount IN (USD5, 6)", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity WHERE Amount > GBP5", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity WHERE Name = USD5", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE Probability > USD5", "INVALID_FIELD"),
    ] {
        assert_eq!(refused(&mock, soql).await, (400, code.to_owned()), "{soql}");
    }
    let formatted = "SELECT FORMAT(MAX(Amount)) FROM Opportunity";
    assert_eq!(refused(&mock, formatted).await, (501, "UNKNOWN_TO_THE_MOCK".to_owned()));
}

#[tokio::test]
async fn rates_change_and_currencies_go_out_of_use() {
    let mock = multi_currency().await;
    let id = one_id(&mock, "SELECT Id FROM CurrencyType WHERE IsoCode = 'JPY'").await;
    patch(&mock, &format!("CurrencyType/{id}"), json!({"ConversionRate": 100})).await;
    let converted = told(&mock, "convertCurrency(Amount)", "AND CurrencyIsoCode = 'JPY'", "Amount").await;
    assert_eq!(converted, json!([90]));
    patch(&mock, &format!("CurrencyType/{id}"), json!({"IsActive": false})).await;
    let soql = "SELECT Id FROM Opportunity WHERE Amount > JPY5";
    assert_eq!(refused(&mock, soql).await, (400, "MALFORMED_QUERY".to_owned()));
    let answer =
        rest(&mock, "POST", "sobjects/CurrencyType").json(&json!({"IsoCode": "GBP", "ConversionRate": 1})).send().await;
    assert_eq!(answer.error(), (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY".to_owned()));
}

#[tokio::test]
async fn a_schema_of_ones_own_and_every_other_keep_the_currencies() {
    let mock = with_currencies().schema(Schema::without_custom(false)).control(true).start().await.unwrap();
    let codes = || async { query(&mock, "SELECT IsoCode FROM CurrencyType").await["totalSize"].clone() };
    assert_eq!(codes().await, 3);
    let amount = "<CustomField><fullName>Price__c</fullName><type>Currency</type><precision>18</precision><scale>2</scale></CustomField>";
    let files = json!({"files": {"objects/Pump__c/fields/Price__c.field-meta.xml": amount}});
    let answer = control(&mock, "PUT", "schema").json(&files).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let records = json!({"records": [{"attributes": {"type": "Pump__c", "referenceId": "P"}, "Name": "P", "CurrencyIsoCode": "EUR", "Price__c": 9}]});
    let answer = control(&mock, "PUT", "records").json(&records).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(codes().await, 3);
    let found = query(&mock, "SELECT convertCurrency(Price__c) FROM Pump__c WHERE Price__c = USD10").await;
    assert_eq!(found["records"][0]["Price__c"], 10);
}
