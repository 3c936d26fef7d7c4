//! From a host's error code to what it proves. The streams have it too, over the types of WASI 0.3, and the host over its own: it
//! names these as `super::wasi`.

use super::Failure;
use super::wasi::ErrorCode;

/// What a host's error code proves. Only the codes of the first four arms say that nothing was sent.
pub(super) fn failure(code: &ErrorCode) -> Failure {
    match code {
        ErrorCode::DnsError { .. }
        | ErrorCode::DnsTimeout
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionTimeout => Failure::Unreachable,
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError => Failure::Insecure,
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => Failure::Denied,
        ErrorCode::HttpRequestBodySize(_) => Failure::RequestTooLarge,
        ErrorCode::HttpResponseTimeout | ErrorCode::ConnectionReadTimeout | ErrorCode::ConnectionWriteTimeout => {
            Failure::HostTimeout
        }
        ErrorCode::HttpResponseBodySize(_)
        | ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSize { .. } => Failure::ResponseTooLarge,
        _ => Failure::Interrupted,
    }
}
