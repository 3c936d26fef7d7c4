//! The conformance suite: a component runs in the real runtime against a Salesforce in memory, once for each check, with
//! a fresh org each time.

mod bench;
mod expect;
mod hostile;
mod limits;
mod oauth;
mod oauth_trust;
mod paging;
mod records;
mod records_faults;
mod soql;

use std::pin::Pin;
use std::time::{Duration, Instant};

use super::VerifyError;
use super::report::{Check, Finding};
use bench::Bench;
pub(super) use bench::Subject;
use expect::Checked;

type Run = for<'a> fn(&'a Bench<'a>) -> Pin<Box<dyn Future<Output = Checked> + Send + 'a>>;

/// The checks that a component's calls decide, with what decides them.
const CHECKS: &[(Check, Run)] = &[
    (Check::OauthBegin, |bench| Box::pin(oauth::begin(bench))),
    (Check::OauthComplete, |bench| Box::pin(oauth::complete(bench))),
    (Check::OauthStateMismatch, |bench| Box::pin(oauth_trust::state_mismatch(bench))),
    (Check::OauthDenied, |bench| Box::pin(oauth_trust::denied(bench))),
    (Check::OauthRefresh, |bench| Box::pin(oauth::refresh(bench))),
    (Check::OauthRefreshOnce, |bench| Box::pin(oauth_trust::refresh_once(bench))),
    (Check::OauthForeignInstance, |bench| Box::pin(oauth_trust::foreign_instance(bench))),
    (Check::OauthForgedSignature, |bench| Box::pin(oauth_trust::forged_signature(bench))),
    (Check::OauthClientCredentials, |bench| Box::pin(oauth::client_credentials(bench))),
    (Check::OauthTokens, |bench| Box::pin(oauth::tokens(bench))),
    (Check::SoqlQuery, |bench| Box::pin(soql::query(bench))),
    (Check::SoqlBinding, |bench| Box::pin(soql::binding(bench))),
    (Check::SoqlPaging, |bench| Box::pin(paging::all_pages(bench))),
    (Check::SoqlMaxRecords, |bench| Box::pin(paging::max_records(bench))),
    (Check::SoqlEveryDigit, |bench| Box::pin(soql::every_digit(bench))),
    (Check::SoqlErrors, |bench| Box::pin(soql::errors(bench))),
    (Check::SoqlHostileNextUrl, |bench| Box::pin(paging::hostile_next_url(bench))),
    (Check::SoqlPageLoop, |bench| Box::pin(paging::page_loop(bench))),
    (Check::SoqlIncompletePage, |bench| Box::pin(paging::incomplete_page(bench))),
    (Check::SoqlForeignCursor, |bench| Box::pin(paging::foreign_cursor(bench))),
    (Check::SoqlRepeatedRead, |bench| Box::pin(soql::repeated_read(bench))),
    (Check::RecordsFieldValues, |bench| Box::pin(records::field_values(bench))),
    (Check::RecordsSave, |bench| Box::pin(records::save(bench))),
    (Check::RecordsErrors, |bench| Box::pin(records_faults::errors(bench))),
    (Check::RecordsCreateOnce, |bench| Box::pin(records_faults::create_once(bench))),
    (Check::RecordsNames, |bench| Box::pin(records_faults::names(bench))),
    (Check::HostileText, |bench| Box::pin(hostile::text(bench))),
    (Check::HostileInstanceUrl, |bench| Box::pin(hostile::instance_url(bench))),
    (Check::HostileRedirect, |bench| Box::pin(hostile::redirect(bench))),
    (Check::HostileAnswer, |bench| Box::pin(hostile::answer(bench))),
    (Check::LimitBytes, |bench| Box::pin(limits::bytes(bench))),
    (Check::LimitTime, |bench| Box::pin(limits::time(bench))),
];

/// Runs all of them, one after the other, as long as there is time; then says what was seen in all.
///
/// # Errors
///
/// [`VerifyError::Mock`].
pub(super) async fn run(subject: &Subject, time: Duration) -> Result<Vec<Finding>, VerifyError> {
    let mut findings = Vec::new();
    let all = Instant::now();
    for (check, run) in CHECKS {
        if all.elapsed() > time {
            findings.push(Finding::not_run(*check, &format!("the {} s for all checks were over", time.as_secs())));
            continue;
        }
        let bench = Bench::start(subject).await?;
        let started = Instant::now();
        let finding = match run(&bench).await.and_then(|()| bench.nothing_went_elsewhere()) {
            Ok(()) => Finding::passed(*check, None),
            Err(miss) => Finding::failed(*check, [bench.without_secrets(&miss.0)]),
        };
        findings.push(finding.since(started));
    }
    findings.push(none(Check::Secrets, subject.leaks()));
    findings.push(none(Check::Egress, subject.refused_hosts()));
    Ok(findings)
}

fn none(check: Check, seen: Vec<String>) -> Finding {
    if seen.is_empty() { Finding::passed(check, None) } else { Finding::failed(check, seen) }
}
