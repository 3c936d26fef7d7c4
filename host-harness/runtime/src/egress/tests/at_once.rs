//! How many requests one execution may have open.

use super::*;

#[tokio::test]
async fn one_request_too_many_fails_and_its_place_is_free_when_another_body_is_gone() {
    let server = Wire::start([vec![Step::Read, Step::write(OK), Step::Repeat]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let egress = egress(EgressLimits { requests_at_once: 2, ..EgressLimits::default() }, &[]);
    let journal = Journal::default();
    let mut execution = ExecutionEgress::new(egress.clone(), Arc::new(policy(&origin)), journal.clone());
    let mut start = || Box::into_pin(execution.send_request(get(&origin), None, Box::new(async { Ok(()) })));

    let (first, _) = start().await.unwrap();
    let second = start();
    let refused = start().await;
    assert!(matches!(refused, Err(Error::ConnectionLimitReached)), "{:?}", refused.err());
    assert_eq!(server.requests().len(), 1, "what was refused did not leave");

    assert_eq!(text(first).await.unwrap(), "ok");
    let (third, _) = start().await.unwrap();
    assert_eq!(text(third).await.unwrap(), "ok");
    let (second, _) = second.await.unwrap();
    drop(second);

    // Each execution has places of its own.
    let (other, _) = send(&egress, &policy(&origin), get(&origin)).await;
    assert_eq!(text(other.unwrap()).await.unwrap(), "ok");
}
