//! Lists some accounts of an org, and creates one: `cargo run -- connection.json '{"Name": "Example"}'`.

use std::error::Error;
use std::path::Path;

use salesforce_connections::{ConnectionFile, Session, SessionError};
use salesforce_runtime::bindings::records::{SaveOptions, Target};
use salesforce_runtime::bindings::soql::Query;
use salesforce_runtime::bindings::types::{CallOptions, Outcome};
use salesforce_runtime::{Runtime, RuntimeOptions, names};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(fields)) = (arguments.next(), arguments.next()) else {
        return Err("expected a connection file and the fields of an account".into());
    };

    // Once per process. The directory must belong to this user alone.
    let runtime = Runtime::new(RuntimeOptions { code_cache: Some("code-cache".into()), ..RuntimeOptions::default() })?;
    // Once per component, before the program is busy: this compiles, unless the code is in the cache.
    let connector = runtime.load_bundled()?;
    // Once per store of connections.
    let options = CallOptions { deadline_ms: Some(10_000), max_response_bytes: None, attempts: None };
    let session = Session::new(connector, ConnectionFile::at(Path::new(&file)), options);

    let query = Query {
        soql: "SELECT Id, Name FROM Account ORDER BY Name LIMIT 3".to_owned(),
        parameters: Vec::new(),
        include_deleted: false,
        batch_size: None,
        max_records: None,
    };
    let page = session
        .call(&(), async |execution, connection| execution.soql_query(&connection, &query, options).await)
        .await?;
    println!("{} accounts: {}", page.count, page.records); // A JSON array. `page.next` is there if there are more.

    let save = SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };
    let created = session
        .call(&(), async |execution, connection| {
            execution.create_or_update_record(&connection, "Account", &Target::Create, &fields, &save, options).await
        })
        .await;
    match created {
        Ok(saved) => println!("created {}", saved.id),
        Err(SessionError::Call(error)) => {
            let next = match (error.is_retryable(), error.outcome()) {
                (true, _) => "The same call may succeed later",
                (false, Outcome::Unknown) => "It may have been created: look before you repeat the call",
                (false, _) => "Nothing was created, and the same call would fail again",
            };
            let kind = error.kind().map_or("the host ended it", names::error_kind);
            return Err(format!("{kind}: {error}. {next}.").into());
        }
        Err(error) => return Err(error.into()), // No call was made: the store failed, or the org wants a new login.
    }
    Ok(())
}
