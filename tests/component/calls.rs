//! The calls as tests make them: each in a fresh instance, in the fixture's session.

use std::fmt::Debug;

use mock_salesforce::org::WriteOptions;
use salesforce_actions::{Actions, Call};
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::oauth::TokenSet;
use salesforce_runtime::bindings::records::{ExternalId, FieldValues, RecordKey, SaveOptions, Saved, Target, Upsert};
use salesforce_runtime::bindings::soql::{Argument, Page, Parameter, Query, Value};
use salesforce_runtime::bindings::types::{CallOptions, Error};
use serde_json::Value as Json;

use crate::fixture::{Fixture, refused};
use crate::sentinel;

/// The attempts and the deadline that callers get who ask for nothing else.
pub(crate) const DEFAULTS: CallOptions = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };

/// One attempt.
pub(crate) const ONCE: CallOptions = CallOptions { attempts: Some(1), ..DEFAULTS };

/// One attempt, for answers that never come.
pub(crate) const SHORT: CallOptions = CallOptions { deadline_ms: Some(300), ..ONCE };

/// Salesforce's own defaults.
pub(crate) const PLAIN: SaveOptions =
    SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };

/// The org's administrator, who may delete anything.
const ADMINISTRATOR: &str = "0055g0000000000AAA";

type Result<T> = std::result::Result<T, ExecutionError>;

impl Fixture {
    /// Any action, by its name and with its input as the API has it.
    pub(crate) async fn act(&self, action: &str, input: &Json, options: CallOptions) -> Result<Json> {
        let call = Call::parse(Actions::of_connector(), action, &input.to_string()).unwrap();
        let answer = call.run(self.execution(), &self.connection, options).await;
        seen(answer.map(|answer| serde_json::from_str(answer.to_json().unwrap().get()).unwrap()))
    }

    pub(crate) async fn query(&self, query: &Query) -> Result<Page> {
        self.query_with(query, DEFAULTS).await
    }

    pub(crate) async fn query_with(&self, query: &Query, options: CallOptions) -> Result<Page> {
        seen(self.execution().soql_query(&self.connection, query, options).await)
    }

    /// A query that cannot be wrong, for what happens on its way.
    pub(crate) async fn read(&self, options: CallOptions) -> Result<Page> {
        self.query_with(&query("SELECT Id FROM User"), options).await
    }

    pub(crate) async fn next_page(&self, cursor: &str) -> Result<Page> {
        seen(self.execution().next_page(&self.connection, &cursor.to_owned(), DEFAULTS).await)
    }

    /// The rows of a query that fit on one page.
    pub(crate) async fn rows(&self, query: &Query) -> Vec<Json> {
        let page = self.query(query).await.unwrap();
        let rows = rows(&page);
        assert_eq!(Some(rows.len() as u64), page.total_size);
        rows
    }

    /// Their names.
    pub(crate) async fn names(&self, query: &Query) -> Vec<String> {
        self.rows(query).await.iter().map(|row| row["Name"].as_str().unwrap().to_owned()).collect()
    }

    /// The answer of a query that counts.
    pub(crate) async fn count(&self, query: &Query) -> u64 {
        let page = self.query(query).await.unwrap();
        assert_eq!((page.count, page.records.as_str()), (0, "[]"));
        page.total_size.unwrap()
    }

    pub(crate) async fn values(&self, object: &str, key: &RecordKey, fields: &[&str]) -> Result<FieldValues> {
        let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
        seen(self.execution().get_record_field_values(&self.connection, object, key, &fields, DEFAULTS).await)
    }

    pub(crate) async fn save(&self, object: &str, target: &Target, fields: &str) -> Result<Saved> {
        self.save_with(object, target, fields, &PLAIN, DEFAULTS).await
    }

    pub(crate) async fn save_with(
        &self,
        object: &str,
        target: &Target,
        fields: &str,
        save: &SaveOptions,
        options: CallOptions,
    ) -> Result<Saved> {
        let (execution, fields) = (self.execution(), fields.to_owned());
        let result = execution.create_or_update_record(&self.connection, object, target, &fields, save, options).await;
        self.told.record(object, target, &result);
        seen(result)
    }

    /// Creates an account that cannot be wrong, for what happens on its way.
    pub(crate) async fn create_account(&self, options: CallOptions) -> Result<Saved> {
        self.save_with("Account", &Target::Create, r#"{"Name":"Once"}"#, &PLAIN, options).await
    }

    /// The Id of an account that is there from now on.
    pub(crate) async fn new_account(&self) -> String {
        self.create_account(DEFAULTS).await.unwrap().id
    }

    /// The Id of an account that is in the recycle bin.
    pub(crate) async fn deleted_account(&self) -> String {
        let id = self.new_account().await;
        let options = WriteOptions::new(ADMINISTRATOR, "v67.0");
        self.mock.org(|org| org.delete("Account", &id, &options)).unwrap();
        id
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Result<TokenSet> {
        let result = self.execution().refresh(&self.app(), refresh_token, DEFAULTS).await;
        self.plant_tokens(&result);
        result
    }

    /// New tokens are secrets from now on.
    pub(crate) fn plant_tokens(&self, result: &Result<TokenSet>) {
        if let Ok(tokens) = result {
            self.sentinels.plant(&tokens.access_token);
            tokens.refresh_token.iter().for_each(|token| self.sentinels.plant(token));
        }
    }

    /// The error of a query, for what happens on its way.
    pub(crate) async fn read_error(&self, options: CallOptions) -> Error {
        refused(self.read(options).await)
    }

    /// The error of a create, for what happens on its way.
    pub(crate) async fn create_error(&self, options: CallOptions) -> Error {
        refused(self.create_account(options).await)
    }
}

/// A result as its caller sees it; those of OAuth are not for showing, for tokens are what they are.
fn seen<T: Debug>(result: Result<T>) -> Result<T> {
    sentinel::emit(&result);
    result
}

/// The records of a page, as many as it says.
pub(crate) fn rows(page: &Page) -> Vec<Json> {
    let rows: Vec<Json> = serde_json::from_str(&page.records).unwrap();
    assert_eq!(rows.len(), page.count as usize);
    rows
}

/// A query with nothing bound.
pub(crate) fn query(soql: &str) -> Query {
    Query { soql: soql.to_owned(), parameters: Vec::new(), include_deleted: false, batch_size: None, max_records: None }
}

/// A query with one parameter, `:x`.
pub(crate) fn with_x(soql: &str, argument: Argument) -> Query {
    bound(soql, &[("x", argument)])
}

/// A query with parameters.
pub(crate) fn bound(soql: &str, parameters: &[(&str, Argument)]) -> Query {
    let parameters = parameters
        .iter()
        .map(|(name, argument)| Parameter { name: (*name).to_owned(), argument: argument.clone() })
        .collect();
    Query { parameters, ..query(soql) }
}

pub(crate) fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

pub(crate) fn external_id(field: &str, value: &str) -> ExternalId {
    ExternalId { field: field.to_owned(), value: value.to_owned() }
}

/// A record by an external Id.
pub(crate) fn by(field: &str, value: &str) -> RecordKey {
    RecordKey::ExternalId(external_id(field, value))
}

pub(crate) fn upsert(field: &str, value: &str, update_only: bool) -> Target {
    Target::Upsert(Upsert { external_id: external_id(field, value), update_only })
}
