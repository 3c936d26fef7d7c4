//! Where a token goes.

use mock_salesforce::fingerprint;

use crate::calls::DEFAULTS;
use crate::fixture::Fixture;

#[tokio::test]
async fn the_token_of_the_connection_is_sent_in_its_header_and_nowhere_else() {
    let fixture = Fixture::start().await;
    fixture.read(DEFAULTS).await.unwrap();
    let expected = format!("Bearer {}", fingerprint(&fixture.connection.access_token));
    assert_eq!(fixture.sent_header("authorization"), Some(expected));
    assert!(!format!("{:?}", fixture.mock.ledger()).contains(&fixture.connection.access_token));
}
