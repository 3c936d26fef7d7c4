//! What goes wrong on the wire, and what the component is told: above all whether anything may have left.

use tokio::net::TcpListener;

use super::*;

/// Posts to a server that plays these scripts: the error, and whether anything may have left.
async fn failed_post(limits: EgressLimits, scripts: impl IntoIterator<Item = Vec<Step>>) -> (Error, bool) {
    let server = Wire::start(scripts).await.unwrap();
    let origin = format!("http://{}", server.address());
    let (result, may_have_left) = send(&egress(limits, &[]), &policy(&origin), post(&origin, "{}")).await;
    let error = match result {
        Ok(response) => text(response).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(server.requests().len() <= 1, "a request that may have been written was sent again");
    (error, may_have_left)
}

#[tokio::test]
async fn refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (error, may_have_left) =
        send(&egress(EgressLimits::default(), &[]), &policy(&origin), post(&origin, "{}")).await;
    assert!(matches!(error, Err(Error::ConnectionRefused)), "{error:?}");
    assert!(!may_have_left);
}

#[tokio::test]
async fn a_name_that_does_not_exist() {
    let origin = "https://no-such-host.invalid"; // RFC 6761 section 6.4
    let (error, may_have_left) = send(&egress(EgressLimits::default(), &[]), &policy(origin), post(origin, "{}")).await;
    assert!(matches!(error, Err(Error::DnsError { .. } | Error::DnsTimeout)), "{error:?}");
    assert!(!may_have_left);
}

#[tokio::test]
async fn no_first_byte() {
    let (error, may_have_left) = failed_post(impatient(), [vec![Step::Read, Step::Hang]]).await;
    assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
    assert!(may_have_left);
}

#[tokio::test]
async fn half_a_header_section() {
    let (error, may_have_left) =
        failed_post(impatient(), [vec![Step::Read, Step::write("HTTP/1.1 200 OK\r\ncont"), Step::Hang]]).await;
    assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
    assert!(may_have_left);
}

#[tokio::test]
async fn a_body_that_stops() {
    let head = "HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":";
    let (error, may_have_left) = failed_post(impatient(), [vec![Step::Read, Step::write(head), Step::Hang]]).await;
    assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
    assert!(may_have_left);
}

#[tokio::test]
async fn a_component_may_ask_for_shorter_timeouts_and_not_for_longer_ones() {
    let server = Wire::start([vec![Step::Read, Step::Hang]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let (short, long) = (Some(Duration::from_millis(100)), Some(Duration::from_secs(86_400)));
    for (limits, asked) in [(EgressLimits::default(), short), (impatient(), long)] {
        let options = RequestOptions { first_byte_timeout: asked, ..RequestOptions::default() };
        let mut execution = ExecutionEgress::new(egress(limits, &[]), Arc::new(policy(&origin)), Journal::default());
        let sending = execution.send_request(get(&origin), Some(options), Box::new(async { Ok(()) }));
        let result = Box::into_pin(sending).await.map(|_| ());
        assert!(matches!(result, Err(Error::ConnectionReadTimeout)), "{result:?}");
    }
}

#[tokio::test]
async fn reset_after_the_request() {
    let (error, may_have_left) = failed_post(EgressLimits::default(), [vec![Step::Read, Step::Reset]]).await;
    assert!(matches!(error, Error::ConnectionTerminated), "{error:?}");
    assert!(may_have_left);
}

#[tokio::test]
async fn reset_before_the_request_was_read() {
    let (error, may_have_left) = failed_post(EgressLimits::default(), [vec![Step::Reset]]).await;
    // Whether hyper had begun to write is a matter of microseconds: either answer, but both must say the same.
    let says_unsent = matches!(error, Error::ConnectionRefused);
    let says_unknown = matches!(error, Error::ConnectionTerminated | Error::HttpResponseIncomplete);
    assert!(says_unsent || says_unknown, "{error:?}");
    assert_eq!(may_have_left, says_unknown);
}

#[tokio::test]
async fn closed_without_an_answer() {
    let (error, may_have_left) = failed_post(EgressLimits::default(), [vec![Step::Read]]).await;
    assert!(matches!(error, Error::HttpResponseIncomplete), "{error:?}");
    assert!(may_have_left);
}

#[tokio::test]
async fn a_body_that_is_cut_off() {
    for answer in [
        "HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":",
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n",
    ] {
        let (error, may_have_left) =
            failed_post(EgressLimits::default(), [vec![Step::Read, Step::write(answer)]]).await;
        assert!(matches!(error, Error::HttpResponseIncomplete), "{error:?}");
        assert!(may_have_left);
        let reset = vec![Step::Read, Step::write(answer), Step::Reset];
        let (error, may_have_left) = failed_post(EgressLimits::default(), [reset]).await;
        assert!(matches!(error, Error::HttpResponseIncomplete | Error::ConnectionTerminated), "{error:?}");
        assert!(may_have_left);
    }
}

#[tokio::test]
async fn broken_framing() {
    for answer in [
        "HTTP/1.1 201 Created\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 201 Created\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n12",
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        "nonsense\r\n\r\n",
    ] {
        let (error, may_have_left) =
            failed_post(EgressLimits::default(), [vec![Step::Read, Step::write(answer)]]).await;
        assert!(matches!(error, Error::HttpProtocolError), "{answer:?}: {error:?}");
        assert!(may_have_left);
    }
}

#[tokio::test]
async fn too_large_a_header_section() {
    let bytes = format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(100 << 10));
    let lines = format!("HTTP/1.1 200 OK\r\n{}content-length: 0\r\n\r\n", "x: y\r\n".repeat(1_000));
    for answer in [bytes, lines] {
        let (error, may_have_left) =
            failed_post(EgressLimits::default(), [vec![Step::Read, Step::write(answer)]]).await;
        assert!(matches!(error, Error::HttpResponseHeaderSectionSize(_)), "{error:?}");
        assert!(may_have_left);
    }
}

#[tokio::test]
async fn too_large_a_body() {
    let limits = || EgressLimits { response_body_bytes: 8, ..EgressLimits::default() };
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123456789";
    let (error, _) = failed_post(limits(), [vec![Step::Read, Step::write(announced)]]).await;
    assert!(matches!(error, Error::HttpResponseBodySize(Some(9))), "{error:?}");

    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n4\r\n6789\r\n0\r\n\r\n";
    let (error, may_have_left) = failed_post(limits(), [vec![Step::Read, Step::write(chunked)]]).await;
    assert!(matches!(error, Error::HttpResponseBodySize(Some(8))), "{error:?}");
    assert!(may_have_left);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_while_it_was_idle() {
    for _ in 0..20 {
        let server = Wire::start([vec![Step::Read, Step::write(OK)], vec![Step::Read, Step::write(OK), Step::Repeat]])
            .await
            .unwrap();
        let origin = format!("http://{}", server.address());
        let egress = egress(EgressLimits::default(), &[]);
        let (first, _) = send(&egress, &policy(&origin), get(&origin)).await;
        assert_eq!(text(first.unwrap()).await.unwrap(), "ok");
        let (second, may_have_left) = send(&egress, &policy(&origin), post(&origin, "{}")).await;
        match second {
            Ok(response) => assert_eq!(text(response).await.unwrap(), "ok"),
            // The close was not seen before the request was written. That it was not read there, nobody can know here.
            Err(Error::HttpResponseIncomplete | Error::ConnectionTerminated) => assert!(may_have_left),
            Err(error) => panic!("{error:?}"),
        }
        assert!(server.requests().iter().filter(|request| request.starts_with("POST")).count() <= 1);
    }
}
