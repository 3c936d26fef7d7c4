//! How a token is written in a request.

use http::HeaderValue;
use http::header::InvalidHeaderValue;

use crate::secret::Secret;

/// The credentials of RFC 6750 section 2.1.
pub(super) fn bearer(token: &Secret) -> Result<HeaderValue, InvalidHeaderValue> {
    let credentials = Secret::from(format!("Bearer {}", token.expose()));
    let mut value = HeaderValue::from_str(credentials.expose())?;
    value.set_sensitive(true);
    Ok(value)
}
