//! The calls that a worker makes, and what must hold of each answer whatever went wrong on its way.

use std::collections::HashSet;

use fastrand::Rng;
use salesforce_runtime::bindings::records::{ExternalId, RecordKey, SaveOptions, Saved, Target, Upsert};
use salesforce_runtime::bindings::soql::{Argument, Page, Parameter, Query, Value};
use salesforce_runtime::{Connector, ExecutionError};
use serde_json::Value as Json;

use crate::tenant::{OPTIONS, Tenant};
use salesforce_runtime::bindings::types::{Connection, Outcome};

const PLAIN: SaveOptions = SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };

/// How a call ended for its caller.
pub(crate) enum End {
    Succeeded,
    Failed(Outcome),
}

/// A record that a caller wanted to make, and what it was told.
pub(crate) struct Write {
    /// Its name, or the value of its external Id: of this call alone.
    pub(crate) name: String,
    pub(crate) told: Told,
}

/// What a caller was told of its create.
pub(crate) enum Told {
    Created,
    Nothing,
    Unknown,
}

/// One call, by name. A promise that was broken is an error with a description.
pub(crate) async fn any(
    tenant: &Tenant,
    connector: &Connector,
    random: &mut Rng,
    unique: &str,
) -> (&'static str, Result<End, String>, Option<Write>) {
    match random.u8(0..16) {
        0..=2 => ("soql-query", one_page(tenant, connector).await, None),
        3 | 4 => ("soql-query, bound", bound(tenant, connector).await, None),
        5 => ("soql-query, all pages", all_pages(tenant, connector).await, None),
        6..=8 => ("get-record-field-values", field_values(tenant, connector).await, None),
        9 => ("user-info", user_info(tenant, connector).await, None),
        10..=13 => {
            let (end, write) = create(tenant, connector, unique).await;
            ("create", end, Some(write))
        }
        _ => {
            let (end, write) = upsert(tenant, connector, unique).await;
            ("upsert", end, Some(write))
        }
    }
}

/// A create or a query at a server that breaks every answer: neither may succeed.
pub(crate) async fn at_broken_wire(
    connector: &Connector,
    connection: Connection,
    random: &mut Rng,
) -> (&'static str, Result<End, String>) {
    let policy =
        salesforce_runtime::egress::EgressPolicy::origins([connection.instance_url.parse().unwrap()]).allow_loopback();
    let execution = connector.execution(policy);
    if random.bool() {
        let fields = r#"{"Name":"Once"}"#.to_owned();
        let result =
            execution.create_or_update_record(&connection, "Account", &Target::Create, &fields, &PLAIN, OPTIONS).await;
        ("create on a broken wire", never_succeeds(result))
    } else {
        let result = execution.soql_query(&connection, &query("SELECT Id FROM User", vec![], None), OPTIONS).await;
        ("soql-query on a broken wire", never_succeeds(result))
    }
}

fn never_succeeds<T>(result: Result<T, ExecutionError>) -> Result<End, String> {
    match result {
        Ok(_) => Err("a broken answer was told as a success".to_owned()),
        Err(error) => ended(&error),
    }
}

async fn one_page(tenant: &Tenant, connector: &Connector) -> Result<End, String> {
    let users = tenant.mock.org(|org| org.count("User"));
    let page = run(tenant, connector, query("SELECT Id FROM User", vec![], None)).await;
    checked(page, |page| whole(&page, users))
}

async fn bound(tenant: &Tenant, connector: &Connector) -> Result<End, String> {
    let name = "O'Brien & Söhne GmbH";
    let parameter = Parameter { name: "name".to_owned(), argument: Argument::One(Value::Text(name.to_owned())) };
    let soql = "SELECT Id, Name FROM Account WHERE Name = :name";
    let page = run(tenant, connector, query(soql, vec![parameter], None)).await;
    checked(page, |page| {
        whole(&page, 1)?;
        let rows: Json = serde_json::from_str(&page.records).map_err(|error| error.to_string())?;
        expect(rows[0]["Name"] == name, "another account came")
    })
}

async fn all_pages(tenant: &Tenant, connector: &Connector) -> Result<End, String> {
    let soql = "SELECT Id FROM Account WHERE ERP_Id__c != null";
    let page = run(tenant, connector, query(soql, vec![], Some(100_000))).await;
    checked(page, |page| {
        if page.next.is_none() {
            whole(&page, 2_086)?;
        }
        let rows: Vec<Json> = serde_json::from_str(&page.records).map_err(|error| error.to_string())?;
        let ids: HashSet<_> = rows.iter().map(|row| row["Id"].as_str()).collect();
        expect(ids.len() == page.count as usize, "a record came twice")
    })
}

async fn field_values(tenant: &Tenant, connector: &Connector) -> Result<End, String> {
    let key = RecordKey::ExternalId(ExternalId { field: "ERP_Id__c".to_owned(), value: "ERP-000000".to_owned() });
    let fields = ["AnnualRevenue", "Name"].map(str::to_owned);
    let (key, fields) = (&key, &fields);
    let found = tenant.call(connector, |execution, connection| async move {
        execution.get_record_field_values(&connection, "Account", key, fields, OPTIONS).await
    });
    let expected = r#"{"AnnualRevenue":9007199254740993,"Name":"Acme Corporation"}"#;
    checked(found.await, |found| expect(found.values == expected, "other values came"))
}

async fn user_info(tenant: &Tenant, connector: &Connector) -> Result<End, String> {
    let user = tenant
        .call(connector, |execution, connection| async move { execution.user_info(&connection, OPTIONS).await })
        .await;
    checked(user, |user| expect(user.username.as_deref() == Some(tenant.username), "another user came"))
}

async fn create(tenant: &Tenant, connector: &Connector, unique: &str) -> (Result<End, String>, Write) {
    save(tenant, connector, "Account", &Target::Create, &format!(r#"{{"Name":"{unique}"}}"#), unique).await
}

async fn upsert(tenant: &Tenant, connector: &Connector, unique: &str) -> (Result<End, String>, Write) {
    let external_id = ExternalId { field: "Invoice_Number__c".to_owned(), value: unique.to_owned() };
    let target = Target::Upsert(Upsert { external_id, update_only: false });
    save(tenant, connector, "Invoice__c", &target, r#"{"Amount__c":1}"#, unique).await
}

async fn save(
    tenant: &Tenant,
    connector: &Connector,
    object: &str,
    target: &Target,
    fields: &str,
    unique: &str,
) -> (Result<End, String>, Write) {
    let fields = &fields.to_owned();
    let saved: Result<Saved, _> = tenant
        .call(connector, |execution, connection| async move {
            execution.create_or_update_record(&connection, object, target, fields, &PLAIN, OPTIONS).await
        })
        .await;
    let told = match &saved {
        Ok(_) => Told::Created,
        Err(error) if error.outcome() == Outcome::Unknown => Told::Unknown,
        Err(_) => Told::Nothing,
    };
    (checked(saved, |_| Ok(())), Write { name: unique.to_owned(), told })
}

async fn run(tenant: &Tenant, connector: &Connector, query: Query) -> Result<Page, ExecutionError> {
    let query = &query;
    tenant
        .call(connector, |execution, connection| async move { execution.soql_query(&connection, query, OPTIONS).await })
        .await
}

fn query(soql: &str, parameters: Vec<Parameter>, max_records: Option<u32>) -> Query {
    Query { soql: soql.to_owned(), parameters, include_deleted: false, batch_size: None, max_records }
}

fn checked<T>(result: Result<T, ExecutionError>, check: impl FnOnce(T) -> Result<(), String>) -> Result<End, String> {
    match result {
        Ok(answer) => check(answer).map(|()| End::Succeeded),
        Err(error) => ended(&error),
    }
}

/// An error of the component is a good end. One of the host is not: the connector never traps or outstays its time.
fn ended(error: &ExecutionError) -> Result<End, String> {
    match error {
        ExecutionError::Connector(error) => Ok(End::Failed(error.outcome)),
        ExecutionError::Host(failure) => Err(format!("the host stopped the component: {failure}")),
    }
}

fn whole(page: &Page, count: usize) -> Result<(), String> {
    let told = (page.count as usize, page.total_size, page.next.is_none());
    expect(told == (count, Some(count as u64), true), &format!("expected {count} records, got {told:?}"))
}

fn expect(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}
