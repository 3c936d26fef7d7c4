//! What the host itself posts.

use std::collections::HashMap;

use http::{HeaderMap, HeaderValue};

use super::*;
use crate::egress::{Endpoint, ExchangeFailure, StandIns};

const WITHIN: Duration = Duration::from_secs(30);

fn endpoint(url: &str) -> Endpoint {
    Endpoint::new(url, true).unwrap()
}

async fn posted(egress: &Egress, url: &str, within: Duration) -> Result<StatusCode, ExchangeFailure> {
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    egress.post(&endpoint(url), headers, Bytes::from_static(b"{}"), within).await
}

#[tokio::test]
async fn a_body_is_posted_to_path_and_query_and_the_status_is_the_answer() {
    let server = Wire::start([vec![Step::Read, Step::write("HTTP/1.1 202 Accepted\r\ncontent-length: 9\r\n\r\n")]]);
    let server = server.await.unwrap();
    let url = format!("http://{}/hook/a?b=c", server.address());
    // Its body never comes, and nobody waits for it.
    let status = posted(&egress(EgressLimits::default(), &[]), &url, WITHIN).await;
    assert_eq!(status, Ok(StatusCode::ACCEPTED));
    let requests = server.requests();
    let request = requests[0].to_lowercase();
    assert!(request.starts_with("post /hook/a?b=c http/1.1\r\n"), "{request}");
    for line in [&format!("\r\nhost: {}\r\n", server.address()), "content-type: application/json", "\r\n\r\n{}"] {
        assert!(request.contains(line), "{line} in {request}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let other = Wire::start([vec![Step::Read]]).await.unwrap();
    let answer = format!("HTTP/1.1 307 Moved\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n", other.address());
    let server = Wire::start([vec![Step::Read, Step::write(&answer)]]).await.unwrap();
    let url = format!("http://{}/", server.address());
    let status = posted(&egress(EgressLimits::default(), &[]), &url, WITHIN).await;
    assert_eq!((status, other.accepted()), (Ok(StatusCode::TEMPORARY_REDIRECT), 0));
}

#[tokio::test]
async fn who_does_not_answer_in_time_has_failed_and_so_has_who_is_not_there() {
    let server = Wire::start([vec![Step::Read, Step::Hang]]).await.unwrap();
    let egress = egress(EgressLimits::default(), &[]);
    let silent = posted(&egress, &format!("http://{}/", server.address()), Duration::from_millis(20)).await;
    assert_eq!(silent, Err(ExchangeFailure::TimedOut));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = posted(&egress, &format!("http://{free}/"), WITHIN).await;
    assert_eq!(nobody, Err(ExchangeFailure::NotConnected));
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_posted_to() {
    let fixed = |address: &str| vec![address.parse().unwrap()];
    let names = HashMap::from([
        ("private.example".to_owned(), fixed("10.0.0.1")),
        ("loopback.example".to_owned(), fixed("127.0.0.1")),
        ("metadata.example".to_owned(), fixed("169.254.169.254")),
        ("nowhere.example".to_owned(), Vec::new()),
    ]);
    let ways = (Hosts::new(names, StandIns::default()), None);
    let egress = Egress::new(EgressLimits::default(), Bodies::Held, &[], ways, None).unwrap();
    for name in ["private", "loopback", "metadata"] {
        let posted = posted(&egress, &format!("https://{name}.example/"), WITHIN).await;
        assert_eq!(posted, Err(ExchangeFailure::AddressNotAllowed), "{name}");
    }
    let nowhere = posted(&egress, "https://nowhere.example/", WITHIN).await;
    assert_eq!(nowhere, Err(ExchangeFailure::NameNotResolved));
}
