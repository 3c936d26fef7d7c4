//! What an embedder is told of exchanges.

use std::sync::Mutex;

use tokio::net::TcpListener;

use super::*;
use crate::egress::{ExchangeFailure, ExchangeObserver, ExchangeReport};

/// An egress, and what was told of its exchanges so far.
fn observed(limits: EgressLimits) -> (Arc<Egress>, Arc<Mutex<Vec<ExchangeReport>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let observer = ExchangeObserver::new(move |report| tell.lock().unwrap().push(report.clone()));
    (Arc::new(Egress::new(limits, Bodies::Held, &[], (Hosts::default(), None), Some(observer)).unwrap()), told)
}

/// The one report so far.
fn only(told: &Mutex<Vec<ExchangeReport>>) -> ExchangeReport {
    let told = std::mem::take(&mut *told.lock().unwrap());
    let [report] = told.try_into().unwrap();
    report
}

#[tokio::test]
async fn an_exchange_is_told_once_its_answer_was_read() {
    let server = Wire::start([vec![Step::Read, Step::write(OK), Step::Repeat]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let (egress, told) = observed(EgressLimits::default());
    for reused in [false, true] {
        let (answer, _) = send(&egress, &policy(&origin), post(&format!("{origin}/001?q=x"), "four")).await;
        let answer = answer.unwrap();
        assert!(told.lock().unwrap().is_empty(), "its body is still to be read");
        assert_eq!(text(answer).await.unwrap(), "ok");
        let report = only(&told);
        assert_eq!((report.origin.to_string(), report.method, report.status), (origin.clone(), "POST", Some(200)));
        assert_eq!((report.failure, report.bytes_sent, report.bytes_received), (None, 4, 2));
        assert_eq!((report.reused, report.connect.is_some()), (Some(reused), !reused));
        let first_byte = report.first_byte.unwrap();
        assert!(report.connect.is_none_or(|connect| connect <= first_byte) && first_byte <= report.total);
    }
    let empty = Wire::start([vec![Step::Read, Step::write("HTTP/1.1 204 No Content\r\n\r\n")]]).await.unwrap();
    let origin = format!("http://{}", empty.address());
    let (answer, _) = send(&egress, &policy(&origin), get(&origin)).await;
    assert_eq!(only(&told).failure, None, "there is no body to wait for");
    drop(answer);
    assert!(told.lock().unwrap().is_empty(), "it was told before");
}

#[tokio::test]
async fn an_exchange_without_a_whole_answer_is_told_with_what_came_of_it() {
    use ExchangeFailure::{Broken, NotConnected, TimedOut, TooLarge};
    let half = "HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":";
    let limits = EgressLimits { response_body_bytes: 100, ..impatient() };
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (script, failure, status, bytes) in [
        (None, NotConnected, None, (0, 0)),
        (Some(vec![Step::Read, Step::Hang]), TimedOut, None, (2, 0)),
        (Some(vec![Step::Read, Step::write(half), Step::Hang]), TimedOut, Some(201), (2, 6)),
        (Some(vec![Step::Read, Step::write(half)]), Broken, Some(201), (2, 6)),
        (Some(vec![Step::Read]), Broken, None, (2, 0)),
        (Some(vec![Step::Read, Step::write(half.replace("100", "101"))]), TooLarge, Some(201), (2, 0)),
    ] {
        let server = Wire::start(script.clone()).await.unwrap();
        let origin = format!("http://{}", if script.is_some() { server.address() } else { nobody });
        let (egress, told) = observed(limits.clone());
        let (answer, _) = send(&egress, &policy(&origin), post(&origin, "{}")).await;
        if let Ok(answer) = answer {
            text(answer).await.unwrap_err();
        }
        let report = only(&told);
        assert_eq!((report.failure, report.status), (Some(failure), status), "{report:?}");
        assert_eq!((report.bytes_sent, report.bytes_received), bytes, "{report:?}");
        assert_eq!(report.reused, script.is_some().then_some(false), "{report:?}");
    }
}

#[tokio::test]
async fn what_nobody_waits_for_is_told_as_abandoned_and_what_never_was_on_the_network_is_not_told() {
    let server = Wire::start([vec![Step::Read, Step::write(OK), Step::Repeat]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let (egress, told) = observed(EgressLimits::default());
    let (answer, _) = send(&egress, &policy(&origin), get(&origin)).await;
    drop(answer);
    let report = only(&told);
    assert_eq!((report.failure, report.status), (Some(ExchangeFailure::Abandoned), Some(200)));

    let silent = Wire::start([vec![Step::Read, Step::Hang]]).await.unwrap();
    let origin = format!("http://{}", silent.address());
    let patience = Duration::from_millis(100);
    assert!(tokio::time::timeout(patience, send(&egress, &policy(&origin), get(&origin))).await.is_err());
    let report = only(&told);
    assert_eq!((report.failure, report.status), (Some(ExchangeFailure::Abandoned), None));

    let (refused, _) = send(&egress, &policy("https://example.com"), get(&origin)).await;
    assert!(refused.is_err() && told.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_method_of_a_components_own_is_not_told_by_its_name() {
    let server = Wire::start([vec![Step::Read, Step::write(OK)]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let (egress, told) = observed(EgressLimits::default());
    let request = Request::builder().method("SENTINEL").uri(&origin).body(body("")).unwrap();
    let (answer, _) = send(&egress, &policy(&origin), request).await;
    assert_eq!(text(answer.unwrap()).await.unwrap(), "ok");
    assert_eq!(only(&told).method, "OTHER");
}

#[tokio::test]
async fn an_observer_that_panics_harms_nobody() {
    let server = Wire::start([vec![Step::Read, Step::write(OK), Step::Repeat]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let observer = ExchangeObserver::new(|_| panic!("a mistake of the embedder's"));
    let egress =
        Egress::new(EgressLimits::default(), Bodies::Held, &[], (Hosts::default(), None), Some(observer)).unwrap();
    let egress = Arc::new(egress);
    for _ in 0..2 {
        let (answer, _) = send(&egress, &policy(&origin), get(&origin)).await;
        assert_eq!(text(answer.unwrap()).await.unwrap(), "ok");
    }
    assert_eq!(server.accepted(), 1, "the connection is kept as ever");
}
