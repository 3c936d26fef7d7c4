//! Requests of the host itself.

use super::*;
use crate::egress::GetError;
use crate::secret::Secret;

const PATH: &str = "/services/data/v67.0/sobjects";

async fn get_from(answer: String, max_bytes: u64) -> (Result<Bytes, GetError>, Vec<String>) {
    let server = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let egress = egress(EgressLimits::default(), &[]);
    let token = Secret::from("SENTINEL".to_owned());
    let answer = egress.get_json(&policy(&origin), &format!("{origin}{PATH}"), &token, max_bytes).await;
    (answer, server.requests())
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_body_is_given_as_it_came() {
    let (got, requests) = get_from(answer("200 OK", "{}"), 2).await;
    assert_eq!(got.unwrap(), "{}");
    let [request] = requests.try_into().unwrap();
    assert!(request.starts_with(&format!("GET {PATH} HTTP/1.1\r\n")), "{request}");
    assert!(request.contains("\r\nauthorization: Bearer SENTINEL\r\n"), "{request}");
}

#[tokio::test]
async fn another_status_is_an_error_with_salesforces_words_and_never_a_body() {
    let expired = r#"[{"message":"Session expired: SENTINEL","errorCode":"INVALID_SESSION_ID"}]"#;
    let password = r#"[{"message":"The password of SENTINEL","errorCode":"INVALID_OPERATION_WITH_EXPIRED_PASSWORD"}]"#;
    let far_too_long = format!(r#"[{{"message":"{}","errorCode":"FAR_TOO_LONG"}}]"#, "x".repeat(100_000));
    for (status, body, (number, words)) in [
        ("401 Unauthorized", expired, (401, "INVALID_SESSION_ID (status 401): Session expired: [redacted]")),
        ("401 Unauthorized", password, (401, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD (status 401): The password of")),
        ("403 Forbidden", r#"[{"errorCode":"SENTINEL x"}]"#, (403, "[redacted] x")),
        ("403 Forbidden", &far_too_long, (403, "403")),
        ("503 Service Unavailable", "SENTINEL", (503, "503")),
        ("302 Found", "", (302, "302")),
        ("204 No Content", "", (204, "204")),
    ] {
        let (got, requests) = get_from(answer(status, body), 1 << 20).await;
        let error = got.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("SENTINEL"), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
        let GetError::Answered(error) = error else { panic!("{error:?}") };
        assert_eq!(error.status, Some(number));
        assert_eq!(requests.len(), 1);
    }
}

#[tokio::test]
async fn a_body_beyond_the_bound_is_refused() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n123\r\n0\r\n\r\n".to_owned();
    for answer in [answer("200 OK", "123"), answer("200 OK", &"1".repeat(100_000)), chunked] {
        let (got, _) = get_from(answer, 2).await;
        assert!(matches!(got, Err(GetError::TooLarge(2))), "{got:?}");
    }
}

#[tokio::test]
async fn a_request_that_may_not_or_cannot_be_made_reaches_no_socket() {
    let server = Wire::start([vec![Step::Read, Step::write(OK)]]).await.unwrap();
    let origin = format!("http://{}", server.address());
    let egress = egress(EgressLimits::default(), &[]);
    let get = async |policy: &EgressPolicy, url: &str, token: &str| {
        egress.get_json(policy, url, &Secret::from(token.to_owned()), 100).await.unwrap_err()
    };
    let closed = EgressPolicy::origins([origin.parse().unwrap()]);
    assert!(matches!(get(&closed, &origin, "token").await, GetError::Refused));
    assert!(matches!(get(&policy(&origin), "https://evil.example/", "token").await, GetError::Refused));
    assert!(matches!(get(&policy(&origin), "/services", "token").await, GetError::Refused));
    assert!(matches!(get(&policy(&origin), "no url", "token").await, GetError::Url));
    assert!(matches!(get(&policy(&origin), &origin, "two\r\nlines").await, GetError::Token));
    assert_eq!(server.accepted(), 0);
    drop(server);
    assert!(matches!(get(&policy(&origin), &origin, "token").await, GetError::Failed(_)));
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_a_failure() {
    let (got, _) = get_from("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{".to_owned(), 100).await;
    assert!(matches!(got, Err(GetError::Failed(_))), "{got:?}");
}
