//! User info, changes and searches: what they send, and that they give the same with either token.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::super::bench::Bench;
use super::super::expect::{Checked, expect};
use super::super::material::{pick, small, word};
use super::{Seen, Trial};

const DAY: u64 = 86_400;

/// A span of the last two weeks that is over.
pub(super) fn span(bench: &Bench<'_>) -> [String; 2] {
    let days = 2 + u64::from(small(10));
    let ago = |days: u64| (bench.mock.now() - Duration::from_secs(days * DAY)).to_string();
    [ago(days), ago(days - 1)]
}

impl Trial<'_> {
    /// Calls an action that sends one request, and tells this member of what it gives.
    async fn seen(&self, action: &str, input: &Json, member: &str, sent: (&'static str, &str)) -> Checked<Seen> {
        let given = self.act(action, input).await;
        let given = self.bench.done(action, given)?;
        let gave = given.json.get(member).map(Json::to_string).unwrap_or_default();
        Ok(Seen { sent: vec![(sent.0, self.data(sent.1))], gave })
    }
}

pub(super) async fn updated_records(trial: &Trial<'_>) -> Checked<Seen> {
    let [start, end] = &trial.arguments.span;
    let input = json!({"object": "Account", "start": start, "end": end});
    trial.seen("updated-records", &input, "ids", ("GET", "sobjects/Account/updated")).await
}

pub(super) async fn deleted_records(trial: &Trial<'_>) -> Checked<Seen> {
    let [start, end] = &trial.arguments.span;
    let input = json!({"object": "Contact", "start": start, "end": end});
    trial.seen("deleted-records", &input, "records", ("GET", "sobjects/Contact/deleted")).await
}

pub(super) async fn changed_records(trial: &Trial<'_>) -> Checked<Seen> {
    let request = json!({"fields": trial.arguments.fields, "since": "2026-01-01T00:00:00Z", "max_records": 5});
    let input = json!({"object": "Account", "request": request});
    trial.seen("changed-records", &input, "records", ("GET", "query")).await
}

pub(super) async fn search(trial: &Trial<'_>) -> Checked<Seen> {
    let scope = pick(&[None, Some("all"), Some("name")]);
    let request = json!({"objects": [{"object": "Account", "fields": ["Id", "Name"]}], "scope": scope});
    let input = json!({"text": "steel", "request": request});
    trial.seen("search", &input, "records", ("POST", "parameterizedSearch")).await
}

pub(super) async fn sosl_search(trial: &Trial<'_>) -> Checked<Seen> {
    let name = format!("{}_{}", word(), small(100));
    let sosl = format!("FIND {{:{name}}} IN NAME FIELDS RETURNING Account(Id, Name)");
    let input = json!({"sosl": sosl, "parameters": {name: "steel"}});
    trial.seen("sosl-search", &input, "records", ("GET", "search")).await
}

pub(super) async fn user_info(trial: &Trial<'_>) -> Checked<Seen> {
    let user = trial.execution().user_info(&trial.connection(), trial.arguments.options).await;
    let user = trial.bench.done("user-info", user)?;
    expect(user.username.as_ref() == Some(&trial.bench.material.username), || "the user's own name".to_owned())?;
    Ok(Seen { sent: vec![("GET", "/services/oauth2/userinfo".to_owned())], gave: user.claims })
}
