//! The steps that go wrong, and what the component and its host make of them. Against the mock alone.

use mock_salesforce::MockSalesforce;
use salesforce_runtime::ExecutionError;

use super::stage::expect;
use super::tour::{Tour, query};
use super::write::no_save_options;
use crate::cli::{Effect, Failure, error_kind};
use salesforce_connections::ConnectionFile;
use salesforce_runtime::bindings::records::Target;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

/// A record that Salesforce refuses.
///
/// # Errors
/// Any step that does not do what it says.
pub(super) async fn refused_record(tour: &mut Tour) -> Result<(), Failure> {
    tour.stage.begin("A validation rule refuses a record")?;
    let fields = r#"{"Invoice_Number__c":"2026-0002","Amount__c":-1}"#.to_owned();
    tour.stage.asked(&format!("create-or-update-record  Invoice__c, create\n{fields}"))?;
    let (options, save) = (tour.options, no_save_options());
    let result = tour
        .call(Effect::Write, async |execution, connection| {
            execution.create_or_update_record(&connection, "Invoice__c", &Target::Create, &fields, &save, options).await
        })
        .await;
    let Err(Failure::Call(ExecutionError::Connector(error), _)) = result else {
        return expect(false, "an error of the component");
    };
    expect(error.kind == ErrorKind::InvalidRecord && error.outcome == Outcome::Rejected, "invalid-record, rejected")?;
    let named = error.problems.iter().any(|problem| problem.fields.iter().any(|field| field == "Amount__c"));
    expect(named, "the field that is wrong")?;
    for problem in &error.problems {
        tour.stage.answered(&format!(
            "{} (Salesforce refused; nothing was changed)\n{}: {} [{}]",
            error_kind(error.kind),
            problem.code,
            problem.message,
            problem.fields.join(", ")
        ))?;
    }
    tour.stage.end()
}

/// A session that expires, healed by one refresh.
///
/// # Errors
/// Any step that does not do what it says.
pub(super) async fn expired_session(
    tour: &mut Tour,
    mock: &MockSalesforce,
    file: &ConnectionFile,
) -> Result<(), Failure> {
    tour.stage.begin("The session expires; the host heals it with one refresh")?;
    mock.expire_access_tokens();
    let before = file.read().map_err(Failure::Connection)?;
    let refreshes = mock.ledger().token_requests("refresh_token");
    let page = tour.query(&query("SELECT COUNT() FROM Account", Vec::new())).await?;
    let after = file.read().map_err(Failure::Connection)?;
    let once = mock.ledger().token_requests("refresh_token") == refreshes + 1;
    expect(once, "exactly one refresh")?;
    let new = before.access_token() != after.access_token() && before.refresh_token() != after.refresh_token();
    expect(new, "a new access token and a rotated refresh token in the connection file")?;
    tour.stage.answered("session-expired (the component never refreshes by itself)")?;
    tour.stage.answered("oauth.refresh: new tokens, stored before anything else; the refresh token was rotated")?;
    tour.stage.answered(&format!("the same query again: {} accounts", page.total_size.unwrap_or_default()))?;
    tour.stage.end()
}
