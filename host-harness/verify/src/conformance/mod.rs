//! The conformance suite: a component runs in the real runtime against a Salesforce in memory, once for each check, with
//! a fresh org each time. What it is called with looks like production's and is made up anew ([`material`]), with an open token
//! and with a sealed one. The org's side of each call is watched ([`watch`]), and so is what comes back ([`bench`]).

mod bench;
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

/// A sealed token opens the data API alone, so what takes the app's secret to OAuth is tried with an open one here.
/// `every_export` tries all of it both ways, in its own turn.
const OPEN: &[Mode] = &[Mode::Open];
const BOTH: &[Mode] = &[Mode::Open, Mode::Sealed];

/// The checks that a component's calls decide, with what decides them.
const CHECKS: &[(Check, &[Mode], Run)] = &[
    (Check::OauthBegin, OPEN, |bench| Box::pin(oauth::begin(bench))),
    (Check::OauthComplete, OPEN, |bench| Box::pin(oauth::complete(bench))),
    (Check::OauthStateMismatch, OPEN, |bench| Box::pin(oauth_trust::state_mismatch(bench))),
    (Check::OauthDenied, OPEN, |bench| Box::pin(oauth_trust::denied(bench))),
    (Check::OauthRefresh, OPEN, |bench| Box::pin(oauth::refresh(bench))),
    (Check::OauthRefreshOnce, OPEN, |bench| Box::pin(oauth_trust::refresh_once(bench))),
    (Check::OauthKeptTokens, OPEN, |bench| Box::pin(oauth_trust::kept_tokens(bench))),
    (Check::OauthForeignInstance, OPEN, |bench| Box::pin(oauth_trust::foreign_instance(bench))),
    (Check::OauthForgedSignature, OPEN, |bench| Box::pin(oauth_trust::forged_signature(bench))),
    (Check::OauthClientCredentials, OPEN, |bench| Box::pin(oauth::client_credentials(bench))),
    (Check::OauthTokens, OPEN, |bench| Box::pin(oauth::tokens(bench))),
    (Check::SoqlQuery, BOTH, |bench| Box::pin(soql::query(bench))),
    (Check::SoqlBinding, BOTH, |bench| Box::pin(soql::binding(bench))),
    (Check::SoqlPaging, BOTH, |bench| Box::pin(paging::all_pages(bench))),
    (Check::SoqlUnknownTotal, BOTH, |bench| Box::pin(paging::unknown_total(bench))),
    (Check::SoqlMaxRecords, BOTH, |bench| Box::pin(paging::max_records(bench))),
    (Check::SoqlEveryDigit, BOTH, |bench| Box::pin(soql::every_digit(bench))),
    (Check::SoqlErrors, BOTH, |bench| Box::pin(soql::errors(bench))),
    (Check::SoqlHostileNextUrl, BOTH, |bench| Box::pin(paging::hostile_next_url(bench))),
    (Check::SoqlPageLoop, BOTH, |bench| Box::pin(paging::page_loop(bench))),
    (Check::SoqlIncompletePage, BOTH, |bench| Box::pin(paging::incomplete_page(bench))),
    (Check::SoqlForeignCursor, BOTH, |bench| Box::pin(paging::foreign_cursor(bench))),
    (Check::SoqlRepeatedRead, BOTH, |bench| Box::pin(soql::repeated_read(bench))),
    (Check::RecordsFieldValues, BOTH, |bench| Box::pin(records::field_values(bench))),
    (Check::RecordsSave, BOTH, |bench| Box::pin(records::save(bench))),
    (Check::RecordsErrors, BOTH, |bench| Box::pin(records_faults::errors(bench))),
    (Check::RecordsCreateOnce, BOTH, |bench| Box::pin(records_faults::create_once(bench))),
    (Check::RecordsNames, BOTH, |bench| Box::pin(records_faults::names(bench))),
    (Check::HostileText, BOTH, |bench| Box::pin(hostile::text(bench))),
    (Check::HostileInstanceUrl, BOTH, |bench| Box::pin(hostile::instance_url(bench))),
    (Check::HostileRedirect, BOTH, |bench| Box::pin(hostile::redirect(bench))),
    (Check::HostileAnswer, BOTH, |bench| Box::pin(hostile::answer(bench))),
    (Check::LimitBytes, BOTH, |bench| Box::pin(limits::bytes(bench))),
    (Check::LimitTime, BOTH, |bench| Box::pin(limits::time(bench))),
    (Check::EveryExport, OPEN, |bench| Box::pin(every_export::every_export(bench))),
];

/// Runs all of them, one after the other, as long as there is time; then says what was seen in all.
///
/// # Errors
///
/// [`VerifyError::Mock`].
pub(super) async fn run(subject: &Subject, time: Duration) -> Result<Vec<Finding>, VerifyError> {
    let mut findings = Vec::new();
    let all = Instant::now();
    for (check, modes, run) in CHECKS {
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
    findings.push(none(Check::Secrets, seen.leaks));
    findings.push(none(Check::Requests, seen.requests));
    findings.push(none(Check::Claims, seen.claims));
    findings.push(none(Check::Egress, subject.refused_hosts()));
    Ok(findings)
}

fn none(check: Check, seen: Vec<String>) -> Finding {
    if seen.is_empty() { Finding::passed(check, None) } else { Finding::failed(check, seen) }
}
