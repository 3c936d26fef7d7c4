//! Finds a sealed token in what a server answers, and ends the answer there. What cannot be searched is refused.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http_body::{Body, Frame};
use wasmtime_wasi_http::Error;

use super::runs::{Mark, Search};

/// Bytes of a body that are always held back, more than a run of the token takes however it is spelt. A run that is set
/// apart more widely is found as well, but the part of it that has been passed on by then is out: less than a run.
const HELD_BACK: usize = 1 << 10;

/// Types of text that the REST API gives, and what stands before it. A body of another type is not searched: it may be
/// compressed, or an image.
const TYPES: [&str; 3] = ["application/json", "application/xml", "application/xhtml+xml"];

/// Not one of the codes that promise that nothing was sent.
pub(crate) fn refusal() -> Error {
    Error::InternalError(Some("the answer repeats the sealed access token and is not passed on".to_owned()))
}

fn unsearchable(why: &str) -> Error {
    Error::InternalError(Some(format!("the answer cannot be searched for the sealed access token: {why}")))
}

/// Refuses an answer whose headers hold the token, each alone or several one after the other, or whose body cannot be
/// searched for it.
///
/// # Errors
///
/// None of the codes that promise that nothing was sent.
pub(crate) fn inspect(headers: &HeaderMap, mark: &Arc<Mark>) -> Result<(), Error> {
    let both = |(name, value): (&HeaderName, &HeaderValue)| is_in(mark, [name.as_str().as_bytes(), value.as_bytes()]);
    if headers.iter().any(both)
        || is_in(mark, headers.keys().map(|name| name.as_str().as_bytes()))
        || is_in(mark, headers.values().map(HeaderValue::as_bytes))
    {
        return Err(refusal());
    }
    let is = |name: HeaderName, plain: &[&str]| {
        headers
            .get_all(name)
            .iter()
            .all(|value| plain.iter().any(|plain| value.as_bytes().trim_ascii().eq_ignore_ascii_case(plain.as_bytes())))
    };
    if !is(CONTENT_ENCODING, &["identity", ""]) || !is(TRANSFER_ENCODING, &["chunked", "identity"]) {
        return Err(Error::HttpResponseContentCoding(None));
    }
    let is_text = |value: &HeaderValue| value.to_str().is_ok_and(is_text);
    if headers.get_all(CONTENT_TYPE).iter().all(is_text) { Ok(()) } else { Err(unsearchable("its type is not text")) }
}

fn is_in<'a>(mark: &Arc<Mark>, parts: impl IntoIterator<Item = &'a [u8]>) -> bool {
    let mut search = Search::new(mark.clone());
    parts.into_iter().any(|part| search.finds(part)) || search.finds_at_end()
}

/// Text in an encoding that is ASCII as far as tokens go.
fn is_text(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_plain = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim().trim_matches('"');
        !name.trim().eq_ignore_ascii_case("charset")
            || ["utf-8", "us-ascii", "iso-8859-1"].iter().any(|charset| value.eq_ignore_ascii_case(charset))
    };
    let is_type = essence.is_empty()
        || TYPES.contains(&essence.as_str())
        || essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml");
    is_type && parts.all(is_plain)
}

/// An answer's body that ends with an error where it holds a run of the token, or bytes that are not UTF-8 (compressed,
/// whatever its headers say). Trailers are dropped.
///
/// It is always as many bytes behind. Were it behind only where a run may have begun, then the places at which the body
/// comes in pieces would tell a component, letter by letter, what the token is.
pub(crate) struct Searched<B> {
    body: B,
    search: Search,
    /// Of a character that is not whole yet.
    partial: Vec<u8>,
    held: BytesMut,
    ended: bool,
}

impl<B> Searched<B> {
    pub(crate) fn new(body: B, mark: Arc<Mark>) -> Self {
        Self { body, search: Search::new(mark), partial: Vec::new(), held: BytesMut::new(), ended: false }
    }

    /// What may be passed on, now that this has come.
    fn pass(&mut self, data: &[u8]) -> Result<Bytes, Error> {
        if self.search.finds(data) {
            return Err(refusal());
        }
        self.check_text(data)?;
        self.held.extend_from_slice(data);
        Ok(self.held.split_to(self.held.len().saturating_sub(HELD_BACK)).freeze())
    }

    /// The rest, now that nothing more comes.
    fn finish(&mut self) -> Result<Bytes, Error> {
        if self.search.finds_at_end() {
            return Err(refusal());
        }
        if !self.partial.is_empty() {
            return Err(unsearchable("its body is not UTF-8"));
        }
        Ok(self.held.split().freeze())
    }

    fn check_text(&mut self, mut data: &[u8]) -> Result<(), Error> {
        let not_text = || unsearchable("its body is not UTF-8");
        while !self.partial.is_empty()
            && let Some((byte, rest)) = data.split_first()
        {
            self.partial.push(*byte);
            data = rest;
            match std::str::from_utf8(&self.partial) {
                Ok(_) => self.partial.clear(),
                Err(error) if error.error_len().is_some() => return Err(not_text()),
                Err(_) => {}
            }
        }
        match std::str::from_utf8(data) {
            Ok(_) => Ok(()),
            Err(error) if error.error_len().is_some() => Err(not_text()),
            Err(error) => {
                self.partial.extend_from_slice(data.get(error.valid_up_to()..).unwrap_or_default());
                Ok(())
            }
        }
    }
}

impl<B: Body<Data = Bytes, Error = Error> + Unpin> Body for Searched<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.get_mut();
        while !this.ended {
            let passed = match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                Some(Ok(frame)) => frame.into_data().map_or(Ok(Bytes::new()), |data| this.pass(&data)),
                Some(Err(error)) => Err(error),
                None => {
                    this.ended = true;
                    this.finish()
                }
            };
            this.ended |= passed.is_err();
            if passed.as_ref().is_ok_and(Bytes::is_empty) {
                continue;
            }
            return Poll::Ready(Some(passed.map(Frame::data)));
        }
        Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use http_body_util::BodyExt;

    use super::*;
    use crate::egress::runs::RUN;

    const SECRET: &str = "AQ0AQSENTINEL.abcdefghijklmnopqrstuvwxyz";

    fn mark() -> Arc<Mark> {
        Arc::new(Mark::of(SECRET).unwrap())
    }

    struct Pieces(VecDeque<Result<Frame<Bytes>, Error>>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            Poll::Ready(self.0.pop_front())
        }
    }

    fn searched<P: AsRef<[u8]>>(pieces: &[P]) -> Searched<Pieces> {
        let frames = pieces.iter().map(|piece| Ok(Frame::data(Bytes::copy_from_slice(piece.as_ref())))).collect();
        Searched::new(Pieces(frames), mark())
    }

    /// Everything that comes out, in pieces, and whether it ended well.
    async fn passed(mut body: Searched<Pieces>) -> (Vec<String>, bool) {
        let mut pieces = Vec::new();
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => pieces.push(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()),
                Err(_) => {
                    assert!(body.frame().await.is_none(), "an error is the end");
                    return (pieces, false);
                }
            }
        }
        (pieces, true)
    }

    #[tokio::test]
    async fn s10_no_character_of_a_token_comes_out_wherever_the_body_is_split() {
        let before = "{\"before\":1,".repeat(200);
        let text = format!("{before}\"token\":\"{SECRET}\",\"after\":2}}");
        let begins = text.find(SECRET).unwrap();
        for first in (1..text.len() - 1).step_by(13).chain(begins - 3..text.len() - 1) {
            for second in [first + 1, (first + 7).min(text.len() - 1), text.len() - 1] {
                let pieces = [&text[..first], &text[first..second], &text[second..]];
                let (out, whole) = passed(searched(&pieces)).await;
                assert!(!whole, "{pieces:?}");
                assert!(text[..begins].starts_with(&out.concat()), "{pieces:?}: {out:?}");
            }
        }
        let letters: Vec<_> = text.split_inclusive(|_: char| true).collect();
        let (out, whole) = passed(searched(&letters)).await;
        assert!(!whole && text[..begins].starts_with(&out.concat()));
    }

    #[tokio::test]
    async fn s10_any_part_of_a_token_that_is_a_run_ends_the_answer() {
        for from in 0..=SECRET.len() - RUN {
            assert!(!passed(searched(&["x-", &SECRET[from..from + RUN]])).await.1, "from {from}");
        }
        let (out, whole) = passed(searched(&["x-", &SECRET[1..RUN]])).await;
        assert!(whole, "less than a run says too little");
        assert_eq!(out.concat(), format!("x-{}", &SECRET[1..RUN]));
    }

    #[tokio::test]
    async fn everything_else_comes_through_whole() {
        let long = "Zurich, Tokyo. ".repeat(10_000);
        for pieces in [&[][..], &["a"], &["a", "b", "", "c"], &["B", &SECRET[..RUN - 1]], &[&long, "y"]] {
            let (out, whole) = passed(searched(pieces)).await;
            assert!(whole);
            assert_eq!(out.concat(), pieces.concat());
            assert!(out.iter().all(|piece| !piece.is_empty()), "an empty piece could be taken for the end");
        }
        let bytes: Vec<_> = "Zürich 東京".as_bytes().chunks(1).collect();
        assert!(passed(searched(&bytes)).await.1, "characters may be split");
    }

    #[tokio::test]
    async fn s10_what_is_not_text_cannot_be_searched_and_is_refused() {
        let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 4, 0];
        for body in [&gzip[..], b"\xff\xfea\0", b"a\xc3", b"\xc3", b"\xed\xa0\x80", b"caf\xe9"] {
            assert!(!passed(searched(&[body])).await.1, "{body:?}");
            let bytes: Vec<_> = body.chunks(1).collect();
            assert!(!passed(searched(&bytes)).await.1, "{body:?}");
        }
    }

    #[tokio::test]
    async fn s10_where_it_comes_in_pieces_does_not_depend_on_what_is_in_it() {
        let lengths = async |first: &str| -> Vec<usize> {
            passed(searched(&[first, "-"])).await.0.iter().map(String::len).collect()
        };
        let nothing_of_it = lengths(&"?".repeat(2_000)).await;
        assert_eq!(nothing_of_it, [2_000 - HELD_BACK, 1, HELD_BACK]);
        for guessed in 1..RUN {
            let first = "?".repeat(2_000 - guessed) + &SECRET[..guessed];
            assert_eq!(lengths(&first).await, nothing_of_it, "{guessed} characters");
        }
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_an_error_and_trailers_are_dropped() {
        let mut broken = searched(&["held back"]);
        broken.body.0.push_back(Err(Error::HttpResponseIncomplete));
        assert_eq!(passed(broken).await, (Vec::new(), false));
        let mut trailed = searched(&["body"]);
        let trailers = [("x-token".parse().unwrap(), SECRET.parse().unwrap())].into_iter().collect();
        trailed.body.0.push_back(Ok(Frame::trailers(trailers)));
        assert_eq!(passed(trailed).await, (vec!["body".to_owned()], true));
    }

    fn inspected(headers: &[(&'static str, &str)]) -> Result<(), Error> {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        inspect(&headers, &mark())
    }

    #[test]
    fn s10_a_token_in_headers_is_found_in_one_in_two_and_in_a_name() {
        let (first, second) = SECRET.split_at(20);
        let spaced: String = SECRET.chars().map(|character| format!("{character} ")).collect();
        let name: &'static str = format!("x-{}", SECRET[..30].to_lowercase().replace('.', "")).leak();
        for headers in [
            &[("location", SECRET)][..],
            &[("location", &SECRET[1..])],
            &[("x", &SECRET[..SECRET.len() - 1])],
            &[("x", &spaced)],
            &[("x", "/?sid=00D5g000004XyzA%21AQ0AQSENTINEL%2Eabcdefghijklmnopqrstuvwxyz")],
            &[("x", &first[..10]), ("y", &first[10..])],
            &[("x", first), ("date", "?"), ("y", second)],
            &[(name, "1")],
            &[("x-aq0aqsen", "TINEL.abcdefgh")],
            &[("x-abcdefghij", "1"), ("klmnopqrstu", "2")],
        ] {
            let refused = inspected(headers);
            assert!(matches!(refused, Err(Error::InternalError(Some(_)))), "{headers:?} {refused:?}");
        }
        inspected(&[("location", "/?sid=00D5g000004XyzA!AQ0AQ"), ("sforce-limit-info", "api-usage=18/5000")]).unwrap();
    }

    #[test]
    fn s10_an_answer_that_is_compressed_or_no_text_is_refused() {
        for header in [
            ("content-encoding", "gzip"),
            ("content-encoding", "identity, br"),
            ("transfer-encoding", "gzip, chunked"),
            ("content-type", "application/octet-stream"),
            ("content-type", "image/png"),
            ("content-type", "application/gzip"),
            ("content-type", "application/json;charset=UTF-16"),
            ("content-type", "text/html; Charset=\"utf-7\""),
        ] {
            inspected(&[header]).unwrap_err();
        }
        for header in [
            ("content-encoding", "Identity"),
            ("transfer-encoding", "chunked"),
            ("content-type", "application/json;charset=UTF-8"),
            ("content-type", "Application/JSON"),
            ("content-type", "text/html; charset=\"iso-8859-1\""),
            ("content-type", "application/problem+json"),
        ] {
            inspected(&[header]).unwrap();
        }
    }
}
