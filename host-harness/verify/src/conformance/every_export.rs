//! Each function of the world, called as an execution of production calls it: with arguments made up anew, with an open token
//! and with a sealed one, and seen from the org.

mod bulk;
mod collections;
mod files;
mod invoked;
mod oauth;
mod org;
mod readers;
mod several;

use std::pin::Pin;

use serde_json::{Value as Json, json};

use super::bench::{Bench, Mode, Subject};
use super::by_name::act;
use super::expect::{Checked, Miss, expect};
use super::material::{letters, number, pick, shuffled, small, word};
use super::shown::ShownResult;
use salesforce_runtime::bindings::records::{RecordKey, SaveOptions, Target};
use salesforce_runtime::bindings::soql::{Argument, Parameter, Query, Value};
use salesforce_runtime::bindings::types::{CallOptions, Connection};
use salesforce_runtime::egress::Refusals;
use salesforce_runtime::{Execution, ExecutionError};

type Run = for<'a> fn(&'a Trial<'a>) -> Pin<Box<dyn Future<Output = Checked<Seen>> + Send + 'a>>;

/// Every function of the world. A test holds it against the WIT.
const EXPORTS: &[(&str, Run)] = &[
    ("begin-authorization", |trial| Box::pin(oauth::begin_authorization(trial))),
    ("complete-authorization", |trial| Box::pin(oauth::complete_authorization(trial))),
    ("refresh", |trial| Box::pin(oauth::refresh(trial))),
    ("client-credentials", |trial| Box::pin(oauth::client_credentials(trial))),
    ("jwt-bearer", |trial| Box::pin(oauth::jwt_bearer(trial))),
    ("revoke", |trial| Box::pin(oauth::revoke(trial))),
    ("introspect", |trial| Box::pin(oauth::introspect(trial))),
    ("soql-query", |trial| Box::pin(soql_query(trial))),
    ("next-page", |trial| Box::pin(next_page(trial))),
    ("explain", |trial| Box::pin(explain(trial))),
    ("get-record-field-values", |trial| Box::pin(get_record_field_values(trial))),
    ("create-or-update-record", |trial| Box::pin(create_or_update_record(trial))),
    ("delete-record", |trial| Box::pin(delete_record(trial))),
    ("create-records", |trial| Box::pin(collections::create_records(trial))),
    ("update-records", |trial| Box::pin(collections::update_records(trial))),
    ("upsert-records", |trial| Box::pin(collections::upsert_records(trial))),
    ("delete-records", |trial| Box::pin(collections::delete_records(trial))),
    ("get-records", |trial| Box::pin(collections::get_records(trial))),
    ("list-objects", |trial| Box::pin(org::list_objects(trial))),
    ("describe-object", |trial| Box::pin(org::describe_object(trial))),
    ("describe-json", |trial| Box::pin(org::describe_json(trial))),
    ("org-limits", |trial| Box::pin(org::org_limits(trial))),
    ("record-counts", |trial| Box::pin(org::record_counts(trial))),
    ("recent-items", |trial| Box::pin(org::recent_items(trial))),
    ("updated-records", |trial| Box::pin(readers::updated_records(trial))),
    ("deleted-records", |trial| Box::pin(readers::deleted_records(trial))),
    ("changed-records", |trial| Box::pin(readers::changed_records(trial))),
    ("search", |trial| Box::pin(readers::search(trial))),
    ("sosl-search", |trial| Box::pin(readers::sosl_search(trial))),
    ("composite", |trial| Box::pin(several::composite(trial))),
    ("graph", |trial| Box::pin(several::graph(trial))),
    ("invocable-action", |trial| Box::pin(invoked::invocable_action(trial))),
    ("describe-invocable-action", |trial| Box::pin(invoked::describe_invocable_action(trial))),
    ("quick-action", |trial| Box::pin(invoked::quick_action(trial))),
    ("approval", |trial| Box::pin(invoked::approval(trial))),
    ("apex-rest", |trial| Box::pin(invoked::apex_rest(trial))),
    ("run-report", |trial| Box::pin(invoked::run_report(trial))),
    ("start-report", |trial| Box::pin(invoked::start_report(trial))),
    ("report-instance", |trial| Box::pin(invoked::report_instance(trial))),
    ("create-query-job", |trial| Box::pin(bulk::create_query_job(trial))),
    ("get-query-job", |trial| Box::pin(bulk::get_query_job(trial))),
    ("get-query-results", |trial| Box::pin(bulk::get_query_results(trial))),
    ("create-ingest-job", |trial| Box::pin(bulk::create_ingest_job(trial))),
    ("upload-job-data", |trial| Box::pin(bulk::upload_job_data(trial))),
    ("close-ingest-job", |trial| Box::pin(bulk::close_ingest_job(trial))),
    ("get-ingest-job", |trial| Box::pin(bulk::get_ingest_job(trial))),
    ("get-ingest-results", |trial| Box::pin(bulk::get_ingest_results(trial))),
    ("abort-job", |trial| Box::pin(bulk::abort_job(trial))),
    ("delete-job", |trial| Box::pin(bulk::delete_job(trial))),
    ("download-blob", |trial| Box::pin(files::download_blob(trial))),
    ("upload-file", |trial| Box::pin(files::upload_file(trial))),
    ("link-file", |trial| Box::pin(files::link_file(trial))),
    ("user-info", |trial| Box::pin(readers::user_info(trial))),
];

/// One call of one function.
struct Trial<'a> {
    bench: &'a Bench<'a>,
    arguments: &'a Arguments,
    mode: Mode,
    refusals: Refusals,
}

/// What a call must have sent, each a method and how the path begins, and what it gave, if that is the same each time.
struct Seen {
    sent: Vec<(&'static str, String)>,
    gave: String,
}

/// What reads are asked for: the same with an open token and with a sealed one.
struct Arguments {
    api_version: String,
    query: Query,
    pages: Query,
    record: RecordKey,
    fields: Vec<String>,
    /// Two days, one after the other, of this month.
    span: [String; 2],
    options: CallOptions,
}

/// Whether the component has any of them: else nothing of it is called.
pub(super) fn are_any_in(subject: &Subject) -> bool {
    EXPORTS.iter().any(|(name, _)| subject.has(name))
}

pub(super) async fn every_export(bench: &Bench<'_>) -> Checked {
    let arguments = Arguments::new(bench);
    for (name, run) in shuffled(EXPORTS).into_iter().filter(|(name, _)| bench.has(name)) {
        let mut gave = Vec::new();
        for mode in shuffled(&[Mode::Open, Mode::Sealed]) {
            let trial = Trial { bench, arguments: &arguments, mode, refusals: Refusals::default() };
            let before = bench.requests();
            let seen = run(&trial).await;
            // A sealed component is not let to where it takes the app's secret: that it asks is no fault.
            let own = [bench.material.host.as_str(), bench.material.login_host];
            bench.note_refusals(&trial.refusals, if mode == Mode::Sealed && is_oauth(name) { &own } else { &[] });
            let seen = seen.map_err(|miss| Miss(format!("{}{}", mode.told(), miss.0)))?;
            let sent = bench.requests_since(before);
            let fits = |((method, path), (expected, begin)): (&(String, String), &(&str, String))| {
                method == expected && path.starts_with(begin.as_str())
            };
            expect(sent.len() == seen.sent.len() && sent.iter().zip(&seen.sent).all(fits), || {
                format!("{}{name} to send {:?}, but what came was {sent:?}", mode.told(), seen.sent)
            })?;
            gave.push(seen.gave);
        }
        expect(gave.first() == gave.last(), || {
            format!("{name} to give the same with a sealed token as with an open one")
        })?;
    }
    Ok(())
}

fn is_oauth(export: &str) -> bool {
    EXPORTS.iter().take_while(|(name, _)| *name != "soql-query").any(|(name, _)| *name == export)
}

impl Arguments {
    fn new(bench: &Bench<'_>) -> Self {
        let version = format!("v{}.0", 58 + small(10));
        let object = pick(&["Account", "Contact", "Opportunity", "Case", "Invoice__c"]);
        let since = format!("20{}-0{}-{}T0{}:00:00Z", 10 + small(10), 1 + small(9), 10 + small(18), small(10));
        let name = format!("{}_{}", word(), small(100));
        let soql = format!(
            "SELECT {} FROM {object} WHERE CreatedDate > :{name} LIMIT {}",
            fields(bench, object),
            1 + small(150)
        );
        let argument = Argument::One(Value::Datetime(since));
        let pages = format!("SELECT {} FROM Account", fields(bench, "Account"));
        Self {
            api_version: version,
            query: Query { parameters: vec![Parameter { name, argument }], ..plain(soql) },
            pages: Query { batch_size: Some(200 + u16::try_from(small(600)).unwrap_or_default()), ..plain(pages) },
            record: RecordKey::Id(account(bench)),
            fields: fields(bench, "Account").split(", ").map(str::to_owned).collect(),
            span: readers::span(bench),
            options: CallOptions {
                deadline_ms: Some(20_000 + small(40_000)),
                max_response_bytes: Some(8_000_000 + number(8_000_000)),
                attempts: pick(&[None, Some(1), Some(2), Some(3)]),
            },
        }
    }
}

fn plain(soql: String) -> Query {
    Query { soql, parameters: Vec::new(), include_deleted: false, batch_size: None, max_records: None }
}

/// Some of an object's fields.
fn fields(bench: &Bench<'_>, object: &str) -> String {
    let all: Vec<&'static str> = bench.mock.org(|org| {
        org.object(object).map(|object| object.fields.iter().map(|field| field.name).collect()).unwrap_or_default()
    });
    let some = 2 + usize::try_from(small(5)).unwrap_or_default();
    shuffled(&all).into_iter().take(some).collect::<Vec<_>>().join(", ")
}

/// The Id of an account.
fn account(bench: &Bench<'_>) -> String {
    record(bench, "Account", "001", 2_000)
}

/// The Id of an opportunity, which nothing else refers to.
fn opportunity(bench: &Bench<'_>) -> String {
    record(bench, "Opportunity", "006", 200)
}

fn record(bench: &Bench<'_>, object: &str, prefix: &str, most: u64) -> String {
    bench.mock.org(|org| {
        loop {
            let id = mock_salesforce::org::RecordId::numbered(prefix, number(most))
                .map(|id| id.to_string())
                .unwrap_or_default();
            if org.row(object, &id, Some(&["Id"]), "v67.0").is_ok() {
                return id;
            }
        }
    })
}

impl Trial<'_> {
    fn execution(&self) -> Execution {
        self.bench.execution_in(self.mode, &self.refusals)
    }

    fn connection(&self) -> Connection {
        let api_version = Some(self.arguments.api_version.clone());
        Connection { api_version, ..self.bench.connection_in(self.mode) }
    }

    /// Any action, by its name.
    async fn act(&self, action: &str, input: &Json) -> Result<ShownResult, ExecutionError> {
        act(self.execution(), &self.connection(), self.arguments.options, action, input).await
    }

    /// Where the data API is.
    fn data(&self, path: &str) -> String {
        format!("/services/data/{}/{path}", self.arguments.api_version)
    }
}

async fn soql_query(trial: &Trial<'_>) -> Checked<Seen> {
    let page = trial.execution().soql_query(&trial.connection(), &trial.arguments.query, trial.arguments.options).await;
    let page = trial.bench.done("soql-query", page)?;
    Ok(Seen {
        sent: vec![("GET", trial.data("query"))],
        gave: format!("{:?} {} {:?}", page.total_size, page.records, page.next),
    })
}

async fn next_page(trial: &Trial<'_>) -> Checked<Seen> {
    let (connection, options) = (trial.connection(), trial.arguments.options);
    let first = trial.execution().soql_query(&connection, &trial.arguments.pages, options).await;
    let cursor = trial.bench.done("soql-query", first)?.next.unwrap_or_default();
    let page = trial.execution().next_page(&connection, &cursor, options).await;
    let page = trial.bench.done("next-page", page)?;
    let sent = vec![("GET", trial.data("query")), ("GET", trial.data("query/"))];
    Ok(Seen { sent, gave: format!("{:?} {}", page.total_size, page.records) })
}

async fn explain(trial: &Trial<'_>) -> Checked<Seen> {
    let plans = trial.execution().explain(&trial.connection(), &trial.arguments.query, trial.arguments.options).await;
    Ok(Seen { gave: trial.bench.done("explain", plans)?, sent: vec![("GET", trial.data("query"))] })
}

async fn get_record_field_values(trial: &Trial<'_>) -> Checked<Seen> {
    let Arguments { record, fields, options, .. } = trial.arguments;
    let execution = trial.execution();
    let values = execution.get_record_field_values(&trial.connection(), "Account", record, fields, *options).await;
    let values = trial.bench.done("get-record-field-values", values)?;
    Ok(Seen { sent: vec![("GET", trial.data("sobjects/Account/"))], gave: values.values })
}

async fn create_or_update_record(trial: &Trial<'_>) -> Checked<Seen> {
    let name = format!("{} {} {}", word(), word(), letters(6));
    let (object, fields) = match small(3) {
        0 => ("Account", json!({"Name": name})),
        1 => ("Contact", json!({"LastName": name, "Email": format!("{}@{}.com", letters(9), word())})),
        _ => ("Opportunity", json!({"Name": name, "StageName": "Prospecting", "CloseDate": "2027-03-31"})),
    };
    let save = SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };
    let execution = trial.execution();
    let (connection, options, fields) = (trial.connection(), trial.arguments.options, fields.to_string());
    let saved = execution.create_or_update_record(&connection, object, &Target::Create, &fields, &save, options).await;
    let saved = trial.bench.done("create-or-update-record", saved)?;
    let last = trial.bench.mock.ledger().writes().last().map(|write| write.id.clone());
    expect(saved.created && Some(saved.id) == last, || "the Id of the record that was made".to_owned())?;
    Ok(Seen { sent: vec![("POST", trial.data(&format!("sobjects/{object}")))], gave: String::new() })
}

async fn delete_record(trial: &Trial<'_>) -> Checked<Seen> {
    let record = opportunity(trial.bench);
    let input = json!({"object": "Opportunity", "key": {"id": record}});
    let given = trial.act("delete-record", &input).await;
    let given = trial.bench.done("delete-record", given)?;
    expect(given.json.get("already_deleted") == Some(&false.into()), || {
        "the record to be deleted by this call".to_owned()
    })?;
    let last = trial.bench.mock.ledger().writes().last().map(|write| write.id.clone());
    expect(last.as_ref() == Some(&record), || "the record that was named to be deleted, and no other".to_owned())?;
    Ok(Seen { sent: vec![("DELETE", trial.data(&format!("sobjects/Opportunity/{record}")))], gave: String::new() })
}

#[cfg(test)]
mod tests;
