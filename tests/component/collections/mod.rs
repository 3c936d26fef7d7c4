//! Many records in one request, through the component.

mod create;
mod delete;
mod faults;
mod get;
mod update;
mod upsert;

use mock_salesforce::Fault;
use mock_salesforce::ledger::WriteKind;
use salesforce_runtime::bindings::types::{CallOptions, Error};
use serde_json::{Value, json};

use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, refused};

/// Where collections are.
const COLLECTIONS: &str = "/services/data/v67.0/composite/sobjects";
const TWICE: CallOptions = CallOptions { attempts: Some(2), ..DEFAULTS };

impl Fixture {
    /// An account each, and their Ids.
    async fn accounts<const N: usize>(&self) -> [String; N] {
        let mut ids = Vec::new();
        for _ in 0..N {
            ids.push(self.new_account().await);
        }
        ids.try_into().unwrap()
    }

    /// Writes records; every new one is remembered as told.
    async fn write_all(&self, action: &str, input: Value, options: CallOptions) -> Vec<Value> {
        let answer = self.act(action, &input, options).await.unwrap();
        let results = answer["results"].as_array().unwrap().clone();
        for result in results.iter().filter(|result| result["ok"]["created"] == true) {
            let object = input["object"].as_str().unwrap_or("Account");
            self.told.created(object, result["ok"]["id"].as_str().unwrap());
        }
        results
    }

    /// The error of a call that has no results.
    async fn no_results(&self, action: &str, input: Value, options: CallOptions) -> Error {
        refused(self.act(action, &input, options).await)
    }

    /// How many records were written so.
    fn count_of(&self, kind: WriteKind) -> usize {
        self.writes().iter().filter(|(written, _)| *written == kind).count()
    }
}

/// The answer that the org gives is another one.
fn instead(body: Value) -> Fault {
    Fault::Replace(body)
}

/// Accounts to create.
fn new(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({"object": "Account", "fields": {"Name": name}})).collect()
}

/// What a caller decides by.
fn decision(result: &Value) -> (&str, &str, bool) {
    let error = &result["error"];
    let text = |name: &str| error[name].as_str().unwrap();
    (text("kind"), text("outcome"), error["retryable"].as_bool().unwrap())
}
