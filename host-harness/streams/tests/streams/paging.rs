//! When pages are asked for: the first at once, each further one while the one before is read, and none that nobody reads.

use crate::fixture::{ACCOUNTS, DEFAULTS, FURTHER, Fixture, QUERY, accounts};

/// Records of a page.
const PAGE: usize = 500;

#[tokio::test]
async fn the_first_record_is_out_before_the_second_page_is_asked_for() {
    let mut fixture = Fixture::start().await;
    let mut records = fixture.records(accounts(), DEFAULTS);
    assert!(records.next().await.is_some());
    assert_eq!((fixture.arrival().await.as_str(), fixture.requests()), (QUERY, 1));
    // The component waits for its reader before it has handed over half of the page, so it cannot have asked meanwhile.
    for _ in 1..PAGE / 4 {
        records.next().await.unwrap();
    }
    assert_eq!(fixture.requests(), 1);
}

#[tokio::test]
async fn the_next_page_comes_while_the_last_is_read_and_no_further_one() {
    let mut fixture = Fixture::start().await;
    let mut records = fixture.records(accounts(), DEFAULTS);
    let mut read = 0;
    for page in 1..=ACCOUNTS / PAGE {
        let path = fixture.arrival().await;
        assert!(if page == 1 { path == QUERY } else { path.starts_with(FURTHER) }, "{path}");
        assert_eq!(fixture.requests(), page);
        // Three quarters of the page are read; the next one is asked for without a further read.
        while read < (page - 1) * PAGE + PAGE * 3 / 4 {
            records.next().await.unwrap();
            read += 1;
        }
    }
    assert!(fixture.arrival().await.starts_with(FURTHER), "the last page");
    while records.next().await.is_some() {
        read += 1;
    }
    assert_eq!((read, records.finish().await.unwrap().count), (ACCOUNTS, ACCOUNTS as u64));
    assert_eq!(fixture.requests(), ACCOUNTS / PAGE + 1);
}
