//! The client's errors as wasi:http error codes. The codes keep a promise: [`unsent`] gives those that a component may
//! take as "nothing left the host", [`may_have_left`] never gives one of them.

use std::error::Error as StdError;
use std::io;

use wasmtime_wasi_http::Error;

use super::resolver::ResolveError;

/// The code of an error before the first byte of a request.
pub(crate) fn unsent(error: &(dyn StdError + 'static)) -> Error {
    if let Some(error) = find::<ResolveError>(error) {
        return match error {
            ResolveError::NotFound(_) => Error::DnsError { rcode: None, info_code: None },
            ResolveError::TimedOut => Error::DnsTimeout,
            ResolveError::Prohibited => Error::DestinationIpProhibited,
        };
    }
    match find::<rustls::Error>(error) {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => {
            return Error::TlsCertificateError;
        }
        Some(_) => return Error::TlsProtocolError,
        None => {}
    }
    match find_io_kind(error) {
        Some(io::ErrorKind::TimedOut) => Error::ConnectionTimeout,
        _ => Error::ConnectionRefused,
    }
}

/// The code of an error after a request may have been written, whole or in part.
pub(crate) fn may_have_left(error: &(dyn StdError + 'static)) -> Error {
    match find::<hyper::Error>(error) {
        Some(error) if error.is_parse_too_large() => Error::HttpResponseHeaderSectionSize(None),
        Some(error) if error.is_incomplete_message() => Error::HttpResponseIncomplete,
        _ => match find_io_kind(error) {
            Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe) => {
                Error::ConnectionTerminated
            }
            Some(io::ErrorKind::UnexpectedEof) => Error::HttpResponseIncomplete,
            _ => Error::HttpProtocolError,
        },
    }
}

fn find_io_kind(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    chain(error)
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .map(io::Error::kind)
        .find(|kind| *kind != io::ErrorKind::Other)
}

fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// An error and its sources. An [`io::Error`] skips the error it wraps when it is asked for its source.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => (*error).source(),
        }
    })
}
