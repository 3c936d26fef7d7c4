//! Many calls in one instance.

use salesforce_streams::bindings::Query;

use crate::fixture::{DEFAULTS, Fixture, read};

const QUERIES: usize = 100;
/// Records of each. They are one page, for an org keeps no more than ten cursors of a user open.
const RECORDS: usize = 250;
/// Records from where one begins to where the next does.
const STEP: usize = 18;

#[tokio::test]
async fn a_hundred_queries_in_one_instance_do_not_mix() {
    let fixture = Fixture::start().await;
    let (all, _) = fixture.read(Query::from("SELECT Id FROM Account ORDER BY Id"), DEFAULTS).await;
    let before = fixture.requests();
    let instance = fixture.execution().start();
    let readers: Vec<_> = (0..QUERIES)
        .map(|number| {
            let from = number * STEP;
            let soql = format!("SELECT Id FROM Account ORDER BY Id LIMIT {RECORDS} OFFSET {from}");
            let query = Query::from(soql.as_str());
            tokio::spawn(read(instance.query_records(fixture.connection.clone(), query, DEFAULTS)))
        })
        .collect();
    for (number, reader) in readers.into_iter().enumerate() {
        let (records, ended) = reader.await.unwrap();
        assert_eq!(ended.unwrap().count, RECORDS as u64);
        assert!(records == all[number * STEP..][..RECORDS], "{number}: {}", records[0]);
    }
    assert_eq!(fixture.requests() - before, QUERIES);
}
