//! The conformance suite: a component runs in the real runtime against a Salesforce in memory, once for each check, with
//! a fresh org each time. What it is called with looks like production's and is made up anew ([`material`]), with an open token
//! and with a sealed one. The org's side of each call is watched ([`watch`]), and so is what comes back ([`bench`]).

mod bench;
mod by_name;
mod collections;
mod collections_faults;
mod every_export;
mod expect;
mod hostile;
mod judge;
mod limits;
mod material;
mod needles;
mod oauth;
mod oauth_trust;
mod paging;
mod records;
mod records_faults;
mod schema;
mod shown;
mod soql;
mod watch;

use std::pin::Pin;
use std::time::{Duration, Instant};

use super::VerifyError;
use super::report::{Check, Finding};
pub(super) use bench::Subject;
use bench::{Bench, Mode};
use expect::Checked;

type Run = for<'a> fn(&'a Bench<'a>) -> Pin<Box<dyn Future<Output = Checked> + Send + 'a>>;

/// A sealed token opens the data API and user info alone, so what takes the app's secret to OAuth is tried with an open one here.
/// `every_export` tries all of it both ways, in its own turn.
const OPEN: &[Mode] = &[Mode::Open];
const BOTH: &[Mode] = &[Mode::Open, Mode::Sealed];

/// A function of each interface that a check calls: the interface is there if it is.
const OAUTH: &[&str] = &["begin-authorization"];
const SOQL: &[&str] = &["soql-query"];
const RECORDS: &[&str] = &["soql-query", "create-or-update-record"];
const COLLECTIONS: &[&str] = &["create-records"];
const SCHEMA: &[&str] = &["describe-object"];
const ANY: &[&str] = &[];

/// Why what is seen in calls says nothing.
const NOTHING_IS_CALLED: &str =
    "the component has none of the connector's functions, and actions of its own are not called";

/// The checks that a component's calls decide, with what they call and what decides them.
const CHECKS: &[(Check, &[&str], &[Mode], Run)] = &[
    (Check::OauthBegin, OAUTH, OPEN, |bench| Box::pin(oauth::begin(bench))),
    (Check::OauthComplete, OAUTH, OPEN, |bench| Box::pin(oauth::complete(bench))),
    (Check::OauthStateMismatch, OAUTH, OPEN, |bench| Box::pin(oauth_trust::state_mismatch(bench))),
    (Check::OauthDenied, OAUTH, OPEN, |bench| Box::pin(oauth_trust::denied(bench))),
    (Check::OauthRefresh, OAUTH, OPEN, |bench| Box::pin(oauth::refresh(bench))),
    (Check::OauthRefreshOnce, OAUTH, OPEN, |bench| Box::pin(oauth_trust::refresh_once(bench))),
    (Check::OauthKeptTokens, OAUTH, OPEN, |bench| Box::pin(oauth_trust::kept_tokens(bench))),
    (Check::OauthForeignInstance, OAUTH, OPEN, |bench| Box::pin(oauth_trust::foreign_instance(bench))),
    (Check::OauthForgedSignature, OAUTH, OPEN, |bench| Box::pin(oauth_trust::forged_signature(bench))),
    (Check::OauthClientCredentials, OAUTH, OPEN, |bench| Box::pin(oauth::client_credentials(bench))),
    (Check::OauthTokens, OAUTH, OPEN, |bench| Box::pin(oauth::tokens(bench))),
    (Check::SoqlQuery, SOQL, BOTH, |bench| Box::pin(soql::query(bench))),
    (Check::SoqlBinding, SOQL, BOTH, |bench| Box::pin(soql::binding(bench))),
    (Check::SoqlPaging, SOQL, BOTH, |bench| Box::pin(paging::all_pages(bench))),
    (Check::SoqlUnknownTotal, SOQL, BOTH, |bench| Box::pin(paging::unknown_total(bench))),
    (Check::SoqlMaxRecords, SOQL, BOTH, |bench| Box::pin(paging::max_records(bench))),
    (Check::SoqlEveryDigit, SOQL, BOTH, |bench| Box::pin(soql::every_digit(bench))),
    (Check::SoqlErrors, SOQL, BOTH, |bench| Box::pin(soql::errors(bench))),
    (Check::SoqlHostileNextUrl, SOQL, BOTH, |bench| Box::pin(paging::hostile_next_url(bench))),
    (Check::SoqlPageLoop, SOQL, BOTH, |bench| Box::pin(paging::page_loop(bench))),
    (Check::SoqlIncompletePage, SOQL, BOTH, |bench| Box::pin(paging::incomplete_page(bench))),
    (Check::SoqlForeignCursor, SOQL, BOTH, |bench| Box::pin(paging::foreign_cursor(bench))),
    (Check::SoqlRepeatedRead, SOQL, BOTH, |bench| Box::pin(soql::repeated_read(bench))),
    (Check::RecordsFieldValues, RECORDS, BOTH, |bench| Box::pin(records::field_values(bench))),
    (Check::RecordsSave, RECORDS, BOTH, |bench| Box::pin(records::save(bench))),
    (Check::RecordsErrors, RECORDS, BOTH, |bench| Box::pin(records_faults::errors(bench))),
    (Check::RecordsCreateOnce, RECORDS, BOTH, |bench| Box::pin(records_faults::create_once(bench))),
    (Check::RecordsNames, RECORDS, BOTH, |bench| Box::pin(records_faults::names(bench))),
    (Check::CollectionsSave, COLLECTIONS, BOTH, |bench| Box::pin(collections::save(bench))),
    (Check::CollectionsOutcomes, COLLECTIONS, BOTH, |bench| Box::pin(collections::outcomes(bench))),
    (Check::CollectionsLostAnswer, COLLECTIONS, BOTH, |bench| Box::pin(collections_faults::lost_answer(bench))),
    (Check::CollectionsArguments, COLLECTIONS, BOTH, |bench| Box::pin(collections_faults::arguments(bench))),
    (Check::CollectionsAnswer, COLLECTIONS, BOTH, |bench| Box::pin(collections_faults::answer(bench))),
    (Check::SchemaDescribe, SCHEMA, BOTH, |bench| Box::pin(schema::describe(bench))),
    (Check::SchemaAnswer, SCHEMA, BOTH, |bench| Box::pin(schema::answer(bench))),
    (Check::SchemaNames, SCHEMA, BOTH, |bench| Box::pin(schema::names(bench))),
    (Check::HostileText, SOQL, BOTH, |bench| Box::pin(hostile::text(bench))),
    (Check::HostileInstanceUrl, SOQL, BOTH, |bench| Box::pin(hostile::instance_url(bench))),
    (Check::HostileRedirect, RECORDS, BOTH, |bench| Box::pin(hostile::redirect(bench))),
    (Check::HostileAnswer, RECORDS, BOTH, |bench| Box::pin(hostile::answer(bench))),
    (Check::LimitBytes, RECORDS, BOTH, |bench| Box::pin(limits::bytes(bench))),
    (Check::LimitTime, RECORDS, BOTH, |bench| Box::pin(limits::time(bench))),
    (Check::EveryExport, ANY, OPEN, |bench| Box::pin(every_export::every_export(bench))),
];

/// Runs all of them, one after the other, as long as there is time; then says what was seen in all.
///
/// # Errors
///
/// [`VerifyError::Mock`].
pub(super) async fn run(subject: &Subject, time: Duration) -> Result<Vec<Finding>, VerifyError> {
    let mut findings = Vec::new();
    let all = Instant::now();
    let is_called = every_export::are_any_in(subject);
    for (check, calls, modes, run) in CHECKS {
        let missing: Vec<_> = calls.iter().filter(|function| !subject.has(function)).collect();
        if !missing.is_empty() {
            let missing: Vec<_> = missing.iter().map(|function| format!("`{function}`")).collect();
            let words = format!("the component has no {}", missing.join(" and no "));
            findings.push(Finding::does_not_apply(*check, &words));
            continue;
        }
        if !is_called {
            findings.push(Finding::does_not_apply(*check, NOTHING_IS_CALLED));
            continue;
        }
        if all.elapsed() > time {
            findings.push(Finding::not_run(*check, &format!("the {} s for all checks were over", time.as_secs())));
            continue;
        }
        let started = Instant::now();
        let mut finding = Finding::passed(*check, None);
        for mode in *modes {
            let bench = Bench::start(subject, *mode).await?;
            let ended = run(&bench).await.and_then(|()| bench.nothing_went_elsewhere());
            bench.finish();
            if let Err(miss) = ended {
                let told = bench.without_secrets(&format!("{}{}", mode.told(), miss.0));
                finding = Finding::failed(*check, [told]);
                break;
            }
        }
        findings.push(finding.since(started));
    }
    let seen = subject.seen();
    let none = |check: Check, seen: Vec<String>| match (is_called, seen.is_empty()) {
        (false, _) => Finding::does_not_apply(check, NOTHING_IS_CALLED),
        (true, true) => Finding::passed(check, None),
        (true, false) => Finding::failed(check, seen),
    };
    findings.push(none(Check::Secrets, seen.leaks));
    findings.push(none(Check::Requests, seen.requests));
    findings.push(none(Check::Claims, seen.claims));
    findings.push(none(Check::Egress, subject.refused_hosts()));
    Ok(findings)
}
