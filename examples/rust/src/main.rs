//! Takes the connector through a refresh, the three actions and an error of each, and prints a line of JSON for each
//! step.
//!
//! ```sh
//! SALESFORCE_CONNECTION=connection.json cargo run -p salesforce-example -- salesforce.wasm
//! ```
//!
//! It writes two accounts, so run it against `harness mock` or a scratch org. `../README.md` says how.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use salesforce_connections::{ConnectionError, ConnectionFile, ConnectionStore as _, Observer, SessionError};
use salesforce_runtime::bindings::records::{FieldValues, RecordKey, SaveOptions, Saved, Target};
use salesforce_runtime::bindings::soql::{Argument, Page, Parameter, Query, Value as SoqlValue};
use salesforce_runtime::bindings::types::{CallOptions, Connection, Outcome};
use salesforce_runtime::{ExecutionError, Runtime, RuntimeOptions};
use salesforce_runtime::{component, names};
use serde_json::{Value, json};

/// Calls with the connection in a file. The file is the one that `harness login` writes, and its lock is the harness's too,
/// so both may use it at once.
type Session = salesforce_connections::Session<ConnectionFile>;
type Called<T> = Result<T, SessionError<ConnectionError>>;

/// The same for every call here; a save may set off much work in an org.
const OPTIONS: CallOptions = CallOptions { deadline_ms: Some(12_000), max_response_bytes: None, attempts: None };

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let usage = "expected: SALESFORCE_CONNECTION=FILE salesforce-example COMPONENT.wasm, with a FILE that \
                 `harness login` wrote";
    let component = std::env::args_os().nth(1).context(usage)?;
    let file = std::env::var_os("SALESFORCE_CONNECTION").context(usage)?;

    let wasm = std::fs::read(&component).with_context(|| format!("reading {}", component.display()))?;
    let runtime = Runtime::new(RuntimeOptions::default())?;
    let connector = runtime.load(&wasm)?;
    let file = ConnectionFile::at(Path::new(&file));
    let session = Session::new(connector.clone(), file, OPTIONS).observed(Arc::new(Printer));
    println!("{}", json!({"did": "component", "sha256": component::digest(&wasm)}));

    // SOQL query. If the session has expired, this heals it.
    let page = query(
        &session,
        "SELECT Name FROM Account WHERE Name LIKE :pattern ORDER BY Name LIMIT 3",
        &[("pattern", "%a%")],
    )
    .await?;
    let records: Vec<Value> = serde_json::from_str(&page.records)?;
    let names: Vec<_> = records.iter().map(|record| record.get("Name")).collect();
    // The total is none where Salesforce does not know it, as for big objects.
    println!("{}", json!({"did": "soql-query", "count": page.count, "total": page.total_size, "names": names}));

    // Create, read, update.
    let fields = json!({"Name": "Example", "AccountNumber": number()});
    let created = save(&session, "Account", Target::Create, &fields).await?;
    println!("{}", json!({"did": "create-or-update-record", "id": created.id, "created": created.created}));
    let values = read(&session, "Account", &created.id, &["Name", "AccountNumber", "Owner.Name"]).await?.values;
    let values: Value = serde_json::from_str(&values)?;
    println!("{}", json!({"did": "get-record-field-values", "values": values}));
    let updated = save(&session, "Account", Target::Update(created.id), &json!({"Name": "Example, renamed"})).await?;
    println!("{}", json!({"did": "create-or-update-record", "id": updated.id, "created": updated.created}));

    // What Salesforce refuses.
    refused("soql-query", query(&session, "SELECT NoSuchField FROM Account", &[]).await)?;
    refused("get-record-field-values", read(&session, "Account", "001000000000000AAA", &["Name"]).await)?;
    let nobody = save(&session, "Contact", Target::Create, &json!({"FirstName": "Nobody"})).await;
    refused("create-or-update-record", nobody)?;

    // A create that nobody answers is not sent again: only a look tells whether there is a record.
    let other = number();
    let fields = json!({"Name": "Example", "AccountNumber": other});
    match save(&session, "Account", Target::Create, &fields).await {
        Ok(saved) => println!("{}", json!({"did": "create-or-update-record", "id": saved.id, "created": true})),
        Err(error) => {
            let unknown = matches!(&error, SessionError::Call(error) if error.outcome() == Outcome::Unknown);
            refused::<Saved>("create-or-update-record", Err(error))?;
            if !unknown {
                bail!("the create failed");
            }
            let soql = "SELECT Id FROM Account WHERE AccountNumber = :number";
            let found = query(&session, soql, &[("number", &other)]).await?;
            println!("{}", json!({"did": "soql-query", "count": found.count, "number": other}));
        }
    }

    // A refresh token that is none.
    let stored = session.store().load(&()).await?;
    let refreshed = connector.execution(stored.policy()).refresh(&stored.app(), "not-a-refresh-token", OPTIONS).await;
    refused("refresh", refreshed.map_err(SessionError::Call))?;

    // An org that this host does not allow.
    let elsewhere = Connection {
        instance_url: "https://example.my.salesforce.com".to_owned(),
        access_token: "not-a-token".to_owned(),
        api_version: None,
    };
    let user = connector.execution(stored.policy()).user_info(&elsewhere, OPTIONS).await;
    refused("user-info", user.map_err(SessionError::Call))
}

async fn query(session: &Session, soql: &str, texts: &[(&str, &str)]) -> Called<Page> {
    let parameter = |(name, text): &(&str, &str)| Parameter {
        name: (*name).to_owned(),
        argument: Argument::One(SoqlValue::Text((*text).to_owned())),
    };
    let query = Query {
        soql: soql.to_owned(),
        parameters: texts.iter().map(parameter).collect(),
        include_deleted: false,
        batch_size: None,
        max_records: None,
    };
    session.call(&(), async |execution, connection| execution.soql_query(&connection, &query, OPTIONS).await).await
}

async fn read(session: &Session, object: &str, id: &str, fields: &[&str]) -> Called<FieldValues> {
    let key = RecordKey::Id(id.to_owned());
    let fields: Vec<_> = fields.iter().map(|&field| field.to_owned()).collect();
    session
        .call(&(), async |execution, connection| {
            execution.get_record_field_values(&connection, object, &key, &fields, OPTIONS).await
        })
        .await
}

async fn save(session: &Session, object: &str, target: Target, fields: &Value) -> Called<Saved> {
    let fields = fields.to_string();
    let defaults = SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };
    session
        .call(&(), async |execution, connection| {
            execution.create_or_update_record(&connection, object, &target, &fields, &defaults, OPTIONS).await
        })
        .await
}

/// Tells that the session had expired.
struct Printer;

impl Observer<()> for Printer {
    fn refreshed(&self, (): &(), rotated: bool) {
        println!("{}", json!({"did": "refresh", "because": "session-expired", "rotated": rotated}));
    }
}

/// A number that no other account has.
fn number() -> String {
    format!("{:016x}", fastrand::u64(..))
}

/// Tells an error of the connector; anything else ends the program.
fn refused<T>(did: &str, answer: Called<T>) -> anyhow::Result<()> {
    let Err(error) = answer else { bail!("{did} succeeded") };
    match error {
        SessionError::Call(ExecutionError::Connector(error)) => {
            let (kind, outcome) = (names::error_kind(error.kind), names::outcome(error.outcome));
            println!("{}", json!({"did": did, "kind": kind, "outcome": outcome}));
            Ok(())
        }
        other => Err(other.into()),
    }
}
