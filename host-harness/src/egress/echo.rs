//! Finds a sealed token in what a server answers, and ends the answer there.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue};
use http_body::{Body, Frame};
use memchr::memmem::Finder;
use wasmtime_wasi_http::Error;

/// What gives a token away: the first characters of its secret part.
///
/// Not all of it, so that a token that was cut off or whose `!` was encoded is found as well.
pub(crate) struct Mark(Finder<'static>);

impl Mark {
    /// Characters of a secret part that can be searched for.
    pub(crate) const LEAST: usize = 16;
    /// Characters that are searched for.
    const MOST: usize = 32;

    /// None if the token is too short.
    pub(crate) fn of(token: &str) -> Option<Self> {
        // An opaque token begins with its organization's Id and `!`; a JWT with what it says, and ends with a signature.
        let secret = token.rsplit_once('!').or_else(|| token.rsplit_once('.')).map_or(token, |(_, secret)| secret);
        let mark = secret.as_bytes();
        let mark = mark.get(..Self::MOST).unwrap_or(mark);
        (mark.len() >= Self::LEAST).then(|| Self(Finder::new(mark).into_owned()))
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        self.0.find(bytes).is_some()
    }

    /// Names of fields come in lower case.
    pub(crate) fn is_in_header(&self, name: &HeaderName, value: &HeaderValue) -> bool {
        let mark = self.0.needle();
        self.is_in(value.as_bytes())
            || name.as_str().as_bytes().windows(mark.len()).any(|part| part.eq_ignore_ascii_case(mark))
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// Not one of the codes that promise that nothing was sent.
pub(crate) fn refusal() -> Error {
    Error::InternalError(Some("the answer repeats the sealed access token and is not passed on".to_owned()))
}

/// An answer's body that ends with an error where it holds the mark. Trailers are dropped.
///
/// It is always as many bytes behind as a mark could begin in. Were it behind only where one does begin, then the places
/// at which the body comes in pieces would tell a component, letter by letter, what the mark is.
pub(crate) struct Searched<B> {
    body: B,
    mark: Arc<Mark>,
    held: BytesMut,
    ended: bool,
}

impl<B> Searched<B> {
    pub(crate) fn new(body: B, mark: Arc<Mark>) -> Self {
        Self { body, mark, held: BytesMut::new(), ended: false }
    }

    /// What may be passed on, now that this has come.
    fn pass(&mut self, data: &[u8]) -> Result<Bytes, Error> {
        self.held.extend_from_slice(data);
        if self.mark.is_in(&self.held) {
            return Err(refusal());
        }
        let behind = self.mark.0.needle().len() - 1;
        Ok(self.held.split_to(self.held.len().saturating_sub(behind)).freeze())
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
                    Ok(this.held.split().freeze())
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

    const SECRET: &str = "AQ0AQSENTINEL.abcdefghijklmnopqrstuvwxyz";

    fn mark() -> Arc<Mark> {
        Arc::new(Mark::of(&format!("00D5g000004XyzA!{SECRET}")).unwrap())
    }

    struct Pieces(VecDeque<Result<Frame<Bytes>, Error>>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            Poll::Ready(self.0.pop_front())
        }
    }

    fn searched(pieces: &[&str]) -> Searched<Pieces> {
        let frames = pieces.iter().map(|piece| Ok(Frame::data(Bytes::from((*piece).to_owned())))).collect();
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

    #[test]
    fn a_mark_is_the_beginning_of_the_secret_part() {
        for (token, part) in [
            ("00D5g000004XyzA!AQ0AQ.0123456789abcdefghijklmnopqrstuvwxyz", "AQ0AQ.0123456789abcdefghijklmnop"),
            ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIwMDUifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ", "c2lnbmF0dXJlLXNpZ25hdHVyZQ"),
            ("0123456789abcdef", "0123456789abcdef"),
        ] {
            assert_eq!(Mark::of(token).unwrap().0.needle(), part.as_bytes());
        }
        assert!(Mark::of("0123456789abcde").is_none());
    }

    #[tokio::test]
    async fn a_token_is_found_wherever_it_is_split_and_no_character_of_it_comes_out() {
        let text = format!("{{\"before\":1,\"token\":\"{SECRET}\",\"after\":2}}");
        let begins = text.find(SECRET).unwrap();
        for first in 1..text.len() - 1 {
            for second in [first + 1, (first + 7).min(text.len() - 1), text.len() - 1] {
                let pieces = [&text[..first], &text[first..second.max(first)], &text[second.max(first)..]];
                let (out, whole) = passed(searched(&pieces)).await;
                assert!(!whole, "{pieces:?}");
                assert!(out.concat().len() <= begins, "{pieces:?}: {out:?}");
            }
        }
        let letters: Vec<_> = text.split_inclusive(|_: char| true).collect();
        let (out, whole) = passed(searched(&letters)).await;
        assert!(!whole && text[..begins].starts_with(&out.concat()));
    }

    #[tokio::test]
    async fn a_token_that_is_cut_off_is_found_as_well() {
        assert!(!passed(searched(&["x", &SECRET[..Mark::MOST]])).await.1);
        // What is less than the mark is no secret yet, and comes at the end of the body.
        let (out, whole) = passed(searched(&["x", &SECRET[..Mark::MOST - 1]])).await;
        assert!(whole);
        assert_eq!(out.concat(), format!("x{}", &SECRET[..Mark::MOST - 1]));
    }

    #[tokio::test]
    async fn everything_else_comes_through_whole() {
        for pieces in [&[][..], &["a"], &["a", "b", "", "c"], &["B", &SECRET[1..]], &[&"x".repeat(100_000), "y"]] {
            let (out, whole) = passed(searched(pieces)).await;
            assert!(whole);
            assert_eq!(out.concat(), pieces.concat());
            assert!(out.iter().all(|piece| !piece.is_empty()), "an empty piece could be taken for the end");
        }
    }

    #[tokio::test]
    async fn where_it_comes_in_pieces_does_not_depend_on_what_is_in_it() {
        let lengths = async |first: &str| -> Vec<usize> {
            passed(searched(&[first, "-"])).await.0.iter().map(String::len).collect()
        };
        let nothing_of_it = lengths(&"?".repeat(60)).await;
        for guessed in 1..Mark::MOST {
            let first = format!("{:?<60}", "").split_off(guessed) + &SECRET[..guessed];
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
}
