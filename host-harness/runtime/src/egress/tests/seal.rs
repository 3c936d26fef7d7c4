//! Sealed executions against real sockets: where the token goes, and that it does not come back.

use super::*;
use crate::egress::Seal;
use crate::secret::Secret;

const TOKEN: &str = "00D5g000004XyzA!AQ0AQSENTINEL.abcdefghijklmnopqrstuvwxyz0123456789";
const SECRET: &str = "AQ0AQSENTINEL.abcdefghijklmnopqrstuvwxyz0123456789";
const QUERY: &str = "/services/data/v67.0/query";

struct Sealed {
    server: Wire,
    url: String,
    seal: Seal,
    policy: EgressPolicy,
    refusals: Refusals,
    egress: Arc<Egress>,
}

impl Sealed {
    /// With a server that always gives this answer.
    async fn answered(answer: Step) -> Sealed {
        let server = Wire::start([vec![Step::Read, answer, Step::Repeat]]).await.unwrap();
        let origin = format!("http://{}", server.address());
        let seal = Seal::new(Secret::from(TOKEN.to_owned()), origin.parse().unwrap()).unwrap();
        let refusals = Refusals::default();
        let policy = policy(&origin).sealing(seal.clone()).noting(refusals.clone());
        let egress = egress(EgressLimits::default(), &[]);
        Sealed { server, url: format!("{origin}{QUERY}"), seal, policy, refusals, egress }
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.seal.placeholder())
    }

    /// An honest request, whose answer is read to its end.
    async fn ask(&self) -> (Result<String, Error>, bool) {
        let mut request = get(&self.url);
        request.headers_mut().insert("authorization", self.bearer().parse().unwrap());
        let (answer, may_have_left) = send(&self.egress, &self.policy, request).await;
        let read = match answer {
            Ok(answer) => text(answer).await,
            Err(error) => Err(error),
        };
        (read, may_have_left)
    }
}

fn repeats_the_token(error: &Error) -> bool {
    matches!(error, Error::InternalError(Some(why)) if why.contains("repeats the sealed access token"))
}

#[tokio::test]
async fn the_token_goes_where_it_belongs_and_the_answer_comes_back_whole() {
    let sealed = Sealed::answered(Step::write(OK)).await;
    let mut request = get(&format!("{}?q=x", sealed.url));
    let headers = request.headers_mut();
    headers.insert("authorization", sealed.bearer().parse().unwrap());
    headers.insert("accept-encoding", "gzip".parse().unwrap());
    headers.insert("range", "bytes=0-1".parse().unwrap());
    let (answer, _) = send(&sealed.egress, &sealed.policy, request).await;
    assert_eq!(text(answer.unwrap()).await.unwrap(), "ok");
    let [request] = sealed.server.requests().try_into().unwrap();
    assert!(request.contains(&format!("\r\nauthorization: Bearer {TOKEN}\r\n")), "{request}");
    assert!(!request.contains("accept-encoding") && !request.contains("range"), "{request}");
}

#[tokio::test]
async fn everywhere_else_the_placeholder_stays() {
    let sealed = Sealed::answered(Step::write(OK)).await;
    let (elsewhere, placeholder) = (Sealed::answered(Step::write(OK)).await, sealed.seal.placeholder());
    let both = EgressPolicy::origins([&sealed.url, &elsewhere.url].map(|url| url.replace(QUERY, "").parse().unwrap()));
    let policy = both.allow_loopback().sealing(sealed.seal.clone());
    let with = |url: &str, name: &'static str, value: String, content: &str| {
        let mut request = post(url, content);
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let requests = [
        with(&elsewhere.url, "authorization", sealed.bearer(), ""),
        with(&sealed.url, "user-agent", sealed.bearer(), ""),
        with(&format!("{}?token={placeholder}", sealed.url), "accept", "*/*".to_owned(), ""),
        with(&sealed.url, "accept", "*/*".to_owned(), &format!("{{\"token\":\"{placeholder}\"}}")),
    ];
    let count = requests.len();
    for request in requests {
        let (answer, _) = send(&sealed.egress, &policy, request).await;
        assert_eq!(text(answer.unwrap()).await.unwrap(), "ok");
    }
    let arrived = [sealed.server.requests(), elsewhere.server.requests()].concat();
    assert_eq!(arrived.len(), count);
    for request in arrived {
        assert!(request.contains(placeholder) && !request.contains(SECRET), "{request}");
    }
    for (name, value) in [
        ("x-token", sealed.bearer()),
        ("authorization", format!("bearer {placeholder}")),
        ("authorization", format!("OAuth {placeholder}")),
        ("cookie", format!("sid={placeholder}")),
        ("x-http-method-override", "DELETE".to_owned()),
    ] {
        for url in [&sealed.url, &elsewhere.url] {
            let (refused, may_have_left) = send(&sealed.egress, &policy, with(url, name, value.clone(), "")).await;
            assert!(matches!(refused, Err(Error::HttpRequestDenied)), "{name}: {refused:?}");
            assert!(!may_have_left);
        }
    }
    assert_eq!(sealed.server.accepted() + elsewhere.server.accepted(), 2);
}

#[tokio::test]
async fn other_paths_of_the_org_are_refused_and_noted() {
    let sealed = Sealed::answered(Step::write(OK)).await;
    let origin = sealed.url.replace(QUERY, "");
    for path in ["/services/oauth2/introspect", "/services/data/%2e%2e/oauth2/token", "/services/data/../x", "/"] {
        let mut request = get(&format!("{origin}{path}"));
        request.headers_mut().insert("authorization", sealed.bearer().parse().unwrap());
        let (refused, may_have_left) = send(&sealed.egress, &sealed.policy, request).await;
        assert!(matches!(refused, Err(Error::HttpRequestDenied)), "{path}: {refused:?}");
        assert!(!may_have_left);
    }
    assert_eq!(sealed.refusals.hosts(), ["127.0.0.1"]);
    assert_eq!(sealed.server.accepted(), 0);
}

#[tokio::test]
async fn user_info_is_read_with_the_token_and_its_answer_is_searched() {
    for (answer, passed_on) in
        [(OK.to_owned(), true), (OK.replace("2\r\n\r\nok", &format!("{}\r\n\r\n{SECRET}", SECRET.len())), false)]
    {
        let mut sealed = Sealed::answered(Step::write(answer)).await;
        sealed.url = sealed.url.replace(QUERY, "/services/oauth2/userinfo");
        let (read, _) = sealed.ask().await;
        assert_eq!(read.is_ok(), passed_on, "{read:?}");
        let [request] = sealed.server.requests().try_into().unwrap();
        assert!(request.contains(&format!("\r\nauthorization: Bearer {TOKEN}\r\n")), "{request}");
    }
}

#[tokio::test]
async fn an_answer_that_repeats_the_token_is_not_passed_on_however_it_is_cut() {
    let body = format!("{{\"token\":\"{TOKEN}\"}}");
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    let chunked: String = body.as_bytes().chunks(7).map(|part| chunk(str::from_utf8(part).unwrap())).collect();
    let head = "HTTP/1.1 400 Bad Request\r\n";
    for answer in [
        Step::write(format!("{head}content-length: {}\r\n\r\n{body}", body.len())),
        Step::Slices(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()),
        Step::Slices(format!("{head}transfer-encoding: chunked\r\n\r\n{chunked}0\r\n\r\n").into_bytes()),
        Step::write(format!("HTTP/1.1 302 Found\r\nlocation: /?sid={TOKEN}\r\ncontent-length: 0\r\n\r\n")),
        Step::write(format!("HTTP/1.1 302 Found\r\nlocation: /?sid=00D5g%21{SECRET}\r\ncontent-length: 0\r\n\r\n")),
        Step::write(format!("HTTP/1.1 200 OK\r\n{SECRET}: x\r\ncontent-length: 0\r\n\r\n")),
        Step::write(format!(
            "HTTP/1.1 200 OK\r\nx: {}\r\ny: {}\r\ncontent-length: 0\r\n\r\n",
            &SECRET[..25],
            &SECRET[25..]
        )),
        Step::write(format!("{head}content-length: {}\r\n\r\n{}", SECRET.len() - 2, &SECRET[1..SECRET.len() - 1])),
    ] {
        let sealed = Sealed::answered(answer.clone()).await;
        let (refused, may_have_left) = sealed.ask().await;
        assert!(refused.as_ref().is_err_and(repeats_the_token), "{answer:?}: {refused:?}");
        assert!(may_have_left, "a refused answer is no proof that nothing was sent");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_searched_is_not_passed_on() {
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 4, 0];
    let plain = [b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n", &gzip[..]].concat();
    for answer in [
        Step::write("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nok"),
        Step::write("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 2\r\n\r\nok"),
        Step::write(plain),
    ] {
        let sealed = Sealed::answered(answer.clone()).await;
        let (refused, may_have_left) = sealed.ask().await;
        assert!(
            matches!(refused, Err(Error::HttpResponseContentCoding(None) | Error::InternalError(Some(_)))),
            "{answer:?} {refused:?}"
        );
        assert!(may_have_left);
    }
}

#[tokio::test]
async fn a_cookie_of_the_org_is_not_passed_on() {
    let cookie = "HTTP/1.1 200 OK\r\nset-cookie: sid=another-session\r\ncontent-length: 2\r\n\r\nok";
    let sealed = Sealed::answered(Step::write(cookie)).await;
    let (answer, _) = send(&sealed.egress, &sealed.policy, get(&sealed.url)).await;
    assert!(!answer.unwrap().headers().contains_key("set-cookie"));
}
