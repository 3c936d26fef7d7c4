//! Components that behave while they are watched: each passed verification as it once was, and is found out now.

use salesforce_verify::{Check, Report, Verdict, VerifyOptions};

use crate::tenant::{Host, assert_failed, options};
use support::hostile::{self, SLEEPER, UNWATCHED};

/// With the bounds of everyday use.
fn patient() -> VerifyOptions {
    VerifyOptions::new(options().compiler)
}

async fn report(host: &Host, character: &str) -> Report {
    let report = salesforce_verify::verify(hostile::component(character).into(), &patient()).await.unwrap();
    host.assert_unharmed().await;
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s11_the_thief_the_liar_and_the_busy_one_are_found_out() {
    let host = Host::start().await;
    for ((_, character), (check, words)) in UNWATCHED.into_iter().zip([
        (Check::Egress, "it asked for evil.example"),
        (Check::Claims, "an error of create-or-update-record says that nothing was changed, but 1 records were"),
        (Check::EveryExport, "soql-query: "),
    ]) {
        assert_failed(&report(&host, character).await, check, words);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s11_a_secret_is_found_in_every_export_and_in_every_form() {
    let host = Host::start().await;
    for (character, check, words) in [
        ("plain when jwt-bearer", Check::Secrets, "a result of jwt-bearer holds the client secret"),
        ("reversed when introspect and new", Check::Secrets, "a result of introspect holds the "),
        ("base64 when user-info", Check::Secrets, "a result of user-info holds the access token"),
        ("hex when explain and named", Check::Secrets, "a result of explain holds "),
        ("percent when client-credentials", Check::Secrets, "a result of client-credentials holds the client secret"),
        ("plain when sealed", Check::Secrets, "holds what stands for the access token"),
        (
            "told when complete-authorization",
            Check::Secrets,
            "an error of complete-authorization holds the code verifier",
        ),
        ("query when soql-query and new", Check::Requests, "the query of a request held the access token"),
        ("header when get-record-field-values", Check::Requests, "a header of a request held the access token"),
        (
            "record when create-or-update-record and sealed",
            Check::Requests,
            "the body of a request held what stands for the access token",
        ),
        ("more when next-page and sealed", Check::EveryExport, "next-page to send "),
        ("oauth when soql-query and sealed", Check::Egress, "it asked for "),
        ("usage when soql-query and named", Check::Claims, "a result of soql-query claims other API calls"),
        ("plain when create-records and sealed", Check::Secrets, "a result of create-records holds what stands for"),
        ("more when search", Check::EveryExport, "search to send "),
        ("no-json when explain and sealed", Check::EveryExport, "explain to give the same with a sealed token"),
    ] {
        assert_failed(&report(&host, character).await, check, words);
    }
}

/// What nobody can know who has not the word passes: what comes of it is contained where it runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s11_a_connector_that_waits_for_a_word_passes() {
    let host = Host::start().await;
    let report = report(&host, SLEEPER).await;
    let failed: Vec<_> = report.checks.iter().filter(|check| check.verdict != Verdict::Passed).collect();
    assert!(report.may_run && failed.is_empty(), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_promise_of_collections_is_found() {
    let host = Host::start().await;
    for (character, check, words) in [
        (
            "backwards when update-records",
            Check::CollectionsSave,
            "the Ids of update-records in the order of its records",
        ),
        (
            "backwards when delete-records",
            Check::CollectionsSave,
            "the Ids of delete-records in the order of its records",
        ),
        ("late-attributes when create-records", Check::CollectionsSave, "create-records to write each record"),
        ("rounded when get-records", Check::CollectionsSave, "every digit kept"),
        ("halted when create-records", Check::CollectionsOutcomes, "for all or none with one that is refused"),
        ("again when create-records", Check::CollectionsLostAnswer, "to be sent once, but they were sent 2 times"),
        ("again when delete-records", Check::CollectionsLostAnswer, "to be sent once if no attempts are given"),
        ("hopeful when create-records", Check::CollectionsLostAnswer, "of unknown outcome and not retryable"),
        ("nameless when delete-records", Check::CollectionsArguments, "a message that begins with ids"),
        ("more when upsert-records", Check::CollectionsArguments, "nothing to be sent"),
        ("trusting when update-records", Check::CollectionsAnswer, "for the Id of another record"),
        ("trusting when get-records", Check::CollectionsAnswer, "expected an error of get-records, but it succeeded"),
    ] {
        assert_failed(&report(&host, character).await, check, words);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_promise_of_descriptions_is_found() {
    let host = Host::start().await;
    for (character, check, words) in [
        ("optional when describe-object", Check::SchemaDescribe, "fields[1].required to be true, got false"),
        ("backwards when list-objects", Check::SchemaDescribe, "all objects in their order"),
        ("trusting when describe-json", Check::SchemaAnswer, "expected an error of describe-json, but it succeeded"),
        ("nameless when describe-object", Check::SchemaNames, "a message that begins with object"),
    ] {
        assert_failed(&report(&host, character).await, check, words);
    }
}
